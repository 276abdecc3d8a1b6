"""From a forked process to the listener: who it is, what it is told, and the next listener after a crash."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import time
from collections.abc import Callable

from hocba_tui import door

_RETRY = 2.0
"""Seconds between two looks for another listener."""
_PATIENCE = 0.1

Heard = Callable[[door.Message], None]


class Line:
    """The listener notices by its end that this process has ended."""

    def __init__(self, uid: int, line: socket.socket, client: socket.socket, path: str) -> None:
        line.setblocking(False)
        self._uid = uid
        self._line: socket.socket | None = line
        self._client = client
        self._path = path
        self._facts: dict[str, object] = {"pid": os.getpid(), "began": time.time()}

    def introduce(self, kind: str = "", account: str = "", *, by_key: bool = False) -> None:
        """Say what this process is and whom it works for, as far as that is known by now."""
        self._facts |= {"kind": kind, "account": account, "key": by_key}
        self.say("hello", **self._facts)

    def say(self, what: str, **facts: object) -> None:
        """Tell the listener something, if there is one."""
        if self._line is not None:
            with contextlib.suppress(OSError):
                door.send(self._line, {"say": what, **facts})

    def follow(self, heard: Heard) -> None:
        """Call ``heard`` with what the listener says, from the loop that runs; look for another one when it is gone."""
        if self._line is not None:
            asyncio.get_running_loop().add_reader(self._line, self._read, heard)

    def _read(self, heard: Heard) -> None:
        assert self._line is not None
        try:
            message, _ = door.receive(self._line)
        except (BlockingIOError, door.BadMessage):
            return
        except (EOFError, OSError):
            asyncio.get_running_loop().remove_reader(self._line)
            self._line.close()
            self._line = None
            self._call_again(heard)
        else:
            heard(message)

    def _call_again(self, heard: Heard) -> None:
        """Introduce this process to a listener that may be there by now."""
        found: socket.socket | None = None
        try:
            found = door.connect(self._path, _PATIENCE)
            if door.peer(found)[1] != os.getuid():
                raise PermissionError
            facts = {"want": "again", "uid": self._uid, **self._facts}
            door.send(found, facts, [self._client.fileno()])
        except OSError:
            if found is not None:
                found.close()
            asyncio.get_running_loop().call_later(_RETRY, self._call_again, heard)
        else:
            found.setblocking(False)
            self._line = found
            self.follow(heard)
