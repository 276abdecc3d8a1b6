"""Real processes: the server is told to stop while a token signs, slowly or for ever."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hocba_tui.config import softhsm_module
from hocba_tui.demo.school import DemoSchool
from hocba_tui.flow.opening import open_desk
from hocba_tui.model.values import RecordState
from hocba_tui.signing.training import PIN
from tests.conftest import require_tool
from tests.support.served import Served, children, gone, wait_until
from tests.support.signed import fill_gaps, open_first_round
from tests.support.terminal import Terminal


@pytest.fixture
def root(few_token_store: Path, few: DemoSchool, tmp_path: Path) -> Path:
    """The school whose keys lie on tokens; in 5A nothing is missing, and the round is open."""
    copy = tmp_path / "store"
    shutil.copytree(few_token_store, copy)
    fill_gaps(copy, few)
    open_first_round(copy)
    return copy


@contextmanager
def signing(root: Path, module: Path, monkeypatch: pytest.MonkeyPatch, delay: int, longest: float) -> Iterator[Stopped]:
    """Somebody in a served session whose token has begun to sign, each time for so many milliseconds."""
    real = softhsm_module()
    require_tool("softhsm2", present=real is not None)
    state = root / "training" / "state"  # A confined session writes nowhere else.
    for name, value in {
        "HOCBA_PKCS11": module, "FAULT_MODULE": real, "FAULT_STATE": state, "FAULT_DELAY_MS": delay,
    }.items():  # fmt: skip
        monkeypatch.setenv(name, str(value))
    # Without a controlling terminal: the kernel tells a driver's process nothing when the session ends.
    with Served(root, farewell=1, longest=longest) as served, served.terminal_of_another("gv.5a") as terminal:
        terminal.wait_for("Việc của tôi hôm nay")
        terminal.press("ctrl+p")
        terminal.wait_for("Gõ việc muốn làm")
        terminal.send(b"nop hoc ba lop 5a")
        terminal.wait_for("Nộp học bạ lớp 5A")
        terminal.wait_quiet()
        terminal.press("enter")
        terminal.wait_for("F7 Nộp lớp 5A")
        terminal.wait_quiet()
        terminal.press("f7")
        terminal.wait_for("F7: Nộp 16 học bạ")
        terminal.wait_quiet()
        terminal.press("f7")
        terminal.wait_for("Mã PIN của token")
        terminal.wait_quiet()
        terminal.send(f"{PIN}\r".encode())
        wait_until(lambda: made(state) >= 1, "the token to sign")
        session = served.session_of("gv.5a")
        yield Stopped(served, terminal, session, children(session), state)


class Stopped:
    """The server, the person's terminal, and the processes that know the PIN."""

    def __init__(self, served: Served, terminal: Terminal, session: int, helpers: list[int], state: Path) -> None:
        self.served, self.terminal, self.state = served, terminal, state
        self.processes = [session, *helpers]
        assert helpers, "the driver has a process of its own"

    def stop(self) -> None:
        """Tell the server to stop, and wait until it has."""
        code = f"from hocba_tui.flow import serving; serving.stop(serving.Path({str(self.served.path)!r}), print)"
        subprocess.run([sys.executable, "-c", code], check=True, timeout=60, capture_output=True)
        wait_until(lambda: all(gone(process) for process in self.processes), "the processes to end")

    def hear(self, words: str) -> None:
        """Wait until something is said on the terminal."""
        self.terminal.wait(lambda: words.encode() in self.terminal.bytes, f"“{words}”")


def made(state: Path) -> int:
    """Return how many signatures the token has begun."""
    try:
        return int(state.read_text(encoding="ascii").split()[1])
    except (FileNotFoundError, IndexError):
        return 0


def submitted(root: Path) -> int:
    states = [record.state for record in open_desk(root, "gv.5a").records("5A").values()]
    return states.count(RecordState.SUBMITTED)


def test_every_signature_that_the_token_began_is_stored_and_no_other_is_begun(
    root: Path, fault_module: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The token needs longer for a record than an ordinary session has to end."""
    with signing(root, fault_module, monkeypatch, 2500, 60) as at_work:
        begun = made(at_work.state)
        at_work.stop()
        at_work.hear("Máy chủ dừng để bảo trì")
        assert made(at_work.state) <= begun + 1
    assert submitted(root) == made(root / "training" / "state") < 16


def test_a_token_that_hangs_keeps_neither_the_server_nor_the_pin(
    root: Path, fault_module: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with signing(root, fault_module, monkeypatch, 600_000, 3) as at_work:
        at_work.stop()
        at_work.hear("máy chủ phải ngắt")
    assert submitted(root) == 0
