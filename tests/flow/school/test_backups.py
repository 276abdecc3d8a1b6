"""Backing up and restoring through flow: no account is needed, and each refusal comes before anything is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from hocba_tui.errors import Refused, StoreUnusable, WrongUse
from hocba_tui.flow.school.backups import back_up, drop_old_backups, is_damaged, new_key, restore_backup
from tests.support.stores import damage_line, facts


def test_a_backup_lies_in_the_store_by_default_and_comes_back_with_the_key(store_root: Path, tmp_path: Path) -> None:
    recipient = new_key(tmp_path / "key.txt")
    made = back_up(store_root, [recipient])
    assert made.path.parent == store_root / "backups"
    contents = restore_backup(made.path, tmp_path / "new", tmp_path / "key.txt")
    assert contents == made.contents
    assert not is_damaged(tmp_path / "new")


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    new_key(tmp_path / "key.txt")
    held = (tmp_path / "key.txt").read_bytes()
    with pytest.raises(Refused):
        new_key(tmp_path / "key.txt")
    assert (tmp_path / "key.txt").read_bytes() == held


def test_without_a_store_or_a_recipient_nothing_is_written(store_root: Path, tmp_path: Path) -> None:
    before = facts(store_root)
    with pytest.raises(WrongUse, match="mã hóa cho ai"):
        back_up(store_root, [])
    with pytest.raises(StoreUnusable, match="Không thấy kho"):
        back_up(tmp_path / "none", [])
    assert facts(store_root) == before
    assert not (tmp_path / "none").exists()


def test_the_backup_that_was_just_made_is_never_dropped(store_root: Path, tmp_path: Path) -> None:
    made = back_up(store_root, [new_key(tmp_path / "key.txt")], tmp_path / "copies")
    old = tmp_path / "copies" / "hocba-20200101-000000.tar.gz.age"
    newer = tmp_path / "copies" / "hocba-29990101-000000.tar.gz.age"
    for path in (old, newer):
        path.write_bytes(b"")
    assert drop_old_backups(made, 0, 0, 0) == 1
    assert sorted(path for path in (tmp_path / "copies").iterdir() if path.name[0] != ".") == [made.path, newer]


def test_a_damaged_store_is_told(store_root: Path) -> None:
    assert not is_damaged(store_root)
    journal = max(store_root.rglob("5A/journal.log"))
    (journal.parent / "data.json").unlink(missing_ok=True)
    damage_line(journal, 1)
    assert is_damaged(store_root)
