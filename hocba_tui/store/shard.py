"""One shard on disk: a journal that is the truth, and a checkpoint that saves time."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from hocba_tui.errors import CellConflict, Conflict, StoreUnusable, system_reason
from hocba_tui.store import checkpoint as checkpoints
from hocba_tui.store import journal
from hocba_tui.store.backend import Edit, Entry, Expect, Value
from hocba_tui.store.disk import make_folder, not_saved, open_append, sync_folder, write_all, write_once

CHECKPOINT_EVERY = 200
"""Entries after which the writer renews data.json."""
_FAIRNESS_PAUSE = 0.0001
"""Seconds after unlocking: without it one of eight processes gets 4.5 times another's share."""
_EMPTY: Mapping[str, Value] = {}


class FileShard:
    """See :class:`hocba_tui.store.backend.Shard`."""

    def __init__(self, name: str, folder: Path, now: Callable[[], datetime]) -> None:
        self.name = name
        self._folder = folder
        self._now = now
        self._threads = threading.RLock()
        self._open_handles: list[int] = []
        # Descriptors are plain numbers: without this, each store that is let go of would keep its own.
        weakref.finalize(self, _close_all, self._open_handles)
        make_folder(folder)
        self._journal = folder / "journal.log"
        self._data = folder / "data.json"
        self._forget()
        self._open()

    # --- reading -------------------------------------------------------------------------------

    @property
    def seq(self) -> int:
        """Return the sequence number of the last entry that was read."""
        return self._mark.seq

    def table(self, table: str) -> Mapping[str, Mapping[str, Value]]:
        """Return the documents of ``table`` by key."""
        return self._tables.get(table, {})

    def document(self, table: str, key: str) -> Mapping[str, Value]:
        """Return one document, empty when there is none."""
        return self._tables.get(table, {}).get(key, _EMPTY)

    def refresh(self) -> tuple[Entry, ...]:
        """Read what others appended since; a torn tail is left to the next writer."""
        with self._threads:
            try:
                if os.fstat(self._handle).st_size == self._mark.end:
                    return ()
                return tuple(self._read_tail())
            except OSError as error:
                raise StoreUnusable(f"Không đọc được nhật ký của {self.name}: {system_reason(error)}.") from error

    def history(self, table: str, key: str, field: str = "") -> Iterator[Entry]:
        """Yield the entries that touched a document or one of its fields, oldest first."""
        for entry in self._entries():
            if any(e.table == table and e.key == key and field in ("", e.field) for e in entry.edits):
                yield entry

    def steps_of(self, intent: str) -> tuple[Entry, ...]:
        """Return the entries that are steps of a wider act, oldest first."""
        return tuple(entry for entry in self._entries() if entry.intent == intent)

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
    ) -> Entry:
        """Write ``edits`` durably, all or none; see the protocol for the errors."""
        try:
            entry = self._change(actor, act, edits, note, expecting, intent)
        except OSError as error:
            raise not_saved(error) from error
        time.sleep(_FAIRNESS_PAUSE)
        return entry

    def _change(
        self, actor: str, act: str, edits: Sequence[Edit], note: str, expecting: Sequence[Expect], intent: str
    ) -> Entry:
        with self._locked():
            self._read_tail(writing=True)
            self.compare(edits, expecting)
            entry = Entry(self.seq + 1, self._now().isoformat(), actor, act, tuple(edits), note, intent)
            self._append(entry)
            if entry.seq % CHECKPOINT_EVERY == 0:
                self.checkpoint()
        return entry

    def compare(self, edits: Sequence[Edit], expecting: Sequence[Expect] = ()) -> None:
        """Raise CellConflict when a field no longer holds what its author saw, or a document has changed."""
        for table, key, document in expecting:
            if self.document(table, key) != document:
                raise Conflict(
                    "Dữ liệu của học sinh này vừa được người khác thay đổi.",
                    "Mở lại để xem thay đổi rồi làm lại.",
                    "Chưa ghi gì đè lên.",
                )
        for edit in edits:
            held = self.document(edit.table, edit.key).get(edit.field)
            if held != edit.before:
                entries = deque(self.history(edit.table, edit.key, edit.field), maxlen=1)
                last = entries[0] if entries else None
                who, when = (last.actor, last.at) if last else ("", "")
                raise CellConflict(edit.key, edit.field, held, who, when)

    def keep(self, data: bytes) -> str:
        """Keep ``data`` for ever under its SHA-256; on disk when it returns."""
        digest = hashlib.sha256(data).hexdigest()
        try:
            make_folder(self._folder / "frozen")
        except OSError as error:
            raise not_saved(error) from error
        write_once(self._folder / "frozen" / digest, data)
        return digest

    def kept(self, digest: str) -> bytes:
        """Return the bytes kept under ``digest``, proven against it."""
        try:
            data = (self._folder / "frozen" / digest).read_bytes()
        except OSError as error:
            raise StoreUnusable(f"Thiếu tệp đóng băng {digest[:12]}… của {self.name}.") from error
        if hashlib.sha256(data).hexdigest() != digest:
            raise StoreUnusable(f"Tệp đóng băng {digest[:12]}… của {self.name} đã bị thay đổi.")
        return data

    def checkpoint(self) -> None:
        """Renew data.json; a disk that refuses is no loss, the journal has everything."""
        with contextlib.suppress(OSError):
            checkpoints.save(self._data, self._tables, self._mark)

    # --- inside --------------------------------------------------------------------------------

    def _entries(self) -> Iterator[Entry]:
        with self._journal.open("rb") as lines:
            for line in lines:
                try:
                    yield journal.decode(line, None).entry
                except journal.BadRecord:
                    return

    def _forget(self) -> None:
        self._tables: checkpoints.Tables = {}
        self._mark = checkpoints.Mark(-1, 0, 0, journal.GENESIS)

    def _open(self) -> None:
        try:
            self._handle = open_append(self._journal)
            self._open_handles.append(self._handle)
        except OSError as error:
            raise StoreUnusable(f"Không mở được nhật ký {self._journal}: {system_reason(error)}.") from error
        found = checkpoints.load(self._data)
        if found and self._agrees(found[1]):
            self._tables, self._mark = found
        with self._locked():
            replayed = self._read_tail(writing=True)
            if self.seq < 0:
                sync_folder(self._folder)
                self._append(Entry(0, self._now().isoformat(), "hocba", "create", ()))
            if len(replayed) >= CHECKPOINT_EVERY:
                self.checkpoint()

    def _agrees(self, mark: checkpoints.Mark) -> bool:
        if not 0 <= mark.start < mark.end <= os.fstat(self._handle).st_size:
            return False
        line = os.pread(self._handle, mark.end - mark.start, mark.start)
        return hashlib.sha256(line).hexdigest() == mark.digest

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        # flock keeps processes apart; threads of one process share the descriptor, and so the lock.
        with self._threads:
            fcntl.flock(self._handle, fcntl.LOCK_EX)
            handle = self._handle
            try:
                yield
            finally:
                # After a failed write the descriptor was replaced; closing the old one unlocked it.
                if handle == self._handle:
                    fcntl.flock(handle, fcntl.LOCK_UN)

    def _read_tail(self, *, writing: bool = False) -> list[Entry]:
        if self.seq >= 0 and not self._agrees(self._mark):
            self._forget()  # Somebody's write was read before the disk refused it, and is gone.
        size = os.fstat(self._handle).st_size
        data = os.pread(self._handle, size - self._mark.end, self._mark.end)
        entries: list[Entry] = []
        position = 0
        while position < len(data):
            stop = data.find(b"\n", position) + 1
            line = data[position : stop or len(data)]
            try:
                decoded = journal.decode(line, self._mark.digest, self._mark.seq + 1)
            except journal.BadRecord as error:
                if not error.torn or 0 < stop < len(data):
                    raise StoreUnusable(
                        f"Nhật ký của {self.name} hỏng sau bản ghi số {self._mark.seq} ({error}).",
                        "Không ghi tiếp vào lớp này; báo người phụ trách máy chủ khôi phục từ bản sao lưu.",
                        "Các lớp khác vẫn dùng được; các bản ghi trước chỗ hỏng còn nguyên.",
                    ) from error
                if writing:
                    self._cut(self._mark.end)
                break
            start = self._mark.end
            self._apply(decoded.entry.edits)
            self._mark = checkpoints.Mark(decoded.entry.seq, start, start + decoded.size, decoded.digest)
            entries.append(decoded.entry)
            position = stop
        return entries

    def _append(self, entry: Entry) -> None:
        line = journal.encode(entry, self._mark.digest)
        start = self._mark.end
        try:
            write_all(self._handle, line)
            os.fdatasync(self._handle)
        except OSError as error:
            self._reopen(start)
            raise not_saved(error) from error
        self._apply(entry.edits)
        self._mark = checkpoints.Mark(entry.seq, start, start + len(line), hashlib.sha256(line).hexdigest())

    def _cut(self, size: int) -> None:
        os.ftruncate(self._handle, size)
        os.fdatasync(self._handle)

    def _reopen(self, good: int) -> None:
        """Forget everything after a failed write: a later sync would say OK though the data is gone."""
        with contextlib.suppress(OSError):
            self._cut(good)
        old, self._handle = self._handle, open_append(self._journal)
        self._open_handles[:] = [self._handle]
        os.close(old)
        self._forget()
        self._read_tail()

    def _apply(self, edits: Sequence[Edit]) -> None:
        """Take edits into memory without touching a dictionary that a reader in another thread may walk."""
        tables = dict(self._tables)
        fresh: set[tuple[str, str | None]] = set()
        for edit in edits:
            if (edit.table, None) not in fresh:
                fresh.add((edit.table, None))
                tables[edit.table] = dict(tables.get(edit.table, {}))
            documents = tables[edit.table]
            if (edit.table, edit.key) not in fresh:
                fresh.add((edit.table, edit.key))
                documents[edit.key] = dict(documents.get(edit.key, {}))
            if edit.after is None:
                documents[edit.key].pop(edit.field, None)
            else:
                documents[edit.key][edit.field] = edit.after
        for table, key in fresh:
            if key is not None and not tables[table][key]:
                del tables[table][key]
        self._tables = tables


def _close_all(handles: list[int]) -> None:
    for handle in handles:
        os.close(handle)
