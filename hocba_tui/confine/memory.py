"""Keep other processes of the same account from reading this one's memory."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_SET_DEATH_SIGNAL, _GET_DUMPABLE, _SET_DUMPABLE = 1, 3, 4


def hide_memory() -> None:
    """Disable core files, debuggers and the entries of this process in /proc for everybody but root.

    Forked children keep it, started programs do not. OSError when the kernel refuses; nothing happens on Windows.
    """
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux" and ctypes.CDLL(None, use_errno=True).prctl(_SET_DUMPABLE, 0, 0, 0, 0):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def can_hide_memory() -> bool:
    """Return whether a process of this computer can keep others of its account out of its memory."""
    return sys.platform == "linux" and bool(ctypes.CDLL(None).prctl(_GET_DUMPABLE, 0, 0, 0, 0) >= 0)


def die_with_parent() -> None:
    """Be killed when the thread that started this process ends, however it ends; only Linux can do that.

    A driver that hangs does not notice that nobody listens any more, and a PIN would stay in its memory.
    """
    if sys.platform == "linux" and ctypes.CDLL(None, use_errno=True).prctl(_SET_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
