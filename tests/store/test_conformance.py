"""One suite that every backend has to pass: files, memory, and perhaps later PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hocba_tui.clock import VIETNAM
from hocba_tui.errors import CellConflict, Conflict, StoreUnusable
from hocba_tui.store.backend import SCHOOL, Edit, Expect, Shard, Store
from hocba_tui.store.folder import FolderStore
from hocba_tui.store.memory import MemoryStore
from hocba_tui.store.undo import inverse, last_of, stacks

CLASS, OTHER = "2025-2026/5A", "2025-2026/5B"
Opened = Callable[[], Store]


def now() -> datetime:
    return datetime(2026, 6, 10, 12, 34, tzinfo=VIETNAM)


@pytest.fixture(params=["files", "memory"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Opened:
    """Return a function that opens the store for another person."""
    if request.param == "files":
        FolderStore.create(tmp_path / "store", now)
        return lambda: FolderStore(tmp_path / "store", now)
    shared = MemoryStore(now)
    return lambda: shared


@pytest.fixture
def store(opened: Opened) -> Store:
    return opened()


@pytest.fixture
def shard(store: Store) -> Shard:
    return store.shard(CLASS)


def cell(field: str, before: object, after: object, key: str = "hs1") -> Edit:
    return Edit("results", key, field, before, after)


def put(shard: Shard, field: str, before: object, after: object, actor: str = "gv.5a") -> int:
    shard.refresh()
    return shard.change(actor, "enter", [cell(field, before, after)]).seq


def test_a_change_is_seen_by_everybody_and_kept_in_order(opened: Opened) -> None:
    mine, theirs = opened().shard(CLASS), opened().shard(CLASS)
    first = put(mine, "a", None, 9)
    second = put(theirs, "b", None, "Đ")
    mine.refresh()
    assert second == first + 1 == mine.seq
    assert mine.document("results", "hs1") == theirs.document("results", "hs1") == {"a": 9, "b": "Đ"}
    assert [entry.edits[0].field for entry in mine.entries() if entry.edits] == ["a", "b"]


def test_the_latest_entries_come_first_of_one_actor_or_of_one_key(opened: Opened) -> None:
    mine, theirs = opened().shard(CLASS), opened().shard(CLASS)
    first, second = put(mine, "a", None, 9), put(theirs, "b", None, 8, "gv.av")
    third = theirs.change("gv.5a", "enter", [cell("a", None, 7, key="hs2")]).seq
    assert [entry.seq for entry in mine.latest("gv.5a")] == [third, first]
    assert [entry.seq for entry in mine.latest(key="hs1")] == [second, first]
    assert [entry.seq for entry in mine.latest("gv.5a", "hs1")] == [first]
    assert list(mine.latest()) == list(mine.entries())[::-1]
    assert list(mine.latest("hieutruong")) == []


def test_what_cannot_be_found_is_empty(shard: Shard) -> None:
    assert shard.table("nothing") == {}
    assert shard.document("results", "nobody") == {}
    assert list(shard.history("results", "nobody")) == []
    assert shard.damage is None


def test_different_cells_merge_and_the_same_cell_is_a_conflict_that_names_who_and_when(opened: Opened) -> None:
    mine, theirs = opened().shard(CLASS), opened().shard(CLASS)
    put(mine, "a", None, 9, "gv.5a")
    theirs.change("gv.av", "enter", [cell("b", None, 8)])
    with pytest.raises(CellConflict) as conflict:
        theirs.change("gv.av", "enter", [cell("a", None, 7)])
    assert (conflict.value.key, conflict.value.field, conflict.value.held) == ("hs1", "a", 9)
    assert (conflict.value.who, conflict.value.when) == ("gv.5a", now().isoformat())
    theirs.refresh()
    assert theirs.document("results", "hs1") == {"a": 9, "b": 8}


def test_a_change_of_many_cells_is_all_or_nothing(shard: Shard) -> None:
    put(shard, "c400", None, "theirs", "gv.av")
    paste = [cell(f"c{number}", None, number) for number in range(1, 401)]
    before = shard.seq
    with pytest.raises(Conflict):
        shard.change("gv.5a", "paste", paste)
    assert shard.document("results", "hs1") == {"c400": "theirs"}
    assert shard.seq == before
    assert shard.change("gv.5a", "paste", paste[:-1]).seq == before + 1


def test_a_document_that_a_change_rests_on_must_be_as_it_was_read(shard: Shard) -> None:
    put(shard, "state", None, "draft")
    read = Expect("results", "hs1", dict(shard.document("results", "hs1")))
    put(shard, "state", "draft", "submitted")
    with pytest.raises(Conflict):
        shard.change("gv.5a", "enter", [cell("a", None, 1, key="hs2")], expecting=[read])
    assert shard.document("results", "hs2") == {}


@pytest.mark.parametrize(
    "meanwhile",
    [
        pytest.param([("state", "draft", "submitted")], id="another value"),
        pytest.param([("state", "draft", None)], id="gone"),
        pytest.param([("reason", None, "sai")], id="one field more"),
        pytest.param([("state", "draft", "submitted"), ("state", "submitted", "draft"), ("b", None, 1)], id="much"),
    ],
)
def test_what_a_change_rests_on_is_compared_with_what_others_have_written(
    opened: Opened, meanwhile: list[tuple[str, object, object]]
) -> None:
    """Also when the author's process has not read it yet; and the change may touch the same document."""
    mine, theirs = opened().shard(CLASS), opened().shard(CLASS)
    put(mine, "state", None, "draft")
    rests = [Expect("results", "hs9", {}), Expect("results", "hs1", dict(mine.document("results", "hs1")))]
    for field, before, after in meanwhile:
        put(theirs, field, before, after, "gv.av")
    seq = theirs.seq
    for edits in ([cell("a", None, 1, key="hs2")], [cell("a", None, 1)]):
        with pytest.raises(Conflict):
            mine.change("gv.5a", "enter", edits, expecting=rests)
    for shard in (mine, theirs):
        shard.refresh()
        assert shard.seq == seq
        assert shard.document("results", "hs2") == {}
        assert "a" not in shard.document("results", "hs1")


def test_a_document_that_others_have_made_meanwhile_was_not_there_as_expected(opened: Opened) -> None:
    mine, theirs = opened().shard(CLASS), opened().shard(CLASS)
    put(theirs, "state", None, "draft")
    with pytest.raises(Conflict):
        mine.change("gv.5a", "enter", [cell("a", None, 1, key="hs2")], expecting=[Expect("results", "hs1", {})])
    mine.refresh()
    assert mine.document("results", "hs2") == {}


def test_a_change_is_written_when_what_it_rests_on_is_as_it_was_read(opened: Opened) -> None:
    mine, theirs = opened().shard(CLASS), opened().shard(CLASS)
    put(theirs, "state", None, "draft")
    put(theirs, "other", None, 1, "gv.av")
    rests = [Expect("results", "hs1", {"state": "draft", "other": 1}), Expect("records", "hs1", {})]
    mine.change("gv.5a", "enter", [cell("a", None, 1, key="hs2")], expecting=rests)
    theirs.refresh()
    assert theirs.document("results", "hs2") == {"a": 1}


def test_an_entry_keeps_what_its_author_gave(opened: Opened) -> None:
    edits = (cell("a", None, [1, "Đ"]), cell("b", None, {"c": None}, key="hs2"))
    made = opened().shard(CLASS).change("gv.5a", "enter", edits, "vì sao", intent="i1", undoes=7)
    last = list(opened().shard(CLASS).entries())[-1]
    assert last == made
    assert (made.actor, made.act, made.edits, made.note, made.intent, made.undoes) == (
        "gv.5a", "enter", edits, "vì sao", "i1", 7,
    )  # fmt: skip


def test_a_field_that_is_removed_is_gone_and_so_is_an_empty_document(shard: Shard) -> None:
    put(shard, "a", None, 9)
    put(shard, "a", 9, None)
    assert "hs1" not in shard.table("results")
    assert [e.edits[0].after for e in shard.history("results", "hs1", "a")] == [9, None]


def test_a_reader_never_sees_a_table_change_under_it(shard: Shard) -> None:
    put(shard, "a", None, 1)
    table, document = shard.table("results"), shard.document("results", "hs1")
    put(shard, "b", None, 2)
    shard.change("gv.5a", "enter", [cell("a", None, 3, key="hs2")])
    assert list(table) == ["hs1"]
    assert document == {"a": 1}


def test_kept_bytes_come_back_by_their_digest(shard: Shard) -> None:
    digest = shard.keep("học bạ".encode())
    assert shard.keep("học bạ".encode()) == digest
    assert shard.kept(digest) == "học bạ".encode()
    with pytest.raises(StoreUnusable):
        shard.kept("0" * 64)


def test_a_wider_act_is_done_whole_or_not_at_all(opened: Opened) -> None:
    store = opened()
    put(store.shard(OTHER), "a", None, "theirs")
    steps = {CLASS: [cell("a", None, 1)], OTHER: [cell("a", None, 2)]}
    with pytest.raises(Conflict):
        store.across("admin", "move", steps)
    assert store.shard(CLASS).document("results", "hs1") == {}
    steps[OTHER] = [cell("a", "theirs", 2)]
    store.across("admin", "move", steps, "vì sao")
    other = opened()
    for name, value in ((CLASS, 1), (OTHER, 2)):
        other.shard(name).refresh()
        assert other.shard(name).document("results", "hs1") == {"a": value}
    assert all(not store.shard(SCHOOL).document("intents", key) for key in store.shard(SCHOOL).table("intents"))


@pytest.mark.parametrize("stale", [CLASS, OTHER])
def test_a_wider_act_rests_on_what_its_author_read(opened: Opened, stale: str) -> None:
    store, theirs = opened(), opened()
    store.shard(CLASS), store.shard(OTHER)
    put(theirs.shard(stale), "a", None, "theirs")
    read = {stale: [Expect("results", "hs1", {})]}
    steps = {CLASS: [cell("a", None, 1, key="hs2")], OTHER: [cell("a", None, 2, key="hs2")]}
    with pytest.raises(Conflict):
        store.across("admin", "move", steps, expecting=read)
    assert all(opened().shard(name).document("results", "hs2") == {} for name in (CLASS, OTHER))


def test_an_issued_file_is_written_once(store: Store) -> None:
    store.issue("u1", b"<HOC_BA/>")
    store.issue("u1", b"<HOC_BA/>")
    with pytest.raises(StoreUnusable):
        store.issue("u1", b"<KHAC/>")
    assert store.issued("u1") == b"<HOC_BA/>"
    with pytest.raises(StoreUnusable):
        store.issued("u2")


def test_what_is_held_alone_is_refused_to_others_and_free_afterwards(opened: Opened) -> None:
    mine, theirs = opened(), opened()
    with mine.exclusive("sending"):
        with pytest.raises(Conflict), theirs.exclusive("sending"):
            pass
        with theirs.exclusive("something else"):
            pass
    with theirs.exclusive("sending"):
        pass


def test_a_draft_outlives_its_session_and_is_nobody_elses(opened: Opened) -> None:
    opened().keep_draft("gv.5a", "2025-2026/5A/hs1/end_year.TV.comment", "Em đọc tốt, cần")
    opened().keep_draft("gv.5a", "khác", "x")
    opened().keep_draft("gv.av", "2025-2026/5A/hs1/end_year.NN.comment", "Good")
    opened().keep_draft("gv.5a", "khác", "")
    assert opened().drafts("gv.5a") == {"2025-2026/5A/hs1/end_year.TV.comment": "Em đọc tốt, cần"}
    assert opened().drafts("../../etc") == {}
    opened().keep_draft("../../etc", "a", "b")
    assert opened().drafts("../../etc") == {"a": "b"}


def test_many_threads_lose_nothing(opened: Opened) -> None:
    def count_up(shard: Shard) -> None:
        for _ in range(25):
            while True:
                shard.refresh()
                seen = shard.document("results", "hs1").get("count", 0)
                try:
                    shard.change("w", "enter", [cell("count", seen or None, seen + 1)])
                    break
                except Conflict:
                    continue

    threads = [threading.Thread(target=count_up, args=(opened().shard(CLASS),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    last = opened().shard(CLASS)
    last.refresh()
    assert last.document("results", "hs1") == {"count": 100}


# --- undo ----------------------------------------------------------------------------------------


def take_back(shard: Shard, actor: str, *, redo: bool = False) -> bool:
    shard.refresh()
    entry = last_of(shard, actor, lambda entry: bool(entry.edits), redo=redo)
    if entry is None:
        return False
    shard.change(actor, "undo", inverse(shard, entry), undoes=entry.seq)
    return True


def test_undo_and_redo_go_back_and_forth_across_sessions(opened: Opened) -> None:
    for number in range(5):
        put(opened().shard(CLASS), "a", number or None, number + 1)
    for wanted in (4, 3, 2, 1, None):
        assert take_back(opened().shard(CLASS), "gv.5a")
        assert opened().shard(CLASS).document("results", "hs1").get("a") == wanted
    assert not take_back(opened().shard(CLASS), "gv.5a")
    for wanted in (1, 2, 3, 4, 5):
        assert take_back(opened().shard(CLASS), "gv.5a", redo=True)
        assert opened().shard(CLASS).document("results", "hs1").get("a") == wanted
    assert not take_back(opened().shard(CLASS), "gv.5a", redo=True)


def test_a_new_entry_ends_redoing(shard: Shard) -> None:
    put(shard, "a", None, 1)
    assert take_back(shard, "gv.5a")
    put(shard, "b", None, 2)
    assert not take_back(shard, "gv.5a", redo=True)
    assert take_back(shard, "gv.5a")
    assert shard.table("results") == {}


def test_everybody_undoes_only_their_own(shard: Shard) -> None:
    put(shard, "a", None, 1, "gv.5a")
    put(shard, "b", None, 2, "gv.av")
    assert take_back(shard, "gv.5a")
    assert shard.document("results", "hs1") == {"b": 2}
    assert not take_back(shard, "hieutruong")


@pytest.mark.parametrize("left", [7, 1])
def test_undoing_what_somebody_else_has_changed_since_is_a_conflict(shard: Shard, left: int) -> None:
    """Also when they wrote the same value again: it is their change."""
    shard.change("gv.5a", "paste", [cell("a", None, 1), cell("b", None, 1)])
    put(shard, "a", 1, 6, "gv.av")
    put(shard, "a", 6, left, "gv.av")
    with pytest.raises(CellConflict) as conflict:
        take_back(shard, "gv.5a")
    assert (conflict.value.who, conflict.value.field, conflict.value.held) == ("gv.av", "a", left)
    assert shard.document("results", "hs1") == {"a": left, "b": 1}


STEPS = st.lists(st.sampled_from(["new", "undo", "redo"]), max_size=60)


@given(STEPS)
@settings(max_examples=60, deadline=None)
def test_undo_and_redo_agree_with_two_plain_stacks(steps: list[str]) -> None:
    shard = MemoryStore(now).shard(CLASS)
    states: list[object] = [None]
    place = 0
    for number, step in enumerate(steps, start=1):
        held = shard.document("results", "hs1").get("a")
        assert held == states[place]
        if step == "new":
            put(shard, "a", held, number)
            states[place + 1 :] = [number]
            place += 1
        else:
            possible = place > 0 if step == "undo" else place + 1 < len(states)
            assert take_back(shard, "gv.5a", redo=step == "redo") == possible
            place += possible * (-1 if step == "undo" else 1)
    undoable, redoable = stacks(entry for entry in shard.entries("gv.5a"))
    assert (len(undoable), len(redoable)) == (place, len(states) - 1 - place)
