"""What a cell is called, for a teacher."""

from __future__ import annotations

from hocba_tui.model.curriculum import SUBJECTS, TRAITS, TraitGroup
from hocba_tui.model.results import COMMENT, LEVEL, SCORE, YEAR_CELLS, Cell

_ASPECTS = {LEVEL: "mức", SCORE: "điểm KTĐK", COMMENT: "nhận xét"}


def label_of(cell: Cell) -> str:
    """Return a cell's name for a teacher."""
    if cell in YEAR_CELLS:
        return YEAR_CELLS[cell]
    aspect = _ASPECTS.get(cell.aspect, cell.aspect)
    if cell.item in SUBJECTS:
        return f"{SUBJECTS[cell.item].name}: {aspect}"
    if cell.item in TRAITS:
        return f"{TRAITS[cell.item].group.label} · {TRAITS[cell.item].name}: {aspect}"
    if cell.item in set(TraitGroup):
        return f"Nhận xét {TraitGroup(cell.item).label.lower()}"
    return "Nhận xét của GVCN"
