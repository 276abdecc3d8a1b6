"""The parent of forked sessions: imports the app once, freezes it, and forks ``hocba open`` when asked.

Standard input is a socket: a message for each session, the arguments of ``hocba`` divided by NUL, comes with the
descriptor of its terminal; the child's process id goes back.
"""

from __future__ import annotations

import fcntl
import gc
import importlib
import os
import signal
import socket
import sys
import termios

from hocba_tui.cli import main as command_line

IMPORTED = (
    "textual.drivers.linux_driver",
    "hocba_tui.app",
    "hocba_tui.flow.opening",
    "hocba_tui.screens.home",
    "hocba_tui.screens.grid",
)
"""What a session imports from its start to the open grid, and what these import."""
_LONGEST = 4096


def main() -> None:
    """Import, freeze, then fork until the other side hangs up."""
    for name in IMPORTED:
        importlib.import_module(name)
    command_line.parser(["open"])
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    asked = socket.socket(fileno=os.dup(0))
    asked.send(b"ready")
    while True:
        message, handles, _, _ = socket.recv_fds(asked, _LONGEST, 1)
        if not message:
            return
        child = os.fork()
        if child == 0:
            asked.close()
            _become(handles[0])
            os._exit(command_line.main(message.decode().split("\0")))
        os.close(handles[0])
        asked.send(str(child).encode())


def _become(terminal: int) -> None:
    """Make the terminal this process's own."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
    for standard, name in enumerate(("stdin", "stdout", "stderr")):
        os.dup2(terminal, standard)
        # The parent's objects believe that they stand on what the parent had there.
        stream = open(standard, "r" if name == "stdin" else "w", encoding="utf-8", closefd=False)  # noqa: SIM115
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    os.close(terminal)


if __name__ == "__main__":
    main()
