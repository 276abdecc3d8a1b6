"""One shard on disk: a journal that is the truth, and a checkpoint that saves time."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import secrets
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import orjson

from hocba_tui.errors import StoreUnusable, system_reason
from hocba_tui.store import checkpoint as checkpoints
from hocba_tui.store import journal
from hocba_tui.store.backend import Edit, Entry, Expect, Value
from hocba_tui.store.damage import Damage
from hocba_tui.store.disk import (
    make_folder,
    not_saved,
    open_append,
    read_plain,
    sweep,
    sync_folder,
    write_all,
    write_once,
)
from hocba_tui.store.syncing import SharedSync
from hocba_tui.store.tables import Tables, touches

JOURNAL, DATA, FROZEN = "journal.log", "data.json", "frozen"
CHECKPOINT_EVERY = 200
"""Entries after which the writer renews data.json."""
_FAIRNESS_PAUSE = 0.0001
"""Seconds after unlocking: without it one of eight processes gets 4.5 times another's share."""
_START = checkpoints.Mark(-1, 0, 0, journal.GENESIS, "")


class FileShard:
    """See :class:`hocba_tui.store.backend.Shard`. ``known``: the school says that there is one."""

    def __init__(self, name: str, folder: Path, now: Callable[[], datetime], *, known: bool = False) -> None:
        self.name = name
        self.born = False
        """Whether it was made by this opening."""
        self._folder = folder
        self._now = now
        self._threads = threading.RLock()
        self._damage: Damage | None = None
        self._tables = Tables()
        self._mark = _START
        self._settled = 0
        try:
            make_folder(folder)
            sweep(folder)
            self._handle = open_append(folder / JOURNAL)
        except OSError as error:
            raise StoreUnusable(f"Không mở được nhật ký {folder / JOURNAL}: {system_reason(error)}.") from error
        # Descriptors are plain numbers: without this, each store that is let go of would keep its own.
        self._handles = [self._handle]
        weakref.finalize(self, _close_all, self._handles)
        try:
            self._sync = SharedSync(folder, self._handle)
            self._handles.append(self._sync.handle)
            self._open(known=known)
        except OSError as error:
            raise StoreUnusable(f"Không đọc được nhật ký của {name}: {system_reason(error)}.") from error

    # --- reading -------------------------------------------------------------------------------

    @property
    def seq(self) -> int:
        """Return the sequence number of the last entry that was read."""
        return self._mark.seq

    @property
    def damage(self) -> str:
        """Return what is wrong with the shard's files; empty when it can be written."""
        return self._damage.words if self._damage else ""

    def table(self, table: str) -> Mapping[str, Mapping[str, Value]]:
        """Return the documents of ``table`` by key."""
        return self._tables.table(table)

    def document(self, table: str, key: str) -> Mapping[str, Value]:
        """Return one document, empty when there is none."""
        return self._tables.document(table, key)

    def tables(self) -> tuple[str, ...]:
        """Return the names of the tables."""
        return tuple(self._tables.documents)

    def refresh(self) -> tuple[Entry, ...]:
        """Read what others appended since; a torn tail is left to the next writer."""
        try:
            # What is on disk is never taken back, so an unchanged size says that nothing happened.
            if self._damage or (self._settled >= self._mark.end == os.fstat(self._handle).st_size):
                return ()
            with self._threads:
                try:
                    return tuple(self._read_tail())
                except Damage:
                    with self._locked():  # Was it somebody in the middle of a write?
                        return tuple(self._read_tail())
        except Damage as damage:
            self._damage = damage
            return ()
        except OSError as error:
            raise StoreUnusable(f"Không đọc được nhật ký của {self.name}: {system_reason(error)}.") from error

    def entries(self, actor: str = "") -> Iterator[Entry]:
        """Yield the entries, those of one actor or all, oldest first; StoreUnusable where one is damaged."""
        return self._entries(b'"by":' + orjson.dumps(actor) if actor else b"")

    def history(self, table: str, key: str, field: str = "") -> Iterator[Entry]:
        """Yield the entries that touched a document or one of its fields, oldest first."""
        return (entry for entry in self._entries(orjson.dumps(key)) if touches(entry, table, key, field))

    def steps_of(self, intent: str) -> tuple[Entry, ...]:
        """Return the entries that are steps of a wider act, oldest first."""
        return tuple(entry for entry in self._entries(orjson.dumps(intent)) if entry.intent == intent)

    def kept(self, digest: str) -> bytes:
        """Return the bytes kept under ``digest``, proven against it."""
        try:
            data = read_plain(self._folder / FROZEN / digest)
        except OSError as error:
            raise StoreUnusable(f"Thiếu tệp đóng băng {digest[:12]}… của {self.name}.") from error
        if hashlib.sha256(data).hexdigest() != digest:
            raise StoreUnusable(f"Tệp đóng băng {digest[:12]}… của {self.name} đã bị thay đổi.")
        return data

    # --- writing -------------------------------------------------------------------------------

    def change(
        self,
        actor: str,
        act: str,
        edits: Sequence[Edit],
        note: str = "",
        expecting: Sequence[Expect] = (),
        *,
        intent: str = "",
        undoes: int = 0,
    ) -> Entry:
        """Write ``edits`` durably, all or none; see the protocol for the errors."""
        self.require_sound()
        try:
            with self._locked():
                self._read_tail(writing=True)
                self.compare(edits, expecting)
                self._know_how_far()
                at = self._now().isoformat()
                entry = Entry(self.seq + 1, at, actor, act, tuple(edits), note, intent, undoes)
                start, line = self._append(entry)
            self._settle(start, line)
        except Damage as damage:
            self._damage = damage
            raise damage.unusable() from damage
        except OSError as error:
            if error.errno == errno.EBADF:  # The disk was read-only when the journal was opened.
                self._start_again()
            raise not_saved(error) from error
        if entry.seq % CHECKPOINT_EVERY == 0:
            self.checkpoint()
        time.sleep(_FAIRNESS_PAUSE)
        return entry

    def compare(self, edits: Sequence[Edit], expecting: Sequence[Expect] = ()) -> None:
        """Raise CellConflict when a field no longer holds what its author saw, or a document has changed."""
        self._tables.compare(edits, expecting, self.history)

    def require_sound(self) -> None:
        """Raise StoreUnusable when the shard can only be read."""
        if self._damage:
            raise self._damage.unusable()

    def keep(self, data: bytes) -> str:
        """Keep ``data`` for ever under its SHA-256; on disk when it returns."""
        self.require_sound()
        digest = hashlib.sha256(data).hexdigest()
        try:
            make_folder(self._folder / FROZEN)
        except OSError as error:
            raise not_saved(error) from error
        write_once(self._folder / FROZEN / digest, data)
        return digest

    def checkpoint(self) -> None:
        """Renew data.json; a disk that refuses is no loss, the journal has everything."""
        with contextlib.suppress(OSError), self._threads:
            # Only what surely is on disk: a checkpoint ahead of its journal means that entries were lost.
            if not self._damage and 0 < self._mark.end <= self._sync.durable():
                checkpoints.save(self._folder / DATA, self._tables.documents, self._mark)

    # --- inside --------------------------------------------------------------------------------

    def _open(self, *, known: bool) -> None:
        found = checkpoints.load(self._folder / DATA)
        birth: tuple[int, bytes] | None = None
        replayed = 0
        with self._locked():
            if found and self._agrees(found[1]):
                self._tables, self._mark = Tables(found[0]), found[1]
            try:
                replayed = len(self._read_tail())
                self._require_whole(found[1] if found else None, known=known)
                if self.seq < 0:
                    birth = self._begin()
            except Damage as damage:
                self._damage = damage
                # What the checkpoint had seen beyond the damage can at least be read.
                if found and found[1].seq > self.seq:
                    self._tables, self._mark = Tables(found[0]), found[1]
        if birth:
            self._settle(*birth)
            self.born = True
        if replayed >= CHECKPOINT_EVERY and not self._damage:
            with contextlib.suppress(OSError), self._locked():
                self._know_how_far()
            self.checkpoint()

    def _require_whole(self, found: checkpoints.Mark | None, *, known: bool) -> None:
        """Raise Damage when the journal is sound but lacks what it once held."""
        if found and self._mark.born == found.born and not self._agrees(found):
            raise Damage(self.name, DATA, found.seq, 0, "nhật ký ngắn hơn, hoặc khác, bản chụp của nó")
        if self.seq < 0 and known:
            raise Damage(self.name, JOURNAL, -1, 0, "nhật ký đã mất hoặc rỗng")

    def _begin(self) -> tuple[int, bytes]:
        sync_folder(self._folder)
        self._read_tail(writing=True)
        # A name of its own, so that no checkpoint of another journal is taken for ours.
        return self._append(Entry(0, self._now().isoformat(), "hocba", "create", (), secrets.token_hex(8)))

    def _agrees(self, mark: checkpoints.Mark) -> bool:
        """Return whether the journal has, at its place, the line that ``mark`` speaks of."""
        if not 0 <= mark.start < mark.end <= os.fstat(self._handle).st_size:
            return False
        line = os.pread(self._handle, mark.end - mark.start, mark.start)
        return hashlib.sha256(line).hexdigest() == mark.digest

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        # flock keeps processes apart; threads of one process share the descriptor, and so the lock.
        with self._threads:
            fcntl.flock(self._handle, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._handle, fcntl.LOCK_UN)

    def _entries(self, containing: bytes) -> Iterator[Entry]:
        """Decode the journal's lines that contain some bytes; the end that somebody is writing is left out."""
        # Opened anew: a copy of the descriptor would share its position with other threads.
        with os.fdopen(os.open(self._folder / JOURNAL, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb") as lines:
            position = number = 0
            for line in lines:
                if containing in line:
                    try:
                        yield journal.decode(line, None).entry
                    except journal.BadRecord as error:
                        if journal.is_torn(line + lines.read(), position):
                            return
                        raise Damage(self.name, JOURNAL, number - 1, position, str(error)).unusable() from error
                position, number = position + len(line), number + 1

    def _read_tail(self, *, writing: bool = False) -> list[Entry]:
        """Take in what stands behind the last entry that was read; Damage when it is not sound."""
        durable = self._sync.durable()
        if self._mark.end > self._settled and self.seq >= 0 and not self._agrees(self._mark):
            self._forget()  # Somebody's write was read before the disk refused it, and is gone.
        # What is read from here on and lies before it can never be taken back any more.
        self._settled = durable
        size = os.fstat(self._handle).st_size
        data = os.pread(self._handle, size - self._mark.end, self._mark.end) if size > self._mark.end else b""
        mark, entries, base = self._mark, list[Entry](), self._mark.end
        problem: Damage | None = None
        if size < durable:
            problem = Damage(self.name, JOURNAL, mark.seq, size, "nhật ký ngắn hơn phần đã ghi xuống đĩa")
        while mark.end - base < len(data):
            position = mark.end - base
            line = data[position : data.find(b"\n", position) + 1 or len(data)]
            try:
                decoded = journal.decode(line, mark.digest, mark.seq + 1)
            except journal.BadRecord as error:
                if mark.end < self._settled or not journal.is_torn(data[position:], mark.end):
                    problem = Damage(self.name, JOURNAL, mark.seq, mark.end, str(error))
                elif writing:
                    os.ftruncate(self._handle, mark.end)
                break
            entries.append(decoded.entry)
            mark = _after(mark, decoded.digest, decoded.size)
        self._tables.apply(edit for entry in entries for edit in entry.edits)
        self._mark = mark
        if problem is not None:
            raise problem
        return entries

    def _append(self, entry: Entry) -> tuple[int, bytes]:
        """Write the entry behind the last one, not yet durable; return where it starts and its line."""
        start = self._mark.end
        line = journal.encode(entry, self._mark.digest, self._settled)
        try:
            write_all(self._handle, line)
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self._handle, start)
            raise
        self._tables.apply(entry.edits)
        self._mark = _after(self._mark, hashlib.sha256(line).hexdigest(), len(line))
        return start, line

    def _know_how_far(self) -> None:
        """Sync once where nobody knows how far the journal is on disk: a failed sync is cut back to there."""
        if self._settled == 0 and self._mark.end > 0:
            try:
                os.fdatasync(self._handle)
            except OSError:
                self._drop_cache()
                with contextlib.suppress(OSError, Damage):
                    self._read_tail()
                raise
            self._sync.publish(self._mark.end)
            self._settled = self._mark.end

    def _settle(self, start: int, line: bytes) -> None:
        """Return when the line is on disk, by our sync or by somebody else's; OSError when it is not."""
        with self._sync.turn():
            # A sync that failed for somebody else took everything back that it should have covered.
            taken_back = os.pread(self._handle, len(line), start) != line
            if not taken_back and self._sync.durable() < start + len(line):
                try:
                    self._sync.sync()
                except OSError:
                    self._take_back(start)
                    raise
        if taken_back:
            self._start_again()
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    def _take_back(self, start: int) -> None:
        """Cut what could not be synced, for everybody: a later sync would say OK though the data is gone."""
        with self._locked():
            # Where the lock file was removed, others may have synced behind our back: theirs stays.
            if self._sync.current():
                with contextlib.suppress(OSError):
                    os.ftruncate(self._handle, self._sync.durable() or start)
            self._drop_cache()
        self._start_again()

    def _drop_cache(self) -> None:
        """Let the next look show the disk: memory may still hold what the disk refused."""
        with contextlib.suppress(OSError):
            os.posix_fadvise(self._handle, 0, 0, os.POSIX_FADV_DONTNEED)
        self._forget()

    def _start_again(self) -> None:
        """Open the journal anew and read it from the disk."""
        with self._threads:
            with contextlib.suppress(OSError):
                fresh = open_append(self._folder / JOURNAL)
                # The same number for threads that are using it; the old file's lock ends with it.
                os.dup2(fresh, self._handle, inheritable=False)
                os.close(fresh)
            self._forget()
            with self._locked(), contextlib.suppress(Damage):
                self._read_tail()

    def _forget(self) -> None:
        self._tables, self._mark, self._settled = Tables(), _START, 0


def _after(mark: checkpoints.Mark, digest: str, size: int) -> checkpoints.Mark:
    """Return the mark one line further on."""
    return checkpoints.Mark(mark.seq + 1, mark.end, mark.end + size, digest, mark.born or digest)


def _close_all(handles: list[int]) -> None:
    for handle in handles:
        os.close(handle)
