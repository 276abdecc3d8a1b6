"""Undo and redo what a person has entered into a class, without limit, also after days."""

from __future__ import annotations

from collections.abc import Callable

from hocba_tui.errors import Refused
from hocba_tui.flow.desk import PUPILS, RECORDS, RESULTS, Desk
from hocba_tui.flow.grades.enter import IMPORT
from hocba_tui.flow.grades.locks import lock_reason
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.record import Record
from hocba_tui.model.results import Cell
from hocba_tui.store.backend import Entry, Expect
from hocba_tui.store.undo import inverse, last_of

TakeBack = Callable[[Desk, str], Entry | None]
"""Undo or redo in a class, by its key; None when there is nothing to take back."""


def undo(desk: Desk, class_key: str) -> Entry | None:
    """Undo the actor's own last entry into a class, all its cells or none; return None when there is none.

    Raise CellConflict when somebody else has changed one of the cells since, Refused when one of
    them may not be changed any more (submitted, window closed), NotSaved when the disk refuses.
    """
    return _take_back(desk, class_key, redo=False)


def redo(desk: Desk, class_key: str) -> Entry | None:
    """Bring back what :func:`undo` undid last; return None when there is nothing."""
    return _take_back(desk, class_key, redo=True)


def _take_back(desk: Desk, class_key: str, *, redo: bool) -> Entry | None:
    classroom = desk.classroom(class_key)
    shard = desk.class_shard(class_key)
    entry = last_of(shard, desk.actor.key, _counts, redo=redo)
    if entry is None:
        return None
    edits = inverse(shard, entry)
    verb = "làm lại" if redo else "hoàn tác"
    expecting: list[Expect] = []
    for key in dict.fromkeys(edit.key for edit in edits):
        pupil = Pupil.from_fields(key, shard.document(PUPILS, key))
        record = Record.from_fields(key, shard.document(RECORDS, key))
        for edit in edits:
            if edit.key == key and (reason := lock_reason(desk, classroom, pupil, record, Cell.parse(edit.field))):
                raise Refused(f"Không {verb} được: {reason}")
        expecting += [
            Expect(RECORDS, key, dict(shard.document(RECORDS, key))),
            Expect(PUPILS, key, dict(shard.document(PUPILS, key))),
        ]
    act = "redo" if redo else "undo"
    return shard.change(desk.actor.key, act, edits, expecting=expecting, undoes=entry.seq)


def _counts(entry: Entry) -> bool:
    """Return whether the entry is one of results: a submission or a move is undone in its own way.

    For a file over several classes, each class undoes its own part.
    """
    entered = not entry.intent or entry.act in (IMPORT, f"{IMPORT}:undo")
    return entered and bool(entry.edits) and all(edit.table == RESULTS for edit in entry.edits)
