"""Heads: how far each journal had come, noted outside of it, so that an older copy put in its place is noticed.

They are noted at every seal and backup, at the end of a session and when one finds its file replaced, in
``heads/<shard>.log``: not in the journal, which an older copy replaces, and not in the school's, which would wake every
open screen. A backup leaves them out, since a restored store is older than they are. Losing them loses the notice,
never a result.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import orjson

from hocba_tui.store import journal
from hocba_tui.store.checkpoint import Mark, has_line, read_mark
from hocba_tui.store.disk import make_folder, open_append, open_plain, sync_folder, write_all, write_atomic
from hocba_tui.store.journal_file import JOURNAL, lines_of, read_journal
from hocba_tui.store.locks import take
from hocba_tui.store.syncing import durable_size

HEADS = "heads"
_LONGEST = 64 * 1024
"""Bytes from which on a log is written again with its last head only."""
_TAIL = 4096


class Head(NamedTuple):
    """The last line that a journal had at a time (ISO)."""

    mark: Mark
    at: str
    reset: bool = False
    """The journal was rebuilt with what was left: what was noted before does not count."""

    @property
    def words(self) -> str:
        """Return what is wrong with a journal that does not have it."""
        when = f"{self.at[8:10]}/{self.at[5:7]}/{self.at[:4]} {self.at[11:16]}"
        return f"cũ hơn, hoặc khác, mốc đã ghi lúc {when}: khi ấy tới bản ghi số {self.mark.seq}"


def last_head(root: Path, name: str) -> Head | None:
    """Return the farthest head that was noted of a shard; None when there is none that can be read."""
    found: Head | None = None
    for head in _heads(_log(root, name)):
        if found is None or head.reset or head.mark.seq >= found.mark.seq:
            found = head
    return found


def rebuilt_since(root: Path, name: str, at: str) -> bool:
    """Return whether the journal of a shard was rebuilt with what was left after ``at`` (ISO)."""
    return any(head.reset and head.at > at for head in _heads(_log(root, name)))


def missing_from(root: Path, name: str) -> Head | None:
    """Return the head of a shard that its journal does not have; None when it has it, or none was noted."""
    head = last_head(root, name)
    if head is None:
        return None
    try:
        with os.fdopen(open_plain(root / name / JOURNAL), "rb") as file:
            return None if has_line(file.fileno(), head.mark) else head
    except OSError:
        return head


def note_head(root: Path, name: str, head: Head) -> None:
    """Add a head to a shard's log, on disk when it returns; raise OSError when the disk refuses, or LockHeld.

    Nothing is written when the log has one that is as far.
    """
    known = last_head(root, name)
    if known is not None and known.mark.seq >= head.mark.seq and not head.reset:
        return
    path = _log(root, name)
    make_folder(path.parent)
    body = orjson.dumps({**head.mark._asdict(), "at": head.at, "reset": head.reset})
    line = b"%08x %s\n" % (zlib.crc32(body), body)
    handle = open_append(path)
    with os.fdopen(handle, "ab", buffering=0) as file:
        take(handle, fcntl.LOCK_EX, f"Sổ mốc của {name}")
        if file.tell() > _LONGEST:
            write_atomic(path, line)
        else:
            # A line that was cut short must not swallow this one.
            write_all(handle, b"\n" + line if _is_cut(path) else line)
            os.fsync(handle)
            sync_folder(path.parent)


def note_all(root: Path, at: str) -> None:
    """Note the head of every journal that can be read, as far as it is surely on disk."""
    for path in sorted(root.rglob(JOURNAL)):
        with contextlib.suppress(OSError, journal.BadRecord):
            if mark := _mark_of(path):
                note_head(root, str(path.parent.relative_to(root)), Head(mark, at))


def _mark_of(path: Path) -> Mark | None:
    durable, content = durable_size(path), read_journal(path)[: durable_size(path)]
    lines = list(lines_of(content))
    if not durable or not lines:
        return None
    start, line = lines[-1]
    decoded = journal.decode(line, None)
    born = hashlib.sha256(lines[0][1]).hexdigest()
    return Mark(decoded.entry.seq, start, start + len(line), decoded.digest, born)


def _log(root: Path, name: str) -> Path:
    return root / HEADS / f"{name}.log"


def _heads(path: Path) -> Iterator[Head]:
    """Yield the heads in the last lines of a log; what cannot be read is left out."""
    try:
        with os.fdopen(open_plain(path), "rb") as file:
            file.seek(max(0, file.seek(0, 2) - _TAIL))
            lines = file.read().splitlines()
    except OSError:
        return
    for line in lines:
        check, _, body = line.partition(b" ")
        if check == b"%08x" % zlib.crc32(body):
            with contextlib.suppress(ValueError, KeyError, TypeError):
                said = orjson.loads(body)
                yield Head(read_mark(said), str(said["at"]), bool(said["reset"]))


def _is_cut(path: Path) -> bool:
    with os.fdopen(open_plain(path), "rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - 1))
        return size > 0 and file.read(1) != b"\n"
