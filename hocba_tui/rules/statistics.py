"""The numbers that a school reports: how many pupils reached what, by grade and by class.

It only counts. Nothing here sorts pupils or classes by a result or computes an average: results are not
for comparing pupils (TT 27/2020 Điều 4.3, 7.1d). Grades and classes are in the order of their names.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from hocba_tui.model.curriculum import SUBJECTS, TRAITS
from hocba_tui.model.pupil import Pupil, Sex
from hocba_tui.model.results import AWARD, AWARD_EXTRA, PROMOTED, Results
from hocba_tui.model.school import ClassRoom
from hocba_tui.model.statistics import (
    EXCELLENT,
    EXEMPLARY,
    EXEMPT,
    MISSING,
    NO,
    NOT_ASSESSED,
    OTHER,
    UNDECIDED,
    YEAR_KINDS,
    YES,
    Count,
    Kind,
    Topic,
    total_of,
)
from hocba_tui.model.values import Outcome, Period, Title
from hocba_tui.rules.awards import title_of
from hocba_tui.rules.curriculum import class_for, grade_of, is_scored, subjects_of, traits_of
from hocba_tui.rules.outcome import completion_of, outcome_of
from hocba_tui.text import fold

_NO_MINORITY = ("", "kinh", "viet", "kinh (viet)", "khong ro", "nuoc ngoai", "nguoi nuoc ngoai")
"""Normalised entries of a list of ethnic groups that do not name a minority of Việt Nam."""
_NO_DISABILITY = ("", "khong", "khong khuyet tat")


@dataclass(frozen=True)
class Member:
    """One pupil of one class, with the results of the year."""

    pupil: Pupil
    classroom: ClassRoom
    results: Results

    @cached_property
    def grade(self) -> int:
        """Return the pupil's own grade."""
        return grade_of(self.pupil, self.classroom)

    @cached_property
    def own_class(self) -> ClassRoom:
        """Return the class as it is for the pupil's own grade."""
        return class_for(self.pupil, self.classroom)

    @cached_property
    def subjects(self) -> frozenset[str]:
        """Return the subjects of the pupil's class and grade, also those from which the pupil is excused."""
        return frozenset(subject.code for subject in subjects_of(self.own_class))

    @cached_property
    def traits(self) -> frozenset[str]:
        """Return the qualities and competencies of the pupil's grade, also those that a plan leaves out."""
        return frozenset(trait.code for trait in traits_of(self.grade))

    @cached_property
    def excused(self) -> frozenset[str]:
        """Return what the pupil is exempt from, and what the individual plan leaves out (Điều 8)."""
        return self.pupil.exempt_subjects | self.pupil.left_out

    @cached_property
    def outcome(self) -> Outcome | None:
        """Return the result of the year, None when there is none."""
        return outcome_of(self.pupil, self.classroom, self.results)

    @cached_property
    def count(self) -> Count:
        """Return the pupil as a count of one."""
        girl = self.pupil.sex == Sex.FEMALE
        minority = fold(self.pupil.ethnic) not in _NO_MINORITY
        # Only a disabled pupil may be without assessment, even where the list does not say "disabled".
        disabled = fold(self.pupil.disability) not in _NO_DISABILITY or not self.pupil.assessed
        return Count(1, int(girl), int(minority), int(girl and minority), int(disabled))


@dataclass(frozen=True)
class Row:
    """The counts of the whole school (grade 0), of a grade (no class) or of a class."""

    grade: int
    class_key: str
    total: Count
    parts: Mapping[str, Count]
    """Category to count; it holds every category of the table, and they add up to ``total``."""

    @property
    def label(self) -> str:
        """Return the name of the school, grade or class."""
        return self.class_key or (f"Khối {self.grade}" if self.grade else "Toàn trường")


Cells = Mapping[tuple[int, str], Mapping[str, Count]]
"""What is in one table: by grade and class, how many pupils are in each of its categories."""


def possible_topics(period: Period) -> tuple[Topic, ...]:
    """Return the tables that there can be of a period, in the order of the report."""
    single = [Topic(kind) for kind in YEAR_KINDS] if period is Period.END_YEAR else []
    by_subject = [Topic(kind, code) for kind in (Kind.LEVELS, Kind.BANDS, Kind.SCORES) for code in SUBJECTS]
    return (*single, *by_subject, *(Topic(Kind.TRAITS, code) for code in TRAITS))


def topics(members: Iterable[Member], period: Period) -> tuple[Topic, ...]:
    """Return the tables of a period: only what somebody studies and what is tested then."""
    one_of_each = list({id(member.own_class): member for member in members}.values())
    return tuple(
        topic for topic in possible_topics(period) if any(concerns(topic, member, period) for member in one_of_each)
    )


def concerns(topic: Topic, member: Member, period: Period) -> bool:
    """Return whether a pupil is counted in a table."""
    if topic.kind is Kind.TRAITS:
        return topic.code in member.traits
    if topic.kind in (Kind.BANDS, Kind.SCORES) and not is_scored(member.own_class, topic.code, period):
        return False
    return not topic.code or topic.code in member.subjects


def category_of(topic: Topic, member: Member, period: Period) -> str:
    """Return the one category of a table in which a pupil is counted.

    A pupil who is not assessed (CoKhuyetTatKhongDanhGia) has a category apart, even when something was entered,
    as in the result of the year; a value that is missing or not lawful is MISSING.
    """
    if topic.kind is Kind.AWARDS:
        return _award(member)
    if topic.kind is Kind.EXTRA_AWARDS:
        return YES if member.results.text(AWARD_EXTRA) else MISSING
    if not member.pupil.assessed:
        return NOT_ASSESSED
    if topic.kind in YEAR_KINDS:
        return _of_the_year(topic.kind, member)
    if topic.code in member.excused:
        return EXEMPT
    if topic.kind in (Kind.LEVELS, Kind.TRAITS):
        found = member.results.level(period, topic.code)
    else:
        score = member.results.score(period, topic.code)
        found = "" if score is None else _band(score) if topic.kind is Kind.BANDS else str(score)
    return found if found in topic.categories else MISSING


def tabulate(members: Iterable[Member], topic: Topic, period: Period, *, sums: bool = True) -> tuple[Row, ...]:
    """Return the rows of one table, see :func:`rows_of`."""
    return rows_of(topic, cells_of(members, topic, period), sums=sums)


def cells_of(members: Iterable[Member], topic: Topic, period: Period) -> Cells:
    """Return what is in one table; a category that nobody is in may be left out."""
    found: dict[tuple[int, str], dict[str, list[int]]] = defaultdict(dict)
    own_class, concerned = None, False
    for member in members:
        if member.own_class is not own_class:
            # A table concerns all pupils of a class and grade, or none: asked once for those who follow each other.
            own_class, concerned = member.own_class, concerns(topic, member, period)
        if concerned:
            parts = found[member.grade, member.classroom.key]
            held = parts.setdefault(category_of(topic, member, period), [0] * len(member.count.values))
            for number, count in enumerate(member.count.values):
                held[number] += count
    return {place: {name: Count(*counts) for name, counts in parts.items()} for place, parts in found.items()}


def rows_of(topic: Topic, cells: Cells, *, sums: bool = True) -> tuple[Row, ...]:
    """Return the rows of one table: the school, then each grade followed by its classes.

    Without ``sums`` only the classes: the sum over a part of the school must not be taken for the whole. A class
    of two grades has a row in each of them.
    """
    classes = [_row(topic, grade, key, [parts]) for (grade, key), parts in sorted(cells.items())]
    if not sums or not classes:
        return tuple(classes)
    rows = [_row(topic, 0, "", [row.parts for row in classes])]
    for grade in sorted({row.grade for row in classes}):
        own = [row for row in classes if row.grade == grade]
        rows += [_row(topic, grade, "", [row.parts for row in own]), *own]
    return tuple(rows)


def _row(topic: Topic, grade: int, class_key: str, summands: Sequence[Mapping[str, Count]]) -> Row:
    none = Count()
    parts = {name: total_of(parts.get(name, none) for parts in summands) for name in topic.categories}
    return Row(grade, class_key, total_of(parts.values()), parts)


def _of_the_year(kind: Kind, member: Member) -> str:
    """Return result, completion or promotion: two independent facts (Điều 11)."""
    if member.outcome is None:
        return MISSING
    if kind is Kind.OUTCOMES:
        return member.outcome.value
    facts = completion_of(member.outcome, member.pupil, member.classroom, member.results)
    if kind is Kind.COMPLETION:
        return YES if facts.completed else NO
    if facts.promoted:
        return YES
    # Not completed: until the principal has decided (Điều 11.1c), the pupil does not count as held back.
    return NO if member.results.text(PROMOTED) else UNDECIDED


def _band(score: int) -> str:
    return next((str(floor) for floor in (9, 7, 5, 1) if floor <= score <= 10), "")


def _award(member: Member) -> str:
    """Return the title of Điều 13.1a, else whether there is another commendation."""
    title = title_of(member.outcome, member.results)
    if title is not None:
        return EXCELLENT if title is Title.XS else EXEMPLARY
    return OTHER if member.results.text(AWARD) else MISSING
