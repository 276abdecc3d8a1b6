"""The parent of forked sessions: what it has imported and rehearsed, every session shares until it changes it.

It must be a process of its own, with one thread and no driver of a token loaded: whoever answers the network asks it
over a socket. Started with ``python -OO`` it and its sessions carry no docstrings: half a megabyte in each.
"""

from __future__ import annotations

import fcntl
import gc
import os
import signal
import sys
import termios
import threading
import traceback
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hocba_tui.errors import HocbaError
from hocba_tui.server.rehearsal import rehearse

if TYPE_CHECKING:
    from textual.css.stylesheet import Stylesheet

_CRASHED = 70


@dataclass(frozen=True)
class Seat:
    """Where somebody sits down: a store, an account of it, and a terminal's descriptor and variables."""

    root: Path
    account: str | None
    """As :func:`hocba_tui.flow.opening.open_desk` takes it."""
    terminal: int
    variables: Mapping[str, str]


class Nursery:
    """Makes everything ready once, then forks a session for each who comes."""

    def __init__(self) -> None:
        self._stylesheet = rehearse()
        gc.collect()
        # The collector writes into what it looks at: what all share it leaves alone from here on.
        gc.freeze()

    def fork(self, seat: Seat, closing: Iterable[int] = ()) -> int:
        """Begin a session and return its process id; the terminal stays open here too.

        ``closing`` are descriptors of this process that the session shall not have. RuntimeError where other threads
        run: what they hold locked would stay locked in the session for ever.
        """
        if threading.active_count() > 1:
            raise RuntimeError("a session is forked from a process with one thread")
        child = os.fork()
        if child:
            return child
        code = _CRASHED
        try:
            for descriptor in closing:
                os.close(descriptor)
            _take(seat.terminal)
            code = _session(seat, self._stylesheet)
        except BaseException:  # noqa: BLE001 # Nothing may return into the parent's loop.
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            os._exit(code)


def _take(terminal: int) -> None:
    """Make the terminal this process's own."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
    for standard, name in enumerate(("stdin", "stdout", "stderr")):
        os.dup2(terminal, standard)
        # The parent's objects believe that they stand on what the parent had there.
        mode = "r" if name == "stdin" else "w"
        stream = open(standard, mode, encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    os.close(terminal)


def _session(seat: Seat, stylesheet: Stylesheet) -> int:
    """Open the screen as ``hocba open`` does, and return the exit code."""
    from hocba_tui.app import HocbaApp
    from hocba_tui.flow.opening import open_desk

    variables = _thrifty(seat.variables)  # A copy: they may be this process's own.
    os.environ.clear()
    os.environ.update(variables)
    # A full collection looks at this session's own objects alone, so it may come often: screens that were closed
    # make room for those that open.
    gc.set_threshold(700, 5, 2)
    try:
        app = HocbaApp(open_desk(seat.root, seat.account))
    except HocbaError as error:
        print(*error.lines, sep="\n")
        return error.exit_code
    app.stylesheet = stylesheet  # Read at the rehearsal; a change of theme reads it anew, for this session alone.
    app.run(mouse=False)
    return app.return_code or 0


def _thrifty(variables: Mapping[str, str]) -> dict[str, str]:
    """Return a terminal's variables without 16 million colours, each of which is half as long again as one of 256.

    ``hocba open`` says so to Textual in a variable, which it has read here long before there was a terminal.
    """
    if not variables.get("COLORTERM"):
        return dict(variables)
    return {name: value for name, value in variables.items() if name != "COLORTERM"} | {"TERM": "xterm-256color"}
