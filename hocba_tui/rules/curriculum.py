"""What is required for a pupil in a period: subjects, scores, qualities and competencies."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from hocba_tui.model.curriculum import SUBJECTS, TRAITS, Subject, Trait
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.school import ClassRoom
from hocba_tui.model.values import Period
from hocba_tui.rules.versions import ruleset_of

_NOTHING: frozenset[str] = frozenset()


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
    return subjects_in(classroom.grades, classroom.optional)


@lru_cache(maxsize=256)
def subjects_in(grades: tuple[int, ...], optional: tuple[str, ...]) -> tuple[Subject, ...]:
    """Return the subjects of classes of these grades that have chosen these optional subjects."""
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
    subjects = subjects_of(class_for(pupil, classroom))
    excused = excused_from(pupil)
    return tuple(subject for subject in subjects if subject.code not in excused) if excused else subjects


def excused_from(pupil: Pupil) -> frozenset[str]:
    """Return the codes of what the pupil is exempt from, and of what the individual plan leaves out (Điều 8)."""
    return pupil.exempt_subjects | pupil.left_out if pupil.exempt or pupil.not_in_plan else _NOTHING


@lru_cache(maxsize=64)
def traits_of(*grades: int) -> tuple[Trait, ...]:
    """Return the qualities and competencies of some grades; Công nghệ and Tin học from grade 3 (TT 27 Điều 5)."""
    return tuple(trait for trait in TRAITS.values() if any(grade in trait.grades for grade in grades))


def traits_for(pupil: Pupil, classroom: ClassRoom) -> tuple[Trait, ...]:
    """Return the qualities and competencies in which this pupil is assessed."""
    traits = traits_of(grade_of(pupil, classroom))
    left_out = pupil.left_out
    return tuple(trait for trait in traits if trait.code not in left_out) if left_out else traits


def is_scored(classroom: ClassRoom, subject: str, period: Period) -> bool:
    """Return whether a periodic test gives a score (TT 27/2020 Điều 7.1b), in any grade of the class.

    The law provides no score for an optional subject; when the province tests it, the class has it noted.
    """
    return subject in scored_in(classroom.year, classroom.grades, classroom.tested, period)


@lru_cache(maxsize=256)
def scored_in(year: str, grades: tuple[int, ...], tested: tuple[str, ...], period: Period) -> frozenset[str]:
    """Return the subjects with a score in classes of these grades; ``tested`` are those that the province adds."""
    by_law = ruleset_of(year).tests[period]
    added = tested if period in (Period.END_1, Period.END_YEAR) else ()
    return frozenset(added).union(*(by_law.get(grade, ()) for grade in grades))
