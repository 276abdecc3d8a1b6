"""A record only moves forward; back to draft only before it is sealed."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from hocba_tui.model.values import RecordState, Slot
from hocba_tui.rules.transitions import SIGNED_AT, may_move
from tests.support.table import table

S = RecordState
FORWARD = {
    (S.DRAFT, S.SUBMITTED),
    (S.SUBMITTED, S.APPROVED),
    (S.APPROVED, S.ISSUED),
    (S.ISSUED, S.SENT),
    (S.SENT, S.ACCEPTED),
    (S.SENT, S.REJECTED),
}
RETURNS = {(S.SUBMITTED, S.DRAFT), (S.APPROVED, S.DRAFT)}


@table("to", RecordState)
@table("now", RecordState)
def test_every_pair_of_states(now: RecordState, to: RecordState) -> None:
    assert may_move(now, to) == ((now, to) in FORWARD | RETURNS)


def test_what_is_sealed_never_comes_back() -> None:
    sealed = {S.ISSUED, S.SENT, S.ACCEPTED, S.REJECTED}
    assert not any(may_move(now, to) for now in sealed for to in set(RecordState) - sealed)


def test_signatures_lead_along_the_way_in_their_order() -> None:
    steps = [S.DRAFT, *(SIGNED_AT[slot] for slot in Slot)]
    assert steps == [S.DRAFT, S.SUBMITTED, S.APPROVED, S.ISSUED]
    assert all(may_move(now, to) for now, to in pairwise(steps))


@given(st.lists(st.sampled_from(RecordState), max_size=20))
def test_no_way_to_the_portal_avoids_a_signature(wishes: list[RecordState]) -> None:
    state, passed = S.DRAFT, {S.DRAFT}
    for wish in wishes:
        if may_move(state, wish):
            state = wish
            passed = {S.DRAFT} if wish is S.DRAFT else passed | {wish}
    if state in {S.SENT, S.ACCEPTED, S.REJECTED}:
        assert set(SIGNED_AT.values()) <= passed
