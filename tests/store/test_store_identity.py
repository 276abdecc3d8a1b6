"""A store's identity: its own, never that of a copy, and asked for before anything is removed."""

from __future__ import annotations

import fcntl
import gc
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from hocba_tui.errors import Conflict, HocbaError, Refused
from hocba_tui.flow.opening import open_desk
from hocba_tui.store import presence
from hocba_tui.store.backups.backup import write_backup
from hocba_tui.store.backups.restore import restore
from hocba_tui.store.folder import FolderStore
from hocba_tui.store.identity import ensure_identity, identity_of, random_identity, remove_store, short
from tests.support.stores import facts, filled, flaws, kept_store, now


@pytest.fixture
def root(tmp_path: Path) -> Path:
    filled(tmp_path / "store")
    gc.collect()
    return tmp_path / "store"


def test_a_new_store_has_an_identity_that_stays(root: Path) -> None:
    identity = identity_of(root)
    assert len(identity) == 36
    assert len(short(identity)) == 12
    FolderStore(root, now)
    assert ensure_identity(root) == identity == identity_of(root)
    assert flaws(root) == []


def test_two_stores_have_two(root: Path, tmp_path: Path) -> None:
    filled(tmp_path / "other")
    assert identity_of(root) != identity_of(tmp_path / "other")


def test_a_copied_folder_is_another_store(root: Path, tmp_path: Path) -> None:
    before = (root / "identity").read_bytes()
    shutil.copytree(root, tmp_path / "copy", copy_function=shutil.copy2)
    assert identity_of(tmp_path / "copy") == ""
    assert ensure_identity(tmp_path / "copy") not in ("", identity_of(root))
    assert (root / "identity").read_bytes() == before


def test_a_store_that_was_only_moved_keeps_its_own(root: Path, tmp_path: Path) -> None:
    identity = identity_of(root)
    root.rename(tmp_path / "moved")
    assert ensure_identity(tmp_path / "moved") == identity


def test_a_restored_store_has_one_of_its_own_and_the_copy_says_whose_it_is(root: Path, tmp_path: Path) -> None:
    made = write_backup(root, tmp_path / "copies", now, ())
    assert made.contents.store == identity_of(root)
    assert restore(made.path, tmp_path / "new", now).store == identity_of(root)
    assert identity_of(tmp_path / "new") not in ("", identity_of(root))


def test_a_store_of_an_older_version_gets_one_when_a_person_opens_it(tmp_path: Path) -> None:
    kept = kept_store(2, tmp_path / "store")
    assert identity_of(kept) == ""
    open_desk(kept, "admin")
    assert identity_of(kept)


def test_an_older_store_opens_also_where_nothing_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = kept_store(2, tmp_path / "store")

    def refuse(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("hocba_tui.store.identity.write_all", refuse)
    assert open_desk(kept, "gv.5a").pupils("5A")
    assert identity_of(kept) == ""
    assert not [path for path in kept.iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize("data", [b"", b"\xff", b"x\ninode 1\n", b"a" * 36 + b"\ninode 5\n", b"\0" * 4096])
def test_what_is_no_identity_is_none(root: Path, data: bytes) -> None:
    (root / "identity").write_bytes(data)
    assert identity_of(root) == ""
    assert ensure_identity(root) == identity_of(root) != ""


def test_an_identity_is_never_read_through_a_link(root: Path, tmp_path: Path) -> None:
    (root / "identity").rename(tmp_path / "elsewhere")
    (root / "identity").symlink_to(tmp_path / "elsewhere")
    held = (tmp_path / "elsewhere").read_bytes()
    assert identity_of(root) == ""
    assert ensure_identity(root)
    assert (tmp_path / "elsewhere").read_bytes() == held


# --- removing --------------------------------------------------------------------------------------


def test_only_the_store_with_that_identity_is_removed(root: Path, tmp_path: Path) -> None:
    shutil.copytree(root, tmp_path / "copy", copy_function=shutil.copy2)
    (tmp_path / "link").symlink_to(root)
    before = facts(tmp_path)
    for place, identity in (
        (root, ""),
        (root, random_identity()),
        (tmp_path / "copy", identity_of(root)),
        (tmp_path / "link", identity_of(root)),
        (tmp_path / "none", identity_of(root)),
    ):
        with pytest.raises(Refused, match="không xóa"):
            remove_store(place, identity)
    assert facts(tmp_path) == before
    remove_store(root, identity_of(root))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy", "link"]


def test_a_store_in_which_somebody_is_is_not_removed(root: Path) -> None:
    store = FolderStore(root, now)
    before = facts(root)
    with pytest.raises(Conflict, match=r"Còn người đang dùng kho: .*tiến trình \d+"):
        remove_store(root, identity_of(root))
    assert facts(root) == before
    del store
    gc.collect()
    with (root / "2025-2026" / "5A" / "journal.log").open("rb") as journal:
        fcntl.flock(journal, fcntl.LOCK_SH)  # As a backup or a rebuild does, which do not open the store.
        with pytest.raises(Conflict):
            remove_store(root, identity_of(root))
    assert facts(root) == before
    remove_store(root, identity_of(root))
    assert not root.exists()


def test_a_process_that_is_ending_is_waited_for(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = [sys.executable, "-c", "print('here', flush=True); open(0).read()"]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdin
        assert other.stdout
        other.stdout.readline()  # A process that has just been started has no memory of its own yet.
        assert not presence._is_ending(other.pid)
        other.stdin.close()
        os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)
        assert presence._is_ending(other.pid), "a process without memory"
    assert presence._is_ending(other.pid), "no such process"
    handle = os.open(root / "in-use.lock", os.O_RDWR)
    fcntl.flock(handle, fcntl.LOCK_SH)
    monkeypatch.setattr(presence, "_is_ending", lambda _: True)
    letting_go = threading.Timer(0.2, os.close, [handle])
    letting_go.start()
    with presence.alone(root):
        pass
    letting_go.join()


def test_an_opening_that_waited_for_the_lock_is_in_the_store_that_is_there_now(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder is changed for another between the opening of its lock and the taking of it."""
    filled(tmp_path / "other")
    gc.collect()
    real = fcntl.flock

    def flock(handle: int, how: int) -> None:
        if Path(f"/proc/self/fd/{handle}").readlink().name == "in-use.lock":
            monkeypatch.undo()
            root.rename(tmp_path / "aside")
            (tmp_path / "other").rename(root)
        real(handle, how)

    monkeypatch.setattr(fcntl, "flock", flock)
    store = FolderStore(root, now)
    with (root / "in-use.lock").open("rb") as lock, pytest.raises(BlockingIOError):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    with (tmp_path / "aside" / "in-use.lock").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    assert store.shard("school").seq >= 0


# --- no store within a store -----------------------------------------------------------------------


@pytest.mark.parametrize("where", ["new", "issued/new", "2025-2026/5A/new", "school", "backups/new"])
def test_nothing_is_founded_or_restored_within_a_store(root: Path, tmp_path: Path, where: str) -> None:
    made = write_backup(root, tmp_path / "copies", now, ())
    before = facts(tmp_path)
    with pytest.raises(HocbaError):
        restore(made.path, root / where, now)
    with pytest.raises(HocbaError):
        FolderStore.create(root / where, now)
    (tmp_path / "link").symlink_to(root)
    with pytest.raises(HocbaError):
        restore(made.path, tmp_path / "link" / where, now)
    (tmp_path / "link").unlink()
    assert facts(tmp_path) == before


def test_what_another_makes_at_the_same_time_is_never_removed(tmp_path: Path) -> None:
    (tmp_path / ".store.creating").mkdir()
    (tmp_path / ".store.creating" / "journal.log").write_bytes(b"x")
    FolderStore.create(tmp_path / "store", now)
    assert (tmp_path / ".store.creating" / "journal.log").read_bytes() == b"x"
