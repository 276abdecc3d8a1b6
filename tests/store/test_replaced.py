"""Files that are replaced while a session has them open: nothing is said to be saved into a file that nobody reads."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from hocba_tui.errors import FilesReplaced, NotSaved, StoreUnusable
from hocba_tui.store.backend import Edit, Entry
from hocba_tui.store.folder import FolderStore
from hocba_tui.store.rebuild import rebuild
from tests.support.stores import A, B, Facts, Ticking, facts, filled, flaws, journal, now, put


@pytest.fixture
def root(tmp_path: Path) -> Path:
    filled(tmp_path / "store")
    return tmp_path / "store"


def older_copy(root: Path) -> Path:
    """Copy the store, then let everybody go on for a while."""
    copy = root.with_name("older")
    shutil.copytree(root, copy)
    store = FolderStore(root, Ticking())
    for name in (A, B):
        put(store, name, "since", 1)
    return copy


def swap_stores(root: Path, copy: Path) -> None:
    root.rename(root.with_name("aside"))
    copy.rename(root)


def lay_class_over(root: Path, copy: Path) -> None:
    shutil.rmtree(root / B)
    shutil.copytree(copy / B, root / B)


def rename_class(root: Path, copy: Path) -> None:
    (root / B).rename(root / "2025-2026" / "5B-cu")
    (copy / B).rename(root / B)


def remove_journal(root: Path, copy: Path) -> None:
    journal(root, B).unlink()


def remove_class(root: Path, copy: Path) -> None:
    shutil.rmtree(root / B)


def link_journal(root: Path, copy: Path) -> None:
    journal(root, B).unlink()
    journal(root, B).symlink_to(journal(copy, B))


def link_to_itself(root: Path, copy: Path) -> None:
    """The same file, but reached through a link: the next session will not open it."""
    journal(root, B).rename(root / "moved.log")
    journal(root, B).symlink_to(root / "moved.log")


def write_over(root: Path, copy: Path) -> None:
    """Copy as ``cp`` does onto files that exist: they keep their inodes."""
    for path in (copy / B).glob("*.*"):
        (root / B / path.name).write_bytes(path.read_bytes())


def cut_at_a_line(root: Path, copy: Path) -> None:
    path = journal(root, B)
    os.truncate(path, path.read_bytes().rstrip(b"\n").rfind(b"\n") + 1)


def cut_and_forget(root: Path, copy: Path) -> None:
    cut_at_a_line(root, copy)
    (root / B / "sync.lock").unlink()
    (root / B / "data.json").unlink()


WAYS = [
    swap_stores, lay_class_over, rename_class, remove_journal, remove_class, link_journal, link_to_itself, write_over,
    cut_at_a_line, cut_and_forget,
]  # fmt: skip
Way = Callable[[Path, Path], None]


@pytest.fixture(params=WAYS, ids=lambda way: way.__name__)
def replaced(request: pytest.FixtureRequest, root: Path) -> tuple[FolderStore, Path]:
    """Return an open store whose class B was replaced, and the root."""
    copy = older_copy(root)
    session = FolderStore(root, Ticking())
    put(session, B, "mine", 5)
    request.param(root, copy)
    return session, root


def files(folder: Path) -> Facts:
    """Return what lies below a folder, but for locks and for what is noted of journals outside of them."""
    found = facts(folder).items()
    return {name: held for name, held in found if not name.endswith(".lock") and "heads" not in Path(name).parts}


def test_a_change_is_refused_and_not_written_anywhere(replaced: tuple[FolderStore, Path]) -> None:
    session, root = replaced
    before = files(root.parent)
    with pytest.raises(FilesReplaced) as caught:
        put(session, B, "later", 1)
    assert isinstance(caught.value, NotSaved)
    assert "CHƯA được lưu" in caught.value.what
    assert caught.value.now
    assert files(root.parent) == before


def test_reading_notices_it_too(replaced: tuple[FolderStore, Path]) -> None:
    session, _ = replaced
    shard = session.shard(B)
    assert shard.refresh() == ()
    assert shard.damage
    with pytest.raises(FilesReplaced):
        shard.require_sound()
    assert shard.document("results", "hs1")["mine"] == 5
    with pytest.raises((FilesReplaced, StoreUnusable)):
        list(shard.entries())


def test_nothing_else_goes_into_the_other_files(replaced: tuple[FolderStore, Path]) -> None:
    session, root = replaced
    shard = session.shard(B)
    before = files(root.parent)
    with pytest.raises(FilesReplaced):
        shard.keep(b"frozen")
    with pytest.raises(FilesReplaced):
        shard.settle()
    with pytest.raises(FilesReplaced):
        session.across("vanthu", "rename", {B: [Edit("pupils", "hs1", "nick", "Bống", "Bi")]})
    shard.checkpoint()
    assert files(root.parent) == before


def test_it_names_the_own_changes_that_are_not_in_the_file_now(replaced: tuple[FolderStore, Path]) -> None:
    session, _ = replaced
    shard = session.shard(B)
    shard.refresh()
    gone = shard.gone()
    if journal(session.root, B).is_symlink():
        assert {edit.field for edit in gone} <= {"mine"}
    else:
        assert gone == (Edit("results", "hs1", "mine", None, 5),)


def test_the_other_classes_go_on_unless_the_whole_store_was_replaced(replaced: tuple[FolderStore, Path]) -> None:
    session, root = replaced
    if root.with_name("aside").exists():
        with pytest.raises(FilesReplaced):
            put(session, A, "more", 1)
        with pytest.raises(FilesReplaced):
            session.shard("2025-2026/5C")
        assert not (root / "2025-2026/5C").exists()
    else:
        put(session, A, "more", 1)
        assert FolderStore(root, Ticking()).shard(A).document("results", "hs1")["more"] == 1


def test_the_session_goes_on_when_the_files_are_put_back(root: Path) -> None:
    session = FolderStore(root, Ticking())
    put(session, B, "mine", 5)
    (root / B).rename(root / "2025-2026" / "aside")
    with pytest.raises(FilesReplaced):
        put(session, B, "later", 1)
    session.shard(B).refresh()
    (root / "2025-2026" / "aside").rename(root / B)
    put(session, B, "later", 1)
    session.shard(B).refresh()
    assert session.shard(B).damage is None
    assert FolderStore(root, Ticking()).shard(B).document("results", "hs1")["later"] == 1
    assert flaws(root) == []


def test_a_failed_sync_does_not_take_over_another_file(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = older_copy(root)
    session = FolderStore(root, Ticking())
    put(session, B, "mine", 5)

    def refuse(handle: int) -> None:
        monkeypatch.undo()
        swap_stores(root, copy)
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr("hocba_tui.store.syncing.os.fdatasync", refuse)
    with pytest.raises(NotSaved):
        put(session, B, "later", 1)
    before = journal(root, B).read_bytes()
    with pytest.raises(FilesReplaced):
        put(session, B, "later", 1)
    assert journal(root, B).read_bytes() == before


def test_a_rebuild_that_could_not_bring_back_what_a_session_read_is_said(root: Path) -> None:
    session = FolderStore(root, Ticking())
    put(session, B, "mine", 5)
    cut_at_a_line(root, root)
    rebuild(root, B, now, accept_loss=True)
    with pytest.raises(FilesReplaced):
        put(session, B, "later", 1)
    session.shard(B).refresh()
    assert session.shard(B).gone() == (Edit("results", "hs1", "mine", None, 5),)
    put(FolderStore(root, Ticking()), B, "later", 1)
    assert flaws(root) == []


def test_a_session_notices_at_its_first_reading_though_it_has_read_what_was_not_on_disk_yet(root: Path) -> None:
    session, other = FolderStore(root, Ticking()), FolderStore(root, Ticking())
    shard = session.shard(B)
    put(session, B, "mine", 5)
    journal_file = other.shard(B)._journal
    with journal_file.locked():
        journal_file.append(Entry(shard.seq + 1, now().isoformat(), "gv.5b", "enter", ()))
    assert len(shard.refresh()) == 1
    shutil.rmtree(root / B)
    shard.refresh()
    assert shard.gone() == (Edit("results", "hs1", "mine", None, 5),)
