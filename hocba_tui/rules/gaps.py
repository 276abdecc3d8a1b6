"""What still has to be entered before the record of a pupil's year may be made, and what must stay empty."""

from __future__ import annotations

from enum import StrEnum

from hocba_tui.model.curriculum import SUBJECTS, TraitGroup
from hocba_tui.model.finding import Finding, Severity
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.results import (
    ABSENT_EXCUSED,
    ABSENT_UNEXCUSED,
    COMMENT,
    HEIGHT,
    LEVEL,
    PROMOTED,
    SCORE,
    WEIGHT,
    Cell,
    Results,
    homeroom_comment,
)
from hocba_tui.model.school import ClassRoom
from hocba_tui.model.values import Outcome, Period
from hocba_tui.rules.curriculum import class_for
from hocba_tui.rules.labels import label_of
from hocba_tui.rules.lawful import no_such_cell
from hocba_tui.rules.outcome import missing_marks, outcome_of

_END = Period.END_YEAR
_CODES = {LEVEL: "GAP-LEVEL", SCORE: "GAP-SCORE", COMMENT: "GAP-COMMENT"}
_REQUIRED_COMMENTS = (*(Cell(_END, group, COMMENT) for group in TraitGroup), homeroom_comment(_END))
_REQUIRED_YEAR = (HEIGHT, WEIGHT, ABSENT_EXCUSED, ABSENT_UNEXCUSED)
"""What hbs-1.0 requires in addition to levels and scores (CV 2088, Phụ lục 1.1)."""


def gaps(pupil: Pupil, classroom: ClassRoom, results: Results) -> list[Finding]:
    """Return one error for each empty cell that the record of the year needs."""
    missing = missing_cells(pupil, classroom, results, _END)
    return [_gap(pupil, cell, results.text(cell)) for cell in missing]


def missing_cells(pupil: Pupil, classroom: ClassRoom, results: Results, period: Period) -> tuple[Cell, ...]:
    """Return what is still to be entered for a period: levels and scores; at the year's end all that the card needs.

    Nothing is required for a pupil with a disability who is not assessed.
    """
    if not pupil.assessed:
        return ()
    marks = missing_marks(pupil, classroom, results, period)
    if period is not _END:
        return marks
    comments = (cell for cell in _REQUIRED_COMMENTS if not results.text(cell))
    return (*marks, *comments, *(cell for cell in _REQUIRED_YEAR if results.number(cell) is None))


def _gap(pupil: Pupil, cell: Cell, held: str) -> Finding:
    code, label = _CODES.get(cell.aspect, "GAP-YEAR"), label_of(cell)
    message, remedy = f"Còn trống: {label}.", "Nhập vào ô trống."
    if held:  # Typed text is always lawful; this value came from elsewhere, and no result may depend on it.
        message, remedy = f"{label}: “{held[:12]}” không phải là giá trị hợp lệ.", "Nhập lại ô này."
    return Finding(code, Severity.ERROR, message, pupil.key, cell.field, remedy)


def undecided(pupil: Pupil, classroom: ClassRoom, results: Results) -> list[Finding]:
    """Return an error for a pupil who has not completed the year and has no decision yet (Điều 11.1c)."""
    if outcome_of(pupil, classroom, results) is not Outcome.CHT or results.text(PROMOTED):
        return []
    return [
        Finding(
            "CARRY-UNDECIDED",
            Severity.ERROR,
            "Chưa hoàn thành: cần đánh giá bổ sung; vẫn chưa đạt thì hiệu trưởng quyết định việc lên lớp (Điều 11).",
            pupil.key,
            PROMOTED.field,
            "Hạn của nhóm này là hạn thứ hai; nộp học bạ sau khi có quyết định.",
        )
    ]


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
