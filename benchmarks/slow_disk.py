"""A disk that needs its time for every sync: forty teachers who type at 10 ms, changes per second at 1 ms.

The disk is simulated (``_slow_disk.c``, which needs gcc): a sync of any file waits for its turn at the one disk and
sleeps. All syncs of all files queue up and are never merged; a real file system merges some, so this is the hard case.

First forty teachers, who type three grades a second each. The time of a grade counts from typing it, even while the one
before is still being saved. "as the app saves": what was typed meanwhile is written as one change, as the screen does
it; otherwise each grade is a change of its own, and 120 a second are more than the disk's 100 syncs. "one sync each" is
our store without shared syncs.

Then changes per second, as many as go, each on disk when it is counted, as ``store_throughput.py`` counts them where a
sync costs next to nothing: bare appending is what the disk allows, SQLite meets the same disk.
"""

from __future__ import annotations

import argparse
import contextlib
import mmap
import os
import shutil
import struct
import subprocess
import sys
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
from store_throughput import SETUPS
from store_throughput import measure as crowded
from tinydb import TinyDB, where

from hocba_tui.store import journal_file
from hocba_tui.store.backend import Edit
from hocba_tui.store.shard import FileShard
from hocba_tui.store.syncing import SharedSync

TYPING_SYNC, CROWD_SYNC = 0.010, 0.001
"""Seconds that a sync takes: for those who type, and where changes per second are counted."""
_DISK = "HOCBA_SLOW_DISK"
_NUMBERS = struct.Struct("QQQ")
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
    """The one slow disk that all processes use; this process was started with it, see :func:`on_the_disk`."""

    def __init__(self) -> None:
        handle = os.open(os.environ[_DISK], os.O_RDWR)
        self._numbers = mmap.mmap(handle, _NUMBERS.size)
        os.close(handle)

    def begin(self, sync_seconds: float) -> None:
        """Let a sync cost so much from now on."""
        _NUMBERS.pack_into(self._numbers, 0, 0, 0, round(sync_seconds * 1e9))

    @property
    def syncs(self) -> int:
        """Return how many syncs there were since the beginning."""
        return int(_NUMBERS.unpack_from(self._numbers)[1])


def on_the_disk(arguments: list[str]) -> int:
    """Start this program again on the slow disk and return its exit code."""
    compiler = shutil.which("gcc")
    if compiler is None:
        print("gcc is needed to simulate a slow disk: nothing was measured")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        library, disk = Path(folder) / "slow_disk.so", Path(folder) / "disk"
        source = Path(__file__).with_name("_slow_disk.c")
        subprocess.run(
            [compiler, "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", library, source], check=True
        )
        disk.write_bytes(_NUMBERS.pack(0, 0, 0))
        there = {**os.environ, "LD_PRELOAD": str(library), _DISK: str(disk)}
        return subprocess.run([sys.executable, *arguments], env=there, check=False).returncode


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
            vars(journal_file)["SharedSync"] = OwnSync
        save = saver(way, base / f"class{number % classes}", number, results)
        barrier.wait()
        return array("d", teach(way, save, list(results), number, seconds))

    kind, disk = StockTinyDB if way.stock else Ours, Disk()
    disk.begin(0)
    for name in range(classes):
        kind(base, results).lay_out(f"class{name}")
    disk.begin(TYPING_SYNC)
    measured = together(TEACHERS, work)
    took = [each * 1000 for one in measured for each in one]
    return median(took), percentile(took, 99), disk.syncs / len(took)


def typing(rounds: int, seconds: float) -> None:
    """Print a table for one class and one for thirty."""
    results = whole_class()
    for classes in (1, 30):
        seen: dict[Way, list[tuple[float, float, float]]] = {way: [] for way in WAYS}
        for _ in range(rounds):
            for way in WAYS:
                with tempfile.TemporaryDirectory() as base:
                    once = measure(way, Path(base), results, classes, seconds)
                    seen[way].append(once)
        title = f"{TEACHERS} teachers, {'1 class' if classes == 1 else f'{classes} classes'}, 10 ms a sync"
        print(f"{title:40}{'median ms':>10}{'p99 ms':>9}{'of ours':>9}{'syncs a grade':>15}")
        ours = 0.0
        for way, measured in seen.items():
            middle, slow, syncs = (median(column) for column in zip(*measured, strict=True))
            ours = ours or slow
            print(f"  {way.label:38}{middle:10.0f}{slow:9.0f}{slow / ours:9.1f}{syncs:15.2f}")


def crowds(rounds: int, seconds: float) -> None:
    """Print changes per second for each setup, and their share of bare appending."""
    for processes, classes in SETUPS:
        Disk().begin(CROWD_SYNC)
        measured = crowded(processes, classes, rounds, seconds)
        bare = next(iter(measured.values())).rate
        people = "1 process" if processes == 1 else f"{processes} processes"
        title = f"{people}, {'1 class' if classes == 1 else f'{classes} classes'}, 1 ms a sync"
        print(f"{title:40}{'changes/s':>10}{'of bare':>9}{'per process':>16}{'p99 ms':>9}")
        for label, each in measured.items():
            share = f"{each.least:.0f} to {each.most:.0f}"
            print(f"  {label:38}{each.rate:10.0f}{each.rate / bare:9.2f}{share:>16}{each.p99:9.1f}")


def main() -> int:
    """Print the tables and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="3 rounds of 20 seconds typing and 7 of 3 seconds")
    parser.add_argument("--only", choices=("typing", "crowds"))
    options = parser.parse_args()
    if _DISK not in os.environ:
        return on_the_disk(sys.argv)
    if options.only != "crowds":
        typing(3, 20.0 if options.full else 3.0)
    if options.only != "typing":
        crowds(*((7, 3.0) if options.full else (3, 0.5)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
