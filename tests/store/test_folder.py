"""A whole store: private, created once, and changes to several shards happen completely or not at all."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from hocba_tui.clock import VIETNAM
from hocba_tui.errors import Conflict, StoreUnusable
from hocba_tui.store.backend import SCHOOL, Edit, Entry
from hocba_tui.store.folder import FolderStore
from hocba_tui.store.shard import FileShard
from tests.support.activity import activity_files, noted

FROM, TO = "2025-2026/5A", "2025-2026/5B"
NAME = {"name": "Trần Minh Anh"}
MOVE = {
    FROM: [Edit("pupils", "hs1", "name", NAME["name"], None)],
    TO: [Edit("pupils", "hs1", "name", None, NAME["name"])],
}


class PowerCut(BaseException):
    """The machine stops here."""


def now() -> datetime:
    return datetime(2026, 6, 10, 8, 0, tzinfo=VIETNAM)


def reopened(root: Path) -> FolderStore:
    return FolderStore(root, now)


def where(store: FolderStore) -> tuple[dict[str, Any], dict[str, Any]]:
    for name in (FROM, TO):
        store.shard(name).refresh()
    return dict(store.shard(FROM).document("pupils", "hs1")), dict(store.shard(TO).document("pupils", "hs1"))


def intents(store: FolderStore) -> dict[str, Any]:
    store.shard(SCHOOL).refresh()
    return dict(store.shard(SCHOOL).table("intents"))


def intend(store: FolderStore, steps: dict[str, list[Edit]]) -> None:
    """Write only the intent of a change, like a process that dies right after it."""
    plan = {name: [list(edit) for edit in edits] for name, edits in steps.items()}
    intent = {"actor": "vanthu", "act": "move", "note": "", "steps": plan}
    store.shard(SCHOOL).change("vanthu", "move", [Edit("intents", "k1", "plan", None, intent)])


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a store in which one pupil is in 5A."""
    store = FolderStore.create(tmp_path / "store", now)
    store.shard(FROM).change("hocba", "found", [Edit("pupils", "hs1", "name", None, NAME["name"])])
    store.shard(TO)
    return tmp_path / "store"


def before_change(monkeypatch: pytest.MonkeyPatch, number: int, happens: Callable[[], None]) -> None:
    """Call ``happens`` just before the ``number``-th change from now."""
    real, count = FileShard.change, 0

    def change(self: FileShard, *arguments: Any, **named: Any) -> Entry:
        nonlocal count
        count += 1
        if count == number:
            happens()
        return real(self, *arguments, **named)

    monkeypatch.setattr(FileShard, "change", change)


def cut() -> None:
    raise PowerCut


def test_a_store_is_never_founded_over_other_files(tmp_path: Path) -> None:
    (tmp_path / "bai-giang.docx").write_bytes(b"x")
    with pytest.raises(StoreUnusable, match="không rỗng"):
        FolderStore.create(tmp_path, now)
    assert [path.name for path in tmp_path.iterdir()] == ["bai-giang.docx"]


def test_an_empty_folder_may_become_a_store(tmp_path: Path) -> None:
    FolderStore.create(tmp_path, now)
    assert reopened(tmp_path).shard(SCHOOL).seq == 0


def test_a_folder_that_is_no_store_is_refused_and_stays_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(StoreUnusable, match="Không thấy kho"):
        reopened(tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("mode", [0o720, 0o702, 0o777])
def test_a_store_that_others_may_write_is_refused(root: Path, mode: int) -> None:
    root.chmod(mode)
    with pytest.raises(StoreUnusable, match="ghi được"):
        reopened(root)


def test_a_store_of_another_user_is_refused(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stranger = os.geteuid() + 1
    monkeypatch.setattr("hocba_tui.store.disk.os.geteuid", lambda: stranger)
    with pytest.raises(StoreUnusable, match="người dùng khác"):
        reopened(root)


def test_the_names_of_a_new_shard_are_durable(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: set[str] = set()
    real = os.fsync

    def fsync(handle: int) -> None:
        synced.add(str(Path(f"/proc/self/fd/{handle}").readlink()))
        real(handle)

    monkeypatch.setattr("hocba_tui.store.disk.os.fsync", fsync)
    reopened(root).shard("2026-2027/1A").change("gv.1a", "enter", [Edit("results", "hs1", "a", None, 9)])
    # Each folder that got a new name: the year, the class, journal.log.
    assert synced >= {str(root), str(root / "2026-2027"), str(root / "2026-2027" / "1A")}


def test_a_wide_act_changes_all_its_shards(root: Path) -> None:
    store = reopened(root)
    store.across("vanthu", "move", MOVE)
    assert where(store) == where(reopened(root)) == ({}, NAME)
    assert intents(store) == {}


def test_a_wide_act_that_conflicts_changes_nothing(root: Path) -> None:
    store = reopened(root)
    journals = {path: path.read_bytes() for path in root.rglob("journal.log")}
    with pytest.raises(Conflict):
        store.across("vanthu", "move", {**MOVE, TO: [Edit("pupils", "hs1", "name", "khác", NAME["name"])]})
    assert {path: path.read_bytes() for path in root.rglob("journal.log")} == journals


def test_a_conflict_that_comes_in_between_undoes_the_steps_before(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, other = reopened(root), reopened(root).shard(TO)
    slips_in = [Edit("pupils", "hs1", "name", None, "Người khác")]
    before_change(monkeypatch, 3, lambda: None if other.seq > 0 else void(other.change("x", "enter", slips_in)))
    with pytest.raises(Conflict):
        store.across("vanthu", "move", MOVE)
    monkeypatch.undo()
    assert where(store) == where(reopened(root)) == (NAME, {"name": "Người khác"})
    assert intents(store) == {}
    acts = [entry.act for entry in store.shard(FROM).history("pupils", "hs1")]
    assert acts == ["found", "move", "move:undo"]


def void(_: object) -> None:
    """Drop a result."""


def test_an_act_cut_off_before_its_intent_never_happened(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before_change(monkeypatch, 1, cut)
    with pytest.raises(PowerCut):
        reopened(root).across("vanthu", "move", MOVE)
    monkeypatch.undo()
    assert where(reopened(root)) == (NAME, {})


@pytest.mark.parametrize("number", [2, 3, 4])
def test_an_act_cut_off_after_its_intent_is_finished_at_the_next_opening(
    root: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    before_change(monkeypatch, number, cut)
    with pytest.raises(PowerCut):
        reopened(root).across("vanthu", "move", MOVE)
    monkeypatch.undo()
    store = reopened(root)
    assert where(store) == ({}, NAME)
    assert intents(store) == {}
    for name in (FROM, TO):
        acts = [(entry.actor, entry.act) for entry in store.shard(name).history("pupils", "hs1")]
        assert acts.count(("vanthu", "move")) == 1


def test_an_intent_that_cannot_be_finished_is_undone_as_a_whole(root: Path) -> None:
    intend(reopened(root), {**MOVE, TO: [Edit("pupils", "hs1", "name", "khác", NAME["name"])]})
    store = reopened(root)
    assert where(store) == (NAME, {})
    assert intents(store) == {}


def test_an_act_is_finished_also_where_somebody_worked_on_after_its_first_step(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    colleague = reopened(root)
    before_change(monkeypatch, 3, cut)
    with pytest.raises(PowerCut):
        reopened(root).across("vanthu", "move", MOVE)
    monkeypatch.undo()
    # The first step is on disk; before anybody opens the store again, its cell changes once more.
    colleague.shard(FROM).change("gv.5a", "enter", [Edit("pupils", "hs1", "name", None, "Em mới")])
    assert where(reopened(root)) == ({"name": "Em mới"}, NAME)


def test_an_act_that_a_living_process_carries_out_is_left_alone(root: Path) -> None:
    intend(reopened(root), MOVE)
    with (root / "intents.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert where(reopened(root)) == (NAME, {})
    assert where(reopened(root)) == ({}, NAME)


def test_an_issued_file_is_written_once_and_never_changed(root: Path) -> None:
    store = reopened(root)
    store.issue("u1", b"<HOC_BA/>")
    store.issue("u1", b"<HOC_BA/>")
    with pytest.raises(StoreUnusable, match="nội dung khác"):
        store.issue("u1", b"<HOC_BA />")
    assert store.issued("u1") == b"<HOC_BA/>"
    path = Path(store.issued_path("u1"))
    assert path.stat().st_mode & 0o777 == 0o400
    assert [child.name for child in path.parent.iterdir()] == ["u1.xml"]
    with pytest.raises(StoreUnusable, match="Thiếu"):
        store.issued("u2")


def test_the_access_log_only_grows(root: Path) -> None:
    reopened(root).log_access("gv.5a", "view", "5A")
    (log,) = activity_files(root)
    first = log.read_bytes()
    reopened(root).log_access("vanthu", "export", "5A 34")
    assert log.read_bytes().startswith(first)
    assert [line[:3] for line in noted(root)] == [
        ("gv.5a", "view", "5A"),
        ("vanthu", "export", "5A 34"),
    ]


def test_an_act_whose_undo_is_cut_off_is_undone_at_the_next_opening(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = reopened(root)
    names = ["2025-2026/1A", "2025-2026/1B", "2025-2026/1C"]
    steps = {name: [Edit("t", "k", "f", None, 1)] for name in names}
    other = reopened(root)
    real = FileShard.change
    undone = 0

    def change(self: FileShard, actor: str, act: str, *rest: Any, **named: Any) -> Entry:
        nonlocal undone
        if self.name == names[2] and named.get("intent") and not act.endswith(":undo"):
            real(other.shard(names[2]), "somebody", "enter", [Edit("t", "k", "f", None, 9)])
        if act.endswith(":undo"):
            undone += 1
            if undone == 2:
                raise PowerCut
        return real(self, actor, act, *rest, **named)

    with monkeypatch.context() as patch:
        patch.setattr(FileShard, "change", change)
        with pytest.raises(PowerCut):
            store.across("clerk", "import", steps)
    real(other.shard(names[2]), "somebody", "enter", [Edit("t", "k", "f", 9, None)])
    again = reopened(root)
    assert [again.shard(name).document("t", "k").get("f") for name in names] == [None, None, None]
    assert again.shard("school").table("intents") == {}
