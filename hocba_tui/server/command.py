"""Commands without a terminal that go through the door: those that the manual promises, and no others.

No shell reads the words, and no file is named in them: what is needed comes through the standard input, and what is
made goes to the standard output.
"""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from hocba_tui import door
from hocba_tui.cli.main import guarded
from hocba_tui.config import PIN_VARIABLE, STORE_VARIABLE
from hocba_tui.errors import HocbaError, NotAllowed, WrongUse
from hocba_tui.flow.activity.coming_and_going import ran, turned_away
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.tray import NAME
from hocba_tui.server.apart import give_up_network
from hocba_tui.server.attach import COMMANDS
from hocba_tui.server.guests import COMMAND
from hocba_tui.server.line import Line
from hocba_tui.server.session import take_streams

_LIMIT = 600
"""Seconds after which a command is ended whose client sends or takes nothing."""
_CLASS = re.compile(r"\w[\w.+-]{0,15}")
_SIGNED = {"--class": _CLASS, "--request": re.compile("-"), "--signed": re.compile("-")}


class Asked(NamedTuple):
    """A command: its words, the caller's streams and login, the account of the key, if any, and the address."""

    words: Sequence[str]
    streams: Sequence[int]
    user: str
    account: str | None
    came_from: str = ""


def is_promised(words: Sequence[str]) -> bool:
    """Return whether a command may go through the door."""
    match list(words):
        case ["hocba", "submit" | "approve" | "issue" as verb, *rest]:
            flags = {"--leave-gaps"} if verb == "submit" else set()
            given = [word for word in rest if word not in flags]
            options = dict(zip(given[::2], given[1::2], strict=False))
            return (
                len(options) * 2 == len(given)
                and "--class" in options
                and len(options.keys() & {"--request", "--signed"}) == 1
                and all(name in _SIGNED and _SIGNED[name].fullmatch(value) for name, value in options.items())
            )
        case ["hocba", "fetch", *rest]:
            return len(rest) <= 1 and all(NAME.fullmatch(word) for word in rest)
        case ["hocba", "verify", *rest]:
            return rest.count("-") == 1 and set(rest) <= {"-", "--any", "--json"} and len(set(rest)) == len(rest)
    return False


def carry_out(store: Path, asked: Asked, line: Line) -> int:
    """Do a command on the caller's streams as the caller's account; return its exit code."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(_LIMIT)
    os.setsid()
    os.chdir("/")
    take_streams(asked.streams)
    door.close_all(asked.streams)
    os.environ.pop(PIN_VARIABLE, None)
    os.environ[STORE_VARIABLE] = str(store)
    try:
        if not is_promised(asked.words):
            raise WrongUse("Lệnh này không đi qua cửa máy chủ được.", COMMANDS.strip(), "Chưa làm gì.")
        by_key = asked.account is not None
        try:
            desk = open_desk(store, asked.account, asked.user, by_key=by_key, came_from=asked.came_from)
        except NotAllowed:
            turned_away(store, asked.account or asked.user, asked.came_from, by_key=by_key)
            raise
        line.introduce(COMMAND, desk.account, by_key=desk.by_key)
        give_up_network(desk)
        ran(desk, asked.words[1])
        del desk
        return guarded(asked.words[1:], user=asked.user, account=asked.account, came_from=asked.came_from)
    except HocbaError as error:
        print(*error.lines, sep="\n", file=sys.stderr)
        return error.exit_code
    finally:
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except OSError:  # Nobody reads it any more.
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
