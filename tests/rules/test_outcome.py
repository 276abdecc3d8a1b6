"""Điều 9.2a and Điều 11 of TT 27/2020."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hocba_tui.model.results import PROMOTED, Results, Value
from hocba_tui.model.values import Outcome
from hocba_tui.rules.curriculum import is_scored, subjects_of, traits_of
from hocba_tui.rules.outcome import completion_of, missing_for_outcome, outcome_of
from tests.support.table import table
from tests.support.whole_year import END, PUPIL, level_of, room_of, score_of, whole_year

FIVE = room_of(5)
BEST_FIRST = [Outcome.HTXS, Outcome.HTT, Outcome.HT, Outcome.CHT]
CAPS = {"T": 0, "H": 2, "Đ": 2, "C": 3}
"""The best outcome (index in BEST_FIRST) that is still possible with a level."""


def outcome(changes: dict[str, Value], grade: int = 5) -> Outcome | None:
    room = room_of(grade)
    return outcome_of(PUPIL, room, Results(whole_year(room) | changes))


@table(
    ("changes", "expected"),
    [
        ({}, Outcome.HTXS),
        ({score_of("TV"): 9, score_of("TOAN"): 9}, Outcome.HTXS),
        ({score_of("TV"): 9, score_of("TOAN"): 9, score_of("NN1"): 8}, Outcome.HTT),
        ({score_of("KH"): 7}, Outcome.HTT),
        ({score_of("TOAN"): 6}, Outcome.HT),
        ({score_of("TOAN"): 5}, Outcome.HT),
        ({level_of("CC"): "Đ"}, Outcome.HT),
        ({level_of("NLTM"): "Đ"}, Outcome.HT),
        ({level_of("AN"): "H"}, Outcome.HT),
        ({score_of("TOAN"): 4}, Outcome.CHT),
        ({level_of("GDTC"): "C"}, Outcome.CHT),
        ({level_of("TN"): "C"}, Outcome.CHT),
        ({level_of("AN"): "H", level_of("TN"): "C"}, Outcome.CHT),
    ],
)
def test_worked_cases_of_article_9(changes: dict[str, Value], expected: Outcome) -> None:
    assert outcome(changes) is expected


def test_score_of_a_subject_without_test_does_not_count() -> None:
    assert outcome({score_of("DD"): 1}) is Outcome.HTXS


def test_scores_of_other_grades_do_not_count() -> None:
    assert outcome({score_of("KH"): 1, level_of("KH"): "C", level_of("NLTH"): "C"}, grade=2) is Outcome.HTXS


def test_earlier_periods_do_not_count() -> None:
    assert outcome({"end_1.TOAN.level": "C", "end_1.TOAN.score": 1, "mid_2.YN.level": "C"}) is Outcome.HTXS


def test_exempt_subject_counts_neither_when_bad_nor_when_missing() -> None:
    exempt = replace(PUPIL, exempt="GDTC TOAN")
    fields = whole_year(FIVE)
    bad = fields | {level_of("GDTC"): "C", level_of("TOAN"): "C", score_of("TOAN"): 1}
    gone = {name: value for name, value in fields.items() if ".GDTC." not in name and ".TOAN." not in name}
    assert outcome_of(exempt, FIVE, Results(bad)) is Outcome.HTXS
    assert outcome_of(exempt, FIVE, Results(gone)) is Outcome.HTXS
    assert outcome_of(PUPIL, FIVE, Results(gone)) is None


def test_pupil_who_is_not_assessed_has_no_outcome() -> None:
    worst = whole_year(FIVE, level="C", score=1)
    assert outcome_of(replace(PUPIL, assessed=False), FIVE, Results(worst)) is None


def test_optional_subject_counts_where_the_class_studies_it() -> None:
    with_english, without = room_of(2, "NN1"), room_of(2)
    fields = whole_year(with_english) | {level_of("NN1"): "H"}
    assert outcome_of(PUPIL, with_english, Results(fields)) is Outcome.HT
    assert outcome_of(PUPIL, without, Results(fields)) is Outcome.HTXS


def test_empty_year_is_unknown_and_not_a_failure() -> None:
    assert outcome_of(PUPIL, FIVE, Results({})) is None


@pytest.mark.parametrize("grade", [1, 2, 3, 4, 5])
def test_each_missing_value_is_named_and_leaves_no_outcome(grade: int) -> None:
    room = room_of(grade)
    whole = whole_year(room, level="C", score=1)
    cells = missing_for_outcome(PUPIL, room, Results({}))
    assert {cell.field for cell in cells} == {name for name in whole if name.endswith((".level", ".score"))}
    for cell in cells:
        less = {name: value for name, value in whole.items() if name != cell.field}
        assert missing_for_outcome(PUPIL, room, Results(less)) == (cell,)
        assert outcome_of(PUPIL, room, Results(less)) is None


@table(
    ("field", "value"),
    [
        *((level_of(code), value) for code in ("TOAN", "AN") for value in ("X", "Đ", "M", "t", "TH", 9, True)),
        *((level_of(code), value) for code in ("YN", "NLTM") for value in ("X", "H", "\u00d0", "D", "đ", 9, True)),
        *((score_of("TOAN"), value) for value in (0, 11, -1, 9.5, "9", True)),
    ],
)
def test_a_result_never_rests_on_a_value_that_the_law_does_not_have(field: str, value: Value) -> None:
    results = Results(whole_year(FIVE) | {field: value})
    assert outcome_of(PUPIL, FIVE, results) is None
    assert [cell.field for cell in missing_for_outcome(PUPIL, FIVE, results)] == [field]


def _required(grade: int) -> tuple[list[str], list[str], list[str]]:
    subjects = [subject.code for subject in subjects_of(room_of(grade))]
    scored = [code for code in subjects if is_scored(room_of(grade), code, END)]
    return subjects, [trait.code for trait in traits_of(grade)], scored


@st.composite
def years(draw: st.DrawFn) -> tuple[int, dict[str, Value]]:
    """Draw years in which weak values are rare, so that every outcome occurs."""
    grade = draw(st.integers(1, 5))
    subjects, traits, scored = _required(grade)
    fields: dict[str, Value] = {level_of(code): "T" for code in (*subjects, *traits)}
    floor = draw(st.integers(1, 9))
    fields |= {score_of(code): draw(st.integers(floor, 10)) for code in scored}
    for code in draw(st.lists(st.sampled_from(subjects), max_size=2)):
        fields[level_of(code)] = draw(st.sampled_from("THC"))
    for code in draw(st.lists(st.sampled_from(traits), max_size=2)):
        fields[level_of(code)] = draw(st.sampled_from("TĐC"))
    return grade, fields


def _cap(value: Value) -> int:
    if isinstance(value, str):
        return CAPS[value]
    assert isinstance(value, int)
    return 0 if value >= 9 else 1 if value >= 7 else 2 if value >= 5 else 3


@given(years())
def test_outcome_is_what_the_weakest_value_leaves_within_reach(year: tuple[int, dict[str, Value]]) -> None:
    grade, fields = year
    found = outcome_of(PUPIL, room_of(grade), Results(fields))
    assert found is BEST_FIRST[max(_cap(value) for value in fields.values())]


@given(years(), st.data())
def test_a_better_value_never_makes_the_outcome_worse(year: tuple[int, dict[str, Value]], data: st.DataObject) -> None:
    grade, fields = year
    name = data.draw(st.sampled_from(sorted(fields)))
    value = fields[name]
    middle = "Đ" if name.split(".")[1] in {trait.code for trait in traits_of(grade)} else "H"
    better: Value = min(10, value + 1) if isinstance(value, int) else {"C": middle}.get(str(value), "T")
    before = outcome_of(PUPIL, room_of(grade), Results(fields))
    after = outcome_of(PUPIL, room_of(grade), Results(fields | {name: better}))
    assert before is not None
    assert after is not None
    assert BEST_FIRST.index(after) <= BEST_FIRST.index(before)


@given(years(), st.data())
def test_an_outcome_never_rests_on_a_missing_value(year: tuple[int, dict[str, Value]], data: st.DataObject) -> None:
    grade, fields = year
    gone = data.draw(st.sets(st.sampled_from(sorted(fields)), min_size=1))
    blank = data.draw(st.sampled_from([None, ""]))
    less = fields | dict.fromkeys(gone, blank)
    assert outcome_of(PUPIL, room_of(grade), Results(less)) is None


@table("good", [Outcome.HTXS, Outcome.HTT, Outcome.HT])
@table("grade", [1, 2, 3, 4])
def test_completed_year_leads_to_the_next_grade(good: Outcome, grade: int) -> None:
    found = completion_of(good, PUPIL, room_of(grade), Results({}))
    assert (found.completed, found.promoted, found.primary_completed) == (True, True, False)
    assert found.text == f"Hoàn thành chương trình lớp {grade}; Được lên lớp {grade + 1}."


@pytest.mark.parametrize("grade", [1, 2, 3, 4])
@pytest.mark.parametrize("decision", [None, "0"])
def test_not_completed_is_not_promoted_without_a_decision(grade: int, decision: str | None) -> None:
    found = completion_of(Outcome.CHT, PUPIL, room_of(grade), Results({PROMOTED.field: decision}))
    assert (found.completed, found.promoted, found.primary_completed) == (False, False, False)
    assert found.text == f"Chưa hoàn thành chương trình lớp {grade}; Chưa được lên lớp."


@pytest.mark.parametrize("grade", [1, 2, 3, 4])
def test_principal_promotes_without_completion(grade: int) -> None:
    found = completion_of(Outcome.CHT, PUPIL, room_of(grade), Results({PROMOTED.field: "1"}))
    assert (found.completed, found.promoted) == (False, True)
    assert found.text == f"Chưa hoàn thành chương trình lớp {grade}; Được lên lớp {grade + 1}."


def test_a_decision_cannot_undo_completion() -> None:
    found = completion_of(Outcome.HT, PUPIL, room_of(3), Results({PROMOTED.field: "0"}))
    assert (found.completed, found.promoted) == (True, True)


@pytest.mark.parametrize("good", [Outcome.HTXS, Outcome.HTT, Outcome.HT])
def test_grade_five_completes_primary_school(good: Outcome) -> None:
    found = completion_of(good, PUPIL, room_of(5), Results({}))
    assert (found.completed, found.primary_completed) == (True, True)
    assert found.text == "Hoàn thành chương trình tiểu học."


@pytest.mark.parametrize("decision", [None, "0", "1"])
def test_grade_five_not_completed_never_says_completed(decision: str | None) -> None:
    found = completion_of(Outcome.CHT, PUPIL, room_of(5), Results({PROMOTED.field: decision}))
    assert (found.completed, found.promoted, found.primary_completed) == (False, False, False)
    assert found.text == "Chưa hoàn thành chương trình tiểu học."


@given(st.sampled_from(Outcome), st.integers(1, 5), st.sampled_from([None, "0", "1"]))
def test_the_sentence_never_contradicts_the_flags(outcome: Outcome, grade: int, decision: str | None) -> None:
    found = completion_of(outcome, PUPIL, room_of(grade), Results({PROMOTED.field: decision}))
    assert found.text.startswith("Chưa hoàn thành") is not found.completed
    assert found.primary_completed == (found.completed and grade == 5)
    if grade < 5:
        assert ("Được lên lớp" in found.text) is found.promoted
        assert ("Chưa được lên lớp" in found.text) is not found.promoted


def test_a_combined_class_goes_by_the_grade_of_each_pupil() -> None:
    room = replace(room_of(2), combined=(4,))
    older, younger = replace(PUPIL, grade=4), PUPIL
    assert outcome_of(younger, room, Results(whole_year(room_of(2)))) is Outcome.HTXS
    assert outcome_of(older, room, Results(whole_year(room_of(2)))) is None
    assert outcome_of(older, room, Results(whole_year(room_of(4)))) is Outcome.HTXS
    assert completion_of(Outcome.HT, older, room, Results({})).text.endswith("lớp 4; Được lên lớp 5.")


@pytest.mark.parametrize("first", [2, 5])
def test_in_a_combined_class_only_the_pupils_of_grade_five_complete_primary_school(first: int) -> None:
    room = replace(room_of(first), combined=(7 - first,))
    oldest, younger = replace(PUPIL, grade=5), replace(PUPIL, grade=2)
    found = completion_of(Outcome.HT, oldest, room, Results({}))
    assert (found.primary_completed, found.text) == (True, "Hoàn thành chương trình tiểu học.")
    found = completion_of(Outcome.CHT, oldest, room, Results({PROMOTED.field: "1"}))
    assert (found.promoted, found.text) == (False, "Chưa hoàn thành chương trình tiểu học.")
    found = completion_of(Outcome.HT, younger, room, Results({}))
    assert (found.primary_completed, found.text) == (False, "Hoàn thành chương trình lớp 2; Được lên lớp 3.")


@pytest.mark.parametrize(("level", "expected"), [("T", Outcome.HTXS), ("H", Outcome.HT), ("C", Outcome.CHT)])
def test_without_any_test_the_levels_alone_decide(level: str, expected: Outcome) -> None:
    pupil, room = replace(PUPIL, exempt="TV TOAN"), room_of(1)
    assert outcome_of(pupil, room, Results(whole_year(room) | {level_of("AN"): level})) is expected


def test_who_is_exempt_from_every_subject_has_no_outcome() -> None:
    pupil = replace(PUPIL, exempt=" ".join(subject.code for subject in subjects_of(FIVE)))
    assert outcome_of(pupil, FIVE, Results(whole_year(FIVE))) is None


def test_what_an_individual_plan_leaves_out_does_not_count() -> None:
    pupil = replace(PUPIL, disability="Trí tuệ", plan="Số 12/KH", not_in_plan="TIN CN NLTH NLCN")
    whole = whole_year(FIVE)
    less = {name: value for name, value in whole.items() if name.split(".")[1] not in pupil.left_out}
    assert outcome_of(pupil, FIVE, Results(less)) is Outcome.HTXS
    assert outcome_of(PUPIL, FIVE, Results(less)) is None
    assert outcome_of(pupil, FIVE, Results(whole | {level_of("TIN"): "C", score_of("TIN"): 1})) is Outcome.HTXS
