"""Who enters a cell, in words: the person to whom a locked cell refers a teacher."""

from __future__ import annotations

from collections.abc import Callable

from hocba_tui.model.curriculum import SUBJECTS
from hocba_tui.model.pupil import Sex
from hocba_tui.model.results import Cell
from hocba_tui.model.school import ClassRoom, Staff
from hocba_tui.rules.permits import WHO, Act, act_for_cell

_ADDRESS = {Sex.FEMALE.value: "cô ", Sex.MALE.value: "thầy "}


def addressed(staff: Staff) -> str:
    """Return a teacher's name as colleagues say it: "cô Phạm Thị Hoa"; the account when the name is unknown."""
    return _ADDRESS.get(staff.sex, "") + staff.name if staff.name else staff.key


def keeper_account(cell: Cell, classroom: ClassRoom) -> str | None:
    """Return the account that enters ``cell`` in ``classroom``; None when nobody is assigned."""
    if act_for_cell(cell) is Act.DECIDE_PROMOTION:
        return None
    return (classroom.teacher_of(cell.item) if cell.item in SUBJECTS else classroom.homeroom) or None


def keeper(cell: Cell, classroom: ClassRoom, find: Callable[[str], Staff]) -> str:
    """Return who enters ``cell``: a name with its function in the class when it is known, else the function.

    ``find`` returns the member of staff of an account.
    """
    account = keeper_account(cell, classroom)
    if not account:
        return WHO[act_for_cell(cell)]
    parts = [] if account != classroom.homeroom else [f"GVCN {classroom.key}"]
    if cell.item in SUBJECTS:
        parts.append(f"dạy {SUBJECTS[cell.item].spoken}")
    return f"{addressed(find(account))} ({', '.join(parts)})"
