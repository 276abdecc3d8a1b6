"""Time: the real clock, and a training store's own "today".

Signatures always carry the real time; windows and deadlines use :meth:`Clock.today`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

VIETNAM = timezone(timedelta(hours=7))
"""Vietnam has one time zone and no summer time."""


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
