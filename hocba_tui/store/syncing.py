"""One sync for many changes: writers that come while the disk is busy share the next sync.

Beside each journal there is a file ``sync.lock``. A writer that wants its change on disk takes this lock;
when somebody else's sync has covered the change meanwhile, nothing is left to do. The file says how far
the journal is on disk, for this journal and this start of the computer only: after a power cut it says
nothing. Losing the file costs extra syncs, never changes.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import os
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path

from hocba_tui.store.disk import open_append, read_plain
from hocba_tui.store.locks import take

LOCK = "sync.lock"
_DIGITS = 20


class SharedSync:
    """How far a journal is on disk, known to all processes of this computer."""

    def __init__(self, folder: Path, journal: int, name: str) -> None:
        self._path = folder / LOCK
        self._name = name
        self._journal = journal
        self._threads = threading.Lock()
        self.handle = open_append(self._path, append=False)
        self._which = b""
        self.look_again()

    def look_again(self) -> None:
        """Note which journal it is; call it after the journal's descriptor was given to a newly opened file."""
        self._which = _named(os.fstat(self._journal))

    def durable(self) -> int:
        """Return how many bytes of the journal are surely on disk; 0 when it is unknown."""
        return _read(os.pread(self.handle, 100, 0), self._which)

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a running sync to end, then hold the lock; raise LockHeld when it does not end."""
        with self._threads:
            self._take()
            try:
                yield
            finally:
                fcntl.flock(self.handle, fcntl.LOCK_UN)

    def _take(self) -> None:
        """Lock the file that others find, not a removed one: its content would be worth nothing."""
        take(self.handle, fcntl.LOCK_EX, self._name)
        while not self.current():
            self._reopen()
            take(self.handle, fcntl.LOCK_EX, self._name)

    def renew(self) -> None:
        """Open the file again while no thread holds the lock: it was opened when the disk was read-only."""
        with self._threads:
            self._reopen()

    def _reopen(self) -> None:
        """Open the file again under the same number, for threads that are using it."""
        fresh = open_append(self._path, append=False)
        os.dup2(fresh, self.handle, inheritable=False)
        os.close(fresh)

    def current(self) -> bool:
        """Return whether the file that we hold is still the one that others find."""
        try:
            found = self._path.stat(follow_symlinks=False)
        except FileNotFoundError:
            return False
        return found.st_ino == os.fstat(self.handle).st_ino

    def sync(self) -> None:
        """Sync the journal, as far as it goes now, with the lock held; raise OSError when the disk refuses."""
        end = self._end_of_lines()
        os.fdatasync(self._journal)
        self.publish(end)

    def _end_of_lines(self) -> int:
        """Return where the last complete line ends: a partial line may still be cut off by its writer."""
        size = os.fstat(self._journal).st_size
        step = 1
        while size > 0:
            start = max(0, size - step)
            found = os.pread(self._journal, size - start, start).rfind(b"\n")
            if found >= 0:
                return start + found + 1
            size, step = start, 1 << 16
        return 0

    def publish(self, size: int) -> None:
        """Write that the first ``size`` bytes are on disk; raise OSError when it cannot be written.

        Then nothing may depend on it: after a failed sync the journal is cut back to the last published size.
        """
        far = b"%0*d" % (_DIGITS, size)
        said = b"%s %s %s\n" % (self._which, far, _check(self._which, far))
        done = 0
        while done < len(said):
            done += os.pwrite(self.handle, said[done:], done)


def durable_size(journal: Path) -> int:
    """Return how many bytes of a journal are surely on disk, without opening it for writing; 0 when it is unknown."""
    try:
        return _read(read_plain(journal.with_name(LOCK)), _named(journal.stat(follow_symlinks=False)))
    except OSError:
        return 0


def _read(said: bytes, which: bytes) -> int:
    """Return what a lock file says of the journal ``which``; 0 when it says nothing of it."""
    # The first line only: an older, longer line of another disk may still follow it.
    words = said.partition(b"\n")[0].split()
    if len(words) != 3 or words[0] != which or words[2] != _check(words[0], words[1]):
        return 0
    if not words[1].isdigit() or len(words[1]) > _DIGITS:
        return 0
    return int(words[1])


def _named(status: os.stat_result) -> bytes:
    """Return what tells a journal from others, for this start of the computer."""
    return b"%s-%d" % (_boot(), status.st_ino)


def _check(which: bytes, far: bytes) -> bytes:
    """Return the checksum of a line; a reader without the lock may see half of two lines."""
    return b"%08x" % zlib.crc32(which + far)


@functools.cache
def _boot() -> bytes:
    """Return what identifies this start of the computer; when the system does not say, nothing is ever trusted."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_bytes().strip()
    except OSError:
        return b"unknown-%d-%s" % (os.getpid(), os.urandom(8).hex().encode())
