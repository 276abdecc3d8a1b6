"""The states of a record: draft → submitted → approved → issued → sent → accepted or rejected."""

from __future__ import annotations

from hocba_tui.model.values import RecordState, Slot

_FORWARD: dict[RecordState, frozenset[RecordState]] = {
    RecordState.DRAFT: frozenset({RecordState.SUBMITTED}),
    RecordState.SUBMITTED: frozenset({RecordState.APPROVED}),
    RecordState.APPROVED: frozenset({RecordState.ISSUED}),
    RecordState.ISSUED: frozenset({RecordState.SENT}),
    RecordState.SENT: frozenset({RecordState.ACCEPTED, RecordState.REJECTED}),
    RecordState.ACCEPTED: frozenset(),
    RecordState.REJECTED: frozenset(),
}
_RETURNABLE = frozenset({RecordState.SUBMITTED, RecordState.APPROVED})
"""A sealed record is never returned; it is revoked and made again under a new UUID."""

SIGNED_AT: dict[Slot, RecordState] = {
    Slot.HOMEROOM: RecordState.SUBMITTED,
    Slot.PRINCIPAL: RecordState.APPROVED,
    Slot.SEAL: RecordState.ISSUED,
}
"""Which state a signature leads to (CV 2088 §III.2)."""


def may_move(now: RecordState, to: RecordState) -> bool:
    """Return whether a record may go from ``now`` to ``to``; back to draft is a return."""
    if to is RecordState.DRAFT:
        return now in _RETURNABLE
    return to in _FORWARD[now]
