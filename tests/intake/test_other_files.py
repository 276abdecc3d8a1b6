"""Files of other programs and the wrong reports: read, or named in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from hocba_tui.errors import Refused
from hocba_tui.flow.grades.results_import import ResultsRequest, preview
from hocba_tui.flow.importing import first_of_each
from hocba_tui.intake.pupil_file import read_pupils
from hocba_tui.intake.result_columns import CELL, Meaning, meaning_of
from hocba_tui.intake.results_file import Place, ResultsFile, read_results
from hocba_tui.intake.source import read_file
from hocba_tui.intake.workbook import CellValue, Sheet
from hocba_tui.model.finding import Finding, Severity
from hocba_tui.model.results import LEVEL, SCORE
from hocba_tui.model.values import Period
from tests.conftest import DeskAs
from tests.support.result_sheets import write_rows
from tests.support.table import table
from tests.support.workbooks import ods

pytestmark = pytest.mark.usefixtures("read_here")

YEU_NUOC, NHAN_AI = Place("YN", LEVEL), Place("NA", LEVEL)


def results(*rows: list[CellValue]) -> ResultsFile:
    return read_results([Sheet("S", rows)])


FOUR: list[list[CellValue]] = [
    ["PHÒNG GD&ĐT"], ["BẢNG TỔNG HỢP"], ["Lớp: 5A"],
    ["STT", "Họ và tên", "Môn học và hoạt động giáo dục", "", "", "", "Năng lực cốt lõi", ""],
    ["", "", "Tiếng Việt", "", "Toán", "", "Năng lực chung", ""],
    ["", "", "{}", "", "{}", "", "Tự chủ và tự học", "Giao tiếp và hợp tác"],
    ["", "", "Mức đạt được", "Điểm KTĐK", "Mức đạt được", "Điểm KTĐK", "", ""],
    [1, "Lò Thị Ánh", "T", 9, "H", 7, "T", "Đ"],
]  # fmt: skip


@pytest.mark.parametrize("third", ["", "Đánh giá"])
def test_a_header_of_four_rows(third: str) -> None:
    rows = [[value.format(third) if isinstance(value, str) else value for value in row] for row in FOUR]
    found = results(*rows)
    assert found.findings == ()
    assert [row.cells for row in found.rows] == [{
        Place("TV", LEVEL): "T", Place("TV", SCORE): "9", Place("TOAN", LEVEL): "H", Place("TOAN", SCORE): "7",
        Place("TCTH", LEVEL): "T", Place("GTHT", LEVEL): "Đ",
    }]  # fmt: skip


TICKS: list[list[CellValue]] = [
    ["Họ tên", "Yêu nước", "", "", "Nhân ái", "", ""],
    ["", "T", "Đ", "C", "Tốt", "Đạt", "Cần cố gắng"],
]


def test_a_mark_in_the_column_of_a_level_is_that_level() -> None:
    found = results(*TICKS, ["Lò Thị Ánh", "x", "", "", "", "X", ""], ["Lò Văn Ba", "", "", "✓", 1, 0, ""])
    assert found.findings == ()
    assert [row.cells for row in found.rows] == [{YEU_NUOC: "T", NHAN_AI: "Đ"}, {YEU_NUOC: "C", NHAN_AI: "T"}]
    assert meaning_of(["Toán", "Hoàn thành"]) == Meaning(CELL, "TOAN", LEVEL, "H")


@table("marks", [["x", "x", "", "x", "", ""], ["", "", "", "x", "", ""]])
def test_two_marks_or_none_are_an_error_of_that_pupil(marks: list[CellValue]) -> None:
    found = results(*TICKS, ["Lò Thị Ánh", *marks], ["Lò Văn Ba", "x", "", "", "x", "", ""])
    assert [(finding.code, finding.severity.name) for finding in found.findings] == [("IN-MARK", "ERROR")]
    assert "Lò Thị Ánh" in found.findings[0].message
    assert found.rows[0].cells == {YEU_NUOC: "", NHAN_AI: "T"}


def test_empty_parts_of_open_office_decide_nothing(tmp_path: Path) -> None:
    cell = '<table:table-cell office:value-type="string"><text:p>Mã</text:p></table:table-cell>'
    path = ods(tmp_path / "a.ods", f"<table:table-row>{cell}</table:table-row>",
               ("Configurations2/accelerator/current.xml", "Configurations2/x.rels"))  # fmt: skip
    assert [list(sheet.rows) for sheet in read_file(path)] == [[["Mã"]]]


@pytest.mark.parametrize("name", ["~$ket-qua-5A.xlsx", ".~lock.ket-qua-5A.ods#"])
def test_a_lock_file_is_named_as_one(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\x05Hieu\0" * 30)
    with pytest.raises(Refused, match="tệp khóa") as caught:
        read_file(tmp_path / name)
    assert "ket-qua-5A" in caught.value.now


def test_excel_2003_xml_is_named_as_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    path.write_text(
        '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>'
    )
    with pytest.raises(Refused, match="Excel 2003 XML"):
        read_file(path)


def test_another_report_is_one_sentence(tmp_path: Path) -> None:
    rows: list[list[object]] = [["STT", "Mã học sinh", "Họ và tên", "Lớp", "Hình thức"]]
    rows += [[number, "", f"Trần Thử {number}", "7B", "Đi muộn"] for number in range(1, 500)]
    with pytest.raises(Refused, match="499 dòng mà chỉ 0 dòng"):
        read_pupils(write_rows(tmp_path / "a.xlsx", rows))


def test_results_of_people_nobody_knows_are_one_finding(desk_as: DeskAs, tmp_path: Path) -> None:
    rows: list[list[object]] = [["Họ và tên", "Toán mức"]]
    rows += [[f"Trần Thử {chr(97 + number % 26) * 2}", "T"] for number in range(99)]
    found = preview(desk_as("gv.5a"), write_rows(tmp_path / "a.xlsx", rows), ResultsRequest(Period.END_YEAR, "5A"))
    assert [finding.code for finding in found.findings] == ["IN-WRONG-FILE"]


def test_findings_of_one_kind_are_counted_after_the_first_few_but_offers_are_all_shown() -> None:
    many = [Finding("IN-SEX", Severity.ERROR, f"{n}", "", "", "") for n in range(40)]
    offers = [Finding("IN-ID-OFFER", Severity.WARNING, f"{n}", "", "", "") for n in range(40)]
    shown = list(first_of_each([*many, *offers]))
    assert [more for finding, more in shown if finding.code == "IN-SEX"] == [0, 0, 0, 0, 35]
    assert [more for finding, more in shown if finding.code == "IN-ID-OFFER"] == [0] * 40
