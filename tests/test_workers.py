"""Work in several processes: the same results, and no process that goes on alone or runs what lies in a folder."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hocba_tui.flow.verify.files import _WORTH_A_POOL
from hocba_tui.workers import WorkerDied, spread
from tests.support.hostile_folder import folder_with_others, has_run

ROOT = Path(__file__).parents[1]
SCRIPT = "from hocba_tui.cli.main import run\nif __name__ == '__main__':\n    run()\n"
"""As the installed ``hocba`` is."""
PROGRAM = """
import sys, threading
from pathlib import Path
from hocba_tui.workers import spread
from tests.test_workers import slow
if __name__ == "__main__":
    if sys.argv[2] == "threads":
        threading.Thread(target=threading.Event().wait, daemon=True).start()
    with spread(slow, [sys.argv[1]], list(range(40)), 2) as found:
        for number in found:
            print(number, flush=True)
"""


def doubled(more: int) -> Callable[[int], int]:
    return lambda number: 2 * number + more


def dying(_: int) -> Callable[[int], int]:
    def work(number: int) -> int:
        if number == 5:
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    return work


def failing(_: int) -> Callable[[int], int]:
    def work(number: int) -> int:
        return 10 // (number - 5)

    return work


def slow(folder: str) -> Callable[[int], int]:
    (Path(folder) / str(os.getpid())).touch()

    def work(number: int) -> int:
        time.sleep(0.2)
        return number

    return work


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("portion", [1, 4])
def test_the_results_are_those_of_one_process_in_order(count: int, portion: int) -> None:
    with spread(doubled, [1], list(range(11)), count, portion=portion) as found:
        assert list(found) == [2 * number + 1 for number in range(11)]
    with spread(doubled, [1], [], count, portion=portion) as found:
        assert list(found) == []


def test_a_process_that_is_killed_is_no_result() -> None:
    seen: list[int] = []
    with pytest.raises(WorkerDied), spread(dying, [0], list(range(40)), 2) as found:
        seen += found
    assert 5 not in seen


def huge(folder: str) -> Callable[[int], bytes]:
    def work(_: int) -> bytes:
        (Path(folder) / str(os.getpid())).touch()
        return bytes(50_000_000)

    return work


def test_a_process_that_is_killed_in_the_middle_of_a_result_is_not_waited_for(tmp_path: Path) -> None:
    with spread(huge, [str(tmp_path)], [0, 1], 2) as found:
        while len(started := list(tmp_path.iterdir())) < 2:
            time.sleep(0.01)
        time.sleep(0.3)  # No more of it than a pipe holds can have been sent.
        os.kill(int(started[0].name), signal.SIGKILL)
        with pytest.raises(WorkerDied):
            list(found)


@pytest.mark.parametrize("count", [1, 2])
def test_an_error_of_the_work_is_raised_here(count: int) -> None:
    with pytest.raises(ZeroDivisionError), spread(failing, [0], list(range(40)), count) as found:
        list(found)


def words_of(process: int) -> list[str]:
    return Path(f"/proc/{process}/cmdline").read_text().split("\0")


def ended(numbers: list[int]) -> bool:
    """Return whether none of these processes is left; they are not children of this one."""
    for _ in range(200):
        if not any(Path(f"/proc/{number}").exists() for number in numbers):
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("beside", ["alone", "threads"])
def test_the_processes_end_with_the_one_that_started_them(tmp_path: Path, how: signal.Signals, beside: str) -> None:
    """SIGINT goes to all of them, as Ctrl+C does, and only the first one says something."""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(tmp_path), beside],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    ) as program:  # fmt: skip
        assert program.stdout is not None
        assert program.stderr is not None
        assert program.stdout.readline() == "0\n"
        started = [int(path.name) for path in tmp_path.iterdir()]
        assert len(started) == 2
        forked = [words_of(process) == words_of(program.pid) for process in started]
        assert forked == [beside == "alone"] * 2, "nothing is forked beside a thread"
        if how is signal.SIGINT:
            os.killpg(program.pid, how)
        else:
            program.send_signal(how)
        program.wait(60)
        said = program.stderr.read()
    assert ended(started)
    assert said.count("Traceback") == (how is signal.SIGINT)
    assert said.count("KeyboardInterrupt") == (how is signal.SIGINT)


def test_leaving_early_ends_the_processes(tmp_path: Path) -> None:
    with spread(slow, [str(tmp_path)], list(range(10_000)), 2) as found:
        assert next(found) == 0
    assert ended([int(path.name) for path in tmp_path.iterdir()])


@pytest.mark.parametrize("started", ["script", "-m"])
def test_modules_in_the_current_folder_are_not_run(issued_store: Path, tmp_path: Path, started: str) -> None:
    folder = folder_with_others(tmp_path / "work")
    (tmp_path / "hocba").write_text(SCRIPT)
    files = sorted((issued_store / "issued").glob("*.xml")) * 5
    assert len(files) > _WORTH_A_POOL, "one process verifies them"
    words = ["verify", *map(str, files), "--store", str(issued_store)]
    how = [str(tmp_path / "hocba")] if started == "script" else ["-m", "hocba_tui"]
    if started == "-m":
        (folder / "hocba_tui.py").unlink()  # Of the two, Python runs the one that lies in the current folder.
    given = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, *how, *words],
        cwd=folder, env=given, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert has_run(folder) == ""
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("HỢP LỆ") == len(files)
