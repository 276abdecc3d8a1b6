"""The store's format: an older one is migrated safely, a newer one is left alone."""

from __future__ import annotations

import fcntl
import gc
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hocba_tui.errors import Conflict, HocbaError, StoreUnusable
from hocba_tui.store import formats, locks
from hocba_tui.store.backend import Edit
from hocba_tui.store.backups.restore import restore
from hocba_tui.store.folder import FolderStore
from hocba_tui.store.formats import FORMAT, read_format
from hocba_tui.store.shard import FileShard
from tests.support.stores import NAME, A, B, Ticking, damage_line, ends, facts, flaws, journal, put

CLOCK = Ticking()
"""One clock for all, so that two copies are never made in the same second."""


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A store as the first version made it: journals without a list of them, and no number."""
    root = tmp_path / "store"
    root.mkdir(mode=0o700)
    (root / "issued").mkdir(mode=0o700)
    for name in ("school", A, B, "outbox"):
        shard = FileShard(name, root / name, Ticking())
        shard.change("hocba", "found", [Edit("pupils", "hs1", "name", None, NAME)])
    (root / "2025-2026").chmod(0o700)
    gc.collect()
    return root


def opened(root: Path) -> FolderStore:
    return FolderStore(root, CLOCK)


def shards(root: Path) -> list[str]:
    return sorted(opened(root).shard("school").table("shards"))


def copies(root: Path) -> list[Path]:
    return sorted((root / "backups").glob("before-format-*"))


def test_an_older_store_is_brought_to_this_format(old: Path) -> None:
    before = {name: journal(old, name).read_bytes() for name in (A, B, "outbox", "school")}
    store = opened(old)
    assert read_format(old) == FORMAT
    assert shards(old) == [A, B, "outbox"]
    assert store.shard(A).document("pupils", "hs1") == {"name": NAME}
    assert all(journal(old, name).read_bytes() == before[name] for name in (A, B, "outbox"))
    assert journal(old, "school").read_bytes().startswith(before["school"])
    put(store, A, "a", 1)
    assert [flaw for flaw in flaws(old) if not flaw.place.startswith("backups")] == []


def test_it_happens_once(old: Path) -> None:
    opened(old)
    before = journal(old, "school").read_bytes()
    opened(old)
    assert journal(old, "school").read_bytes() == before
    assert len(copies(old)) == 1


def test_the_copy_made_before_is_of_the_older_format_and_restores(old: Path, tmp_path: Path) -> None:
    before = {name: journal(old, name).read_bytes() for name in (A, B, "outbox", "school")}
    opened(old)
    assert [path.name.split("-")[:3] for path in copies(old)] == [["before", "format", "2"]]
    assert copies(old)[0].stat().st_mode & 0o777 == 0o600
    restore(copies(old)[0], tmp_path / "again", CLOCK)
    assert all(journal(tmp_path / "again", name).read_bytes().startswith(before[name]) for name in before)
    assert shards(tmp_path / "again") == [A, B, "outbox"]
    assert [flaw for flaw in flaws(tmp_path / "again") if flaw.lost] == []


def test_no_step_is_taken_without_the_copy(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = facts(old)
    monkeypatch.setattr("hocba_tui.store.backups.backup.os.posix_fadvise", lambda handle, *_: os.ftruncate(handle, 99))
    with pytest.raises(HocbaError):
        opened(old)
    monkeypatch.undo()
    changed = {name for name, value in facts(old).items() if before.get(name) != value}
    assert not {name for name in changed if name.endswith("journal.log")} | {"format"} & changed
    assert copies(old) == []
    gc.collect()
    assert shards(old) == [A, B, "outbox"]


@pytest.mark.parametrize("place", ["write_format", "STEPS"])
def test_a_migration_that_was_cut_off_is_done_again(old: Path, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    def cut(*_: object) -> None:
        raise SystemExit

    if place == "STEPS":
        monkeypatch.setitem(formats.STEPS, 1, cut)
    else:
        monkeypatch.setattr(formats, "write_format", cut)
    with pytest.raises(SystemExit):
        opened(old)
    monkeypatch.undo()
    gc.collect()
    assert read_format(old) == 1
    assert shards(old) == [A, B, "outbox"]
    assert read_format(old) == FORMAT
    acts = [entry.act for entry in opened(old).shard("school").entries()]
    assert acts.count("format_2") == 1


def test_a_migration_that_was_killed_is_done_again(old: Path) -> None:
    program = (
        "import os, sys; from pathlib import Path; from hocba_tui.store import formats;"
        "from hocba_tui.store.folder import FolderStore; from tests.support.stores import Ticking;"
        "formats.write_format = lambda *_: os.kill(os.getpid(), 9); FolderStore(Path(sys.argv[1]), Ticking())"
    )
    here = str(Path(formats.__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", program, str(old)],
        check=False,
        timeout=60,
        cwd=here,
        env={**os.environ, "PYTHONPATH": here},
    )
    assert done.returncode == -signal.SIGKILL
    assert read_format(old) == 1
    assert shards(old) == [A, B, "outbox"]


def test_somebody_who_has_it_open_makes_it_wait(old: Path) -> None:
    with (old / "in-use.lock").open("ab") as other:
        (old / "in-use.lock").chmod(0o600)
        fcntl.flock(other, fcntl.LOCK_SH)
        before = facts(old)
        with pytest.raises(Conflict, match="cần nâng cấp kho, mà kho đang có người dùng"):
            opened(old)
        assert facts(old) == before
    gc.collect()
    assert shards(old) == [A, B, "outbox"]


def test_an_open_store_is_held_by_each_process_and_let_go(old: Path) -> None:
    store = opened(old)
    with (old / "in-use.lock").open("ab") as other:
        with pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        opened(old)  # Others may have it open at the same time.
        del store
        gc.collect()
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_newer_store_is_refused_and_untouched(old: Path) -> None:
    opened(old)
    gc.collect()
    (old / "format").write_bytes(b"%d\n" % (FORMAT + 1))
    before = facts(old)
    with pytest.raises(StoreUnusable, match=rf"phiên bản {FORMAT + 1}.*Cập nhật hocba"):
        opened(old)
    assert facts(old) == before


@pytest.mark.parametrize("data", [b"", b"\n", b"x", b"-1", b"2.0", b"2 3", b"\xff", b"0", b"0\n", b"9" * 5000, b"\xb2"])
def test_garbage_instead_of_a_number_is_refused_and_untouched(old: Path, data: bytes) -> None:
    opened(old)
    gc.collect()
    (old / "format").write_bytes(data)
    before = facts(old)
    with pytest.raises(StoreUnusable, match=r"format|phiên bản"):
        opened(old)
    assert facts(old) == before


@pytest.mark.parametrize("kind", ["link", "folder", "pipe"])
def test_a_number_that_is_no_file_is_refused(old: Path, tmp_path: Path, kind: str) -> None:
    opened(old)
    gc.collect()
    (old / "format").unlink()
    if kind == "link":
        (tmp_path / "2").write_bytes(b"2\n")
        (old / "format").symlink_to(tmp_path / "2")
    elif kind == "folder":
        (old / "format").mkdir(mode=0o700)
    else:
        os.mkfifo(old / "format", 0o600)
    with pytest.raises(StoreUnusable):
        ends(lambda: opened(old))


def test_a_number_that_was_lost_is_found_again_without_harm(old: Path) -> None:
    opened(old)
    gc.collect()
    (old / "format").unlink()
    before = journal(old, "school").read_bytes()
    assert shards(old) == [A, B, "outbox"]
    assert journal(old, "school").read_bytes() == before
    assert read_format(old) == FORMAT


def test_a_journal_that_is_lost_after_the_migration_is_missed(old: Path) -> None:
    opened(old)
    gc.collect()
    shutil.rmtree(old / B)
    assert f"{B}/journal.log" in [flaw.place for flaw in flaws(old) if flaw.lost]
    assert "đã mất" in (opened(old).shard(B).damage or "")


def test_copies_and_leftovers_in_the_store_are_no_shards(old: Path) -> None:
    for folder in (".cu", "backups/thu"):
        shutil.copytree(old / "school", old / folder / "school")
    assert shards(old) == [A, B, "outbox"]


def test_an_older_store_with_a_damaged_school_does_not_fill_the_disk_with_copies(old: Path) -> None:
    put_more = FileShard("school", old / "school", Ticking())
    put_more.change("x", "y", [Edit("t", "k", "f", None, 1)])
    damage_line(journal(old, "school"), 1)
    for _ in range(3):
        gc.collect()
        with pytest.raises(StoreUnusable, match="hỏng"):
            FolderStore(old, CLOCK)
    assert len(copies(old)) <= 1


def test_an_older_store_with_a_damaged_class_is_brought_here_and_says_so(old: Path) -> None:
    put_more = FileShard(B, old / B, Ticking())
    put_more.change("x", "y", [Edit("t", "k", "f", None, 1)])
    damage_line(journal(old, B), 1)
    store = opened(old)
    assert store.shard(B).damage
    assert store.shard(A).damage is None
    assert shards(old) == [A, B, "outbox"]


def test_a_store_that_a_newer_program_has_migrated_before_the_lock_was_had_is_left_alone(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A session of the program before reads the number, then waits for who migrates."""
    opened(old)
    gc.collect()

    def take(handle: int, how: int, name: str) -> None:
        (old / "format").write_bytes(b"%d\n" % (FORMAT + 1))
        locks.take(handle, how, name)

    monkeypatch.setattr(formats, "take", take)
    with pytest.raises(StoreUnusable, match="Cập nhật hocba"):
        opened(old)
