"""Reading results files: columns are known by their headers alone, texts stay as typed."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hocba_tui.errors import Refused
from hocba_tui.intake.result_columns import CELL, OTHER, Meaning, meaning_of
from hocba_tui.intake.results_file import Place, read_results
from hocba_tui.intake.source import read_file
from hocba_tui.intake.workbook import CellValue, Sheet
from hocba_tui.model.curriculum import SUBJECTS, TRAITS, TraitGroup
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.results import COMMENT, HOMEROOM, LEVEL, SCORE
from hocba_tui.rules.conclusions import Said
from hocba_tui.text import clean_block
from tests.support.result_sheets import PupilRow, path_of, write_results
from tests.support.table import table

pytestmark = pytest.mark.usefixtures("read_here")

PLACES = (
    *(Place(code, aspect) for code in SUBJECTS for aspect in (LEVEL, SCORE, COMMENT)),
    *(Place(code, LEVEL) for code in TRAITS),
    *(Place(item, COMMENT) for item in (*TraitGroup, HOMEROOM)),
)


def sheet(*rows: Sequence[CellValue], name: str = "Sheet1") -> list[Sheet]:
    return [Sheet(name, rows)]


def cell(item: str, aspect: str) -> Meaning:
    return Meaning(CELL, item, aspect)


@table("place", PLACES)
def test_every_cell_of_the_form_is_known_by_its_header(place: Place) -> None:
    assert meaning_of(path_of(place)) == Meaning(CELL, *place)


@table(
    ("name", "code"),
    [
        ("Tiếng việt", "TV"), ("Ngoại ngữ", "NN1"), ("Ngoại ngữ 1", "NN1"), ("Ngoại ngữ 1 (Tiếng Anh)", "NN1"),
        ("Tiếng Anh", "NN1"), ("Lịch sử và Địa lý", "LSDL"), ("Lịch sử & Địa lí", "LSDL"), ("LS&ĐL", "LSDL"),
        ("TH-CN (Tin học)", "TIN"), ("Tin học", "TIN"), ("TH-CN (Công nghệ)", "CN"), ("Mỹ thuật", "MT"),
        ("Nghệ thuật (Mĩ thuật)", "MT"), ("Nghệ thuật (Âm nhạc)", "AN"), ("HĐTN", "HDTN"), ("TNXH", "TNXH"),
        ("Tự nhiên và xã hội", "TNXH"), ("Giáo dục thể chất", "GDTC"), ("Tiếng dân tộc", "TDT"), ("TOÁN", "TOAN"),
    ],
)  # fmt: skip
def test_a_subject_has_many_names(name: str, code: str) -> None:
    assert meaning_of([name]) == cell(code, LEVEL)
    assert meaning_of([name, "Điểm KTĐK"]) == cell(code, SCORE)
    assert meaning_of([f"{name} - điểm"]) == cell(code, SCORE)
    assert meaning_of([f"Nhận xét môn {name}"]) == cell(code, COMMENT)


@table(
    ("path", "meaning"),
    [
        (["Khoa học"], cell("KH", LEVEL)),
        (["Môn học và hoạt động giáo dục", "Khoa học", "Mức đạt được"], cell("KH", LEVEL)),
        (["Năng lực cốt lõi", "Năng lực đặc thù", "Khoa học"], cell("NLKH", LEVEL)),
        (["NL Tin học"], cell("NLTH", LEVEL)),
        (["Thể chất"], cell("NLTC", LEVEL)),
        (["Môn học", "Nghệ thuật", "Mĩ thuật"], cell("MT", LEVEL)),
        (["TH-CN", "Công nghệ", "Điểm"], cell("CN", SCORE)),
        (["Phẩm chất chủ yếu", "Nhận xét"], cell("qualities", COMMENT)),
        (["Nhận xét năng lực chung"], cell("general", COMMENT)),
        (["Nhận xét của giáo viên chủ nhiệm"], cell(HOMEROOM, COMMENT)),
        (["Xếp loại"], Meaning("outcome")),
        (["Đánh giá KQGD", "Hoàn thành tốt"], Meaning("HTT")),
        (["Chưa được lên lớp"], Meaning("held")),
        (["Khen thưởng"], Meaning(OTHER)),
        (["Mã định danh Bộ GD&ĐT"], Meaning("code")),
    ],
)
def test_headers_above_say_what_is_meant(path: list[str], meaning: Meaning) -> None:
    assert meaning_of(path) == meaning


@pytest.mark.parametrize(
    "path",
    [
        ["Tin học và Công nghệ"],
        ["Năng lực"],
        ["Năng lực", "Nhận xét"],
        ["Mức đạt được"],
        ["Bán trú"],
        ["Yêu nước", "Điểm"],
    ],
)  # fmt: skip
def test_what_could_mean_two_things_means_nothing(path: list[str]) -> None:
    assert meaning_of(path) is None


def test_a_sheet_of_one_subject_lends_its_subject_only_to_columns_that_name_nothing() -> None:
    assert meaning_of(["Nhận xét của giáo viên"], "TOAN") == cell("TOAN", COMMENT)
    assert meaning_of(["Đạo đức", "Mức đạt được"], "TOAN") == cell("DD", LEVEL)
    assert meaning_of(["Năng lực", "Nhận xét"], "TOAN") is None


def test_a_sheet_may_be_named_after_its_subject() -> None:
    rows: list[list[CellValue]] = [["Họ tên", "Mức đạt được", "Điểm KTĐK"], ["Lò Thị Ánh", "T", 9.0]]
    for name in ("Toán", "TOAN"):
        (row,) = read_results(sheet(*rows, name=name)).rows
        assert row.cells == {Place("TOAN", LEVEL): "T", Place("TOAN", SCORE): "9"}
    with pytest.raises(Refused, match="cột kết quả"):
        read_results(sheet(*rows, name="Sheet1"))


def test_two_header_rows_where_each_column_has_both() -> None:
    read = read_results(sheet(["Họ tên", "Toán", "Tiếng Việt"], ["", "Mức", "Điểm"], ["Lò Thị Ánh", "T", "8"]))
    assert [row.cells for row in read.rows] == [{Place("TOAN", LEVEL): "T", Place("TV", SCORE): "8"}]


def test_a_row_without_a_name_is_a_pupil_and_no_header() -> None:
    read = read_results(sheet(["Họ tên", "Mã HS", "Toán"], ["", "9911", "T"], ["Lò Thị Ánh", "9912", "H"]))
    assert [(row.code, row.cells[Place("TOAN", LEVEL)]) for row in read.rows] == [("9911", "T"), ("9912", "H")]


@pytest.mark.parametrize(
    "headers",
    [
        [["Họ và tên", "", "Toán"]],
        [["Họ đệm", "Tên", "Toán"]],
        [["Họ và tên", "", "Toán", ""], ["", "", "Mức", "Điểm"]],
        [["Họ và tên", "", "Toán"], ["Họ đệm", "Tên", "Mức"]],
    ],
)
def test_a_name_may_stand_in_two_columns(headers: list[list[CellValue]]) -> None:
    read = read_results(sheet(*headers, ["Lò Thị", "Ánh", "T"], ["Nguyễn Hoàng", "Hà My", "H"]))
    assert [row.name for row in read.rows] == ["Lò Thị Ánh", "Nguyễn Hoàng Hà My"]
    assert read.findings == ()


def test_a_column_without_a_header_is_no_name_and_not_passed_over_in_silence() -> None:
    read = read_results(sheet(["Họ tên", "", "Toán"], ["Lò Thị Ánh", 8, "T"], ["Lò Văn Ba", 9, "T"]))
    assert [row.name for row in read.rows] == ["Lò Thị Ánh", "Lò Văn Ba"]
    assert [finding.code for finding in read.findings] == ["IN-COLUMN"]


def test_several_sheets_are_read_and_others_passed_over() -> None:
    sheets = [
        *sheet(["Hướng dẫn", "Nhập điểm từ 1 đến 10"], name="Hướng dẫn"),
        *sheet(["Họ tên", "Mức"], ["Lò Thị Ánh", "T"], name="Toán"),
        *sheet(["Họ tên", "Mức"], ["Lò Thị Ánh", "H"], name="Tiếng Việt"),
    ]
    read = read_results(sheets)
    assert [row.where for row in read.rows] == ["Toán, dòng 2", "Tiếng Việt, dòng 2"]
    assert read.places == (Place("TOAN", LEVEL), Place("TV", LEVEL))


def test_a_column_that_nobody_understands_is_pointed_out_if_it_holds_anything() -> None:
    read = read_results(sheet(["Họ tên", "Toán", "Lạ", "Bán trú"], ["Lò Thị Ánh", "T", "", "x"]))
    assert [(finding.code, "Bán trú" in finding.message) for finding in read.findings] == [("IN-COLUMN", True)]


def test_two_columns_of_one_thing_are_an_error() -> None:
    read = read_results(sheet(["Họ tên", "Toán", "Toán mức"], ["Lò Thị Ánh", "T", "H"]))
    assert [finding.code for finding in read.findings] == ["IN-COLUMN-TWICE"]


@pytest.mark.parametrize(
    ("headers", "values", "said"),
    [
        (["Xếp loại", "Hoàn thành chương trình lớp học", "Lên lớp"], ["HTT", "x", "x"], Said("HTT", True, True)),
        (["Xếp loại"], ["Hoàn thành xuất sắc"], Said("HTXS")),
        (["Xếp loại"], ["Giỏi"], Said("Giỏi")),
        (["Hoàn thành tốt", "Hoàn thành", "Chưa được lên lớp"], ["", "X", ""], Said("HT", None, None)),
        (["Hoàn thành tốt", "Chưa hoàn thành", "Chưa được lên lớp"], ["", "x", "x"], Said("CHT", None, False)),
    ],
)
def test_what_a_file_concludes(headers: list[str], values: list[str], said: Said) -> None:
    read = read_results(sheet(["Họ tên", "Toán", *headers], ["Lò Thị Ánh", "T", *values]))
    assert [row.said for row in read.rows] == [said]


def test_a_mark_is_missing_only_where_somebody_else_has_one() -> None:
    rows = (["Họ tên", "Toán", "Lên lớp"], ["Lò Thị Ánh", "T", "x"], ["Lò Văn Ba", "C", ""])
    assert [row.said.promoted for row in read_results(sheet(*rows)).rows] == [True, False]


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([["Họ tên", "Toán"]], "không có học sinh"),
        ([["Lớp", "Toán"], ["5A", "T"]], "Họ tên"),
        ([["Họ tên", "Ngày sinh"], ["Lò Thị Ánh", "01/02/2015"]], "cột kết quả"),
        ([], "Họ tên"),
    ],
)
def test_a_file_without_results_is_refused(rows: list[list[CellValue]], reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        read_results(sheet(*rows))


# --- what is exported is read back ---------------------------------------------------------------

TYPED = {
    LEVEL: st.sampled_from(["", "T", "H", "C", "Đ"]),
    SCORE: st.one_of(st.just(""), st.integers(1, 10)),
    COMMENT: st.text(st.sampled_from("aàảãáạăâđêôơưỳ ĐÔ.,;:'\"=+-@\n0123456789"), max_size=60),
}
SPELT: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "decomposed": lambda header: unicodedata.normalize("NFD", header),
    "broken into lines": lambda header: header.replace(" ", "\n", 1),
    "shouted": str.upper,
    "padded": lambda header: f"  {header} " if header else "",
}


@st.composite
def grids(draw: st.DrawFn) -> tuple[list[Place], list[PupilRow]]:
    places = draw(st.permutations(draw(st.lists(st.sampled_from(PLACES), min_size=1, max_size=24, unique=True))))
    rows = [
        PupilRow(Pupil(f"k{n}", f"99{n}", f"Lò Thị {['Ánh', 'Bình', 'Chi'][n]}", f"2015-0{n + 1}-03"),
                 {place: draw(TYPED[place.aspect]) for place in places}, {})
        for n in range(draw(st.integers(1, 3)))
    ]  # fmt: skip
    return places, rows


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(grid=grids(), spelling=st.sampled_from(sorted(SPELT)), seed=st.integers(0, 9))
def test_a_grid_in_any_order_and_spelling_comes_back_as_it_was(
    grid: tuple[list[Place], list[PupilRow]], spelling: str, seed: int, tmp_path: Path
) -> None:
    places, rows = grid
    Random(seed).shuffle(places)
    path = write_results(tmp_path / "grid.xlsx", rows, places, spelt=SPELT[spelling])
    read = read_results(read_file(path))
    assert [(row.code, row.name, row.birth, row.class_key) for row in read.rows] == [
        (row.pupil.code, row.pupil.name, row.pupil.birth, row.class_key) for row in rows
    ]
    wanted = [{place: clean_block(str(row.cells[place])) for place in places} for row in rows]
    assert [row.cells for row in read.rows] == wanted
    assert read.findings == ()
