"""Compare what a crowd was told with what it left on disk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from hocba_tui.store import journal
from hocba_tui.store.backend import Entry
from hocba_tui.store.journal_file import JOURNAL
from hocba_tui.store.shard import DATA, FileShard

TABLE, SHARED = "results", "shared"


class Ack(NamedTuple):
    """What the store acknowledged: the shard, the number, the unique value, which counter and its new value."""

    shard: str
    seq: int
    value: str
    counter: str
    total: int


def now() -> datetime:
    return datetime.now(UTC)


def rising(acks: Sequence[Ack]) -> bool:
    """Return whether one process got rising numbers in each shard."""
    last: Counter[str] = Counter()
    for ack in acks:
        if ack.seq <= last[ack.shard]:
            return False
        last[ack.shard] = ack.seq
    return True


def examine(folder: Path, name: str, acks: Sequence[Ack]) -> list[str]:
    """Return what is wrong with a shard, first by its bytes and then by the store's own reading."""
    try:
        entries = chain(folder / JOURNAL)
    except journal.BadRecord as error:
        return [f"{name}: {error}"]
    problems: list[str] = []
    values, totals = list[tuple[int, object]](), Counter[str]()
    final: dict[str, dict[str, object]] = {}
    for entry in entries:
        for _, key, cell, before, after in entry.edits:
            if final.setdefault(key, {}).get(cell) != before:
                problems.append(f"{name}: entry {entry.seq} wrote over {key}.{cell}, which it had not seen")
            final[key][cell] = after
            if key == SHARED:
                totals[cell] += 1
            else:
                values.append((entry.seq, after))
    if values != sorted((ack.seq, ack.value) for ack in acks):
        problems.append(f"{name}: {len(acks)} acknowledged and {len(values)} found are not the same changes")
    for counter, total in totals.items():
        if sorted(ack.total for ack in acks if ack.counter == counter) != list(range(1, total + 1)):
            problems.append(f"{name}: {counter} was not counted one by one to {total}")
    return problems + reopen(folder, name, final)


def chain(path: Path) -> list[Entry]:
    """Return the journal's entries after checking that each follows the one before; raise BadRecord otherwise."""
    previous, entries = journal.GENESIS, list[Entry]()
    for number, line in enumerate(path.read_bytes().splitlines(keepends=True)):
        decoded = journal.decode(line, previous, number)
        previous = decoded.digest
        entries.append(decoded.entry)
    return entries


def reopen(folder: Path, name: str, expected: Mapping[str, Mapping[str, object]]) -> list[str]:
    """Return what a new process sees wrongly, with the checkpoint and from the journal alone."""
    problems: list[str] = []
    for which in ("with", "without"):
        shard = FileShard(name, folder, now, known=True)
        if shard.damage:
            problems.append(f"{name}: {shard.damage}")
        if shard.table(TABLE) != expected:
            problems.append(f"{name}: opened {which} its checkpoint it is not what the journal says")
        (folder / DATA).unlink(missing_ok=True)
    return problems
