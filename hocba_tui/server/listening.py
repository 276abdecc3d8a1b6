"""How the listener is set up: its settings, its socket with a lock, the loop's descriptors, and signals as messages."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import socket
import traceback
from collections.abc import Callable
from typing import NamedTuple

Act = Callable[[int], None]
"""What to do when something happened to a descriptor; gets the events of :mod:`select`."""


class Settings(NamedTuple):
    """How to serve; times in seconds."""

    store: str
    socket: str
    patience: float = 5.0
    """For the first word of a connection."""
    grace: float = 60.0
    """For a session whose person has gone, to save and end."""
    farewell: float = 120.0
    """For a session that is asked to end, until all is saved."""
    longest: float = 240.0
    """For one that is signing or sending: a token may take its time, and one that hangs must not keep the server."""
    most: int = 250
    """Processes that may be forked at the same time."""
    each: int = 6
    """Those of one user."""
    listening: int = -1
    """Descriptors taken over from the program before, with its lock and its nursery; -1: none."""
    lock: int = -1
    nursery: int = -1


class Loop:
    """The descriptors that are waited for, each with what to do."""

    def __init__(self) -> None:
        self._poll = select.poll()
        self._acts: dict[int, Act] = {}

    def watch(self, descriptor: int, events: int, act: Act) -> None:
        """Do ``act`` when one of ``events`` happens; the end of the other side is always one."""
        self._acts[descriptor] = act
        self._poll.register(descriptor, events)

    def forget(self, descriptor: int) -> None:
        """Wait for a descriptor no more; it may have been forgotten before."""
        if self._acts.pop(descriptor, None):
            self._poll.unregister(descriptor)

    def turn(self, seconds: float) -> None:
        """Wait so long at most, and do what is to be done."""
        for descriptor, events in self._poll.poll(seconds * 1000):
            if act := self._acts.get(descriptor):
                try:
                    act(events)
                except Exception:  # noqa: BLE001 # What one connection brings must not end the others.
                    traceback.print_exc()


def listen(settings: Settings) -> tuple[int, socket.socket]:
    """Return the lock and the listening socket.

    BlockingIOError when another listener has them, OSError when the system refuses.
    """
    if settings.listening >= 0:
        for descriptor in (settings.listening, settings.lock, settings.nursery):
            os.set_inheritable(descriptor, False)
        return settings.lock, socket.socket(fileno=settings.listening)
    lock = os.open(settings.socket + ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(settings.socket)  # Left by one that was killed.
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listening.bind(settings.socket)
    # Everybody may knock who can reach the folder: who may come in, the kernel's word about them decides.
    os.chmod(settings.socket, 0o666)  # noqa: S103
    listening.listen(128)
    listening.setblocking(False)
    return lock, listening


def signals() -> socket.socket:
    """Return a socket from which the numbers of signals are read: nothing is done while they come."""
    reads, writes = socket.socketpair()
    writes.setblocking(False)
    signal.set_wakeup_fd(writes.detach(), warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    return reads
