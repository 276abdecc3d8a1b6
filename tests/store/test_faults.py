"""A shard when the disk tears a write, loses bytes, fills up or refuses."""

from __future__ import annotations

import errno
import gc
import os
import zlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from hocba_tui.clock import VIETNAM
from hocba_tui.errors import NotSaved, StoreUnusable
from hocba_tui.store.backend import Edit
from hocba_tui.store.folder import FolderStore
from hocba_tui.store.journal import FORMAT
from hocba_tui.store.shard import FileShard


def now() -> datetime:
    return datetime(2026, 6, 10, 12, 34, tzinfo=VIETNAM)


def open_shard(folder: Path) -> FileShard:
    return FileShard("2025-2026/5A", folder, now)


def put(shard: FileShard, field: str, after: object, before: object = None) -> None:
    shard.change("gv.5a", "enter", [Edit("results", "hs1", field, before, after)])


def held(folder: Path) -> dict[str, object]:
    return dict(open_shard(folder).document("results", "hs1"))


@pytest.fixture
def lines(tmp_path: Path) -> list[bytes]:
    """Return the lines of a journal with three changes, the last one not plain ASCII."""
    shard = open_shard(tmp_path / "made")
    for name, value in (("a", 9), ("b", 8), ("c", "Em đã cố gắng")):
        put(shard, name, value)
    return (tmp_path / "made" / "journal.log").read_bytes().splitlines(keepends=True)


def lay(folder: Path, data: bytes) -> Path:
    folder.mkdir()
    (folder / "journal.log").write_bytes(data)
    return folder


def refuses_to_write(folder: Path) -> str:
    """Open a damaged shard: it can be read, says what is wrong, and takes nothing."""
    shard = open_shard(folder)
    with pytest.raises(StoreUnusable, match="chỉ xem được"):
        put(shard, "new", 1)
    with pytest.raises(StoreUnusable, match="chỉ xem được"):
        shard.keep(b"x")
    assert shard.document("results", "hs1").get("new") is None
    assert shard.damage
    return shard.damage


def test_a_tail_torn_at_any_byte_leaves_the_state_before_and_later_changes_work(
    tmp_path: Path, lines: list[bytes]
) -> None:
    good = b"".join(lines[:-1])
    for kept in range(len(lines[-1])):
        folder = lay(tmp_path / f"torn{kept}", good + lines[-1][:kept])
        shard = open_shard(folder)
        assert shard.document("results", "hs1") == {"a": 9, "b": 8}
        put(shard, "d", 7)
        assert held(folder) == {"a": 9, "b": 8, "d": 7}
        assert (folder / "journal.log").read_bytes().startswith(good)


def test_a_reader_leaves_a_torn_tail_alone(tmp_path: Path) -> None:
    reader = open_shard(tmp_path)
    with (tmp_path / "journal.log").open("ab") as journal:
        journal.write(b"00000100 0000")
    before = (tmp_path / "journal.log").read_bytes()
    assert reader.refresh() == ()
    assert (tmp_path / "journal.log").read_bytes() == before


def test_damage_before_the_last_change_stops_the_shard_and_cuts_nothing(tmp_path: Path, lines: list[bytes]) -> None:
    whole = b"".join(lines)
    for position in range(0, len(whole) - len(lines[-1]) - 1, 3):
        damaged = bytearray(whole)
        damaged[position] ^= 0x01
        folder = lay(tmp_path / f"rot{position}", bytes(damaged))
        refuses_to_write(folder)
        assert (folder / "journal.log").read_bytes() == bytes(damaged)


def test_a_damaged_line_end_never_drops_the_two_changes_beside_it(tmp_path: Path, lines: list[bytes]) -> None:
    damaged = b"".join(lines[:-1])[:-1] + b"\x0b" + lines[-1]
    folder = lay(tmp_path / "rot", damaged)
    refuses_to_write(folder)
    assert (folder / "journal.log").read_bytes() == damaged


def test_a_whole_line_of_another_history_is_damage_and_no_torn_tail(tmp_path: Path, lines: list[bytes]) -> None:
    foreign = b"".join([*lines[:-2], lines[-1]])
    folder = lay(tmp_path / "foreign", foreign)
    refuses_to_write(folder)
    assert (folder / "journal.log").read_bytes() == foreign


def test_a_journal_of_a_newer_format_is_refused_and_left_as_it_is(tmp_path: Path, lines: list[bytes]) -> None:
    text = lines[0][18:-1].replace(b'"format":%d' % FORMAT, b'"format":%d' % (FORMAT + 1))
    newer = b"%08x %08x %s\n" % (len(text), zlib.crc32(text), text)
    for number, data in enumerate((newer + lines[1], newer)):
        folder = lay(tmp_path / f"newer{number}", data)
        assert "phiên bản" in refuses_to_write(folder)
        assert (folder / "journal.log").read_bytes() == data


@pytest.mark.parametrize("code", [errno.EIO, errno.ENOSPC])
@pytest.mark.parametrize("times", [1, 5])
def test_a_change_that_the_disk_refuses_is_not_saved_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, times: int
) -> None:
    shard, other = open_shard(tmp_path), open_shard(tmp_path)
    put(shard, "a", 9)
    real, left = os.fdatasync, times

    def refuse(handle: int) -> None:
        nonlocal left
        left -= 1
        if left >= 0:
            raise OSError(code, os.strerror(code))
        real(handle)

    monkeypatch.setattr("hocba_tui.store.syncing.os.fdatasync", refuse)
    with pytest.raises(NotSaved, match="CHƯA được lưu"):
        put(shard, "b", 8)
    left = 0
    other.refresh()
    assert shard.document("results", "hs1") == other.document("results", "hs1") == held(tmp_path) == {"a": 9}
    put(shard, "c", 7)
    put(other, "d", 6)
    assert held(tmp_path) == {"a": 9, "c": 7, "d": 6}


@pytest.mark.parametrize("lost", ["forgotten", "of another start", "unreadable"])
def test_a_sync_that_fails_where_nobody_knows_how_far_the_disk_is_takes_back_only_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    put(open_shard(tmp_path), "a", 9)
    mark = tmp_path / "sync.lock"
    if lost == "forgotten":
        mark.unlink()
    else:
        mark.write_bytes(b"" if lost == "unreadable" else b"other-boot-7 00000000000000000000 1234abcd\n")
    shard = open_shard(tmp_path)
    real, calls = os.fdatasync, 0

    def refuse_from_the_second(handle: int) -> None:
        nonlocal calls
        calls += 1
        if calls > 1:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        real(handle)

    with monkeypatch.context() as patch:
        patch.setattr("hocba_tui.store.syncing.os.fdatasync", refuse_from_the_second)
        with pytest.raises(NotSaved):
            put(shard, "b", 8)
    assert held(tmp_path) == {"a": 9}
    put(shard, "c", 7)
    assert held(tmp_path) == {"a": 9, "c": 7}


def test_a_write_that_stops_half_way_is_not_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shard, other = open_shard(tmp_path), open_shard(tmp_path)
    put(shard, "a", 9)
    real = os.write

    def fill(handle: int, data: memoryview) -> int:
        real(handle, data[: len(data) // 2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr("hocba_tui.store.disk.os.write", fill)
        with pytest.raises(NotSaved):
            put(shard, "b", 8)
    put(other, "c", 7)
    put(shard, "d", 6)
    assert held(tmp_path) == {"a": 9, "c": 7, "d": 6}


@pytest.mark.parametrize("value", ["9", "x" * 500])
def test_who_read_a_change_that_the_disk_then_refused_harms_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    writer, reader = open_shard(tmp_path), open_shard(tmp_path)
    real = os.fdatasync

    def refuse(handle: int) -> None:
        monkeypatch.setattr("hocba_tui.store.syncing.os.fdatasync", real)
        reader.refresh()  # The line is in the file; the sync has not returned.
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr("hocba_tui.store.syncing.os.fdatasync", refuse)
    with pytest.raises(NotSaved):
        put(writer, "lost", 1)
    put(writer, "a", value)
    put(reader, "b", 8)
    assert held(tmp_path) == {"a": value, "b": 8}
    writer.refresh()
    assert writer.document("results", "hs1") == reader.document("results", "hs1") == held(tmp_path)


def test_a_checkpoint_that_the_disk_refuses_is_no_loss(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shard = open_shard(tmp_path)
    put(shard, "a", 9)

    def refuse(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr("hocba_tui.store.disk.os.fsync", refuse)
        shard.checkpoint()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["journal.log", "sync.lock"]
    assert held(tmp_path) == {"a": 9}


@pytest.fixture
def open_umask() -> Iterator[None]:
    old = os.umask(0)
    yield
    os.umask(old)


@pytest.mark.usefixtures("open_umask")
def test_files_and_folders_are_private_whatever_the_umask(tmp_path: Path) -> None:
    root = tmp_path / "store"
    store = FolderStore.create(root, now)
    shard = store.shard("2025-2026/5A")
    put(shard, "a", 9)
    digest = shard.keep(b"x")
    shard.checkpoint()
    store.log_access("gv.5a", "view", "5A")
    store.across("admin", "move", {"2025-2026/5A": [Edit("results", "hs1", "b", None, 1)]})
    modes = {path: path.stat().st_mode & 0o777 for path in (root, *root.rglob("*"))}
    folders = {str(path): oct(mode) for path, mode in modes.items() if path.is_dir() and mode != 0o700}
    assert not folders
    open_files = {
        str(path): oct(mode)
        for path, mode in modes.items()
        if path.is_file() and mode != (0o400 if path.name == digest else 0o600)
    }
    assert not open_files


def test_a_journal_that_is_a_symbolic_link_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    target.write_bytes(b"")
    folder = tmp_path / "5A"
    folder.mkdir()
    (folder / "journal.log").symlink_to(target)
    with pytest.raises(StoreUnusable):
        open_shard(folder)
    assert target.read_bytes() == b""


def test_a_shard_that_is_let_go_of_gives_its_descriptor_back(tmp_path: Path) -> None:
    def open_and_forget() -> None:
        shard = FileShard("x", tmp_path / "x", lambda: datetime.now(VIETNAM))
        shard.change("a", "b", [Edit("t", "k", f"f{shard.seq}", None, 1)])

    open_and_forget()
    gc.collect()
    before = sum(1 for _ in Path("/proc/self/fd").iterdir())
    for _ in range(20):
        open_and_forget()
    gc.collect()
    assert sum(1 for _ in Path("/proc/self/fd").iterdir()) <= before


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.EMFILE, "chương trình mở quá nhiều tệp"),
        (errno.ENFILE, "cả máy mở quá nhiều tệp"),
        (errno.ELOOP, "liên kết"),
    ],
)
def test_what_is_no_fault_of_the_disk_is_not_called_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, words: str
) -> None:
    shard = open_shard(tmp_path)

    def refuse(*_: object) -> int:
        raise OSError(code, os.strerror(code), "frozen/x")

    monkeypatch.setattr("hocba_tui.store.disk.os.open", refuse)
    with pytest.raises(NotSaved, match=words) as caught:
        shard.keep(b"x")
    assert "Đĩa" not in caught.value.what


def test_a_disk_without_inodes_is_not_called_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shard = open_shard(tmp_path)
    real, found = os.open, os.statvfs(tmp_path)

    def refuse(path: Path, flags: int, mode: int = 0o777) -> int:
        if flags & os.O_CREAT:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        return real(path, flags, mode)

    def none_left(_: object) -> os.statvfs_result:
        return os.statvfs_result((*found[:7], 0, *found[8:]))

    monkeypatch.setattr("hocba_tui.store.disk.os.open", refuse)
    with pytest.raises(NotSaved, match="đĩa đầy"):
        shard.keep(b"x")
    monkeypatch.setattr(os, "statvfs", none_left)
    with pytest.raises(NotSaved, match="hết inode"):
        shard.keep(b"x")
