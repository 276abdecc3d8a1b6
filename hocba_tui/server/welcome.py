"""What a forked process does first: read what the person at the other end wants, and become that.

Everything that comes from the connection may be hostile. It is read here, in a process of its own, with a time limit:
what it brings can neither stop nor slow down anybody else.
"""

from __future__ import annotations

import contextlib
import os
import re
import socket
import stat
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from hocba_tui import door
from hocba_tui.errors import NotAllowed, WrongUse
from hocba_tui.flow.activity.coming_and_going import address, turned_away
from hocba_tui.flow.opening import login
from hocba_tui.server import command, served
from hocba_tui.server.apart import hold_apart
from hocba_tui.server.guests import COMMAND, SCREEN
from hocba_tui.server.line import Line
from hocba_tui.server.session import Seat
from hocba_tui.signing.forwarded import hand_over

if TYPE_CHECKING:
    from textual.css.stylesheet import Stylesheet

_PATIENCE = 5.0
"""Seconds for the first message."""
_VARIABLE = re.compile(r"TERM|COLORTERM|LANG|LC_[A-Z]{1,20}")
_VALUE = re.compile(r"[A-Za-z0-9@._:+-]{1,64}")

_NOT_UNDERSTOOD = "hocba: Máy chủ không hiểu lời gọi này. Đăng nhập lại; nếu vẫn thế, báo người phụ trách máy.\n"
_NO_TERMINAL = "hocba: Thứ được đưa sang không phải là một màn hình, nên không mở được chương trình.\n"
_NOT_AS = (
    "hocba: --as chỉ dùng trong kho tập huấn, hoặc cho khóa của tài khoản máy giữ kho; tài khoản máy này thì không.\n"
    "       Chưa có gì bị thay đổi. Đăng nhập bằng tên của mình, không thêm --as.\n"
)


class Caller(NamedTuple):
    """Who called: the store that is served, the user as the kernel says, and the two connections."""

    store: Path
    path: str
    """Where the listener listens."""
    uid: int
    client: socket.socket
    line: socket.socket


def welcome(caller: Caller, stylesheet: Stylesheet) -> int:
    """Read the first message, do what it asks, and return the exit code."""
    line = Line(caller.uid, caller.line, caller.client, caller.path)
    line.introduce()
    hold_apart(caller.store)
    caller.client.settimeout(_PATIENCE)
    descriptors: list[int] = []
    try:
        message, descriptors = door.receive(caller.client, 3)
    except (EOFError, OSError, door.BadMessage):
        code = _refuse(caller, _NOT_UNDERSTOOD, WrongUse.exit_code)
    else:
        caller.client.settimeout(None)
        code = _do(caller, line, message, descriptors, stylesheet)
    line.say("bye")
    return code


def _do(caller: Caller, line: Line, message: door.Message, descriptors: list[int], stylesheet: Stylesheet) -> int:
    want, account = message.get("want"), message.get("as")
    words, variables, came_from = message.get("words"), message.get("variables"), address(message.get("from"))
    # Only sshd's forced command speaks as our own user: it says which account the key belongs to.
    if account is not None and not (isinstance(account, str) and caller.uid == os.getuid()):
        turned_away(caller.store, login(caller.uid), came_from, by_key=False)
        return _refuse(caller, _NOT_AS, NotAllowed.exit_code)
    if want == SCREEN and len(descriptors) in (1, 2):
        if not os.isatty(descriptors[0]):
            return _refuse(caller, _NO_TERMINAL, WrongUse.exit_code)
        # A folder that all keys share is nobody's: who puts a socket there would hear the PIN of somebody else.
        own = account is None and descriptors[1:] and belongs_to(descriptors[1], caller.uid)
        folder = descriptors[1] if own else None
        hand_over(folder)
        if folder is None:
            door.close_all(descriptors[1:])
        known = believed(variables)
        by_key = account is not None
        seat = Seat(caller.store, account, descriptors[0], known, login(caller.uid), by_key, came_from)
        return served.sit_served(seat, stylesheet, line, caller.client)
    if want == COMMAND and len(descriptors) == 3 and isinstance(words, list):
        line.introduce(COMMAND)
        asked = command.Asked([str(word) for word in words], descriptors, login(caller.uid), account, came_from)
        code = command.carry_out(caller.store, asked, line)
        with contextlib.suppress(OSError):
            caller.client.send(bytes((0, code & 0xFF)), socket.MSG_NOSIGNAL)
        return code
    return _refuse(caller, _NOT_UNDERSTOOD, WrongUse.exit_code)


def belongs_to(folder: int, uid: int) -> bool:
    """Return whether a descriptor is of a folder that a user owns and nobody else may list or change."""
    state = os.fstat(folder)
    return stat.S_ISDIR(state.st_mode) and state.st_uid == uid and not state.st_mode & 0o066


def believed(variables: object) -> dict[str, str]:
    """Return what may be believed of what a client says about its terminal."""
    given = variables.items() if isinstance(variables, dict) else ()
    return {
        name: text
        for name, text in given
        if isinstance(name, str) and isinstance(text, str) and _VARIABLE.fullmatch(name) and _VALUE.fullmatch(text)
    }


def _refuse(caller: Caller, words: str, code: int) -> int:
    door.drain(caller.client)
    with contextlib.suppress(OSError):
        caller.client.send(words.encode(), socket.MSG_NOSIGNAL | socket.MSG_DONTWAIT)
    return code
