"""Ways to keep a class's grades on disk: bare appending, our store, SQLite and stock TinyDB.

Each changes one grade in a class of 35 with all its results of a year. A contestant writes its
classes once, in folders of its own, and then makes the changing function of each process.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from _crowd import Change
from tinydb import TinyDB, where

from hocba_tui.clock import VIETNAM
from hocba_tui.demo.school import make_school
from hocba_tui.store import journal
from hocba_tui.store.backend import Edit, Entry
from hocba_tui.store.shard import FileShard

Results = Mapping[str, Mapping[str, Any]]
LEVELS = ("T", "H")
"""The values of a changed grade, in turn: of the same length, so that all write the same number of bytes."""


def now() -> datetime:
    """Return the time as the store notes it."""
    return datetime.now(VIETNAM)


def whole_class() -> Results:
    """Return a class of 35 with a whole year of results."""
    return max((year.results for year in make_school(pupils=175).classes), key=lambda results: len(str(results)))


def own_cell(results: Results, number: int) -> tuple[str, str]:
    """Return the pupil and the field that a process changes: no two processes share one."""
    pupils = list(results)
    pupil = pupils[number % len(pupils)]
    levels = [name for name in results[pupil] if name.endswith(".level")]
    return pupil, levels[number // len(pupils)]


@contextmanager
def locked(handle: int) -> Iterator[None]:
    """Hold a file's lock."""
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(handle, fcntl.LOCK_UN)


class Contestant:
    """One way; ``folder`` is its own, ``results`` is the content of every class at the beginning."""

    label = ""

    def __init__(self, folder: Path, results: Results) -> None:
        self.folder = folder
        self.results = results

    def lay_out(self, name: str) -> None:
        """Write a class with all its results."""

    def worker(self, name: str, number: int) -> Change:
        """Open the class in the process ``number`` and return a function that changes its cell."""
        raise NotImplementedError


class Bare(Contestant):
    """The limit: nothing is read, compared or parsed."""

    label = "bare flock+append+fdatasync"

    def worker(self, name: str, number: int) -> Change:
        """Append the bytes of a journal's line, always the same."""
        handle = os.open(self.folder / name, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        pupil, field = own_cell(self.results, number)
        edit = Edit("results", pupil, field, LEVELS[0], LEVELS[1])
        line = journal.encode(Entry(1000, now().isoformat(), "gv.5a", "enter", (edit,)), journal.GENESIS, 500_000)

        def change(_: int) -> None:
            with locked(handle):
                os.write(handle, line)
                os.fdatasync(handle)

        return change


class Ours(Contestant):
    """A shard: with comparison, hash chain, checksums and checkpoint."""

    label = "hocba store"

    def lay_out(self, name: str) -> None:
        """Write the class in one change."""
        shard = FileShard(name, self.folder / name, now)
        edits = [
            Edit("results", key, field, None, value)
            for key, doc in self.results.items()
            for field, value in doc.items()
        ]
        shard.change("hocba", "found", edits)
        shard.checkpoint()

    def worker(self, name: str, number: int) -> Change:
        """Change the cell from what was seen last."""
        shard = FileShard(name, self.folder / name, now)
        pupil, field = own_cell(self.results, number)
        seen = [shard.document("results", pupil).get(field)]

        def change(step: int) -> None:
            after = LEVELS[step % 2]
            shard.change("gv.5a", "enter", [Edit("results", pupil, field, seen[0], after)])
            seen[0] = after

        return change


class Sqlite(Contestant):
    """A database for each class, with write-ahead log, synced at every commit, and a log of changes."""

    label = "SQLite WAL, synchronous=FULL"

    def _open(self, name: str) -> sqlite3.Connection:
        database = sqlite3.connect(self.folder / f"{name}.db", timeout=120, isolation_level=None)
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        return database

    def lay_out(self, name: str) -> None:
        """Write the class: one row for each value, so that a change is as small as it can be."""
        database = self._open(name)
        database.execute("CREATE TABLE results (pupil, field, value, PRIMARY KEY (pupil, field)) WITHOUT ROWID")
        database.execute("CREATE TABLE log (n INTEGER PRIMARY KEY, at, actor, act, pupil, field, before, after)")
        rows = [(key, field, value) for key, doc in self.results.items() for field, value in doc.items()]
        database.execute("BEGIN IMMEDIATE")
        database.executemany("INSERT INTO results VALUES (?, ?, ?)", rows)
        database.execute("COMMIT")
        database.close()

    def worker(self, name: str, number: int) -> Change:
        """Change the cell if it holds what was seen last, and note it, in one transaction."""
        database = self._open(name)
        pupil, field = own_cell(self.results, number)
        found = database.execute("SELECT value FROM results WHERE pupil = ? AND field = ?", (pupil, field))
        seen = [found.fetchone()[0]]
        update = "UPDATE results SET value = ? WHERE pupil = ? AND field = ? AND value IS ?"
        insert = "INSERT INTO log (at, actor, act, pupil, field, before, after) VALUES (?, ?, ?, ?, ?, ?, ?)"

        def change(step: int) -> None:
            after = LEVELS[step % 2]
            database.execute("BEGIN IMMEDIATE")
            if database.execute(update, (after, pupil, field, seen[0])).rowcount != 1:
                raise AssertionError("somebody else changed this process's cell")
            database.execute(insert, (now().isoformat(), "gv.5a", "enter", pupil, field, seen[0], after))
            database.execute("COMMIT")
            seen[0] = after

        return change


class StockTinyDB(Contestant):
    """A TinyDB file for each class; the lock around it is ours, without one it loses most changes."""

    label = "stock TinyDB in an outer flock"

    def lay_out(self, name: str) -> None:
        """Write the class: a document for each pupil."""
        with TinyDB(self.folder / f"{name}.json") as database:
            database.insert_multiple([{"pupil": key, **doc} for key, doc in self.results.items()])

    def worker(self, name: str, number: int) -> Change:
        """Change the cell without a comparison; nothing notes who did."""
        database = TinyDB(self.folder / f"{name}.json")
        lock = os.open(self.folder / f"{name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        pupil, field = own_cell(self.results, number)

        def change(step: int) -> None:
            with locked(lock):
                database.update({field: LEVELS[step % 2]}, where("pupil") == pupil)

        return change


CONTESTANTS: tuple[type[Contestant], ...] = (Bare, Ours, Sqlite, StockTinyDB)
