"""Backups: consistent while people work, unreadable to others, checked, and nothing half done is left."""

from __future__ import annotations

import errno
import fcntl
import io
import os
import resource
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from hocba_tui.errors import Conflict, HocbaError, NotSaved, Refused
from hocba_tui.log.keeping import keeping
from hocba_tui.store.backend import Edit
from hocba_tui.store.backups import archive
from hocba_tui.store.backups.archive import Contents, unpack
from hocba_tui.store.backups.backup import Backup, write_backup
from hocba_tui.store.backups.restore import restore
from hocba_tui.store.folder import FolderStore
from tests.support.stores import NAME, A, B, Ticking, damage_line, facts, flaws, journal, now, put

NEW = "2026-2027/1A"


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    """A folder with an older backup in it."""
    folder = tmp_path / "copies"
    folder.mkdir()
    (folder / "hocba-20260101-000000.tar.gz.age").write_bytes(b"old")
    return folder


def plain(root: Path, folder: Path) -> Backup:
    return write_backup(root, folder, now, ())


def inside(made: Backup, folder: Path) -> dict[str, bytes]:
    """Unpack a backup that is not encrypted, without opening it as a store."""
    with made.path.open("rb") as file:
        unpack(file, folder)
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """Let no file grow beyond ``size`` bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


# --- consistent while people work ------------------------------------------------------------------


def count_up(store: FolderStore, who: str, stop: threading.Event | None, times: int = 10**9) -> None:
    """Change both classes in one change, and each alone, again and again."""
    done = 0
    while done < times and not (stop and stop.is_set()):
        for name in (A, B):
            store.shard(name).refresh()
        seen = store.shard(A).document("both", "hs1").get("count")
        step = [Edit("both", "hs1", "count", seen, (seen or 0) + 1)]
        try:
            store.across(who, "both", {A: step, B: step})
        except Conflict:
            continue
        store.shard(A).change(who, "enter", [Edit("mine", who, str(done), None, done)])
        done += 1


def test_a_copy_made_while_people_work_is_one_moment_of_all_classes(root: Path, tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, __file__, str(root)])
    stop = threading.Event()
    threads = [
        threading.Thread(target=count_up, args=(FolderStore(root, Ticking()), f"t{number}", stop))
        for number in range(2)
    ]
    for thread in threads:
        thread.start()
    try:
        made = [write_backup(root, tmp_path / f"copy{number}", now, ()) for number in range(5)]
    finally:
        stop.set()
        for thread in threads:
            thread.join(30)
        process.terminate()
        process.wait(60)
    for number, backup in enumerate(made):
        held = inside(backup, tmp_path / f"in{number}")
        for name in held:
            if name.endswith("journal.log"):
                assert (root / name).read_bytes().startswith(held[name])
        restore(backup.path, tmp_path / f"new{number}", now)
        store = FolderStore(tmp_path / f"new{number}", now)
        assert store.shard(A).document("both", "hs1") == store.shard(B).document("both", "hs1")
        assert not store.shard("school").table("intents")
        assert flaws(tmp_path / f"new{number}") == []


def test_a_wide_act_into_a_class_made_meanwhile_is_not_copied_half(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = archive._members

    def members(where: Path) -> Iterator[Path]:
        # The lengths are known, nothing is copied yet: a pupil moves into a new class.
        move = {A: [Edit("pupils", "hs1", "name", NAME, None)], NEW: [Edit("pupils", "hs1", "name", None, NAME)]}
        FolderStore(root, now).across("vanthu", "move", move)
        return real(where)

    monkeypatch.setattr(archive, "_members", members)
    made = plain(root, tmp_path / "copies")
    monkeypatch.undo()
    restore(made.path, tmp_path / "new", now)
    store = FolderStore(tmp_path / "new", now)
    places = [name for name in (A, NEW) if store.shard(name).document("pupils", "hs1").get("name")]
    assert places == [A]


def test_a_class_made_while_the_lengths_are_taken_is_not_missing(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = fcntl.flock

    def flock(handle: int, how: int) -> None:
        if Path(f"/proc/self/fd/{handle}").readlink().name == "journal.log":
            # Before the first journal is locked, and after the intents are.
            monkeypatch.undo()
            put(FolderStore(root, now), NEW, "a", 1)
        real(handle, how)

    monkeypatch.setattr(fcntl, "flock", flock)
    made = plain(root, tmp_path / "copies")
    monkeypatch.undo()
    restore(made.path, tmp_path / "new", now)
    assert flaws(tmp_path / "new") == []


def test_the_lengths_are_taken_while_no_wide_act_is_going_on(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = fcntl.flock
    taken: list[tuple[str, int]] = []

    def flock(handle: int, how: int) -> None:
        taken.append((Path(f"/proc/self/fd/{handle}").readlink().name, how & ~fcntl.LOCK_NB))
        real(handle, how)

    monkeypatch.setattr(fcntl, "flock", flock)
    plain(root, tmp_path / "copies")
    assert taken[0] == ("intents.lock", fcntl.LOCK_EX)
    assert len([name for name, how in taken if name == "journal.log" and how == fcntl.LOCK_SH]) >= 3


def test_a_backup_changes_no_byte_of_the_store(root: Path, tmp_path: Path) -> None:
    before = facts(root)
    plain(root, tmp_path / "copies")
    assert facts(root) == before


def test_a_torn_tail_is_no_obstacle(root: Path, tmp_path: Path) -> None:
    with journal(root).open("ab") as file:
        file.write(b"00000100 0000")
    made = plain(root, tmp_path / "copies")
    restore(made.path, tmp_path / "new", now)
    store = FolderStore(tmp_path / "new", now)
    assert store.shard(A).document("results", "hs1") == {"f0": 0, "f1": 1, "f2": 2, "f3": 3}
    put(store, A, "later", 9)
    assert flaws(tmp_path / "new") == []


def test_a_damaged_store_can_still_be_copied_and_the_copy_says_so(root: Path, tmp_path: Path) -> None:
    damage_line(journal(root), 3)
    made = plain(root, tmp_path / "copies")
    restore(made.path, tmp_path / "new", now)
    assert [flaw.place for flaw in flaws(tmp_path / "new") if flaw.lost] == [f"{A}/journal.log"]
    assert journal(tmp_path / "new").read_bytes() == journal(root).read_bytes()


# --- what is inside --------------------------------------------------------------------------------


def test_it_holds_what_cannot_be_rebuilt_and_nothing_else(root: Path, tmp_path: Path) -> None:
    plain(root, root / "backups")
    (root / A / "frozen" / ".x.1.ab.tmp").write_bytes(b"left over")
    with keeping(root, "backup"):
        assert list((root / "log").glob("20*.log"))
    held = inside(write_backup(root, tmp_path / "copies", now, ()), tmp_path / "in")
    digest = next((root / A / "frozen").glob("[0-9a-f]*")).name
    journals = {f"{name}/journal.log" for name in (A, B, "school", "activity/2026")}
    assert set(held) == journals | {"format", "issued/u1.xml", f"{A}/frozen/{digest}"}
    assert all(held[name] == (root / name).read_bytes() for name in held)


def test_it_never_holds_the_copies_before_it_wherever_in_the_store_they_lie(root: Path, tmp_path: Path) -> None:
    made = write_backup(root, root / "copies", Ticking(), ())
    held = inside(write_backup(root, tmp_path / "out", now, ()), tmp_path / "in")
    assert f"copies/{made.path.name}" not in held


def test_a_file_name_that_is_no_utf8_does_not_stop_the_backup(root: Path, tmp_path: Path) -> None:
    (root / os.fsdecode(b"caf\xe9.txt")).write_bytes(b"x")
    try:
        made = plain(root, tmp_path / "copies")
    except HocbaError:
        return
    assert restore(made.path, tmp_path / "new", now).shards == (A, B, "school")


# --- proven, or not there --------------------------------------------------------------------------


@pytest.mark.parametrize("encrypted", [True, False])
@pytest.mark.parametrize("place", [0.1, 0.5, 0.9])
def test_what_reads_back_differently_is_dropped(
    root: Path,
    copies: Path,
    key: tuple[Path, str],
    monkeypatch: pytest.MonkeyPatch,
    place: float,
    *,
    encrypted: bool,
) -> None:
    before = facts(copies)

    def rot(handle: int, *_: int) -> None:
        position = int(os.fstat(handle).st_size * place)
        os.pwrite(handle, bytes([os.pread(handle, 1, position)[0] ^ 0xFF]), position)

    monkeypatch.setattr("hocba_tui.store.backups.backup.os.posix_fadvise", rot)
    with pytest.raises(HocbaError):
        write_backup(root, copies, now, [key[1]] if encrypted else ())
    assert facts(copies) == before


def test_what_reads_back_as_something_else_is_dropped(
    root: Path, copies: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = facts(copies)
    monkeypatch.setattr("hocba_tui.store.backups.backup.unpack", lambda _: Contents("another", {}))
    with pytest.raises(HocbaError, match="không giống"):
        plain(root, copies)
    assert facts(copies) == before


@pytest.mark.parametrize("encrypted", [True, False])
@pytest.mark.parametrize("size", [0, 1, 300, 900])
def test_a_full_disk_leaves_nothing_and_the_old_copies_alone(
    root: Path, copies: Path, key: tuple[Path, str], size: int, *, encrypted: bool
) -> None:
    before = facts(copies)
    with room_for(size), pytest.raises(NotSaved, match="tệp quá lớn"):
        write_backup(root, copies, now, [key[1]] if encrypted else ())
    assert facts(copies) == before


@pytest.mark.parametrize("call", ["fsync", "hardlink_to", "sync_folder"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_a_disk_that_refuses_at_the_end_leaves_nothing(
    root: Path, copies: Path, monkeypatch: pytest.MonkeyPatch, call: str, code: int
) -> None:
    before = facts(copies)

    def refuse(*_: Any) -> None:
        raise OSError(code, os.strerror(code))

    where = {"fsync": (os, "fsync"), "hardlink_to": (Path, "hardlink_to")}
    if call in where:
        monkeypatch.setattr(*where[call], refuse)
    else:
        monkeypatch.setattr("hocba_tui.store.backups.backup.sync_folder", refuse)
    with pytest.raises(NotSaved):
        plain(root, copies)
    monkeypatch.undo()
    assert facts(copies) == before


def test_a_store_that_cannot_be_read_leaves_nothing(
    root: Path, copies: Path, key: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = facts(copies)

    class Rotten(io.RawIOBase):
        def __init__(self, *_: Any) -> None:
            super().__init__()

        def read(self, _size: int = -1, /) -> bytes:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(archive, "_Measured", Rotten)
    for recipients in ((), [key[1]]):
        with pytest.raises(NotSaved, match="đĩa hỏng"):
            write_backup(root, copies, now, recipients)
    assert facts(copies) == before


def test_two_in_one_second_never_overwrite_each_other(root: Path, copies: Path) -> None:
    made = plain(root, copies)
    data = made.path.read_bytes()
    with pytest.raises(Refused, match="Đợi một giây"):
        plain(root, copies)
    assert made.path.read_bytes() == data


def test_files_of_others_in_the_folder_stay(root: Path, copies: Path) -> None:
    others = copies / ".bai-giang.tmp"
    others.write_bytes(b"x")
    os.utime(others, (1, 1))
    plain(root, copies)
    assert others.exists()


def test_what_is_no_store_is_refused_and_nothing_is_made(tmp_path: Path, copies: Path) -> None:
    (tmp_path / "empty").mkdir()
    for root in (tmp_path / "none", tmp_path / "empty"):
        before = facts(tmp_path)
        with pytest.raises(HocbaError):
            plain(root, copies)
        assert facts(tmp_path) == before


def test_a_link_in_the_store_is_never_followed(root: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"khac")
    (root / "link").symlink_to(tmp_path / "secret")
    (root / "trust").symlink_to(tmp_path)
    held = inside(plain(root, tmp_path / "copies"), tmp_path / "in")
    assert not {name for name in held if name.startswith(("link", "trust"))}


if __name__ == "__main__":
    count_up(FolderStore(Path(sys.argv[1]), Ticking()), "process", None)
