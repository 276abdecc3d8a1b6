"""Tell which of the four periods a text can mean: GK1, giữa học kì I, HKI, CK, cuối năm.

One vocabulary for titles, names of sheets, headers and cells. Texts are compared by
:func:`~hocba_tui.intake.aliases.plain`, so case, tones, dots and the i and y of kì and kỳ do not matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from hocba_tui.intake.aliases import plain
from hocba_tui.model.values import Period

_TERMS = {"1": 1, "i": 1, "mot": 1, "nhat": 1, "2": 2, "ii": 2, "hai": 2}
_HALVES = {"giua": "mid", "g": "mid", "cuoi": "end", "c": "end"}
_PERIODS = {(1, "mid"): Period.MID_1, (1, "end"): Period.END_1, (2, "mid"): Period.MID_2, (2, "end"): Period.END_YEAR}
_TERM = r"(?: ?(?P<term>1|2|ii|i|mot|nhat|hai))?"
_WORDS = re.compile(
    r"(?<![0-9a-z])(?:"
    r"(?P<year>cuoi nam(?: hoc)?|ca nam(?: hoc)?)"
    # Without a half or the number of a term, "kì" says nothing: kiểm tra định kì, kí tên.
    rf"|(?:(?P<half>giua|cuoi) ?(?:hoc ki|hk|ki|k)|(?P<short>g|c) ?(?:hk|k)){_TERM}"
    r"|(?<!dinh )(?:hoc ki|hk|ki) ?(?P<only>1|2|ii|i|mot|nhat|hai)"
    r")(?![0-9a-z])"
)
_LABEL = re.compile(r"(?<![0-9a-z])(?:giai doan|thoi diem(?: danh gia)?|dot danh gia|ki danh gia)(?![0-9a-z])")
"""Words before the name of a period that carry no meaning of their own."""


@dataclass(frozen=True)
class Named:
    """Which period a text names; it may name only half of it ("giữa kì", "học kì II"), or several periods."""

    periods: frozenset[Period] = frozenset()
    """All that the text can mean; empty when it names none."""
    halves: bool = False
    """Whether the text says if the middle or the end of a term is meant."""
    several: bool = False
    """Whether it names more than one: "giữa kì và cuối kì I"."""

    def __bool__(self) -> bool:
        """Return whether the text names a period."""
        return bool(self.periods)


def named_in(text: str, *, cell: bool = False) -> Named:
    """Return the period that ``text`` names.

    A full name wins over a half one: "Học kì I: điểm giữa kì I". With ``cell`` the text is the value of a column of
    periods, in which the number of the term may stand alone.
    """
    words = plain(text)
    full: set[Period] = set()
    terms: set[int] = set()
    halves: set[str] = set()
    if cell and words in _TERMS:
        terms.add(_TERMS[words])
    for found in _WORDS.finditer(words):
        term, half = found["term"] or found["only"], _HALVES.get(found["half"] or found["short"] or "")
        if found["year"]:
            full.add(Period.END_YEAR)
        elif term and half:
            full.add(_PERIODS[_TERMS[term], half])
        elif term:
            terms.add(_TERMS[term])
        elif half:
            halves.add(half)
    if full:
        rest = {_PERIODS[term, "end"] for term in terms if not any(_term_of(period) == term for period in full)}
        return Named(frozenset(full | rest), halves=True, several=len(full | rest) > 1)
    if not (terms or halves):
        return Named()
    pairs = ((term, half) for term in terms or {1, 2} for half in halves or {"mid", "end"})
    several = len(terms) > 1 or len(halves) > 1
    return Named(frozenset(_PERIODS[pair] for pair in pairs), halves=bool(halves), several=several)


def without_names(text: str) -> str:
    """Return the plain words of ``text`` without those that name a period."""
    return " ".join(_LABEL.sub(" ", _WORDS.sub(" ", plain(text))).split())


def together(found: Iterable[Named]) -> Named:
    """Return what several texts name together, such as a title and the header of a column; empty when none does.

    ``periods`` is empty although a text names some when the texts contradict each other: ask :func:`contradict`.
    """
    telling = [named for named in found if named]
    if not telling:
        return Named()
    return Named(
        frozenset(set(Period).intersection(*(named.periods for named in telling))),
        halves=any(named.halves for named in telling),
        several=all(named.several for named in telling),
    )


def contradict(found: Iterable[Named]) -> bool:
    """Return whether the texts name periods and no period fits them all."""
    telling = [named for named in found if named]
    return bool(telling) and not together(telling)


def meant(named: Named) -> frozenset[Period]:
    """Return the periods that are meant: a term alone ("HKI") is its end, whose results are the term's."""
    if named.halves or not named:
        return named.periods
    return named.periods - {Period.MID_1, Period.MID_2}


def _term_of(period: Period) -> int:
    return next(term for (term, _), other in _PERIODS.items() if other is period)
