"""The cell at which somebody was cut off: kept with the person's drafts, and offered once at the next login."""

from __future__ import annotations

import contextlib
from typing import NamedTuple

from hocba_tui.errors import HocbaError
from hocba_tui.flow.desk import PUPILS, Desk
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.results import Cell
from hocba_tui.rules.labels import label_of
from hocba_tui.rules.permits import Act

_PLACE = "habit/place"


class KeptPlace(NamedTuple):
    """A cell of a class, and what it is called."""

    class_key: str
    pupil: str
    field: str
    words: str

    @property
    def params(self) -> dict[str, str]:
        """Return what the grid is opened with."""
        return {"class_key": self.class_key, "pupil": self.pupil, "field": self.field}


def keep_place(desk: Desk, class_key: str, pupil: str, field: str) -> None:
    """Keep where the actor is; NotSaved when the disk refuses."""
    desk.store.keep_draft(desk.actor.key, _PLACE, f"{desk.school.year}/{class_key}/{pupil}/{field}")


def take_place(desk: Desk) -> KeptPlace | None:
    """Return where the actor was cut off, and forget it; None when nothing was kept or that cell is not there now."""
    kept = desk.store.drafts(desk.actor.key).get(_PLACE, "")
    if not kept:
        return None
    with contextlib.suppress(HocbaError):  # A full disk: it is offered once more.
        desk.store.keep_draft(desk.actor.key, _PLACE, "")
    year, *where = kept.split("/")
    if year != desk.school.year or len(where) != 3:
        return None
    class_key, key, field = where
    try:
        allowed = desk.may(Act.VIEW_CLASS, desk.classroom(class_key)).allowed
        pupil = Pupil.from_fields(key, desk.class_shard(class_key).document(PUPILS, key))
    except HocbaError:
        return None
    if not allowed or not pupil.name or not pupil.studying:
        return None
    words = f"Lớp {class_key}, {pupil.name}, {label_of(Cell.parse(field))}."
    return KeptPlace(class_key, key, field, words)
