"""A summary of a pupil in one period, to read while writing a comment."""

from __future__ import annotations

from collections.abc import Iterator

from hocba_tui.flow.grades.marks import Marks
from hocba_tui.model.curriculum import TraitGroup
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.results import (
    ABSENT_EXCUSED,
    ABSENT_UNEXCUSED,
    COMMENT,
    HEIGHT,
    HOMEROOM,
    LEVEL,
    SCORE,
    WEIGHT,
    Cell,
    Results,
)
from hocba_tui.model.values import Period
from hocba_tui.rules.curriculum import class_for, is_scored, subjects_for, traits_for
from hocba_tui.rules.labels import label_of
from hocba_tui.rules.outcome import outcome_of
from hocba_tui.rules.reading import Sensitive

_NOTHING = "—"
_APART = " · "
_COMMENTS = (*TraitGroup, HOMEROOM)


def glance(marks: Marks, pupil: Pupil, cell: Cell) -> tuple[str, ...]:
    """Return lines about ``pupil`` in the period of ``cell``, the most useful first; they may be long.

    Levels and scores of all subjects, qualities and competencies, absences and health, the result of
    the year; then the comment in the same cell of the period before, and the other comments of this one.
    For a fact of the year it is the summary of the year's end.
    """
    results = marks.results.get(pupil.key, Results({}))
    period = Period(cell.period) if cell.period in set(Period) else Period.END_YEAR
    return (
        _APART.join(_subjects(marks, pupil, results, period)),
        *_traits(marks, pupil, results, period),
        _APART.join(_year(marks, pupil, results)),
        *_comments(results, period, cell),
    )


def _subjects(marks: Marks, pupil: Pupil, results: Results, period: Period) -> Iterator[str]:
    own = class_for(pupil, marks.classroom)
    for subject in subjects_for(pupil, marks.classroom):
        values = [results.text(Cell(period, subject.code, LEVEL)) or _NOTHING]
        if is_scored(own, subject.code, period):
            values.append(results.text(Cell(period, subject.code, SCORE)) or _NOTHING)
        yield f"{subject.short} {' '.join(values)}"


def _traits(marks: Marks, pupil: Pupil, results: Results, period: Period) -> Iterator[str]:
    traits = traits_for(pupil, marks.classroom)
    for group in TraitGroup:
        levels = [f"{t.short} {results.level(period, t.code) or _NOTHING}" for t in traits if t.group is group]
        if levels:
            yield f"{group.label}: {_APART.join(levels)}"


def _year(marks: Marks, pupil: Pupil, results: Results) -> Iterator[str]:
    yield f"Nghỉ {results.text(ABSENT_EXCUSED) or _NOTHING} CP, {results.text(ABSENT_UNEXCUSED) or _NOTHING} KP"
    if Sensitive.HEALTH in marks.readable:
        yield f"cao {results.text(HEIGHT) or _NOTHING} cm, nặng {results.text(WEIGHT) or _NOTHING} kg"
    if outcome := outcome_of(pupil, marks.classroom, results):
        yield f"cả năm: {outcome.label}"


def _comments(results: Results, period: Period, cell: Cell) -> Iterator[str]:
    earlier = list(Period)[: list(Period).index(period)]
    if cell.aspect == COMMENT and earlier and (text := results.text(Cell(earlier[-1], cell.item, COMMENT))):
        yield f"{earlier[-1].label}: {text}"
    for item in _COMMENTS:
        other = Cell(period, item, COMMENT)
        if other != cell and (text := results.text(other)):
            yield f"{label_of(other)}: {text}"
