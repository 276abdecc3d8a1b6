"""Cells that must stay empty for a pupil."""

from __future__ import annotations

from enum import StrEnum

from hocba_tui.model.curriculum import SUBJECTS
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.results import Cell
from hocba_tui.model.school import ClassRoom
from hocba_tui.rules.curriculum import class_for
from hocba_tui.rules.lawful import no_such_cell


class Excuse(StrEnum):
    """Why nothing is entered, in a teacher's words."""

    EXEMPT = "được miễn"
    NOT_ASSESSED = "không đánh giá"
    NOT_PLANNED = "kế hoạch riêng không có"
    NOT_STUDIED = "không học"


def excuse(pupil: Pupil, classroom: ClassRoom, cell: Cell) -> Excuse | None:
    """Return why a pupil has nothing in a cell; None when something is expected or allowed."""
    if not pupil.assessed:
        return Excuse.NOT_ASSESSED
    if cell.item in SUBJECTS and cell.item in pupil.exempt_subjects:
        return Excuse.EXEMPT
    if cell.item in pupil.left_out:
        return Excuse.NOT_PLANNED
    return Excuse.NOT_STUDIED if no_such_cell(cell, class_for(pupil, classroom)) else None
