"""What a person can undo and redo: read from the journal, so that it is still there in the next session."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from hocba_tui.errors import CellConflict
from hocba_tui.store.backend import Edit, Entry, Shard


def stacks(entries: Iterable[Entry]) -> tuple[list[Entry], list[Entry]]:
    """Return what one person can undo and redo, the next one last.

    ``entries`` are that person's own, oldest first. Undoing an entry makes it redoable; a new
    entry ends redoing, as in every editor. A step of an abandoned intent counts as undone.
    """
    undoable: list[Entry] = []
    redoable: list[Entry] = []
    for entry in entries:
        given_up = [step for step in undoable if entry.intent and step.intent == entry.intent]
        if given_up:
            undoable.remove(given_up[0])
        elif not entry.undoes:
            undoable.append(entry)
            redoable.clear()
        elif undoable and undoable[-1].seq == entry.undoes:
            undoable.pop()
            redoable.append(entry)
        elif redoable and redoable[-1].seq == entry.undoes:
            redoable.pop()
            undoable.append(entry)
    return undoable, redoable


def last_of(shard: Shard, actor: str, counts: Callable[[Entry], bool], *, redo: bool = False) -> Entry | None:
    """Return the entry that ``actor`` would undo next (or redo); None when there is none.

    ``counts`` says which entries can be undone at all.
    """
    undoable, redoable = stacks(entry for entry in shard.entries(actor) if counts(entry))
    chosen = redoable if redo else undoable
    return chosen[-1] if chosen else None


def inverse(shard: Shard, entry: Entry) -> list[Edit]:
    """Return the edits that undo ``entry``.

    Raise CellConflict when somebody else has changed one of its fields since, even back to the same value:
    their change is kept.
    """
    fields = {(edit.table, edit.key, edit.field) for edit in entry.edits}
    for later in shard.entries():
        if later.seq <= entry.seq or later.actor == entry.actor:
            continue
        for edit in later.edits:
            if (edit.table, edit.key, edit.field) in fields:
                held = shard.document(edit.table, edit.key).get(edit.field)
                raise CellConflict(edit.table, edit.key, edit.field, held, later.actor, later.at)
    return [Edit(edit.table, edit.key, edit.field, edit.after, edit.before) for edit in entry.edits]
