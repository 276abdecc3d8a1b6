"""The check says the same on one and on several processes, and never that a store is sound when it was not read."""

from __future__ import annotations

import contextlib
import fcntl
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hocba_tui.errors import Refused
from hocba_tui.flow.school.store_check import check_store
from tests.support.served import children
from tests.support.stores import damage_line
from tests.support.terminal import LIMIT

ROOT = Path(__file__).parents[3]
PROGRAM = """
import sys
from hocba_tui.cli.main import run
from hocba_tui.flow.school import store_check
if __name__ == "__main__":
    store_check.cores = lambda: 2
    store_check._WORTH_A_PROCESS = 1
    sys.argv = ["hocba", "store", "check", "--store", sys.argv[1]]
    run()
"""


@contextlib.contextmanager
def held(path: Path) -> Iterator[None]:
    """Keep everybody waiting who reads a journal."""
    with path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def same(root: Path) -> list[str]:
    """Return the places of what is lost, the same on one, two and three processes."""
    alone = list(check_store(root, 1))
    assert list(check_store(root, 2)) == alone
    assert list(check_store(root, 3)) == alone
    return [flaw.place for checked in alone for flaw in checked.flaws if flaw.lost]


@pytest.fixture
def classes(sealed_root: Path) -> list[Path]:
    found = sorted(path.parent for path in sealed_root.glob("2*/*/journal.log"))
    assert len(found) == 5
    return found


def test_a_whole_store(sealed_root: Path) -> None:
    assert same(sealed_root) == []


def test_damaged_unreadable_foreign_and_missing_classes(sealed_root: Path, classes: list[Path]) -> None:
    damaged, unreadable, foreign, missing, sealed = classes
    (damaged / "data.json").unlink()
    damage_line(damaged / "journal.log", 1)
    (unreadable / "journal.log").unlink()
    os.mkfifo(unreadable / "journal.log", 0o600)
    (foreign / "journal.log").chmod(0o666)
    (missing / "journal.log").unlink()
    issued = min((sealed_root / "issued").glob("*.xml"))
    issued.chmod(0o600)
    issued.write_bytes(b"")
    frozen = min((sealed / "frozen").iterdir())
    frozen.unlink()
    found = same(sealed_root)
    for path in (damaged, unreadable, foreign, missing):
        assert str((path / "journal.log").relative_to(sealed_root)) in found
    assert f"issued/{issued.name}" in found
    assert str(frozen.relative_to(sealed_root)) in found


def test_two_classes_in_each_others_place(sealed_root: Path, classes: list[Path]) -> None:
    one, other, aside = classes[0], classes[1], sealed_root / "aside"
    one.rename(aside)
    other.rename(one)
    aside.rename(other)
    assert len(same(sealed_root)) == 2


def test_a_process_that_is_killed_leaves_no_answer(sealed_root: Path, classes: list[Path]) -> None:
    with held(classes[-1] / "journal.log"):
        found = check_store(sealed_root, 2)
        next(found)
        for child in multiprocessing.active_children():
            child.kill()
        with pytest.raises(Refused, match="Chưa kiểm tra xong"):
            list(found)


@pytest.mark.parametrize("how", ["killed", "interrupted"])
def test_the_command_does_not_call_a_store_sound_that_it_has_not_read(
    sealed_root: Path, classes: list[Path], how: str
) -> None:
    with (
        held(classes[-1] / "journal.log"),
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(sealed_root)],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        ) as program,
    ):  # fmt: skip
        until = time.monotonic() + LIMIT
        # One process waits for the class that is held; one that has nothing left to do may have ended.
        while not (started := children(program.pid)) and time.monotonic() < until and program.poll() is None:
            time.sleep(0.02)
        assert started
        if how == "killed":
            for child in started:
                os.kill(child, signal.SIGKILL)
        else:
            os.killpg(program.pid, signal.SIGINT)
        said, problem = program.communicate(timeout=LIMIT)
    assert program.returncode == (1 if how == "killed" else 130)
    assert "còn nguyên" not in said
    assert ("Chưa kiểm tra xong kho" if how == "killed" else "đã dừng theo yêu cầu") in problem
    assert "Traceback" not in problem, problem
    for child in started:
        with contextlib.suppress(FileNotFoundError):
            assert Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
