"""What the status line of the grid says: the one thing that matters most now."""

from __future__ import annotations

from collections.abc import Sequence

from hocba_tui.flow.marks import Column
from hocba_tui.model.curriculum import SUBJECTS
from hocba_tui.model.results import AWARD_RECOGNISED, AWARD_TITLE, PROMOTED, YEAR_CELLS, Cell, is_companion
from hocba_tui.model.values import EntryKind, Period
from hocba_tui.widgets.grid_model import CellState, GridCell, GridModel

_HOW_TO_TYPE = {
    PROMOTED: "gõ 1: được lên lớp, 0: chưa",
    AWARD_TITLE: "gõ x: Học sinh Tiêu biểu (Xuất sắc thì tự có)",
    AWARD_RECOGNISED: "gõ x: lớp đã công nhận",
}


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
    elif column.cell in _HOW_TO_TYPE:
        parts.append(_HOW_TO_TYPE[column.cell])
    return " · ".join(parts)


def taken_back(cells: Sequence[tuple[str, Cell]]) -> str:
    """Return what was undone or redone: "Toán cuối năm của 12 em".

    ``cells`` are the pupils' names with the cells that changed.
    """
    cells = [(name, cell) for name, cell in cells if not is_companion(cell)]
    names = list(dict.fromkeys(name for name, _ in cells))
    whose = names[0] if len(names) == 1 and names[0] else f"{len(names)} em"
    places = list(dict.fromkeys(_place(cell) for _, cell in cells))
    what = places[0] if len(places) == 1 else f"{len(cells)} ô"
    return f"{what} của {whose}"


def _place(cell: Cell) -> str:
    if cell in YEAR_CELLS:
        return YEAR_CELLS[cell]
    item = SUBJECTS[cell.item].name if cell.item in SUBJECTS else _TABLES.get(cell.aspect, "Nhận xét")
    return f"{item} {Period(cell.period).label.lower()}"


_TABLES = {"level": "Phẩm chất, năng lực", "comment": "Nhận xét"}


def _cells(model: GridModel, state: CellState) -> list[tuple[str, GridCell]]:
    return [(model.names[row], cell) for row, cells in enumerate(model.cells) for cell in cells if cell.state is state]
