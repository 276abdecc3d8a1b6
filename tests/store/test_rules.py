"""Rules of the disk that no crash test shows, each tested where it is implemented."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from hocba_tui.clock import VIETNAM
from hocba_tui.errors import NotSaved
from hocba_tui.store import checkpoint as checkpoints
from hocba_tui.store.backend import Edit, Entry
from hocba_tui.store.disk import write_atomic, write_once
from hocba_tui.store.folder import FolderStore
from hocba_tui.store.journal import encode
from hocba_tui.store.shard import FileShard

NOON = datetime(2026, 6, 10, 12, 0, tzinfo=VIETNAM)


def open_shard(folder: Path) -> FileShard:
    return FileShard("2025-2026/5A", folder, lambda: NOON)


def put(shard: FileShard, field: str, after: object, before: object = None) -> None:
    shard.change("gv.5a", "enter", [Edit("results", "hs1", field, before, after)])


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "data.json"
    write_atomic(path, b"old")

    def fill(handle: int, data: memoryview) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr("hocba_tui.store.disk.os.write", fill)
        with pytest.raises(OSError, match="space"):
            write_atomic(path, b"new")
    assert path.read_bytes() == b"old"
    assert [found.name for found in tmp_path.iterdir()] == ["data.json"]
    before = path.stat().st_ino
    write_atomic(path, b"new")
    assert path.read_bytes() == b"new"
    assert path.stat().st_ino != before


@pytest.mark.parametrize(
    ("write", "order"),
    [
        (lambda path: write_atomic(path, b"x"), ["fsync file", "rename", "fsync folder"]),
        (lambda path: write_once(path, b"x"), ["fsync file", "link", "fsync folder"]),
    ],
    ids=["replaced", "written once"],
)
def test_bytes_are_synced_before_the_name_and_the_name_before_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: object, order: list[str]
) -> None:
    done: list[str] = []
    sync, rename, link = os.fsync, Path.replace, Path.hardlink_to

    def fsync(handle: int) -> None:
        folder = os.path.isdir(f"/proc/self/fd/{handle}")  # noqa: PTH112
        done.append("fsync folder" if folder else "fsync file")
        sync(handle)

    def replace(self: Path, target: Path) -> Path:
        done.append("rename")
        return rename(self, target)

    def hardlink_to(self: Path, target: Path) -> None:
        done.append("link")
        link(self, target)

    monkeypatch.setattr("hocba_tui.store.disk.os.fsync", fsync)
    monkeypatch.setattr(Path, "replace", replace)
    monkeypatch.setattr(Path, "hardlink_to", hardlink_to)
    assert callable(write)
    write(tmp_path / "file")
    assert done == order


def test_the_clock_may_go_backwards(tmp_path: Path) -> None:
    at = NOON

    def earlier() -> datetime:
        nonlocal at
        at -= timedelta(hours=1)
        return at

    shard = FileShard("5A", tmp_path, earlier)
    for number in range(5):
        put(shard, "a", number + 1, number or None)
    assert open_shard(tmp_path).document("results", "hs1") == {"a": 5}
    assert [entry.edits[0].after for entry in shard.entries("gv.5a")] == [1, 2, 3, 4, 5]


def test_who_waits_for_a_sync_that_fails_is_told_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = open_shard(tmp_path), open_shard(tmp_path)
    put(first, "a", 1)
    real, outcome = os.fdatasync, list[BaseException | None]()

    def wait_for_it() -> None:
        try:
            put(second, "c", 3)
        except NotSaved as error:
            outcome.append(error)
        else:
            outcome.append(None)

    waiting = threading.Thread(target=wait_for_it)

    def refuse(handle: int) -> None:
        monkeypatch.setattr("hocba_tui.store.syncing.os.fdatasync", real)
        size = (tmp_path / "journal.log").stat().st_size
        waiting.start()
        while (tmp_path / "journal.log").stat().st_size == size:
            pass  # Until the other process's line is in the file, after ours.
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr("hocba_tui.store.syncing.os.fdatasync", refuse)
    with pytest.raises(NotSaved):
        put(first, "b", 2)
    waiting.join(30)
    assert isinstance(outcome[0], NotSaved)
    for shard in (first, second, open_shard(tmp_path)):
        shard.refresh()
        assert shard.document("results", "hs1") == {"a": 1}
    put(second, "d", 4)
    assert open_shard(tmp_path).document("results", "hs1") == {"a": 1, "d": 4}


def test_a_checkpoint_waits_until_what_it_says_is_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shard, reader = open_shard(tmp_path), open_shard(tmp_path)
    put(shard, "a", 1)
    real = os.fdatasync

    def sync(handle: int) -> None:
        reader.refresh()
        assert reader.document("results", "hs1") == {"a": 1, "b": 2}
        reader.checkpoint()
        real(handle)

    monkeypatch.setattr("hocba_tui.store.syncing.os.fdatasync", sync)
    put(shard, "b", 2)
    found = checkpoints.load(tmp_path / "data.json")
    assert found is None or found[0] == {"results": {"hs1": {"a": 1}}}
    shard.checkpoint()
    found = checkpoints.load(tmp_path / "data.json")
    assert found is not None
    assert found[0] == {"results": {"hs1": {"a": 1, "b": 2}}}


def test_the_lock_of_a_journal_outlives_other_descriptors_of_the_same_process(tmp_path: Path) -> None:
    """A process lock (fcntl) would be released when any descriptor of the file is closed."""
    shard = open_shard(tmp_path)
    with shard._journal.locked():
        with (tmp_path / "journal.log").open("rb"):
            pass
        with (tmp_path / "journal.log").open("rb") as other, pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_lock_files_stay_where_they_are(tmp_path: Path) -> None:
    store = FolderStore.create(tmp_path / "store", lambda: NOON)
    step = {"2025-2026/5A": [Edit("results", "hs1", "a", None, 1)]}

    def locks() -> dict[str, int]:
        return {path.name: path.stat().st_ino for path in (tmp_path / "store").rglob("*.lock")}

    with store.exclusive("sending"):
        pass
    store.across("admin", "move", step)
    before = locks()
    with store.exclusive("sending"):
        pass
    store.across("admin", "move", {"2025-2026/5A": [Edit("results", "hs1", "a", 1, 2)]})
    put(store.shard("2025-2026/5A"), "b", 3)
    assert {"sending.lock", "intents.lock", "in-use.lock", "sync.lock"} <= set(before)
    assert locks() == before


def test_a_whole_line_behind_a_hole_is_none(tmp_path: Path) -> None:
    """A power cut may keep a later sector and lose an earlier one, so nothing may depend on the later line."""
    shard = open_shard(tmp_path)
    journal = tmp_path / "journal.log"
    put(shard, "a", 1)
    before = journal.read_bytes()
    previous, at = hashlib.sha256(before.splitlines(keepends=True)[-1]).hexdigest(), NOON.isoformat()
    # Two changes of one shared sync that never finished.
    long = encode(Entry(2, at, "gv.5a", "long", (), "x" * 700), previous, len(before))
    edit = Edit("results", "hs1", "b", None, 1)
    step = encode(Entry(3, at, "gv.5a", "move", (edit,), "", "abc"), hashlib.sha256(long).hexdigest(), len(before))
    lost = 512 - len(before) % 512  # Up to the end of the sector in which the long line begins.
    journal.write_bytes(before + b"\0" * lost + long[lost:] + step)
    (tmp_path / "sync.lock").unlink()
    fresh = open_shard(tmp_path)
    assert not fresh.damage
    assert fresh.steps_of("abc") == ()
    assert [entry.intent for entry in fresh.entries()] == [""] * (fresh.seq + 1)
    assert list(fresh.history("results", "hs1", "b")) == []
    put(fresh, "c", 2)
    assert open_shard(tmp_path).document("results", "hs1") == {"a": 1, "c": 2}


def test_a_longer_line_of_another_disk_in_the_sync_file_is_written_over(tmp_path: Path) -> None:
    put(open_shard(tmp_path), "a", 1)
    (tmp_path / "sync.lock").write_bytes(b"other-boot-" + b"9" * 60 + b" 00000000000000000217 0badf00d\n")
    shard = open_shard(tmp_path)
    put(shard, "b", 2)
    assert shard._journal.sync.durable() == (tmp_path / "journal.log").stat().st_size


def test_a_change_costs_one_sync_and_those_that_come_meanwhile_share_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shards = [open_shard(tmp_path) for _ in range(4)]
    put(shards[0], "warm", 1)
    real, syncs, journal = os.fdatasync, list[int](), tmp_path / "journal.log"

    def count(handle: int) -> None:
        syncs.append(handle)
        real(handle)

    monkeypatch.setattr("hocba_tui.store.syncing.os.fdatasync", count)
    for number in range(5):
        put(shards[0], f"alone{number}", 1)
    assert len(syncs) == 5

    others = [threading.Thread(target=put, args=(shard, f"c{n}", n)) for n, shard in enumerate(shards[1:], start=1)]

    def busy(handle: int) -> None:
        """While the first sync is going on, three others write their lines."""
        monkeypatch.setattr("hocba_tui.store.syncing.os.fdatasync", count)
        before = journal.read_bytes().count(b"\n")
        for thread in others:
            thread.start()
        while journal.read_bytes().count(b"\n") < before + len(others):
            pass
        count(handle)

    syncs.clear()
    monkeypatch.setattr("hocba_tui.store.syncing.os.fdatasync", busy)
    put(shards[0], "first", 1)
    for thread in others:
        thread.join(30)
    assert len(syncs) == 2
    held = open_shard(tmp_path).document("results", "hs1")
    assert {held[f"c{n}"] for n in (1, 2, 3)} == {1, 2, 3}
