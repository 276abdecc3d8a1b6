"""Each finding appears when it should, and not otherwise."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hocba_tui.demo.school import DemoSchool
from hocba_tui.model.curriculum import TraitGroup
from hocba_tui.model.finding import Finding, Severity
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.results import (
    ABSENT_EXCUSED,
    ABSENT_UNEXCUSED,
    COMMENT,
    HEIGHT,
    PROMOTED,
    WEIGHT,
    Cell,
    Results,
    Value,
    homeroom_comment,
)
from hocba_tui.rules.review import COPIED_TO, label_of, review_class, review_pupil
from tests.whole_year import END, PUPIL, level_of, room_of, score_of, whole_year

ROOM = room_of(5)
WHOLE = whole_year(ROOM)
HOMEROOM = homeroom_comment(END).field


def review(changes: dict[str, Value] | None = None, pupil: Pupil = PUPIL, grade: int = 5) -> tuple[Finding, ...]:
    room = room_of(grade)
    fields = whole_year(room) | (changes or {})
    return review_pupil(pupil, room, Results({name: value for name, value in fields.items() if value is not None}))


def without(name: str) -> Pupil:
    return Pupil.from_fields(PUPIL.key, PUPIL.to_fields() | {name: ""})


def codes(found: tuple[Finding, ...]) -> list[str]:
    return [finding.code for finding in found]


@pytest.mark.parametrize("grade", [1, 2, 3, 4, 5])
def test_whole_year_has_nothing_to_say(grade: int) -> None:
    assert review(grade=grade) == ()


@pytest.mark.parametrize(
    ("field", "code"),
    [
        (level_of("AN"), "GAP-LEVEL"),
        (level_of("NLTH"), "GAP-LEVEL"),
        (score_of("TOAN"), "GAP-SCORE"),
        *((Cell(END, group, COMMENT).field, "GAP-COMMENT") for group in TraitGroup),
        (HOMEROOM, "GAP-COMMENT"),
        *((cell.field, "GAP-YEAR") for cell in (HEIGHT, WEIGHT, ABSENT_EXCUSED, ABSENT_UNEXCUSED)),
    ],
)
def test_each_gap_is_named_once_with_its_cell(field: str, code: str) -> None:
    (found,) = review({field: None})
    assert (found.code, found.severity, found.field, found.pupil) == (code, Severity.ERROR, field, PUPIL.key)
    assert label_of(Cell.parse(field)) in found.message


def test_comment_of_a_subject_is_not_required() -> None:
    assert Cell(END, "TV", COMMENT).field not in WHOLE
    assert review() == ()


def test_no_absence_at_all_is_not_a_gap() -> None:
    assert review({ABSENT_EXCUSED.field: 0, ABSENT_UNEXCUSED.field: 0}) == ()


@given(st.sets(st.sampled_from(sorted(WHOLE))))
def test_gaps_are_exactly_what_is_missing(gone: set[str]) -> None:
    found = review(dict.fromkeys(gone))
    assert {f.field for f in found if f.code.startswith("GAP-")} == gone


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("personal_id", "CARRY-NO-ID"),
        ("code", "CARRY-NO-CODE"),
        ("birth", "CARRY-NO-BIRTH"),
        ("sex", "CARRY-NO-SEX"),
        ("ethnic", "CARRY-NO-ETHNIC"),
        ("birthplace", "CARRY-NO-BIRTHPLACE"),
        ("hometown", "CARRY-NO-HOMETOWN"),
        ("address", "CARRY-NO-ADDRESS"),
        ("mother", "CARRY-NO-MOTHER"),
        ("register_no", "CARRY-NO-REGISTER-NO"),
    ],
)
def test_each_missing_fact_that_the_format_requires(name: str, code: str) -> None:
    (found,) = review(pupil=without(name))
    assert (found.code, found.severity, found.field) == (code, Severity.ERROR, name)


@pytest.mark.parametrize("name", ["father", "guardian", "disability", "joined"])
def test_facts_that_the_format_does_not_require(name: str) -> None:
    assert review(pupil=without(name)) == ()


def test_pupil_without_history() -> None:
    assert codes(review(pupil=replace(PUPIL, history=()))) == ["CARRY-NO-HISTORY"]


@pytest.mark.parametrize("number", ["37215000001", "3.72E+10", "0372150000012"])
def test_malformed_id_cannot_be_carried_and_is_not_doubted_too(number: str) -> None:
    assert codes(review(pupil=replace(PUPIL, personal_id=number))) == ["CARRY-BAD-ID"]


def test_doubtful_id_does_not_hold_back() -> None:
    (found,) = review(pupil=replace(PUPIL, personal_id="999215000001"))
    assert (found.code, found.severity) == ("ID-DOUBT", Severity.WARNING)


def test_pupil_not_assessed_has_one_reason_and_no_gaps() -> None:
    not_assessed = replace(PUPIL, assessed=False)
    assert codes(review_pupil(not_assessed, ROOM, Results({}))) == ["CARRY-NOT-ASSESSED"]
    assert "CARRY-NOT-ASSESSED" not in codes(review_pupil(PUPIL, ROOM, Results({})))


@pytest.mark.parametrize(("decision", "expected"), [(None, ["CARRY-UNDECIDED"]), ("0", []), ("1", [])])
@pytest.mark.parametrize("grade", [1, 5])
def test_not_completed_waits_for_the_principals_decision(grade: int, decision: str | None, expected: list[str]) -> None:
    assert codes(review({level_of("AN"): "C", PROMOTED.field: decision}, grade=grade)) == expected


def test_unfinished_year_is_not_called_undecided() -> None:
    assert codes(review({level_of("AN"): "C", score_of("TOAN"): None})) == ["GAP-SCORE"]


@pytest.mark.parametrize(
    ("level", "score", "odd"),
    [("T", 4, True), ("T", 6, True), ("T", 7, False), ("H", 4, True), ("H", 5, False), ("H", 8, False),
     ("C", 4, False), ("C", 7, True), ("C", 10, True)],
)  # fmt: skip
def test_level_and_score_that_contradict_each_other(level: str, score: int, odd: bool) -> None:
    found = [f for f in review({level_of("TOAN"): level, score_of("TOAN"): score}) if f.code == "ODD-LEVEL-SCORE"]
    assert len(found) == odd
    assert all(f.severity is Severity.WARNING and f.field == score_of("TOAN") for f in found)


def test_score_of_an_exempt_subject_is_never_odd() -> None:
    assert review({score_of("TOAN"): 1}, replace(PUPIL, exempt="TOAN")) == ()


def test_height_and_weight_typed_the_wrong_way_round_are_odd() -> None:
    assert codes(review({HEIGHT.field: 25, WEIGHT.field: 125})) == ["ODD-HEIGHT", "ODD-WEIGHT"]


@pytest.mark.parametrize(("height", "weight"), [(80, 10), (190, 100), (110.5, 18.5)])
def test_heights_and_weights_of_children_are_not_odd(height: float, weight: float) -> None:
    assert review({HEIGHT.field: height, WEIGHT.field: weight}) == ()


def class_of(*pupils: Pupil, comment: str = "") -> tuple[Finding, ...]:
    """Review pupils who have whole years, with one comment for all or one for each."""
    results = {p.key: Results(WHOLE | {HOMEROOM: comment or f"Em {p.key} tiến bộ."}) for p in pupils}
    return review_class(pupils, ROOM, results)


def pupils(count: int) -> tuple[Pupil, ...]:
    return tuple(replace(PUPIL, key=f"hs{n}", personal_id=f"9993150000{n:02d}") for n in range(count))


def test_comment_copied_to_five_pupils_is_pointed_out_to_each() -> None:
    assert COPIED_TO == 5
    assert class_of(*pupils(4), comment="Em ngoan.") == ()
    found = class_of(*pupils(5), comment="Em ngoan.")
    assert [(f.code, f.severity, f.pupil, f.field) for f in found] == [
        ("ODD-COPIED", Severity.HINT, pupil.key, HOMEROOM) for pupil in pupils(5)
    ]


def test_missing_comments_are_not_copies() -> None:
    results = {p.key: Results({k: v for k, v in WHOLE.items() if k != HOMEROOM}) for p in pupils(6)}
    assert set(codes(review_class(pupils(6), ROOM, results))) == {"GAP-COMMENT"}


def test_twins_with_one_id_are_both_named() -> None:
    first, second, third = pupils(3)
    found = class_of(first, replace(second, personal_id=first.personal_id), third)
    assert [(f.code, f.pupil) for f in found] == [("CARRY-DOUBLED-ID", "hs0"), ("CARRY-DOUBLED-ID", "hs1")]


def test_pupil_who_left_is_not_reviewed_and_doubles_nothing() -> None:
    first, second = pupils(2)
    assert class_of(first, replace(second, personal_id=first.personal_id, left="2026-02-09")) == ()


def test_pupil_without_any_results_has_gaps() -> None:
    assert "GAP-LEVEL" in codes(review_class(pupils(1), ROOM, {}))


def test_demo_school_names_exactly_whom_the_format_cannot_carry(demo: DemoSchool) -> None:
    year = next(year for year in demo.classes if year.classroom.key == "5A")
    results = {key: Results({**fields, **demo.finished.get(key, {})}) for key, fields in year.results.items()}
    found = review_class(year.pupils, year.classroom, results)
    assert {f.pupil: f.code for f in found if f.severity is Severity.ERROR} == demo.cannot
