"""Each finding appears when it should, and not otherwise."""

from __future__ import annotations

from dataclasses import fields, replace

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
    AWARD_REASON,
    AWARD_RECOGNISED,
    AWARD_TITLE,
    COMMENT,
    HEIGHT,
    PROMOTED,
    WEIGHT,
    Cell,
    Results,
    Value,
    homeroom_comment,
)
from hocba_tui.rules.identity import temporary_code
from hocba_tui.rules.labels import label_of
from hocba_tui.rules.review import review_class, review_pupil
from tests.support.table import table
from tests.support.whole_year import END, PUPIL, level_of, pupil_in, room_of, score_of, whole_year

ROOM = room_of(5)
WHOLE = whole_year(ROOM)
HOMEROOM = homeroom_comment(END).field


def review(changes: dict[str, Value] | None = None, pupil: Pupil | None = None, grade: int = 5) -> tuple[Finding, ...]:
    room = room_of(grade)
    fields = whole_year(room) | (changes or {})
    results = Results({name: value for name, value in fields.items() if value is not None})
    return review_pupil(pupil or pupil_in(grade), room, results)


def without(name: str) -> Pupil:
    return Pupil.from_fields(PUPIL.key, PUPIL.to_fields() | {name: ""})


def codes(found: tuple[Finding, ...]) -> list[str]:
    return [finding.code for finding in found]


@pytest.mark.parametrize("grade", [1, 2, 3, 4, 5])
def test_whole_year_has_nothing_to_say(grade: int) -> None:
    assert review(grade=grade) == ()


@table(
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


@pytest.mark.parametrize(
    ("field", "value", "code"), [(level_of("AN"), "\u00d0", "GAP-LEVEL"), (score_of("TOAN"), 0, "GAP-SCORE")]
)
def test_a_value_that_the_law_does_not_have_is_shown_and_must_be_entered_again(
    field: str, value: Value, code: str
) -> None:
    found = [f for f in review({field: value}) if f.severity is Severity.ERROR]
    assert [(f.code, f.field) for f in found] == [(code, field)]
    assert f"“{value}”" in found[0].message
    assert "Còn trống" not in found[0].message


def test_comment_of_a_subject_is_not_required() -> None:
    assert Cell(END, "TV", COMMENT).field not in WHOLE
    assert review() == ()


def test_no_absence_at_all_is_not_a_gap() -> None:
    assert review({ABSENT_EXCUSED.field: 0, ABSENT_UNEXCUSED.field: 0}) == ()


@given(st.sets(st.sampled_from(sorted(WHOLE))))
def test_gaps_are_exactly_what_is_missing(gone: set[str]) -> None:
    found = review(dict.fromkeys(gone))
    assert {f.field for f in found if f.code.startswith("GAP-")} == gone


@table(
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


def test_a_temporary_code_is_no_code_of_the_ministry() -> None:
    (found,) = review(pupil=replace(PUPIL, code=temporary_code(PUPIL.personal_id, PUPIL.name, PUPIL.birth)))
    assert (found.code, found.severity, found.field) == ("CARRY-NO-CODE", Severity.ERROR, "code")
    assert f"TAM-{PUPIL.personal_id}" in found.message


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


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({HEIGHT.field: 25}, "ODD-HEIGHT", HEIGHT.field),
        ({score_of("DD"): 9}, "ODD-NOT-TESTED", score_of("DD")),
        ({HOMEROOM: "…"}, "ODD-EMPTY", HOMEROOM),
    ],
)
def test_odd_values_and_comments_are_looked_at_too(changes: dict[str, Value], code: str, field: str) -> None:
    assert [(f.code, f.field) for f in review(changes)] == [(code, field)]


def test_commendations_are_looked_at_too() -> None:
    found = review({score_of("TOAN"): 8, AWARD_TITLE.field: "TB", AWARD_REASON.field: "Môn Toán"})
    assert [(f.code, f.severity, f.field) for f in found] == [("AWARD-CLASS", Severity.ERROR, AWARD_RECOGNISED.field)]


def test_unfinished_year_is_not_called_undecided() -> None:
    assert codes(review({level_of("AN"): "C", score_of("TOAN"): None})) == ["GAP-SCORE"]


def class_of(*pupils: Pupil) -> tuple[Finding, ...]:
    """Review pupils who have whole years."""
    return review_class(pupils, ROOM, {p.key: Results(WHOLE) for p in pupils})


def pupils(count: int) -> tuple[Pupil, ...]:
    return tuple(
        replace(PUPIL, key=f"hs{n}", name=f"Lê {chr(65 + n)}an", code=f"99{n}", personal_id=f"9993150000{n:02d}")
        for n in range(count)
    )


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


def test_whole_class_brings_together_what_concerns_one_and_what_concerns_several() -> None:
    first, *others = pupils(6)
    found = class_of(replace(first, personal_id=others[0].personal_id, birth="2018-01-01"), *others)
    assert set(codes(found)) == {"CARRY-DOUBLED-ID", "ID-DOUBT", "ODD-AGE", "ODD-COPIED-ALL"}


@given(st.dictionaries(st.sampled_from(sorted(WHOLE)), st.text(max_size=12) | st.integers(0, 300) | st.none()))
def test_every_finding_has_a_place_and_a_remedy(changes: dict[str, Value]) -> None:
    strange = replace(PUPIL, personal_id="003199000001", birth="2010", address="", exempt="MT")
    for found in review(changes, strange):
        assert found.pupil == PUPIL.key
        assert found.field in {field.name for field in fields(Pupil)} or Cell.parse(found.field)
        assert found.remedy.endswith(".")
        assert found.message.endswith((".", "?"))


def test_the_whole_class_is_whom_somebody_has_to_write_about() -> None:
    *assessed, one = pupils(7)
    not_assessed = replace(one, assessed=False, disability="Khuyết tật trí tuệ")
    results = {p.key: Results(WHOLE) for p in assessed}
    found = codes(review_class([not_assessed, *assessed], ROOM, results))
    assert set(found) == {"CARRY-NOT-ASSESSED", "ODD-COPIED-ALL"}


def test_comment_may_not_name_a_pupil_who_has_left_either() -> None:
    first, second = pupils(2)
    results = {first.key: Results(WHOLE | {HOMEROOM: f"{second.name} học rất tốt."})}
    left = replace(second, left="2026-02-09")
    assert [f.code for f in review_class([first, left], ROOM, results)] == ["ODD-OTHER-PUPIL"]


def test_comments_on_a_pupil_who_is_not_assessed_are_not_looked_at() -> None:
    first, second = pupils(2)
    results = {p.key: Results(WHOLE | {HOMEROOM: f"{second.name} học rất tốt."}) for p in (first, second)}
    not_assessed = replace(first, assessed=False, disability="Khuyết tật trí tuệ")
    assert codes(review_class([not_assessed, second], ROOM, results)) == ["CARRY-NOT-ASSESSED"]


@pytest.mark.parametrize(
    ("left_out", "found"), [("TIN CN NLTH NLCN", []), ("NLTC", ["CARRY-PLAN"]), ("YN NLTC", ["CARRY-PLAN"])]
)
def test_a_plan_may_leave_out_only_what_the_format_does_not_demand(left_out: str, found: list[str]) -> None:
    pupil = replace(PUPIL, disability="Trí tuệ", plan="12/KH", not_in_plan=left_out)
    said = review_pupil(pupil, ROOM, Results(whole_year(ROOM)))
    assert [f.code for f in said if f.severity is Severity.ERROR] == found


@pytest.mark.parametrize(
    ("disability", "plan", "left_out", "found"),
    [
        ("Trí tuệ", "12/KH", "TIN CN", []),
        ("", "12/KH", "TIN CN", ["CARRY-NO-PLAN"]),
        ("Trí tuệ", "", "TIN CN", ["CARRY-NO-PLAN"]),
        ("", "", "", []),
    ],
)
def test_only_a_disabled_pupils_plan_leaves_something_out(
    disability: str, plan: str, left_out: str, found: list[str]
) -> None:
    pupil = replace(PUPIL, disability=disability, plan=plan, not_in_plan=left_out)
    said = review_pupil(pupil, ROOM, Results(whole_year(ROOM)))
    assert [f.code for f in said if f.severity is Severity.ERROR] == found


@pytest.mark.parametrize(("combined", "grade", "odd"), [((), None, False), ((4,), None, True), ((4,), 4, False)])
def test_a_combined_class_asks_for_the_grade_of_each_pupil(
    combined: tuple[int, ...], grade: int | None, odd: bool
) -> None:
    said = review_pupil(replace(PUPIL, grade=grade), replace(ROOM, combined=combined), Results({}))
    assert ("ODD-NO-GRADE" in [f.code for f in said]) is odd
