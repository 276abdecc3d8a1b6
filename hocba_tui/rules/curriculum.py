"""What is required of a pupil in a period: subjects, scores, qualities and competencies."""

from __future__ import annotations

from hocba_tui.model.curriculum import SUBJECTS, TRAITS, Subject, Trait
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.school import ClassRoom
from hocba_tui.model.values import Period

_SCORED_AT_TERM_END = {
    1: ("TV", "TOAN"),
    2: ("TV", "TOAN"),
    3: ("TV", "TOAN", "NN1", "TIN", "CN"),
    4: ("TV", "TOAN", "NN1", "LSDL", "KH", "TIN", "CN"),
    5: ("TV", "TOAN", "NN1", "LSDL", "KH", "TIN", "CN"),
}
_SCORED_AT_MID_TERM = {4: ("TV", "TOAN"), 5: ("TV", "TOAN")}


def subjects_of(classroom: ClassRoom) -> tuple[Subject, ...]:
    """Return the subjects that the class studies, in the order of the card (TT 32/2018)."""
    return tuple(
        subject
        for subject in SUBJECTS.values()
        if classroom.grade in subject.grades
        or (classroom.grade in subject.optional_grades and subject.code in classroom.optional)
    )


def subjects_for(pupil: Pupil, classroom: ClassRoom) -> tuple[Subject, ...]:
    """Return the subjects in which this pupil is assessed: those of the class less exemptions."""
    return tuple(subject for subject in subjects_of(classroom) if subject.code not in pupil.exempt_subjects)


def traits_of(grade: int) -> tuple[Trait, ...]:
    """Return the qualities and competencies of a grade; Công nghệ and Tin học from grade 3 (TT 27 Điều 5)."""
    return tuple(trait for trait in TRAITS.values() if grade in trait.grades)


def is_scored(grade: int, subject: str, period: Period) -> bool:
    """Return whether a periodic test gives a score (TT 27/2020 Điều 7.1b)."""
    if period in (Period.END_1, Period.END_YEAR):
        return subject in _SCORED_AT_TERM_END.get(grade, ())
    return subject in _SCORED_AT_MID_TERM.get(grade, ())
