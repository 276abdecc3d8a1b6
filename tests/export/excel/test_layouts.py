"""Layouts are data: the shipped ones agree with the law, a school's own win, mistakes are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from hocba_tui.errors import Refused
from hocba_tui.export.excel.layout import Layout, find_layout, read_layout
from hocba_tui.export.excel.pupil_values import SOURCES
from hocba_tui.model.curriculum import SUBJECTS, TRAITS
from hocba_tui.model.values import Period, SheetForm
from tests.support.table import table

ROOT = Path(__file__).parents[3]
SHIPPED = sorted((ROOT / "hocba_tui" / "export" / "layouts").iterdir())
NOWHERE = Path("khong-co")
LAID_OUT = (SheetForm.CSDL, SheetForm.RESULT_SHEET)
EVERY = [(form, grade, period) for form in LAID_OUT for grade in range(1, 6) for period in Period]
MINIMAL = 'columns = [{ head = "Họ tên", value = "name" }]'

# TT 27/2020 Điều 7.1b, as domain tables have it: who is tested in what at the end of a term, and in between.
AT_TERM_END = {1: "TV TOAN", 2: "TV TOAN", 3: "TV TOAN NN1 TIN CN", 4: "TV TOAN NN1 LSDL KH TIN CN"}
AT_TERM_END[5] = AT_TERM_END[4]
IN_BETWEEN = {4: "TV TOAN", 5: "TV TOAN"}


def sources(form: SheetForm, grade: int, period: Period) -> list[str]:
    return [column.value for column in find_layout(form, grade, period, NOWHERE).columns_in(grade, period)]


@table(("form", "grade", "period"), EVERY)
def test_there_is_a_score_exactly_where_the_law_asks_for_a_test(form: SheetForm, grade: int, period: Period) -> None:
    tested = (AT_TERM_END if period in (Period.END_1, Period.END_YEAR) else IN_BETWEEN).get(grade, "")
    scored = [source.removesuffix(".score") for source in sources(form, grade, period) if source.endswith(".score")]
    assert sorted(scored) == sorted(tested.split())


@table(("form", "grade", "period"), EVERY)
def test_every_subject_quality_and_competency_of_the_grade_has_one_level(
    form: SheetForm, grade: int, period: Period
) -> None:
    subjects = [s.code for s in SUBJECTS.values() if grade in (*s.grades, *s.optional_grades)]
    traits = [t.code for t in TRAITS.values() if grade in t.grades]
    levels = [source.removesuffix(".level") for source in sources(form, grade, period) if source.endswith(".level")]
    assert sorted(levels) == sorted(subjects + traits)


@table(("form", "grade", "period"), EVERY)
def test_only_the_years_end_has_a_result(form: SheetForm, grade: int, period: Period) -> None:
    results = {"outcome", "completed", "promoted", "not_promoted", "awarded"}
    found = {source for source in sources(form, grade, period) if source.partition(".")[0] in results}
    expected = {
        SheetForm.CSDL: {"completed", "promoted", "outcome", "awarded"},
        SheetForm.RESULT_SHEET: {"outcome.HTXS", "outcome.HTT", "outcome.HT", "outcome.CHT", "awarded", "not_promoted"},
    }
    assert found == (expected[form] if period is Period.END_YEAR else set())


@pytest.mark.parametrize("grade", range(1, 6))
def test_each_form_has_its_number_and_says_which_half_of_the_year(grade: int) -> None:
    first = {1: 1, 2: 1, 3: 4, 4: 7, 5: 7}[grade]
    for period, number, words in (
        (Period.MID_1, first, "GIỮA HỌC KÌ I ("),
        (Period.END_1, first + 1, "CUỐI HỌC KÌ I ("),
        (Period.MID_2, first, "GIỮA HỌC KÌ II ("),
        (Period.END_YEAR, first + 2, "CUỐI NĂM HỌC ("),
    ):
        title = find_layout(SheetForm.RESULT_SHEET, grade, period, NOWHERE).titles[period]
        assert words in title
        assert title.endswith(f"(Mẫu {number})")


def test_the_file_for_csdl_has_the_subjects_of_the_described_one_in_its_order() -> None:
    described = [
        "Toán", "Tiếng việt", "Đạo đức", "Tự nhiên và xã hội", "Ngoại ngữ", "Tiếng dân tộc", "TH-CN (Tin học)",
        "Nghệ thuật (Âm nhạc)", "Nghệ thuật (Mĩ thuật)", "Hoạt động trải nghiệm", "Giáo dục thể chất",
    ]  # fmt: skip
    layout = find_layout(SheetForm.CSDL, 3, Period.END_YEAR, NOWHERE)
    heads = [column.head for column in layout.columns_in(3, Period.END_YEAR)]
    names = list(dict.fromkeys(head[1] for head in heads if head[0] == "Môn học và hoạt động giáo dục"))
    assert [name for name in names if name != "TH-CN (Công nghệ)"] == described
    assert heads[2] == ("Mã định danh Bộ GD&ĐT",)
    younger = find_layout(SheetForm.CSDL, 2, Period.END_YEAR, NOWHERE)
    assert younger.columns[2].head == ("Mã học sinh",)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_every_shipped_layout_says_that_nobody_has_checked_it(path: Path) -> None:
    layout = read_layout(path.name, path.read_text(encoding="utf-8"))
    assert "chưa đối chiếu" in layout.note or "không phải toàn bộ" in layout.note
    assert (path.name.startswith("csdl")) == bool(layout.guide)


def test_every_source_and_key_is_explained() -> None:
    text = (ROOT / "docs" / "bo-cuc-excel.md").read_text(encoding="utf-8")
    for source in SOURCES:
        item, _, aspect = source.partition(".")
        of_a_kind = item in (*SUBJECTS, *TRAITS) and item in text and f".{aspect}`" in text
        assert f"`{source}`" in text or of_a_kind, source


def own(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def found(form: SheetForm, folder: Path, grade: int = 3) -> Layout:
    return find_layout(form, grade, Period.END_YEAR, folder)


def test_a_layout_of_the_school_wins_for_its_grades_and_only_for_them(tmp_path: Path) -> None:
    own(tmp_path, "csdl-truong.toml", f"grades = [3]\n{MINIMAL}")
    assert found(SheetForm.CSDL, tmp_path).name == "csdl-truong.toml"
    assert found(SheetForm.CSDL, tmp_path, grade=4).name == "csdl-2025-lop-3-5.toml"
    assert found(SheetForm.RESULT_SHEET, tmp_path).name == "bang-tong-hop-lop-3.toml"


def test_a_layout_saved_by_notepad_is_read(tmp_path: Path) -> None:
    (tmp_path / "csdl.toml").write_text(MINIMAL.replace("\n", "\r\n"), encoding="utf-8-sig")
    assert found(SheetForm.CSDL, tmp_path).columns[0].head == ("Họ tên",)


def test_two_layouts_that_fit_are_refused_by_name(tmp_path: Path) -> None:
    own(tmp_path, "csdl-a.toml", MINIMAL)
    own(tmp_path, "csdl-b.toml", MINIMAL)
    with pytest.raises(Refused, match=r"csdl-a\.toml, csdl-b\.toml"):
        found(SheetForm.CSDL, tmp_path)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("columns = [", "csdl-x.toml"),
        ("", "thiếu columns"),
        ("columns = []", "thiếu columns"),
        ("columns = 3", "thiếu columns"),
        ("columns = [1]", "cột thứ 1"),
        ('columns = [{ head = "A", value = "tên" }]', "không biết value “tên”"),
        ('columns = [{ head = "A | | B", value = "name" }]', "1 đến 3"),
        ('columns = [{ head = "A | B | C | D", value = "name" }]', "1 đến 3"),
        ('columns = [{ value = "name" }]', "head"),
        ('columns = [{ head = "A", value = 3 }]', "value phải là chữ"),
        ('columns = [{ head = "A", value = "name", width = "to" }]', "width"),
        ('columns = [{ head = "A", value = "name", width = 0 }]', "width"),
        ('columns = [{ head = "A", value = "name", width = true }]', "width"),
        ('columns = [{ head = "A", value = "name", rong = 3 }]', "không có mục “rong”"),
        ('columns = [{ head = "A", value = "name", grades = [6] }]', "khối từ 1 đến 5"),
        ('columns = [{ head = "A", value = "name", periods = ["giua"] }]', "mid_1"),
        (f"grades = []\n{MINIMAL}", "khối từ 1 đến 5"),
        (f'paper = "A5"\n{MINIMAL}', "A5"),
        (f'abov = ["x"]\n{MINIMAL}', "abov"),
        (f'above = "x"\n{MINIMAL}', "above"),
        (f'above = ["{{lop}}"]\n{MINIMAL}', "{lop}"),
        (f'above = ["{{}}"]\n{MINIMAL}', "dùng được"),
        (f"{MINIMAL}\n[titles]\ngiua = 'x'", "giua"),
        (f"{MINIMAL}\n[titles]\nmid_1 = 3", "titles"),
        ('columns = [{ head = "A", value = "name", grades = [1, 2, 4, 5] }]', "khối 3"),
    ],
)
def test_a_mistake_in_a_layout_is_refused_with_its_place(tmp_path: Path, text: str, reason: str) -> None:
    own(tmp_path, "csdl-x.toml", text)
    with pytest.raises(Refused) as refused:
        found(SheetForm.CSDL, tmp_path)
    assert "csdl-x.toml" in refused.value.what
    assert reason in refused.value.what
    # Another form does not suffer.
    assert found(SheetForm.ROSTER, tmp_path).name == "danh-sach.toml"


def test_a_layout_in_a_foreign_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "csdl.toml").write_bytes(MINIMAL.encode("utf-16"))
    with pytest.raises(Refused, match="UTF-8"):
        found(SheetForm.CSDL, tmp_path)
