"""Heads: an older copy of one part of a store is damage, also after a restart; whatever only grows is not."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from hocba_tui.errors import FilesReplaced, StoreUnusable
from hocba_tui.store import heads
from hocba_tui.store.backups.archive import unpack
from hocba_tui.store.backups.backup import write_backup
from hocba_tui.store.folder import FolderStore
from hocba_tui.store.heads import last_head, note_all
from hocba_tui.store.rebuild import rebuild
from tests.support.stores import A, B, Ticking, facts, filled, flaws, journal, now, put


@pytest.fixture
def root(tmp_path: Path) -> Path:
    filled(tmp_path / "store")
    return tmp_path / "store"


def session(root: Path, field: str, value: object = 1) -> None:
    """Write one field as a session that ends in good order."""
    store = FolderStore(root, Ticking())
    put(store, B, field, value)
    store.note_heads()


def put_back(root: Path, name: str, copy: Path) -> None:
    """Put the copy of a folder in its place, as after a restart: nothing else remembers."""
    shutil.rmtree(root / name)
    shutil.copytree(copy / name, root / name)
    (root / name / "sync.lock").unlink(missing_ok=True)


@pytest.mark.parametrize("name", [B, "school"])
def test_an_older_copy_is_damage_for_all_and_a_rebuild_leads_out(root: Path, tmp_path: Path, name: str) -> None:
    shutil.copytree(root, tmp_path / "older")
    if name == "school":
        FolderStore(root, Ticking()).shard("2025-2026/5C")
        note_all(root, now().isoformat())
        shutil.rmtree(root / "2025-2026/5C")
    else:
        session(root, "since")
    put_back(root, name, tmp_path / "older")
    damage = FolderStore(root, Ticking()).shard(name).damage
    assert damage
    assert "mốc đã ghi" in damage
    assert [flaw.place for flaw in flaws(root) if flaw.lost] == [f"{name}/journal.log"]
    if name == B:
        with pytest.raises(StoreUnusable):
            put(FolderStore(root, Ticking()), B, "more", 1)
    assert rebuild(root, name, now, accept_loss=True).set_aside
    assert [flaw for flaw in flaws(root) if flaw.lost] == []
    assert FolderStore(root, Ticking()).shard(name).damage is None


def test_two_classes_that_were_exchanged_are_both_damage(root: Path) -> None:
    note_all(root, now().isoformat())
    (root / A).rename(root / "x")
    (root / B).rename(root / A)
    (root / "x").rename(root / B)
    store = FolderStore(root, Ticking())
    assert store.shard(A).damage
    assert store.shard(B).damage


def test_what_only_grows_is_sound(root: Path) -> None:
    for number in range(5):
        session(root, f"more{number}")
        note_all(root, now().isoformat())
    assert FolderStore(root, Ticking()).shard(B).damage is None
    assert flaws(root) == []


def test_only_what_is_written_is_noted_and_never_less_than_before(root: Path) -> None:
    session(root, "more")
    assert last_head(root, A) is None
    head = last_head(root, B)
    assert head is not None
    assert head.mark.seq == FolderStore(root, Ticking()).shard(B).seq
    store = FolderStore(root, Ticking())
    store.shard(B)
    store.note_heads()
    assert last_head(root, B) == head


@pytest.mark.parametrize("spoilt", [b"", b"\0" * 40, b"00000000 {}\n", b"half a li"])
def test_a_spoilt_log_stops_nobody_and_the_next_head_is_read(root: Path, spoilt: bytes) -> None:
    session(root, "more")
    (root / "heads" / f"{B}.log").write_bytes(spoilt)
    session(root, "again")
    head = last_head(root, B)
    assert head is not None
    assert head.mark.seq == FolderStore(root, Ticking()).shard(B).seq


def test_a_long_log_is_written_again_with_its_last_head(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heads, "_LONGEST", 600)
    for number in range(8):
        session(root, f"more{number}")
    assert (root / "heads" / f"{B}.log").stat().st_size < 1200
    head = last_head(root, B)
    assert head is not None
    assert head.mark.seq == FolderStore(root, Ticking()).shard(B).seq


def test_heads_stay_behind_when_a_store_is_copied_as_a_backup(root: Path, tmp_path: Path) -> None:
    session(root, "more")
    made = write_backup(root, tmp_path / "copies", now, ())
    with made.path.open("rb") as file:
        assert not [name for name in unpack(file).files if name.startswith("heads")]


def test_a_disk_that_refuses_does_not_stop_a_session_from_ending(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = FolderStore(root, Ticking())
    put(store, B, "more", 1)
    (root / "heads" / "2025-2026").mkdir(parents=True, mode=0o700)
    before = facts(root)

    def refuse(*_: object) -> int:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr("hocba_tui.store.disk.os.open", refuse)
    store.note_heads()
    monkeypatch.undo()
    assert facts(root) == before
    assert journal(root, B).exists()


@pytest.mark.parametrize("notices", ["writes", "reads"])
def test_what_an_open_session_has_seen_is_noted_when_it_finds_an_older_copy(
    root: Path, tmp_path: Path, notices: str
) -> None:
    shutil.copytree(root, tmp_path / "older")
    working = FolderStore(root, Ticking())
    put(working, B, "mine", 5)
    put_back(root, B, tmp_path / "older")
    if notices == "writes":
        with pytest.raises(FilesReplaced):
            put(working, B, "later", 1)
    else:
        working.shard(B).refresh()
    assert [flaw.place for flaw in flaws(root) if flaw.lost] == [f"{B}/journal.log"]
    with pytest.raises(StoreUnusable):
        put(FolderStore(root, Ticking()), B, "other", 1)
    assert rebuild(root, B, now, accept_loss=True).set_aside
    with pytest.raises(FilesReplaced):
        put(working, B, "later", 1)
    assert [flaw for flaw in flaws(root) if flaw.lost] == []


def test_what_a_session_has_seen_is_not_noted_in_another_store_at_its_place(root: Path, tmp_path: Path) -> None:
    shutil.copytree(root, tmp_path / "older")
    working = FolderStore(root, Ticking())
    put(working, B, "mine", 5)
    root.rename(tmp_path / "aside")
    (tmp_path / "older").rename(root)
    before = facts(root)
    with pytest.raises(FilesReplaced):
        put(working, B, "later", 1)
    assert facts(root) == before
    assert last_head(root, B) is None
