"""Undo and redo as pure readings of a history: equal to plain stacks, and no more is read than is needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hocba_tui.errors import StoreUnusable
from hocba_tui.store import backwards, journal
from hocba_tui.store.backend import Edit, Entry
from hocba_tui.store.folder import FolderStore
from hocba_tui.store.journal_file import JOURNAL
from hocba_tui.store.shard import FileShard
from hocba_tui.store.undo import GIVEN_UP, TAKE_BACK, inverse, last_of, opposite, redoable, stacks, undoable
from tests.support.stores import A, now

NEW, WIDE, UNDO, REDO, GIVE_UP = "new", "wide", "undo", "redo", "give up"


def plain_walk(entries: Sequence[Entry]) -> tuple[list[Entry], list[Entry]]:
    """Walk a whole history forward with two stacks, as the definition says."""
    can_undo: list[Entry] = []
    can_redo: list[Entry] = []
    for entry in entries:
        given_up = [step for step in can_undo if entry.intent and step.intent == entry.intent]
        if given_up:
            can_undo.remove(given_up[0])
        elif not entry.undoes:
            can_undo.append(entry)
            can_redo.clear()
        elif can_undo and can_undo[-1].seq == entry.undoes:
            can_undo.pop()
            can_redo.append(entry)
        elif can_redo and can_redo[-1].seq == entry.undoes:
            can_redo.pop()
            can_undo.append(entry)
    return can_undo, can_redo


@st.composite
def histories(draw: st.DrawFn) -> list[Entry]:
    """Entries of one person, with gaps where others wrote; undo and redo name what they may name."""
    entries: list[Entry] = []
    seq = 0
    for act in draw(st.lists(st.sampled_from([NEW, NEW, WIDE, UNDO, UNDO, REDO, GIVE_UP]), max_size=50)):
        seq += draw(st.integers(1, 3))
        made = Entry(seq, "", "gv.5a", act, (Edit("results", "hs1", draw(st.sampled_from("abc")), None, seq),))
        can_undo, can_redo = plain_walk(entries)
        wide = [step for step in can_undo if step.intent]
        if act in (NEW, WIDE):
            entries.append(made._replace(intent=f"i{seq}" if act == WIDE else ""))
        elif act == GIVE_UP and wide:
            chosen = draw(st.sampled_from(wide))
            entries.append(made._replace(act=f"move{GIVEN_UP}", intent=chosen.intent, edits=chosen.edits))
        elif act in (UNDO, REDO) and (chosen_from := can_undo if act == UNDO else can_redo):
            # Neither stack is told by the act: what is undone tells it.
            entries.append(made._replace(act=UNDO, undoes=chosen_from[-1].seq, edits=tuple(opposite(chosen_from[-1]))))
    return entries


@given(histories())
@settings(max_examples=400, deadline=None)
def test_reading_backwards_equals_walking_through_the_whole_history(entries: list[Entry]) -> None:
    assert stacks(entries) == plain_walk(entries)


# --- an editor of single cells -------------------------------------------------------------------

CELLS = "abcd"


@dataclass
class Editor:
    """The plain model: what each step changed, the cells before it and after it."""

    held: dict[str, object] = field(default_factory=dict)
    done: list[dict[str, tuple[object, object]]] = field(default_factory=list)
    undone: list[dict[str, tuple[object, object]]] = field(default_factory=list)

    def step(self, values: dict[str, object]) -> None:
        self.done.append({cell: (self.held.get(cell), value) for cell, value in values.items()})
        self.undone.clear()
        self.held.update(values)

    def undo(self) -> None:
        if self.done:
            self.undone.append(self.done.pop())
            self.held.update({cell: before for cell, (before, _) in self.undone[-1].items()})

    def redo(self) -> None:
        if self.undone:
            self.done.append(self.undone.pop())
            self.held.update({cell: after for cell, (_, after) in self.done[-1].items()})

    def taken_back(self, cell: str) -> int | None:
        """Return the place of the step that typed the cell's value, when it is a typed one."""
        places = [place for place, step in enumerate(self.done) if cell in step]
        return places[-1] if places and len(self.done[places[-1]]) == 1 else None

    def take_back(self, cell: str) -> None:
        place = self.taken_back(cell)
        if place is not None:
            self.held[cell] = self.done.pop(place)[cell][0]
            self.undone.clear()


def one_by_one(entry: Entry) -> Sequence[tuple[Edit, ...]]:
    return [(edit,) for edit in entry.edits] if entry.act == "enter" else (entry.edits,)


MOVES = st.one_of(
    st.tuples(st.sampled_from(["enter", "paste"]), st.permutations(CELLS).map("".join), st.integers(1, 4)),
    st.tuples(st.just(TAKE_BACK), st.sampled_from(CELLS), st.just(1)),
    st.tuples(st.sampled_from([UNDO, UNDO, REDO]), st.just(""), st.just(0)),
)


@given(st.lists(MOVES, max_size=40))
@settings(max_examples=300, deadline=None)
def test_groups_undos_redos_and_values_taken_back_equal_an_editor_of_single_cells(
    moves: list[tuple[str, str, int]],
) -> None:
    entries: list[Entry] = []
    held: dict[str, object] = {}
    editor = Editor()

    def write(act: str, edits: Sequence[Edit], undoes: int = 0) -> None:
        for edit in edits:
            assert held.get(edit.field) == edit.before, "compare and set would refuse it"
            held[edit.field] = edit.after
        entries.append(Entry(len(entries) + 1, "", "gv.5a", act, tuple(edits), undoes=undoes))

    for number, (act, cells, count) in enumerate(moves):
        latest = entries[::-1]
        if act in ("enter", "paste"):
            values: dict[str, object] = {cell: f"{number}{cell}" for cell in cells[:count]}
            write(act, [Edit("results", "hs1", cell, held.get(cell), value) for cell, value in values.items()])
            for part in [{cell: value} for cell, value in values.items()] if act == "enter" else [values]:
                editor.step(part)
        elif act == TAKE_BACK:
            typed = next((s for s in undoable(latest, one_by_one) if cells in {e.field for e in s.edits}), None)
            assert (typed is not None and len(typed.edits) == 1) == (editor.taken_back(cells) is not None)
            if typed is not None and len(typed.edits) == 1:
                write(TAKE_BACK, opposite(typed), typed.seq)
                editor.take_back(cells)
        elif step := next(undoable(latest, one_by_one) if act == UNDO else redoable(latest), None):
            write(act, opposite(step), step.seq)
            editor.undo() if act == UNDO else editor.redo()
        else:
            assert not (editor.done if act == UNDO else editor.undone)
        assert held == editor.held
    can_undo, can_redo = stacks(entries, one_by_one)
    assert [[edit.field for edit in step.edits] for step in can_undo] == [list(step) for step in editor.done]
    assert [[edit.field for edit in step.edits] for step in can_redo] == [list(step) for step in editor.undone]


# --- reading a journal from its end --------------------------------------------------------------


@pytest.fixture
def shard(tmp_path_factory: pytest.TempPathFactory) -> FileShard:
    return FolderStore.create(tmp_path_factory.mktemp("undo") / "store", now).shard(A)


def put(shard: FileShard, number: int, actor: str = "gv.5a", after: object = 1) -> int:
    return shard.change(actor, "enter", [Edit("results", f"hs{number}", "a", None, after)]).seq


def counts(entry: Entry) -> bool:
    return bool(entry.edits)


@given(st.lists(st.tuples(st.sampled_from(["gv.5a", "gv.av"]), st.integers(0, 3), st.integers(0, 200)), max_size=25),
       st.integers(1, 300))  # fmt: skip
@settings(max_examples=30, deadline=None)
def test_the_latest_entries_are_the_entries_backwards(
    tmp_path_factory: pytest.TempPathFactory, made: list[tuple[str, int, int]], chunk: int
) -> None:
    shard = FolderStore.create(tmp_path_factory.mktemp("undo") / "store", now).shard(A)
    for number, (actor, key, size) in enumerate(made):
        shard.change(actor, "enter", [Edit("results", f"hs{key}", f"f{number}", None, "x" * size)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backwards, "_CHUNK", chunk)
        assert list(shard.latest()) == list(shard.entries())[::-1]
        assert list(shard.latest("gv.5a")) == list(shard.entries("gv.5a"))[::-1]
        touching = [entry for entry in shard.entries() if any(edit.key == "hs1" for edit in entry.edits)]
        assert list(shard.latest(key="hs1")) == touching[::-1]


def test_what_is_undone_is_found_without_reading_the_history_before_it(
    shard: FileShard, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(600):
        put(shard, number, "gv.5a" if number % 2 else "gv.av")
    decoded, read = 0, 0
    real_decode, real_read = journal.decode, backwards.os.pread  # type: ignore[attr-defined]

    def decode(*given: object) -> journal.JournalLine:
        nonlocal decoded
        decoded += 1
        return real_decode(*given)  # type: ignore[arg-type]

    def pread(handle: int, size: int, start: int) -> bytes:
        nonlocal read
        read += size
        return bytes(real_read(handle, size, start))

    monkeypatch.setattr(journal, "decode", decode)
    monkeypatch.setattr(backwards.os, "pread", pread)  # type: ignore[attr-defined]
    monkeypatch.setattr(backwards, "_CHUNK", 4096)
    step = last_of(shard, "gv.5a", counts)
    assert step is not None
    assert inverse(shard, step) == [Edit("results", "hs599", "a", 1, None)]
    assert decoded <= 4
    assert read < (shard._folder / JOURNAL).stat().st_size / 4


def test_a_damaged_line_is_named_when_reading_comes_to_it(shard: FileShard) -> None:
    for number in range(5):
        put(shard, number)
    path = shard._folder / JOURNAL
    lines = path.read_bytes().splitlines(keepends=True)
    lines[2] = lines[2].replace(b'"hs1"', b'"hs7"')
    path.write_bytes(b"".join(lines))
    latest = shard.latest("gv.5a")
    assert [next(latest).seq for _ in range(3)] == [5, 4, 3]
    with pytest.raises(StoreUnusable, match="sai tổng kiểm tra"):
        next(latest)


def test_what_the_disk_refused_while_reading_is_read_again(shard: FileShard) -> None:
    """Another process cut off lines that could not be synced, and wrote others."""
    first = [put(shard, number) for number in range(3)]
    path = shard._folder / JOURNAL
    durable = path.stat().st_size
    latest = _stopped(shard, durable)
    assert [entry.seq for entry in latest] == first[::-1]


def _stopped(shard: FileShard, durable: int) -> Iterator[Entry]:
    """Return a reading that begins at a line that is gone when the reading starts."""
    entry = Entry(shard.seq + 1, now().isoformat(), "gv.5a", "enter", (Edit("results", "hs9", "a", None, 1),))
    with shard._journal.locked():
        shard._journal.append(entry)
    latest = shard.latest("gv.5a")
    with (shard._folder / JOURNAL).open("r+b") as file:
        file.truncate(durable)
    return latest
