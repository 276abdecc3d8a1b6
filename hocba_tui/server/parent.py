"""The process of the nursery: prepares itself, then forks one process for each request of the listener.

``python -OO -m hocba_tui.server.parent STORE SOCKET`` with the listener's line as standard input.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
from functools import partial
from pathlib import Path

from hocba_tui import door
from hocba_tui.server.nursery import Nursery

_NO_ROOM = "hocba: Máy chủ hết chỗ cho một phiên nữa. Đợi vài phút rồi đăng nhập lại.\r\n"


def main() -> None:
    """Fork until the listener is gone."""
    store, path = Path(sys.argv[1]), sys.argv[2]
    asked = socket.socket(fileno=os.dup(0))
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.close(nothing)
    nursery = Nursery()
    from hocba_tui.server.welcome import Caller, welcome  # The rehearsal has imported it, in the right order.

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    door.send(asked, {"say": "ready"})
    while True:
        try:
            message, descriptors = door.receive(asked, 2)
        except EOFError:
            return
        with contextlib.ExitStack() as held:
            client, line = (held.enter_context(socket.socket(fileno=one)) for one in descriptors)
            caller = Caller(store, path, int(str(message["uid"])), client, line)
            try:
                nursery.fork(partial(welcome, caller), [asked.fileno()])
            except OSError:
                with contextlib.suppress(OSError):
                    client.send(_NO_ROOM.encode(), socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)


if __name__ == "__main__":
    main()
