"""The check finds every flaw, in its place, changes nothing, and finds none in a healthy store."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import threading
import time
import zlib
from pathlib import Path
from typing import Any

import orjson
import pytest

from hocba_tui.errors import StoreUnusable
from hocba_tui.store import checking
from hocba_tui.store import checkpoint as checkpoints
from hocba_tui.store import journal as journals
from hocba_tui.store.backend import Edit
from hocba_tui.store.checking import Flaw, check_shard
from hocba_tui.store.folder import FolderStore
from hocba_tui.store.protect import protect
from hocba_tui.store.rebuild import rebuild
from hocba_tui.store.undo import inverse
from tests.support.stores import (
    LOG,
    A,
    B,
    Ticking,
    blob_of,
    damage_line,
    ends,
    facts,
    filled,
    flaws,
    flip,
    journal,
    now,
    put,
)

OLD = 10_000
"""A time of change long ago."""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    filled(tmp_path / "store")
    return tmp_path / "store"


def only(root: Path) -> Flaw:
    """Return the one flaw; the check changes no byte, name or mode."""
    before = facts(root)
    found = flaws(root)
    assert facts(root) == before
    assert len(found) == 1, found
    return found[0]


def blob(root: Path) -> Path:
    return next((root / A / "frozen").glob("[0-9a-f]*"))


# --- healthy ---------------------------------------------------------------------------------------


def test_a_store_used_in_every_way_has_no_flaw(root: Path) -> None:
    store = FolderStore(root, Ticking())
    for number in range(450):  # Enough for several checkpoints.
        put(store, A, "many", number + 1, number or None)
    entry = store.shard(B).change("gv.5b", "enter", [Edit("results", "hs1", "x", None, 1)])
    store.shard(B).change("gv.5b", "undo", inverse(store.shard(B), entry), undoes=entry.seq)
    FolderStore(root, Ticking()).shard("2026-2027/1A")
    store.across("vanthu", "both", {n: [Edit("t", "k", "f", None, 1)] for n in (A, "2027-2028/1B", "outbox")})
    rebuild(root, A, now)
    assert flaws(root) == []
    assert checking.journals_in(root) == [A, B, "2026-2027/1A", "2027-2028/1B", LOG, "outbox"]


def test_looking_changes_nothing(root: Path) -> None:
    before, times = facts(root), {path: path.lstat().st_mtime_ns for path in root.rglob("*")}
    assert flaws(root) == []
    assert facts(root) == before
    assert {path: path.lstat().st_mtime_ns for path in root.rglob("*")} == times


def test_it_can_run_while_people_work(root: Path) -> None:
    stop = threading.Event()

    def work(name: str, who: str) -> None:
        store, done = FolderStore(root, Ticking()), 0
        while not stop.is_set():
            store.shard(name).change(who, "enter", [Edit("mine", who, str(done), None, "đ" * 3000)])
            store.shard(name).checkpoint()
            store.keep_draft(who, "p", str(done))
            done += 1
            time.sleep(0.003)  # A disk takes as long; in memory the journals would grow for ever.

    threads = [threading.Thread(target=work, args=(name, f"t{n}")) for n, name in enumerate((A, A, B))]
    for thread in threads:
        thread.start()
    try:
        found = [flaw for _ in range(60) for flaw in flaws(root)]
    finally:
        stop.set()
        for thread in threads:
            thread.join(30)
    assert [flaw for flaw in found if flaw.lost] == []
    assert flaws(root) == []


def test_a_line_that_is_just_being_written_is_no_loss(root: Path) -> None:
    """A writer holds the journal's lock: the check decides only then whether a partial line is damage."""
    path = journal(root)
    whole = path.read_bytes()
    store = FolderStore(root, now)
    with path.open("r+b") as writing:
        fcntl.flock(writing, fcntl.LOCK_EX)
        writing.truncate(len(whole) - 30)

        def finish() -> None:
            time.sleep(0.2)
            writing.seek(0, 2)
            writing.write(whole[-30:])
            writing.flush()
            fcntl.flock(writing, fcntl.LOCK_UN)

        writer = threading.Thread(target=finish)
        writer.start()
        assert [flaw for flaw in check_shard(root, A, blob_of).flaws if flaw.lost] == []
        writer.join()
    assert list(store.shard(A).entries())


# --- journals --------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [0, 1, 4])
def test_a_damaged_line_is_named_with_record_and_byte(root: Path, number: int) -> None:
    (root / A / "data.json").unlink()
    start = damage_line(journal(root), number)
    flaw = next(flaw for flaw in flaws(root) if flaw.place == f"{A}/journal.log")
    assert flaw.lost
    assert f"bản ghi số {number - 1}, byte {start}:" in flaw.what
    assert check_shard(root, B, blob_of).flaws == []


def test_every_byte_of_a_journal_counts(root: Path) -> None:
    path = journal(root, B)
    whole = path.read_bytes()
    for position in range(0, len(whole), 7):
        flip(path, position)
        assert [flaw for flaw in check_shard(root, B, blob_of).flaws if flaw.lost], position
        path.write_bytes(whole)


def test_a_whole_line_of_another_history_breaks_the_chain(root: Path) -> None:
    (root / B / "data.json").unlink()
    lines = journal(root, B).read_bytes().splitlines(keepends=True)
    last = journals.decode(lines[-1], None).entry
    lay(journal(root, B), b"".join([*lines[:-1], journals.encode(last, "0" * 64)]))
    flaw = only(root)
    assert (flaw.place, flaw.lost) == (f"{B}/journal.log", True)
    assert "đứt chuỗi băm" in flaw.what


def test_a_damaged_line_behind_the_checkpoint_says_what_the_checkpoint_holds(root: Path) -> None:
    damage_line(journal(root), 3)
    found = flaws(root)
    assert [(flaw.place, flaw.lost) for flaw in found if "frozen" not in flaw.place] == [
        (f"{A}/journal.log", True),
        (f"{A}/data.json", False),
    ]
    assert "còn giữ được" in next(flaw.what for flaw in found if flaw.place.endswith("data.json"))


@pytest.mark.parametrize("tail", [b"0", b"00000100 0000", b"00000009 00000000 {", b"\0" * 100])
def test_a_torn_tail_is_no_loss(root: Path, tail: bytes) -> None:
    put(FolderStore(root, now), B, "later", 1)
    if tail[0] == 0:  # Whole sectors are missing.
        tail = b"\0" * (512 - journal(root).stat().st_size % 512)
    with journal(root).open("ab") as file:
        file.write(tail)
    flaw = only(root)
    assert (flaw.place, flaw.lost) == (f"{A}/journal.log", False)
    assert "đuôi ghi dở" in flaw.what


@pytest.mark.parametrize("text", [b"[]", b"5", b"{", b'"x"', b'{"n":9}', b'{"safe":"x"}', b"null", b"\xff"])
def test_a_line_with_a_right_sum_and_a_wrong_inside_is_damage(root: Path, text: bytes) -> None:
    with journal(root).open("ab") as file:
        file.write(b"%08x %08x %s\n" % (len(text), zlib.crc32(text), text))
    flaw = only(root)
    assert (flaw.place, flaw.lost) == (f"{A}/journal.log", True)


def test_a_journal_that_the_school_names_and_that_is_gone(root: Path) -> None:
    journal(root, B).unlink()
    places = {flaw.place: flaw for flaw in flaws(root)}
    assert places[f"{B}/journal.log"].lost
    assert "đã mất" in places[f"{B}/journal.log"].what


def test_a_class_whose_whole_folder_is_gone(root: Path) -> None:
    for path in (root / B).iterdir():
        path.unlink()
    (root / B).rmdir()
    flaw = only(root)
    assert (flaw.place, flaw.lost) == (f"{B}/journal.log", True)


def test_a_journal_that_nobody_names(root: Path) -> None:
    (root / "2030-2031" / "9Z").mkdir(parents=True, mode=0o700)
    (root / "2030-2031").chmod(0o700)
    lay(root / "2030-2031" / "9Z" / "journal.log", journal(root).read_bytes())
    found = [flaw for flaw in flaws(root) if "frozen" not in flaw.place]
    assert [(flaw.place, flaw.lost) for flaw in found] == [("2030-2031/9Z/journal.log", False)]


def test_an_empty_journal(root: Path) -> None:
    os.truncate(journal(root, B), 0)
    assert {(flaw.place, flaw.lost) for flaw in flaws(root)} >= {(f"{B}/journal.log", True)}


def test_the_schools_own_journal_is_gone(root: Path) -> None:
    journal(root, "school").unlink()
    assert ("school/journal.log", True) in [(flaw.place, flaw.lost) for flaw in flaws(root)]


def lay(path: Path, data: bytes, mode: int = 0o600) -> None:
    path.unlink(missing_ok=True)
    path.write_bytes(data)
    path.chmod(mode)


# --- checkpoints -----------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [b"", b"{}", b"\xff", b"[]", b"null", b'{"_checkpoint":{"1":{}}}', b"[" * 9999])
def test_garbage_in_data_json_is_named_and_no_loss(root: Path, data: bytes) -> None:
    lay(root / B / "data.json", data)
    flaw = only(root)
    assert (flaw.place, flaw.lost) == (f"{B}/data.json", False)


def test_a_mark_edited_by_hand_is_named(root: Path) -> None:
    text = (root / B / "data.json").read_bytes().replace(b'"f1": 1', b'"f1": 9')
    lay(root / B / "data.json", text)
    flaw = only(root)
    assert (flaw.place, flaw.lost) == (f"{B}/data.json", False)
    assert "sửa tay" in flaw.what


def test_a_checkpoint_that_says_something_else_with_a_right_sum_is_named(root: Path) -> None:
    found = checkpoints.load(root / B / "data.json")
    assert found
    found[0]["results"]["hs1"]["f1"] = 9
    checkpoints.save(root / B / "data.json", *found)
    flaw = only(root)
    assert (flaw.place, flaw.lost) == (f"{B}/data.json", False)
    assert "khác với nhật ký" in flaw.what


def test_a_checkpoint_whose_place_is_in_the_middle_of_a_line_is_named(root: Path) -> None:
    found = checkpoints.load(root / B / "data.json")
    assert found
    seen = found[1]
    mark = checkpoints.Mark(seen.seq, seen.start, seen.end - 5, seen.digest, seen.born)
    checkpoints.save(root / B / "data.json", found[0], mark)
    assert only(root).place == f"{B}/data.json"


def test_a_journal_that_is_shorter_than_its_checkpoint(root: Path) -> None:
    lines = journal(root, B).read_bytes().splitlines(keepends=True)
    lay(journal(root, B), b"".join(lines[:-2]))
    flaw = only(root)
    assert (flaw.place, flaw.lost) == (f"{B}/data.json", True)
    assert "ngắn hơn bản chụp: 2 bản ghi" in flaw.what


def test_a_checkpoint_of_another_journal(root: Path) -> None:
    lay(root / B / "data.json", (root / A / "data.json").read_bytes())
    flaw = only(root)
    assert (flaw.place, flaw.lost) == (f"{B}/data.json", False)
    assert "nhật ký khác" in flaw.what


def test_a_missing_checkpoint_is_no_flaw(root: Path) -> None:
    (root / B / "data.json").unlink()
    assert flaws(root) == []


# --- kept bytes ------------------------------------------------------------------------------------


def test_kept_bytes_that_are_altered_or_gone(root: Path) -> None:
    path, data = blob(root), blob(root).read_bytes()
    lay(path, data + b" ", 0o400)
    assert (only(root).what, only(root).lost) == ("nội dung đã bị thay đổi", True)
    path.unlink()
    assert (only(root).place, only(root).lost) == (str(path.relative_to(root)), True)


def test_kept_bytes_that_nobody_names(root: Path) -> None:
    digest = FolderStore(root, now).shard(A).keep(b"orphan")
    assert flaws(root) == []  # It may belong to a change that is being written now.
    os.utime(root / A / "frozen" / digest, (OLD, OLD))
    flaw = only(root)
    assert (flaw.place, flaw.lost) == (f"{A}/frozen/{digest}", False)


@pytest.mark.parametrize("kind", ["link", "folder", "pipe"])
def test_kept_bytes_that_are_no_file(root: Path, kind: str) -> None:
    path = blob(root)
    path.unlink()
    if kind == "link":
        path.symlink_to(root / "format")
    elif kind == "folder":
        path.mkdir(mode=0o700)
    else:
        os.mkfifo(path, 0o600)
    found = ends(lambda: flaws(root))
    assert (str(path.relative_to(root)), True) in [(flaw.place, flaw.lost) for flaw in found]


def test_kept_bytes_that_the_disk_cannot_read(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def rotten(path: Path) -> bytes:
        raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))

    monkeypatch.setattr(checking, "read_plain", rotten)
    assert any(flaw.lost and "frozen" in flaw.place for flaw in check_shard(root, A, blob_of).flaws)


# --- files as such ---------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o620, 0o602, 0o666])
def test_what_others_may_read_or_write(root: Path, mode: int) -> None:
    (root / "issued" / "u1.xml").chmod(mode)
    flaw = only(root)
    assert (flaw.place, flaw.lost) == ("issued/u1.xml", False)
    assert f"{mode:o}" in flaw.what


def test_a_store_that_others_may_enter(root: Path) -> None:
    root.chmod(0o755)
    assert (only(root).place, only(root).lost) == (".", False)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_file_of_somebody_else(root: Path) -> None:
    os.chown(journal(root, B), 1234, -1)
    assert [(flaw.place, flaw.lost) for flaw in flaws(root)] == [(f"{B}/journal.log", True)]


def test_a_link_anywhere(root: Path, tmp_path: Path) -> None:
    (root / "2025-2026" / "link").symlink_to(tmp_path)
    flaw = only(root)
    assert (flaw.place, flaw.lost) == ("2025-2026/link", True)


@pytest.mark.parametrize("kind", ["link", "folder", "pipe"])
@pytest.mark.parametrize("file", ["journal.log", "data.json"])
def test_a_journal_or_checkpoint_that_is_no_file(root: Path, file: str, kind: str) -> None:
    path = root / B / file
    data = path.read_bytes()
    path.unlink()
    if kind == "link":
        lay(root / "elsewhere", data)
        path.symlink_to(root / "elsewhere")
    elif kind == "folder":
        path.mkdir(mode=0o700)
    else:
        os.mkfifo(path, 0o600)
    assert f"{B}/{file}" in [flaw.place for flaw in ends(lambda: flaws(root))]


def test_a_temporary_file_that_was_left_behind(root: Path) -> None:
    lay(root / B / ".data.json.1.ab.tmp", b"x")
    assert flaws(root) == []
    os.utime(root / B / ".data.json.1.ab.tmp", (OLD, OLD))
    assert (only(root).place, only(root).lost) == (f"{B}/.data.json.1.ab.tmp", False)


@pytest.mark.parametrize("data", [b"", b"x", b"3\n", b"0", b"-1", b"9" * 5000])
def test_a_number_of_the_format_that_keeps_the_store_from_opening_is_found(root: Path, data: bytes) -> None:
    lay(root / "format", data)
    assert "format" in [flaw.place for flaw in flaws(root)]


def test_it_needs_no_writable_disk_and_no_lock(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.open

    def read_only(path: Any, flags: int, *rest: Any, **named: Any) -> int:
        assert flags & os.O_ACCMODE == os.O_RDONLY, path
        assert not flags & (os.O_CREAT | os.O_TRUNC), path
        return real(path, flags, *rest, **named)

    monkeypatch.setattr(os, "open", read_only)
    assert flaws(root) == []


def test_journal_lines_are_json_with_a_sum(root: Path) -> None:
    """The journal can be read with any tool."""
    for line in journal(root).read_bytes().splitlines():
        assert json.loads(line[18:]) == orjson.loads(line[18:])


@pytest.mark.parametrize("file", [f"{B}/journal.log", f"{B}/sync.lock", B])
def test_what_is_not_opened_because_others_may_write_is_an_error_that_a_command_puts_right(
    root: Path, file: str
) -> None:
    (root / file).chmod(0o777 if (root / file).is_dir() else 0o666)
    with pytest.raises(StoreUnusable):
        FolderStore(root, now).shard(B)
    flaw = only(root)
    assert (flaw.place, flaw.lost) == (file, True)
    assert "hocba store protect" in flaw.what
    assert [(found.place, found.left) for found in protect(root)] == [(file, "")]
    assert flaws(root) == []
    assert FolderStore(root, now).shard(B).damage is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
@pytest.mark.parametrize("copied", [False, True])
def test_what_somebody_else_owns_is_taken_back(root: Path, monkeypatch: pytest.MonkeyPatch, *, copied: bool) -> None:
    before = journal(root, B).read_bytes()
    os.chown(journal(root, B), 1234, -1)
    if copied:

        def refuse(*_: object) -> None:
            raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

        monkeypatch.setattr(os, "chown", refuse)
    assert [found.place for found in protect(root)] == [f"{B}/journal.log"]
    assert journal(root, B).read_bytes() == before
    assert flaws(root) == []


def test_what_is_issued_stays_read_only_and_links_are_left(root: Path, tmp_path: Path) -> None:
    (root / "issued" / "u1.xml").chmod(0o444)
    (root / "link").symlink_to(tmp_path)
    found = list(protect(root))
    assert [(one.place, bool(one.left)) for one in found] == [("issued/u1.xml", False), ("link", True)]
    assert (root / "issued" / "u1.xml").stat().st_mode & 0o777 == 0o400
