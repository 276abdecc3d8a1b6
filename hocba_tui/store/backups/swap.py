"""Compare a restored store with the one that is in use, and put it in its place.

Nothing is removed: the store that was in use gets another name and stays whole.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hocba_tui.errors import HocbaError
from hocba_tui.store import journal
from hocba_tui.store.backend import SCHOOL
from hocba_tui.store.backups.age import read_recipients
from hocba_tui.store.backups.archive import Contents
from hocba_tui.store.backups.backup import RECIPIENTS, recipients_of
from hocba_tui.store.disk import make_folder, read_plain, sync_folder, write_atomic
from hocba_tui.store.journal_file import JOURNAL, lines_of

_HERE, _EXCHANGE = -100, 2
"""AT_FDCWD and RENAME_EXCHANGE of renameat2."""
_NO_EXCHANGE = {errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP}


@dataclass(frozen=True)
class Difference:
    """How one journal of a store in use differs from the copy of it."""

    shard: str
    only_here: int = 0
    """Entries that the copy does not have."""
    only_copied: int = 0
    """Entries that only the copy has: the store was cut, or is itself the older one."""
    forked: int | None = None
    """Number of the first entry that is sound in both and not the same: both went on, each for itself."""


def compare(root: Path, restored: Path, contents: Contents) -> list[Difference]:
    """Return how the journals in ``root`` differ from those in ``restored``, as far as they were in the copy."""
    here = {str(path.parent.relative_to(root)) for path in root.rglob(JOURNAL)}
    found = []
    for name in sorted(here | set(contents.shards)):
        size = contents.files.get(f"{name}/{JOURNAL}", ("", 0))[1]
        # Restoring may have added lines of its own.
        found.append(compare_journals(name, _read(root / name), _read(restored / name)[:size]))
    return [one for one in found if one.only_here or one.only_copied or one.forked is not None]


def compare_journals(shard: str, here: bytes, copied: bytes) -> Difference:
    """Return how two journals differ; where a line is damaged it is not known whether they forked."""
    mine, theirs = ([line for _, line in lines_of(content)] for content in (here, copied))
    same = next(
        (at for at, (a, b) in enumerate(zip(mine, theirs, strict=False)) if a != b), min(len(mine), len(theirs))
    )
    forked = None
    if same < min(len(mine), len(theirs)) and _sound(mine[same]) and _sound(theirs[same]):
        forked = same
    only_here = sum(1 for line in mine[same:] if _sound(line))
    return Difference(shard, only_here, sum(1 for line in theirs[same:] if _sound(line)), forked)


def of_other_origin(root: Path, restored: Path) -> bool:
    """Return whether two stores have nothing in common: the school's journals begin with different sound lines."""
    first = [_read(place / SCHOOL).partition(b"\n")[0] + b"\n" for place in (root, restored)]
    return first[0] != first[1] and all(map(_sound, first))


def _sound(line: bytes) -> bool:
    try:
        journal.decode(line, None)
    except journal.BadRecord:
        return False
    return True


def _read(folder: Path) -> bytes:
    try:
        return read_plain(folder / JOURNAL)
    except OSError:
        return b""


def take_over_drafts(root: Path, restored: Path) -> int:
    """Copy what people were typing, which backups leave out, into the restored store; return how many files."""
    taken = 0
    for path in sorted((root / "drafts").glob("*.json")):
        target = restored / "drafts" / path.name
        with contextlib.suppress(OSError, HocbaError):  # The old store stays, with this file in it.
            if not target.exists():
                make_folder(target.parent)
                write_atomic(target, read_plain(path))
                taken += 1
    return taken


def take_over_recipients(root: Path, restored: Path) -> bool:
    """Let backups go on to who gets them now, and not to who got them when the copy was made.

    Return whether that differs. A list that names nobody or cannot be read is not taken over.
    """
    try:
        lines = recipients_of(root, ())
        read_recipients(lines)
        now = read_plain(root / RECIPIENTS)
        if (restored / RECIPIENTS).exists() and read_plain(restored / RECIPIENTS) == now:
            return False
        write_atomic(restored / RECIPIENTS, now)
    except (OSError, HocbaError):
        return False
    return True


def swap(root: Path, restored: Path, aside: Path) -> None:
    """Let ``restored`` take the place of ``root``, and ``root`` the name ``aside``; after an OSError nothing changed.

    Call it with the store held alone. There is a complete store in ``root`` at every moment, where the file system
    can exchange two names; else there is none for an instant.
    """
    try:
        exchange(root, restored)
    except OSError as error:
        if error.errno not in _NO_EXCHANGE:
            raise
        root.rename(aside)
        _rename(restored, root, undo=lambda: aside.rename(root))
    else:
        _rename(restored, aside, undo=lambda: exchange(root, restored))
    with contextlib.suppress(OSError):  # Whichever of the two names a power cut leaves, there is a whole store.
        sync_folder(root.parent)


def _rename(path: Path, name: Path, undo: Callable[[], object]) -> None:
    try:
        path.rename(name)
    except OSError:
        undo()
        raise


def exchange(one: Path, two: Path) -> None:
    """Exchange two names in one step; raise OSError when the system cannot."""
    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if call is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    if call(_HERE, os.fsencode(one), _HERE, os.fsencode(two), _EXCHANGE):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
