"""One shard: what was acknowledged is there, complete, and nobody overwrites anybody."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tinydb import TinyDB

from hocba_tui.clock import VIETNAM
from hocba_tui.errors import CellConflict, Conflict, StoreUnusable
from hocba_tui.store.backend import Edit, Expect, edits_for
from hocba_tui.store.shard import CHECKPOINT_STRIDE, FileShard

NOON = datetime(2026, 6, 10, 12, 34, tzinfo=VIETNAM)


def open_shard(folder: Path) -> FileShard:
    return FileShard("2025-2026/5A", folder, lambda: NOON)


def put(shard: FileShard, field: str, after: object, before: object = None, key: str = "hs1") -> None:
    shard.change("gv.5a", "enter", [Edit("results", key, field, before, after)])


def contents(folder: Path) -> bytes:
    return (folder / "journal.log").read_bytes()


VALUES = st.integers(0, 10) | st.text(max_size=8) | st.lists(st.text(max_size=3), max_size=2) | st.booleans()
DOCUMENTS = st.dictionaries(st.sampled_from("abcd"), VALUES, max_size=4)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["hs1", "hs2"]), DOCUMENTS), max_size=8))
def test_a_shard_reopened_holds_the_same_documents(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[str, dict[str, object]]]
) -> None:
    folder = tmp_path_factory.mktemp("shard")
    shard = open_shard(folder)
    expected: dict[str, dict[str, object]] = {}
    for key, document in changes:
        shard.change("gv.5a", "enter", edits_for("results", key, shard.document("results", key), document))
        expected[key] = document
    known = {key: document for key, document in expected.items() if document}
    assert shard.table("results") == known
    assert open_shard(folder).table("results") == known


def test_the_entry_that_is_returned_is_the_one_in_the_history(tmp_path: Path) -> None:
    shard = open_shard(tmp_path)
    edit = Edit("results", "hs1", "a", None, 9)
    entry = shard.change("gv.5a", "enter", [edit], "ghi chú")
    assert (entry.seq, entry.at, entry.actor, entry.act) == (1, NOON.isoformat(), "gv.5a", "enter")
    assert list(shard.history("results", "hs1")) == [entry]
    assert list(shard.history("results", "hs1", "a")) == [entry]
    assert not list(shard.history("results", "hs1", "b"))
    assert not list(shard.history("results", "hs2"))


def test_a_conflict_names_who_when_and_the_value_and_writes_nothing(tmp_path: Path) -> None:
    mine, theirs = open_shard(tmp_path), open_shard(tmp_path)
    theirs.change("gv.anh", "enter", [Edit("results", "hs1", "a", None, 9)])
    before = contents(tmp_path)
    with pytest.raises(CellConflict) as caught:
        put(mine, "a", 7)
    conflict = caught.value
    assert (conflict.who, conflict.when, conflict.held) == ("gv.anh", NOON.isoformat(), 9)
    assert all(part in conflict.what for part in ("gv.anh", "9", "12:34"))
    assert contents(tmp_path) == before
    assert mine.document("results", "hs1") == {"a": 9}


def test_many_cells_are_written_all_or_none(tmp_path: Path) -> None:
    shard = open_shard(tmp_path)
    put(shard, "c", 5)
    before = contents(tmp_path)
    with pytest.raises(Conflict):
        shard.change("gv.5a", "paste", [Edit("results", "hs1", name, None, 1) for name in "abcd"])
    assert contents(tmp_path) == before
    assert shard.document("results", "hs1") == {"c": 5}
    shard.change("gv.5a", "paste", [Edit("results", "hs1", name, None, 1) for name in "abd"])
    assert open_shard(tmp_path).document("results", "hs1") == {"a": 1, "b": 1, "c": 5, "d": 1}


def test_a_change_that_rests_on_an_altered_document_is_refused(tmp_path: Path) -> None:
    mine, theirs = open_shard(tmp_path), open_shard(tmp_path)
    put(mine, "a", 9)
    read = dict(mine.document("results", "hs1"))
    put(theirs, "b", 3)
    before = contents(tmp_path)
    edit = Edit("records", "hs1", "state", None, "submitted")
    with pytest.raises(Conflict):
        mine.change("gv.5a", "submit", [edit], expecting=[Expect("results", "hs1", read)])
    assert contents(tmp_path) == before
    mine.change("gv.5a", "submit", [edit], expecting=[Expect("results", "hs1", {"a": 9, "b": 3})])
    with pytest.raises(Conflict):
        mine.change("gv.5a", "x", [], expecting=[Expect("results", "nobody", {"a": 1})])


def test_two_handles_see_each_others_changes_and_merge_cell_by_cell(tmp_path: Path) -> None:
    one, two = open_shard(tmp_path), open_shard(tmp_path)
    put(one, "a", 9)
    put(two, "b", 8)
    assert [entry.seq for entry in one.refresh()] == [2]
    assert one.refresh() == ()
    assert one.document("results", "hs1") == two.document("results", "hs1") == {"a": 9, "b": 8}


def test_a_document_without_fields_is_gone(tmp_path: Path) -> None:
    shard = open_shard(tmp_path)
    put(shard, "a", 9)
    put(shard, "a", None, before=9)
    assert shard.table("results") == open_shard(tmp_path).table("results") == {}


def test_a_missing_checkpoint_is_no_loss(tmp_path: Path) -> None:
    shard = open_shard(tmp_path)
    put(shard, "a", 9)
    shard.checkpoint()
    put(shard, "b", 8)
    (tmp_path / "data.json").unlink()
    assert open_shard(tmp_path).document("results", "hs1") == {"a": 9, "b": 8}


def test_a_half_written_checkpoint_is_no_loss(tmp_path: Path) -> None:
    shard = open_shard(tmp_path)
    put(shard, "a", 9)
    shard.checkpoint()
    data = (tmp_path / "data.json").read_bytes()
    for kept in range(0, len(data), 7):
        (tmp_path / "data.json").write_bytes(data[:kept])
        assert open_shard(tmp_path).document("results", "hs1") == {"a": 9}


def test_a_stale_checkpoint_is_brought_up_to_date(tmp_path: Path) -> None:
    shard = open_shard(tmp_path)
    put(shard, "a", 9)
    shard.checkpoint()
    put(shard, "a", None, before=9)
    put(shard, "b", 8)
    assert open_shard(tmp_path).document("results", "hs1") == {"b": 8}


def test_a_checkpoint_of_another_journal_is_not_believed(tmp_path: Path) -> None:
    other = open_shard(tmp_path / "other")
    put(other, "z", "lạ")
    put(other, "y", "lạ")
    other.checkpoint()
    put(open_shard(tmp_path / "mine"), "a", 9)
    (tmp_path / "mine" / "data.json").write_bytes((tmp_path / "other" / "data.json").read_bytes())
    assert open_shard(tmp_path / "mine").document("results", "hs1") == {"a": 9}


def test_the_journal_is_believed_where_somebody_changed_data_json_by_hand(tmp_path: Path) -> None:
    shard = open_shard(tmp_path)
    put(shard, "a", 9)
    shard.checkpoint()
    path = tmp_path / "data.json"
    path.write_bytes(path.read_bytes().replace(b'"a": 9', b'"a": 10'))
    assert open_shard(tmp_path).document("results", "hs1") == {"a": 9}


@pytest.mark.parametrize(("name", "value"), [("seq", "x"), ("start", None), ("start", -5), ("end", 10**15)])
def test_a_checkpoint_whose_mark_makes_no_sense_is_rebuilt(tmp_path: Path, name: str, value: object) -> None:
    shard = open_shard(tmp_path)
    put(shard, "a", 9)
    shard.checkpoint()
    with TinyDB(tmp_path / "data.json") as database:
        database.table("_checkpoint").update({name: value})
    assert open_shard(tmp_path).document("results", "hs1") == {"a": 9}


def test_the_checkpoint_is_renewed_now_and_then_and_stock_tinydb_opens_it(tmp_path: Path) -> None:
    shard = open_shard(tmp_path)
    number = 0
    while number < 1000 and not (tmp_path / "data.json").exists():
        number += 1
        put(shard, "a", number, before=number - 1 or None, key="hs1")
    assert 0 <= (tmp_path / "journal.log").stat().st_size - CHECKPOINT_STRIDE < 1000
    with TinyDB(tmp_path / "data.json") as database:
        assert database.table("results").all() == [{"_key": "hs1", "a": number}]


def test_a_big_checkpoint_is_renewed_less_often(tmp_path: Path) -> None:
    shard = open_shard(tmp_path)
    put(shard, "big", "x" * 12 * CHECKPOINT_STRIDE)
    first = (tmp_path / "data.json").stat().st_mtime_ns
    put(shard, "a", "x" * CHECKPOINT_STRIDE)
    assert (tmp_path / "data.json").stat().st_mtime_ns == first
    put(open_shard(tmp_path), "b", "x" * 3 * CHECKPOINT_STRIDE)
    assert (tmp_path / "data.json").stat().st_mtime_ns > first


def test_kept_bytes_are_proven_against_their_hash(tmp_path: Path) -> None:
    shard = open_shard(tmp_path)
    digest = shard.keep(b"<HOC_BA/>")
    assert shard.keep(b"<HOC_BA/>") == digest
    assert open_shard(tmp_path).kept(digest) == b"<HOC_BA/>"
    frozen = tmp_path / "frozen" / digest
    frozen.chmod(0o600)
    frozen.write_bytes(b"<HOC_BA />")
    with pytest.raises(StoreUnusable, match="đã bị thay đổi"):
        shard.kept(digest)
    frozen.unlink()
    with pytest.raises(StoreUnusable, match="Thiếu"):
        shard.kept(digest)
