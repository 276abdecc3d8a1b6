"""Class lists with columns in any order, headers in any row and spelling."""

from __future__ import annotations

import unicodedata
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from pathlib import Path

import pytest
from openpyxl import Workbook

from hocba_tui.demo.class_list import write_class_list
from hocba_tui.demo.school import DemoSchool, pupils_of
from hocba_tui.errors import Refused
from hocba_tui.intake.limits import MAX_BYTES
from hocba_tui.intake.pupil_file import read_pupils
from hocba_tui.intake.pupil_list import PupilList
from hocba_tui.model.finding import Severity
from tests.support.workbooks import as_1258

pytestmark = pytest.mark.usefixtures("read_here")

Rows = Sequence[Sequence[object]]
HEADER = ("Mã lớp", "Mã học sinh", "Họ tên", "Ngày sinh", "Giới tính", "Số định danh cá nhân")
ROW = ("99L005", "9900000001", "Trần Minh Anh", "14/03/2015", "Nữ", "999315000001")

Read = Callable[[Rows], PupilList]


def nfd(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def write(path: Path, *sheets: Rows) -> Path:
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    for rows in sheets:
        sheet = workbook.create_sheet()
        for row in rows:
            sheet.append(list(row))
    workbook.save(path)
    return path


@pytest.fixture
def read(tmp_path: Path) -> Read:
    return lambda rows: read_pupils(write(tmp_path / "list.xlsx", rows))


def changed(**cells: object) -> list[object]:
    names = ("class_code", "code", "name", "birth", "sex", "personal_id")
    return [cells.get(name, value) for name, value in zip(names, ROW, strict=True)]


def codes(found: PupilList) -> list[str]:
    return [finding.code for finding in found.findings]


def test_plain_row(read: Read) -> None:
    found = read([HEADER, ROW])
    (pupil,) = found.pupils
    assert (found.source, found.findings) == ("list.xlsx", ())
    assert (pupil.row, pupil.class_key, pupil.code) == (2, "99L005", "9900000001")
    assert pupil.facts == {
        "name": "Trần Minh Anh",
        "birth": "2015-03-14",
        "sex": "female",
        "personal_id": "999315000001",
    }


def test_every_fact_of_the_demo_class_is_read_back(demo: DemoSchool, tmp_path: Path) -> None:
    pupils = pupils_of(demo, "5A")
    write_class_list(tmp_path / "5A.xlsx", "99L005", pupils)
    found = read_pupils(tmp_path / "5A.xlsx")
    assert [listed.code for listed in found.pupils] == [pupil.code for pupil in pupils]
    for listed, pupil in zip(found.pupils, pupils, strict=True):
        assert {name: getattr(pupil, name) for name in listed.facts} == listed.facts
    assert codes(found) == ["IN-NO-ID"]


@pytest.mark.parametrize("spell", [nfd, str.upper, lambda h: h.replace(" ", "\n"), lambda h: f"  {h} \u00a0"])
def test_headers_in_any_spelling(read: Read, spell: Callable[[str], str]) -> None:
    assert len(read([[spell(header) for header in HEADER], ROW]).pupils[0].facts) == 4


def test_columns_in_any_order_with_unknown_ones_between(read: Read) -> None:
    rows = [[*reversed(HEADER), "Ghi chú"], [*reversed(ROW), "x"]]
    assert read([["STT", *row] for row in rows]).pupils[0].facts == read([HEADER, ROW]).pupils[0].facts


def test_header_on_the_third_row(read: Read) -> None:
    (pupil,) = read([["DANH SÁCH HỌC SINH"], [], HEADER, ROW]).pupils
    assert (pupil.row, pupil.code) == (4, "9900000001")


def test_list_on_the_second_sheet(tmp_path: Path) -> None:
    path = write(tmp_path / "list.xlsx", [["Danh mục"], ["Kinh"]], [HEADER, ROW])
    assert len(read_pupils(path).pupils) == 1


def test_blank_rows_are_skipped_and_rows_keep_their_numbers(read: Read) -> None:
    found = read([HEADER, [], changed(code="1", personal_id="999315000002"), ["", None, " "], ROW])
    assert [pupil.row for pupil in found.pupils] == [3, 5]


def test_names_are_composed_and_cleaned(read: Read) -> None:
    found = read([HEADER, changed(name=nfd("  \u00d0ặng\u00a0Thuỳ  Ngân "))])
    assert found.pupils[0].facts["name"] == "Đặng Thuỳ Ngân"


@pytest.mark.parametrize(
    "birth", ["14/03/2015", "14/3/2015", "14-03-2015", "14.3.2015", "2015-03-14", "'14/03/2015", 42077, "42077",
              42077.0, date(2015, 3, 14), datetime(2015, 3, 14)]
)  # fmt: skip
def test_birth_dates_as_people_and_excel_write_them(read: Read, birth: object) -> None:
    found = read([HEADER, changed(birth=birth)])
    assert (found.pupils[0].facts["birth"], found.findings) == ("2015-03-14", ())


@pytest.mark.parametrize("birth", ["31/02/2015", "03/14/2015", "29/02/15", "hôm qua", 12, "999999", True, time(9, 30)])
def test_birth_date_that_cannot_be_read_is_an_error(read: Read, birth: object) -> None:
    found = read([HEADER, changed(birth=birth)])
    assert [(f.code, f.severity) for f in found.findings] == [("IN-DATE", Severity.ERROR)]
    assert "Dòng 2" in found.findings[0].message


@pytest.mark.parametrize(
    "number", ["999315000001", "999 315 000 001", "999.315.000.001", "'999315000001", 999315000001]
)
def test_personal_ids_that_can_be_read(read: Read, number: object) -> None:
    found = read([HEADER, changed(personal_id=number)])
    assert (found.pupils[0].facts["personal_id"], found.findings) == ("999315000001", ())


@pytest.mark.parametrize(
    ("number", "hint"),
    [
        ("99315000001", "số 0"),
        ("3.72E+10", "làm tròn"),
        (3.72e10, "làm tròn"),
        ("123456789", "CMND"),
        ("123", "3 chữ số"),
    ],
)
def test_personal_ids_that_excel_spoiled_are_errors(read: Read, number: object, hint: str) -> None:
    found = read([HEADER, changed(personal_id=number)])
    assert [(f.code, f.severity) for f in found.findings] == [("IN-ID", Severity.ERROR)]
    assert hint in found.findings[0].message
    assert "personal_id" not in found.pupils[0].facts


@pytest.mark.parametrize(
    ("cells", "code", "name", "fact"),
    [
        ({"personal_id": 37215000001}, "IN-ID-OFFER", "personal_id", "037215000001"),
        ({"birth": "05/9/19"}, "IN-DATE-OFFER", "birth", "2019-09-05"),
    ],
)
def test_offer_becomes_a_fact_only_when_it_is_accepted(
    read: Read, cells: dict[str, object], code: str, name: str, fact: str
) -> None:
    found = read([HEADER, changed(**cells)])
    assert [(f.code, f.severity, f.field) for f in found.findings] == [(code, Severity.WARNING, name)]
    assert (found.offers, name in found.pupils[0].facts) == (1, False)
    taken = found.accepted()
    assert [(f.code, f.severity) for f in taken.findings] == [(code, Severity.HINT)]
    assert taken.pupils[0].facts[name] == fact


def test_two_offers_of_one_number_are_doubled(read: Read) -> None:
    rows = [HEADER, changed(personal_id="37215000001"), changed(code="2", personal_id="037215000001")]
    assert codes(read(rows)) == ["IN-ID-OFFER"]
    assert codes(read(rows).accepted()) == ["IN-ID-OFFER", "IN-DOUBLED", "IN-DOUBLED"]


def test_list_in_a_legacy_font_headers_and_all(read: Read) -> None:
    found = read([["M· líp", "M· häc sinh", "Hä tªn", "Giíi tÝnh", "Tr¹ng th¸i HS", "Ngµy nhËp tr¹ng th¸i"],
                  ["5A", "1", "TrÇn Minh T­", "N÷", "ChuyÓn ®i", "09/02/2026"]])  # fmt: skip
    assert [(f.code, f.severity, f.field) for f in found.findings] == [
        ("IN-LEGACY-OFFER", Severity.ERROR, name) for name in ("name", "sex", "status")
    ]
    assert "đề nghị “Trần Minh Tư”" in found.findings[0].message
    taken = found.accepted()
    assert {f.severity for f in taken.findings} == {Severity.HINT}
    assert taken.pupils[0].facts == {
        "name": "Trần Minh Tư", "sex": "female", "left": "2026-02-09", "left_reason": "Chuyển đi"
    }  # fmt: skip


def test_month_alone_is_kept_with_a_warning(read: Read) -> None:
    found = read([HEADER, changed(birth="3/2015")])
    assert ([(f.code, f.severity) for f in found.findings], found.pupils[0].facts["birth"]) == (
        [("IN-DATE-PART", Severity.WARNING)],
        "2015-03",
    )


def test_dates_that_excel_swapped_by_its_settings_are_a_warning(read: Read) -> None:
    births: list[object] = [date(2015, 4, 3), date(2015, 1, 9), date(2015, 12, 12), "14/03/2015", "28/11/2015"]

    def listed(*days: object) -> list[str]:
        rows = [changed(code=str(n), personal_id=f"99931500000{n}", birth=day) for n, day in enumerate(days)]
        return codes(read([HEADER, *rows]))

    assert listed(*births, "30/01/2015") == ["IN-DATE-SWAP"]
    assert listed(*births, "03/01/2015") == listed(*births) == []
    assert listed(*births, "30/01/2015", date(2015, 1, 13)) == []


def test_no_message_carries_what_a_terminal_would_obey(tmp_path: Path) -> None:
    path = tmp_path / "ds.csv"
    cell = "\x1b]0;x\x07\u202e"
    path.write_text(
        f"Mã lớp;Mã HS;Họ tên;Ngày sinh;Giới tính;Số định danh\n5A;1;An;{cell};{cell};{cell}\n", encoding="utf-8"
    )
    found = read_pupils(path)
    assert codes(found) == ["IN-DATE", "IN-SEX", "IN-ID"]
    assert all(finding.message.isprintable() for finding in found.findings)


def test_guessed_encoding_is_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "ds.csv"
    path.write_bytes(as_1258("Mã lớp;Mã HS;Họ tên\n5A;1;Lê Thị Ân\n"))
    found = read_pupils(path)
    assert (codes(found), found.pupils[0].facts["name"]) == (["IN-ENCODING"], "Lê Thị Ân")
    assert "Windows-1258" in found.findings[0].message


def test_missing_personal_id_is_only_a_warning(read: Read) -> None:
    assert [(f.code, f.severity) for f in read([HEADER, changed(personal_id=None)]).findings] == [
        ("IN-NO-ID", Severity.WARNING)
    ]
    assert read([HEADER[:-1], ROW[:-1]]).findings == ()


def test_code_doubled_in_the_file_is_an_error_on_both_rows(read: Read) -> None:
    found = read([HEADER, ROW, changed(personal_id="999315000002")])
    assert [(f.code, f.severity, f.pupil) for f in found.findings] == [
        ("IN-DOUBLED", Severity.ERROR, "2"),
        ("IN-DOUBLED", Severity.ERROR, "3"),
    ]


def test_personal_id_doubled_in_the_file_is_an_error_on_both_rows(read: Read) -> None:
    found = read([HEADER, ROW, changed(code="9900000002", personal_id="999 315 000 001")])
    assert codes(found) == ["IN-DOUBLED", "IN-DOUBLED"]


@pytest.mark.parametrize("cell", ["class_code", "code", "name"])
def test_row_without_class_code_or_name_is_an_error(read: Read, cell: str) -> None:
    found = read([HEADER, changed(**{cell: " "})])
    assert (found.pupils, codes(found)) == ((), ["IN-INCOMPLETE"])


@pytest.mark.parametrize(
    ("typed", "sex"), [("Nữ", "female"), ("NAM", "male"), (nfd("nữ"), "female"), ("01", "male"), (2, "female")]
)
def test_sexes(read: Read, typed: object, sex: str) -> None:
    assert read([HEADER, changed(sex=typed)]).pupils[0].facts["sex"] == sex


def test_unknown_sex_is_an_error(read: Read) -> None:
    assert codes(read([HEADER, changed(sex="x")])) == ["IN-SEX"]


@pytest.mark.parametrize(
    ("status", "day", "facts", "findings"),
    [
        ("Đang học", "05/09/2025", {"joined": "2025-09-05", "left": "", "left_reason": ""}, []),
        ("Chuyển đi", "09/02/2026", {"left": "2026-02-09", "left_reason": "Chuyển đi"}, []),
        ("Thôi học", None, {"left": "", "left_reason": "Thôi học"}, ["IN-LEFT"]),
        ("Đang học", "hôm qua", {"left": "", "left_reason": ""}, ["IN-DATE"]),
    ],
)
def test_statuses(read: Read, status: str, day: object, facts: dict[str, str], findings: list[str]) -> None:
    found = read([[*HEADER, "Trạng thái\nhọc sinh", "Ngày nhập trạng thái"], [*ROW, status, day]])
    assert {k: v for k, v in found.pupils[0].facts.items() if k in ("joined", "left", "left_reason")} == facts
    assert codes(found) == findings


@pytest.mark.parametrize("rows", [[], [["Họ tên", "Lớp"], ["An", "5A"]], [ROW], [[None]] * 30 + [HEADER, ROW]])
def test_file_without_header_is_refused(read: Read, rows: Rows) -> None:
    with pytest.raises(Refused, match="tiêu đề"):
        read(rows)


def test_header_without_pupils_is_refused(read: Read) -> None:
    with pytest.raises(Refused, match="không có học sinh"):
        read([HEADER, [], [None, " "]])


@pytest.mark.parametrize(
    "data",
    [b"", b"Danh s\xc3\xa1ch\n", b"PK\x03\x04 torn", b"\xd0\xcf\x11\xe0" * 99],
)
def test_file_that_is_no_workbook_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "list.xlsx"
    path.write_bytes(data)
    with pytest.raises(Refused, match=r"list\.xlsx không phải tệp Excel"):
        read_pupils(path)


def test_text_file_without_header_is_refused_by_name_whatever_it_is_called(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    path.write_text("Mã lớp,Họ tên\n5A,An\n", encoding="utf-8")
    with pytest.raises(Refused, match=r"list\.xlsx: không thấy dòng tiêu đề"):
        read_pupils(path)


def test_workbook_torn_in_transfer_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "list.xlsx", [HEADER, ROW])
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(Refused):
        read_pupils(path)


def test_archive_without_a_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "x")
    with pytest.raises(Refused):
        read_pupils(path)


def test_absent_file_folder_and_huge_file_are_refused(tmp_path: Path) -> None:
    huge = tmp_path / "huge.xlsx"
    with huge.open("wb") as stream:
        stream.truncate(MAX_BYTES + 1)
    for path in (tmp_path / "none.xlsx", tmp_path, huge):
        with pytest.raises(Refused):
            read_pupils(path)


def test_every_sheet_that_is_a_list_is_read(tmp_path: Path) -> None:
    other = changed(class_code="99L004", code="9900000002", name="Lê An", personal_id="")
    path = write(tmp_path / "list.xlsx", [HEADER, ROW], [["Danh mục"], ["Kinh"]], [["Lớp 4A"], HEADER, other])
    found = read_pupils(path)
    assert [(p.class_key, p.row) for p in found.pupils] == [("99L005", 2), ("99L004", 3)]
    assert [f.message for f in found.findings] == ["Trang “Sheet2”, dòng 3: Lê An chưa có số định danh cá nhân."]
    again = read_pupils(write(tmp_path / "again.xlsx", [HEADER, ROW], [HEADER, ROW]))
    assert codes(again) == ["IN-DOUBLED"] * 4
    assert again.findings[1].message == "Trang “Sheet1”, dòng 2: mã học sinh này có ở 2 dòng."


def test_what_a_row_lacks_is_named(read: Read) -> None:
    found = read([HEADER, changed(class_code="", code=None)])
    assert [f.message for f in found.findings] == ["Dòng 2: “Trần Minh Anh” thiếu mã lớp, mã học sinh."]


def test_names_of_who_signs_below_a_list_are_no_pupils(read: Read) -> None:
    found = read([HEADER, ROW, [], ["", "", "Người lập biểu"], ["", "", "Lò Văn Ba"]])
    assert (len(found.pupils), codes(found)) == (1, ["IN-BELOW", "IN-BELOW"])


def test_marks_that_nobody_sees_change_no_word(read: Read) -> None:
    head = [*HEADER, "Trạng thái học sinh", "Ngày nhập trạng thái", "Khối"]
    hidden = [f"\u200e{cell}\u200b" for cell in (*ROW, "Chuyển đi", "09/02/2026", "Khối 5")]
    (pupil,) = (found := read([head, hidden])).pupils
    assert (found.findings, pupil.grade, pupil.facts["left"]) == ((), 5, "2026-02-09")
    assert (pupil.facts["sex"], pupil.facts["birth"]) == ("female", "2015-03-14")


def test_a_birth_date_that_is_only_a_year_needs_no_correction_when_it_is_known(read: Read) -> None:
    (note,) = read([HEADER, changed(birth="2015")]).findings
    assert (note.code, note.remedy) == ("IN-DATE-PART", "Giấy khai sinh chỉ ghi như vậy thì không cần làm gì.")


def test_the_name_of_a_file_is_nothing_that_a_terminal_would_obey(tmp_path: Path) -> None:
    path = tmp_path / "a\x1b]0;x\x07\u202eb.csv"
    path.write_text("Mã lớp;Mã HS;Họ tên\n5A;1;An\n", encoding="utf-8")
    assert read_pupils(path).source == "a]0;xb.csv"
    path.write_bytes(b"PK\x03\x04 torn")
    with pytest.raises(Refused, match=r"^a\]0;xb\.csv không phải"):
        read_pupils(path)
