"""Make a fictitious year of results: four periods, the last one not yet complete."""

from __future__ import annotations

from random import Random
from typing import Any

from hocba_tui.model.curriculum import TraitGroup
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.results import (
    ABSENT_EXCUSED,
    ABSENT_UNEXCUSED,
    COMMENT,
    HEIGHT,
    LEVEL,
    SCORE,
    WEIGHT,
    Cell,
    Results,
    homeroom_comment,
)
from hocba_tui.model.school import ClassRoom
from hocba_tui.model.values import Period
from hocba_tui.rules.curriculum import is_scored, subjects_for, traits_of
from hocba_tui.rules.outcome import outcome_of

_PLAIN = {"T": "T", "Đ": "D", "C": "C"}


def year_of(
    random: Random, pupil: Pupil, classroom: ClassRoom, comments: dict[str, Any], struggling: bool
) -> dict[str, Any]:
    """Return a full year of results for one pupil; a ``struggling`` pupil ends the year with CHT."""
    fields: dict[str, Any] = {}
    ability = 0.1 if struggling else random.betavariate(5, 2)
    for period in Period:
        _period(random, fields, pupil, classroom, comments, period, ability)
    if struggling:
        fields[Cell(Period.END_YEAR, "TOAN", LEVEL).field] = "C"
        fields[Cell(Period.END_YEAR, "TOAN", SCORE).field] = 4
    fields[HEIGHT.field] = 108 + 6 * classroom.grade + random.randint(-6, 7)
    fields[WEIGHT.field] = 15 + 4 * classroom.grade + random.randint(-3, 6)
    fields[ABSENT_EXCUSED.field] = random.choice((0, 0, 0, 1, 2, 2, 3, 4, 6))
    fields[ABSENT_UNEXCUSED.field] = random.choice((0, 0, 0, 0, 0, 1, 2))
    outcome = outcome_of(pupil, classroom, Results(fields))
    if outcome is not None:
        fields[homeroom_comment(Period.END_YEAR).field] = random.choice(comments["homeroom"][outcome.value])
    return fields


def _period(
    random: Random,
    fields: dict[str, Any],
    pupil: Pupil,
    classroom: ClassRoom,
    comments: dict[str, Any],
    period: Period,
    ability: float,
) -> None:
    for subject in subjects_for(pupil, classroom):
        luck = min(1.0, max(0.0, ability + random.gauss(0.12, 0.1)))
        level = "T" if luck > 0.7 else "H"
        fields[Cell(period, subject.code, LEVEL).field] = level
        if is_scored(classroom, subject.code, period):
            fields[Cell(period, subject.code, SCORE).field] = (
                random.choice((8, 9, 9, 10)) if level == "T" else random.choice((5, 6, 7))
            )
        if period in (Period.END_1, Period.END_YEAR) and subject.code in comments["subject"]:
            fields[Cell(period, subject.code, COMMENT).field] = random.choice(comments["subject"][subject.code][level])
    worst: dict[TraitGroup, str] = {}
    for trait in traits_of(classroom.grade):
        level = "T" if ability + random.gauss(0.15, 0.1) > 0.6 else "Đ"
        fields[Cell(period, trait.code, LEVEL).field] = level
        worst[trait.group] = "Đ" if level == "Đ" else worst.get(trait.group, "T")
    for group, level in worst.items():
        fields[Cell(period, group, COMMENT).field] = random.choice(comments[group.value][_PLAIN[level]])


def leave_unfinished(random: Random, results: dict[str, dict[str, Any]]) -> None:
    """Remove part of the results of the last period, as in a school three weeks before the deadline."""
    keys = sorted(results)
    unfinished = keys[len(keys) * 2 // 3 :]
    for key in unfinished:
        results[key].pop(Cell(Period.END_YEAR, "TOAN", SCORE).field, None)
    for key in random.sample(keys, k=min(6, len(keys))):
        results[key].pop(homeroom_comment(Period.END_YEAR).field, None)
    for key in keys[-4:]:
        results[key].pop(HEIGHT.field, None)
        results[key].pop(Cell(Period.END_YEAR, "CC", LEVEL).field, None)
