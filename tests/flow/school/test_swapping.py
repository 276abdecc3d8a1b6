"""A restored store takes the place of the one in use only while nobody is in it, and the old one stays whole."""

from __future__ import annotations

import errno
import gc
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hocba_tui.errors import Conflict, HocbaError, NotSaved, Refused, StoreUnusable
from hocba_tui.flow.school import swapping
from hocba_tui.flow.school.swapping import Swapped, in_words, swap_in
from hocba_tui.store.backups import restore as restoring
from hocba_tui.store.backups import swap as names
from hocba_tui.store.backups.age import new_identity
from hocba_tui.store.backups.backup import write_backup
from hocba_tui.store.backups.swap import Difference, compare_journals
from hocba_tui.store.folder import FolderStore
from hocba_tui.store.identity import identity_of
from tests.support.stores import A, B, damage_line, facts, filled, flaws, flip, journal, now, put

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    filled(tmp_path / "store")
    gc.collect()
    return tmp_path / "store"


@pytest.fixture
def backup(root: Path, tmp_path: Path) -> Path:
    return write_backup(root, tmp_path / "copies", now, ()).path


def write(root: Path, *values: tuple[str, int]) -> None:
    """Write values into a class and leave the store again."""
    store = FolderStore(root, now)
    for field, value in values:
        put(store, A, field, value)
    del store
    gc.collect()


def at(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def swapped(root: Path, backup: Path, **options: Any) -> Swapped:
    return swap_in(root, backup, None, **options)


def refused(root: Path, backup: Path, kind: type[HocbaError], words: str, **options: Any) -> HocbaError:
    """Try to swap; check that it is refused and that the store is as it was, with nothing left beside it."""
    before, beside = facts(root), at(root.parent)
    with pytest.raises(kind, match=words) as error:
        swapped(root, backup, **options)
    assert facts(root) == before
    assert at(root.parent) == beside
    return error.value


def test_the_copy_takes_the_place_and_the_old_store_stays_whole(root: Path, backup: Path, tmp_path: Path) -> None:
    write(root, ("later", 7), ("still_later", 8))
    before, identity = facts(root), identity_of(root)
    done = swapped(root, backup)
    assert facts(done.aside) == before
    assert identity_of(done.aside) == identity
    assert identity_of(root) not in ("", identity)
    assert flaws(root) == []
    assert at(tmp_path) == sorted(["copies", "store", done.aside.name])
    assert "later" not in FolderStore(root, now).shard(A).document("results", "hs1")
    assert FolderStore(done.aside, now).shard(A).document("results", "hs1")["later"] == 7
    assert done.differences == [Difference(A, only_here=2)]
    assert list(in_words(done.differences)) == [
        "Bản sao lưu không có 2 bản ghi mà kho đang dùng đã có:",
        f"  · {A}: 2 bản ghi",
    ]


def test_what_people_were_typing_and_what_was_sent_is_taken_over(root: Path, backup: Path) -> None:
    done = swapped(root, backup)
    assert done.drafts == 1
    assert FolderStore(root, now).drafts("gv.5a") == {"5A/hs1": "đang gõ"}
    assert done.sent_log
    assert (root / "backups" / "sent.log").exists()


def test_backups_go_on_to_who_gets_them_now(root: Path, tmp_path: Path) -> None:
    """Somebody whose key was taken off the list since must not get copies again."""
    former, present = new_identity(tmp_path / "former"), new_identity(tmp_path / "present")
    listed = root / "backup-recipients.txt"
    listed.write_text(former + "\n")
    listed.chmod(0o600)
    made = write_backup(root, tmp_path / "copies", now, ()).path
    listed.write_text(present + "\n")
    assert swapped(root, made).recipients
    assert listed.read_text() == present + "\n"
    listed.write_text("rác\n")
    assert not swapped(root, made).recipients
    assert listed.read_text() == former + "\n"


def test_what_a_killed_attempt_left_is_named_and_stays(root: Path, backup: Path, tmp_path: Path) -> None:
    left = [tmp_path / ".store.swap-20260101-000000.restoring", tmp_path / "store.swap-20260101-000000"]
    for path in left:
        path.mkdir()
    assert swapped(root, backup).leftovers == left
    assert all(path.exists() for path in left)


def test_a_file_that_was_issued_since_is_counted(root: Path, backup: Path) -> None:
    FolderStore(root, now).issue("u2", b"<HOC_BA/>")
    gc.collect()
    done = swapped(root, backup)
    assert done.issued == 1
    assert (done.aside / "issued" / "u2.xml").exists()


# --- somebody is in --------------------------------------------------------------------------------


def test_while_somebody_is_in_nothing_is_swapped_and_who_is_named(root: Path, backup: Path) -> None:
    store = FolderStore(root, now)
    error = refused(root, backup, Conflict, r"Còn người đang dùng kho: .*\(tiến trình \d+, người dùng \S+\)")
    assert str(os.getpid()) in str(error)
    put(store, A, "later", 1)
    del store
    gc.collect()
    assert swapped(root, backup).aside.exists()


def test_who_comes_in_while_the_copy_is_restored_is_not_swapped_away(
    root: Path, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, came = restoring.restore, []

    def restore(*arguments: Any) -> Any:
        contents = real(*arguments)
        came.append(FolderStore(root, now))
        return contents

    monkeypatch.setattr(swapping, "restore", restore)
    refused(root, backup, Conflict, "Còn người đang dùng kho")
    put(came[0], A, "later", 1)


def test_who_opens_the_store_meanwhile_waits_and_is_in_the_new_one(
    root: Path, backup: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = (
        "import sys; from pathlib import Path; from hocba_tui.store.folder import FolderStore;"
        "from tests.support.stores import now, put, A; print('opening', flush=True);"
        "store = FolderStore(Path(sys.argv[1]), now); put(store, A, 'after', 5)"
    )
    here = str(Path(names.__file__).parents[2])
    real = names.swap
    started: list[subprocess.Popen[bytes]] = []

    def swap(*arguments: Any) -> None:
        process = subprocess.Popen(
            [sys.executable, "-c", program, str(root)], cwd=here, stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": here},
        )  # fmt: skip
        started.append(process)
        assert process.stdout is not None
        process.stdout.readline()
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.5)
        real(*arguments)

    monkeypatch.setattr(swapping, "swap", swap)
    done = swapped(root, backup)
    assert started[0].wait(60) == 0
    if started[0].stdout is not None:
        started[0].stdout.close()
    assert FolderStore(root, now).shard(A).document("results", "hs1")["after"] == 5
    assert "after" not in FolderStore(done.aside, now).shard(A).document("results", "hs1")


# --- whose copy it is ------------------------------------------------------------------------------


def test_a_copy_of_another_school_is_refused(root: Path, tmp_path: Path) -> None:
    filled(tmp_path / "other")
    gc.collect()
    other = write_backup(tmp_path / "other", tmp_path / "copies", now, ()).path
    refused(root, other, Refused, "của một kho khác")


def test_two_copies_that_both_went_on_are_told_apart(root: Path, tmp_path: Path) -> None:
    shutil.copytree(root, tmp_path / "laptop", copy_function=shutil.copy2)
    write(root, ("score", 9))
    write(tmp_path / "laptop", ("score", 4), ("more", 5))
    other = write_backup(tmp_path / "laptop", tmp_path / "copies", now, ()).path
    error = refused(root, other, Refused, "đã đi hai ngả")
    assert "1 bản ghi chỉ kho đang dùng có, 2 chỉ bản sao lưu có" in error.what
    done = swapped(root, other, accept_fork=True)
    assert FolderStore(root, now).shard(A).document("results", "hs1")["score"] == 4
    assert FolderStore(done.aside, now).shard(A).document("results", "hs1")["score"] == 9


def test_a_copy_that_is_newer_than_the_store_says_so(root: Path, tmp_path: Path) -> None:
    shutil.copytree(root, tmp_path / "old", copy_function=shutil.copy2)
    write(root, ("score", 9))
    newer = write_backup(root, tmp_path / "copies", now, ()).path
    shutil.rmtree(root)
    (tmp_path / "old").rename(root)
    assert swapped(root, newer).differences == [Difference(A, only_copied=1)]


@pytest.mark.parametrize("harm", ["line", "first line", "no school", "no class", "empty"])
def test_a_damaged_store_is_swapped_for_its_copy(root: Path, backup: Path, harm: str) -> None:
    if harm == "line":
        damage_line(journal(root), 2)
    elif harm == "first line":
        damage_line(journal(root, "school"), 0)
    elif harm == "no school":
        journal(root, "school").unlink()
    elif harm == "no class":
        shutil.rmtree(root / A)
    else:
        journal(root).write_bytes(b"")
    before = facts(root)
    done = swapped(root, backup)
    assert [one.forked for one in done.differences] in ([], [None])
    assert {name: value for name, value in facts(done.aside).items() if name in before} == before
    assert flaws(root) == []


def test_a_damaged_copy_is_refused(root: Path, tmp_path: Path) -> None:
    shutil.copytree(root, tmp_path / "harmed", copy_function=shutil.copy2)
    damage_line(journal(tmp_path / "harmed"), 2)
    bad = write_backup(tmp_path / "harmed", tmp_path / "copies", now, ()).path
    refused(root, bad, StoreUnusable, "có 1 chỗ hỏng")
    flip(bad, bad.stat().st_size // 2)
    refused(root, bad, StoreUnusable, "Bản sao lưu")


def test_where_no_store_is_nothing_is_put(root: Path, backup: Path, tmp_path: Path) -> None:
    for place in (tmp_path / "none", tmp_path / "copies"):
        before = facts(tmp_path)
        with pytest.raises(StoreUnusable, match="Không thấy kho"):
            swapped(place, backup)
        assert facts(tmp_path) == before


def test_a_store_behind_a_link_is_swapped_where_it_is(root: Path, backup: Path, tmp_path: Path) -> None:
    (tmp_path / "srv").mkdir()
    (tmp_path / "srv" / "hocba").symlink_to(root)
    done = swapped(tmp_path / "srv" / "hocba", backup)
    assert (tmp_path / "srv" / "hocba").is_symlink()
    assert done.aside.parent == tmp_path
    assert identity_of(root)


# --- the disk refuses, the power goes --------------------------------------------------------------


def fail(code: int) -> Any:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    return refuse


def test_a_disk_that_refuses_changes_nothing(root: Path, backup: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names, "exchange", fail(errno.EIO))
    refused(root, backup, NotSaved, "đĩa hỏng")


def test_a_disk_that_refuses_the_second_step_takes_the_first_one_back(
    root: Path, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.rename

    def rename(self: Path, target: Path) -> Path:
        if ".before-" in target.name:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return real(self, target)

    monkeypatch.setattr(Path, "rename", rename)
    refused(root, backup, NotSaved, "đĩa hỏng")


@pytest.mark.parametrize("code", [errno.EINVAL, errno.ENOSYS])
def test_where_two_names_cannot_be_exchanged_they_are_renamed(
    root: Path, backup: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    monkeypatch.setattr(names, "exchange", fail(code))
    before = facts(root)
    done = swapped(root, backup)
    assert facts(done.aside) == before
    assert flaws(root) == []
    real = Path.rename

    def rename(self: Path, target: Path) -> Path:
        if target == root and ".swap-" in self.name:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return real(self, target)

    monkeypatch.setattr(Path, "rename", rename)
    refused(root, backup, NotSaved, "đĩa hỏng")


@pytest.mark.parametrize("moment", ["before", "between", "after"])
def test_a_kill_at_any_moment_leaves_a_whole_store_in_its_place(
    root: Path, backup: Path, tmp_path: Path, moment: str
) -> None:
    write(root, ("later", 7))
    program = (
        "import os, sys; from pathlib import Path; from hocba_tui.flow.school import swapping;"
        "from hocba_tui.store.backups import swap; die = lambda *_, **__: os.kill(os.getpid(), 9);"
        "moment = sys.argv[3];"
        "setattr(swap, {'before': 'exchange', 'between': '_rename', 'after': 'sync_folder'}[moment], die);"
        "swapping.swap_in(Path(sys.argv[1]), Path(sys.argv[2]), None)"
    )
    here = str(Path(names.__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", program, str(root), str(backup), moment], check=False, timeout=60, cwd=here,
        env={**os.environ, "PYTHONPATH": here},
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL
    others = [path for path in tmp_path.iterdir() if path.name.startswith("store.")]
    held = [("later" in FolderStore(path, now).shard(A).document("results", "hs1")) for path in (root, *others)]
    assert held == ([True, False] if moment == "before" else [False, True])
    gc.collect()
    assert flaws(root) == []


# --- comparing two journals ------------------------------------------------------------------------


def test_journals_are_compared_line_by_line(root: Path) -> None:
    whole = journal(root).read_bytes()
    lines = whole.splitlines(keepends=True)
    cut, torn = b"".join(lines[:-2]), whole[:-5]
    assert compare_journals(A, whole, whole) == Difference(A)
    assert compare_journals(A, whole, cut) == Difference(A, only_here=2)
    assert compare_journals(A, cut, whole) == Difference(A, only_copied=2)
    assert compare_journals(A, torn, whole) == Difference(A, only_copied=1)
    assert compare_journals(A, whole, b"") == Difference(A, only_here=len(lines))
    other = journal(root, B).read_bytes()
    assert compare_journals(A, whole, other).forked == 0
    damaged = whole.replace(lines[2], lines[2][:30] + b"x" + lines[2][31:])
    assert compare_journals(A, damaged, whole).forked is None
