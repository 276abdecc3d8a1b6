"""What a cell says, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reading:
    """One cell as read.

    Sure: ``value`` alone. Empty cell: nothing at all. To be confirmed by a person: ``offer``, and in
    ``problem`` why (a Vietnamese sentence without its full stop). Not to be read: ``problem`` alone.
    """

    value: str = ""
    offer: str = ""
    problem: str = ""
