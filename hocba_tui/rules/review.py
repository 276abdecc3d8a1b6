"""All findings of the rules for a pupil or a class before records may be made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hocba_tui.model.finding import Finding
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.results import Results
from hocba_tui.model.school import ClassRoom
from hocba_tui.model.values import Period
from hocba_tui.rules.awards import award_findings
from hocba_tui.rules.comments import comment_findings, comments_of, copied_comments
from hocba_tui.rules.gaps import gaps, undecided
from hocba_tui.rules.naming import Roll, others_named
from hocba_tui.rules.personal import (
    doubles,
    left_out_without_plan,
    not_assessed,
    personal_findings,
    plan_without_traits,
)
from hocba_tui.rules.unlikely import unlikely

GAP = "GAP"
"""Prefixes of codes that mean: something still has to be entered."""
CARRY = "CARRY"
"""Prefixes of codes that mean: the format cannot carry this pupil's record at present."""

_PERIOD = Period.END_YEAR
"""Only results of the year's end go into a record (TT 27/2020, Phụ lục 1)."""


def review_pupil(pupil: Pupil, classroom: ClassRoom, results: Results) -> tuple[Finding, ...]:
    """Return everything that is missing, impossible or odd for one pupil at the year's end."""
    found = personal_findings(pupil, classroom)
    if pupil.assessed:
        found += plan_without_traits(pupil, classroom)
        found += left_out_without_plan(pupil)
        found += gaps(pupil, classroom, results)
        found += undecided(pupil, classroom, results)
        found += unlikely(pupil, classroom, results, _PERIOD)
        found += comment_findings(pupil, classroom, results, _PERIOD)
        found += award_findings(pupil, classroom, results)
    else:
        found.append(not_assessed(pupil))
    return tuple(found)


def review_class(pupils: Iterable[Pupil], classroom: ClassRoom, results: Mapping[str, Results]) -> tuple[Finding, ...]:
    """Return the findings of every studying pupil, then those that concern several pupils."""
    everybody = tuple(pupils)
    studying = [pupil for pupil in everybody if pupil.studying]
    assessed = [pupil for pupil in studying if pupil.assessed]
    empty = Results({})
    found: list[Finding] = []
    for pupil in studying:
        found += review_pupil(pupil, classroom, results.get(pupil.key, empty))
    roll = Roll(everybody)
    for pupil in assessed:
        found += others_named(pupil, comments_of(pupil, classroom, results.get(pupil.key, empty), _PERIOD), roll)
    found += doubles(studying)
    found += copied_comments(assessed, classroom, results, _PERIOD)
    return tuple(found)
