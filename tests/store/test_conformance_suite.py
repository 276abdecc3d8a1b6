"""The suite for backends itself: each of these broken ones must be noticed by it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from hocba_tui.store.backend import Edit, Entry, Expect
from hocba_tui.store.folder import FolderStore
from hocba_tui.store.memory import MemoryShard, MemoryStore
from hocba_tui.store.shard import FileShard
from hocba_tui.store.tables import Tables
from tests.store import test_conformance as suite
from tests.store.test_conformance import Opened, now

Break = Callable[[pytest.MonkeyPatch], None]
FILES, MEMORY = "files", "memory"
REAL_COMPARE, REAL_CHANGE = Tables.compare, FileShard.change


def compared(how: Callable[[Tables, Sequence[Edit], Sequence[Expect]], None]) -> Break:
    """Compare in another way, in every backend."""
    return lambda patch: patch.setattr(Tables, "compare", how)


def rests_ignored(tables: Tables, edits: Sequence[Edit], _: Sequence[Expect]) -> None:
    REAL_COMPARE(tables, edits, ())


def rests_only_where_something_was(tables: Tables, edits: Sequence[Edit], expecting: Sequence[Expect]) -> None:
    REAL_COMPARE(tables, edits, [expect for expect in expecting if expect.document])


def rests_only_as_far_as_named(tables: Tables, edits: Sequence[Edit], expecting: Sequence[Expect]) -> None:
    seen = [Expect(e.table, e.key, {**tables.document(e.table, e.key), **e.document}) for e in expecting if e.document]
    REAL_COMPARE(tables, edits, [*seen, *(expect for expect in expecting if not expect.document)])


def only_the_first_rest(tables: Tables, edits: Sequence[Edit], expecting: Sequence[Expect]) -> None:
    REAL_COMPARE(tables, edits, expecting[:1])


def rests_only_of_what_is_edited(tables: Tables, edits: Sequence[Edit], expecting: Sequence[Expect]) -> None:
    touched = {(edit.table, edit.key) for edit in edits}
    REAL_COMPARE(tables, edits, [expect for expect in expecting if (expect.table, expect.key) in touched])


def edits_ignored(tables: Tables, _: Sequence[Edit], expecting: Sequence[Expect]) -> None:
    REAL_COMPARE(tables, (), expecting)


def only_the_first_edit(tables: Tables, edits: Sequence[Edit], expecting: Sequence[Expect]) -> None:
    REAL_COMPARE(tables, edits[:1], expecting)


def rests_compared_before_reading_what_others_wrote(patch: pytest.MonkeyPatch) -> None:
    def change(
        self: FileShard, actor: str, act: str, edits: Sequence[Edit], note: str = "", expecting: Any = (), **named: Any
    ) -> Entry:
        self.compare((), expecting)
        return REAL_CHANGE(self, actor, act, edits, note, **named)

    patch.setattr(FileShard, "change", change)


def rests_of_a_wider_act_ignored(patch: pytest.MonkeyPatch) -> None:
    for kind in (FolderStore, MemoryStore):
        real = kind.across

        def across(
            self: Any, actor: str, act: str, steps: Any, note: str = "", expecting: Any = None, real: Any = real
        ) -> None:
            real(self, actor, act, steps, note)

        patch.setattr(kind, "across", across)


def conflicts_found_after_writing(patch: pytest.MonkeyPatch) -> None:
    real = MemoryShard.change

    def change(self: MemoryShard, actor: str, act: str, edits: Sequence[Edit], *rest: Any, **named: Any) -> Entry:
        self._tables.apply(edits[:1])
        return real(self, actor, act, edits, *rest, **named)

    patch.setattr(MemoryShard, "change", change)


def losing(name: str) -> Break:
    """Keep an entry without one of its parts."""

    def broken(patch: pytest.MonkeyPatch) -> None:
        real = MemoryShard.entries
        empty: dict[str, Any] = {name: 0 if name == "undoes" else ""}

        def entries(self: MemoryShard, actor: str = "") -> Iterator[Entry]:
            return (entry._replace(**empty) for entry in real(self, actor))

        patch.setattr(MemoryShard, "entries", entries)

    return broken


def latest_in_the_order_of_the_journal(patch: pytest.MonkeyPatch) -> None:
    for kind in (FileShard, MemoryShard):
        patch.setattr(kind, "latest", lambda self, actor="", **_: self.entries(actor))


BROKEN: dict[str, tuple[str, Break]] = {
    "never checks what a change rests on": (MEMORY, compared(rests_ignored)),
    "never checks it in files": (FILES, compared(rests_ignored)),
    "checks it against what this process has read": (FILES, rests_compared_before_reading_what_others_wrote),
    "takes a document that was not there for anything": (FILES, compared(rests_only_where_something_was)),
    "does not see a field more": (FILES, compared(rests_only_as_far_as_named)),
    "checks the first only": (FILES, compared(only_the_first_rest)),
    "checks what is edited only": (FILES, compared(rests_only_of_what_is_edited)),
    "never checks it in a wider act": (FILES, rests_of_a_wider_act_ignored),
    "never checks it in a wider act in memory": (MEMORY, rests_of_a_wider_act_ignored),
    "never compares the edits": (MEMORY, compared(edits_ignored)),
    "compares the first edit": (MEMORY, compared(only_the_first_edit)),
    "writes before it compares": (MEMORY, conflicts_found_after_writing),
    "forgets what an entry undoes": (MEMORY, losing("undoes")),
    "forgets the intent": (MEMORY, losing("intent")),
    "forgets the note": (MEMORY, losing("note")),
    "gives the latest entries last": (FILES, latest_in_the_order_of_the_journal),
}


def backend(kind: str, folder: Path) -> Opened:
    if kind == FILES:
        FolderStore.create(folder, now)
        return lambda: FolderStore(folder, now)
    shared = MemoryStore(now)
    return lambda: shared


def given(test: Callable[..., None]) -> Iterable[dict[str, Any]]:
    """Yield the arguments of each parametrised run of a test."""
    marks = [mark for mark in getattr(test, "pytestmark", []) if mark.name == "parametrize"]
    columns = [[(mark.args[0], getattr(value, "values", (value,))[0]) for value in mark.args[1]] for mark in marks]
    return (dict(chosen) for chosen in product(*columns))


def noticed(kind: str, folder: Path) -> Iterator[str]:
    """Run the whole suite on one backend, each test on a new store, and yield the tests that fail."""
    tests = [test for name, test in vars(suite).items() if name.startswith("test_") and inspect.isfunction(test)]
    # What needs many threads comes last: with a broken backend they may wait for each other.
    tests.sort(key=lambda test: "threads" in test.__name__)
    for number, (test, arguments) in enumerate((each, found) for each in tests for found in given(each)):
        asked = inspect.signature(test).parameters
        if not {"opened", "store", "shard"} & set(asked):
            continue  # It brings a store of its own.
        opened = backend(kind, folder / str(number))
        made = {name: _made(name, opened) for name in asked if name not in arguments}
        try:
            test(**arguments, **made)
        except (Exception, pytest.fail.Exception):  # noqa: BLE001 - whatever it is, the backend was noticed
            yield test.__name__


def _made(name: str, opened: Opened) -> object:
    """Return what the fixture of this name returns."""
    return opened if name == "opened" else opened() if name == "store" else opened().shard(suite.CLASS)


@pytest.mark.parametrize("kind", [FILES, MEMORY])
def test_a_backend_that_keeps_its_promises_passes(kind: str, tmp_path: Path) -> None:
    assert list(noticed(kind, tmp_path)) == []


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_backend_is_noticed(fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kind, broken = BROKEN[fault]
    broken(monkeypatch)
    assert next(noticed(kind, tmp_path), None) is not None
