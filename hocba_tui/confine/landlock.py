"""Landlock: a process gives up files, signals and TCP that it will not need, for itself and for what it starts.

The kernel's interface has three calls and no library function; https://docs.kernel.org/userspace-api/landlock.html.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
"""Numbers of the calls, the same on every processor."""
_ASK_VERSION, _PATH_BENEATH = 1, 1
NO_NEW_PRIVILEGES = 38

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_CHANGE_FOLDER = sum(1 << bit for bit in range(4, 13))
"""Remove, and make folders, files, links, sockets, pipes and devices."""
_REFER, _TRUNCATE, _DEVICE_CONTROL = 1 << 13, 1 << 14, 1 << 15
_BIND_TCP, _CONNECT_TCP = 1 << 0, 1 << 1
_ABSTRACT_SOCKETS, _SIGNALS = 1 << 0, 1 << 1
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _DEVICE_CONTROL
"""Rights that a rule on a file may name; the others are rights on a folder."""

LEAST = 2
"""The first version with which a file can be moved from one folder to another (Linux 5.19)."""
TCP_FROM, SIGNALS_FROM = 4, 6
"""The first versions that refuse TCP (Linux 6.7), and signals to others (Linux 6.12)."""


@dataclass(frozen=True)
class Allowed:
    """What stays allowed, with everything below a folder; places that do not exist are left out."""

    read: tuple[Path, ...] = ()
    write: tuple[Path, ...] = ()
    run: tuple[Path, ...] = ()
    connect: bool = False
    """Whether TCP connections may be made."""


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("tcp", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


def version() -> int:
    """Return the version of Landlock that the kernel offers, 0 for none."""
    try:
        return max(0, _call(_CREATE_RULESET, None, 0, _ASK_VERSION))
    except OSError:
        return 0


def restrict(allowed: Allowed) -> None:
    """Give up everything but ``allowed``, for ever; OSError when the kernel refuses, or knows less than :data:`LEAST`.

    The process must have one thread: others would keep their rights.
    """
    known = version()
    if known < LEAST:
        raise OSError(os.strerror(95))
    files = _known_files(known)
    wanted = _Ruleset(
        files,
        0 if known < TCP_FROM else _BIND_TCP | (0 if allowed.connect else _CONNECT_TCP),
        0 if known < SIGNALS_FROM else _ABSTRACT_SOCKETS | _SIGNALS,
    )
    size = 8 if known < TCP_FROM else 16 if known < SIGNALS_FROM else 24
    ruleset = _call(_CREATE_RULESET, ctypes.byref(wanted), size, 0)
    try:
        read = _READ_FILE | _READ_DIR
        _allow(ruleset, allowed.read, read)
        _allow(ruleset, allowed.run, read | _EXECUTE)
        _allow(ruleset, allowed.write, (files & ~_EXECUTE) | read)
        _give_up(ruleset)
    finally:
        os.close(ruleset)


def refuse_connections() -> None:
    """Give up TCP for ever, beside what was given up before; OSError when the kernel refuses.

    Nothing happens where the kernel does not know how. The process must have one thread.
    """
    if version() < TCP_FROM:
        return
    ruleset = _call(_CREATE_RULESET, ctypes.byref(_Ruleset(0, _BIND_TCP | _CONNECT_TCP, 0)), 16, 0)
    try:
        _give_up(ruleset)
    finally:
        os.close(ruleset)


def _give_up(ruleset: int) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")
    _call(_RESTRICT_SELF, ruleset, 0)


def _known_files(known: int) -> int:
    rights = _EXECUTE | _WRITE_FILE | _READ_FILE | _READ_DIR | _CHANGE_FOLDER | _REFER
    if known >= 3:
        rights |= _TRUNCATE
    return rights | _DEVICE_CONTROL if known >= 5 else rights


def _allow(ruleset: int, places: Iterable[Path], rights: int) -> None:
    for place in places:
        with contextlib.suppress(FileNotFoundError):
            handle = os.open(place, os.O_PATH | os.O_CLOEXEC)
            try:
                fits = rights if stat.S_ISDIR(os.fstat(handle).st_mode) else rights & _OF_FILES
                _call(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(_Beneath(fits, handle)), 0)
            finally:
                os.close(handle)


def _call(number: int, *arguments: object) -> int:
    kernel = ctypes.CDLL(None, use_errno=True).syscall
    kernel.restype = ctypes.c_long
    given = [ctypes.c_long(part) if isinstance(part, int) else part for part in arguments]
    found = int(kernel(ctypes.c_long(number), *given))
    if found < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return found
