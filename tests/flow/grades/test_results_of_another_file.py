"""A results file of another period, year, class or grade is refused by name, our own exports included."""

from __future__ import annotations

from pathlib import Path

import pytest

from hocba_tui.flow.desk import Desk
from hocba_tui.flow.grades.results_import import ResultsPreview, ResultsRequest, preview
from hocba_tui.flow.importing import RowKind
from hocba_tui.flow.reports.sheets import export_sheet
from hocba_tui.model.values import Period, SheetForm
from tests.conftest import DeskAs
from tests.support.result_sheets import write_rows

pytestmark = pytest.mark.usefixtures("read_here")

FIVE = ResultsRequest(Period.END_YEAR, "5A")


def of_pupils(desk: Desk, path: Path, *top: list[object], name: str = "Sheet1", code: bool = True) -> ResultsPreview:
    """Preview a sheet that has a level in maths for three pupils of 5A."""
    head = ["Mã học sinh", "Họ tên", "Toán mức"]
    rows = [[pupil.code if code else "", pupil.name, "H"] for pupil in desk.pupils("5A")[:3]]
    return preview(desk, write_rows(path / "f.xlsx", [*top, head, *rows], name), FIVE)


def said(found: ResultsPreview) -> list[tuple[str, str]]:
    return [(finding.code, finding.message) for finding in found.findings]


@pytest.mark.parametrize("form", [SheetForm.CSDL, SheetForm.RESULT_SHEET, SheetForm.COMMENTS])
@pytest.mark.parametrize("period", [Period.MID_1, Period.END_1, Period.MID_2])
def test_our_own_file_of_another_period_is_refused(
    desk_as: DeskAs, tmp_path: Path, form: SheetForm, period: Period
) -> None:
    desk = desk_as("gv.5a")
    export_sheet(desk, form, "5A", period, tmp_path / "5A.xlsx")
    comments = form is SheetForm.COMMENTS
    found = preview(desk, tmp_path / "5A.xlsx", ResultsRequest(Period.END_YEAR, "5A", comments=comments))
    assert not found.usable
    assert found.lines == ()
    assert {finding.code for finding in found.findings} == {"IN-PERIOD"}
    assert all(period.label in f.message and "Cuối năm" in f.message for f in found.findings)


def test_another_school_year_is_refused_by_name(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("gv.5a")
    assert of_pupils(desk, tmp_path, ["Lớp: 5A", "Năm học: 2025-2026"]).usable
    ((code, message),) = said(of_pupils(desk, tmp_path, ["NĂM HỌC 2024 - 2025"]))
    assert code == "IN-YEAR"
    assert "2024-2025" in message
    assert "2025-2026" in message


def test_a_column_of_another_school_year_is_refused(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("gv.5a")
    pupil = desk.pupils("5A")[0]
    rows = [["Họ tên", "Mã học sinh", "Năm học", "Toán mức"], [pupil.name, pupil.code, "2024-2025", "H"]]
    found = preview(desk, write_rows(tmp_path / "f.xlsx", rows), FIVE)
    assert [finding.code for finding in found.findings] == ["IN-YEAR"]


@pytest.mark.parametrize("code", [True, False])
@pytest.mark.parametrize("top", ["LỚP 4A", "Lớp: 9Z", "Khối 4"])
def test_another_class_or_grade_in_the_title_is_refused(desk_as: DeskAs, tmp_path: Path, top: str, code: bool) -> None:
    found = of_pupils(desk_as("gv.5a"), tmp_path, ["BẢNG ĐIỂM"], [top], code=code)
    assert not found.usable or found.lines == ()
    assert {finding.code for finding in found.findings} <= {"IN-CLASS", "IN-MOVE"}
    assert found.findings


def test_a_sheet_for_each_class_lends_its_class(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("hieutruong")
    path = write_rows(tmp_path / "f.xlsx", [["Họ tên", "Toán mức"], [desk.pupils("4A")[0].name, "H"]], "4A")
    rows = [["Họ tên", "Toán mức"], [desk.pupils("5A")[0].name, "T"]]
    write_rows(path, rows, "Lớp 5A", keep=True)
    found = preview(desk, path, ResultsRequest(Period.END_YEAR))
    assert [(line.class_key, line.after) for line in found.lines if line.kind is not RowKind.SAME] or found.lines
    assert {line.class_key for line in found.lines} == {"4A", "5A"}
    only = preview(desk, path, FIVE)
    assert {line.class_key for line in only.lines} == {"5A"}
    assert (only.usable, only.others) == (True, 1)


def test_a_file_of_another_class_alone_is_an_error_that_names_both(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("hieutruong")
    rows = [["Mã học sinh", "Họ tên", "Lớp", "Toán mức"]]
    rows += [[pupil.code, pupil.name, "4A", "H"] for pupil in desk.pupils("4A")[:3]]
    ((code, message),) = said(preview(desk, write_rows(tmp_path / "f.xlsx", rows), FIVE))
    assert code == "IN-CLASS"
    assert "4A" in message
    assert "5A" in message
