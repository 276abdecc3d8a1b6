"""The result of the year and what follows from it (TT 27/2020, Điều 9.2a, 11, 13)."""

from __future__ import annotations

from dataclasses import dataclass

from hocba_tui.model.pupil import Pupil
from hocba_tui.model.results import LEVEL, PROMOTED, SCORE, Cell, Results
from hocba_tui.model.school import ClassRoom
from hocba_tui.model.values import Outcome, Period
from hocba_tui.rules.curriculum import is_scored, subjects_for, traits_of

LAST_GRADE = 5


def missing_for_outcome(pupil: Pupil, classroom: ClassRoom, results: Results) -> tuple[Cell, ...]:
    """Return the cells without which there is no result of the year."""
    period = Period.END_YEAR
    missing: list[Cell] = []
    for subject in subjects_for(pupil, classroom):
        if not results.level(period, subject.code):
            missing.append(Cell(period, subject.code, LEVEL))
        if is_scored(classroom.grade, subject.code, period) and results.score(period, subject.code) is None:
            missing.append(Cell(period, subject.code, SCORE))
    missing += [
        Cell(period, trait.code, LEVEL) for trait in traits_of(classroom.grade) if not results.level(period, trait.code)
    ]
    return tuple(missing)


def outcome_of(pupil: Pupil, classroom: ClassRoom, results: Results) -> Outcome | None:
    """Return the result of the year, None when data are missing or the pupil is not assessed.

    TT 27/2020 Điều 9.2a, evaluated in order HTXS, HTT, HT, CHT; exempt subjects do not count.
    """
    if not pupil.assessed or missing_for_outcome(pupil, classroom, results):
        return None
    period = Period.END_YEAR
    subjects = subjects_for(pupil, classroom)
    if not subjects:
        return None
    levels = [results.level(period, subject.code) for subject in subjects]
    traits = [results.level(period, trait.code) for trait in traits_of(classroom.grade)]
    scores = [
        score
        for subject in subjects
        if is_scored(classroom.grade, subject.code, period)
        and (score := results.score(period, subject.code)) is not None
    ]
    if all(level == "T" for level in levels + traits):
        if all(score >= 9 for score in scores):
            return Outcome.HTXS
        if all(score >= 7 for score in scores):
            return Outcome.HTT
    if (
        all(level in ("T", "H") for level in levels)
        and all(level in ("T", "Đ") for level in traits)
        and all(score >= 5 for score in scores)
    ):
        return Outcome.HT
    return Outcome.CHT


@dataclass(frozen=True)
class Completion:
    """Two independent facts (Điều 11) and the sentence that the form prints for them."""

    completed: bool
    promoted: bool
    primary_completed: bool
    text: str


def completion_of(outcome: Outcome, grade: int, results: Results) -> Completion:
    """Return completion and promotion.

    Completed exactly when the outcome is HTXS, HTT or HT (Điều 11.1a). Who has not completed is
    promoted only by the principal's decision (Điều 11.1c); without one, not promoted.
    """
    completed = outcome is not Outcome.CHT
    promoted = completed or results.text(PROMOTED) == "1"
    if grade >= LAST_GRADE:
        text = "Hoàn thành chương trình tiểu học." if completed else "Chưa hoàn thành chương trình tiểu học."
        return Completion(completed, promoted, completed, text)
    if completed:
        text = f"Hoàn thành chương trình lớp {grade}; Được lên lớp {grade + 1}."
    elif promoted:
        text = f"Chưa hoàn thành chương trình lớp {grade}; Được lên lớp {grade + 1}."
    else:
        text = f"Chưa hoàn thành chương trình lớp {grade}; Chưa được lên lớp."
    return Completion(completed, promoted, False, text)
