"""Excel out: what teachers, the principal and CSDL ngành get, read again with two libraries."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from hocba_tui.errors import NotAllowed, Refused, WrongUse
from hocba_tui.export.excel.layout import find_layout
from hocba_tui.export.excel.pupil_tables import laid_out
from hocba_tui.export.excel.pupil_values import PupilRow
from hocba_tui.export.excel.workbook import book
from hocba_tui.flow.desk import PUPILS, RESULTS, Desk
from hocba_tui.flow.importing import RowKind
from hocba_tui.flow.pupils.pupils_import import preview
from hocba_tui.flow.reports.sheets import LAYOUTS, Written, export_grade, export_sheet
from hocba_tui.intake.pupil_file import read_pupils
from hocba_tui.model.pupil import Pupil, Sex
from hocba_tui.model.results import Results
from hocba_tui.model.values import Period, SheetForm
from hocba_tui.store.activity.noting import ACTIVITY
from hocba_tui.store.backend import Edit
from hocba_tui.text import clean_line
from tests.conftest import DeskAs
from tests.support.activity import noted
from tests.support.whole_year import room_of

pytestmark = pytest.mark.usefixtures("read_here")

END = Period.END_YEAR
FORMS = list(SheetForm)


def out(desk: Desk, form: SheetForm, path: Path, period: Period = END, room: str = "5A") -> Written:
    return export_sheet(desk, form, room, period, path)


def opened(path: Path, number: int = 0) -> tuple[Worksheet, list[list[object]]]:
    """Return a sheet as openpyxl sees it, and its rows as calamine does; they agree on every cell."""
    sheet = load_workbook(path).worksheets[number]
    rows = CalamineWorkbook.from_path(path).get_sheet_by_index(number).to_python(skip_empty_area=False)
    for cells, values in zip(sheet.iter_rows(values_only=True), rows, strict=True):
        assert [value or "" for value in cells] == list(values)
    return sheet, [list(row) for row in rows]


def column(sheet: Worksheet, *head: str) -> str:
    """Return the letter of the column under ``head``, as a person finds it: by what stands above it."""
    for number, cells in enumerate(sheet.iter_cols(), start=1):
        above = []
        for cell in cells[:8]:
            area = next((a for a in sheet.merged_cells.ranges if cell.coordinate in a), None)
            value = sheet.cell(area.min_row, area.min_col).value if area else cell.value
            if value and value not in above:
                above.append(value)
        if all(part in above for part in head):
            return get_column_letter(number)
    raise AssertionError(head)


def results_of(desk: Desk) -> dict[str, Results]:
    """Return the results of 5A, also of the pupil who has none yet."""
    found = desk.results("5A")
    return {pupil.key: found.get(pupil.key, Results({})) for pupil in desk.pupils("5A")}


def change(desk: Desk, pupil: Pupil, table: str, field: str, value: object) -> None:
    shard = desk.class_shard("5A")
    before = shard.document(table, pupil.key).get(field)
    shard.change("test", "test", [Edit(table, pupil.key, field, before, value)])


def test_the_file_for_csdl_is_as_described(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("gv.5a")
    path = tmp_path / "csdl.xlsx"
    written = out(desk, SheetForm.CSDL, path)
    sheet, rows = opened(path)
    assert load_workbook(path).sheetnames == ["Lop_5 Cuối năm", "Hướng dẫn"]
    pupils = desk.pupils("5A")
    assert written.pupils == len(pupils)
    merged = {str(area) for area in sheet.merged_cells.ranges}
    assert {"A1:A3", "B1:B3", "C1:C3", "D1:D3", "E1:E3", "F2:G2"} <= merged
    assert rows[0][:6] == [
        "STT",
        "Mã lớp",
        "Mã định danh Bộ GD&ĐT",
        "Họ tên",
        "Ngày sinh",
        "Môn học và hoạt động giáo dục",
    ]
    assert rows[1][5:7] == ["Toán", ""]
    assert rows[2][5:7] == ["Mức đạt được", "Điểm KTĐK"]
    assert sheet.freeze_panes == "E4"
    room, results = desk.classroom("5A"), results_of(desk)
    for number, (pupil, row) in enumerate(zip(pupils, rows[3:], strict=True), start=1):
        born = f"{date.fromisoformat(pupil.birth):%d/%m/%Y}"
        assert row[:5] == [number, room.code, pupil.code, pupil.name, born]
        score = results[pupil.key].score(END, "TOAN")
        assert row[5:7] == [results[pupil.key].level(END, "TOAN"), "" if score is None else score]
    assert sheet["C4"].data_type == "s"
    assert sheet["A4"].data_type == "n"


def test_each_period_has_its_own_file_for_csdl(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("gv.5a")
    heads: dict[Period, set[object]] = {}
    for period in Period:
        out(desk, SheetForm.CSDL, tmp_path / f"{period}.xlsx", period)
        heads[period] = set(opened(tmp_path / f"{period}.xlsx")[1][0])
    results = {"Xếp loại", "Lên lớp", "Khen thưởng", "Hoàn thành chương trình lớp học"}
    assert {period for period in Period if results <= heads[period]} == {END}
    assert {period for period in Period if results & heads[period]} == {END}


def test_the_result_sheet_is_printed_with_heading_and_places_to_sign(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("hieutruong")
    path = tmp_path / "in.xlsx"
    out(desk, SheetForm.RESULT_SHEET, path, Period.MID_2)
    sheet, rows = opened(path)
    assert rows[0][0] == desk.school.name
    assert rows[1][0] == "BẢNG TỔNG HỢP KẾT QUẢ ĐÁNH GIÁ GIÁO DỤC GIỮA HỌC KÌ II (Mẫu 7)"
    assert "5A" in str(rows[2][0])
    assert desk.school.year in str(rows[2][0])
    assert (sheet.print_title_rows, sheet.page_setup.orientation) == ("$5:$7", "landscape")
    last = [str(value) for value in rows[-1] if value]
    assert ["Giáo viên chủ nhiệm" in last[0], "Hiệu trưởng" in last[1]] == [True, True]
    assert desk.staff(desk.classroom("5A").homeroom).name in last[0]
    assert len(rows) == 7 + len(desk.pupils("5A")) + 2


def test_crosses_and_notes_stand_in_their_columns(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("gv.5a")
    good, exempt = desk.pupils("5A")[:2]
    change(desk, good, RESULTS, "year.award.text", "Học sinh Xuất sắc")
    change(desk, exempt, PUPILS, "exempt", "GDTC")
    change(desk, exempt, PUPILS, "disability", "Vận động")
    path = tmp_path / "in.xlsx"
    out(desk, SheetForm.RESULT_SHEET, path)
    sheet, _ = opened(path)
    assert [sheet[f"{column(sheet, 'Khen thưởng')}{row}"].value for row in (8, 9)] == ["X", None]
    assert sheet[f"{column(sheet, 'Giáo dục thể chất')}9"].value == "M"
    assert sheet[f"{column(sheet, 'Ghi chú')}9"].value == "Khuyết tật: Vận động; M: miễn Giáo dục thể chất"
    outcome = next(
        code
        for code in ("Hoàn thành xuất sắc", "Hoàn thành tốt", "Hoàn thành", "Chưa hoàn thành")
        if sheet[f"{column(sheet, 'Đánh giá kết quả giáo dục', code)}8"].value == "X"
    )
    assert outcome == "Hoàn thành tốt"


def test_a_grade_is_one_file_with_all_its_classes(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("vanthu")
    written = export_grade(desk, 5, END, tmp_path / "k5.xlsx")
    rows = opened(tmp_path / "k5.xlsx")[1][3:]
    pupils = [pupil for room in desk.classrooms() if room.grade == 5 for pupil in desk.pupils(room.key)]
    assert [row[2] for row in rows] == [pupil.code for pupil in pupils]
    assert [row[0] for row in rows] == list(range(1, written.pupils + 1))
    with pytest.raises(Refused, match="khối 6"):
        export_grade(desk, 6, END, tmp_path / "k6.xlsx")


def test_grades_that_sit_in_one_class_get_a_sheet_each_and_share_the_class_list(
    desk_as: DeskAs, tmp_path: Path
) -> None:
    desk = desk_as("gv.5a")
    pupils = desk.pupils("5A")
    younger = {pupil.key for pupil in pupils[::3]}
    for pupil in pupils:
        change(desk, pupil, PUPILS, "grade", 3 if pupil.key in younger else 5)
    out(desk, SheetForm.CSDL, tmp_path / "csdl.xlsx")
    assert load_workbook(tmp_path / "csdl.xlsx").sheetnames[::2] == ["Lop_3 Cuối năm", "Lop_5 Cuối năm"]
    three, five = (opened(tmp_path / "csdl.xlsx", number)[1] for number in (0, 2))
    assert [row[2] for row in three[3:]] == [pupil.code for pupil in pupils if pupil.key in younger]
    assert [row[2] for row in five[3:]] == [pupil.code for pupil in pupils if pupil.key not in younger]
    assert ("Tự nhiên và xã hội" in three[1], "Khoa học" in three[1], "Khoa học" in five[1]) == (True, False, True)
    out(desk, SheetForm.ROSTER, tmp_path / "ds.xlsx")
    assert preview(desk, tmp_path / "ds.xlsx").counts()[RowKind.SAME] == len(desk.pupils("5A", with_left=True))


def test_comments_stand_by_teacher_and_subject_without_the_exempt(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("gv.5a")
    first, second = desk.pupils("5A")[:2]
    change(desk, first, PUPILS, "exempt", "AN")
    change(desk, second, RESULTS, "end_year.homeroom.comment", "=Em ngoan\nvà chăm.")
    path = tmp_path / "nx.xlsx"
    out(desk, SheetForm.COMMENTS, path)
    (title, *_), _, *rows = opened(path)[1]
    assert title == "Nhận xét Cuối năm, lớp 5A, năm học 2025-2026"
    assert rows[0] == [
        "Mã học sinh", "Họ và tên", "Nhận xét phẩm chất", "Nhận xét năng lực chung", "Nhận xét năng lực đặc thù",
        "Nhận xét của GVCN",
    ]  # fmt: skip
    assert rows[2][:2] == [second.code, second.name]
    assert rows[2][5] == "=Em ngoan\nvà chăm."
    names = load_workbook(path).sheetnames
    assert names[:3] == ["GVCN Cuối năm", "T.Việt Cuối năm", "Toán Cuối năm"]
    music = opened(path, names.index("Nhạc Cuối năm"))[1][2:]
    assert music[0][2] == "Nghệ thuật (Âm nhạc): nhận xét"
    assert [row[0] for row in music[1:]] == [pupil.code for pupil in desk.pupils("5A")[1:]]
    comments = results_of(desk)
    assert [row[2] for row in music[1:]] == [comments[p.key].comment(END, "AN") for p in desk.pupils("5A")[1:]]


def test_the_class_list_that_went_out_comes_back_in_unchanged(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("gv.5a")
    written = out(desk, SheetForm.ROSTER, tmp_path / "ds.xlsx")
    found = preview(desk, tmp_path / "ds.xlsx")
    assert found.usable
    assert found.counts()[RowKind.SAME] == written.pupils == len(desk.pupils("5A", with_left=True))
    listed = [pupil.code for pupil in read_pupils(tmp_path / "ds.xlsx").pupils]
    studying = [pupil.code for pupil in desk.pupils("5A")]
    # Numbered as on the screen: who left stands at the end.
    assert listed[: len(studying)] == studying
    assert len(listed) > len(studying)


LINE = st.text(max_size=20).map(clean_line)
SOMETHING = LINE.filter(bool)
DAY = st.dates(date(2000, 1, 1), date(2049, 12, 31)).map(date.isoformat)
LEAVING = st.tuples(DAY, st.sampled_from(["Chuyển đi", "Thôi học"]), LINE).map(
    lambda found: {"left": found[0], "left_reason": f"{found[1]} {found[2]}".strip()}
)
MADE = st.builds(
    lambda facts, leaving: replace(Pupil("hs", **facts), **leaving),
    st.fixed_dictionaries(
        {
            "code": SOMETHING,
            "name": SOMETHING,
            "birth": st.just("") | DAY,
            "sex": st.sampled_from([sex.value for sex in Sex]),
            "personal_id": st.just("") | st.from_regex(r"\A[0-9]{12}\Z"),
            "joined": DAY,
            **dict.fromkeys(
                ("ethnic", "disability", "birthplace", "hometown", "address", "father", "mother", "guardian"), LINE
            ),
            "register_no": LINE,
        }
    ),
    st.just({}) | LEAVING,
)


@settings(max_examples=25, deadline=None)  # Each is read by a process of its own, and has up to 16 pupils.
@given(st.lists(MADE, min_size=1, max_size=16, unique_by=lambda pupil: pupil.code))
def test_import_after_export_gives_the_same_facts(pupils: list[Pupil]) -> None:
    room = room_of(5)
    layout = find_layout(SheetForm.ROSTER, 5, END, Path("khong-co"))
    rows = [PupilRow(n, pupil, room, Results({}), END) for n, pupil in enumerate(pupils, start=1)]
    facts = dict.fromkeys(("school", "department", "commune", "year", "class", "grade", "homeroom"), "5A")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "ds.xlsx"
        path.write_bytes(book(laid_out(layout, 5, END, rows, facts)))
        listed = read_pupils(path)
    assert [(found.class_key, found.code) for found in listed.pupils] == [("5A", pupil.code) for pupil in pupils]
    for pupil, found in zip(pupils, listed.pupils, strict=True):
        assert replace(pupil, **found.facts) == pupil  # type: ignore[arg-type]
        # Nothing that the file can carry is left out.
        known = {name for name in ("birth", "sex", "personal_id", "ethnic", "mother", "left") if getattr(pupil, name)}
        assert known <= set(found.facts)


def test_a_layout_of_the_school_is_used_without_touching_code(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("gv.5a")
    (desk.root / LAYOUTS).mkdir()
    (desk.root / LAYOUTS / "csdl-truong.toml").write_text(
        'note = "Của trường"\nsheet = "KQ_{grade}"\nabove = ["{class} {year} {title}"]\n'
        'columns = [{ head = "Mã", value = "code" }, { head = "Kết quả | Toán", value = "TOAN.level" }]\n'
        '[titles]\nend_year = "cuối năm {grade}"\n',
        encoding="utf-8",
    )
    written = out(desk, SheetForm.CSDL, tmp_path / "a.xlsx")
    sheet, rows = opened(tmp_path / "a.xlsx")
    assert (sheet.title, written.notes) == ("KQ_5", ("Của trường",))
    assert rows[0][0] == f"5A {desk.school.year} cuối năm 5"
    assert rows[2:4] == [["Mã", "Kết quả"], ["", "Toán"]]
    assert rows[4][0] == desk.pupils("5A")[0].code


@pytest.mark.parametrize("form", FORMS)
def test_every_export_is_private_whole_and_noted_without_names(
    desk_as: DeskAs, tmp_path: Path, form: SheetForm
) -> None:
    desk = desk_as("gv.5a")
    path = tmp_path / "moi" / "ra.xlsx"
    out(desk, form, path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]
    last = noted(desk.root)[-1]
    assert (last.by, last.act, last.touched.class_key) == ("gv.5a", "export_sheet", "5A")
    assert last.what.startswith(f"5A/{form}")
    assert not any(pupil.name in last.what for pupil in desk.pupils("5A"))


@pytest.mark.parametrize("account", ["admin", "gv.tin", "gv.1a"])
def test_who_may_not_export_gets_no_file_and_no_word_of_the_class(
    desk_as: DeskAs, tmp_path: Path, account: str
) -> None:
    desk = desk_as(account)
    for form in FORMS:
        with pytest.raises(NotAllowed):
            out(desk, form, tmp_path / "x.xlsx")
    with pytest.raises(NotAllowed):
        export_grade(desk, 5, END, tmp_path / "x.xlsx")
    assert list(tmp_path.glob("*.xlsx")) == []


def no_suffix(folder: Path) -> Path:
    return folder / "5A.xls"


def taken(folder: Path) -> Path:
    (folder / "co.xlsx").write_bytes(b"cua toi")
    return folder / "co.xlsx"


def dangling(folder: Path) -> Path:
    (folder / "lien-ket.xlsx").symlink_to(folder / "khong-co")
    return folder / "lien-ket.xlsx"


def under_a_file(folder: Path) -> Path:
    (folder / "tep").write_bytes(b"")
    return folder / "tep" / "5A.xlsx"


def strange(folder: Path) -> Path:
    return folder / "5\0A.xlsx"


@pytest.mark.parametrize("place", [no_suffix, taken, dangling, under_a_file, strange])
def test_a_place_that_cannot_be_is_refused_and_nothing_is_overwritten(
    desk_as: DeskAs, tmp_path: Path, place: Callable[[Path], Path]
) -> None:
    path = place(tmp_path)
    before = {found: found.read_bytes() for found in tmp_path.iterdir() if found.is_file()}
    with pytest.raises((Refused, WrongUse)) as refused:
        out(desk_as("gv.5a"), SheetForm.ROSTER, path)
    assert refused.value.now or refused.value.safe
    assert {found: found.read_bytes() for found in tmp_path.iterdir() if found.is_file()} == before


def test_an_access_log_that_cannot_be_written_stops_the_export(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("gv.5a")
    shutil.rmtree(desk.root / ACTIVITY, ignore_errors=True)
    (desk.root / ACTIVITY).write_bytes(b"in its place")
    with pytest.raises(Exception, match="nhật ký truy cập"):
        out(desk, SheetForm.ROSTER, tmp_path / "a.xlsx")
    assert not (tmp_path / "a.xlsx").exists()


def test_a_class_without_pupils_is_refused(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("gv.5a")
    for pupil in desk.pupils("5A"):
        change(desk, pupil, PUPILS, "left", "2026-01-01")
    with pytest.raises(Refused, match="chưa có học sinh"):
        out(desk, SheetForm.CSDL, tmp_path / "a.xlsx")
    assert out(desk, SheetForm.ROSTER, tmp_path / "b.xlsx").pupils > 0


@pytest.mark.parametrize("through_a_link", [False, True])
def test_nothing_is_written_among_the_files_of_the_store(
    desk_as: DeskAs, store_root: Path, tmp_path: Path, through_a_link: bool
) -> None:
    folder = store_root / "school"
    if through_a_link:
        folder = tmp_path / "link"
        folder.symlink_to(store_root / "school")
    with pytest.raises(Refused, match="trong kho dữ liệu"):
        out(desk_as("gv.5a"), SheetForm.ROSTER, folder / "5A.xlsx")
    assert not (store_root / "school" / "5A.xlsx").exists()
