"""Which rules apply in which school year: the law changes, and a record keeps the law of its year.

A version is data. It shares with the version before what the law did not change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

from hocba_tui.model.values import Period

_LANGUAGE_AND_MATHS = ("TV", "TOAN")
_GRADE_3 = (*_LANGUAGE_AND_MATHS, "NN1", "TIN", "CN")
_GRADES_4_5 = (*_LANGUAGE_AND_MATHS, "NN1", "LSDL", "KH", "TIN", "CN")
_TERM_END = {1: _LANGUAGE_AND_MATHS, 2: _LANGUAGE_AND_MATHS, 3: _GRADE_3, 4: _GRADES_4_5, 5: _GRADES_4_5}
_MID_TERM = {4: _LANGUAGE_AND_MATHS, 5: _LANGUAGE_AND_MATHS}


@dataclass(frozen=True, eq=False)
class RuleSet:
    """The rules of the school years from ``since`` on; each version is made once, and no other equals it."""

    since: str
    """First school year, such as 2024-2025."""
    assessment: str
    """The circular on assessing pupils."""
    charter: str
    """The charter of primary schools."""
    records: str
    """The regulation of the digital record."""
    tests: Mapping[Period, Mapping[int, tuple[str, ...]]]
    """Subjects with a periodic test, by period and grade (TT 27/2020 Điều 7.1b)."""
    excellent: int = 9
    good: int = 7
    enough: int = 5
    """The lowest end-of-year score for HTXS, HTT and HT (TT 27/2020 Điều 9.2a)."""
    last_grade: int = 5


_TT_27 = RuleSet(
    since="2024-2025",
    assessment="TT 27/2020/TT-BGDĐT",
    charter="TT 28/2020/TT-BGDĐT",
    records="CV 2088/BGDĐT-GDTH (2024), CV 119/BGDĐT-CNTT (2025)",
    tests={
        Period.MID_1: _MID_TERM,
        Period.END_1: _TERM_END,
        Period.MID_2: _MID_TERM,
        Period.END_YEAR: _TERM_END,
    },
)
"""All five grades are assessed under TT 27/2020 since 2024-2025 (Điều 2)."""

_TT_70 = replace(
    _TT_27,
    since="2026-2027",
    charter="TT 15/2026/TT-BGDĐT",
    records="TT 70/2026/TT-BGDĐT, NĐ 88/2026/NĐ-CP",
)
"""There is new law for the digital record and the charter. Assessment has not changed: the amendment of TT 27/2020
(CV 4582/BGDĐT-GDPT, 20 July 2026) was a draft when this was written, and a draft changes nothing here."""

VERSIONS = (_TT_27, _TT_70)


@cache
def ruleset_of(year: str) -> RuleSet:
    """Return the rules of a school year; for a year before the first version, or none, the first version."""
    return next((rules for rules in reversed(VERSIONS) if rules.since <= year), VERSIONS[0])
