"""The result of the year and its consequences (TT 27/2020, Điều 9.2a, 11)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from hocba_tui.model.pupil import Pupil
from hocba_tui.model.results import LEVEL, PROMOTED, SCORE, Cell, Document, Results
from hocba_tui.model.school import ClassRoom
from hocba_tui.model.values import SCORES, SUBJECT_LEVELS, TRAIT_LEVELS, Outcome, Period
from hocba_tui.rules.curriculum import (
    class_for,
    excused_from,
    grade_of,
    is_scored,
    scored_in,
    subjects_for,
    subjects_in,
    traits_for,
    traits_of,
)
from hocba_tui.rules.versions import ruleset_of

_END = Period.END_YEAR


def required_cells(pupil: Pupil, classroom: ClassRoom, period: Period) -> tuple[Cell, ...]:
    """Return the levels and scores that the law requires for a pupil in a period (TT 27/2020 Điều 7, 9.1)."""
    return tuple(mark.cell for mark in _marks(pupil, classroom, period))


class _Mark(NamedTuple):
    """A required cell, its name in the store, and the levels that it may hold; without levels, a score."""

    cell: Cell
    field: str
    levels: tuple[str, ...] = ()

    def held_in(self, fields: Document) -> bool:
        """Return whether these fields of a pupil have something lawful there."""
        value = fields.get(self.field)
        if self.levels:
            return isinstance(value, str) and value in self.levels
        return isinstance(value, int) and not isinstance(value, bool) and value in SCORES


def _marks(pupil: Pupil, classroom: ClassRoom, period: Period) -> tuple[_Mark, ...]:
    own = class_for(pupil, classroom)
    return _required(own.year, own.grade, own.optional, own.tested, excused_from(pupil), pupil.left_out, period)


@lru_cache(maxsize=512)
def _required(
    year: str,
    grade: int,
    optional: tuple[str, ...],
    tested: tuple[str, ...],
    excused: frozenset[str],
    left_out: frozenset[str],
    period: Period,
) -> tuple[_Mark, ...]:
    """Return what is required of all pupils of whom these facts hold: it is the same for most of a grade."""
    scored = scored_in(year, (grade,), tested, period)
    marks: list[_Mark] = []

    def require(item: str, aspect: str, levels: tuple[str, ...] = ()) -> None:
        cell = Cell(period, item, aspect)
        marks.append(_Mark(cell, cell.field, levels))

    for subject in subjects_in((grade,), optional):
        if subject.code not in excused:
            require(subject.code, LEVEL, SUBJECT_LEVELS)
            if subject.code in scored:
                require(subject.code, SCORE)
    for trait in traits_of(grade):
        if trait.code not in left_out:
            require(trait.code, LEVEL, TRAIT_LEVELS)
    return tuple(marks)


def missing_for_outcome(pupil: Pupil, classroom: ClassRoom, results: Results) -> tuple[Cell, ...]:
    """Return the cells that are missing for a result of the year."""
    return missing_marks(pupil, classroom, results, _END)


def missing_marks(pupil: Pupil, classroom: ClassRoom, results: Results, period: Period) -> tuple[Cell, ...]:
    """Return the levels and scores of a period that are empty or not lawful."""
    return tuple(mark.cell for mark in _marks(pupil, classroom, period) if not mark.held_in(results.fields))


def outcome_of(pupil: Pupil, classroom: ClassRoom, results: Results) -> Outcome | None:
    """Return the result of the year, None when data are missing or the pupil is not assessed.

    TT 27/2020 Điều 9.2a, evaluated in order HTXS, HTT, HT, CHT; exempt subjects do not count.
    """
    if not pupil.assessed or missing_for_outcome(pupil, classroom, results):
        return None
    subjects = [subject.code for subject in subjects_for(pupil, classroom)]
    if not subjects:
        return None
    own, rules = class_for(pupil, classroom), ruleset_of(classroom.year)
    levels = [results.level(_END, code) for code in subjects]
    traits = [results.level(_END, trait.code) for trait in traits_for(pupil, classroom)]
    tested = (results.score(_END, code) for code in subjects if is_scored(own, code, _END))
    lowest = min((score for score in tested if score is not None), default=10)
    if all(level == "T" for level in levels + traits):
        if lowest >= rules.excellent:
            return Outcome.HTXS
        if lowest >= rules.good:
            return Outcome.HTT
    if "C" not in levels + traits and lowest >= rules.enough:
        return Outcome.HT
    return Outcome.CHT


@dataclass(frozen=True)
class Completion:
    """Two independent facts (Điều 11) and the sentence that the form prints for them."""

    completed: bool
    promoted: bool
    primary_completed: bool
    text: str


def completion_of(outcome: Outcome, pupil: Pupil, classroom: ClassRoom, results: Results) -> Completion:
    """Return completion and promotion.

    A pupil has completed the year exactly when the outcome is HTXS, HTT or HT (Điều 11.1a). A pupil who has not
    is promoted only by the principal's decision (Điều 11.1c); without one, not promoted. Nobody leaves
    the last grade without having completed primary school.
    """
    grade, completed = grade_of(pupil, classroom), outcome is not Outcome.CHT
    if grade >= ruleset_of(classroom.year).last_grade:
        text = "Hoàn thành chương trình tiểu học." if completed else "Chưa hoàn thành chương trình tiểu học."
        return Completion(completed, completed, completed, text)
    promoted = completed or results.text(PROMOTED) == "1"
    done = "Hoàn thành" if completed else "Chưa hoàn thành"
    onward = f"Được lên lớp {grade + 1}" if promoted else "Chưa được lên lớp"
    return Completion(completed, promoted, False, f"{done} chương trình lớp {grade}; {onward}.")
