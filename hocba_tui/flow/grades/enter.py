"""Enter results: typed text becomes stored cells, or a reason why not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from hocba_tui.flow.desk import RESULTS, Desk, OpenClass
from hocba_tui.flow.grades.locks import Locks
from hocba_tui.flow.grades.steps import ENTER, typed_last
from hocba_tui.model.results import PROMOTED, PROMOTED_BY, PROMOTED_ON, SCORE, Cell, Results, Value, attempts_cell
from hocba_tui.rules.curriculum import class_for
from hocba_tui.rules.lawful import Unlawful, read_typed
from hocba_tui.store.backend import Edit, Entry, Expect
from hocba_tui.store.undo import TAKE_BACK, opposite

Verb = Callable[[], Entry | None]
"""Another change of a class, to be called without arguments; it returns None when there was nothing to do."""


@dataclass(frozen=True)
class Typed:
    """What somebody typed into one cell, and what the cell held then."""

    pupil: str
    cell: Cell
    text: str
    seen: Value


@dataclass(frozen=True)
class NotEntered:
    """A cell that was not written, and why."""

    pupil: str
    cell: Cell
    reason: str


@dataclass(frozen=True)
class Entered:
    """The result of an entry: what is stored now, and what was refused."""

    entry: Entry | None
    refused: tuple[NotEntered, ...] = ()


_TESTED_TWICE = "Điểm này có nhiều lần kiểm tra nên không xóa được; bấm u để hoàn tác lần vừa ghi."


def together(opened: OpenClass, item: Typed, value: Value) -> Iterator[Edit]:
    """Yield the edits that belong to a cell's change: who decided and when; the last attempt of a score."""
    results = Results(opened.document(RESULTS, item.pupil))
    after: dict[Cell, object] = {}
    if item.cell == PROMOTED:
        decided = value is not None
        after[PROMOTED_BY] = opened.school.account if decided else None
        after[PROMOTED_ON] = opened.school.today.isoformat() if decided else None
    attempts = results.attempts(item.cell.period, item.cell.item) if item.cell.aspect == SCORE else ()
    if attempts:
        # Typing over a score corrects the last test; it does not add one.
        rows = [list(attempt) for attempt in attempts]
        rows[-1][0] = value
        after[attempts_cell(item.cell.period, item.cell.item)] = rows
    for cell, new in after.items():
        before = results.fields.get(cell.field)
        if before != new:
            yield Edit(RESULTS, item.pupil, cell.field, before, new)


def enter(desk: Desk, class_key: str, typed: Sequence[Typed], act: str = ENTER, *, whole: bool = False) -> Entered:
    """Write what was typed, all lawful cells in one change, in the order in which they were typed.

    Unlawful and locked cells are returned with their reason and not written; with ``whole``, nothing is
    written then. Raise Conflict when somebody has changed one of the cells since it was seen,
    NotSaved when the disk refuses.

    For ``TAKE_BACK`` see :func:`take_back`.
    """
    opened = desk.open_class(class_key)  # The permission is asked for each cell, by its locks.
    locks, actor = Locks(opened), opened.school.account
    edits: list[Edit] = []
    refused: list[NotEntered] = []
    expecting: dict[str, list[Expect]] = {}
    sources: set[int] = set()
    for item in typed:
        pupil = opened.pupil(item.pupil)
        if pupil is None:
            refused.append(NotEntered(item.pupil, item.cell, f"Em này không còn trong lớp {class_key}."))
            continue
        if reason := locks.reason(pupil, opened.record(item.pupil), item.cell):
            refused.append(NotEntered(item.pupil, item.cell, reason))
            continue
        read = read_typed(item.text, item.cell, class_for(pupil, opened.classroom))
        held = opened.document(RESULTS, item.pupil)
        if isinstance(read, Unlawful):
            refused.append(NotEntered(item.pupil, item.cell, read.reason))
        elif read.value != item.seen or held.get(item.cell.field) != item.seen:
            tested = item.cell.aspect == SCORE and Results(held).attempts(item.cell.period, item.cell.item)
            if tested and read.value is None:
                refused.append(NotEntered(item.pupil, item.cell, _TESTED_TWICE))
                continue
            edit = Edit(RESULTS, item.pupil, item.cell.field, item.seen, read.value)
            source = typed_last(opened.shard, actor, edit) if act == TAKE_BACK else None
            edits += opposite(source) if source else [edit, *together(opened, item, read.value)]
            sources.add(source.seq if source else 0)
            expecting[item.pupil] = opened.as_read(item.pupil)
    if not edits or (whole and refused):
        return Entered(None, tuple(refused))
    undoes = sources.pop() if len(sources) == 1 else 0
    rests = [expect for documents in expecting.values() for expect in documents]
    return Entered(opened.shard.change(actor, act, edits, expecting=rests, undoes=undoes), tuple(refused))


def take_back(desk: Desk, class_key: str, typed: Sequence[Typed]) -> Entered:
    """Give cells back what stood there before the actor typed into them, as a change of its own.

    ``typed`` holds the cells of one save group: what they hold now and what to restore. Undo steps over this change
    together with the values that it takes back; the other cells of their group are still undone. When it does not
    exactly reverse the actor's last change of each cell, or takes back values of several groups, it is a change like
    any other. It ends redoing. Errors as for :func:`enter`.
    """
    return enter(desk, class_key, typed, TAKE_BACK)
