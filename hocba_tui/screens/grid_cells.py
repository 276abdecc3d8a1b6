"""From what the flow knows to what the grid paints."""

from __future__ import annotations

from collections.abc import Sequence

from hocba_tui.flow.marks import Column, Marks
from hocba_tui.model.values import EntryKind
from hocba_tui.widgets.grid_model import CellState, GridCell, GridColumn

_WIDTHS = {EntryKind.LEVEL: 4, EntryKind.SCORE: 4, EntryKind.NUMBER: 7, EntryKind.MARK: 4}


def grid_columns(columns: Sequence[Column]) -> list[GridColumn]:
    """Return the columns with their widths: one text column takes the room, several share it."""
    texts = sum(1 for column in columns if column.kind is EntryKind.TEXT)
    text_width = 30 if texts == 1 else 22
    return [
        GridColumn(
            column.title,
            column.kind,
            text_width if column.kind is EntryKind.TEXT else max(_WIDTHS[column.kind], len(column.title)),
        )
        for column in columns
    ]


def cell_of(marks: Marks, row: int, column: int) -> GridCell:
    """Return one cell as it stands in the store."""
    pupil, found = marks.pupils[row], marks.columns[column]
    text = marks.text(pupil.key, found.cell)
    lock = marks.locks.get((pupil.key, found.cell.field), "")
    if lock:
        return GridCell("M" if not text and "miễn" in lock else text, CellState.LOCKED, lock)
    if text:
        return GridCell(text, CellState.SAVED)
    return GridCell("", CellState.REQUIRED if found.required else CellState.EMPTY)
