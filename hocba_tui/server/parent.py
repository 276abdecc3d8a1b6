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
from hocba_tui.confine.memory import hide_memory
from hocba_tui.server.nursery import Nursery

_NO_ROOM = "hocba: Máy chủ hết chỗ cho một phiên nữa. Đợi vài phút rồi đăng nhập lại.\r\n"


def stay_with_this_program() -> None:
    """Have what is imported later come from where the program lies now, also when a link to it leads elsewhere by then.

    Sessions go on for hours after ``hocba serve reload``; half of the program before and half of the next would not.
    """
    sys.path[:] = [os.path.realpath(entry) for entry in sys.path]
    for module in list(sys.modules.values()):
        if isinstance(found := getattr(module, "__path__", None), list):
            found[:] = [os.path.realpath(entry) for entry in found]
    folder, name = os.path.split(sys.executable)
    sys.executable = os.path.join(os.path.realpath(folder), name)  # Its own link leads out of the environment.


def main() -> None:
    """Fork until the listener is gone."""
    stay_with_this_program()
    store, path = Path(sys.argv[1]), sys.argv[2]
    hide_memory()  # Its children keep it.
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
