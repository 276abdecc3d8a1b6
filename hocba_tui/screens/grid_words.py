"""What the status line of the grid says: the one thing that matters most now."""

from __future__ import annotations

from collections.abc import Sequence

from hocba_tui.flow.marks import Column
from hocba_tui.model.results import PROMOTED
from hocba_tui.model.values import EntryKind
from hocba_tui.widgets.grid_model import CellState, GridCell, GridModel


def wrong_cells(model: GridModel) -> list[tuple[str, GridCell]]:
    """Return the cells whose value is wrong and not stored, each with the pupil's name."""
    return _cells(model, CellState.WRONG)


def status_line(model: GridModel, columns: Sequence[Column], waiting: int, saved_at: str, refusal: str) -> str:
    """Return the line: refused by the disk, wrong or locked here, in conflict elsewhere, being saved, saved.

    ``waiting`` is how many cells are not durable yet, ``saved_at`` the time of the last durable save,
    ``refusal`` why the disk refuses (empty while it does not).
    """
    if model.empty:
        return "Lớp chưa có học sinh."
    if refusal:
        return f"CHƯA LƯU ĐƯỢC {waiting} ô. {refusal}; đang tự thử lại."
    if model.active.note:
        return model.active.note
    # The loser of a conflict must hear of it, wherever the cursor has gone meanwhile.
    for name, cell in _cells(model, CellState.CONFLICT):
        return f"≠ {name}: {cell.note}"
    if waiting:
        return f"đang lưu {waiting} ô"
    parts = [f"đã lưu lúc {saved_at}" if saved_at else "Gõ là lưu ngay; không cần bấm gì thêm."]
    if wrong := wrong_cells(model):
        parts.append(f"{len(wrong)} ô sai CHƯA lưu (!), n để tới")
    column = columns[model.column]
    if column.kind is EntryKind.TEXT:
        parts.append("Enter để soạn")
    elif column.cell == PROMOTED:
        parts.append("gõ 1: được lên lớp, 0: chưa")
    return " · ".join(parts)


def _cells(model: GridModel, state: CellState) -> list[tuple[str, GridCell]]:
    return [(model.names[row], cell) for row, cells in enumerate(model.cells) for cell in cells if cell.state is state]
