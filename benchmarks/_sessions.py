"""Sessions of the real program in pseudo-terminals: each a process of its own, or forked from one parent."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Self

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from hocba_tui.demo.school import found_demo, make_school
from tests.support.terminal import Start, Terminal

ROOT = Path(__file__).resolve().parent.parent
SIZE = (80, 24)
_PROGRAM = len(("python", "-m", "hocba_tui"))


class Forked:
    """A grandchild process started by the nursery: it is not our child, so we cannot read its exit code."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def poll(self) -> int | None:
        """Return 0 when the process is gone, None while it runs."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return 0
        return None

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def send_signal(self, sig: int) -> None:
        """Send a signal, if the process still runs."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, sig)

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it is gone."""
        end = time.monotonic() + (timeout or 60.0)
        while self.poll() is None:
            if time.monotonic() > end:
                raise subprocess.TimeoutExpired("hocba", timeout or 60.0)
            time.sleep(0.01)
        return 0


class Nursery:
    """One parent that has imported the app (see ``_nursery.py``); leaving the context ends it."""

    def __init__(self) -> None:
        self._ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        variables = {**kept, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", "LANG": "C.UTF-8"}
        # A parent that compiles what it imports has fragmented memory (+0.4 MB); an installed one does not compile.
        once = "from hocba_tui.server.rehearsal import rehearse; rehearse()"
        subprocess.run([sys.executable, "-OO", "-c", once], env=variables, check=True)
        self._parent = subprocess.Popen(
            [sys.executable, "-OO", str(Path(__file__).with_name("_nursery.py"))],
            stdin=theirs.fileno(),
            env=variables,
        )
        theirs.close()
        self._ours.recv(16)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._ours.close()
        self._parent.wait()

    def start(self, command: Sequence[str], terminal: int, _: Mapping[str, str]) -> Forked:
        """Fork what ``command`` would start."""
        socket.send_fds(self._ours, ["\0".join(command[_PROGRAM:]).encode()], [terminal])
        return Forked(int(self._ours.recv(16)))


def session(store: Path, account: str, start: Start | None = None) -> Terminal:
    """Start ``hocba open`` for an account."""
    command = (sys.executable, "-m", "hocba_tui", "open", "--store", str(store), "--as", account)
    return Terminal(command, SIZE, environment={"PYTHONPATH": str(ROOT)}, start=start)


def private_dirty(pid: int) -> float:
    """Return the megabytes of a process's private memory."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    return int(text.split("Private_Dirty:")[1].split()[0]) / 1024


@contextlib.contextmanager
def school(base: Path, pupils: int) -> Iterator[Path]:
    """Make a school and yield its store; remove it at the end."""
    store = base / f"school-of-{pupils}"
    try:
        found_demo(store, make_school(pupils=pupils), None)
        yield store
    finally:
        shutil.rmtree(store, ignore_errors=True)
