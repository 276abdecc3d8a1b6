"""Forty teachers type three grades a second each, on a disk that needs 10 ms for every sync.

The disk is simulated: a sync of any file waits for its turn at the one disk and sleeps. All
syncs of all files queue up and are never merged; a real file system merges some, so this is the
hard case. The time of a grade counts from typing it, even while the one before is still being
saved. "as the app saves": what was typed meanwhile is written as one change, as the screen does
it; otherwise each grade is a change of its own, and 120 a second are more than the disk's 100 syncs.
"one sync each" is our store without shared syncs. SQLite is left out: it syncs in C, where
this simulation cannot reach it.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import struct
import tempfile
import time
from array import array
from collections.abc import Callable, Iterator
from multiprocessing.synchronize import Barrier
from pathlib import Path
from statistics import median
from typing import NamedTuple

from _contestants import LEVELS, Ours, Results, StockTinyDB, locked, now, whole_class
from _crowd import percentile, together
from tinydb import TinyDB, where

from hocba_tui.store import shard as shards
from hocba_tui.store.backend import Edit
from hocba_tui.store.shard import FileShard
from hocba_tui.store.syncing import SharedSync

SYNC_SECONDS = 0.010
TEACHERS, EVERY = 40, 1 / 3
"""How many type, and the seconds between two grades of one of them."""
Save = Callable[[list[tuple[str, int]]], object]
"""Write grades to disk: pupil and how many grades the teacher had typed before."""


class Way(NamedTuple):
    """How grades are saved."""

    label: str
    together: bool
    """Whether everything that waits is saved at once."""
    shared: bool = True
    stock: bool = False


WAYS = (
    Way("hocba, as the app saves", together=True),
    Way("hocba, each grade a change", together=False),
    Way("the same, one sync each", together=False, shared=False),
    Way("stock TinyDB in an outer flock", together=False, stock=True),
)


class Disk:
    """The one slow disk that all processes use."""

    def __init__(self, path: Path) -> None:
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        self.syncs = 0

    def sync(self, _: object) -> None:
        """Replace os.fsync and os.fdatasync: wait for the disk's next free 10 ms, and through them."""
        with locked(self._handle):
            busy = os.pread(self._handle, 8, 0)
            done = max(time.perf_counter(), struct.unpack("d", busy)[0] if busy else 0.0) + SYNC_SECONDS
            os.pwrite(self._handle, struct.pack("d", done), 0)
        time.sleep(max(0.0, done - time.perf_counter()))
        self.syncs += 1


class OwnSync(SharedSync):
    """The store without shared syncs: each change finds that nobody has synced for it."""

    _mine = False

    def durable(self) -> int:
        """Return how far the journal is on disk; 0 while the lock is held."""
        return 0 if self._mine else super().durable()

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for the lock."""
        with super().turn():
            self._mine = True
            try:
                yield
            finally:
                self._mine = False


def saver(way: Way, folder: Path, number: int, results: Results) -> Save:
    """Open a class for one teacher, who fills a column of their own."""
    field = f"end_year.column{number}.level"
    if way.stock:
        database = TinyDB(folder.with_suffix(".json"))
        lock = os.open(folder.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)

        def save_stock(grades: list[tuple[str, int]]) -> None:
            with locked(lock):
                for pupil, count in grades:
                    database.update({field: LEVELS[count // len(results) % 2]}, where("pupil") == pupil)

        return save_stock
    shard = FileShard(folder.name, folder, now)

    def save(grades: list[tuple[str, int]]) -> None:
        edits = []
        for pupil, count in grades:
            seen = shard.document("results", pupil).get(field)
            edits.append(Edit("results", pupil, field, seen, LEVELS[count // len(results) % 2]))
        shard.change("gv.5a", "enter", edits)

    return save


def teach(way: Way, save: Save, pupils: list[str], number: int, seconds: float) -> list[float]:
    """Type for a while, save everything, and return how long each grade took."""
    begin = time.perf_counter() + number / TEACHERS * EVERY
    count = round(seconds / EVERY)
    took: list[float] = []
    while len(took) < count:
        first = len(took)
        time.sleep(max(0.0, begin + first * EVERY - time.perf_counter()))
        typed = min(count, int((time.perf_counter() - begin) / EVERY) + 1)
        last = min(max(first + 1, typed), first + len(pupils)) if way.together else first + 1
        save([(pupils[each % len(pupils)], each) for each in range(first, last)])
        done = time.perf_counter()
        took += [done - (begin + each * EVERY) for each in range(first, last)]
    return took


def measure(way: Way, base: Path, results: Results, classes: int, seconds: float) -> tuple[float, float, float]:
    """Return the median and the 99th percentile in milliseconds, and the syncs for each grade."""

    def work(number: int, barrier: Barrier) -> array[float]:
        if not way.shared:
            vars(shards)["SharedSync"] = OwnSync
        save = saver(way, base / f"class{number % classes}", number, results)
        disk = Disk(base / "disk")
        for name in ("fsync", "fdatasync"):
            setattr(os, name, disk.sync)
        barrier.wait()
        took = teach(way, save, list(results), number, seconds)
        return array("d", [disk.syncs, *took])

    kind = StockTinyDB if way.stock else Ours
    for name in range(classes):
        kind(base, results).lay_out(f"class{name}")
    measured = together(TEACHERS, work)
    took = [each * 1000 for one in measured for each in one[1:]]
    return median(took), percentile(took, 99), sum(one[0] for one in measured) / len(took)


def main() -> None:
    """Print a table for one class and one for thirty."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="3 rounds of 20 seconds instead of 3 of 3")
    options = parser.parse_args()
    results = whole_class()
    for classes in (1, 30):
        seen: dict[Way, list[tuple[float, float, float]]] = {way: [] for way in WAYS}
        for _ in range(3):
            for way in WAYS:
                with tempfile.TemporaryDirectory() as base:
                    once = measure(way, Path(base), results, classes, 20.0 if options.full else 3.0)
                    seen[way].append(once)
        title = f"{TEACHERS} teachers, {'1 class' if classes == 1 else f'{classes} classes'}, 10 ms a sync"
        print(f"{title:40}{'median ms':>10}{'p99 ms':>9}{'of ours':>9}{'syncs a grade':>15}")
        ours = 0.0
        for way, rounds in seen.items():
            middle, slow, syncs = (median(column) for column in zip(*rounds, strict=True))
            ours = ours or slow
            print(f"  {way.label:38}{middle:10.0f}{slow:9.0f}{slow / ours:9.1f}{syncs:15.2f}")


if __name__ == "__main__":
    main()
