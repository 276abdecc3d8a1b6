"""Time: the real clock, whether it can be trusted, and a training store's own "today".

Signatures always carry the real time; windows and deadlines use :meth:`Clock.today`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

VIETNAM = timezone(timedelta(hours=7))
"""Vietnam has one time zone and no summer time."""
_NOT_SYNCHRONISED = 0x40
"""STA_UNSYNC of adjtimex(2)."""


@dataclass(frozen=True)
class Clock:
    """The clock of one store. ``fixed_today`` is set in training stores only."""

    fixed_today: date | None = None

    def now(self) -> datetime:
        """Return the real time in Vietnam, to the second."""
        return datetime.now(UTC).astimezone(VIETNAM).replace(microsecond=0)

    def today(self) -> date:
        """Return the day that windows and deadlines are compared with."""
        return self.fixed_today or self.now().date()


def _began() -> float:
    """Return when the computer started, by its clock: the number changes only when somebody sets the clock."""
    # Time that the computer slept counts, where the system tells it.
    return time.time() - time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


_BEGAN = _began() if hasattr(time, "clock_gettime") else 0.0


def set_by() -> float:
    """Return by how many seconds the clock was set since this process began; slow corrections do not count."""
    return _began() - _BEGAN if hasattr(time, "clock_gettime") else 0.0


def synchronised() -> bool | None:
    """Return whether the kernel says that its clock follows others (NTP); None where it does not say.

    A program that only sets the clock now and then, or the host of a virtual machine, may keep it right without telling
    the kernel. So False means that nobody vouches for the clock, not that it is wrong.
    """
    import ctypes
    import sys

    if sys.platform != "linux":
        return None

    class Timex(ctypes.Structure):
        _fields_ = (
            ("modes", ctypes.c_uint),
            *((name, ctypes.c_long) for name in ("offset", "freq", "maxerror", "esterror")),
            ("status", ctypes.c_int),
            ("rest", ctypes.c_byte * 256),
        )

    said = Timex()  # With no mode, adjtimex only tells.
    if ctypes.CDLL(None).adjtimex(ctypes.byref(said)) < 0:
        return None
    return not said.status & _NOT_SYNCHRONISED
