"""A store in memory, without a disk, for tests and for trying things out.

It is the second implementation of the interface, and proves that the packages above do not depend on
files. Everything is gone when the process ends.
"""

from __future__ import annotations

import functools
import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

from hocba_tui.errors import CellConflict, Conflict, StoreUnusable
from hocba_tui.store.activity.noting import Touched, note
from hocba_tui.store.backend import SCHOOL, Derived, Edit, Entry, Expect, Hit, Sieve, Snapshot, Value
from hocba_tui.store.tables import Tables, authored, is_wanted, touches


class MemoryShard:
    """See :class:`hocba_tui.store.backend.Shard`. All holders see the same documents."""

    def __init__(self, name: str, now: Callable[[], datetime], lock: threading.RLock) -> None:
        self.name = name
        self.damage = None
        self._now = now
        self._lock = lock
        self._tables = Tables()
        self._entries = [Entry(0, now().isoformat(), "hocba", "create", ())]
        self._kept: dict[str, bytes] = {}

    @property
    def seq(self) -> int:
        """Return the sequence number of the last entry."""
        return self._entries[-1].seq

    def require_place(self) -> None:
        """Do nothing: there is no file."""

    def gone(self) -> tuple[Edit, ...]:
        """Return nothing: there is no file that could be replaced."""
        return ()

    def table(self, table: str) -> Mapping[str, Mapping[str, Value]]:
        """Return the documents of ``table`` by key."""
        return self._tables.table(table)

    def document(self, table: str, key: str) -> Mapping[str, Value]:
        """Return one document, empty when there is none."""
        return self._tables.document(table, key)

    def snapshot(self) -> Snapshot:
        """Return the documents as they are now."""
        return Snapshot(self._tables.documents, None)

    def refresh(self) -> tuple[Entry, ...]:
        """Return nothing: everybody's changes are already here."""
        return ()

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
        sure: bool = True,  # noqa: ARG002
    ) -> Entry:
        """Apply ``edits``, all or none."""
        with self._lock:
            self.compare(edits, expecting)
            entry = Entry(self.seq + 1, self._now().isoformat(), actor, act, tuple(edits), note, intent, undoes)
            self._entries.append(entry)
            self._tables.apply(edits)
            return entry

    def compare(self, edits: Sequence[Edit], expecting: Sequence[Expect] = ()) -> None:
        """Raise CellConflict or Conflict when something is not as its author saw it."""
        try:
            self._tables.compare(edits, expecting)
        except CellConflict as conflict:
            last = list(self.history(conflict.table, conflict.key, conflict.field))
            raise authored(conflict, last[-1] if last else None) from None

    def entries(self, actor: str = "") -> Iterator[Entry]:
        """Yield the entries, those of one actor or all, oldest first."""
        return (entry for entry in tuple(self._entries) if actor in ("", entry.actor))

    def latest(self, actor: str = "", key: str = "") -> Iterator[Entry]:
        """Yield the entries, of one actor or of one key or all, newest first."""
        return (entry for entry in reversed(tuple(self._entries)) if is_wanted(entry, actor, key))

    def history(self, table: str, key: str, field: str = "") -> Iterator[Entry]:
        """Yield the entries that touched a document or one of its fields, oldest first."""
        return (entry for entry in self.entries() if touches(entry, table, key, field))

    def keep(self, data: bytes) -> str:
        """Keep ``data`` under its SHA-256."""
        digest = hashlib.sha256(data).hexdigest()
        self._kept[digest] = data
        return digest

    def kept(self, digest: str) -> bytes:
        """Return the bytes kept under ``digest``."""
        try:
            return self._kept[digest]
        except KeyError as error:
            raise StoreUnusable(f"Thiếu tệp đóng băng {digest[:12]}… của {self.name}.") from error


class MemoryStore:
    """See :class:`hocba_tui.store.backend.Store`."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lock = threading.RLock()
        self._shards: dict[str, MemoryShard] = {}
        self._issued: dict[str, bytes] = {}
        self._held: set[str] = set()
        self._drafts: dict[str, dict[str, str]] = {}
        self.sent: list[tuple[str, tuple[str, ...]]] = []

    def shard(self, name: str) -> MemoryShard:
        """Return a shard."""
        with self._lock:
            if name not in self._shards:
                self._shards[name] = MemoryShard(name, self._now, self._lock)
            return self._shards[name]

    def trace(self, name: str) -> object:
        """Return the number of the last entry."""
        return self.shard(name).seq

    def derived(self, what: str, name: str, basis: str, work: Callable[[Snapshot], bytes]) -> Derived:  # noqa: ARG002
        """Return what ``work`` makes of a shard; nothing is kept."""
        with self._lock:
            snapshot, trace = self.shard(name).snapshot(), self.trace(name)
        return Derived(work(snapshot), trace, None)

    def across(
        self,
        actor: str,
        act: str,
        steps: Mapping[str, Sequence[Edit]],
        note: str = "",
        expecting: Mapping[str, Sequence[Expect]] | None = None,
    ) -> None:
        """Change several shards as one: nobody else can write between the comparison and the change."""
        with self._lock:
            for name, edits in steps.items():
                self.shard(name).compare(edits, (expecting or {}).get(name, ()))
            for name, edits in steps.items():
                self.shard(name).change(actor, act, edits, note)

    def issue(self, uuid: str, data: bytes) -> None:
        """Keep a signed file; the same bytes again are accepted, others refused."""
        if self._issued.setdefault(uuid, data) != data:
            raise StoreUnusable(f"Tệp {uuid}.xml đã có với nội dung khác; không bao giờ được ghi đè.")

    def issued(self, uuid: str) -> bytes:
        """Return the bytes of an issued file."""
        try:
            return self._issued[uuid]
        except KeyError as error:
            raise StoreUnusable(f"Thiếu tệp đã phát hành {uuid}.xml.") from error

    def issued_path(self, uuid: str) -> str:
        """Return a path that does not exist."""
        return f"memory:{uuid}.xml"

    @contextmanager
    def exclusive(self, what: str) -> Iterator[None]:
        """Hold ``what`` alone; raise Conflict when somebody else holds it."""
        with self._lock:
            if what in self._held:
                raise Conflict("Người khác đang làm việc này.", "Đợi họ xong rồi thử lại.")
            self._held.add(what)
        try:
            yield
        finally:
            self._held.discard(what)

    def log_access(
        self, actor: str, act: str, what: str = "", *, class_key: str = "", pupil: str = "", account: str = ""
    ) -> None:
        """Note what changes nothing."""
        note(self.shard, self._now(), actor, act, what, Touched(class_key, pupil, account))

    def names(self) -> tuple[str, ...]:
        """Return the names of all shards, the school's own first."""
        return (SCHOOL, *sorted(self._shards.keys() - {SCHOOL}))

    def hits(self, name: str, sieve: Sieve, floor: Callable[[], str] = str) -> Iterator[Hit]:
        """Yield the entries that fit, newest first: by looking at each, as it says what fits."""
        for entry in self.shard(name).latest():
            if _fits(entry, sieve) and entry.at >= floor():
                yield Hit(entry.at, functools.partial(_itself, entry))

    def note_sent(self, message: str, uuids: Sequence[str]) -> None:
        """Note what is about to be sent."""
        self.sent.append((message, tuple(uuids)))

    def note_heads(self) -> None:
        """Do nothing: nobody can put an older copy in the place of what is in memory."""

    def keep_draft(self, actor: str, place: str, text: str) -> None:
        """Keep what somebody is typing; an empty text removes the draft."""
        held = self._drafts.setdefault(actor, {})
        held.pop(place, None)
        if text:
            held[place] = text

    def drafts(self, actor: str) -> Mapping[str, str]:
        """Return, by place, what this person was typing."""
        return dict(self._drafts.get(actor, {}))


def _itself(entry: Entry) -> Entry:
    return entry


def _fits(entry: Entry, sieve: Sieve) -> bool:
    if sieve.having and not any(text in _texts([*entry]) for text in sieve.having):
        return False
    in_time = sieve.since <= entry.at and (not sieve.until or entry.at < sieve.until)
    of_acts = sieve.acts is None or entry.act.partition(":")[0] in sieve.acts
    return entry.act in sieve.always or (in_time and of_acts)


def _texts(value: Value) -> Iterator[str]:
    """Yield the texts in a value, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from _texts([*value, *value.values()])
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)
