"""The app of a served session in this process, with the other ends of its two connections."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from hocba_tui.flow.opening import open_desk
from hocba_tui.screens import idling
from hocba_tui.server.line import Line
from hocba_tui.server.served import ServedApp


class Seen:
    """An app with the other ends of its two connections, and the seconds that its idleness believes have passed."""

    def __init__(self, root: Path, account: str) -> None:
        (self.listener, line), (self.attach, client) = (
            socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(2)
        )
        self.listener.settimeout(20)
        self.seconds = 0.0
        self.held = line, client
        desk = open_desk(root, account)
        self.app = ServedApp(desk, Line(0, line, client, "/nowhere"), client)
        self.app._idleness._now = lambda: self.seconds
        self.app._idleness.end()
        self.app._idleness._looked = 0.0

    def pass_time(self, seconds: float) -> None:
        """Look as often as a session does."""
        until_then = self.seconds + seconds
        while self.seconds < until_then:
            self.seconds += min(idling.LOOK_EVERY, until_then - self.seconds)
            self.app.look()

    def close(self) -> None:
        for one in (self.listener, self.attach, *self.held):
            one.close()


@asynccontextmanager
async def at_work(root: Path, account: str = "gv.5a") -> AsyncIterator[tuple[Pilot[Any], Seen]]:
    seen = Seen(root, account)
    try:
        async with seen.app.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            yield pilot, seen
    finally:
        seen.close()
