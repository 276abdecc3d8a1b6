"""Whether a comment names another pupil of the class.

Given names are words of the language (Chăm, Tiến, Nhân, Khoa, Bình) and parts of other names (Tiếng
Anh, Hồ Chí Minh, Hà Nam). So only what is written like a name counts, with a degree of certainty:
a full name, or "em", "bạn", "con" and a name, is certain; a capital letter within a sentence is a hint;
the first word of a sentence does not count.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from hocba_tui.model.finding import Finding, Severity
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.results import Cell
from hocba_tui.rules.capitals import CALLS, OTHERS, PHRASES, PLACES
from hocba_tui.rules.labels import label_of
from hocba_tui.text import loose

_UPPER = "".join(chr(code) for code in (*range(0x41, 0x250), *range(0x1E00, 0x1F00)) if chr(code).isupper())
_CAPITALS = re.compile(rf"(?<!\w)[{_UPPER}][\w'’-]*(?: [{_UPPER}][\w'’-]*)*")
"""Consecutive words that begin with a capital letter."""
_WORD_BEFORE = re.compile(r"([^\W\d_]+) $")
_BEGINNING = re.compile(r"(?:^|[.!?…:;(\[\"“‘\n*•+/–—-]|\d[.)])\s*$")
"""Characters that precede the first word of a sentence, an item or a quotation."""
_TAIL = 12
"""How many characters before a run are examined to see whether it begins a sentence."""


class _Run(NamedTuple):
    """A run of capitalised words: as written, as keys for matching, and the text before it."""

    words: tuple[str, ...]
    keys: tuple[str, ...]
    tail: str

    @property
    def before(self) -> str:
        """Return the word right before the run, in small letters."""
        found = _WORD_BEFORE.search(self.tail)
        return found.group(1).lower() if found else ""

    @property
    def begins(self) -> bool:
        """Return whether the run begins a sentence."""
        return bool(_BEGINNING.search(self.tail))

    def after_call(self) -> _Run:
        """Return the run without an "Em" or "Bạn" that begins the sentence."""
        if self.begins and self.words[0].lower() in CALLS:
            return _Run(self.words[1:], self.keys[1:], f"{self.words[0]} ")
        return self


class Roll:
    """The names of a class, indexed for searching; made once per class."""

    def __init__(self, pupils: Iterable[Pupil]) -> None:
        self._full: dict[tuple[str, ...], set[str]] = defaultdict(set)
        self._given: dict[tuple[str, ...], set[str]] = defaultdict(set)
        for pupil in pupils:
            words = tuple(loose(pupil.name).split())
            if len(words) > 1:
                self._full[words].add(pupil.key)
            for count in (1, 2):
                if len(words) >= count:
                    self._given[words[-count:]].add(pupil.key)
        self._longest = max(map(len, self._full), default=0)
        self._words = {word for name in (*self._full, *self._given) for word in name}

    def knows(self, keys: tuple[str, ...]) -> bool:
        """Return whether any of the words is part of a name."""
        return not self._words.isdisjoint(keys)

    def full_name(self, run: _Run, own: str) -> str | None:
        """Return the longest full name in ``run``; None when there is none or ``own`` has the same name."""
        count = len(run.keys)
        for length in range(min(count, self._longest), 1, -1):
            for start in range(count - length + 1):
                if holders := self._full.get(run.keys[start : start + length]):
                    return None if own in holders else " ".join(run.words[start : start + length])
        return None

    def calls(self, run: _Run, own: str) -> bool:
        """Return whether ``run`` is the usual name of another pupil (An, Minh Anh) and not of ``own``."""
        holders = self._given.get(run.keys, set())
        return bool(holders) and own not in holders


def others_named(pupil: Pupil, comments: Iterable[tuple[Cell, str]], roll: Roll) -> list[Finding]:
    """Return findings where ``comments`` on ``pupil`` name another pupil of the class."""
    found = []
    for cell, text in comments:
        sure, perhaps = names_in(text, pupil.key, roll)
        if sure:
            message = f"{label_of(cell)}: nhắc tên em khác trong lớp ({sure})."
            severity, code = Severity.WARNING, "ODD-OTHER-PUPIL"
        elif perhaps:
            message = f"{label_of(cell)}: “{perhaps}” có phải là tên một em khác trong lớp?"
            severity, code = Severity.HINT, "ODD-PERHAPS-PUPIL"
        else:
            continue
        remedy = "Xem có chép nhầm nhận xét của em khác không; không ghi tên em khác vào học bạ."
        found.append(Finding(code, severity, message, pupil.key, cell.field, remedy))
    return found


def names_in(text: str, own: str, roll: Roll) -> tuple[str | None, str | None]:
    """Return the first certain and the first possible name of another pupil than ``own`` (a key); None for none."""
    perhaps = None
    for written in _runs(text):
        if not roll.knows(written.keys):
            continue
        if name := roll.full_name(written, own):
            return name, None
        run = written.after_call()
        if not roll.calls(run, own) or any(word.isupper() and len(word) > 1 for word in run.words):
            continue  # In a text written in capitals, names cannot be recognised.
        name = " ".join(run.words)
        if run.before in CALLS:
            return name, None
        if not perhaps and _may_be_a_name(run):
            perhaps = name
    return None, perhaps


def _may_be_a_name(run: _Run) -> bool:
    if run.before in OTHERS or " ".join(run.words).lower() in PLACES:
        return False
    return len(run.words) > 1 or not (run.begins or len(run.words[0]) == 1)


@lru_cache(maxsize=8192)
def _runs(text: str) -> tuple[_Run, ...]:
    runs = []
    for match in _CAPITALS.finditer(text):
        words = tuple(match.group().split(" "))
        if text.startswith(PHRASES, match.end() - len(words[-1])):
            words = words[:-1]  # "môn Khoa học"
        start = match.start()
        runs.append(_Run(words, tuple(map(loose, words)), text[max(0, start - _TAIL) : start]))
    return tuple(runs)
