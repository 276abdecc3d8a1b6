"""The parent process of forked sessions, which share the memory of what it has imported and prepared.

It must be a process of its own, with one thread and without a token's driver: the process that answers the network
asks it over a socket. Started with ``python -OO`` it has no docstrings, which saves half a megabyte in each session.
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
from hocba_tui.log.keeping import acting_as, keeping, shown
from hocba_tui.server.rehearsal import rehearse

if TYPE_CHECKING:
    from textual.css.stylesheet import Stylesheet

_CRASHED = 70


@dataclass(frozen=True)
class Seat:
    """What a session needs: a store, an account of it, and the descriptor and variables of a terminal."""

    root: Path
    account: str | None
    """See :func:`hocba_tui.flow.opening.open_desk`."""
    terminal: int
    variables: Mapping[str, str]


class Nursery:
    """Prepares everything once, then forks a session for each person."""

    def __init__(self) -> None:
        self._stylesheet = rehearse()
        gc.collect()
        # The collector writes into the objects that it visits, which would copy them into each session.
        gc.freeze()

    def fork(self, seat: Seat, closing: Iterable[int] = ()) -> int:
        """Start a session and return its process id; the terminal stays open here too.

        ``closing`` are descriptors of this process that the session must not have. RuntimeError when other threads
        run: a lock that one of them holds would stay locked in the session for ever.
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
        except BaseException:  # noqa: BLE001 # The child must never return into the loop of the parent.
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            os._exit(code)


def _take(terminal: int) -> None:
    """Make the terminal the controlling terminal and the standard streams of this process."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
    for standard, name in enumerate(("stdin", "stdout", "stderr")):
        os.dup2(terminal, standard)
        # The inherited stream objects keep the state of the parent's streams.
        mode = "r" if name == "stdin" else "w"
        stream = open(standard, mode, encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    os.close(terminal)


def _session(seat: Seat, stylesheet: Stylesheet) -> int:
    """Open the screen as ``hocba open`` does, and return the exit code."""
    variables = _thrifty(seat.variables)  # A copy: they may be os.environ itself.
    os.environ.clear()
    os.environ.update(variables)
    # A full collection visits the objects of this session only, so it is cheap, and it frees the screens that were
    # closed.
    gc.set_threshold(700, 5, 2)
    with keeping(seat.root, "open", account_follows=True) as work:
        work.code = _open(seat, stylesheet)
    return work.code


def _open(seat: Seat, stylesheet: Stylesheet) -> int:
    from hocba_tui.app import HocbaApp
    from hocba_tui.flow.opening import open_desk

    try:
        desk = open_desk(seat.root, seat.account)
    except HocbaError as error:
        shown(error)
        print(*error.lines, sep="\n")
        return error.exit_code
    acting_as(desk.account)
    app = HocbaApp(desk)
    app.stylesheet = stylesheet  # Parsed at the rehearsal; a change of theme parses it again, for this session only.
    try:
        app.run(mouse=False)
    finally:
        desk.store.note_heads()
    return app.return_code or 0


def _thrifty(variables: Mapping[str, str]) -> dict[str, str]:
    """Return a terminal's variables without 16 million colours: each takes half as many bytes again as one of 256.

    ``hocba open`` sets a variable of Textual for this; here Textual has read that variable before the fork.
    """
    if not variables.get("COLORTERM"):
        return dict(variables)
    return {name: value for name, value in variables.items() if name != "COLORTERM"} | {"TERM": "xterm-256color"}
