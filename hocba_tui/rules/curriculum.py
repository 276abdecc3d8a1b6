"""What is required for a pupil in a period: subjects, scores, qualities and competencies."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from hocba_tui.model.curriculum import SUBJECTS, TRAITS, Subject, Trait
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.school import ClassRoom
from hocba_tui.model.values import Period
from hocba_tui.rules.versions import RuleSet, ruleset_of


def grade_of(pupil: Pupil, classroom: ClassRoom) -> int:
    """Return the grade of a pupil; in a combined class, the pupil's own."""
    return pupil.grade or classroom.grade


def class_for(pupil: Pupil, classroom: ClassRoom) -> ClassRoom:
    """Return the class as it is for one pupil; in a combined class, with the pupil's own grade only."""
    if not classroom.combined and grade_of(pupil, classroom) == classroom.grade:
        return classroom
    return replace(classroom, grade=grade_of(pupil, classroom), combined=())


def subjects_of(classroom: ClassRoom) -> tuple[Subject, ...]:
    """Return the subjects that the class studies, in the order of the card (TT 32/2018)."""
    return _subjects(classroom.grades, tuple(classroom.optional))


@lru_cache(maxsize=256)
def _subjects(grades: tuple[int, ...], optional: tuple[str, ...]) -> tuple[Subject, ...]:
    return tuple(
        subject
        for subject in SUBJECTS.values()
        if any(
            grade in subject.grades or (grade in subject.optional_grades and subject.code in optional)
            for grade in grades
        )
    )


def subjects_for(pupil: Pupil, classroom: ClassRoom) -> tuple[Subject, ...]:
    """Return the subjects in which this pupil is assessed: those of the pupil's grade without the excused ones.

    Excused are exemptions, and what an individual plan leaves out (TT 27/2020 Điều 8).
    """
    excused = pupil.exempt_subjects | pupil.left_out
    return tuple(subject for subject in subjects_of(class_for(pupil, classroom)) if subject.code not in excused)


@lru_cache(maxsize=64)
def traits_of(*grades: int) -> tuple[Trait, ...]:
    """Return the qualities and competencies of some grades; Công nghệ and Tin học from grade 3 (TT 27 Điều 5)."""
    return tuple(trait for trait in TRAITS.values() if any(grade in trait.grades for grade in grades))


def traits_for(pupil: Pupil, classroom: ClassRoom) -> tuple[Trait, ...]:
    """Return the qualities and competencies in which this pupil is assessed."""
    return tuple(trait for trait in traits_of(grade_of(pupil, classroom)) if trait.code not in pupil.left_out)


def is_scored(classroom: ClassRoom, subject: str, period: Period) -> bool:
    """Return whether a periodic test gives a score (TT 27/2020 Điều 7.1b), in any grade of the class.

    The law provides no score for an optional subject; when the province tests it, the class has it noted.
    """
    return subject in scored_in(classroom, period)


def scored_in(classroom: ClassRoom, period: Period) -> frozenset[str]:
    """Return the subjects with a score in a period, in any grade of the class; see :func:`is_scored`."""
    return _scored(ruleset_of(classroom.year), period, classroom.grades, tuple(classroom.tested))


@lru_cache(maxsize=256)
def _scored(rules: RuleSet, period: Period, grades: tuple[int, ...], tested: tuple[str, ...]) -> frozenset[str]:
    by_grade = rules.tests[period]
    by_law = {subject for grade in grades for subject in by_grade.get(grade, ())}
    return frozenset(by_law.union(tested) if period in (Period.END_1, Period.END_YEAR) else by_law)
