"""Where the cursor goes after a value, and what the grid's input asks of the grid."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

Place = tuple[int, int]
"""Row and column."""


class Direction(StrEnum):
    """Where the cursor goes after a value."""

    DOWN = "down"
    RIGHT = "right"
    WAIT = "wait"
    """Nowhere: as in Excel, Enter, Tab or an arrow finishes a value."""

    @property
    def label(self) -> str:
        """Return it in words for the status line."""
        return {"down": "đi xuống", "right": "sang phải", "wait": "đợi Enter"}[self.value]


class Hand(Protocol):
    """What carries out the decisions: a grid on the screen, or plain lists in a test."""

    def store(self, place: Place, text: str) -> None:
        """Store a finished value."""

    def take_back(self, place: Place) -> None:
        """Restore what was in a cell before the value that was typed last."""

    def restore(self, place: Place) -> None:
        """Give up a wrong value: show the stored one."""

    def open(self, place: Place) -> None:
        """Open what takes more than a key: a comment, a conflict."""

    def locked(self) -> None:
        """Say why the active cell is closed."""

    def select(self) -> None:
        """Begin a block at the cursor, unless one has begun."""

    def select_nothing(self) -> None:
        """Select nothing."""

    def clear_block(self) -> None:
        """Empty the selected block."""

    def say(self, words: str) -> None:
        """Tell the person something about the last key."""

    def refuse(self, words: str) -> None:
        """Tell the person that the last key was not taken, and why; it may be heard, too."""

    def travel(self, rows: int, columns: int) -> None:
        """Move the cursor, inside the grid."""

    def repaint(self, place: Place) -> None:
        """Paint a cell again."""
