from __future__ import annotations

from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from hocba_tui.export.excel.workbook import CellValue, Column, Table, book, one_sheet, sheet_title
from hocba_tui.intake.workbook import read_workbook, text_of
from hocba_tui.text import clean_block

pytestmark = pytest.mark.usefixtures("read_here")


@pytest.mark.parametrize(
    "text", ["=1+1", '=HYPERLINK("http://x")', "+84 912", "-5", "@SUM(A1)", "\tTab", "\x01=1+1", "bình thường"]
)
def test_text_that_looks_like_a_formula_stays_text(tmp_path: Path, text: str) -> None:
    path = tmp_path / "out.xlsx"
    path.write_bytes(one_sheet("Sheet1", ["Cột"], [[text]]))
    with ZipFile(path) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
        styles = archive.read("xl/styles.xml")
    shown = text.lstrip("\x01")
    assert b"<f>" not in sheet
    assert (b'quotePrefix="1"' in styles) == (shown[0] in "=+-@\t")
    assert text_of(read_workbook(path)[0].rows[1][0]) == shown.strip()


def read_back(values: list[CellValue]) -> list[object]:
    data = book([Table("Trang", [Column((str(n),), 10) for n in range(len(values))], [values])])
    with TemporaryDirectory() as folder:
        path = Path(folder) / "out.xlsx"
        path.write_bytes(data)
        return list(read_workbook(path)[0].rows[1])


FEW = settings(max_examples=15, deadline=None)
"""Each example is read by a process of its own, and holds some ten texts."""


@FEW
@given(
    st.lists(
        st.text(max_size=60).map(clean_block)
        | st.sampled_from(["_x0041_", "_x000D_", "0012", "3.72E+10", "1/2", "TRUE"]),
        min_size=1,
        max_size=20,
    )
)
def test_any_clean_text_comes_back_as_it_went_out(texts: list[str]) -> None:
    assert read_back([*texts, "."]) == [*texts, "."]


@FEW
@given(st.lists(st.text(st.characters(min_codepoint=0, max_codepoint=0x10FFFF), max_size=30), min_size=1, max_size=20))
def test_no_text_at_all_makes_a_file_that_cannot_be_read(texts: list[str]) -> None:
    assert read_back([*texts, "cuối"])[len(texts)] == "cuối"


def test_scores_are_numbers_codes_are_text_and_nothing_is_nothing() -> None:
    values: list[CellValue] = ["0012", 9, 23.5, None, "", "10"]
    assert read_back(values) == ["0012", 9, 23.5, "", "", "10"]
    sheet = load_workbook(BytesIO(book([Table("T", [Column(("A",), 9)] * 6, [values])]))).worksheets[0]
    assert [cell.data_type for cell in sheet[2]] == ["s", "n", "n", "n", "n", "s"]
    assert [cell.value for cell in sheet[2]][3:5] == [None, None]
    # As text also while somebody types into them: a code keeps its zeros.
    assert [cell.number_format for cell in sheet[2]][:2] == ["@", "General"]


@pytest.mark.parametrize("title", ["5/1", "a:b*c?[d]\\e", "'Lớp'", "", "L" * 40, "   "])
def test_a_title_is_one_that_excel_takes(title: str) -> None:
    made = sheet_title(title)
    assert 1 <= len(made) <= 31
    assert not set(made) & set("[]:*?/\\")
    assert made.strip("'") == made


def test_a_printed_sheet_repeats_its_head_and_leaves_room_to_sign() -> None:
    columns = [Column(("A", "B"), 5), Column(("A", "C"), 5), Column(("D",), 20)]
    table = Table("In", columns, [["x", 1, "y"]] * 3, ("Trường", "Bảng"), ("GVCN", "Hiệu trưởng"), "A3", 1)
    sheet = load_workbook(BytesIO(book([table]))).worksheets[0]
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 8)
    assert sheet.page_setup.fitToHeight == 0
    assert sheet.sheet_properties.pageSetUpPr is not None
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.print_title_rows == "$4:$5"
    assert sheet.freeze_panes == "B6"
    assert {str(area) for area in sheet.merged_cells.ranges} >= {"A1:C1", "A2:C2", "A4:B4", "C4:C5"}
    assert [sheet["A10"].value, sheet["B10"].value] == ["GVCN", "Hiệu trưởng"]


def test_a_table_without_pupils_still_has_its_head_and_signatures() -> None:
    table = Table("In", [Column(("A",), 5)], [], (), ("GVCN",), "A4")
    sheet = load_workbook(BytesIO(book([table]))).worksheets[0]
    assert [cell.value for cell in sheet["A"]] == ["A", None, None, "GVCN"]


def test_no_single_cell_is_merged_because_excel_would_call_the_file_damaged() -> None:
    table = Table("In", [Column(("A",), 5)], [["x"]], ("Trường",), ("GVCN", "Hiệu trưởng"), "A4")
    assert load_workbook(BytesIO(book([table]))).worksheets[0].merged_cells.ranges == set()


def test_every_cell_below_the_head_has_its_lines_and_its_place_whatever_is_in_it() -> None:
    values: list[CellValue] = ["0012", 9, None, "-5"]
    narrow, wide = Column(("A",), 8), Column(("B",), 9)
    made = book([Table("T", [narrow, narrow, narrow, wide], [values])])
    cells = load_workbook(BytesIO(made)).worksheets[0][2]
    for cell in cells:
        assert {cell.border.left.style, cell.border.right.style, cell.border.top.style, cell.border.bottom.style} == {
            "thin"
        }
        assert (cell.alignment.vertical, cell.alignment.wrap_text) == ("top", True)
        assert (cell.font.name, cell.font.sz) == ("Calibri", 11)
    assert [cell.alignment.horizontal for cell in cells] == ["center", "center", "center", None]
    assert [cell.number_format for cell in cells] == ["@", "General", "General", "@"]
    assert [bool(cell.quotePrefix) for cell in cells] == [False, False, False, True]
