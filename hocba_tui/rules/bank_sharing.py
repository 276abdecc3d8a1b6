"""Which entries of the bank several pupils of a class already have, and what could be said instead."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from hocba_tui.model.bank import BankEntry
from hocba_tui.model.pupil import Pupil
from hocba_tui.rules.bank import generalise
from hocba_tui.rules.comments import COPIED_TO, in_bare_words

_PLACE = re.compile(r"\{(ten|em|be)\}")
_FILLED = {"ten": r"[^\W\d_]+", "em": "(?:em|con)", "be": "(?:cậu bé|cô bé|học sinh)"}
_LONG_ENOUGH = 20
"""Length in characters from which a text inside a longer comment counts as shared."""


def is_shared(others: int) -> bool:
    """Return whether a comment that ``others`` have would be reported when this pupil has it as well."""
    return others + 1 >= COPIED_TO


def holders(entry: BankEntry, comments: Iterable[str]) -> int:
    """Return how many of ``comments`` (see :func:`in_bare_words`) say what ``entry`` says, with any filling."""
    bare = in_bare_words(entry.text)
    literal = max(_PLACE.split(bare)[::2], key=len)
    possible = [text for text in comments if literal in text]
    if not possible:
        return 0
    pattern = _pattern(bare)
    found = pattern.search if len(bare) >= _LONG_ENOUGH else pattern.fullmatch
    return sum(1 for text in possible if found(text))


@lru_cache(maxsize=1024)
def _pattern(bare: str) -> re.Pattern[str]:
    parts = _PLACE.split(bare)
    filled = (re.escape(part) if number % 2 == 0 else _FILLED[part] for number, part in enumerate(parts))
    return re.compile(rf"(?<!\w){''.join(filled)}(?!\w)")


def own_words(text: str, pupil: Pupil) -> str:
    """Return a comment on ``pupil`` without the pupil's name, to compare it with comments on other pupils."""
    return in_bare_words(generalise(text, pupil))


def variants(entry: BankEntry, entries: Iterable[BankEntry]) -> list[BankEntry]:
    """Return the entries that say something similar in other words: for the same item, at the same level."""
    return [
        other
        for other in entries
        if other.code != entry.code
        and other.item == entry.item
        and (not entry.levels or not other.levels or set(entry.levels) & set(other.levels))
    ]
