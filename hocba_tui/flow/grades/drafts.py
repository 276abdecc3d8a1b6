"""A comment being typed: kept as a draft until it is saved or discarded."""

from __future__ import annotations

from typing import NamedTuple

from hocba_tui.flow.desk import Desk
from hocba_tui.model.results import Cell


class Draft(NamedTuple):
    """What somebody typed into one cell and did not save."""

    class_key: str
    pupil: str
    cell: Cell
    text: str


def keep_draft(desk: Desk, class_key: str, pupil: str, cell: Cell, text: str) -> None:
    """Keep what the actor is typing; an empty text removes it. Raise NotSaved when the disk refuses."""
    desk.store.keep_draft(desk.account, f"{desk.school.year}/{class_key}/{pupil}/{cell.field}", text)


def drafts(desk: Desk, class_key: str = "") -> tuple[Draft, ...]:
    """Return the actor's drafts of the present year, of one class or of all, oldest first."""
    found, this_year = [], desk.school.year
    for place, text in desk.store.drafts(desk.account).items():
        year, _, where = place.partition("/")
        if year == this_year:  # Otherwise it is from an earlier year, or not a draft (flow/habits).
            room, pupil, field = where.split("/")
            if class_key in ("", room):
                found.append(Draft(room, pupil, Cell.parse(field), text))
    return tuple(found)
