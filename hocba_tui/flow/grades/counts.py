"""The counts of a class, worked out once for each state of its journal and kept.

They are looked for in this session's memory, then in the store's cache, and only then worked out. Nothing of them is
truth: they rest on the class's journal, on what the rules read of the class, and on the rules themselves.
"""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

import orjson

import hocba_tui
from hocba_tui.errors import StoreUnusable
from hocba_tui.flow.desk import PUPILS, RECORDS, RESULTS, Desk
from hocba_tui.model.counts import ClassCounts
from hocba_tui.model.pupil import Pupil, class_order
from hocba_tui.model.record import Record
from hocba_tui.model.results import Results
from hocba_tui.model.school import ClassRoom
from hocba_tui.rules.counts import count_class
from hocba_tui.store.backend import Snapshot, class_shard

_WHAT = "counts"
_NONE = ClassCounts()


@dataclass(frozen=True)
class Counted:
    """A class with its counts."""

    room: ClassRoom
    counts: ClassCounts
    damage: str = ""
    """Why the class can only be read; empty when nothing is wrong with its files."""
    unreadable: str = ""
    """Why the class cannot even be read: then nothing is counted."""
    trace: object = None
    """What the class's files looked like; None when the counts must be asked for again."""


def counted(desk: Desk, room: ClassRoom) -> Counted:
    """Return a class with its counts as they are now; of a class that cannot be read, why."""
    name, before = class_shard(room.year, room.key), known(desk, room)
    if before is not None and before.trace is not None and before.trace == desk.store.trace(name):
        return before
    try:
        found = desk.store.derived(_WHAT, name, basis_of(room), functools.partial(_work, room))
        counts = _read(found.data)
        if counts is None:  # The cache held something that was never ours.
            found = desk.store.derived(_WHAT, name, "", functools.partial(_work, room))
            counts = _read(found.data) or _NONE
        now = Counted(room, counts, found.damage or "", trace=found.trace)
    except StoreUnusable as error:
        now = Counted(room, _NONE, unreadable=error.what)
    desk.memory[_WHAT, room.key] = now
    return now


def known(desk: Desk, room: ClassRoom) -> Counted | None:
    """Return what was counted last in this session under the same rules, however old; None when nothing was."""
    before = desk.memory.get((_WHAT, room.key))
    if not isinstance(before, Counted) or _read_of(before.room) != _read_of(room):
        return None
    return before if before.room == room else replace(before, room=room)


def basis_of(room: ClassRoom) -> str:
    """Return in one word all that counts of a class rest on besides its own files."""
    return hashlib.sha256(f"{_rules()} {_read_of(room)!r}".encode()).hexdigest()


def _read_of(room: ClassRoom) -> tuple[object, ...]:
    """Return what the rules read of a class; who teaches there does not matter to them."""
    return (room.year, room.grade, room.combined, room.optional, room.tested)


def pupils_in(found: Snapshot) -> tuple[Pupil, ...]:
    """Return the pupils who study in a class, in class order."""
    everybody = (Pupil.from_fields(key, document) for key, document in found.tables.get(PUPILS, {}).items())
    return tuple(sorted((pupil for pupil in everybody if pupil.studying), key=class_order))


def results_in(found: Snapshot) -> dict[str, Results]:
    """Return the results of a class by pupil key."""
    return {key: Results(document) for key, document in found.tables.get(RESULTS, {}).items()}


def _work(room: ClassRoom, found: Snapshot) -> bytes:
    pupils, documents = pupils_in(found), found.tables.get(RECORDS, {})
    records = {pupil.key: Record.from_fields(pupil.key, documents.get(pupil.key, {})) for pupil in pupils}
    return orjson.dumps(count_class(pupils, room, results_in(found), records).to_fields())


def _read(data: bytes) -> ClassCounts | None:
    try:
        return ClassCounts.from_fields(orjson.loads(data))
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


@functools.cache
def _rules() -> str:
    """Return the hash of the rules as this program has them: its version does not tell two of them apart."""
    package = Path(hocba_tui.__file__).parent
    found = hashlib.sha256(hocba_tui.__version__.encode())
    for path in sorted((*package.glob("rules/*.py*"), *package.glob("model/*.py*"), package / "text.py")):
        if path.is_file():
            found.update(path.read_bytes())
    return found.hexdigest()
