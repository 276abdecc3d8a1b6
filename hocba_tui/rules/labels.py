"""Names of cells, for a teacher."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

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


def brief(cells: Iterable[Cell]) -> str:
    """Return the names of many cells, shortened: "Toán (điểm); Tin (mức, điểm); Y.nước".

    Cells of one subject, and of one group of qualities or competencies, must be next to each other.
    """
    return "; ".join(_together(key, list(found)) for key, found in groupby(cells, key=_heading))


def _heading(cell: Cell) -> str:
    return TRAITS[cell.item].group if cell.item in TRAITS else cell.item


def _together(heading: str, cells: list[Cell]) -> str:
    if heading in SUBJECTS:
        aspects = ", ".join(_ASPECTS[cell.aspect].removesuffix(" KTĐK") for cell in cells)
        return f"{SUBJECTS[heading].short} ({aspects})"
    if cells[0].item in TRAITS:
        few = ", ".join(TRAITS[cell.item].short for cell in cells)
        return few if len(cells) <= _FEW else f"{len(cells)} {TraitGroup(heading).label.lower()}"
    return ", ".join(label_of(cell) for cell in cells)


_FEW = 2
