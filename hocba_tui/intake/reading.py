"""The result of reading one cell."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reading:
    """One cell as read.

    Certain: only ``value``. Empty cell: none of the three. To be confirmed by a person: ``offer``, with the
    reason in ``problem`` (a Vietnamese sentence without its full stop). Unreadable: only ``problem``.
    """

    value: str = ""
    offer: str = ""
    problem: str = ""
