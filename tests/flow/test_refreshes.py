"""A verb opens the school and its class once, and again only after it has waited: what each reads again, counted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hocba_tui.flow.desk import RESULTS, Desk
from hocba_tui.flow.grades import blocks
from hocba_tui.flow.grades.conflicts import clash_over
from hocba_tui.flow.grades.enter import Typed, enter, take_back
from hocba_tui.flow.grades.marks import look_again, open_marks
from hocba_tui.flow.grades.missing import missing
from hocba_tui.flow.grades.results_import import ResultsRequest
from hocba_tui.flow.grades.results_import import apply as apply_results
from hocba_tui.flow.grades.results_import import preview as preview_results
from hocba_tui.flow.grades.retests import Again, assess_again
from hocba_tui.flow.grades.review import review
from hocba_tui.flow.grades.undo import redo, undo
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.results import LEVEL, SCORE, Cell
from hocba_tui.model.values import Period
from tests.conftest import DeskAs
from tests.support.refreshes import counting
from tests.support.result_sheets import PupilRow, write_results

pytestmark = pytest.mark.usefixtures("read_here")

END = Period.END_YEAR
MATHS, SCORED = Cell(END, "TOAN", LEVEL), Cell(END, "TOAN", SCORE)
ONCE = {"school": 1, "5A": 1}

Verb = Callable[[Desk], object]
"""The verb alone: what it needs has been read and written before, over a store that counts nothing."""


def assessed(desk: Desk) -> list[Pupil]:
    return [pupil for pupil in desk.pupils("5A") if pupil.assessed and not pupil.exempt]


def typed(desk: Desk) -> Typed:
    pupil = assessed(desk)[0]
    seen = desk.class_shard("5A").document(RESULTS, pupil.key).get(MATHS.field)
    return Typed(pupil.key, MATHS, "H" if seen == "T" else "T", seen)


# --- grades ---------------------------------------------------------------------------------------


def a_cell(desk: Desk, _: Path) -> Verb:
    one = typed(desk)
    return lambda counted: enter(counted, "5A", [one])


def a_cell_taken_back(desk: Desk, _: Path) -> Verb:
    one = typed(desk)
    enter(desk, "5A", [one])
    back = Typed(one.pupil, one.cell, str(one.seen or ""), one.text)
    return lambda counted: take_back(counted, "5A", [back])


def a_block(desk: Desk, _: Path) -> Verb:
    marks = open_marks(desk, "5A", "TOAN", END)
    top = next(row for row, pupil in enumerate(marks.pupils) if marks.value(pupil.key, MATHS))
    column = [column.cell for column in marks.columns].index(MATHS)
    plan = blocks.fill_down(marks, (top, column, len(marks.pupils) - 1, column), {})
    assert len(plan.writing) > 5
    return lambda counted: blocks.write(counted, "5A", plan)


def an_undo(desk: Desk, _: Path) -> Verb:
    enter(desk, "5A", [typed(desk)])
    return lambda counted: undo(counted, "5A")


def a_redo(desk: Desk, _: Path) -> Verb:
    enter(desk, "5A", [typed(desk)])
    undo(desk, "5A")
    return lambda counted: redo(counted, "5A")


def a_clash(desk: Desk, _: Path) -> Verb:
    one = typed(desk)
    return lambda counted: clash_over(counted, "5A", one, "2026-06-10T10:00:00")


def a_retest(desk: Desk, _: Path) -> Verb:
    pupil = next(pupil for pupil in assessed(desk) if desk.results("5A")[pupil.key].score(END, "TOAN"))
    return lambda counted: assess_again(counted, "5A", pupil.key, SCORED, Again("7", "03/06/2026", "nhầm đề"))


def a_grid(_: Desk, __: Path) -> Verb:
    return lambda counted: open_marks(counted, "5A", "TOAN", END)


def a_grid_that_stays_open(desk: Desk, _: Path) -> Verb:
    marks = open_marks(desk, "5A", "TOAN", END)
    return lambda counted: look_again(counted, marks)


def a_grid_that_somebody_changed(desk: Desk, _: Path) -> Verb:
    marks = open_marks(desk, "5A", "TOAN", END)
    enter(desk, "5A", [typed(desk)])
    return lambda counted: look_again(counted, marks)


def a_review(_: Desk, __: Path) -> Verb:
    return lambda counted: review(counted, "5A")


def what_is_missing(_: Desk, __: Path) -> Verb:
    return lambda counted: missing(counted, "5A", END)


def _results_file(desk: Desk, folder: Path) -> Path:
    place, rows = ("TOAN", LEVEL), []
    for pupil in assessed(desk):
        held = desk.results("5A")[pupil.key].fields.get(MATHS.field)
        rows.append(PupilRow(pupil, {place: "H" if held == "T" else "T"}, {}, "5A"))
    return write_results(folder / "results.xlsx", rows, [place], [])


def a_look_into_a_file_of_results(desk: Desk, folder: Path) -> Verb:
    path = _results_file(desk, folder)
    return lambda counted: preview_results(counted, path, ResultsRequest(END, "5A"))


def a_file_of_results(desk: Desk, folder: Path) -> Verb:
    found = preview_results(desk, _results_file(desk, folder), ResultsRequest(END, "5A"))
    assert len(found.writing) > 5
    return lambda counted: apply_results(counted, found)


TEACHER = {
    a_cell: ONCE,
    a_cell_taken_back: ONCE,
    a_block: ONCE,
    an_undo: ONCE,
    a_redo: ONCE,
    a_clash: ONCE,
    a_retest: ONCE,
    a_grid: ONCE,
    a_grid_that_stays_open: ONCE,
    a_grid_that_somebody_changed: ONCE,
    a_review: ONCE,
    what_is_missing: ONCE,
    a_look_into_a_file_of_results: ONCE,
    a_file_of_results: ONCE,
}
"""By verb of the homeroom teacher: how often the school and each class are read again."""


@pytest.mark.parametrize(("prepared", "cost"), TEACHER.items(), ids=lambda row: getattr(row, "__name__", ""))
def test_a_verb_reads_again_once(
    prepared: Callable[[Desk, Path], Verb], cost: dict[str, int], desk_as: DeskAs, tmp_path: Path
) -> None:
    desk = desk_as("gv.5a")
    verb = prepared(desk, tmp_path)
    counted, refreshes = counting(desk)
    verb(counted)
    assert refreshes.counted == cost
