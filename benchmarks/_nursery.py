"""The parent of forked sessions (see ``hocba_tui/server/nursery.py``), as a network server would use it.

Standard input is a socket: for each session a message with the arguments of ``hocba open``, separated by NUL, comes
with the descriptor of its terminal; the child's process id goes back.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
from functools import partial
from pathlib import Path

from hocba_tui.server.nursery import Nursery
from hocba_tui.server.session import Seat, sit

_LONGEST = 4096


def main() -> None:
    """Rehearse, then fork until the other side hangs up."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("command")
    arguments.add_argument("--store", type=Path)
    arguments.add_argument("--as", dest="account")
    nursery = Nursery()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    asked = socket.socket(fileno=os.dup(0))
    asked.send(b"ready")
    while True:
        message, handles, _, _ = socket.recv_fds(asked, _LONGEST, 1)
        if not message:
            return
        options = arguments.parse_args(message.decode().split("\0"))
        seat = Seat(options.store, options.account, handles[0], os.environ)
        asked.send(str(nursery.fork(partial(sit, seat), [asked.fileno()])).encode())
        os.close(handles[0])


if __name__ == "__main__":
    main()
