"""The progress of each class: how many records are where, and how much is missing."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from hocba_tui.errors import StoreUnusable
from hocba_tui.flow.desk import CLAIMS, PACKAGES, RECORDS, Desk
from hocba_tui.flow.grades.counts import Counted, counted, known
from hocba_tui.flow.grades.derived import pupils_in
from hocba_tui.model.school import ClassRoom
from hocba_tui.model.values import Period, RecordState
from hocba_tui.store.backend import OUTBOX, Snapshot, class_shard

_UNPACKAGED = "unpackaged"


@dataclass(frozen=True)
class Claims:
    """The UUIDs of the records that are in some package."""

    everything: Collection[str]
    by_class: Mapping[str, Collection[str]]
    """By the class of the package."""


@dataclass(frozen=True)
class ClassProgress:
    """The progress of a class."""

    classroom: ClassRoom
    pupils: int
    ready: int
    gaps: int
    submitted: int
    approved: int
    issued: int
    accepted: int
    rejected: int
    unpackaged: int = 0
    """Sealed, but in no package yet: the seal's token failed before the package was signed."""
    unreadable: str = ""
    """Why the files of the class cannot be read: then nothing is counted."""


def count_all(desk: Desk) -> Iterator[Counted]:
    """Yield every class that the actor may see with its counts, the actor's own homeroom class first."""
    return (counted(desk, room) for room in desk.my_classes())


def all_progress(desk: Desk) -> tuple[ClassProgress, ...]:
    """Return the progress of every class that the actor may see."""
    return tuple(map(progress, count_all(desk)))


def sealing_progress(desk: Desk) -> tuple[ClassProgress, ...]:
    """Return the same with what is in no package yet; raise StoreUnusable when the outbox cannot be opened."""
    claimed = claims(desk)
    return tuple(progress(found, unpackaged(desk, found, claimed)) for found in count_all(desk))


def known_progress(desk: Desk) -> tuple[tuple[ClassRoom, ClassProgress | None], ...]:
    """Return the same from what this session has counted, however long ago; None where it has counted nothing yet."""
    found = ((room, known(desk, room)) for room in desk.my_classes())
    return tuple((room, progress(before) if before else None) for room, before in found)


def progress(found: Counted, unpackaged: int = 0) -> ClassProgress:
    """Return the progress of a class from its counts."""
    counts = found.value
    return ClassProgress(
        found.room,
        counts.pupils,
        counts.ready,
        counts.missing(Period.END_YEAR),
        counts.count(RecordState.SUBMITTED),
        counts.count(RecordState.APPROVED),
        counts.count(RecordState.ISSUED, RecordState.SENT),
        counts.count(RecordState.ACCEPTED),
        counts.count(RecordState.REJECTED),
        unpackaged,
        found.unreadable,
    )


def claims(desk: Desk) -> Claims:
    """Return what the outbox's packages have claimed; raise StoreUnusable when it cannot be opened."""
    shard = desk.store.shard(OUTBOX)
    shard.refresh()
    table, before = shard.table(CLAIMS), desk.memory.get((CLAIMS, ""))
    if isinstance(before, Claims) and before.everything is table:  # It is replaced, never changed, by an entry.
        return before
    by_class, packages = defaultdict[str, set[str]](set), shard.table(PACKAGES)
    for uuid, claim in table.items():
        by_class[str(packages.get(str(claim.get("batch")), {}).get("class", ""))].add(uuid)
    found = Claims(table, by_class)
    desk.memory[CLAIMS, ""] = found
    return found


def unpackaged(desk: Desk, found: Counted, claimed: Claims) -> int:
    """Return how many sealed records of a class are in no package yet."""
    if not found.value.count(RecordState.ISSUED):
        return 0
    own = claimed.by_class.get(found.room.key, ())
    basis = hashlib.sha256(" ".join(sorted(own)).encode()).hexdigest()
    before = desk.memory.get((_UNPACKAGED, found.room.key))
    if isinstance(before, _Unpackaged) and before.holds(found.trace, basis):
        return before.count
    name = class_shard(found.room.year, found.room.key)
    try:
        now = desk.store.derived(_UNPACKAGED, name, basis, partial(_unclaimed, claimed.everything))
    except StoreUnusable:
        return 0
    count = int(now.data) if now.data.isdigit() else 0
    desk.memory[_UNPACKAGED, found.room.key] = _Unpackaged(count, now.trace, basis)
    return count


def known_unpackaged(desk: Desk, found: Counted, _: Claims) -> int | None:
    """Return the same as this session counted it last, however long ago; None when it did not."""
    if not found.value.count(RecordState.ISSUED):
        return 0
    before = desk.memory.get((_UNPACKAGED, found.room.key))
    return before.count if isinstance(before, _Unpackaged) else None


@dataclass(frozen=True)
class _Unpackaged:
    count: int
    trace: object
    basis: str

    def holds(self, trace: object, basis: str) -> bool:
        """Return whether nothing has changed since."""
        return self.trace is not None and (self.trace, self.basis) == (trace, basis)


def _unclaimed(claimed: Collection[str], found: Snapshot) -> bytes:
    records = found.tables.get(RECORDS, {})
    own = (records.get(pupil.key, {}) for pupil in pupils_in(found))
    waiting = {str(document.get("uuid")) for document in own if document.get("state") == RecordState.ISSUED}
    return b"%d" % sum(uuid not in claimed for uuid in waiting)
