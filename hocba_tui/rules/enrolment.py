"""Enrolment: how a change of a pupil's facts changes the pupil's place in the school."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from hocba_tui.model.pupil import Enrolment, Movement, Pupil
from hocba_tui.model.school import ClassRoom
from hocba_tui.rules.curriculum import grade_of


def in_class(pupil: Pupil, was_in: ClassRoom, now_in: ClassRoom) -> Pupil:
    """Return the pupil as a member of another class.

    This year's row of the history gets the new class; the pupil's own grade is kept only in a combined class.
    """
    own = grade_of(pupil, was_in)
    rows = (replace(row, class_name=now_in.key) if row.year == now_in.year else row for row in pupil.history)
    return replace(pupil, history=tuple(rows), grade=own if now_in.combined and own in now_in.grades else None)


def movements(before: Pupil | None, after: Pupil, was_in: str, now_in: str, today: str) -> Iterator[Enrolment]:
    """Yield the movements when ``before`` (None: not at the school) becomes ``after``.

    A pupil who joined is entered on the day given in the facts, else on ``today`` (ISO); so is a change of class.
    """
    if before is None:
        if after.joined or after.studying:  # For somebody listed only as having left, the day of joining is unknown.
            yield Enrolment(Movement.CAME.value, after.joined or today)
    elif before.left and not after.left:
        yield Enrolment(Movement.RETURNED.value, after.joined if after.joined != before.joined else today)
    if before is not None and was_in != now_in:
        yield Enrolment(Movement.CHANGED_CLASS.value, today, was_in)
    if after.left and (before is None or not before.left):
        yield Enrolment(Movement.LEFT.value, after.left, "", after.left_reason)
