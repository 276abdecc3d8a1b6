"""Tell two copies of one store apart by what is noted in the folder of their backups.

A store that has every line that was noted there is foremost, and notes how far it has come itself. One that lacks such
a line is behind, or has gone another way: it is told, and notes nothing, until somebody decides that it is the one to
go on with.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hocba_tui.errors import LockHeld, system_reason
from hocba_tui.store import journal
from hocba_tui.store.backups.backup_state import read_state
from hocba_tui.store.backups.heads_file import (
    FolderHeads,
    Noted,
    one_at_a_time,
    origin_of,
    read_heads,
    write_heads,
)
from hocba_tui.store.disk import open_plain
from hocba_tui.store.heads import rebuilt_since
from hocba_tui.store.identity import identity_of, short
from hocba_tui.store.journal_file import JOURNAL, lines_of
from hocba_tui.store.syncing import durable_size

_CHUNK = 64 * 1024
"""Bytes that are read at once to find the last line; more when it is longer."""


@dataclass(frozen=True)
class Apart:
    """A journal that lacks a line which was noted of it."""

    shard: str
    noted: Noted
    entries: int
    """Number of entries that it has."""
    forked: bool
    """Whether it has another line of that number; else it has not come so far."""
    own: bool
    """Whether this very store had noted it."""

    @property
    def store(self) -> str:
        """Return which store noted it, as the names of copies say it."""
        return "chính kho này" if self.own else f"kho {short(self.noted.store) or 'không rõ số'}"

    @property
    def words(self) -> str:
        """Return what is different, in one line."""
        at = self.noted.at
        when = f"lúc {at[8:10]}/{at[5:7]}/{at[:4]} {at[11:16]}"
        if self.forked:
            return f"{self.shard}: đi hai ngả: bản ghi số {self.noted.seq} khác bản mà {self.store} đã có {when}"
        here = f"ở đây mới tới bản ghi số {self.entries - 1}" if self.entries else "ở đây không có bản ghi nào"
        return f"{self.shard}: {here}, còn {self.store} {when} đã tới số {self.noted.seq}"


@dataclass(frozen=True)
class Comparison:
    """A store compared with what is noted in a folder."""

    apart: tuple[Apart, ...] = ()
    """What tells it from a store that has gone on; none for the foremost one."""
    problem: str = ""
    """Why it could not be compared, or could not note how far it has come; empty when it could."""


def compare_with_noted(root: Path, folder: Path) -> Comparison:
    """Compare the store in ``root`` with what is noted in ``folder``; nothing is written, and nothing is raised."""
    if not (origin := origin_of(root)):
        return Comparison(problem="không đọc được sổ của trường")
    found = read_heads(folder, origin)
    return Comparison(_apart(root, found.heads), found.problem)


def note_how_far(
    root: Path, folder: Path, at: str, sizes: Mapping[str, int] | None = None, *, accept: bool = False
) -> Comparison:
    """Compare the store in ``root`` with what is noted in ``folder``, and note how far it has come if it is foremost.

    ``sizes`` says how much of each journal counts, in bytes, by default all that is on disk; what is noted is never
    taken back by it. ``accept``: it is the store to go on with, whatever was noted. Nothing is raised.
    """
    if not (origin := origin_of(root)):
        return Comparison(problem="không đọc được sổ của trường")
    try:
        with one_at_a_time(folder):
            found = read_heads(folder, origin)
            if found.problem and not found.torn:
                return Comparison(problem=found.problem)
            apart = _apart(root, found.heads)
            if apart and not accept:
                return Comparison(apart)
            heads = _foremost(root, found, at, sizes, accept=accept)
            if heads != found.heads or found.torn:
                write_heads(folder, origin, heads, instead_of=found, at=at)
    except OSError as error:
        return Comparison(problem=f"không ghi được mốc vào {folder} ({system_reason(error)})")
    except LockHeld as held:
        return Comparison(problem=f"không ghi được mốc: {held.found}")
    return Comparison(problem=found.problem)


def _foremost(
    root: Path, found: FolderHeads, at: str, sizes: Mapping[str, int] | None, *, accept: bool
) -> dict[str, Noted]:
    """Return what is to be noted: of each journal the line that is farther, among those that it has."""
    identity = identity_of(root)
    # A line that this store lacks is noted no longer where somebody has decided so; else its journal is damaged there.
    heads = {
        name: noted
        for name, noted in found.heads.items()
        if _has(root / name / JOURNAL, noted) or not (accept or _excused(root, name, noted))
    }
    for path in sorted(root.rglob(JOURNAL)):
        name = str(path.parent.relative_to(root))
        own, noted = _last_line(path, None if sizes is None else sizes.get(name, 0)), heads.get(name)
        # Where it is damaged at the line that was noted, it may be another branch: that one's line stays.
        if own is not None and (noted is None or (noted.seq < own.seq and _has(path, noted))):
            heads[name] = own._replace(store=identity, at=at)
    return heads


def _apart(root: Path, heads: Mapping[str, Noted]) -> tuple[Apart, ...]:
    found = (_lacking(root, name, noted) for name, noted in sorted(heads.items()) if not _excused(root, name, noted))
    return tuple(one for one in found if one is not None)


def _excused(root: Path, name: str, noted: Noted) -> bool:
    """Return whether somebody has decided since then to go on with this store, or has rebuilt this journal of it."""
    return noted.at <= read_state(root).accepted or (_is_own(root, noted) and rebuilt_since(root, name, noted.at))


def _is_own(root: Path, noted: Noted) -> bool:
    return noted.store == identity_of(root) != ""


def _has(path: Path, noted: Noted) -> bool:
    """Return whether a journal has the line that was noted; not when it cannot be read."""
    try:
        with os.fdopen(open_plain(path), "rb") as file:
            if os.fstat(file.fileno()).st_size < noted.end:
                return False
            line = os.pread(file.fileno(), noted.end - noted.start, noted.start)
    except OSError:
        return False
    return hashlib.sha256(line).hexdigest() == noted.digest


def _lacking(root: Path, name: str, noted: Noted) -> Apart | None:
    """Return what a journal lacks, None when it has the line; one that is damaged there is told by the check."""
    path = root / name / JOURNAL
    if _has(path, noted):
        return None
    try:
        with os.fdopen(open_plain(path), "rb") as file:
            lines = [line for _, line in lines_of(file.read())]
    except FileNotFoundError:
        lines = []
    except OSError:
        return None
    forked = len(lines) > noted.seq and _number(lines[noted.seq]) is not None
    if not forked and len(lines) > noted.seq + 1:
        return None
    return Apart(name, noted, min(len(lines), noted.seq), forked=forked, own=_is_own(root, noted))


def _last_line(path: Path, size: int | None) -> Noted | None:
    """Return the last whole line that is surely on disk, within ``size`` bytes; None when there is none."""
    try:
        with os.fdopen(open_plain(path), "rb") as file:
            end = os.fstat(file.fileno()).st_size
            if durable := durable_size(path):
                end = min(end, durable)
            else:
                os.fsync(file.fileno())  # Since the start of the computer nobody has said how far it is on disk.
            return _line_before(file.fileno(), end if size is None else min(end, size))
    except OSError:
        return None


def _line_before(handle: int, size: int) -> Noted | None:
    step = _CHUNK
    while True:
        first = max(0, size - step)
        data = os.pread(handle, size - first, first)
        last = data.rfind(b"\n")
        begin = data.rfind(b"\n", 0, max(last, 0)) + 1
        if first == 0 or begin > 0:
            line = data[begin : last + 1]
            seq = _number(line)
            if seq is None:
                return None
            return Noted(seq, first + begin, first + last + 1, hashlib.sha256(line).hexdigest(), "", "")
        step *= 4


def _number(line: bytes) -> int | None:
    """Return the number of a line; None when it is not sound."""
    try:
        return journal.decode(line, None).entry.seq
    except journal.BadRecord:
        return None
