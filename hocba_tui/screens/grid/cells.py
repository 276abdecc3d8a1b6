"""The grid's cells and columns, made from the marks that flow returns."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from hocba_tui.flow.grades.marks import Column, Marks
from hocba_tui.model.values import EntryKind
from hocba_tui.rules.gaps import Excuse, excuse
from hocba_tui.widgets.grid_model import CellState, GridCell, GridColumn, GridModel

_WIDTHS = {EntryKind.LEVEL: 4, EntryKind.SCORE: 4, EntryKind.NUMBER: 7, EntryKind.MARK: 4}
_NARROW = {EntryKind.LEVEL: 1, EntryKind.SCORE: 2}
_NAMES, _NARROW_NAMES = 26, 16
_EXEMPT = "được miễn môn này; GVCN, hiệu trưởng đổi ở danh sách lớp."


def model_of(marks: Marks) -> GridModel:
    """Return the grid of ``marks``; where columns are narrow, names are shortened too."""
    columns = grid_columns(marks.columns)
    width = _NARROW_NAMES if any(column.group for column in columns) else _NAMES
    names = [shortened(pupil.name, width - 1) for pupil in marks.pupils]
    cells = [[cell_of(marks, row, c) for c in range(len(columns))] for row in range(len(names))]
    return GridModel(columns, [pupil.key for pupil in marks.pupils], names, cells, name_width=width)


def grid_columns(columns: Sequence[Column]) -> list[GridColumn]:
    """Return the columns with widths: one text column gets all the room, several share it; grouped ones are narrow."""
    texts = sum(1 for column in columns if column.kind is EntryKind.TEXT)
    text_width = 30 if texts == 1 else 22
    found: list[GridColumn] = []
    for group, members in groupby(columns, key=lambda column: column.group):
        if group:
            found += _narrow(group, list(members))
        else:
            found += [
                GridColumn(
                    column.title,
                    column.kind,
                    text_width if column.kind is EntryKind.TEXT else max(_WIDTHS[column.kind], len(column.title)),
                    field=column.cell.field,
                )
                for column in members
            ]
    return found


def _narrow(group: str, members: Sequence[Column]) -> list[GridColumn]:
    """Return columns just wide enough for their values; the last one is widened for the name of the group."""
    widths = [max(_NARROW[column.kind], len(_head(column)) - 1) for column in members]
    widths[-1] += max(0, len(group) + 1 - sum(width + 2 for width in widths))
    return [GridColumn(_head(c), c.kind, width, group, c.cell.field) for c, width in zip(members, widths, strict=True)]


def _head(column: Column) -> str:
    return {"Mức": "M", "Điểm": "Đ"}.get(column.title, column.title)


def shortened(name: str, width: int) -> str:
    """Return a name in ``width`` letters: family and middle names become initials, the given name stays complete."""
    words = name.split()
    for place in range(len(words) - 1):
        if len(" ".join(words)) <= width:
            break
        words[place] = f"{words[place][0]}."
    return " ".join(words)


def cell_of(marks: Marks, row: int, column: int) -> GridCell:
    """Return one cell as it is in the store."""
    pupil, found = marks.pupils[row], marks.columns[column]
    text = marks.text(pupil.key, found.cell)
    lock = marks.locks.get((pupil.key, found.cell.field))
    if lock and excuse(pupil, marks.classroom, found.cell) is Excuse.EXEMPT:
        return GridCell(text, CellState.EXEMPT, f"M: {pupil.name} {_EXEMPT}")
    if lock:
        return GridCell(text, CellState.LOCKED, lock)
    if text:
        return GridCell(text, CellState.SAVED)
    return GridCell("", CellState.REQUIRED if found.required else CellState.EMPTY)
