"""What a session of many on one computer keeps: the store, its temporary folder, Python and what Python loads."""

from __future__ import annotations

import contextlib
import ctypes
import functools
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import hocba_tui
from hocba_tui.confine import landlock, seccomp
from hocba_tui.confine.memory import hide_memory

_LIBRARIES = tuple(map(Path, ("/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/share", "/usr/local/lib", "/etc")))
"""Also the drivers of tokens, certificates of the system, terminals and time zones. Never /usr/bin."""
_KERNEL = tuple(map(Path, ("/proc/self", "/proc/locks", "/proc/meminfo", "/sys/devices/system/cpu")))
_DEVICES = tuple(map(Path, ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/tty")))
_LOADERS = ("lib/ld-linux*", "lib/*/ld-linux*", "lib64/ld-linux*", "lib/ld-musl*")


class Offered(NamedTuple):
    """What this computer can do to hold sessions apart."""

    files: bool
    tcp: bool
    signals: bool
    calls: bool


@functools.cache
def offered() -> Offered:
    """Return what the kernel and its libraries offer."""
    known, calls = landlock.version(), False
    with contextlib.suppress(OSError):
        seccomp.library()
        calls = True
    return Offered(
        known >= landlock.LEAST, known >= landlock.TCP_FROM, known >= landlock.SIGNALS_FROM, calls,
    )  # fmt: skip


def prepare() -> None:
    """Find out what is the same for all sessions: once, before they are forked."""
    if offered().calls:
        seccomp.program()
    _python()
    _programs()


def confine(write: Iterable[Path], read: Iterable[Path] = (), *, connect: bool = False) -> None:
    """Give up what a session does not need, as far as this computer can; what it started before keeps its rights.

    ``write`` are the folders that it may change: the store, a temporary one; ``read`` further ones that it may read.
    Only Python can be started. ``connect`` is whether it may make TCP connections. OSError when the kernel offers
    something and then refuses it: a session must not open with less than ``hocba doctor`` says.
    """
    hide_memory()
    known = offered()
    if known.files:
        landlock.restrict(
            landlock.Allowed(
                (*_LIBRARIES, *_KERNEL, *_python(), *read), (*_DEVICES, *write), _programs(), connect=connect
            )
        )
    elif ctypes.CDLL(None, use_errno=True).prctl(landlock.NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")
    if known.calls:
        seccomp.refuse()


@functools.cache
def _python() -> tuple[Path, ...]:
    """Return the folders from which Python loads this program and the packages that it needs."""
    package = Path(hocba_tui.__file__).resolve().parent
    return (Path(sys.prefix), Path(sys.base_prefix), package, *(Path(place) for place in sys.path if place))


@functools.cache
def _programs() -> tuple[Path, ...]:
    """Return the only programs that may be started: Python, and the loader that the kernel starts it with."""
    loaders = (found.resolve() for pattern in _LOADERS for found in Path("/").glob(pattern))
    return (Path(sys.executable).resolve(), *loaders)
