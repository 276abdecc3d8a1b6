"""Whether a recorded history of one shard could have come from one process that does one act at a time.

The search is Wing and Gong's with Lowe's memoisation: take any act that no other one must precede, check
whether the shard would have answered so, go on; never visit the same set of acts with the same cells
twice. An act without an answer (its process was killed, or the disk refused) may be left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

Cells = Mapping[str, object]
NEVER = 1 << 63
"""The answering time of an act without an answer."""


class Written(NamedTuple):
    """One cell of a change: what its author saw there, and its new value (None: nothing)."""

    cell: str
    before: object
    after: object


class Act(NamedTuple):
    """What a process asked the shard, and the answer: ``change`` or ``read``, ``answer`` as below.

    read: the cells. change: True when it was acknowledged, the cell and what it held for a conflict,
    None when there was no answer.
    """

    process: str
    asked: int
    answered: int
    change: tuple[Written, ...] = ()
    read: Cells | None = None
    conflict: tuple[str, object] | None = None


def after(act: Act, cells: Cells) -> Cells | None:
    """Return the cells after ``act``; None when the shard in this state would not have answered so."""
    if act.read is not None:
        return cells if act.read == cells else None
    for cell, before, _ in act.change:
        held = cells.get(cell)
        if held != before:
            return cells if act.conflict == (cell, held) else None
    if act.conflict is not None:
        return None
    return {k: v for k, v in {**cells, **{w.cell: w.after for w in act.change}}.items() if v is not None}


def candidates(acts: Sequence[Act], done: int) -> Iterator[int]:
    """Yield the acts that are not done and may be next: no undone act was answered before they were asked."""
    earliest = NEVER + 1
    first = (~done & (done + 1)).bit_length() - 1
    for number in range(first, len(acts)):
        if done >> number & 1:
            continue
        if acts[number].asked > earliest:
            return
        earliest = min(earliest, acts[number].answered)
        yield number


def is_linearizable(history: Sequence[Act], start: Cells | None = None) -> bool:
    """Return whether some order of ``history`` explains every answer."""
    acts = sorted(history, key=lambda act: act.asked)
    answered = sum(1 << number for number, act in enumerate(acts) if act.answered < NEVER)
    todo: list[tuple[int, Cells]] = [(0, dict(start or {}))]
    seen: set[tuple[int, frozenset[tuple[str, object]]]] = set()
    while todo:
        done, cells = todo.pop()
        if done & answered == answered:
            return True
        if (done, frozenset(cells.items())) in seen:
            continue
        seen.add((done, frozenset(cells.items())))
        changes: list[tuple[int, Cells]] = []
        for number in candidates(acts, done):
            then = after(acts[number], cells)
            if then is cells:
                # It changes nothing and may be next: if the rest can be explained, then also with this one first.
                changes = [(done | 1 << number, cells)]
                break
            if then is not None:
                changes.append((done | 1 << number, then))
        # The last is tried first: it was asked first, and acts without an answer come after all others.
        todo += sorted(changes, key=lambda change: (bool(change[0] & ~done & answered), -change[0]))
    return False
