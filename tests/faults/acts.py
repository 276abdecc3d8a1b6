"""The acts that every fault is tried on, and what a store holds after some of them.

A writer's acts are numbered, and each is independent: whether an earlier one was refused makes no
difference to a later one. So the state is known for every set of acts that a fault may leave behind.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from hocba_tui.clock import VIETNAM
from hocba_tui.store.backend import Edit, Value
from hocba_tui.store.folder import FolderStore

FIRST, SECOND, NEW = "2025-2026/5A", "2025-2026/5B", "2026-2027/1A"
"""Two classes that existed before, and one whose folders its first act has to make."""
CLASSES = (FIRST, SECOND, NEW)
RESULTS = "results"
CORRECTED = "corrected"
ROUND = (
    "cells",
    "cell",
    "correct",
    "keep",
    "cell",
    "across",
    "issue",
    "paste",
    "correct",
    "drop",
    "cell",
    "opening",
    "keeping",
    "across",
)
"""The kinds of the acts with number 0, 1, 2, …; after the last it begins again."""
_WHERE = {"across": (FIRST, SECOND), "opening": (FIRST, NEW)}
KEPT = {"keep": FIRST, "keeping": NEW}
"""Kinds of acts that keep bytes, and in which class."""
Documents = dict[str, dict[str, Value]]


def now() -> datetime:
    """Return a fixed time: nothing here may depend on the clock."""
    return datetime(2026, 6, 10, 12, 34, tzinfo=VIETNAM)


class Act(NamedTuple):
    """One act of one writer. Its name is the ``act`` of the entries that it leaves in the journals."""

    writer: str
    number: int

    @property
    def name(self) -> str:
        """Return its name in the journal."""
        return f"{self.writer}-{self.number}"

    @property
    def kind(self) -> str:
        """Return which of the kinds in ROUND it is."""
        return ROUND[self.number % len(ROUND)]

    @property
    def is_wide(self) -> bool:
        """Return whether it changes several classes."""
        return self.kind in _WHERE

    @property
    def data(self) -> bytes:
        """Return the bytes that it keeps or issues: more than one page of memory."""
        return f"{self.name};".encode() * 1000

    @property
    def digest(self) -> str:
        """Return the name under which the bytes are kept."""
        return sha256(self.data).hexdigest()

    @property
    def classes(self) -> tuple[str, ...]:
        """Return the classes in whose journals it leaves an entry."""
        return () if self.kind in {*KEPT, "issue"} else _WHERE.get(self.kind, (FIRST,))

    def steps(self, seen: Value = None) -> dict[str, list[Edit]]:
        """Return its edits by class, empty when it writes no journal; ``seen`` is the value to be replaced."""
        if self.kind in {"correct", "drop"}:
            after = self.number if self.kind == "correct" else None
            return {FIRST: [Edit(RESULTS, self.writer, CORRECTED, seen, after)]}
        pupils = {"cells": 8, "cell": 1, "paste": 80}.get(self.kind, 2)
        fields = ["level"] if self.kind == "cell" else ["level", "score", "comment", "by", "seen"]
        name = self.name
        edits = [Edit(RESULTS, f"{name}-{p}", field, None, f"Đạt {p}") for p in range(pupils) for field in fields]
        return dict.fromkeys(self.classes, edits)

    def do(self, store: FolderStore) -> None:
        """Do it; raise HocbaError when it was refused."""
        if self.kind in KEPT:
            store.shard(KEPT[self.kind]).keep(self.data)
        elif self.kind == "issue":
            store.issue(self.name, self.data)
        elif self.is_wide:
            store.across(self.writer, self.name, self.steps())
        else:
            shard = store.shard(FIRST)
            shard.refresh()
            seen = shard.document(RESULTS, self.writer).get(CORRECTED)
            shard.change(self.writer, self.name, self.steps(seen)[FIRST])


def state(acts: Iterable[Act]) -> dict[str, Documents]:
    """Return what the classes hold after ``acts``, those of one writer in their order."""
    classes: dict[str, Documents] = {name: {} for name in CLASSES}
    for act in acts:
        for name, edits in act.steps().items():
            for _, key, field, _, after in edits:
                document = classes[name].setdefault(key, {})
                if after is None:
                    document.pop(field, None)
                    if not document:
                        del classes[name][key]
                else:
                    document[field] = after
    return classes


def fingerprint(documents: Mapping[str, Mapping[str, Value]]) -> str:
    """Return a text that is the same for equal tables, in any order of their keys."""
    rows = sorted((key, sorted(document.items())) for key, document in documents.items())
    return sha256(repr(rows).encode()).hexdigest()[:16]
