"""Note what leaves no change behind: who came in from where, viewed, took out; one journal for each year.

It is a shard like any other, so chain, checks, repair and backups are those of all journals. Its entries change
nothing: each edit only names what was touched, and leaves no document.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from hocba_tui.errors import HocbaError, NotSaved, StoreUnusable
from hocba_tui.store.backend import Edit, Entry, Shard
from hocba_tui.store.disk import open_append
from hocba_tui.store.locks import take

ACTIVITY = "activity"
OLD_LOG = "access.log"
"""Where it was noted before, without a chain."""
CLASS, PUPIL, ACCOUNT, FROM, WAY = "class", "pupil", "account", "from", "way"
"""What an entry may touch: its edits' tables. The key is that of the class, pupil or account, the address, the way."""
TAKEN = "access_log"
"""The act and the table with which the lines of the old log were taken over."""
FAILED = "log_in_failed"
"""The act of failed log-ins; its note says when the last one was, and how many there were."""
EARLIER = frozenset({TAKEN, FAILED})
"""Acts whose entries tell of something earlier than they were written."""
LOOKS = frozenset({"view_card", "history", "verify", "read_log", "log_out"})
"""Acts of which the last may be lost with the power: a look, and an end, which the power cut is itself."""
_LINE = "line"
_MOST = 9
"""Journals of one year: another is begun behind each that was damaged."""
_BY_PLACE = ("view_card", "history", "verify")
"""Acts whose old lines name class and pupil."""


class Touched(NamedTuple):
    """What an act is about, in keys: never a name."""

    class_key: str = ""
    pupil: str = ""
    account: str = ""
    """Whom it is about, when that is not the actor."""
    came_from: str = ""
    """Address of the computer at which the actor sits."""
    way: str = ""
    """How the actor came in."""

    def edits(self) -> tuple[Edit, ...]:
        """Return the edits that name it."""
        named = zip((CLASS, PUPIL, ACCOUNT, FROM, WAY), self, strict=True)
        return tuple(Edit(table, key, "", None, None) for table, key in named if key)

    @classmethod
    def of(cls, entry: Entry) -> Touched:
        """Return what an entry touched."""
        found = {edit.table: edit.key for edit in entry.edits}
        return cls(*(found.get(table, "") for table in (CLASS, PUPIL, ACCOUNT, FROM, WAY)))


def is_activity(name: str) -> bool:
    """Return whether a shard is a journal of what leaves no change."""
    return name.partition("/")[0] == ACTIVITY


def note(shard_of: Callable[[str], Shard], at: datetime, actor: str, act: str, what: str, touched: Touched) -> Entry:
    """Write one entry; errors as for :meth:`hocba_tui.store.backend.Shard.change`.

    It is on disk when it returns, unless it only says that somebody has looked: then nothing has left the program yet,
    and nobody waits for the disk.
    """
    for shard in _of_year(shard_of, at.year):
        try:
            return shard.change(actor, act, touched.edits(), what, sure=act not in LOOKS)
        except StoreUnusable:
            if not shard.damage:
                raise
    return journal_of_year(shard_of, at.year).change(actor, act, touched.edits(), what, sure=act not in LOOKS)


def journal_of_year(shard_of: Callable[[str], Shard], year: int) -> Shard:
    """Return the journal of a year that can be written; NotSaved when none can."""
    for shard in _of_year(shard_of, year):
        return shard
    raise NotSaved(f"Các nhật ký truy cập năm {year} đều hỏng.", "Báo người phụ trách máy chủ: hocba store check.")


def _of_year(shard_of: Callable[[str], Shard], year: int) -> Iterator[Shard]:
    """Yield the journals of a year that can be written: damage of one must not stop the work of the school."""
    for number in range(1, _MOST + 1):
        shard = shard_of(f"{ACTIVITY}/{year}" + (f"-{number}" if number > 1 else ""))
        shard.refresh()
        if not shard.damage:
            yield shard


def take_over(root: Path, shard_of: Callable[[str], Shard], at: datetime) -> None:
    """Write the lines of an ``access.log`` of before into the journal, as one entry, and empty the file.

    A program of the version before may still append to it; what it appends is taken over next time. An empty file is
    removed. Nothing happens when something stands in the way: the next program that opens the store tries again.
    """
    path = root / OLD_LOG
    if not path.exists():
        return
    with contextlib.suppress(OSError, HocbaError, ValueError):
        handle = open_append(path)
        with os.fdopen(handle, "rb") as file:
            take(handle, fcntl.LOCK_EX, f"Sổ {OLD_LOG}")
            content = file.read()
            if not content:
                path.unlink()
                return
            shard = journal_of_year(shard_of, at.year)
            known = shard.document(TAKEN, OLD_LOG)
            # After a crash between the two steps the lines are in the journal and in the file.
            begin = int(known.get("size") or 0)
            if hashlib.sha256(content[:begin]).hexdigest() != known.get("sha256"):
                begin = 0
            if lines := content[begin:].splitlines():
                edits = [Edit(_LINE, line.decode("utf-8", "backslashreplace"), "", None, None) for line in lines]
                facts = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
                edits += [Edit(TAKEN, OLD_LOG, name, known.get(name), value) for name, value in facts.items()]
                shard.change("hocba", TAKEN, edits, f"{len(lines)}")
            os.ftruncate(handle, 0)


def spread_out(entry: Entry) -> Iterator[Entry]:
    """Yield the entries that one says: itself, or the lines of the old log that it took over; each at its own time."""
    if entry.act == FAILED:
        at, _, times = entry.note.partition(" ")
        yield entry._replace(at=at, note=f"{times} lần")
        return
    if entry.act != TAKEN:
        yield entry
        return
    for edit in entry.edits:
        if edit.table == _LINE and (found := _old(entry.seq, edit.key)):
            yield found


def _old(seq: int, line: str) -> Entry | None:
    try:
        said: dict[str, Any] = orjson.loads(line)
        at, by, act, what = (str(said[name]) for name in ("at", "by", "do", "what"))
    except (ValueError, KeyError, TypeError):
        return None
    room, _, pupil = what.partition("/") if act in _BY_PLACE else (what.partition(":")[0], "", "")
    return Entry(seq, at, by, act, Touched(room, pupil).edits(), "" if pupil else what)
