"""A journal on disk: lock it, read what is new, append to it, and sync it for several writers at once.

``flock`` on the journal itself keeps writers apart; it is held while the tail is read, compared and
appended to, never during a sync. Syncing, and cutting off what could not be synced, happens while
holding the lock of :class:`hocba_tui.store.syncing.SharedSync`.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from hocba_tui.errors import FilesReplaced, NotSaved, StoreUnusable, system_reason
from hocba_tui.store import journal
from hocba_tui.store.backend import Entry
from hocba_tui.store.checkpoint import Mark, has_line
from hocba_tui.store.damage import Damage
from hocba_tui.store.disk import open_append, open_plain, read_plain, sync_folder, write_all
from hocba_tui.store.locks import take
from hocba_tui.store.syncing import SharedSync
from hocba_tui.store.tables import Documents, Tables

JOURNAL = "journal.log"
SET_ASIDE, DAMAGED = "damaged-", ".damaged"
"""How a rebuild names the folder with the damaged files, and what it adds to their names."""
START = Mark(-1, 0, 0, journal.GENESIS, "")


class JournalFile:
    """The journal in ``folder``, how far this process has read it, and the documents up to there."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.called = f"Tệp của {name}"
        self.path = folder / JOURNAL
        self.mark = START
        self.tables = Tables()
        self.threads = threading.RLock()
        self._settled = 0
        self._sure = START
        """The last line that was read and is surely on disk, which only a rebuild removes."""
        self._handle = open_append(self.path)
        self._file = _file_of(os.fstat(self._handle))
        self.handles = [self._handle]
        self.sync = SharedSync(folder, self._handle, self.called)
        self.handles.append(self.sync.handle)

    @contextlib.contextmanager
    def locked(self, *, however_long: bool = False) -> Iterator[None]:
        """Keep every other writer out; threads of one process share the descriptor, and so the lock.

        Raise LockHeld when another process does not let go of it, unless it must be had ``however_long`` it takes.
        """
        with self.threads:
            if however_long:
                fcntl.flock(self._handle, fcntl.LOCK_EX)
            else:
                take(self._handle, fcntl.LOCK_EX, self.called)
            try:
                yield
            finally:
                fcntl.flock(self._handle, fcntl.LOCK_UN)

    # --- reading -------------------------------------------------------------------------------

    def require_place(self) -> int:
        """Return the journal's size; raise FilesReplaced when others find another file, or none, under its name."""
        try:
            found = self.path.stat(follow_symlinks=False)
        except (FileNotFoundError, NotADirectoryError):
            raise FilesReplaced(self.name, "không còn ở chỗ của nó (đã bị xóa hoặc chuyển đi)") from None
        if _file_of(found) != self._file:
            linked = stat.S_ISLNK(found.st_mode)
            raise FilesReplaced(self.name, f"đã bị thay bằng {'một liên kết' if linked else 'tệp khác'}")
        return found.st_size

    def unchanged(self) -> bool:
        """Return whether nothing has been written since; bytes that are on disk are never removed.

        Raise FilesReplaced when others find another file under its name.
        """
        return self.require_place() == self.mark.end <= self._settled

    def last_seen(self) -> Mark:
        """Return the last line that was read and is surely on disk, in the file that is open."""
        return self.mark if self._settled >= self.mark.end else self._sure

    def agrees(self, mark: Mark) -> bool:
        """Return whether the journal still has the line that ``mark`` describes."""
        return has_line(self._handle, mark)

    def stand_at(self, mark: Mark, documents: Documents) -> None:
        """Begin at a checkpoint instead of at the first line."""
        self.mark, self.tables.documents = mark, documents

    def read(self, *, writing: bool = False) -> list[Entry]:
        """Read and apply what follows the mark, and return it; raise Damage when it is not sound.

        A torn tail is left alone, or cut when ``writing``, which needs the lock. Raise FilesReplaced when the
        journal no longer has what was read before.
        """
        if self._settled >= self.mark.end:
            self._sure = self.mark
        durable, size = self.sync.durable(), os.fstat(self._handle).st_size
        if self._settled >= self.mark.end == size == durable:
            return []  # What is on disk is never removed, so an unchanged size says that nothing happened.
        # Only a rebuild removes what was on disk.
        rebuilt = durable < self._settled or size < self.mark.end
        if self.mark.seq < 0 or ((rebuilt or self.mark.end > self._settled) and not self.agrees(self.mark)):
            self._require_all_read()
            self._forget()  # We had read somebody's line before the disk refused it; it was cut off.
        # Whatever is read from here on and ends before ``durable`` is never cut off any more.
        self._settled = durable
        data = os.pread(self._handle, size - self.mark.end, self.mark.end) if size > self.mark.end else b""
        mark, entries, base = self.mark, list[Entry](), self.mark.end
        problem: Damage | None = None
        while mark.end - base < len(data):
            position = mark.end - base
            line = data[position : data.find(b"\n", position) + 1 or len(data)]
            try:
                decoded = journal.decode(line, mark.digest, mark.seq + 1)
            except journal.BadRecord as error:
                self._require_all_read()
                if mark.end < durable or not journal.is_torn(data[position:], mark.end):
                    problem = Damage(self.name, JOURNAL, mark.seq, mark.end, str(error))
                elif writing:
                    os.ftruncate(self._handle, mark.end)
                    # Without it a second power cut could show old sectors after what is written next.
                    os.fdatasync(self._handle)
                break
            entries.append(decoded.entry)
            mark = _after(mark, decoded.digest, decoded.size)
        if problem is None and size < durable:
            problem = Damage(self.name, JOURNAL, mark.seq, mark.end, "nhật ký ngắn hơn phần đã ghi xuống đĩa")
        self.mark = mark
        self.tables.apply(edit for entry in entries for edit in entry.edits)
        if problem is not None:
            raise problem
        return entries

    def _require_all_read(self) -> None:
        """Raise FilesReplaced when lines that were read and on disk are gone, unless a rebuild has set them aside."""
        sure = self._sure
        if sure.seq < 0 or self.agrees(sure):
            return
        # Where the damaged journal has the line, it was rebuilt after that line was read, and not exchanged.
        for aside in self.path.parent.glob(f"{SET_ASIDE}*/{JOURNAL}{DAMAGED}"):
            with contextlib.suppress(OSError):
                if hashlib.sha256(read_plain(aside)[sure.start : sure.end]).hexdigest() == sure.digest:
                    self._sure = START
                    return
        raise FilesReplaced(self.name, "nay thiếu những bản ghi mà phiên này đã đọc")

    def entries(self, containing: bytes) -> Iterator[Entry]:
        """Decode the lines that contain ``containing``, as far as the journal is sound.

        Raise StoreUnusable at the first damage.
        """
        content, damage = self._content()
        for number, (position, line) in enumerate(lines_of(content)):
            if containing in line:
                try:
                    yield journal.decode(line, None).entry
                except journal.BadRecord as error:
                    raise Damage(self.name, JOURNAL, number - 1, position, str(error)).unusable() from error
        if damage:
            raise damage.unusable()

    def now_at_its_place(self) -> Documents:
        """Return what others find under the journal's name, as far as it can be read: it may be another file."""
        try:
            content = read_journal(self.path)
        except OSError:
            return {}
        tables, previous = Tables(), journal.GENESIS
        with contextlib.suppress(journal.BadRecord):
            for number, (_, line) in enumerate(lines_of(content)):
                decoded = journal.decode(line, previous, number)
                previous = decoded.digest
                tables.apply(decoded.entry.edits)
        return tables.documents

    def last(self, containing: bytes, wanted: Callable[[Entry], bool]) -> Entry | None:
        """Return the latest entry that is ``wanted``, among the lines with ``containing``; None when there is none."""
        for _, line in reversed(list(lines_of(self._content()[0]))):
            if containing in line:
                with contextlib.suppress(journal.BadRecord):
                    entry = journal.decode(line, None).entry
                    if wanted(entry):
                        return entry
        return None

    def _content(self) -> tuple[bytes, Damage | None]:
        """Return the journal up to where reading it stops, and what stopped it.

        A complete line after a torn one does not count.
        """
        damage: Damage | None = None
        try:
            with self.threads:
                try:
                    self.read()
                except Damage as found:
                    damage = found
            content = read_journal(self.path)
            self.require_place()
        except OSError as error:
            raise StoreUnusable(f"Không đọc được nhật ký của {self.name}: {system_reason(error)}.") from error
        return content[: self.mark.end], damage

    # --- writing -------------------------------------------------------------------------------

    def append(self, entry: Entry) -> tuple[int, bytes]:
        """Write ``entry`` after the last one, not yet durable; return where it starts and its line.

        Needs the lock. Raise OSError when the disk refuses; then no part of it is left.
        """
        self.know_how_far()
        start = self.mark.end
        line = journal.encode(entry, self.mark.digest, self._settled)
        try:
            write_all(self._handle, line)
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self._handle, start)
            raise
        self.mark = _after(self.mark, hashlib.sha256(line).hexdigest(), len(line))
        self.tables.apply(entry.edits)
        return start, line

    def know_how_far(self) -> None:
        """Sync once when it is unknown how far the journal is on disk: a failed sync is cut back to there."""
        if self._settled == 0 and self.mark.end > 0:
            try:
                self.sync_names()
                os.fdatasync(self._handle)
                self.sync.publish(self.mark.end)
            except OSError:
                self._drop_cache()
                with contextlib.suppress(OSError, Damage, FilesReplaced):
                    self.read()
                raise
            self._settled = self.mark.end

    def sync_names(self) -> None:
        """Make the names of the journal and its folders durable: their maker may have died before syncing them."""
        folder = self.path.parent
        for _ in range(len(Path(self.name).parts) + 1):
            sync_folder(folder)
            folder = folder.parent

    def bring_to_disk(self) -> None:
        """Return when everything in the journal now is on disk; raise OSError when it is not, or Damage."""
        with self.locked():
            self.require_place()
            self.read()
            self.know_how_far()
            start, line = self.mark.start, os.pread(self._handle, self.mark.end - self.mark.start, self.mark.start)
        self.settle(start, line)

    def settle(self, start: int, line: bytes) -> None:
        """Return when the line is on disk, by our sync or by somebody else's; raise OSError when it is not."""
        end = start + len(line)
        taken_back = False
        if not self._on_disk(start, line):
            with self.sync.turn():
                # If somebody else's sync failed, it cut off everything that it should have covered.
                taken_back = not self._there(start, line)
                if not taken_back and self.sync.durable() < end:
                    try:
                        self.sync.sync()
                    except OSError:
                        self._take_back()
                        raise
        if taken_back:
            self.start_again()
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        with self.threads:
            self._settled = max(self._settled, end)

    def _on_disk(self, start: int, line: bytes) -> bool:
        """Return whether somebody's sync has covered the line already; bytes on disk are never removed."""
        return self.sync.durable() >= start + len(line) and self._there(start, line)

    def _there(self, start: int, line: bytes) -> bool:
        return os.pread(self._handle, len(line), start) == line

    def start_again(self) -> None:
        """Open the journal again and read it from the disk."""
        with self.threads:
            with contextlib.suppress(OSError, FilesReplaced):
                self.require_place()
                fresh = open_append(self.path)
                try:
                    if _file_of(os.fstat(fresh)) == self._file:
                        # The same number for threads that are using it; the old file's lock ends here.
                        os.dup2(fresh, self._handle, inheritable=False)
                        self.sync.look_again()
                finally:
                    os.close(fresh)
            self._forget()
            with contextlib.suppress(OSError, Damage, NotSaved), self.locked():
                self.read()

    def _take_back(self) -> None:
        """Cut off what could not be synced, for everybody: a later sync would succeed though the data is gone."""
        with self.locked(however_long=True):  # Nobody else may have a turn before it is cut off.
            # If the lock file was removed or spoilt meanwhile, others may have synced without our knowing:
            # their lines stay. What the disk refused shows as a hole once it is dropped from the page cache.
            with contextlib.suppress(OSError):
                if self.sync.current() and (durable := self.sync.durable()):
                    os.ftruncate(self._handle, durable)
            self._drop_cache()
        self.start_again()

    def _drop_cache(self) -> None:
        """Drop the page cache, so that the next read shows the disk and not what the disk refused."""
        with contextlib.suppress(OSError):
            os.posix_fadvise(self._handle, 0, 0, os.POSIX_FADV_DONTNEED)
        self._forget()

    def _forget(self) -> None:
        self.mark, self._settled = START, 0
        self.tables.documents = {}


def read_journal(path: Path) -> bytes:
    """Return a whole journal while no writer holds it; raise OSError when it cannot be read, or LockHeld."""
    # Opened again: a copy of the descriptor would share its position with other threads.
    handle = open_plain(path)
    with os.fdopen(handle, "rb") as file:
        take(handle, fcntl.LOCK_SH, f"Tệp của {path.parent.name}")
        return file.read()


def lines_of(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield each line with the byte at which it begins; the last one may lack its newline."""
    position = 0
    while position < len(data):
        stop = data.find(b"\n", position) + 1 or len(data)
        yield position, data[position:stop]
        position = stop


def _file_of(status: os.stat_result) -> tuple[int, int]:
    """Return what tells a file from any other one that exists at the same time."""
    return status.st_dev, status.st_ino


def _after(mark: Mark, digest: str, size: int) -> Mark:
    """Return the mark one line further on."""
    return Mark(mark.seq + 1, mark.end, mark.end + size, digest, mark.born or digest)
