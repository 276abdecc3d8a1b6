"""What can be said of a shard without opening it.

Opening a class takes milliseconds and megabytes; a big school has hundreds, and of most of them somebody only wants to
know that nothing has changed.
"""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path
from typing import NamedTuple

from hocba_tui.errors import HocbaError
from hocba_tui.store.checkpoint import Mark, has_line, mark_of
from hocba_tui.store.disk import open_plain, require_plain
from hocba_tui.store.heads import last_head
from hocba_tui.store.journal_file import JOURNAL
from hocba_tui.store.shard import DATA
from hocba_tui.store.syncing import LOCK, durable_size

_OTHERS_WRITE = 0o022


class Trace(NamedTuple):
    """What the disk says of a journal. The same trace twice: it is the same file, and nothing was written to it."""

    device: int
    inode: int
    size: int
    modified: int
    changed: int
    """Nanoseconds of the last write, and of the last change of its name, owner or permissions."""


def trace_of(journal: str) -> Trace | None:
    """Return the trace of a journal; None when it is no file of ours that nobody else can write to."""
    try:
        found = os.lstat(journal)
    except OSError:
        return None
    if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & _OTHERS_WRITE:
        return None
    return Trace(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def stands_at(root: Path, name: str, mark: Mark) -> bool:
    """Return whether opening a shard would surely find it sound and at ``mark``, with nothing behind it.

    These are the conditions under which :class:`hocba_tui.store.shard.FileShard` opens without damage. False when in
    doubt: then opening it says what is wrong.
    """
    folder = root / name
    try:
        if not (_is_own(folder.parent) and _is_own(folder)):
            return False
        with contextlib.ExitStack() as held:
            journal = _opened(held, folder / JOURNAL)
            _opened(held, folder / LOCK)
            size = os.fstat(journal).st_size
            if size != mark.end or not has_line(journal, mark) or durable_size(folder / JOURNAL) > size:
                return False
            head, checkpoint = last_head(root, name), mark_of(folder / DATA)
            noted = [head.mark] if head else []
            if checkpoint and checkpoint.born == mark.born:
                noted.append(checkpoint)
            return all(found.digest == mark.digest or has_line(journal, found) for found in noted)
    except (OSError, HocbaError):
        return False


def _is_own(folder: Path) -> bool:
    found = folder.lstat()
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & _OTHERS_WRITE


def _opened(held: contextlib.ExitStack, path: Path) -> int:
    handle = open_plain(path)
    held.callback(os.close, handle)
    require_plain(path, handle)
    return handle
