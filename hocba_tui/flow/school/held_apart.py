"""Say what this computer can do to hold the sessions of a server apart."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from hocba_tui.confine import landlock
from hocba_tui.confine.memory import can_hide_memory
from hocba_tui.confine.session import Offered, offered

_YAMA = Path("/proc/sys/kernel/yama/ptrace_scope")


class HeldApart(NamedTuple):
    """What holds, in words; ``now`` says what to do where something is missing, else it is empty."""

    words: str
    now: str


def held_apart() -> HeldApart:
    """Return what holds the sessions of a server apart on this computer."""
    known, version = offered(), landlock.version()
    parts = (
        _landlock(known, version),
        "seccomp: có" if known.calls else "seccomp: KHÔNG",
        "bộ nhớ kín với phiên khác" if can_hide_memory() else "bộ nhớ KHÔNG kín",
        _yama(),
    )
    missing = (
        "" if known.files else "cần Linux 5.19 trở lên với Landlock (/sys/kernel/security/lsm phải có landlock)",
        "" if known.calls else "apt install libseccomp2",
    )
    return HeldApart("; ".join(parts), "; ".join(filter(None, missing)))


def _landlock(known: Offered, version: int) -> str:
    if not known.files:
        return f"Landlock: bản {version}, quá cũ" if version else "Landlock: KHÔNG"
    more = ("cổng TCP" if known.tcp else "", "tín hiệu" if known.signals else "")
    return f"Landlock: bản {version} ({', '.join(filter(None, ('tệp', 'chương trình', *more)))})"


def _yama() -> str:
    try:
        return f"Yama: {_YAMA.read_text(encoding='ascii').strip()}"
    except (OSError, ValueError):
        return "Yama: không có"
