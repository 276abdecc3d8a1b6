"""The mark grid without a screen: cells and their states, the cursor, what is displayed where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import product
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size

from hocba_tui.model.values import EntryKind


class CellState(StrEnum):
    """The state of a cell, with the mark that is shown beside its value (never colour alone)."""

    EMPTY = "empty"
    REQUIRED = "required"
    SAVED = "saved"
    SAVING = "saving"
    WRONG = "wrong"
    CONFLICT = "conflict"
    LOCKED = "locked"
    EXEMPT = "exempt"
    CHANGED = "changed"

    @property
    def mark(self) -> str:
        """Return the one-column mark."""
        return _MARKS[self]


_MARKS = {
    CellState.EMPTY: " ",
    CellState.REQUIRED: "_",
    CellState.SAVED: " ",
    CellState.SAVING: "…",
    CellState.WRONG: "!",
    CellState.CONFLICT: "≠",
    CellState.LOCKED: "·",
    CellState.EXEMPT: "M",
    CellState.CHANGED: "*",
}
_NEEDS_SOMETHING = (CellState.REQUIRED, CellState.WRONG, CellState.CONFLICT)
CLOSED = (CellState.LOCKED, CellState.EXEMPT)
"""States of cells in which nothing can be typed now."""


class Block(NamedTuple):
    """A rectangle of cells, its edges included."""

    top: int
    left: int
    bottom: int
    right: int

    def places(self) -> Iterator[tuple[int, int]]:
        """Yield the rows and columns of its cells."""
        return product(range(self.top, self.bottom + 1), range(self.left, self.right + 1))


@dataclass(frozen=True)
class GridColumn:
    """A column: ``width`` in terminal cells without its mark; columns of one ``group`` share a line above them."""

    title: str
    kind: EntryKind
    width: int
    group: str = ""
    field: str = ""
    """Name of the field of its cells."""


@dataclass
class GridCell:
    """One cell: its text, its state, and a word of explanation."""

    text: str = ""
    state: CellState = CellState.EMPTY
    note: str = ""


@dataclass
class GridModel:
    """Rows of pupils, columns of cells, a cursor."""

    columns: Sequence[GridColumn]
    pupils: Sequence[str]
    """The pupils' keys: a row number means another pupil when the class list changes, a key never does."""
    names: Sequence[str]
    cells: list[list[GridCell]]
    row: int = 0
    column: int = 0
    pending: str = ""
    """What is being typed into the active cell and is not finished yet."""
    name_width: int = field(default=26)
    widened: Mapping[int, int] = field(default_factory=dict)
    """Widths of columns of text on a terminal that has room to spare, by number."""
    anchor: tuple[int, int] | None = None
    """The fixed corner of the selected block; the cursor is the opposite one."""
    extending: bool = False
    """Whether every move of the cursor extends the block."""

    @property
    def active(self) -> GridCell:
        """Return the cell under the cursor."""
        return self.cells[self.row][self.column]

    @property
    def empty(self) -> bool:
        """Return whether there is no cell to move to."""
        return not self.names or not self.columns

    @property
    def header(self) -> int:
        """Return how many lines the header has: one more when columns are grouped."""
        return 2 if any(column.group for column in self.columns) else 1

    @property
    def block(self) -> Block | None:
        """Return the selected block, None when there is none."""
        if self.anchor is None:
            return None
        (row, column), (other_row, other_column) = self.anchor, (self.row, self.column)
        return Block(
            min(row, other_row), min(column, other_column), max(row, other_row), max(column, other_column)
        )  # fmt: skip

    def width(self, column: int) -> int:
        """Return how wide a column is shown, in terminal cells without its mark."""
        return self.widened.get(column, self.columns[column].width)

    def spread(self, room: int) -> None:
        """Share what is left of ``room``, the cells beside the names, among the columns of text."""
        texts = [number for number, column in enumerate(self.columns) if column.kind is EntryKind.TEXT]
        spare = room - sum(column.width + 2 for column in self.columns)
        self.widened = {
            number: self.columns[number].width + (spare + place) // len(texts)
            for place, number in enumerate(texts)
            if spare > 0
        }

    def selected(self, row: int, column: int) -> bool:
        """Return whether a cell is in the block."""
        found = self.block
        return found is not None and found.top <= row <= found.bottom and found.left <= column <= found.right

    def deselect(self) -> None:
        """Select nothing."""
        self.anchor, self.extending = None, False

    def move(self, rows: int, columns: int) -> bool:
        """Move the cursor within the grid; return whether it moved."""
        if self.empty:
            return False
        row = min(max(self.row + rows, 0), len(self.names) - 1)
        column = min(max(self.column + columns, 0), len(self.columns) - 1)
        moved = (row, column) != (self.row, self.column)
        self.row, self.column = row, column
        return moved

    def rightwards(self) -> tuple[int, int]:
        """Return the step to the next cell that is typed with keys, right and then in the next row.

        At the end it is a step down, out of the class. It passes over comments and columns that are closed for the
        whole class, never over one pupil's closed cell.
        """
        typed = self._typed()
        right = [number for number in typed if number > self.column]
        if right:
            return 0, right[0] - self.column
        if self.row + 1 == len(self.names):
            return 1, 0
        return self.to_next_pupil() if typed else (0, 0)

    def to_next_pupil(self) -> tuple[int, int]:
        """Return the step to the next row, to its first cell that is typed with keys."""
        return 1, min(self._typed(), default=self.column) - self.column

    def _typed(self) -> list[int]:
        """Return the columns that are typed with keys and not closed for the whole class."""
        return [
            number
            for number, column in enumerate(self.columns)
            if column.kind is not EntryKind.TEXT and any(row[number].state not in CLOSED for row in self.cells)
        ]

    def leap(self, rows: int, columns: int) -> tuple[int, int]:
        """Return the step to the next gap in a direction of one row or column, or else to the edge."""
        row, column = self.row + rows, self.column + columns
        while 0 <= row < len(self.names) and 0 <= column < len(self.columns):
            cell = self.cells[row][column]
            if cell.state in _NEEDS_SOMETHING or (cell.state is CellState.EMPTY and not cell.text):
                return row - self.row, column - self.column
            row, column = row + rows, column + columns
        return row - rows - self.row, column - columns - self.column

    def next_gap(self) -> bool:
        """Move to the next cell that needs a value, down the columns; return whether there is one."""
        rows, total = len(self.names), len(self.names) * len(self.columns)
        here = self.column * rows + self.row
        for step in range(1, total + 1):
            column, row = divmod((here + step) % total, rows)
            if self.cells[row][column].state in _NEEDS_SOMETHING:
                self.row, self.column = row, column
                return True
        return False

    def find(self, folded: str, names: Sequence[str]) -> bool:
        """Move to the next pupil whose folded name contains ``folded``; return whether there is one."""
        for step in range(1, len(names) + 1):
            row = (self.row + step) % len(names)
            if folded in names[row]:
                self.row = row
                return True
        return False

    def shown(self, row: int, column: int) -> tuple[str, CellState]:
        """Return the text of a cell cut to its width, with its state."""
        cell = self.cells[row][column]
        active = (row, column) == (self.row, self.column)
        text = self.pending + "▏" if active and self.pending else cell.text.replace("\n", " ")
        return fit(text, self.width(column)), cell.state


def fit(text: str, width: int) -> str:
    """Return ``text`` in exactly ``width`` terminal cells, with … where it was cut."""
    if cell_len(text) <= width:
        return text + " " * (width - cell_len(text))
    return set_cell_size(text, width - 1) + "…"
