"""Sessions that are forked from one parent: like any other on the screen, and nobody's but their own."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from hocba_tui.flow.opening import open_desk
from hocba_tui.model.results import Cell
from hocba_tui.model.values import Period
from hocba_tui.server import nursery as nurseries
from hocba_tui.server.nursery import Nursery
from hocba_tui.server.session import _thrifty
from tests.support.terminal import Start, Terminal, hocba
from tests.test_architecture import HEAVY

SCORE = Cell(Period.END_YEAR, "TOAN", "score")

# A parent with one session; its own descriptors are the terminal's until the session has taken it.
PARENT = """
import os, signal, sys
from functools import partial
from pathlib import Path
from hocba_tui.server.nursery import Nursery
from hocba_tui.server.session import Seat, sit

term = os.environ.pop("TERM")  # Who makes ready knows of no terminal.
nursery = Nursery()
os.environ["TERM"] = term
kept = os.open("/dev/null", os.O_RDONLY)
child = nursery.fork(partial(sit, Seat(Path(sys.argv[1]), sys.argv[2], os.dup(0), os.environ)), [kept])
os.fstat(kept)
signal.signal(signal.SIGTERM, lambda *_: os.kill(child, signal.SIGTERM))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""

REHEARSAL = """
import gc, os, sys, threading
from hocba_tui.server.rehearsal import rehearse
before = os.listdir("/proc/self/fd"), os.listdir(os.environ["TMPDIR"])
rehearse()
gc.collect()
assert (os.listdir("/proc/self/fd"), os.listdir(os.environ["TMPDIR"])) == before
assert threading.enumerate() == [threading.main_thread()]
import asyncio, signal
try:
    asyncio.get_running_loop()
except RuntimeError:
    pass
else:
    raise AssertionError("a loop runs")
assert [signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGHUP)] == [signal.SIG_DFL] * 2
print(*sys.modules)
"""


def start_forked(root: Path, account: str, code: str = PARENT, more: Sequence[str] = ()) -> Start:
    def start(_: Sequence[str], terminal: int, variables: Mapping[str, str]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-c", code, str(root), account, *more],
            stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True, env=variables,
        )  # fmt: skip

    return start


def forked(
    root: Path, account: str, term: str = "xterm-256color", *, code: str = PARENT, more: Sequence[str] = ()
) -> Terminal:
    return Terminal((), term=term, start=start_forked(root, account, code, more))


@pytest.mark.parametrize("term", ["xterm-256color", "linux"])
def test_a_forked_session_paints_what_an_ordinary_one_paints(made_store: Path, term: str) -> None:
    with hocba(made_store, "gv.5a", term=term) as one, forked(made_store, "gv.5a", term) as other:
        for terminal in (one, other):
            terminal.wait_for("Enter Mở")
            terminal.press("s")
            terminal.wait_quiet()
            terminal.press("enter")
            terminal.wait_for("Nhập kết quả › 5A › Toán › Cuối năm")
            terminal.wait_for("Gõ là lưu ngay")
            terminal.wait_quiet()
        assert other.text == one.text
        everywhere = [(column, line) for line in range(24) for column in range(80)]
        assert [other.cell(*place) for place in everywhere] == [one.cell(*place) for place in everywhere]
        assert other.cursor == one.cursor
        for terminal in (one, other):
            terminal.press("f10")  # Who is cut off instead is asked something at the next login.
            assert terminal.wait_for_end() == 0


def test_what_is_typed_in_a_forked_session_is_saved_and_leaving_ends_it(store_root: Path) -> None:
    before = {key: results.text(SCORE) for key, results in open_desk(store_root, "gv.5a").results("5A").items()}
    with forked(store_root, "gv.5a") as terminal:
        terminal.wait_for("» Nhập kết quả lớp 5A")
        terminal.press("enter")
        terminal.wait_for("Gõ là lưu ngay")
        terminal.press("9")
        terminal.wait_for("đã lưu lúc")
        terminal.press("f10")
        assert terminal.wait_for_end() == 0
    after = {key: results.text(SCORE) for key, results in open_desk(store_root, "gv.5a").results("5A").items()}
    assert [after[key] for key in after if after[key] != before.get(key, "")] == ["9"]


def test_who_has_no_account_is_told_so_on_the_terminal(made_store: Path) -> None:
    with forked(made_store, "khong.co") as terminal:
        terminal.wait_for("Không có tài khoản “khong.co”")
        assert terminal.wait_for_end() == 2
        assert "hocba: Không có tài khoản" in terminal.text


def test_a_session_that_cannot_take_its_terminal_ends_and_never_returns_to_the_parents_work(tmp_path: Path) -> None:
    code = PARENT.replace("os.dup(0)", "os.open('/dev/null', os.O_RDWR)") + "print('twice')\n"
    command = [sys.executable, "-c", code, str(tmp_path), "gv.5a"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 70
    assert done.stderr.count("Traceback") == 1
    assert "Inappropriate ioctl" in done.stderr
    assert done.stdout == ""


IMPORTS_OF_ITS_OWN = """
def act(seat, stylesheet):
    before = set(sys.modules)
    code = sit(seat, stylesheet)
    Path(sys.argv[3]).write_text(" ".join(set(sys.modules) - before))
    return code

"""


def test_a_session_imports_nothing_that_its_parent_has_not_imported(store_root: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    before, after = PARENT.split("term = ")
    code = before + IMPORTS_OF_ITS_OWN + "term = " + after.replace("partial(sit,", "partial(act,")
    with forked(store_root, "gv.5a", code=code, more=[str(own)]) as terminal:
        terminal.wait_for("» Nhập kết quả lớp 5A")
        terminal.press("enter")
        terminal.wait_for("Gõ là lưu ngay")
        terminal.press("9")
        terminal.wait_for("đã lưu lúc")
        terminal.press("f10")
        assert terminal.wait_for_end() == 0
    assert own.read_text() == ""


RUN_CODE = """
from hocba_tui.server.nursery import Nursery
print(*(code.co_qualname for code in Nursery().replaced), sep="\\n")
"""


def test_code_that_sessions_run_is_brought_together_and_no_other() -> None:
    done = subprocess.run([sys.executable, "-c", RUN_CODE], capture_output=True, text=True, check=True)
    replaced = set(done.stdout.split("\n"))
    # Who comes back is asked, sees the tasks of the day, the grid, the list of subjects, and saves.
    assert {"Confirm.compose", "HomePage.show", "GridPage.body", "Narrowing.on_key", "Saver.run"} <= replaced
    assert not {"Nursery.fork", "sit_served", "take_streams"} & replaced
    assert 1500 < len(replaced) < 5000


BROKEN = """
import os, sys
from hocba_tui.server import nursery as nurseries
nurseries.rehearse = lambda: None
nursery = nurseries.Nursery()

def act(_):
    reads, writes = os.pipe()
    os.close(reads)
    os.dup2(writes, 1), os.dup2(writes, 2)
    sys.stdout.write("a word for nobody")
    raise OSError

child = nursery.fork(act)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


def test_a_session_whose_terminal_is_gone_never_returns_either() -> None:
    done = subprocess.run([sys.executable, "-c", BROKEN], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "70\n", "")


def test_a_rehearsal_leaves_nothing_open_and_imports_nothing_heavy(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", REHEARSAL], capture_output=True, text=True, check=False,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert {name.partition(".")[0] for name in done.stdout.split()} & HEAVY == set()
    assert {"hocba_tui.screens.grid.page", "concurrent.futures.thread"} <= set(done.stdout.split())


@pytest.fixture
def _unrehearsed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(nurseries, "rehearse", lambda: None)
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("_unrehearsed")
def test_nothing_is_forked_beside_another_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    nursery = Nursery()
    monkeypatch.setattr(os, "fork", lambda: pytest.fail("forked"))
    ended = threading.Event()
    thread = threading.Thread(target=ended.wait)
    thread.start()
    try:
        with pytest.raises(RuntimeError, match="one thread"):
            nursery.fork(lambda _: 0)
    finally:
        ended.set()
        thread.join()


def test_a_terminal_of_16_million_colours_is_asked_for_256() -> None:
    given = {"TERM": "xterm", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
    assert _thrifty(given) == {"TERM": "xterm-256color", "LANG": "C.UTF-8"}
    assert _thrifty({"TERM": "linux"}) == {"TERM": "linux"}
