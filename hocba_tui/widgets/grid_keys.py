"""Keys in the grid: which ones move, which ones a cell accepts, and which ones an input method sent by itself."""

from __future__ import annotations

from enum import Enum

from hocba_tui.model.values import EntryKind

_ALL = 999
_KEYS = {
    EntryKind.LEVEL: "thcđdTHCĐD",
    EntryKind.SCORE: "0123456789.,",
    EntryKind.NUMBER: "0123456789.,xX",
    EntryKind.MARK: "xX1",
}
_D, _D_COMPOSED = "dD", "đĐ"
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


class Heard(Enum):
    """What to do with a key."""

    PASS = "pass"  # noqa: S105
    HOLD = "hold"
    """Do nothing yet: the next key shows whether a person pressed this Backspace."""
    FLUSH = "flush"
    """A person pressed the Backspace that was held back: handle it first."""
    SWALLOW = "swallow"


class DoubleD:
    """Tells the keys that Unikey sends from a person's own, in columns where each d is one pupil's level.

    When a person types d for one pupil after another, Unikey sees "dd": it sends Backspace and đ for the second d,
    and Backspace, d, d for the third (Telex undoes "ddd"). Each of these bursts means one d. Its
    Backspace must not empty the next pupil's cell, and the third burst must not fill two cells.
    """

    def __init__(self) -> None:
        self._after_d = False
        self._held = False
        self._third = float("-inf")

    def hear(self, key: str, char: str, at: float) -> Heard:
        """Return what to do with a key that came ``at`` (seconds); ``char`` is empty outside cells of levels."""
        held, self._held = self._held, False
        after, self._after_d = self._after_d, bool(char) and char in _D + _D_COMPOSED
        third, self._third = self._third, float("-inf")
        if key == "backspace" and after:
            self._held = True
            return Heard.HOLD
        plain = bool(char) and char in _D
        if plain and at - third <= BURST:
            return Heard.SWALLOW
        if held and plain:
            self._third = at
        return Heard.FLUSH if held and not self._after_d else Heard.PASS

    def release(self) -> bool:
        """Return whether a Backspace was held back; then a person pressed it."""
        held, self._held = self._held, False
        return held
