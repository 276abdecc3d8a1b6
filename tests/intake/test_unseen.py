"""What Excel does not show is never taken silently: hidden sheets, rows, columns; formulas; merged cells; rounding."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from hocba_tui.errors import Refused
from hocba_tui.flow.grades.results_import import ResultsRequest, accept, preview
from hocba_tui.flow.importing import RowKind
from hocba_tui.intake.bank_list import read_bank_list
from hocba_tui.intake.pupil_file import read_pupils
from hocba_tui.intake.results_file import Place, read_results
from hocba_tui.intake.source import read_file
from hocba_tui.intake.staff_list import read_staff_list
from hocba_tui.intake.unseen import cells_in_words
from hocba_tui.intake.workbook import CellValue, Sheet, Unseen
from hocba_tui.model.results import LEVEL, SCORE
from hocba_tui.model.values import Period
from tests.conftest import DeskAs
from tests.support.workbooks import SHEET, patched, sheet_xml

pytestmark = pytest.mark.usefixtures("read_here")

Rows = Sequence[Sequence[object]]
LIST: Rows = [["Mã lớp", "Mã học sinh", "Họ tên"], ["5A", "1", "Lò Thị Ánh"], ["5A", "2", "Lò Văn Ba"]]
RESULTS: Rows = [["Họ tên", "Toán mức", "Toán điểm"], ["Lò Thị Ánh", "T", 9], ["Lò Văn Ba", "H", 7]]


def book(path: Path, rows: Rows, change: Callable[[Worksheet], None], *more: str) -> Path:
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    for row in rows:
        sheet.append(list(row))
    for name in more:
        other = workbook.create_sheet(name)
        for row in rows:
            other.append(list(row))
    change(sheet)
    workbook.save(path)
    return path


def hide(sheet: Worksheet) -> None:
    sheet.sheet_state = "hidden"


def test_a_hidden_sheet_is_named_and_not_read(tmp_path: Path) -> None:
    found = read_pupils(book(tmp_path / "a.xlsx", LIST, hide, "Hai"))
    assert (len(found.pupils), [finding.code for finding in found.findings]) == (2, ["IN-HIDDEN"])
    results = read_results(read_file(book(tmp_path / "b.xlsx", RESULTS, hide, "Hai")))
    assert (len(results.rows), [finding.code for finding in results.findings]) == (2, ["IN-HIDDEN"])


def test_a_table_on_hidden_sheets_alone_is_refused(tmp_path: Path) -> None:
    def all_hidden(sheet: Worksheet) -> None:
        hide(sheet)
        assert sheet.parent is not None
        sheet.parent["Hai"].delete_rows(1, 9)

    for rows, read in ((LIST, read_pupils), (RESULTS, lambda path: read_results(read_file(path)))):
        with pytest.raises(Refused, match="trang ẩn"):
            read(book(tmp_path / "a.xlsx", rows, all_hidden, "Hai"))


def test_hidden_rows_and_columns_are_read_and_named(tmp_path: Path) -> None:
    def some(sheet: Worksheet) -> None:
        sheet.row_dimensions[3].hidden = True
        sheet.column_dimensions["C"].hidden = True

    found = read_results(read_file(book(tmp_path / "a.xlsx", RESULTS, some)))
    assert len(found.rows) == 2
    assert [finding.code for finding in found.findings] == ["IN-HIDDEN", "IN-HIDDEN"]
    assert "dòng" in found.findings[0].message
    assert "Toán điểm" in found.findings[1].message


def formulas(path: Path, value: str = "<v>9</v>") -> Path:
    heads = dict(zip("ABCF", (*RESULTS[0], "STT"), strict=True))
    head = "".join(f'<c r="{c}1" t="inlineStr"><is><t>{t}</t></is></c>' for c, t in heads.items())
    rows = f'<row r="1">{head}</row>'
    for number, name in enumerate(("Lò Thị Ánh", "Lò Văn Ba"), start=2):
        rows += (
            f'<row r="{number}"><c r="A{number}" t="inlineStr"><is><t>{name}</t></is></c>'
            f'<c r="C{number}"><f>1+1</f>{value}</c><c r="F{number}"><f>ROW()</f><v>1</v></c></row>'
        )
    return patched(path, {SHEET: sheet_xml(rows)})


def test_all_formulas_are_named_at_once_and_their_values_are_an_offer(tmp_path: Path) -> None:
    sheets = read_file(formulas(tmp_path / "a.xlsx"))
    found = read_results(sheets)
    assert (found.offers, [(f.code, f.severity.name) for f in found.findings][:1]) == (2, [("IN-FORMULA", "ERROR")])
    assert "C2:C3" in found.findings[0].message
    taken = read_results(sheets, accept_offers=True)
    assert [(f.code, f.severity.name) for f in taken.findings][:1] == [("IN-FORMULA", "HINT")]
    assert [row.cells[Place("TOAN", SCORE)] for row in taken.rows] == ["9", "9"]


def test_a_formula_without_a_stored_value_is_named_as_empty(tmp_path: Path) -> None:
    found = read_results(read_file(formulas(tmp_path / "a.xlsx", "")))
    assert found.offers == 0
    assert found.findings[0].code == "IN-FORMULA-EMPTY"
    assert "C2:C3" in found.findings[0].message


def test_formulas_of_lists_are_offers_too(tmp_path: Path) -> None:
    rows: list[list[CellValue]] = [["Mã lớp", "Mã học sinh", "Họ tên"], ["5A", "1", "x"]]
    sheet = Sheet("S", rows, unseen=Unseen(formulas=((1, 2, True),)))
    source = tmp_path / "unused"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("hocba_tui.intake.pupil_file.read", lambda _: ((sheet,), "a"))
        found = read_pupils(source)
        assert (found.offers, found.accepted().offers, found.findings[0].code) == (1, 1, "IN-FORMULA")
        staff = Sheet("S", [["Họ tên", "Email"], ["x", "x@y.vn"]], unseen=Unseen(formulas=((1, 0, True),)))
        patch.setattr("hocba_tui.intake.staff_list.read", lambda _: ((staff,), "a"))
        assert read_staff_list(source).findings[0].code == "IN-FORMULA"


def test_a_formula_in_a_file_for_the_bank_is_an_error(tmp_path: Path) -> None:
    sheet = Sheet("S", [["Mã", "Lời nhận xét"], ["t1", "Em học đều và chăm."]], unseen=Unseen(formulas=((1, 1, True),)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("hocba_tui.intake.bank_list.read", lambda _: ((sheet,), "a"))
        found = read_bank_list(tmp_path)
    assert [(finding.code, finding.severity.name) for finding in found.findings] == [("IN-FORMULA", "ERROR")]


def test_a_cell_merged_over_pupils_is_an_error_and_a_name_over_two_columns_is_none(tmp_path: Path) -> None:
    def merge(areas: list[str]) -> Callable[[Worksheet], None]:
        def change(sheet: Worksheet) -> None:
            for area in areas:
                sheet.merge_cells(area)

        return change

    found = read_results(read_file(book(tmp_path / "a.xlsx", RESULTS, merge(["B2:B3"]))))
    assert [finding.code for finding in found.findings] == ["IN-MERGED"]
    assert "B2:B3" in found.findings[0].message
    wide: Rows = [["STT", "Họ tên", "", "Toán mức"], [1, "Lò Thị Ánh", "", "T"], [2, "Lò Văn Ba", "", "H"]]
    found = read_results(read_file(book(tmp_path / "b.xlsx", wide, merge(["B2:C2", "B3:C3"]))))
    assert (found.findings, [row.cells[Place("TOAN", LEVEL)] for row in found.rows]) == ((), ["T", "H"])


@pytest.mark.parametrize("score", ["9,0", "9.00", 9.0, "9"])
def test_a_whole_score_is_whole_however_it_is_written(desk_as: DeskAs, tmp_path: Path, score: object) -> None:
    desk = desk_as("gv.5a")
    pupil = desk.pupils("5A")[0]
    rows: Rows = [["Mã học sinh", "Họ tên", "Toán điểm"], [pupil.code, pupil.name, score]]
    found = preview(desk, book(tmp_path / "a.xlsx", rows, lambda _: None), ResultsRequest(Period.END_YEAR, "5A"))
    assert [line.after for line in found.lines] == [9]


def test_a_value_that_excel_shows_rounded_is_an_error_that_says_so(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("gv.5a")
    pupil = desk.pupils("5A")[0]
    rows: Rows = [["Mã học sinh", "Họ tên", "Toán điểm"], [pupil.code, pupil.name, 8.6]]
    found = preview(desk, book(tmp_path / "a.xlsx", rows, lambda _: None), ResultsRequest(Period.END_YEAR, "5A"))
    assert [line.kind for line in found.lines] == [RowKind.WRONG]
    assert "làm tròn" in found.findings[0].message


def test_results_of_formulas_are_written_only_when_they_are_accepted(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("gv.5a")
    path = formulas(tmp_path / "a.xlsx")
    found = preview(desk, path, ResultsRequest(Period.END_YEAR, "5A"))
    assert (found.usable, found.offers) == (False, 2)
    assert accept(desk, found).offers == 0


def test_cells_are_named_as_in_excel() -> None:
    assert cells_in_words([(3, 5), (4, 5), (5, 5), (8, 5), (0, 27)]) == "F4:F6, F9, AB1"
