"""The duties of a class for which somebody has to be found."""

from __future__ import annotations

from collections.abc import Callable

from hocba_tui.model.school import ClassRoom, Staff
from hocba_tui.rules.curriculum import subjects_of


def without_teacher(room: ClassRoom, staff: Callable[[str], Staff]) -> tuple[str, ...]:
    """Return ``homeroom`` and the codes of subjects that nobody has, or somebody who has left or is not known.

    A subject that was not given for itself goes with the homeroom, and is not named beside it. ``staff`` returns the
    member of staff of an account.
    """
    held = {"homeroom": room.homeroom}
    held |= {one.code: room.teachers[one.code] for one in subjects_of(room) if room.teachers.get(one.code)}
    return tuple(what for what, account in held.items() if not account or not (one := staff(account)).name or one.left)
