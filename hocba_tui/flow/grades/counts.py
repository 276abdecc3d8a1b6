"""The counts of a class: how much is missing and how many records are where, without a review each time."""

from __future__ import annotations

import orjson

from hocba_tui.flow.desk import RECORDS, Desk
from hocba_tui.flow.grades import derived
from hocba_tui.flow.grades.derived import Found, Work, pupils_in, results_in
from hocba_tui.model.counts import ClassCounts
from hocba_tui.model.record import Record
from hocba_tui.model.school import ClassRoom
from hocba_tui.rules.counts import count_class
from hocba_tui.store.backend import Snapshot

Counted = Found[ClassCounts]


def counted(desk: Desk, room: ClassRoom) -> Counted:
    """Return a class with its counts as they are now; of a class that cannot be read, why."""
    return derived.find(desk, _COUNTS, room)


def known(desk: Desk, room: ClassRoom) -> Counted | None:
    """Return what was counted last in this session, however long ago; None when nothing was."""
    return derived.known(desk, _COUNTS, room)


def _count(room: ClassRoom, found: Snapshot) -> bytes:
    pupils, documents = pupils_in(found), found.tables.get(RECORDS, {})
    records = {pupil.key: Record.from_fields(pupil.key, documents.get(pupil.key, {})) for pupil in pupils}
    return orjson.dumps(count_class(pupils, room, results_in(found), records).to_fields())


_COUNTS = Work("counts", _count, lambda data: ClassCounts.from_fields(orjson.loads(data)), ClassCounts())
