"""Backing up and restoring through flow: no account is needed, and each refusal comes before anything is written."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import pytest

from hocba_tui.errors import Refused, StoreUnusable, WrongUse
from hocba_tui.flow.school import backups
from hocba_tui.flow.school.backups import back_up, drop_old_backups, is_damaged, lasting_words, new_key, restore_backup
from hocba_tui.store.backups import backup
from hocba_tui.store.backups.backup_state import read_state
from hocba_tui.store.backups.copies import read_name
from hocba_tui.store.identity import ensure_identity, identity_of, short
from tests.support.stores import Ticking, damage_line, facts, flip


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


def harm(root: Path) -> None:
    journal = max(root.rglob("5A/journal.log"))
    (journal.parent / "data.json").unlink(missing_ok=True)
    damage_line(journal, 1)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.suffix == ".age")


@pytest.fixture
def key(tmp_path: Path) -> str:
    return new_key(tmp_path / "key.txt")


def test_the_backup_that_was_just_made_is_never_dropped(
    store_root: Path, tmp_path: Path, key: str, clock: Ticking
) -> None:
    usb = tmp_path / "usb"
    first = back_up(store_root, [key], usb)
    made = back_up(store_root, [key], usb)
    assert drop_old_backups(store_root, made, 0, 0, 0).count == 1
    assert names(usb) == [made.path.name]
    assert first.path.name != made.path.name


def test_a_damaged_store_is_told(store_root: Path) -> None:
    assert not is_damaged(store_root)
    harm(store_root)
    assert is_damaged(store_root)


def test_a_damaged_store_never_costs_a_good_copy(store_root: Path, tmp_path: Path, key: str, clock: Ticking) -> None:
    usb = tmp_path / "usb"
    good = back_up(store_root, [key], usb)
    harm(store_root)
    for _ in range(3):
        made = back_up(store_root, [key], usb)
        assert made.damaged
        assert "-damaged." in made.path.name
        assert drop_old_backups(store_root, made, 0, 0, 0).count == 0
    assert len(names(usb)) == 4
    restore_backup(good.path, tmp_path / "new", tmp_path / "key.txt")
    assert not is_damaged(tmp_path / "new")


@pytest.mark.parametrize("what", ["frozen", "issued"])
def test_a_frozen_or_issued_file_that_was_altered_is_damage_too(
    issued_store: Path, tmp_path: Path, key: str, clock: Ticking, what: str
) -> None:
    root = tmp_path / "store"
    shutil.copytree(issued_store, root)
    path = next(path for path in sorted(root.rglob(f"{what}/*")) if path.is_file() and "outbox" not in path.parts)
    path.chmod(0o600)
    flip(path, 50)
    assert back_up(root, [key], tmp_path / "usb").damaged


def test_damage_that_comes_while_the_copy_is_made_is_seen(
    store_root: Path, tmp_path: Path, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = backup._write_and_prove

    def write(*arguments: object) -> object:
        harm(store_root)
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(backup, "_write_and_prove", write)
    assert back_up(store_root, [key], tmp_path / "usb").damaged


def test_a_store_that_cannot_be_examined_is_copied_as_a_damaged_one(
    store_root: Path, tmp_path: Path, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Path) -> object:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(backups, "check_store", refuse)
    made = back_up(store_root, [key], tmp_path / "usb")
    assert made.damaged
    assert made.path.exists()


def test_two_stores_in_one_folder_keep_their_own(store_root: Path, tmp_path: Path, key: str, clock: Ticking) -> None:
    """Also one that is a copy of the other, and one that was restored from it: same school, same key, same folder."""
    shutil.copytree(store_root, tmp_path / "copy", copy_function=shutil.copy2)
    restore_backup(back_up(store_root, [key]).path, tmp_path / "restored", tmp_path / "key.txt")
    stores, usb = (store_root, tmp_path / "copy", tmp_path / "restored"), tmp_path / "usb"
    for _ in range(2):
        for root in stores:
            # Each has to be the one to go on with, or it would drop nothing where another one has gone on.
            made = back_up(root, [key], usb, accept_fork=True)
            drop_old_backups(root, made, 0, 0, 0)
    held = [read_name(path) for path in usb.glob("*.age")]
    assert sorted(copy.identity for copy in held if copy) == sorted(short(identity_of(root)) for root in stores)


def test_a_new_key_never_replaces_what_the_old_one_opens(
    store_root: Path, tmp_path: Path, key: str, clock: Ticking
) -> None:
    usb = tmp_path / "usb"
    first = back_up(store_root, [key], usb)
    lost = new_key(tmp_path / "lost.txt")
    (tmp_path / "lost.txt").unlink()
    for _ in range(2):
        drop_old_backups(store_root, back_up(store_root, [lost], usb), 0, 0, 0)
    made = back_up(store_root, [lost], usb)
    assert drop_old_backups(store_root, made, 0, 0, 0).found.other_key == (first.path,)
    assert names(usb) == sorted([first.path.name, made.path.name])
    restore_backup(first.path, tmp_path / "new", tmp_path / "key.txt")


def test_copies_of_older_versions_stay_and_are_spoken_of_once(
    store_root: Path, tmp_path: Path, key: str, clock: Ticking
) -> None:
    usb = tmp_path / "usb"
    usb.mkdir()
    kept = [usb / f"hocba-2020010{day}-000000.tar.gz.age" for day in (1, 2)]
    for path in kept:
        path.write_bytes(b"age-encryption.org/v1\n")
    untold = []
    for _ in range(3):
        made = back_up(store_root, [key], usb)
        untold.append(drop_old_backups(store_root, made, 0, 0, 0).untold)
    assert untold == [tuple(kept), (), ()]
    assert all(path.exists() for path in kept)


def test_no_copy_is_written_into_a_store_but_into_its_own_folder_for_them(
    store_root: Path, tmp_path: Path, key: str
) -> None:
    shutil.copytree(store_root, tmp_path / "other")
    before = facts(tmp_path / "other")
    mine = facts(store_root)
    for folder in (
        store_root,
        store_root / "2025-2026" / "5A",
        store_root / "usb",
        tmp_path / "other" / "backups",
        tmp_path / "other" / "issued",
    ):
        with pytest.raises(Refused, match="nằm trong kho"):
            back_up(store_root, [key], folder)
    assert (facts(tmp_path / "other"), facts(store_root)) == (before, mine)
    assert back_up(store_root, [key], store_root / "backups" / "usb").size > 0


def test_what_the_administrator_is_shown_is_noted(store_root: Path, tmp_path: Path, key: str) -> None:
    assert read_state(store_root).backup is None
    made = back_up(store_root, [key], tmp_path / "usb")
    noted = read_state(store_root).backup
    assert noted is not None
    assert (noted.copy, noted.damaged) == (str(made.path), False)
    (store_root / "backups" / "state.json").write_bytes(b'{"backup": {"x": 1}, "told": 5}')
    assert read_state(store_root).backup is None


def test_copies_that_never_go_are_counted_with_their_size(tmp_path: Path) -> None:
    root = tmp_path / "store"
    root.mkdir(mode=0o700)
    identity = ensure_identity(root)
    folder = tmp_path / "copies"
    folder.mkdir()
    assert lasting_words(root, folder) == ""
    own, other = f"hocba-truong-{short(identity)}-abcdef", "hocba-truong-0123456789ab-abcdef"
    for name, size in (
        (f"{own}-20260601-223000.tar.gz.age", 9_000_000),
        (f"{own}-20260602-223000-damaged.tar.gz.age", 1_000_000),
        (f"{own}-20260603-223000-damaged.tar.gz.age", 1_500_000),
        (f"{other}-20260603-223000.tar.gz.age", 300_000),
        ("hocba-20200603-223000.tar.gz.age", 200_000),
        ("before-format-2-20260101-120000.tar.gz", 400_000),
        ("of-somebody.zip", 700_000),
    ):
        with (folder / name).open("wb") as file:
            file.truncate(size)
    (folder / f"{own}-20260604-223000-damaged.tar.gz.age").symlink_to(folder / "of-somebody.zip")
    said = lasting_words(root, folder)
    assert said.startswith("Bản sao lưu không bao giờ tự bị bỏ: ")
    assert "2 bản “-damaged”, chụp khi kho có chỗ hỏng (2,5 MB)" in said
    assert "1 bản của kho khác, hoặc của kho này trước lần đổi kho (0,3 MB)" in said
    assert "1 bản không rõ của kho nào (0,2 MB)" in said
    assert "1 bản chụp trước khi nâng cấp kho (0,4 MB)" in said
    assert lasting_words(root, tmp_path / "none") == ""
