"""Exported Excel files can be imported: the file alone restores the results of a class."""

from __future__ import annotations

from pathlib import Path

import pytest

from hocba_tui.flow.desk import CLASSES, RESULTS, Desk
from hocba_tui.flow.grades.results_import import ResultsRequest, apply, preview
from hocba_tui.flow.importing import RowKind
from hocba_tui.flow.pupils.facts import correct_pupil
from hocba_tui.flow.reports.sheets import export_sheet
from hocba_tui.flow.school.classes import save_class
from hocba_tui.model.results import COMMENT, Cell
from hocba_tui.model.values import Period, SheetForm
from hocba_tui.store.backend import SCHOOL, Edit
from tests.conftest import DeskAs

pytestmark = pytest.mark.usefixtures("read_here")

Facts = dict[tuple[str, str], object]


def facts(desk: Desk, room: str, period: Period) -> Facts:
    """Return the levels, scores and comments of a period by pupil and field."""
    studying = {pupil.key for pupil in desk.pupils(room)}
    return {
        (key, field): value
        for key, document in desk.class_shard(room).table(RESULTS).items() if key in studying
        for field, value in document.items() if Cell.parse(field).period == period
    }  # fmt: skip


def all_in_one_hand(desk: Desk, room: str) -> None:
    """Open every period, and let the homeroom teacher teach everything."""
    opened = list(desk.school.open_periods)
    teachers = dict(desk.classroom(room).teachers)
    desk.store.shard(SCHOOL).change(
        "test", "test",
        [
            Edit(SCHOOL, SCHOOL, "open_periods", opened, [period.value for period in Period]),
            Edit(CLASSES, room, "teachers", teachers, None),
        ],
    )  # fmt: skip


CASES = [*(("5A", period) for period in Period), ("1A", Period.END_YEAR), ("3A", Period.END_1)]


@pytest.mark.parametrize(("room", "period"), CASES)
@pytest.mark.parametrize("form", [SheetForm.CSDL, SheetForm.RESULT_SHEET])
def test_a_class_is_itself_again_from_its_files(
    desk_as: DeskAs, tmp_path: Path, room: str, period: Period, form: SheetForm
) -> None:
    desk = desk_as(f"gv.{room.lower()}")
    all_in_one_hand(desk, room)
    before = facts(desk, room, period)
    assert len(before) > 500
    export_sheet(desk, form, room, period, tmp_path / "results.xlsx")
    export_sheet(desk, SheetForm.COMMENTS, room, period, tmp_path / "comments.xlsx")
    gone = [Edit(RESULTS, key, field, value, None) for (key, field), value in before.items()]
    desk.class_shard(room).change("test", "test", gone)
    assert facts(desk, room, period) == {}
    for name, comments in (("results.xlsx", False), ("comments.xlsx", True)):
        apply(desk, preview(desk, tmp_path / name, ResultsRequest(period, room, comments=comments)))
    assert facts(desk_as("vanthu"), room, period) == before


@pytest.mark.parametrize("form", [SheetForm.CSDL, SheetForm.RESULT_SHEET, SheetForm.COMMENTS])
def test_a_file_that_was_just_written_changes_nothing_and_finds_nothing(
    desk_as: DeskAs, tmp_path: Path, form: SheetForm
) -> None:
    desk = desk_as("gv.5a")
    export_sheet(desk, form, "5A", Period.END_YEAR, tmp_path / "5A.xlsx")
    request = ResultsRequest(Period.END_YEAR, comments=form is SheetForm.COMMENTS)
    found = preview(desk, tmp_path / "5A.xlsx", request)
    assert {line.kind for line in found.lines} == {RowKind.SAME}
    assert (found.findings, found.kept, found.others) == ((), 0, 0)
    aspects = {line.cell.aspect for line in found.lines}
    assert (COMMENT in aspects) == (form is SheetForm.COMMENTS)


def test_the_printed_form_of_a_combined_class_comes_back_sheet_by_sheet(desk_as: DeskAs, tmp_path: Path) -> None:
    """Each grade has a sheet; the signatures of the first are above the pupils of the second."""
    save_class(desk_as("vanthu"), "1A", {"combined": [3]})
    one, *_ = desk_as("vanthu").pupils("1A")
    correct_pupil(desk_as("gv.1a"), "1A", one.key, {"grade": "3"})
    desk = desk_as("gv.1a")
    export_sheet(desk, SheetForm.RESULT_SHEET, "1A", Period.END_YEAR, tmp_path / "1A.xlsx")
    found = preview(desk, tmp_path / "1A.xlsx", ResultsRequest(Period.END_YEAR, "1A"))
    assert (found.findings, found.absent) == ((), ())
    assert {line.kind for line in found.lines} == {RowKind.SAME}
