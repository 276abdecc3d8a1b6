"""The listener's side of the nursery: start it, ask it to fork, notice that it is gone."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from hocba_tui import door
from hocba_tui.server.listening import Loop

_MODULE = "hocba_tui.server.parent"


class Forking:
    """A nursery in a process of its own, which begins to prepare itself at once."""

    def __init__(self, line: socket.socket, *, ready: bool = False) -> None:
        line.setblocking(False)
        self.line = line
        self.ready = ready
        """Whether it has prepared itself and forks."""

    @classmethod
    def start(cls, store: str, path: str) -> Forking:
        """Start the process, with the program as it is on disk now; OSError when the system refuses."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        # A group of its own: what is typed on the listener's terminal is not meant for it.
        with theirs:
            python = installed_python()
            os.posix_spawn(
                python, [python, *python_options(), "-m", _MODULE, store, path], os.environ,
                file_actions=[(os.POSIX_SPAWN_DUP2, theirs.fileno(), 0)], setpgroup=0,
                setsigdef=[signal.SIGCHLD, signal.SIGPIPE, signal.SIGHUP],
            )  # fmt: skip
        return cls(ours)

    def take_news(self) -> None:
        """Take what it says; EOFError when it is gone."""
        try:
            message, _ = door.receive(self.line)
        except (door.BadMessage, BlockingIOError):
            return
        except OSError as error:
            raise EOFError from error
        self.ready = self.ready or message.get("say") == "ready"

    def fork(self, uid: int, client: socket.socket) -> socket.socket | None:
        """Have a process forked for somebody behind ``client``; return the line to it, None when there is none."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            try:
                door.send(self.line, {"uid": uid}, [client.fileno(), theirs.fileno()])
            except OSError:
                ours.close()
                return None
        return ours

    def close(self) -> None:
        """Let it end; what it has forked goes on."""
        with contextlib.suppress(OSError):
            self.line.close()


class Nurseries:
    """The nursery in use, started again when it ends; and the one that will follow it with a newer program."""

    def __init__(self, loop: Loop, store: str, path: str) -> None:
        self._loop = loop
        self._start = partial(Forking.start, store, path)
        self._present: Forking | None = None
        self._next: Forking | None = None
        self._failures, self._again_at = 0, 0.0
        self.tell: Callable[[str], None] = lambda _: None
        """Called with what became of the next one: ready, or failed."""

    @property
    def ready(self) -> bool:
        """Return whether somebody can be let in at once."""
        return self._present is not None and self._present.ready

    @property
    def preparing(self) -> bool:
        """Return whether one has not prepared itself yet."""
        return not self.ready or self._next is not None

    @property
    def following(self) -> Forking | None:
        """Return the next one when it is ready."""
        return self._next if self._next and self._next.ready else None

    def use(self, forking: Forking) -> None:
        """Use one that exists."""
        self._present = forking
        self._watch(forking)

    def keep(self) -> None:
        """Start one when there is none."""
        if self._present is None and time.monotonic() >= self._again_at:
            self._again_at = time.monotonic() + 1
            with contextlib.suppress(OSError):
                self.use(self._start())

    def prepare_next(self) -> bool:
        """Start one with the program as it is on disk now; return False when one is being prepared."""
        if self._next:
            return False
        self._next = self._start()
        self._watch(self._next)
        return True

    def fork(self, uid: int, client: socket.socket) -> socket.socket | None:
        """See :meth:`Forking.fork`."""
        forking = self.following or self._present
        return forking.fork(uid, client) if forking and forking.ready else None

    def _watch(self, forking: Forking) -> None:
        self._loop.watch(forking.line.fileno(), select.POLLIN, lambda _: self._heard(forking))

    def _heard(self, forking: Forking) -> None:
        try:
            forking.take_news()
        except EOFError:
            self._loop.forget(forking.line.fileno())
            forking.close()
            if forking is self._next:
                self._next = None
                self.tell("failed")
            else:
                self._present = None
                # One that worked is started again at once; one that cannot even begin is tried ever more rarely.
                self._failures = 0 if forking.ready else min(self._failures + 1, 5)
                self._again_at = time.monotonic() + (2**self._failures - 1)
        else:
            if forking is self._next and forking.ready:
                self.tell("ready")


def installed_python() -> str:
    """Return the Python of the program as it is installed now.

    Where each version has a folder of its own (scripts/install.sh) that is the one that ``current`` leads to; its own
    name, and not the link, so that what is imported later comes from the same version.
    """
    path = Path(sys.executable)
    versions = path.parent.parent.parent
    current = versions.parent / "current"
    if versions.name == "versions" and current.is_symlink():
        return str(current.resolve() / "bin" / path.name)
    return sys.executable


def python_options() -> list[str]:
    """Return the options with which this Python was started, for another process of the same kind."""
    words = sys.orig_argv[1:]
    return words[: words.index("-m")] if "-m" in words else []
