"""What is read from a checkpoint takes little memory and behaves as before: big tables compressed, long ones text."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hocba_tui.clock import VIETNAM
from hocba_tui.store import checkpoint as checkpoints
from hocba_tui.store.backend import Edit
from hocba_tui.store.checkpoint import FILED, FOLDED, Filed, Folded
from hocba_tui.store.shard import FileShard
from hocba_tui.store.tables import Documents

NOON = datetime(2026, 6, 10, 12, 34, tzinfo=VIETNAM)
TRAP = 'hai dòng:\n  "pupils": {\n  "_checkpoint": {"1": "x"}\n  },'
"""Looks like the separators in data.json, except that JSON writes a line break differently."""
TEXT = st.text(max_size=12) | st.just(TRAP)
TABLES = st.dictionaries(
    st.sampled_from(["index", "pupils", "staff"]),
    st.dictionaries(TEXT, st.dictionaries(TEXT, TEXT | st.integers(0, 10), min_size=1, max_size=3), max_size=3),
)


@pytest.fixture(autouse=True)
def _everything_is_big(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "FOLDED", 0)
    monkeypatch.setattr(checkpoints, "FILED", 0)


def open_shard(folder: Path) -> FileShard:
    return FileShard("school", folder, lambda: NOON)


def school(folder: Path) -> FileShard:
    shard = open_shard(folder)
    edits = [Edit("index", f"hs{number}", "name", None, f"Em số {number}") for number in range(3)]
    shard.change("admin", "found", [*edits, Edit("staff", "gv.5a", "name", None, TRAP)])
    shard.checkpoint()
    return open_shard(folder)


@pytest.fixture
def _every_table_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "FOLDED", FOLDED)


def folded(shard: FileShard, table: str) -> bool:
    held = shard.table(table)
    return isinstance(held, Folded) and held._opened is None


@settings(max_examples=60, deadline=None)
@given(TABLES)
def test_whatever_the_texts_are_a_checkpoint_is_read_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, tables: Documents
) -> None:
    path = tmp_path_factory.mktemp("data") / "data.json"
    mark = checkpoints.Mark(3, 10, 20, "ab", "cd")
    checkpoints.save(path, tables, mark)
    assert checkpoints.load(path) == (tables, mark)


def test_asking_for_one_table_leaves_the_others_packed(tmp_path: Path) -> None:
    shard = school(tmp_path)
    assert shard.tables() == ("index", "staff")
    assert shard.document("staff", "gv.5a") == {"name": TRAP}
    assert folded(shard, "index")
    assert not folded(shard, "staff")
    assert sorted(shard.table("index")) == ["hs0", "hs1", "hs2"]
    assert len(shard.table("index")) == 3


def test_a_packed_table_takes_changes_in_like_any_other(tmp_path: Path) -> None:
    shard = school(tmp_path)
    shard.change("admin", "correct", [Edit("index", "hs1", "name", "Em số 1", "Tên mới")])
    shard.change("admin", "correct", [Edit("index", "hs2", "name", "Em số 2", None)])
    assert shard.table("index") == {"hs0": {"name": "Em số 0"}, "hs1": {"name": "Tên mới"}}
    assert open_shard(tmp_path).table("index") == shard.table("index")


def test_a_checkpoint_written_while_a_table_is_packed_is_whole(tmp_path: Path) -> None:
    before = (tmp_path / "data.json", school(tmp_path))
    written = before[0].read_bytes()
    before[1].checkpoint()
    assert before[0].read_bytes() == written


def test_the_index_of_an_ordinary_school_is_packed_and_nothing_that_a_session_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "FOLDED", FOLDED)
    monkeypatch.setattr(checkpoints, "FILED", FILED)
    pupils = {
        f"hs{number:05}": {"class": "5A", "code": f"99{number:08}", "personal_id": f"9992{number:08}"}
        for number in range(1000)
    }
    staff = {f"gv.{number}": {"name": "Nguyễn Thị Thu", "roles": ["teacher"]} for number in range(300)}
    results = {f"hs{number:05}": {"end_year.TV.comment": "Em học tốt. " * 500} for number in range(45)}
    path = tmp_path / "data.json"
    tables: Documents = {"index": pupils, "staff": staff, "results": results}
    checkpoints.save(path, tables, checkpoints.Mark(3, 10, 20, "ab", "cd"))
    loaded = checkpoints.load(path)
    assert loaded is not None
    assert {name: type(table) for name, table in loaded[0].items()} == {
        "index": Folded,
        "staff": Filed,
        "results": dict,
    }
    assert loaded[0] == tables


@pytest.mark.usefixtures("_every_table_is_long")
def test_a_filed_table_is_like_any_other(tmp_path: Path) -> None:
    shard = school(tmp_path)
    assert isinstance(shard.table("index"), Filed)
    assert dict(shard.table("index")) == {f"hs{number}": {"name": f"Em số {number}"} for number in range(3)}
    assert shard.document("staff", "gv.5a") == {"name": TRAP}
    assert shard.document("staff", "gv.1a") == {}
    before = (tmp_path / "data.json").read_bytes()
    shard.checkpoint()
    assert (tmp_path / "data.json").read_bytes() == before
    shard.change("admin", "correct", [Edit("index", "hs1", "name", "Em số 1", "Tên mới")])
    assert shard.table("index") == {
        "hs0": {"name": "Em số 0"}, "hs1": {"name": "Tên mới"}, "hs2": {"name": "Em số 2"}
    }  # fmt: skip


@pytest.mark.usefixtures("_every_table_is_long")
def test_who_changes_what_was_read_of_a_filed_table_changes_nothing_there(tmp_path: Path) -> None:
    shard = school(tmp_path)
    cast("dict[str, str]", shard.document("index", "hs1"))["name"] = "Tên khác"
    assert shard.document("index", "hs1") == {"name": "Em số 1"}


def test_equal_texts_of_a_class_are_one_and_equal_numbers_keep_their_kind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "FILED", FILED)
    path = tmp_path / "data.json"
    results = {key: {"text": "Em học tốt.", "whole": 1, "part": 1.0, "yes": True} for key in ("hs1", "hs2")}
    checkpoints.save(path, {"results": results}, checkpoints.Mark(3, 10, 20, "ab", "cd"))
    loaded = checkpoints.load(path)
    assert loaded is not None
    first, second = loaded[0]["results"].values()
    assert first["text"] is second["text"]
    assert [type(value) for value in second.values()] == [str, int, float, bool]
    assert second == results["hs2"]
