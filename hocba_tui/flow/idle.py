"""How long a session may wait for its person: TCVN 14423 asks a system of level 2 to end one that nobody uses."""

from __future__ import annotations

import time
from collections.abc import Callable

from hocba_tui.flow.desk import Desk
from hocba_tui.model.values import Role


def idle_limit(desk: Desk) -> float:
    """Return the seconds without a key after which the actor's session ends; shorter for who manages accounts."""
    school = desk.school
    manages = desk.actor.has(Role.ADMINISTRATOR)
    return 60.0 * min(school.idle_minutes, school.idle_admin if manages else school.idle_minutes)


class Idleness:
    """For how long nobody has been there."""

    def __init__(self, limit: float, now: Callable[[], float] = time.monotonic) -> None:
        """``limit`` in seconds."""
        self._limit = limit
        self._now = now
        self._since = self._looked = now()

    def end(self) -> None:
        """Note that somebody is there, or that something is under way that must not be ended."""
        self._since = self._now()

    def left(self) -> float:
        """Return the seconds that are left; none or fewer: the session is to end.

        After a time in which nobody could ask (an import that takes minutes, a computer that slept) it begins again.
        """
        now = self._now()
        if now - self._looked > self._limit / 2:
            self._since = now
        self._looked = now
        return self._limit - (now - self._since)
