"""A drill restores the newest copy for trial: it touches nothing, leaves nothing, and its success is shown."""

from __future__ import annotations

import errno
import fcntl
import gc
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest

import hocba_tui
from hocba_tui.errors import Conflict, HocbaError, NotSaved, Refused, StoreUnusable, WrongUse
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.reports.backup_note import backup_note
from hocba_tui.flow.reports.home_tasks import tasks
from hocba_tui.flow.school import drill as drills
from hocba_tui.flow.school.backups import back_up, new_key
from hocba_tui.flow.school.doctor import examine
from hocba_tui.flow.school.drill import drill
from hocba_tui.flow.school.store_check import check_store
from hocba_tui.store.backend import SCHOOL, Edit
from hocba_tui.store.backups.backup_state import read_state
from hocba_tui.store.identity import identity_of, short
from tests.support.stores import Ticking, damage_line, facts, flip

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The system's folder for temporary files."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def key(tmp_path: Path) -> Path:
    return tmp_path / "key.txt"


@pytest.fixture
def root(store_root: Path, key: Path) -> Path:
    (store_root / "backup-recipients.txt").write_text(new_key(key) + "\n")
    (store_root / "backup-recipients.txt").chmod(0o600)
    return store_root


def without_note(root: Path) -> dict[str, tuple[int, bytes]]:
    return {name: value for name, value in facts(root).items() if name != "backups/state.json"}


def fails(root: Path, identity: Path | None, kind: type[HocbaError], words: str) -> None:
    """Drill; check that it fails, changes nothing, leaves nothing, and is not noted as a success."""
    before, noted = facts(root), read_state(root).drill
    with pytest.raises(kind, match=words):
        drill(root, identity)
    assert facts(root) == before
    assert list(Path(tempfile.gettempdir()).iterdir()) == []
    assert read_state(root).drill == noted


def test_a_drill_restores_the_newest_copy_and_leaves_nothing(root: Path, key: Path, scratch: Path) -> None:
    back_up(root, ())
    newest = back_up(root, ())
    before = without_note(root)
    done = drill(root, key)
    assert done.path == newest.path
    assert done.contents == newest.contents
    assert done.entries > len(newest.contents.shards)
    assert done.differences == []
    assert without_note(root) == before
    assert list(scratch.iterdir()) == []
    noted = read_state(root).drill
    assert noted is not None
    assert noted.copy == str(newest.path)


def test_a_key_that_does_not_open_it_fails(root: Path, tmp_path: Path, key: Path) -> None:
    back_up(root, ())
    new_key(tmp_path / "other.txt")
    fails(root, tmp_path / "other.txt", StoreUnusable, "không đúng khóa")
    fails(root, None, WrongUse, "đã mã hóa")
    fails(root, tmp_path / "none", WrongUse, "tệp khóa")


def test_a_copy_that_has_rotted_fails(root: Path, key: Path) -> None:
    made = back_up(root, ())
    flip(made.path, made.size // 2)
    fails(root, key, StoreUnusable, "Không mở được bản sao lưu|hỏng")


def test_only_an_undamaged_copy_of_this_store_counts(root: Path, key: Path, tmp_path: Path) -> None:
    fails(root, key, Refused, "Chưa có|Không đọc được")
    shutil.copytree(root, tmp_path / "other", copy_function=shutil.copy2)
    back_up(tmp_path / "other", (), tmp_path / "usb")
    with pytest.raises(Refused, match="Chưa có bản sao lưu nguyên vẹn nào của kho này"):
        drill(root, key, tmp_path / "usb")
    good = back_up(root, (), tmp_path / "usb")
    harmed = max(root.rglob("5A/journal.log"))
    (harmed.parent / "data.json").unlink(missing_ok=True)
    damage_line(harmed, 1)
    assert back_up(root, (), tmp_path / "usb").damaged
    assert drill(root, key, tmp_path / "usb").path == good.path


def test_a_copy_under_the_name_of_this_store_that_is_one_of_another_fails(
    root: Path, key: Path, tmp_path: Path
) -> None:
    shutil.copytree(root, tmp_path / "other", copy_function=shutil.copy2)
    other, mine = back_up(tmp_path / "other", ()), back_up(root, ())
    shutil.copy2(other.path, mine.path)
    fails(root, key, StoreUnusable, "của một kho khác")


def test_a_store_that_lacks_what_its_copy_has_is_told(root: Path, key: Path) -> None:
    desk = open_desk(root, "admin")
    journal = root / "school" / "journal.log"
    size = journal.stat().st_size
    desk.school_shard.change("admin", "x", [Edit("t", "k", "f", None, 1)])
    back_up(root, ())
    del desk
    gc.collect()
    assert not drill(root, key).store_behind
    os.truncate(journal, size)
    assert drill(root, key).store_behind


def test_a_full_disk_is_said_and_leaves_nothing(root: Path, key: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    back_up(root, ())

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr("hocba_tui.flow.school.drill.write_atomic", full)
        fails(root, key, NotSaved, "đĩa đầy")


def test_two_at_once_do_not_disturb_each_other(root: Path, key: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    back_up(root, ())
    real = check_store
    refused = []

    def check(where: Path) -> object:
        with pytest.raises(Conflict, match="đang chạy"):
            drill(root, key)
        refused.append(where)
        return real(where)

    monkeypatch.setattr(drills, "check_store", check)
    assert drill(root, key).entries
    assert len(refused) == 1


def test_what_a_killed_drill_left_is_removed_by_the_next(root: Path, key: Path, scratch: Path) -> None:
    back_up(root, ())
    program = (
        "import os, sys; from pathlib import Path; from hocba_tui.flow.school import drill;"
        "drill.check_store = lambda _: os.kill(os.getpid(), 9); drill.drill(Path(sys.argv[1]), Path(sys.argv[2]))"
    )
    here = str(Path(hocba_tui.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", program, str(root), str(key)],
        check=False,
        timeout=60,
        env={**os.environ, "PYTHONPATH": here, "TMPDIR": str(scratch)},
    )
    assert done.returncode == -signal.SIGKILL
    assert len(list(scratch.rglob("journal.log"))) > 3
    drill(root, key)
    assert list(scratch.iterdir()) == []


def test_what_lies_in_the_scratch_folder_and_is_not_its_own_stays(root: Path, key: Path, scratch: Path) -> None:
    back_up(root, ())
    drill(root, key)
    place = scratch / f"hocba-drill-{os.geteuid()}-{short(identity_of(root))}"
    place.mkdir(mode=0o700)
    shutil.copytree(root, place / "store", copy_function=shutil.copy2)
    before = facts(place / "store")
    with pytest.raises(Refused, match="không xóa"):
        drill(root, key)
    assert facts(place / "store") == before
    shutil.rmtree(place)
    place.mkdir(mode=0o777)
    place.chmod(0o777)
    with pytest.raises(Refused, match="TMPDIR"):
        drill(root, key)
    assert list(place.iterdir()) == []


def test_sessions_are_not_disturbed_and_do_not_disturb(root: Path, key: Path) -> None:
    back_up(root, ())
    desk = open_desk(root, "admin")
    with (root / "school" / "journal.log").open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        drill(root, key)
    desk.school_shard.change("admin", "x", [Edit("t", "k", "f", None, 1)])


# --- what the administrator sees -------------------------------------------------------------------


def test_the_administrator_sees_what_should_be_done(root: Path, key: Path, clock: Ticking, tmp_path: Path) -> None:
    desk = open_desk(root, "admin")
    assert backup_note(desk) == ("chưa sao lưu lần nào", False)  # A training store: nobody is told off.
    desk.school_shard.change("admin", "x", [Edit(SCHOOL, SCHOOL, "training", True, False)])
    assert backup_note(desk) == ("chưa sao lưu lần nào", True)
    back_up(root, ())
    assert backup_note(desk) == ("bản cuối trong 24 giờ qua, chưa khôi phục thử lần nào", True)
    drill(root, key)
    assert backup_note(desk) == ("bản cuối trong 24 giờ qua, khôi phục thử trong 24 giờ qua", False)
    made, tried = (task for task in tasks(desk) if task.label.startswith("Sao lưu"))
    assert (f"{made.detail}, {tried.detail}", made.urgent, tried.urgent) == (backup_note(desk)[0], False, False)
    assert any(symptom.good and symptom.what.startswith("Sao lưu: bản cuối") for symptom in examine([], desk))
    clock.at += timedelta(days=3)
    assert backup_note(desk) == ("bản cuối 3 ngày trước, khôi phục thử 3 ngày trước", True)
    back_up(root, [new_key(tmp_path / "other.txt")])
    assert backup_note(desk)[0].endswith("khóa nhận đã đổi từ đó")
    clock.at += timedelta(days=200)
    back_up(root, ())
    assert backup_note(desk) == ("bản cuối trong 24 giờ qua, khôi phục thử 203 ngày trước", True)


def test_nobody_else_is_bothered(root: Path) -> None:
    assert not [task for task in tasks(open_desk(root, "gv.5a")) if task.label == "Sao lưu"]
