"""What is missing, by pupil and by teacher."""

from __future__ import annotations

import pytest

from hocba_tui.errors import NotAllowed
from hocba_tui.flow.desk import RECORDS
from hocba_tui.flow.grades.enter import Typed, enter
from hocba_tui.flow.grades.missing import first_of, missing, owing
from hocba_tui.flow.grades.review import review
from hocba_tui.flow.school.periods import set_open
from hocba_tui.model.results import LEVEL, Cell
from hocba_tui.model.values import Period
from hocba_tui.store.backend import Edit
from tests.conftest import DeskAs

END = Period.END_YEAR


def test_at_the_years_end_it_is_what_the_review_calls_gaps(desk_as: DeskAs) -> None:
    desk = desk_as("gv.5a")
    found = {(one.pupil.key, cell.field) for one in missing(desk, "5A", END) for cell in one.cells}
    assert found == {(gap.pupil, gap.field) for gap in review(desk, "5A").gaps}
    assert found


def test_an_emptied_cell_of_an_earlier_period_is_missing_and_its_teacher_owes_it(desk_as: DeskAs) -> None:
    set_open(desk_as("hieutruong"), Period.MID_1, is_open=True, reason="bổ sung")
    teacher = desk_as("gv.tin")
    assert missing(teacher, "5A", Period.MID_1) == ()
    cell = Cell(Period.MID_1, "TIN", LEVEL)
    pupil = next(p for p in teacher.pupils("5A") if p.assessed)
    level = teacher.results("5A")[pupil.key].text(cell)
    enter(teacher, "5A", [Typed(pupil.key, cell, "", level)])
    assert [(one.pupil.key, one.cells) for one in missing(desk_as("gv.5a"), "5A", Period.MID_1)] == [
        (pupil.key, (cell,))
    ]
    (line,) = owing(desk_as("hieutruong"), Period.MID_1)
    assert (line.teacher, line.class_key, line.subject, line.cells, line.pupils) == ("gv.tin", "5A", "TIN", 1, 1)
    assert first_of(desk_as("hieutruong"), line, Period.MID_1) == (pupil.key, cell)


def test_what_teachers_owe_adds_up_to_what_is_missing(desk_as: DeskAs) -> None:
    desk = desk_as("hieutruong")
    for room in desk.my_classes():
        cells = sum(len(one.cells) for one in missing(desk, room.key, END))
        assert sum(line.cells for line in owing(desk, END, room.key)) == cells
        for line in owing(desk, END, room.key):
            assert line.teacher == (room.teacher_of(line.subject) if line.subject else room.homeroom)
    assert owing(desk, END) == tuple(line for room in sorted(r.key for r in desk.my_classes())
                                     for line in owing(desk, END, room))  # fmt: skip


def test_nothing_is_asked_for_in_a_record_that_was_submitted(desk_as: DeskAs) -> None:
    desk = desk_as("gv.5a")
    first = missing(desk, "5A", END)[0].pupil.key
    desk.class_shard("5A").change("gv.5a", "submit", [Edit(RECORDS, first, "state", None, "submitted")])
    assert first not in {one.pupil.key for one in missing(desk, "5A", END)}


def test_only_who_may_see_a_class_sees_what_it_lacks(desk_as: DeskAs) -> None:
    with pytest.raises(NotAllowed):
        missing(desk_as("gv.4a"), "5A", END)
    with pytest.raises(NotAllowed):
        owing(desk_as("gv.4a"), END, "5A")
    assert {line.class_key for line in owing(desk_as("gv.5a"), END)} == {"5A"}
