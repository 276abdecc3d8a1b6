"""What copies of one store note in the folder of their backups, and what becomes of it when that folder is unwell."""

from __future__ import annotations

import errno
import fcntl
import gc
import os
import shutil
from pathlib import Path
from typing import Any

import orjson
import pytest

from hocba_tui.store import locks
from hocba_tui.store.backups import heads_file, noted_heads
from hocba_tui.store.backups.backup_state import BackupState, Made, note_backup, read_state
from hocba_tui.store.backups.heads_file import file_of, origin_of, read_heads
from hocba_tui.store.backups.noted_heads import Comparison, compare_with_noted, note_how_far
from hocba_tui.store.checkpoint import Mark
from hocba_tui.store.folder import FolderStore
from hocba_tui.store.heads import Head, note_head
from hocba_tui.store.identity import ensure_identity, identity_of, short
from tests.support.stores import LOG, NAME, A, B, damage_line, facts, filled, flip, journal, now, put

AT, LATER = "2026-06-10T22:30:00+07:00", "2026-06-11T22:30:00+07:00"
FINE = Comparison()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    filled(tmp_path / "store")
    gc.collect()
    return tmp_path / "store"


@pytest.fixture
def usb(tmp_path: Path) -> Path:
    (tmp_path / "usb").mkdir()
    return tmp_path / "usb"


@pytest.fixture
def file(root: Path, usb: Path) -> Path:
    """The file in which the store has noted how far it has come."""
    assert note_how_far(root, usb, AT) == FINE
    return file_of(usb, origin_of(root))


def write(root: Path, *fields: str, shard: str = A) -> None:
    store = FolderStore(root, now)
    for field in fields:
        put(store, shard, field, 1)
    del store
    gc.collect()


def copied(root: Path, name: str) -> Path:
    other = root.with_name(name)
    shutil.copytree(root, other, copy_function=shutil.copy2)
    ensure_identity(other)
    return other


def fail(code: int) -> Any:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    return refuse


def told(found: Comparison) -> dict[str, bool]:
    """Return the shards that were told, and whether each has gone another way."""
    return {one.shard: one.forked for one in found.apart}


def test_the_last_line_of_each_journal_is_noted_and_no_pupil(root: Path, usb: Path, file: Path) -> None:
    assert [path.name for path in usb.iterdir()] == [file.name]
    found = read_heads(usb, origin_of(root)).heads
    assert sorted(found) == [A, B, LOG, "school"]
    for name, noted in found.items():
        lines = journal(root, name).read_bytes().splitlines(keepends=True)
        assert (noted.seq, noted.end - noted.start) == (len(lines) - 1, len(lines[-1]))
        assert (noted.store, noted.at) == (identity_of(root), AT)
    assert NAME not in file.read_text(encoding="utf-8")
    assert "hs1" not in file.read_text(encoding="utf-8")
    assert file.stat().st_mode & 0o777 == 0o600


def test_the_happy_way_again_and_again(root: Path, usb: Path, file: Path) -> None:
    held = file.read_bytes()
    assert note_how_far(root, usb, LATER) == FINE
    assert file.read_bytes() == held, "nothing happened, so nothing is written"
    write(root, "more")
    assert note_how_far(root, usb, LATER) == FINE
    found = read_heads(usb, origin_of(root)).heads
    assert {name: noted.at for name, noted in found.items()} == {A: LATER, B: AT, LOG: AT, "school": AT}


def test_an_older_copy_is_behind_and_one_that_went_on_has_forked(root: Path, usb: Path, file: Path) -> None:
    old = copied(root, "old")
    write(root, "x", "y")
    write(root, "x", shard=B)
    note_how_far(root, usb, LATER)
    held = file.read_bytes()
    assert told(note_how_far(old, usb, LATER)) == {A: False, B: False}
    write(old, "u", "v", "w")
    found = note_how_far(old, usb, LATER)
    assert told(found) == {A: True, B: False}
    assert [short(identity_of(root)) in one.words for one in found.apart] == [True, True]
    assert found.apart[0].words.startswith(f"{A}: đi hai ngả: bản ghi số 9 khác bản mà kho")
    assert "11/06/2026 22:30" in found.apart[0].words
    assert "mới tới bản ghi số 6, còn kho" in found.apart[1].words
    assert file.read_bytes() == held
    assert note_how_far(root, usb, LATER) == FINE


def test_the_store_itself_behind_what_it_had_noted_says_so(root: Path, usb: Path) -> None:
    before = journal(root).read_bytes()
    write(root, "x")
    note_how_far(root, usb, AT)
    journal(root).write_bytes(before)
    (one,) = note_how_far(root, usb, LATER).apart
    assert (one.shard, one.own, one.forked) == (A, True, False)
    assert "còn chính kho này lúc" in one.words
    shutil.rmtree(root / A)
    (one,) = compare_with_noted(root, usb).apart
    assert "ở đây không có bản ghi nào" in one.words


def test_a_class_that_was_rebuilt_with_what_was_left_is_not_told_of_its_own_head(root: Path, usb: Path) -> None:
    before = journal(root).read_bytes()
    write(root, "x", "y")
    note_how_far(root, usb, AT)
    other = copied(root, "other")
    journal(root).write_bytes(before)
    assert told(compare_with_noted(root, usb)) == {A: False}
    reset = noted_heads._last_line(journal(root), None)
    assert reset is not None
    note_head(root, A, Head(Mark(*reset[:4], born=""), LATER, reset=True))
    assert note_how_far(root, usb, LATER) == FINE
    assert told(note_how_far(other, usb, LATER)) == {}, "it has the line that is noted now, and more"


def test_only_what_is_in_the_copy_counts_and_nothing_is_taken_back(root: Path, usb: Path) -> None:
    sizes = {name: journal(root, name).stat().st_size for name in (A, B, "school")}
    write(root, "x")
    note_how_far(root, usb, AT, sizes)
    assert read_heads(usb, origin_of(root)).heads[A].end == sizes[A]
    note_how_far(root, usb, AT)
    whole = read_heads(usb, origin_of(root)).heads[A]
    assert whole.end == journal(root).stat().st_size
    assert note_how_far(root, usb, LATER, sizes) == FINE
    assert read_heads(usb, origin_of(root)).heads[A] == whole
    assert note_how_far(root, usb, LATER, {A: sizes[A] - 1}) == FINE


def test_a_long_line_is_found_from_the_end(root: Path, usb: Path) -> None:
    store = FolderStore(root, now)
    put(store, A, "long", "a" * 300_000)
    del store
    gc.collect()
    assert note_how_far(root, usb, AT) == FINE
    noted = read_heads(usb, origin_of(root)).heads[A]
    assert noted.end - noted.start > 300_000
    assert compare_with_noted(root, usb) == FINE


def test_what_is_not_surely_on_disk_is_not_noted(root: Path, usb: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, size = journal(root), journal(root).stat().st_size
    with whole.open("ab") as out:
        out.write(whole.read_bytes().splitlines(keepends=True)[-1])
    assert note_how_far(root, usb, AT) == FINE
    assert read_heads(usb, origin_of(root)).heads[A].end == size
    other = copied(root, "other")  # Another file: nothing is known of it.
    file_of(usb, origin_of(root)).unlink()
    monkeypatch.setattr(os, "fsync", fail(errno.EIO))
    assert noted_heads._last_line(journal(other), None) is None


def test_two_schools_share_a_folder_and_do_not_know_each_other(root: Path, usb: Path, file: Path) -> None:
    filled(usb.with_name("second"))
    gc.collect()
    assert note_how_far(usb.with_name("second"), usb, AT) == FINE
    assert len(list(usb.iterdir())) == 2
    assert note_how_far(root, usb, LATER) == FINE


def test_a_store_whose_school_cannot_be_read_is_not_compared(root: Path, usb: Path, file: Path) -> None:
    held = file.read_bytes()
    damage_line(journal(root, "school"), 0)
    assert note_how_far(root, usb, LATER).problem == "không đọc được sổ của trường"
    journal(root, "school").unlink()
    assert compare_with_noted(root, usb).problem == "không đọc được sổ của trường"
    assert file.read_bytes() == held


def test_a_class_that_is_damaged_is_left_to_the_check(root: Path, usb: Path, file: Path) -> None:
    write(root, "x")
    damage_line(journal(root), read_heads(usb, origin_of(root)).heads[A].seq)
    assert note_how_far(root, usb, LATER).apart == ()
    assert read_heads(usb, origin_of(root)).heads[A].at == AT, "a sound line behind the damage takes no place"
    journal(root).unlink()
    journal(root).mkdir()
    assert compare_with_noted(root, usb).apart == ()


# --- the folder is unwell --------------------------------------------------------------------------


@pytest.mark.parametrize("harm", ["cut", "bit", "empty", "list", "words", "nul"])
def test_a_torn_file_is_set_aside_said_once_and_written_again(root: Path, usb: Path, file: Path, harm: str) -> None:
    if harm == "cut":
        file.write_bytes(file.read_bytes()[:-40])
    elif harm == "bit":
        flip(file, file.read_bytes().index(b'"digest": "') + 15)
    else:
        file.write_bytes({"empty": b"", "list": b"[1]", "words": b'{"format": "x"}', "nul": b"\0" * 300}[harm])
    harmed = file.read_bytes()
    found = note_how_far(root, usb, LATER)
    assert found == Comparison(problem=f"tệp mốc trong {usb} bị hỏng")
    assert (usb / f"{file.name}.unreadable-20260611223000").read_bytes() == harmed
    assert note_how_far(root, usb, LATER) == FINE


def test_a_file_of_a_newer_version_is_left_alone(root: Path, usb: Path, file: Path) -> None:
    file.write_bytes(orjson.dumps({"format": 2, "anything": []}))
    before = facts(usb)
    for _ in range(2):
        found = note_how_far(root, usb, LATER, accept=True)
        assert found == Comparison(problem=f"tệp mốc trong {usb} do bản hocba mới hơn ghi")
    assert facts(usb) == before


def test_a_folder_that_is_not_there_or_cannot_be_written_is_said(
    root: Path, usb: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(root, "x")
    before = facts(usb)
    assert note_how_far(root, usb / "none", LATER).problem == f"không tới được thư mục {usb / 'none'}"
    assert note_how_far(root, file, LATER).problem == f"không tới được thư mục {file}"
    assert not (usb / "none").exists()
    with monkeypatch.context() as patch:
        patch.setattr(heads_file, "write_atomic", fail(errno.EROFS))
        assert note_how_far(root, usb, LATER).problem == f"không ghi được mốc vào {usb} (đĩa chỉ cho đọc)"
    with monkeypatch.context() as patch:
        patch.setattr(heads_file, "read_plain", fail(errno.EACCES))
        assert "không có quyền" in note_how_far(root, usb, LATER).problem
    assert facts(usb) == before
    assert note_how_far(root, usb, LATER) == FINE


def test_a_link_in_the_place_of_the_file_is_not_followed(root: Path, usb: Path, file: Path, tmp_path: Path) -> None:
    file.rename(tmp_path / "elsewhere")
    held = (tmp_path / "elsewhere").read_bytes()
    file.symlink_to(tmp_path / "elsewhere")
    write(root, "x")
    assert "không đọc được tệp mốc" in note_how_far(root, usb, LATER).problem
    assert (tmp_path / "elsewhere").read_bytes() == held


def test_a_network_drive_without_locks_is_written_all_the_same(
    root: Path, usb: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(root, "x")
    monkeypatch.setattr(heads_file, "take", fail(errno.EBADF))
    assert note_how_far(root, usb, LATER) == FINE
    assert read_heads(usb, origin_of(root)).heads[A].at == LATER


def test_a_lock_that_somebody_holds_too_long_is_said(
    root: Path, usb: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "PATIENCE", 0.2)
    handle = os.open(usb, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        assert "không ghi được mốc: Thư mục" in note_how_far(root, usb, LATER).problem
    finally:
        os.close(handle)
    assert note_how_far(root, usb, LATER) == FINE


def test_what_a_killed_process_left_is_swept(root: Path, usb: Path, file: Path) -> None:
    left = usb / f".{file.name}.1.abcd.tmp"
    left.write_bytes(b"x")
    os.utime(left, (0, 0))
    write(root, "x")
    note_how_far(root, usb, LATER)
    assert list(usb.iterdir()) == [file]


def test_where_the_last_backup_went_is_known_also_from_an_older_version(root: Path, usb: Path) -> None:
    note_backup(root, Made(AT, str(usb / "x.age")))
    assert read_state(root).folder == str(usb.resolve())
    state = root / "backups" / "state.json"
    state.write_bytes(orjson.dumps({"backup": {"at": AT, "copy": "/mnt/usb/x.age", "key": "", "damaged": False}}))
    assert read_state(root).folder == "/mnt/usb"
    state.write_bytes(b"{}")
    assert read_state(root) == BackupState()
