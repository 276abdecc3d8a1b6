"""One shard on disk: the journal holds its content, and a checkpoint makes opening fast."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import orjson

from hocba_tui.errors import CellConflict, FilesReplaced, LockHeld, StoreUnusable, system_reason
from hocba_tui.store import checkpoint as checkpoints
from hocba_tui.store.backend import Edit, Entry, Expect, Snapshot, Value
from hocba_tui.store.backwards import latest
from hocba_tui.store.damage import Damage
from hocba_tui.store.disk import make_folder, not_saved, read_plain, require_own, sweep, sync_folder, write_once
from hocba_tui.store.heads import Head
from hocba_tui.store.journal_file import JOURNAL, JournalFile
from hocba_tui.store.tables import Tables, authored, is_wanted, touches

DATA, FROZEN = "data.json", "frozen"
CHECKPOINT_STRIDE = 64 * 1024
"""Bytes of journal after which the writer renews data.json; more when data.json is big, see below."""
_CHECKPOINT_SHARE = 4
"""data.json is renewed after a quarter of its own size, so that a change costs a big school no more than a small one.
"""
_REMEMBERED = 500
"""How many of its own last edits a session can name when it finds that they are gone."""
_FAIRNESS_PAUSE = 0.0001
"""Seconds that a writer pauses when others write too: without it one of eight gets 4.5 times another's share."""


class _Unsure(NamedTuple):
    """A change whose line is in the journal, while it is not known whether it is on disk."""

    start: int
    line: bytes
    entry: Entry


class FileShard:
    """See :class:`hocba_tui.store.backend.Shard`.

    ``known``: the school's list names this shard. ``head``: how far its journal had come when that was noted last.
    ``missed`` is given the last line that was read when others find a journal without it, or none.
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        now: Callable[[], datetime],
        *,
        known: bool = False,
        head: Head | None = None,
        missed: Callable[[checkpoints.Mark], None] | None = None,
    ) -> None:
        self.name = name
        self._missed = missed
        self.born = False
        """Whether opening it created it."""
        self._folder = folder
        self._now = now
        self._damage: Damage | None = None
        self._replaced: FilesReplaced | None = None
        self._unsure: _Unsure | None = None
        self._own: deque[Edit] = deque(maxlen=_REMEMBERED)
        self._stride = CHECKPOINT_STRIDE
        self._frozen_named = False
        try:
            make_folder(folder.parent)  # Refuses a folder that is a link, or open to others.
            make_folder(folder)
            require_own(folder.parent)
            require_own(folder)
            sweep(folder)
            self._journal = JournalFile(name, folder)
            # Descriptors are plain numbers: without this, a store that is garbage-collected would never close them.
            weakref.finalize(self, _close_all, self._journal.handles)
            self._open(known=known, head=head)
        except LockHeld as held:
            raise StoreUnusable(f"{held.found}; chưa mở được.", held.now) from held
        except OSError as error:
            raise StoreUnusable(f"Không mở được nhật ký {folder / JOURNAL}: {system_reason(error)}.") from error

    # --- reading -------------------------------------------------------------------------------

    @property
    def seq(self) -> int:
        """Return the sequence number of the last entry that was read."""
        return self._journal.mark.seq

    @property
    def damage(self) -> str | None:
        """Return what is wrong with the shard's files; None when it can be written."""
        if self._damage:
            return self._damage.words
        return self._replaced.found if self._replaced else None

    def gone(self) -> tuple[Edit, ...]:
        """Return this session's own last edits that the file which others find now does not hold.

        Empty while the session's file is the one that others find.
        """
        if not self._replaced:
            return ()
        found = Tables(self._journal.now_at_its_place())
        last = {(edit.table, edit.key, edit.field): edit for edit in self._own}
        return tuple(e for e in last.values() if found.document(e.table, e.key).get(e.field) != e.after)

    def tables(self) -> tuple[str, ...]:
        """Return the names of the tables."""
        return tuple(self._journal.tables.documents)

    def table(self, table: str) -> Mapping[str, Mapping[str, Value]]:
        """Return the documents of ``table`` by key."""
        return self._journal.tables.table(table)

    def document(self, table: str, key: str) -> Mapping[str, Value]:
        """Return one document, empty when there is none."""
        return self._journal.tables.document(table, key)

    def snapshot(self) -> tuple[Snapshot, checkpoints.Mark | None]:
        """Return the documents as they were read last, and the line after which they were so; see :meth:`head`."""
        with self._journal.threads:
            return Snapshot(self._journal.tables.documents, self.damage), self.head()

    def refresh(self) -> tuple[Entry, ...]:
        """Read what others appended since; a torn tail is left to the next writer."""
        try:
            found = () if self._damage or self._journal.unchanged() else self._read()
        except Damage as damage:
            self._damage = damage
            return ()
        except FilesReplaced as replaced:
            self._notice(replaced)
            return ()
        except OSError as error:
            raise StoreUnusable(f"Không đọc được nhật ký của {self.name}: {system_reason(error)}.") from error
        self._replaced = None
        return found

    def _notice(self, replaced: FilesReplaced) -> None:
        first, self._replaced = self._replaced is None, replaced
        if first and self._missed is not None and (seen := self._journal.last_seen()).seq >= 0:
            self._missed(seen)

    def _read(self) -> tuple[Entry, ...]:
        with self._journal.threads:
            try:
                return tuple(self._journal.read())
            except (Damage, FilesReplaced):
                with self._journal.locked():  # Look again under the lock: somebody may have been writing.
                    return tuple(self._journal.read())

    def entries(self, actor: str = "") -> Iterator[Entry]:
        """Yield the entries, of one actor or all, oldest first; raise StoreUnusable where one is damaged."""
        return self._journal.entries(b'"by":' + orjson.dumps(actor) if actor else b"")

    def latest(self, actor: str = "", key: str = "") -> Iterator[Entry]:
        """Yield the entries, of one actor or of one key or all, newest first; see the protocol."""
        self.refresh()
        self.require_sound()
        found = latest(self._journal, b'"by":' + orjson.dumps(actor) if actor else orjson.dumps(key) if key else b"")
        return (entry for entry in found if is_wanted(entry, actor, key))

    def history(self, table: str, key: str, field: str = "") -> Iterator[Entry]:
        """Yield the entries that touched a document or one of its fields, oldest first."""
        return (entry for entry in self._journal.entries(orjson.dumps(key)) if touches(entry, table, key, field))

    def steps_of(self, intent: str) -> tuple[Entry, ...]:
        """Return the entries that are steps of an intent, oldest first."""
        return tuple(entry for entry in self._journal.entries(orjson.dumps(intent)) if entry.intent == intent)

    def kept(self, digest: str) -> bytes:
        """Return the bytes kept under ``digest``, checked against it."""
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
        sure: bool = True,
    ) -> Entry:
        """Write ``edits`` durably, all or none; see the protocol for the errors."""
        if self._damage:
            raise self._damage.unusable()
        if self._unsure is not None:
            earlier, given = self._unsure.entry, edits
            edits = self._left_of(actor, edits)
            if given and not edits:
                return earlier
        try:
            with self._writing():
                alone = not self._journal.read(writing=True)
                self._replaced = None
                self._journal.tables.compare(edits, expecting)
                at = self._now().isoformat()
                entry = Entry(self.seq + 1, at, actor, act, tuple(edits), note, intent, undoes)
                start, line = self._journal.append(entry)
            self._settle(_Unsure(start, line, entry), sure=sure)
        except CellConflict as conflict:
            raise self._authored(conflict) from None
        except Damage as damage:
            self._damage = damage
            raise damage.unusable() from damage
        except OSError as error:
            if error.errno == errno.EBADF:  # The disk was read-only when the journal was opened.
                with contextlib.suppress(OSError):
                    self._journal.sync.renew()
                    self._journal.start_again()
            raise not_saved(error) from error
        if start // self._stride < (start + len(line)) // self._stride:
            self.checkpoint()
        if not alone:
            time.sleep(_FAIRNESS_PAUSE)
        self._own.extend(entry.edits)
        return entry

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """Hold the lock of the journal that others find too."""
        try:
            with self._journal.locked():
                self._journal.require_place()
                yield
        except FilesReplaced as replaced:
            self._notice(replaced)
            raise

    def _settle(self, written: _Unsure, *, sure: bool = True) -> None:
        try:
            if sure:
                self._journal.settle(written.start, written.line)
        except LockHeld:
            self._unsure = written
            raise

    def _left_of(self, actor: str, edits: Sequence[Edit]) -> Sequence[Edit]:
        """Settle the change whose sync could not be waited for, and return the edits that it does not hold already.

        Its author was told that it is not saved, and may be trying again.
        """
        written, self._unsure = self._unsure, None
        if written is None:
            return edits
        try:
            self._settle(written)
        except OSError:
            return edits  # It was taken back.
        self._own.extend(written.entry.edits)
        return [edit for edit in edits if actor != written.entry.actor or edit not in written.entry.edits]

    def compare(self, edits: Sequence[Edit], expecting: Sequence[Expect] = ()) -> None:
        """Raise CellConflict when a field no longer holds what its author saw, or a document has changed."""
        try:
            self._journal.tables.compare(edits, expecting)
        except CellConflict as conflict:
            raise self._authored(conflict) from None

    def _authored(self, conflict: CellConflict) -> CellConflict:
        """Add who wrote the field; searched without the lock, since the journal may be long."""
        where = (conflict.table, conflict.key, conflict.field)
        return authored(conflict, self._journal.last(orjson.dumps(conflict.key), lambda entry: touches(entry, *where)))

    def require_sound(self) -> None:
        """Raise StoreUnusable when the shard can only be read, FilesReplaced when its file is not there any more."""
        if self._damage:
            raise self._damage.unusable()
        self.require_place()

    def require_place(self) -> None:
        """Raise FilesReplaced when the last reading found that the shard's file is not there any more."""
        if self._replaced:
            raise self._replaced

    def settle(self) -> None:
        """Return when everything that has been read is on disk, no matter who wrote it; raise NotSaved otherwise.

        Call it before something elsewhere depends on it: the process that wrote it may have died before its sync.
        """
        try:
            self._journal.bring_to_disk()
        except Damage as damage:
            self._damage = damage
            raise damage.unusable() from damage
        except OSError as error:
            raise not_saved(error) from error

    def keep(self, data: bytes) -> str:
        """Keep ``data`` for ever under its SHA-256; on disk when it returns."""
        self.refresh()
        self.require_sound()
        digest = hashlib.sha256(data).hexdigest()
        try:
            make_folder(self._folder / FROZEN)
            if not self._frozen_named:
                sync_folder(self._folder)  # The process that made the folder may have died before its sync.
                self._frozen_named = True
        except OSError as error:
            raise not_saved(error) from error
        write_once(self._folder / FROZEN / digest, data)
        return digest

    def head(self) -> checkpoints.Mark | None:
        """Return the last line that was read, if it is surely on disk and in the file that others find; else None."""
        with contextlib.suppress(OSError, FilesReplaced), self._journal.threads:
            self._journal.require_place()
            mark = self._journal.mark
            if not self._damage and self._journal.agrees(mark) and mark.end <= self._journal.sync.durable():
                return mark
        return None

    def wrote(self) -> bool:
        """Return whether this session has written something."""
        return bool(self._own)

    def checkpoint(self) -> None:
        """Renew data.json; errors of the disk are ignored, since the journal has everything."""
        with contextlib.suppress(OSError), self._journal.threads:
            # Only what is surely on disk: a checkpoint ahead of its journal would mean that entries were lost.
            if mark := self.head():
                size = checkpoints.save(self._folder / DATA, self._journal.tables.documents, mark)
                self._stride = _stride(size)

    # --- inside --------------------------------------------------------------------------------

    def _open(self, *, known: bool, head: Head | None) -> None:
        found = checkpoints.load(self._folder / DATA)
        birth: tuple[int, bytes] | None = None
        with self._journal.locked():
            sound = found is not None and self._journal.agrees(found[1])
            if found and sound:
                self._journal.stand_at(found[1], found[0])
                self._stride = _stride((self._folder / DATA).stat().st_size)
            loaded = self._journal.mark.end
            try:
                self._journal.read()
                self._require_whole(None if sound or not found else found[1], head, known=known)
                if self.seq < 0:
                    birth = self._begin()
            except Damage as damage:
                self._damage = damage
                # What the checkpoint holds beyond the damage can at least be read.
                if found and found[1].seq > self.seq:
                    self._journal.stand_at(found[1], found[0])
        if birth:
            self._journal.settle(*birth)
            self.born = True
        if self._journal.mark.end - loaded >= self._stride and not self._damage:
            with contextlib.suppress(OSError), self._journal.locked():
                self._journal.know_how_far()
            self.checkpoint()

    def _require_whole(self, found: checkpoints.Mark | None, head: Head | None, *, known: bool) -> None:
        """Raise Damage when the journal is sound but lacks what it once held."""
        if found and self._journal.mark.born == found.born and not self._journal.agrees(found):
            raise Damage(self.name, DATA, found.seq, 0, "nhật ký ngắn hơn, hoặc khác, bản chụp của nó")
        if self.seq < 0 and known:
            raise Damage(self.name, JOURNAL, -1, 0, "nhật ký đã mất hoặc rỗng")
        if head is not None and not self._journal.agrees(head.mark):
            raise Damage(self.name, JOURNAL, self.seq, self._journal.mark.end, head.words)

    def _begin(self) -> tuple[int, bytes]:
        self._journal.sync_names()
        self._journal.read(writing=True)
        # A random name, so that a checkpoint of another journal is not taken for this one's.
        return self._journal.append(Entry(0, self._now().isoformat(), "hocba", "create", (), secrets.token_hex(8)))


def _stride(size: int) -> int:
    """Return after how many bytes of journal a data.json of this size is renewed."""
    return max(CHECKPOINT_STRIDE, size // _CHECKPOINT_SHARE)


def _close_all(handles: list[int]) -> None:
    for handle in handles:
        os.close(handle)
