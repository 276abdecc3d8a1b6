"""A session on the terminal of somebody else: take the terminal, open the store, run the app."""

from __future__ import annotations

import contextlib
import fcntl
import gc
import os
import signal
import sys
import termios
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hocba_tui.errors import HocbaError, NotAllowed
from hocba_tui.log.keeping import acting_as, keeping, shown

if TYPE_CHECKING:
    from textual.css.stylesheet import Stylesheet

    from hocba_tui.app import HocbaApp
    from hocba_tui.flow.desk import Desk

TERMINAL_VARIABLES = ("TERM", "COLORTERM", "LANG")
"""What a terminal says about itself, with the variables that begin with LC_: nothing else of it is believed."""

_SIZE = ("COLUMNS", "LINES")
"""What a shell may have said about the terminal of the one who started the server: it would be believed for ever."""


@dataclass(frozen=True)
class Seat:
    """What a session needs: a store, an account of it, and the descriptor and variables of a terminal."""

    root: Path
    account: str | None
    """See :func:`hocba_tui.flow.opening.open_desk`."""
    terminal: int
    variables: Mapping[str, str]
    user: str | None = None
    """Login of the person at the other end; None for the user of this process."""
    by_key: bool = False
    """Whether sshd's forced command named the account."""
    came_from: str = ""
    """Address of the person's computer, as sshd told the attach program."""


Make = Callable[["Desk"], "HocbaApp"]
"""Makes the app of a session when its store is open."""


def sit(seat: Seat, stylesheet: Stylesheet, make: Make | None = None) -> int:
    """Take the terminal, open the screen as ``hocba open`` does, and return the exit code.

    ``make`` makes another app than the ordinary one. OSError when the descriptor is no terminal.
    """
    take(seat.terminal)
    take_variables(seat.variables)
    # A full collection visits the objects of this session only, so it is cheap, and it frees the screens that were
    # closed.
    gc.set_threshold(700, 5, 2)
    with keeping(seat.root, "open", account_follows=True) as work:
        work.code = _open(seat, stylesheet, make)
    return work.code


def take(terminal: int) -> None:
    """Make the terminal the controlling terminal and the standard streams of this process.

    Where it controls another session (a console, ``su``), this one has no controlling terminal: then nobody is told by
    a signal that the terminal is gone or has another size.
    """
    os.setsid()
    with contextlib.suppress(PermissionError):
        fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
    take_streams((terminal, terminal, terminal))
    os.close(terminal)


def take_streams(descriptors: Sequence[int]) -> None:
    """Make three descriptors the standard streams of this process."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for standard, (name, descriptor) in enumerate(zip(("stdin", "stdout", "stderr"), descriptors, strict=True)):
        os.dup2(descriptor, standard)
        # The inherited stream objects keep the state of the parent's streams.
        mode = "r" if name == "stdin" else "w"
        stream = open(standard, mode, encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def take_variables(variables: Mapping[str, str]) -> None:
    """Use what the terminal says about itself in place of what this process was started with."""
    given = _thrifty({name: text for name, text in variables.items() if _is_of_terminal(name)})
    for name in [name for name in os.environ if _is_of_terminal(name) or name in _SIZE]:
        del os.environ[name]
    os.environ.update(given)


def _is_of_terminal(name: str) -> bool:
    return name in TERMINAL_VARIABLES or name.startswith("LC_")


def _open(seat: Seat, stylesheet: Stylesheet, make: Make | None) -> int:
    from hocba_tui.app import HocbaApp
    from hocba_tui.flow.activity.coming_and_going import came_in, turned_away, went_out
    from hocba_tui.flow.opening import open_desk

    try:
        desk = open_desk(seat.root, seat.account, seat.user, by_key=seat.by_key, came_from=seat.came_from)
    except HocbaError as error:
        if isinstance(error, NotAllowed):
            turned_away(seat.root, seat.account or seat.user or "", seat.came_from, by_key=seat.by_key)
        if seat.by_key and seat.account:
            acting_as(seat.account, by_key=True)  # Whose key was refused is worth knowing.
        shown(error)
        print(*error.lines, sep="\n")
        return error.exit_code
    acting_as(desk.account, by_key=desk.by_key)
    came_in(desk)
    app = (make or HocbaApp)(desk)
    app.stylesheet = stylesheet  # Parsed at the rehearsal; a change of theme parses it again, for this session only.
    try:
        app.run(mouse=False)
    finally:
        went_out(desk)
        desk.store.note_heads()
    return app.return_code or 0


def _thrifty(variables: Mapping[str, str]) -> dict[str, str]:
    """Return a terminal's variables without 16 million colours: each takes half as many bytes again as one of 256.

    ``hocba open`` sets a variable of Textual for this; here Textual has read that variable before the fork.
    """
    if not variables.get("COLORTERM"):
        return dict(variables)
    return {name: value for name, value in variables.items() if name != "COLORTERM"} | {"TERM": "xterm-256color"}
