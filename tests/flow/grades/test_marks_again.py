"""A grid that is read again after every key: the same as a fresh one, and cheap when only results changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from hocba_tui.clock import Clock
from hocba_tui.errors import NotAllowed
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.grades import marks as marks_module
from hocba_tui.flow.grades.enter import Typed, enter
from hocba_tui.flow.grades.marks import ALL_SHEET, Marks, open_marks
from hocba_tui.flow.pupils.enrolment import leave
from hocba_tui.flow.pupils.facts import correct_pupil
from hocba_tui.flow.school.assigning import assign
from hocba_tui.flow.school.periods import set_open, set_window
from hocba_tui.model.results import LEVEL, Cell
from hocba_tui.model.values import Period
from hocba_tui.store.backend import Edit
from tests.conftest import DeskAs

END = Period.END_YEAR
MATHS = Cell(END, "TOAN", LEVEL)


def opened(desk: Desk, known: Marks | None = None, sheet: str = ALL_SHEET.key) -> Marks:
    return open_marks(desk, "5A", sheet, END, known)


def shown(marks: Marks) -> tuple[object, ...]:
    """Return all that a grid shows."""
    texts: Mapping[tuple[str, str], str] = {
        (pupil.key, column.cell.field): marks.text(pupil.key, column.cell)
        for pupil in marks.pupils
        for column in marks.columns
    }
    return marks.classroom, marks.columns, marks.pupils, marks.locks, texts, marks.seq, marks.basis.school_seq


def type_level(desk: Desk, pupil: str) -> None:
    seen = opened(desk).value(pupil, MATHS)
    assert enter(desk, "5A", [Typed(pupil, MATHS, "H" if seen == "T" else "T", seen)]).entry is not None


def submit(desk: Desk, pupil: str) -> None:
    desk.class_shard("5A").change(desk.account, "submit", [Edit("records", pupil, "state", None, "submitted")])


CHANGES: dict[str, tuple[str, Callable[[Desk, str], object]]] = {
    "a level": ("gv.5a", type_level),
    "a level by somebody else": ("hieutruong", lambda desk, pupil: desk.class_shard("5A").change(
        "hieutruong", "correct", [Edit("results", pupil, MATHS.field, opened(desk).value(pupil, MATHS), "C")])),
    "a name": ("gv.5a", lambda desk, pupil: correct_pupil(desk, "5A", pupil, {"name": "Trần Thị Mới"})),
    "an exemption, written in the class alone": (
        "gv.5a",
        lambda desk, pupil: desk.class_shard("5A").change(
            "gv.5a", "correct", [Edit("pupils", pupil, "exempt", None, "GDTC")]
        ),
    ),
    "a pupil gone": ("gv.5a", lambda desk, pupil: leave(desk, "5A", pupil, "01/06/2026", "Trường khác", "chuyển nhà")),
    "a record submitted": ("gv.5a", submit),
    "a period closed": ("hieutruong", lambda desk, _: set_open(desk, END, is_open=False, reason="hết hạn")),
    "another teacher": ("hieutruong", lambda desk, _: assign(desk, "5A", "TIN", "gv.5a", "01/06/2026")),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_a_grid_read_again_is_a_fresh_one(desk_as: DeskAs, change: str) -> None:
    who, act = CHANGES[change]
    desk = desk_as("gv.5a")
    before = opened(desk)
    pupil = next(p.key for p in before.pupils if p.assessed and not p.exempt_subjects and p.joined < "2026")
    as_read = shown(before)
    act(desk_as(who), pupil)
    again = opened(desk, before)
    assert shown(again) == shown(opened(desk_as("gv.5a"))) != as_read
    assert shown(before) == as_read


def test_another_sheet_is_never_taken_for_the_one_that_is_known(desk_as: DeskAs) -> None:
    desk = desk_as("gv.5a")
    assert shown(opened(desk, opened(desk), "TOAN")) == shown(opened(desk, sheet="TOAN"))


def test_a_window_that_ends_at_midnight_locks_the_cells_of_a_grid_that_stays_open(desk_as: DeskAs) -> None:
    set_window(desk_as("hieutruong"), END, "01/06/2026", "10/06/2026", "đúng hạn")
    desk = desk_as("gv.5a")
    before = opened(desk)
    tomorrow = replace(desk, clock=Clock(date(2026, 6, 11)))
    again = opened(tomorrow, before)
    assert len(again.locks) > len(before.locks)
    assert shown(again) == shown(opened(tomorrow))


def test_a_class_whose_files_get_damaged_is_locked_in_a_grid_that_stays_open(desk_as: DeskAs, store_root: Path) -> None:
    desk = desk_as("gv.5a")
    before = opened(desk)
    with (store_root / "2025-2026" / "5A" / "journal.log").open("ab") as journal:
        journal.write(b"damage\nand more\n")
    again = opened(desk, before)
    assert len(again.locks) == len(again.pupils) * len(again.columns)


def test_who_has_left_the_school_sees_a_known_grid_no_longer(desk_as: DeskAs) -> None:
    desk = desk_as("gv.5a")
    before = opened(desk)
    desk.school_shard.change("admin", "staff", [Edit("staff", "gv.5a", "left", None, "2026-06-09")])
    with pytest.raises(NotAllowed):
        opened(desk, before)


def test_after_a_result_no_lock_and_no_pupil_is_worked_out_again(
    desk_as: DeskAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = desk_as("gv.5a")
    before = opened(desk)
    type_level(desk, before.pupils[0].key)
    monkeypatch.setattr(marks_module, "Locks", None)
    again = opened(desk, before)
    assert again.seq == before.seq + 1
    assert (again.locks, again.pupils) == (before.locks, before.pupils)
    assert again.locks is before.locks
    assert again.pupils is before.pupils
