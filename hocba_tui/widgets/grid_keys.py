"""Keys in the grid: which ones move, which ones a cell accepts, and which ones an input method sent by itself."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hocba_tui.model.values import EntryKind

_ALL = 999
_KEYS = {
    EntryKind.LEVEL: "thcđdTHCĐD",
    EntryKind.SCORE: "0123456789.,",
    EntryKind.NUMBER: "0123456789.,xX",
    EntryKind.MARK: "xX1",
}
_OTHER = {EntryKind.LEVEL: "0123456789.,", EntryKind.SCORE: _KEYS[EntryKind.LEVEL]}
LEAPS = {"ctrl+up": (-1, 0), "ctrl+down": (1, 0), "ctrl+left": (0, -1), "ctrl+right": (0, 1)}
"""Keys that go to the next gap in a direction, or else to the edge."""
BURST = 0.05
"""Keys that arrive within so many seconds of each other were sent together; a person types more slowly."""


def step_of(key: str, page: int) -> tuple[int, int] | None:
    """Return how many rows and columns a key moves (the grid stops at its edges); None for other keys."""
    return {
        "up": (-1, 0), "down": (1, 0), "left": (0, -1), "right": (0, 1), "enter": (1, 0),
        "pageup": (-page, 0), "pagedown": (page, 0), "home": (0, -_ALL), "end": (0, _ALL),
        "ctrl+home": (-_ALL, 0), "ctrl+end": (_ALL, 0),
    }.get(key)  # fmt: skip


def accepts(kind: EntryKind, char: str) -> bool:
    """Return whether ``char`` can be typed into a cell of ``kind``."""
    return bool(char) and char in _KEYS.get(kind, "")


_MANY = 8
"""Printable keys that may come at once when a slow line has held them back."""


def pasted_as_keys(text: str, kinds: Sequence[EntryKind]) -> bool:
    """Return whether what came at once is a block that was pasted where the terminal does not mark a paste.

    A Tab between values, or many keys of which one is no value of any of these columns: they must not run as commands.
    """
    if re.search(r"[^\s]\t+[^\s]", text):
        return True
    values = "".join(_KEYS.get(kind, "") + _OTHER.get(kind, "") for kind in kinds)
    printable = [char for char in text if char.isprintable() and char != " "]
    return len(printable) > _MANY and any(char not in values for char in printable)


def other_column(kind: EntryKind, char: str) -> bool:
    """Return whether ``char`` is a value of the column beside: a score in a level, a level in a score."""
    return bool(char) and char in _OTHER.get(kind, "")


class ThirdD:
    """Recognise the second d of a burst that an input method sends for the third d in a row.

    With Unikey on, d typed for one pupil after the other arrives as d, then Backspace đ, then Backspace d d (Telex
    turns "ddd" back into "dd"). Each burst is one d of the person.
    """

    def __init__(self) -> None:
        self._was_d = False
        self._erased = False
        self._third = float("-inf")

    def swallows(self, key: str, char: str, at: float) -> bool:
        """Return whether to ignore a key that came ``at`` (seconds); ``char`` is empty outside cells of levels."""
        plain = bool(char) and char in "dD"
        if plain and at - self._third <= BURST:
            self._third = float("-inf")
            return True
        self._third = at if plain and self._erased else float("-inf")
        self._erased = key == "backspace" and self._was_d
        self._was_d = bool(char) and char in "dDđĐ"
        return False
