"""Undo and redo what a person has entered into a class, without limit, also after days."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hocba_tui.errors import Refused
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.grades.last_act import OtherActLast
from hocba_tui.flow.grades.locks import Locks
from hocba_tui.flow.grades.steps import is_entry, parts
from hocba_tui.model.results import Cell
from hocba_tui.store.backend import Entry, Expect, Shard
from hocba_tui.store.undo import GIVEN_UP, TAKE_BACK, inverse, redoable, undoable

TakeBack = Callable[[Desk, str, int], Entry | None]
"""Undo or redo in a class, by its key, also past an act of that number; None when there is nothing to take back."""


def undo(desk: Desk, class_key: str, past: int = 0) -> Entry | None:
    """Undo the actor's own last step in a class; return None when there is none.

    A step is the cell that was typed last, also when it was saved together with others; a block or a file is one
    step, all its cells or none. Raise OtherActLast when the actor has done something else in the class since, which
    is not undone here (``past`` is its number once the person has been told and wants to go on), CellConflict when
    somebody else has changed one of the cells since, Refused when one of them may not be changed any more (submitted,
    window closed), NotSaved when the disk refuses.
    """
    return _take_back(desk, class_key, past, redo=False)


def redo(desk: Desk, class_key: str, past: int = 0) -> Entry | None:
    """Bring back what :func:`undo` undid last; return None when there is nothing. Errors as for undo."""
    return _take_back(desk, class_key, past, redo=True)


def _take_back(desk: Desk, class_key: str, past: int, *, redo: bool) -> Entry | None:
    opened = desk.open_class(class_key)  # The permission is asked for each cell, by its locks.
    actor, shard = opened.school.account, opened.shard
    entries = _entries(shard, class_key, actor, past, redo=redo)
    step = next(redoable(entries) if redo else undoable(entries, parts), None)
    if step is None:
        return None
    verb = "làm lại" if redo else "hoàn tác"
    locks, expecting = Locks(opened), list[Expect]()
    for edit in step.edits:  # Before the values are compared: a conflict tells what is there now.
        if reason := locks.not_mine(Cell.parse(edit.field)):
            raise Refused(f"Không {verb} được: {reason}")
    edits = inverse(shard, step)
    for key in dict.fromkeys(edit.key for edit in edits):
        pupil = opened.pupil(key)
        if pupil is None:
            raise Refused(f"Không {verb} được: em này không còn trong lớp {class_key}.")
        for edit in edits:
            if edit.key == key and (reason := locks.reason(pupil, opened.record(key), Cell.parse(edit.field))):
                raise Refused(f"Không {verb} được: {reason}")
        expecting += opened.as_read(key)
    note = f"Phần của lớp {class_key}; các lớp khác trong tệp {step.note} không đổi." if step.intent else ""
    act = "redo" if redo else "undo"
    return shard.change(actor, act, edits, note, expecting, undoes=step.seq)


def _entries(shard: Shard, class_key: str, actor: str, past: int, *, redo: bool) -> Iterator[Entry]:
    """Yield the actor's entries of results, newest first; raise OtherActLast where another act comes first.

    Who has undone something from before that act since has been told, and is not told again.
    """
    given_up: set[str] = set()
    reached: int | None = None
    for entry in shard.latest(actor):
        if is_entry(entry):
            if entry.undoes and entry.act != TAKE_BACK:
                reached = entry.undoes if reached is None else min(reached, entry.undoes)
            yield entry
        elif entry.intent and entry.act.endswith(GIVEN_UP):
            given_up.add(entry.intent)
        elif not entry.edits or entry.intent in given_up or entry.seq <= past:
            continue
        elif reached is None or entry.seq < reached:
            raise OtherActLast(class_key, entry, redo=redo)
