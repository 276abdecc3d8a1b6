"""A served school without sshd: real processes, and people who come in through the attach program."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from hocba_tui import door
from hocba_tui.flow import serving
from tests.support.terminal import LIMIT, Terminal

ATTACH = Path(serving.__file__).parents[1] / "server" / "attach.py"
PYTHON = (sys.executable, "-I", "-S")
OUTER = "import subprocess, sys; sys.exit(subprocess.call(sys.argv[1:]))"
"""A program below which the attach program is not the leader of its session, as below ``su``."""


def wait_until(holds: Callable[[], object], what: str, limit: float = LIMIT) -> None:
    """Wait until ``holds`` returns something true; ``what`` names in an error what was waited for."""
    deadline = time.monotonic() + limit
    while not holds():
        assert time.monotonic() < deadline, f"waited for {what}"
        time.sleep(0.02)


def gone(pid: int) -> bool:
    """Return whether a process has ended; one that nobody has asked about yet has, too."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def children(pid: int) -> list[int]:
    """Return the processes that a process has started, in any of its threads, and that still run."""
    found = []
    for state in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            kind, parent = state.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[:2]
            if kind != "Z" and parent == str(pid):
                found.append(int(state.parent.name))
    return found


def descriptors(pid: int) -> int:
    """Return how many descriptors a process has open."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


class Served:
    """A listener with its nursery; leaving the context ends them, and all sessions."""

    def __init__(self, store: Path, program: Path | None = None, **settings: float) -> None:
        """``settings`` are those of :class:`hocba_tui.server.listening.Settings`.

        ``program`` is the folder of another copy of the program.
        """
        self._environment = os.environ | ({"PYTHONPATH": str(program)} if program else {})
        # Not below the folders of pytest, which another user cannot enter; and a socket's path must be short.
        self.folder = Path(tempfile.mkdtemp(prefix="hocba-door-"))
        self.folder.chmod(0o711)
        self.path = self.folder / "door.sock"
        self._settings = json.dumps({"store": str(store), "socket": str(self.path), **settings})
        self._pids: set[int] = set()
        self.errors = (self.folder / "errors").open("w+", encoding="utf-8")
        self.start()

    def start(self) -> None:
        """Start the listener; wait until people are let in."""
        command = [sys.executable, "-OO", "-P", "-m", "hocba_tui.server.listener", self._settings]
        self.process = subprocess.Popen(
            command, stderr=self.errors, stdin=subprocess.DEVNULL, env=self._environment, cwd=self.folder
        )
        self.wait_ready()

    def wait_ready(self) -> None:
        """Wait until people are let in."""
        wait_until(lambda: (now := serving.status(self.path)) and now.ready, "the server to let people in")
        self._pids |= {self.nursery}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(Exception):
            self._pids |= {one.pid for one in self.sessions}
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
        self.process.wait(LIMIT)
        for pid in self._pids:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                if pid and not gone(pid):
                    os.kill(pid, signal.SIGKILL)
        self.errors.close()
        shutil.rmtree(self.folder)

    # --- who is in -----------------------------------------------------------------------------

    @property
    def status(self) -> serving.Serving:
        """Return what the server says about itself."""
        found = serving.status(self.path)
        assert found is not None
        return found

    @property
    def sessions(self) -> tuple[serving.Session, ...]:
        """Return who is in."""
        found = self.status.sessions
        self._pids |= {one.pid for one in found}
        return found

    @property
    def nursery(self) -> int:
        """Return the process of the nursery, 0 when there is none."""
        return next(iter(children(self.process.pid)), 0)

    def session_of(self, account: str) -> int:
        """Wait until an account has one session, and return its process."""
        wait_until(lambda: [one.account for one in self.sessions].count(account) == 1, f"one session of {account}")
        return next(one.pid for one in self.sessions if one.account == account)

    def wait_empty(self) -> None:
        """Wait until nobody is in."""
        wait_until(lambda: not self.sessions, "everybody to be gone")

    @property
    def said(self) -> str:
        """Return what the processes have written to their error stream."""
        return Path(self.errors.name).read_text(encoding="utf-8")

    # --- who comes -----------------------------------------------------------------------------

    def command(self, account: str = "", *words: str) -> tuple[str, ...]:
        """Return how the attach program is started."""
        return (*PYTHON, str(ATTACH), "--socket", str(self.path), *(("--as", account) if account else ()), *words)

    def terminal(self, account: str) -> Terminal:
        """Log in as somebody."""
        return Terminal(self.command(account))

    def terminal_of_another(self, account: str) -> Terminal:
        """Log in on a terminal that controls another program's session, as below ``su``."""
        return Terminal((*PYTHON, "-c", OUTER, *self.command(account)))

    @contextlib.contextmanager
    def opened(self, account: str) -> Iterator[Terminal]:
        """Log in as somebody, and wait for the first page."""
        with self.terminal(account) as terminal:
            terminal.wait_for("Việc của tôi hôm nay")
            yield terminal

    @contextlib.contextmanager
    def connection(self) -> Iterator[socket.socket]:
        """Connect as no attach program would."""
        with door.connect(str(self.path), LIMIT) as line:
            yield line
