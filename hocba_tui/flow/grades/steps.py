"""What of a class's results a person undoes at once: typed cells one by one, blocks and files as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from hocba_tui.flow.desk import RESULTS
from hocba_tui.model.results import Cell, is_companion
from hocba_tui.store.backend import Edit, Entry, Shard
from hocba_tui.store.undo import GIVEN_UP, TAKE_BACK, places, undoable

ENTER = "enter"
"""The act in the journal when cells were typed; a save group may hold several, which are undone one by one."""
IMPORT = "import_results"
"""The act in the journal when results come from a file."""
EARLIER = "import_earlier"
"""The act in the journal when results of a period that is over come from the school's earlier program."""


def is_entry(entry: Entry) -> bool:
    """Return whether it is an entry of results: a submission or a move is taken back in its own way.

    For a file over several classes, each class undoes its own part.
    """
    entered = not entry.intent or entry.act in (IMPORT, IMPORT + GIVEN_UP, EARLIER, EARLIER + GIVEN_UP)
    return entered and bool(entry.edits) and all(edit.table == RESULTS for edit in entry.edits)


def parts(entry: Entry) -> Sequence[tuple[Edit, ...]]:
    """Divide typed cells in the order in which they were typed, each with what changes only together with it."""
    if entry.act not in (ENTER, TAKE_BACK) or entry.undoes:
        return (entry.edits,)
    begin = [
        number for number, edit in enumerate(entry.edits) if not number or not is_companion(Cell.parse(edit.field))
    ]
    return [entry.edits[start:stop] for start, stop in pairwise([*begin, len(entry.edits)])]


def typed_last(shard: Shard, actor: str, edit: Edit) -> Entry | None:
    """Return the step with which the actor typed the value that ``edit`` takes back.

    None when the last one of the actor's standing steps that changed the field is not a single typed cell, or is
    not exactly what ``edit`` reverses.
    """
    place = edit[:3]
    for step in undoable((entry for entry in shard.latest(actor) if is_entry(entry)), parts):
        if place in places(step):
            first, *rest = step.edits
            alone = all(is_companion(Cell.parse(each.field)) for each in rest)
            return step if alone and first == Edit(*place, edit.after, edit.before) else None
    return None
