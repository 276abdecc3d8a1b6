"""The interface of a store, for all other packages: shards, changes, entries.

A *shard* is the unit of locking: the school, one class of one year, or the outbox. It holds tables
of documents; a document is a flat mapping of fields, and a field is the unit of comparison. A change
names every field with the value that its author saw; it is written completely or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol

SCHOOL = "school"
OUTBOX = "outbox"

Value = Any
"""What JSON can hold; None means that the field is absent."""


class Edit(NamedTuple):
    """One field: what the author saw there, and what it becomes. ``after`` None removes it."""

    table: str
    key: str
    field: str
    before: Value
    after: Value


class Expect(NamedTuple):
    """A document that a change depends on without touching it, as its author read it."""

    table: str
    key: str
    document: Mapping[str, Value]


class Entry(NamedTuple):
    """One durable change, as the journal keeps it for ever."""

    seq: int
    at: str
    actor: str
    act: str
    edits: tuple[Edit, ...]
    note: str = ""
    intent: str = ""
    """Key of the intent (a change to several shards) that this change is a step of."""
    undoes: int = 0
    """Sequence number of the entry that this one undoes; undoing an undo is a redo."""


class Snapshot(NamedTuple):
    """The documents of a shard at one moment, by table and key; no later change touches them."""

    tables: Mapping[str, Mapping[str, Mapping[str, Value]]]
    damage: str | None
    """Why the shard can only be read; None when nothing is wrong with it."""


class Derived(NamedTuple):
    """What was worked out from a shard."""

    data: bytes
    trace: object
    """The shard's trace when it was so (see :meth:`Store.trace`); None when that is not sure."""
    damage: str | None


class Sieve(NamedTuple):
    """Which entries are looked for; what is empty asks for nothing."""

    since: str = ""
    until: str = ""
    """The first moment, and the first one that is too late (ISO)."""
    having: tuple[str, ...] = ()
    """Texts of which one stands somewhere in the entry: its actor, a key, a value."""
    acts: frozenset[str] | None = None
    """The acts, without what follows a colon; None for all."""
    always: frozenset[str] = frozenset()
    """Acts that fit whenever they were done; they too need one of ``having``."""


class Hit(NamedTuple):
    """An entry that fits a sieve; it is decoded when it is wanted."""

    at: str
    entry: Callable[[], Entry]
    """Return the entry; raise StoreUnusable when its line is damaged."""


class Shard(Protocol):
    """One unit of locking. It is read from memory; :meth:`refresh` reads what others wrote."""

    name: str

    @property
    def seq(self) -> int:
        """Return the sequence number of the last entry that was read."""

    @property
    def damage(self) -> str | None:
        """Return what is wrong with the shard's files, in Vietnamese; None when it can be written."""

    def require_place(self) -> None:
        """Raise FilesReplaced when the last reading found another file, or none, where the shard's file was."""

    def gone(self) -> tuple[Edit, ...]:
        """Return this session's own last edits that the file found there instead does not hold."""

    def table(self, table: str) -> Mapping[str, Mapping[str, Value]]:
        """Return the documents of ``table`` by key."""

    def document(self, table: str, key: str) -> Mapping[str, Value]:
        """Return one document, empty when there is none."""

    def refresh(self) -> tuple[Entry, ...]:
        """Read what was written since the last reading and return it."""

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
        """Write ``edits`` durably, all or none, if the documents in ``expecting`` are still as they were read.

        Raise Conflict when a field no longer holds what the author saw, NotSaved when the disk refuses or the
        shard's file is not there any more, StoreUnusable when the shard is damaged. When it returns, the change is
        on disk; unless it need not be ``sure``: then it is with whatever is written next, or within seconds.
        """

    def entries(self, actor: str = "") -> Iterator[Entry]:
        """Yield the entries, those of one actor or all, oldest first.

        Raise StoreUnusable at the first damage, after the entries before it.
        """

    def latest(self, actor: str = "", key: str = "") -> Iterator[Entry]:
        """Yield the entries, newest first: all, those of one actor, or those with an edit of a document of this key.

        What is not asked for is not read: the last ones cost the same however long the history is. Raise
        StoreUnusable when the shard is damaged.
        """

    def history(self, table: str, key: str, field: str = "") -> Iterator[Entry]:
        """Yield the entries that touched a document or one of its fields, oldest first."""

    def keep(self, data: bytes) -> str:
        """Keep ``data`` for ever under its SHA-256 and return that digest; on disk when it returns."""

    def kept(self, digest: str) -> bytes:
        """Return the bytes kept under ``digest``, checked against it."""


class Store(Protocol):
    """All shards of one school, its issued files and its drafts."""

    def shard(self, name: str) -> Shard:
        """Return a shard, opened once per process."""

    def trace(self, name: str) -> object:
        """Return something that is equal for as long as surely nothing is written to a shard; it costs next to nothing.

        None when that cannot be said: the shard may be damaged, or not be there.
        """

    def derived(self, what: str, name: str, basis: str, work: Callable[[Snapshot], bytes]) -> Derived:
        """Return what ``work`` makes of a shard, or made of it before: then the shard is not even opened.

        ``basis`` is all that the answer rests on besides the shard itself, ``what`` the name of the work. An answer
        may be kept, and may be lost at any time. Raise StoreUnusable when the shard cannot be opened.
        """

    def across(
        self,
        actor: str,
        act: str,
        steps: Mapping[str, Sequence[Edit]],
        note: str = "",
        expecting: Mapping[str, Sequence[Expect]] | None = None,
    ) -> None:
        """Change several shards as one: an intent first, then the steps; finished after a crash.

        ``expecting`` names, by shard, documents that the change depends on. Raise Conflict when one of
        them or a field of ``steps`` is not as it was read; then nothing is changed.
        """

    def issue(self, uuid: str, data: bytes) -> None:
        """Write a signed file once, read-only; the same bytes again are accepted, others refused."""

    def issued(self, uuid: str) -> bytes:
        """Return the bytes of an issued file."""

    def issued_path(self, uuid: str) -> str:
        """Return the path of an issued file."""

    def note_heads(self) -> None:
        """Note how far the shards have come that this session has written, so that an older copy is noticed later."""

    def exclusive(self, what: str) -> AbstractContextManager[None]:
        """Hold ``what`` for this process alone; raise Conflict when somebody else holds it."""

    def log_access(
        self, actor: str, act: str, what: str = "", *, class_key: str = "", pupil: str = "", account: str = ""
    ) -> None:
        """Note what changes nothing: a view of personal data, an export, who came in. All but a look is on disk then.

        Keys and counts only, no names. ``account`` is whom it is about, when that is not the actor. Raise NotSaved when
        it cannot be noted: then it must not be done either.
        """

    def names(self) -> tuple[str, ...]:
        """Return the names of all shards that the school names, its own first."""

    def hits(self, name: str, sieve: Sieve, floor: Callable[[], str] = str) -> Iterator[Hit]:
        """Yield the entries of a shard that fit, newest first, without opening it.

        ``floor`` is asked now and then for a time: what is older may be left out from there on.
        Damage in what is passed over is not noticed. Raise StoreUnusable when the shard cannot be read.
        """

    def note_sent(self, message: str, uuids: Sequence[str]) -> None:
        """Note beside the backups what is about to be sent, so that a restored older copy can say what it lacks."""

    def keep_draft(self, actor: str, place: str, text: str) -> None:
        """Keep what somebody is typing at ``place``; an empty text drops the draft."""

    def drafts(self, actor: str) -> Mapping[str, str]:
        """Return, by place, what this person was typing when the connection dropped."""


def class_shard(year: str, class_key: str) -> str:
    """Return the name of a class's shard."""
    return f"{year}/{class_key}"


def edits_for(table: str, key: str, before: Mapping[str, Value], after: Mapping[str, Value]) -> list[Edit]:
    """Return the edits that lead from document ``before`` to ``after``."""
    names = dict.fromkeys([*before, *after])
    return [
        Edit(table, key, name, before.get(name), after.get(name))
        for name in names
        if before.get(name) != after.get(name)
    ]
