"""What a person can undo and redo: read from the journal, so that it is still there in the next session.

A *step* is what is undone at once: an entry, or one of the parts into which the caller divides it. It is given as that
entry with the edits of the part alone. An undo is an entry with the opposite edits that names in ``undoes`` the entry
from which it takes a step back; undoing an undo is a redo, and can be undone again. So each of them is one step.

Reading goes from the newest entry to the step that is asked for, and no further.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from hocba_tui.errors import CellConflict
from hocba_tui.store.backend import Edit, Entry, Shard

TAKE_BACK = "take_back"
"""The act of a change that names in ``undoes`` where the step is that it takes back, and that is no undo: both are
done with, and it ends redoing as every new entry does."""
GIVEN_UP = ":undo"
"""How the act ends that undoes a step of an abandoned intent."""
Parts = Callable[[Entry], Sequence[tuple[Edit, ...]]]
"""Divide an entry's edits into what is undone at once, the first one first."""
Place = tuple[str, str, str]
"""Table, key and field of an edit."""


def whole(entry: Entry) -> Sequence[tuple[Edit, ...]]:
    """Return the edits of an entry in one part."""
    return (entry.edits,)


def places(entry: Entry) -> set[Place]:
    """Return the fields that an entry or a step has changed."""
    return {edit[:3] for edit in entry.edits}


@dataclass
class _Step:
    """A step that nothing newer takes back; until its root is found it is unknown whether it is an undo or a redo."""

    step: Entry
    root: int = 0
    """The entry that must be read to know it, 0 when it is known."""
    can_be_undone: bool = True

    def follow(self, root: int) -> None:
        """Note that what it takes back takes back ``root``, and so is of the other kind."""
        self.root, self.can_be_undone = root, not self.can_be_undone


class _Reading:
    """What has been read of a person's history, from its end to an entry."""

    def __init__(self, parts: Parts, *, redo: bool) -> None:
        self._parts = parts
        self._redo = redo
        self._ended = False
        """Whether only undos are looked for, and a new entry has been read."""
        self._taken: defaultdict[int, set[Place]] = defaultdict(set)
        self._given_up: set[str] = set()
        self._asking: defaultdict[int, list[_Step]] = defaultdict(list)
        self._found: deque[_Step] = deque()

    def standing(self, latest: Iterable[Entry]) -> Iterator[Entry]:
        """Yield the steps of the wanted kind that nothing newer takes back, the newest first."""
        for entry in latest:
            if entry.intent and entry.act.endswith(GIVEN_UP):
                self._given_up.add(entry.intent)
            elif entry.undoes and entry.act != TAKE_BACK:
                self._read_undo(entry)
            else:
                self._read_new(entry)
            yield from self._known(entry.seq)
            if self._ended and not self._found:
                return
        yield from self._known(0)

    def _read_undo(self, entry: Entry) -> None:
        """Read an undo or a redo: which it is depends on what it takes back."""
        asking = self._asking.pop(entry.seq, [])
        if not self._taken.pop(entry.seq, None) and not self._ended:
            asking.append(_Step(entry))
            self._found.append(asking[-1])
        for step in asking:
            step.follow(entry.undoes)
        self._asking[entry.undoes] += asking
        self._taken[entry.undoes] |= places(entry)

    def _read_new(self, entry: Entry) -> None:
        taken = self._taken.pop(entry.seq, set())
        for step in self._asking.pop(entry.seq, ()):
            step.root = 0
        self._ended = self._redo
        if entry.undoes:
            self._taken[entry.undoes] |= places(entry)
        elif not self._redo and entry.intent not in self._given_up:
            divided = [entry._replace(edits=part) for part in reversed(self._parts(entry))]
            self._found += [_Step(part) for part in divided if taken.isdisjoint(places(part))]

    def _known(self, read_to: int) -> Iterator[Entry]:
        """Yield the steps before the first one of which the kind is not known yet."""
        while self._found and (self._found[0].root == 0 or self._found[0].root >= read_to):
            first = self._found.popleft()
            # Else what it takes back is not there, as after a rebuild that accepted a loss.
            if first.root == 0 and first.can_be_undone != self._redo:
                yield first.step


def undoable(latest: Iterable[Entry], parts: Parts = whole) -> Iterator[Entry]:
    """Yield the steps that one person can undo, the next one first; ``latest`` are that person's own, newest first.

    A step of an abandoned intent counts as undone.
    """
    return _Reading(parts, redo=False).standing(latest)


def redoable(latest: Iterable[Entry]) -> Iterator[Entry]:
    """Yield the undos that one person can redo, the next one first: those since the last new entry, as in every editor.

    ``latest`` are that person's own entries, newest first.
    """
    return _Reading(whole, redo=True).standing(latest)


def stacks(entries: Iterable[Entry], parts: Parts = whole) -> tuple[list[Entry], list[Entry]]:
    """Return all that one person can undo and redo, the next one last; ``entries`` are their own, oldest first."""
    latest = list(entries)[::-1]
    return list(undoable(latest, parts))[::-1], list(redoable(latest))[::-1]


def last_of(
    shard: Shard, actor: str, counts: Callable[[Entry], bool], parts: Parts = whole, *, redo: bool = False
) -> Entry | None:
    """Return the step that ``actor`` would undo next (or redo); None when there is none.

    ``counts`` says which entries can be undone at all.
    """
    latest = (entry for entry in shard.latest(actor) if counts(entry))
    return next(redoable(latest) if redo else undoable(latest, parts), None)


def inverse(shard: Shard, step: Entry) -> list[Edit]:
    """Return the edits that undo ``step``.

    Raise CellConflict when somebody else has changed one of its fields since, even back to the same value:
    their change is kept.
    """
    fields, keys = places(step), {edit.key for edit in step.edits}
    for later in shard.latest(key=keys.pop() if len(keys) == 1 else ""):
        if later.seq <= step.seq:
            break
        for table, key, field, *_ in later.edits if later.actor != step.actor else ():
            if (table, key, field) in fields:
                held = shard.document(table, key).get(field)
                raise CellConflict(table, key, field, held, later.actor, later.at)
    return opposite(step)


def opposite(step: Entry) -> list[Edit]:
    """Return the edits of ``step`` with before and after exchanged."""
    return [Edit(edit.table, edit.key, edit.field, edit.after, edit.before) for edit in step.edits]
