"""What is worked out from the files of one class, once for each state of them, and kept.

It is looked for in this session's memory, then in the store's cache, and only then worked out. None of it is truth: it
rests on the class's journal, on what the rules read of the class, and on the rules themselves.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Generic, TypeVar, cast

import hocba_tui
from hocba_tui.errors import StoreUnusable
from hocba_tui.flow.desk import PUPILS, RESULTS, Desk
from hocba_tui.model.pupil import Pupil, class_order
from hocba_tui.model.results import Results
from hocba_tui.model.school import ClassRoom
from hocba_tui.store.backend import Snapshot, class_shard

T = TypeVar("T")


@dataclass(frozen=True)
class Work(Generic[T]):
    """Something that can be worked out from a class."""

    name: str
    do: Callable[[ClassRoom, Snapshot], bytes]
    read: Callable[[bytes], T]
    """Read what ``do`` returned; it may raise KeyError, TypeError, ValueError or AttributeError for anything else."""
    nothing: T


@dataclass(frozen=True)
class Found(Generic[T]):
    """A class with what was worked out from it."""

    room: ClassRoom
    value: T
    damage: str = ""
    """Why the class can only be read; empty when nothing is wrong with its files."""
    unreadable: str = ""
    """Why the class cannot even be read: then there is no value to speak of."""
    trace: object = None
    """What the class's files looked like; None when it must be asked again."""


def find(desk: Desk, work: Work[T], room: ClassRoom) -> Found[T]:
    """Return what is worked out from a class as it is now; of a class that cannot be read, why."""
    name, before = class_shard(room.year, room.key), known(desk, work, room)
    if before is not None and before.trace is not None and before.trace == desk.store.trace(name):
        return before
    try:
        found = desk.store.derived(work.name, name, basis_of(room), functools.partial(work.do, room))
        try:
            value = work.read(found.data)
        except (KeyError, TypeError, ValueError, AttributeError):  # The cache held something that was never ours.
            found = desk.store.derived(work.name, name, "", functools.partial(work.do, room))
            value = work.read(found.data)
        now = Found(room, value, found.damage or "", trace=found.trace)
    except StoreUnusable as error:
        now = Found(room, work.nothing, unreadable=error.what)
    desk.memory[work.name, room.key] = now
    return now


def known(desk: Desk, work: Work[T], room: ClassRoom) -> Found[T] | None:
    """Return what this session found last under the same rules, however long ago; None when it never asked."""
    before = cast("Found[T] | None", desk.memory.get((work.name, room.key)))
    if before is None or _read_of(before.room) != _read_of(room):
        return None
    return before if before.room == room else replace(before, room=room)


def basis_of(room: ClassRoom) -> str:
    """Return in one word all that the rules' answers rest on besides the class's own files."""
    return hashlib.sha256(f"{_rules()} {_read_of(room)!r}".encode()).hexdigest()


def pupils_in(found: Snapshot) -> tuple[Pupil, ...]:
    """Return the pupils who study in a class, in class order."""
    everybody = (Pupil.from_fields(key, document) for key, document in found.tables.get(PUPILS, {}).items())
    return tuple(sorted((pupil for pupil in everybody if pupil.studying), key=class_order))


def results_in(found: Snapshot) -> dict[str, Results]:
    """Return the results of a class by pupil key."""
    return {key: Results(document) for key, document in found.tables.get(RESULTS, {}).items()}


def _read_of(room: ClassRoom) -> tuple[object, ...]:
    """Return what the rules read of a class; who teaches there does not matter to them."""
    return (room.year, room.grade, room.combined, room.optional, room.tested)


@functools.cache
def _rules() -> str:
    """Return the hash of the rules as this program has them: its version does not tell two of them apart."""
    package = Path(hocba_tui.__file__).parent
    found = hashlib.sha256(hocba_tui.__version__.encode())
    for path in sorted((*package.glob("rules/*.py*"), *package.glob("model/*.py*"), package / "text.py")):
        if path.is_file():
            found.update(path.read_bytes())
    return found.hexdigest()
