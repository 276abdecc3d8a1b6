"""Who is in: for each process that was forked for somebody, what the listener knows of it and may do to it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import time
from collections.abc import Iterator

from hocba_tui import door

SCREEN, COMMAND = "screen", "command"

_RESET = (
    "\x1b[?2026l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1004l\x1b[?1006l\x1b[?1015l\x1b[?2004l\x1b[?2048l\x1b[<u"
    "\x1b[?1l\x1b>\x1b[?1049l\x1b[0m\x1b[?25h\r\x1b[K"
)
"""Leaves what Textual switches on in a terminal: its own screen, the mouse, pastes in brackets, a hidden cursor."""
_CRASHED = """\
hocba: Phiên làm việc này bị dừng đột ngột.
       Mọi ô đã báo “đã lưu” vẫn an toàn; ô còn dấu … thì chưa.
       Đăng nhập lại để làm tiếp; nếu lặp lại, báo người phụ trách máy.
"""
_CUT_OFF = """\
hocba: Phiên làm việc này không kết thúc kịp nên máy chủ phải ngắt.
       Mọi ô đã báo “đã lưu” và học bạ đã báo ký xong vẫn an toàn; việc làm dở thì chưa xong.
       Đăng nhập lại, xem lại việc ấy rồi làm tiếp; không có gì bị làm hai lần.
"""
AFTER_CRASH, AFTER_KILL = ((_RESET + words.replace("\n", "\r\n")).encode() for words in (_CRASHED, _CUT_OFF))


class Guest:
    """One process that was forked for somebody."""

    def __init__(self, uid: int, line: socket.socket, client: socket.socket) -> None:
        line.setblocking(False)
        client.setblocking(False)
        self.uid = uid
        self.line = line
        """To the process; it ends when the process does."""
        self.client = client
        """To the attach program; the process has it, too."""
        self.kind = ""
        """Empty until the process has said what it is."""
        self.account = ""
        self.by_key = False
        """Whether it works for whom a key of the login belongs to that all share."""
        self.began = time.time()
        self.heard = time.monotonic()
        self.deadline = 0.0
        """When it is killed if it has not ended by then (monotonic); 0: it may stay."""
        self.said_bye = False
        self.pid = 0
        self._asked = self._may_until = 0.0
        self._killed = False
        self._process = -1

    def introduce(self, message: door.Message) -> None:
        """Note what the process says about itself; ValueError, TypeError or OSError when that cannot be true."""
        pid, began = message.get("pid"), message.get("began")
        if not isinstance(pid, int) or pid < 2:
            raise ValueError("no process")
        if self._process < 0:
            self.pid, self._process = pid, os.pidfd_open(pid)
        self.kind, self.account = str(message.get("kind", "")), str(message.get("account", ""))
        self.by_key = message.get("key") is True
        if isinstance(began, int | float):
            self.began = float(began)

    def say(self, what: str, **facts: object) -> None:
        """Tell the process something; one that does not listen is not waited for."""
        with contextlib.suppress(OSError):
            door.send(self.line, {"say": what, **facts})

    def end(self, why: str, seconds: float) -> None:
        """Ask the process to end, and give it so long."""
        self.say("end", why=why)
        self.end_within(seconds)

    def end_within(self, seconds: float) -> None:
        """Kill the process when it has not ended after so many seconds."""
        now = time.monotonic()
        self._asked = self._asked or now
        self.deadline = max(min(self.deadline or float("inf"), now + seconds), self._may_until)

    def let_finish(self, seconds: float) -> None:
        """Give a process that is in the middle of something so many seconds from when it was asked to end, no more."""
        self._may_until = (self._asked or time.monotonic()) + seconds
        if self.deadline:
            self.deadline = max(self.deadline, self._may_until)

    def kill(self) -> None:
        """End the process at once; it may be one that hangs or was stopped."""
        if self._process >= 0:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._process, signal.SIGKILL)
        self._killed, self.deadline = True, 0.0

    def close(self) -> None:
        """Let go of a process that has ended; where it did not end by itself, tidy its terminal."""
        door.drain(self.client)
        if not self.said_bye and self.kind != COMMAND:
            with contextlib.suppress(OSError):
                self.client.send(AFTER_KILL if self._killed else AFTER_CRASH, socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
        self.client.close()
        self.line.close()
        if self._process >= 0:
            os.close(self._process)


class Guests:
    """All of them."""

    def __init__(self) -> None:
        self._all: dict[int, Guest] = {}

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Guest]:
        return iter(list(self._all.values()))

    def add(self, guest: Guest) -> None:
        """Remember one."""
        self._all[guest.line.fileno()] = guest

    def remove(self, guest: Guest) -> None:
        """Forget one, and tell the others of the same account."""
        del self._all[guest.line.fileno()]
        self.tell_company(guest.account)

    def of(self, uid: int) -> int:
        """Return how many there are of a user."""
        return sum(guest.uid == uid for guest in self)

    def company_of(self, guest: Guest) -> list[Guest]:
        """Return the other screens of the same account."""
        return [one for one in self._screens(guest.account) if one is not guest]

    def tell_company(self, account: str) -> None:
        """Tell each screen of an account since when the others are there."""
        screens = self._screens(account)
        for guest in screens:
            guest.say("company", others=[one.began for one in screens if one is not guest])

    def _screens(self, account: str) -> list[Guest]:
        return [one for one in self if account and one.account == account and one.kind == SCREEN]
