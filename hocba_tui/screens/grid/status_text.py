"""The text of the grid's status line: the one thing that matters most now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hocba_tui.flow.grades.marks import Column
from hocba_tui.model.curriculum import SUBJECTS
from hocba_tui.model.results import AWARD_RECOGNISED, AWARD_TITLE, PROMOTED, YEAR_CELLS, Cell, is_companion
from hocba_tui.model.values import EntryKind, Period
from hocba_tui.widgets.grid_model import Block, GridCell, GridModel

HOW_TO_TYPE = {
    PROMOTED: "gõ 1: được lên lớp, 0: chưa",
    AWARD_TITLE: "gõ x: Học sinh Tiêu biểu (Xuất sắc thì tự có)",
    AWARD_RECOGNISED: "gõ x: lớp đã công nhận",
}

TAKES = {
    EntryKind.LEVEL: "một chữ là một mức (t, h, c; phẩm chất, năng lực: t, đ, c)",
    EntryKind.SCORE: "số từ 1 đến 10",
    EntryKind.NUMBER: "số, rồi Enter",
    EntryKind.MARK: "gõ x",
    EntryKind.TEXT: "Enter để soạn",
}
"""What a kind of cell takes."""


@dataclass(frozen=True)
class Standing:
    """What is saved and what is not, in the whole class."""

    waiting: int
    """How many cells are not saved yet."""
    saved_at: str
    """Time of the last successful save, empty before the first."""
    alarm: str | None
    """Why the class cannot be read or written at all; None while it can."""
    refusal: str | None
    """Why the disk refuses; None while it does not."""
    told: str
    """Shown while the cursor stays: the reason of the wrong value just typed, a finding; or empty."""
    conflicts: Sequence[tuple[str, GridCell]]
    """Cells that somebody else wrote first, with the pupils' names."""
    wrong: int
    """How many wrong values are not stored."""


def status_line(model: GridModel, columns: Sequence[Column], standing: Standing) -> str:
    """Return the line: refused by the disk, wrong or locked here, in conflict elsewhere, being saved, saved."""
    if model.empty:
        return "Lớp chưa có học sinh."
    if standing.alarm:
        return f"{standing.alarm} Ctrl+S: xem phải làm gì."
    if standing.refusal:
        return f"CHƯA LƯU ĐƯỢC {standing.waiting} ô. {standing.refusal}; đang tự thử lại."
    if standing.told:
        return standing.told
    if model.block:
        return block_words(model.block, extending=model.extending)
    if model.active.note:
        return model.active.note
    # A person whose value lost a conflict must learn of it, wherever the cursor has moved meanwhile.
    for name, cell in standing.conflicts:
        return f"≠ {name}: {cell.note}"
    if standing.waiting:
        return f"đang lưu {standing.waiting} ô"
    return " · ".join(_quiet(columns[model.column], standing))


def _quiet(column: Column, standing: Standing) -> Iterator[str]:
    """Yield what there is to show when nothing is urgent."""
    yield f"đã lưu lúc {standing.saved_at}" if standing.saved_at else "Gõ là lưu ngay; không cần bấm gì thêm."
    if standing.wrong:
        yield f"{standing.wrong} ô sai CHƯA lưu (!), n để tới"
    if column.kind is EntryKind.TEXT:
        yield "Enter để soạn"
    elif column.cell in HOW_TO_TYPE:
        yield HOW_TO_TYPE[column.cell]


def block_words(block: Block, *, extending: bool) -> str:
    """Return what is selected, and what can be done with it."""
    rows, columns = block.bottom - block.top + 1, block.right - block.left + 1
    size = f"{rows} em" if columns == 1 else f"{rows} em × {columns} cột"
    if extending:
        return f"Chọn {size}: mũi tên mở rộng, b xong · g o f j như thường · Esc thôi"
    return f"Chọn {size}: g giống trên · o điền · f chép · j dán · Esc thôi"


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
