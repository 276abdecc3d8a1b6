"""What is done to a store while its power cuts are recorded: several teachers at once, each act acknowledged.

Everything is derived from a seed; only the order of the teachers is random. After an act has returned,
one line is written to the file of acknowledgements.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import random
import time
import traceback
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from unittest.mock import patch

from hocba_tui.clock import VIETNAM
from hocba_tui.store import shard as shards
from hocba_tui.store import syncing
from hocba_tui.store.backend import Edit
from hocba_tui.store.folder import FolderStore

CLASS, OTHER_CLASS = "2025-2026/5A", "2025-2026/5B"
SLOWER = 0.002
"""Seconds that a sync takes longer, on average."""


def now() -> datetime:
    return datetime(2026, 6, 10, 12, 34, tzinfo=VIETNAM)


@contextlib.contextmanager
def frequent_checkpoints() -> Iterator[None]:
    """Renew data.json already after a few changes."""
    with patch.object(shards, "CHECKPOINT_STRIDE", 1500), patch.object(shards, "_CHECKPOINT_SHARE", 100):
        yield


def paper(name: str) -> bytes:
    """Return the bytes of a file that is kept or issued under ``name``: a few sectors."""
    return random.Random(name).randbytes(1300) + name.encode()


class Teacher:
    """One process that works on the class and acknowledges each act that is done."""

    def __init__(self, root: Path, acknowledgements: int, name: str) -> None:
        self._acknowledgements = acknowledgements
        self._name = name
        self._store = FolderStore(root, now)
        self._class = self._store.shard(CLASS)

    def enter(self, field: str, value: object, table: str = "results") -> None:
        entry = self._class.change(self._name, "enter", [Edit(table, self._name, field, None, value)])
        self.acknowledge("change", shard=CLASS, seq=entry.seq, by=self._name)

    def freeze(self) -> None:
        digest = self._class.keep(paper(f"kept {self._name}"))
        self.acknowledge("keep", shard=CLASS, digest=digest)
        self.enter("digest", digest, "frozen")

    def issue(self) -> None:
        uuid = hashlib.sha256(self._name.encode()).hexdigest()[:32]
        self._store.issue(uuid, paper(uuid))
        self.acknowledge("issue", uuid=uuid)
        self.enter("uuid", uuid, "issued")

    def move(self) -> None:
        """Move a pupil from the class to the other one."""
        leave = [Edit("left", self._name, "moved", None, True)]
        come = [Edit("came", self._name, "moved", None, True)]
        self._store.across(self._name, "transfer", {CLASS: leave, OTHER_CLASS: come})
        self.acknowledge("across", pupil=self._name)

    def look(self) -> None:
        """Read what others are just writing, and renew the checkpoint, which may hold only what is on disk."""
        self._class.refresh()
        self._class.checkpoint()

    def acknowledge(self, act: str, **facts: object) -> None:
        acknowledge(self._acknowledgements, act, **facts)


def slow_disk(name: str, seconds: float) -> None:
    """Make each sync take a while, sometimes long and sometimes short, so that others come before it is done."""
    chance = random.Random(name)
    for sync in ("fsync", "fdatasync"):
        setattr(os, sync, partial(_slowly, getattr(os, sync), chance, seconds))


def _slowly(sync: Callable[[int], None], chance: random.Random, seconds: float, handle: int) -> None:
    time.sleep(chance.expovariate(1 / seconds))
    sync(handle)


def doomed(syncs: int) -> None:
    """Make this process kill itself at its ``syncs``-th sync."""
    left = iter(range(syncs - 1))

    def die(sync: Callable[[int], None], handle: int) -> None:
        if next(left, None) is None:
            os._exit(0)
        sync(handle)

    for sync in ("fsync", "fdatasync"):
        setattr(os, sync, partial(die, getattr(os, sync)))


def acknowledge(handle: int, act: str, **facts: object) -> None:
    os.write(handle, json.dumps({"act": act, **facts}).encode() + b"\n")


def work(root: Path, acknowledgements: int, name: str, changes: int, special: int) -> None:
    """Enter grades of various lengths, freeze something, and issue a file or move a pupil."""
    chance = random.Random(name)
    teacher = Teacher(root, acknowledgements, name)
    teacher.freeze()
    for number in range(changes):
        teacher.enter(str(number), "x" * chance.choice((2, 40, 300, 700, 1500)))
        if number == changes // 2:
            (teacher.issue, teacher.move)[special % 2]()
        teacher.look()


def in_child(act: Callable[[], None]) -> int:
    """Do ``act`` in a process of its own, and return its process id."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            act()
            code = 0
        finally:
            if code:
                traceback.print_exc()
            os._exit(code)
    return child


def together(root: Path, acknowledgements: int, seed: str, teachers: int, changes: int) -> list[int]:
    """Start teachers at the same moment; return how they ended."""
    gate = os.pipe()

    def teach(number: int) -> None:
        os.close(gate[1])
        os.read(gate[0], 1)
        name = f"gv{seed}.{number}"
        slow_disk(name, SLOWER)
        work(root, acknowledgements, name, changes, number)

    children = [in_child(partial(teach, number)) for number in range(teachers)]
    os.close(gate[1])
    return [os.waitpid(child, 0)[1] for child in children]


def killed(root: Path, acknowledgements: int, seed: str, syncs: int) -> int:
    """Run a teacher alone until it is killed: nobody may depend on what it did not sync."""

    def teach() -> None:
        doomed(syncs)
        work(root, acknowledgements, f"gv{seed}.killed", 1, 1)

    return os.waitpid(in_child(teach), 0)[1]


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("root", type=Path)
    options.add_argument("acknowledgements", type=Path)
    options.add_argument("--seed", default="1")
    options.add_argument("--teachers", type=int, default=3)
    options.add_argument("--changes", type=int, default=3)
    options.add_argument("--killed-at", type=int, default=0, help="the sync before which a first teacher is killed")
    options.add_argument("--again", action="store_true", help="the store is there, after a power cut")
    chosen = options.parse_args()
    handle = os.open(chosen.acknowledgements, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    # After a power cut the computer has been started again.
    started = patch.object(syncing, "_boot", return_value=b"start-" + chosen.seed.encode())
    with started, frequent_checkpoints():
        if not chosen.again:
            FolderStore.create(chosen.root, now)
            acknowledge(handle, "create")
        codes = [killed(chosen.root, handle, chosen.seed, chosen.killed_at)] if chosen.killed_at else []
        codes += together(chosen.root, handle, chosen.seed, chosen.teachers, chosen.changes)
    if any(codes):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
