"""What keys do in the grid, in plain lists and from the written rules alone: a second opinion for tests.

Nothing of the app is imported. Keys are letters, digits, comma, point and ⏎ ↓ ↑ → ← ⇥ (Tab) ␣ (Space) ⌫ ⎋ (Esc).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

Place = tuple[int, int]
Value = tuple[Place, str, str | None]
"""A value that a key finished: where, its text, the mark that stood there."""
VALUES = "thcdđTHCDĐ0123456789,."
SENT = {
    "⏎": "\r", "↓": "\x1b[B", "↑": "\x1b[A", "→": "\x1b[C", "←": "\x1b[D",
    "⇥": "\t", "␣": " ", "⌫": "\x7f", "⎋": "\x1b",
}  # fmt: skip
"""What a terminal sends for the keys that are no letters."""
STEPS = {"⏎": (1, 0), "↓": (1, 0), "↑": (-1, 0), "→": (0, 1), "⇥": (0, 1), "←": (0, -1)}


def lawful(text: str, kind: str) -> str | None:
    """Return the mark that a text means in a column of levels (l, traits) or scores (s), None when it is wrong."""
    if kind == "s":
        whole = re.fullmatch(r"([1-9]|10)([.,]0)?", text)
        return whole.group(1) if whole else None
    return {"t": "T", "c": "C", "h": "H", "d": "Đ", "đ": "Đ"}.get(text.lower()) if text else None


def in_reads(keys: str, sizes: Iterator[int]) -> Iterator[str]:
    """Yield ``keys`` in pieces of ``sizes`` as one read of a terminal may bring them.

    A Tab is not sent together with what follows it: a value, a Tab and a value in one read are a pasted block. An Esc
    comes alone: with a key behind it, it would be another key. Backspace behind d is left out: it may be an input
    method's, which has tests of its own.
    """
    keys = re.sub("(?<=[dDđĐ])⌫+", "", keys)
    while keys:
        piece = re.match("⎋|[^⎋]*?⇥|[^⎋]+", keys[: max(1, next(sizes))])
        assert piece
        yield piece.group()
        keys = keys[piece.end() :]


def sent(keys: str) -> str:
    """Return what a terminal sends for keys."""
    return "".join(SENT.get(key, key) for key in keys)


@dataclass
class Oracle:
    """Rows of pupils; columns of kind l (level of a subject), q (level of a trait), s (score), c (comment)."""

    rows: int
    kinds: str
    way: str = "down"
    marks: dict[Place, str] = field(default_factory=dict)
    closed: Collection[Place] = ()
    shut: Mapping[str, str] = field(default_factory=lambda: {"l": "đ", "q": "h"})
    """The letters of levels that a kind of column does not know."""
    at: Place = (0, 0)
    held: str = ""
    wrong: dict[Place, str] = field(default_factory=dict)
    behind: Value | None = None
    """The value that the key before finished."""
    tabs: int | None = None
    end: str = ""
    confirmed: bool = False

    def press(self, key: str) -> bool:
        """Do what a key does; return False for one that opens a comment or leaves the grid."""
        kind = self.kinds[self.at[1]]
        opens = key == "⏎" and not self.behind and kind == "c" and self.tabs is None
        if (opens or (key == "⎋" and self.at not in self.wrong)) and not self.held:
            return False
        behind, confirmed, self.behind, self.confirmed = self.behind, self.confirmed, None, False
        if key in VALUES:
            if kind != "c":
                self._value(key, kind, behind)
        elif key == "⌫":
            self._backspace(kind, behind)
        elif key == "⎋":
            self.tabs = None
            if not self.held:
                del self.wrong[self.at]
            self.held = ""
        elif key == "␣":
            self.tabs = None
            if self._finish_held() or self.end != "class":
                self._on(self.at[0] + 1, min(self._typed(), default=self.at[1]) if self.way == "right" else self.at[1])
        else:
            self._move(key, behind, confirmed)
        return True

    def _value(self, key: str, kind: str, behind: Value | None) -> None:
        if self.end:
            return
        if behind and self.kinds[behind[0][1]] == "s" and behind[1].isdigit() and key in ",.0":
            self._take_back(behind)
            self.held = behind[1] + key
        elif self.at in self.closed:
            return
        elif self.way == "wait":
            self.held += key
        elif self.held == "1" and kind == "s" and key not in "0,.":
            self._advance("1")
            self.behind = None
            self._value(key, self.kinds[self.at[1]], None)
        elif self.held == "1" and kind == "s" and key == "0":
            self._advance("10")
        elif self.held or (key in ",.01" if kind == "s" else not key.isalpha()):
            self.held += key
        else:
            self._advance(key)

    def _advance(self, text: str) -> None:
        place, before = self.at, self.marks.get(self.at)
        self._store(text)
        self._on(*self._next())
        self.behind = (place, text, before)

    def _store(self, text: str) -> None:
        self.held, kind = "", self.kinds[self.at[1]]
        mark = lawful(text, kind)
        if mark is None or text.lower().replace("d", "đ") in self.shut.get(kind, ""):
            self.wrong[self.at] = text
        else:
            self.marks[self.at] = mark
            self.wrong.pop(self.at, None)

    def _finish_held(self) -> bool:
        held = self.held
        if held:
            self._store(held)
        return bool(held)

    def _take_back(self, value: Value) -> None:
        self.at, _, before = value
        self.end = ""
        self.wrong.pop(self.at, None)
        if before is None:
            self.marks.pop(self.at, None)
        else:
            self.marks[self.at] = before

    def _backspace(self, kind: str, behind: Value | None) -> None:
        self.end = ""
        if self.held:
            self.held = self.held[:-1]
        elif behind:
            if behind[1] not in "dDđĐ":
                self._take_back(behind)
        elif self.at in self.closed:
            pass
        elif self.wrong.pop(self.at, None) is None and kind != "c":
            self.marks.pop(self.at, None)

    def _move(self, key: str, behind: Value | None, confirmed: bool) -> None:
        run, self.tabs = self.tabs, None
        row, column = behind[0] if behind else self.at
        if key == "⇥":
            self.tabs = column if run is None else run
        held = self._finish_held()
        if key in "⏎↓" and run is not None:
            self._on(row + 1, run)
        elif behind:
            self._move_behind(key, behind)
        elif held and key == "⏎":
            self._on(*self._next())
        elif (held and key in "↓→⇥") or (confirmed and key == "⏎"):
            self._on(row + STEPS[key][0], column + STEPS[key][1])
        elif key not in {"class": "⏎↓⇥", "row": "→⇥"}.get(self.end, ""):
            self._roam(key)

    def _move_behind(self, key: str, behind: Value) -> None:
        (row, column), *_ = behind
        if key in ("⏎→⇥" if self.way == "right" else "⏎↓"):
            self.confirmed = not self.end
        elif key != "↓" or not self.end:
            self.at, self.end = (row, column), ""
            if key == "←":
                self._roam(key)
            elif key != "↑":
                self._on(row + STEPS[key][0], column + STEPS[key][1])

    def _roam(self, key: str) -> None:
        row, column = self.at[0] + STEPS[key][0], self.at[1] + STEPS[key][1]
        if 0 <= row < self.rows and 0 <= column < len(self.kinds):
            self.at, self.end = (row, column), ""

    def _next(self) -> Place:
        """Return the place behind a value that goes on by itself."""
        row, column = self.at
        if self.way != "right":
            return row + 1, column
        right = [number for number in self._typed() if number > column]
        return (row, right[0]) if right else (row + 1, self._typed()[0])

    def _on(self, row: int, column: int) -> None:
        if row >= self.rows:
            self.end = "class"
        elif column >= len(self.kinds):
            self.end = "row"
        else:
            self.at, self.end = (row, column), ""

    def _typed(self) -> list[int]:
        """Return the columns that are typed with keys and not closed for the whole class."""
        return [
            column
            for column, kind in enumerate(self.kinds)
            if kind != "c" and not all((row, column) in self.closed for row in range(self.rows))
        ]
