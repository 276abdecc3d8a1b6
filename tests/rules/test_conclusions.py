"""Where a file draws another conclusion than the levels and scores do."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from hocba_tui.model.results import PROMOTED, Results, Value
from hocba_tui.model.values import Outcome
from hocba_tui.rules.conclusions import Said, contradictions
from hocba_tui.rules.outcome import completion_of
from tests.support.table import table
from tests.support.whole_year import PUPIL, level_of, room_of, score_of, whole_year

FOUR = room_of(4)
HT: dict[str, Value] = {level_of("AN"): "H"}
CHT: dict[str, Value] = {level_of("AN"): "C"}
GAP: dict[str, Value] = {score_of("TOAN"): None}
CLAIMS = st.builds(
    Said,
    st.sampled_from(["", "HTXS", "HTT", "HT", "CHT", "Giỏi"]),
    st.sampled_from([None, True, False]),
    st.sampled_from([None, True, False]),
)


def against(said: Said, changes: dict[str, Value]) -> tuple[str, ...]:
    return contradictions(said, PUPIL, FOUR, Results(whole_year(FOUR) | changes))


@table(
    ("said", "changes", "words"),
    [
        (Said("HT", True, True), HT, ()),
        (Said("CHT", False, False), CHT, ()),
        (Said("CHT", False, True), CHT | {PROMOTED.field: "1"}, ()),
        (Said("HTT"), HT, ("tệp ghi HTT, theo các mức và điểm là HT",)),
        (Said("Giỏi"), HT, ("tệp ghi Giỏi, theo các mức và điểm là HT",)),
        (Said(completed=False), HT, ("tệp ghi hoàn thành chương trình: không, theo kết quả là có",)),
        (Said(promoted=False), HT, ("tệp ghi được lên lớp: không, theo kết quả là có",)),
        (Said(completed=True), CHT, ("tệp ghi hoàn thành chương trình: có, theo kết quả là không",)),
        (Said(promoted=True), CHT, ("tệp ghi được lên lớp: có, theo kết quả là không",)),
        (Said(promoted=False), CHT | {PROMOTED.field: "1"}, ("tệp ghi được lên lớp: không, theo kết quả là có",)),
        (Said("CHT", False, False), GAP, ("tệp ghi CHT, nhưng chưa đủ dữ liệu để đánh giá",)),
        (Said("", True, True), GAP, ()),
        (Said("", False, False), GAP, ()),
    ],
)
def test_what_is_pointed_out(said: Said, changes: dict[str, Value], words: tuple[str, ...]) -> None:
    assert against(said, changes) == words


@given(CLAIMS, st.sampled_from([{}, HT, CHT, CHT | {PROMOTED.field: "1"}]))
def test_one_word_for_each_thing_that_is_otherwise_and_none_for_what_is_not_said(
    said: Said, changes: dict[str, Value]
) -> None:
    outcome = Outcome.CHT if changes.get(level_of("AN")) == "C" else Outcome.HT if changes else Outcome.HTXS
    facts = completion_of(outcome, PUPIL, FOUR, Results(changes))
    pairs = ((said.outcome or None, outcome.value), (said.completed, facts.completed), (said.promoted, facts.promoted))
    assert len(against(said, changes)) == sum(claimed is not None and claimed != is_so for claimed, is_so in pairs)


@given(CLAIMS, st.sampled_from([{}, CHT, GAP]))
def test_nothing_is_held_against_a_pupil_who_is_not_assessed(said: Said, changes: dict[str, Value]) -> None:
    pupil = replace(PUPIL, disability="Trí tuệ", assessed=False)
    assert contradictions(said, pupil, FOUR, Results(whole_year(FOUR) | changes)) == ()
