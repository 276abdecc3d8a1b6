"""Lawful but unlikely values: each row of these tables is a value that somebody once typed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
)
from hocba_tui.model.school import ClassRoom
from hocba_tui.model.values import Period
from hocba_tui.rules.unlikely import unlikely
from tests.support.table import table
from tests.support.whole_year import END, PUPIL, level_of, room_of, score_of, whole_year

ROOM = room_of(5)


def found(changes: dict[str, Value], pupil: Pupil = PUPIL, room: ClassRoom = ROOM) -> list[Finding]:
    return unlikely(pupil, room, Results(whole_year(room) | changes), END)


def codes(changes: dict[str, Value], pupil: Pupil = PUPIL, room: ClassRoom = ROOM) -> list[str]:
    return [finding.code for finding in found(changes, pupil, room)]


@pytest.mark.parametrize("grade", [1, 2, 3, 4, 5])
def test_a_good_year_is_not_odd(grade: int) -> None:
    assert codes({}, room=room_of(grade)) == []


@table(
    ("level", "score", "odd"),
    [("T", 4, True), ("T", 6, True), ("T", 7, False), ("T", 10, False), ("H", 4, True), ("H", 5, False),
     ("H", 10, False), ("C", 4, False), ("C", 6, False), ("C", 7, True), ("C", 10, True)],
)  # fmt: skip
def test_level_and_score_that_contradict_each_other(level: str, score: int, odd: bool) -> None:
    said = found({level_of("TOAN"): level, score_of("TOAN"): score})
    assert [f.code for f in said] == ["ODD-LEVEL-SCORE"] * odd
    assert all(f.severity is Severity.WARNING and f.field == score_of("TOAN") for f in said)


@table(
    ("height", "weight", "expected"),
    [
        (80, 10, []),
        (190, 100, []),
        (110.5, 18.5, []),
        (25, 125, ["ODD-SWAPPED"]),
        (95, 125, ["ODD-SWAPPED"]),  # only one of the two is impossible, and both fit the other way round
        (25, 30, ["ODD-HEIGHT"]),
        (79.5, 30, ["ODD-HEIGHT"]),
        (190.5, 30, ["ODD-HEIGHT"]),
        (140, 9.5, ["ODD-WEIGHT"]),
        (140, 100.5, ["ODD-WEIGHT"]),
        (300, 30, ["ODD-HEIGHT"]),
        (125, 3, ["ODD-WEIGHT"]),
        (125, 125, ["ODD-WEIGHT"]),
        (25, 250, ["ODD-HEIGHT", "ODD-WEIGHT"]),
        (12, 8, ["ODD-HEIGHT", "ODD-WEIGHT"]),
        (None, 125, ["ODD-WEIGHT"]),
        (25, None, ["ODD-HEIGHT"]),
        (None, None, []),
    ],
)
def test_height_and_weight(height: float | None, weight: float | None, expected: list[str]) -> None:
    assert codes({HEIGHT.field: height, WEIGHT.field: weight}) == expected


def test_swapped_numbers_say_how_they_belong() -> None:
    (swapped,) = found({HEIGHT.field: 25.5, WEIGHT.field: 125})
    assert "cao 125, nặng 25.5" in swapped.remedy


@given(st.floats(80, 190), st.floats(10, 100))
def test_two_likely_numbers_are_never_called_swapped(height: float, weight: float) -> None:
    assert codes({HEIGHT.field: height, WEIGHT.field: weight}) == []


@pytest.mark.parametrize(
    ("excused", "unexcused", "where"),
    [(45, 0, None), (0, 45, None), (20, 25, None), (45.5, 0, ABSENT_EXCUSED), (30, 16, ABSENT_EXCUSED),
     (0, 46, ABSENT_UNEXCUSED), (200, 200, ABSENT_EXCUSED)],
)  # fmt: skip
def test_many_absences(excused: float, unexcused: float, where: Cell | None) -> None:
    said = found({ABSENT_EXCUSED.field: excused, ABSENT_UNEXCUSED.field: unexcused})
    assert [(f.code, f.field) for f in said] == ([("ODD-ABSENCES", where.field)] if where else [])


@table(
    ("grade", "field", "exempt", "expected"),
    [
        (5, score_of("DD"), "", ["ODD-NOT-TESTED"]),
        (5, Cell(END, "DD", COMMENT).field, "", []),  # only a score is out of place there
        (1, score_of("NN1"), "", ["ODD-NOT-STUDIED"]),
        (2, level_of("TIN"), "", ["ODD-NOT-STUDIED"]),
        (5, level_of("TNXH"), "", ["ODD-NOT-STUDIED"]),
        (5, level_of("TDT"), "", ["ODD-NOT-STUDIED"]),
        (5, Cell(END, "TDT", COMMENT).field, "", ["ODD-NOT-STUDIED"]),
        (5, Cell(Period.MID_1, "TDT", COMMENT).field, "", []),  # another period is another review
        (5, score_of("TOAN"), "TOAN", ["ODD-EXEMPT", "ODD-EXEMPT"]),  # its level stands there too
        (5, score_of("TOAN"), "", []),
    ],
)
def test_values_that_never_reach_the_record(grade: int, field: str, exempt: str, expected: list[str]) -> None:
    pupil = replace(PUPIL, exempt=exempt)
    said = found({field: "T" if field.endswith("level") else 9}, pupil, room_of(grade))
    assert [f.code for f in said] == expected
    assert not expected or field in {f.field for f in said}


def test_a_subject_that_the_individual_plan_leaves_out() -> None:
    pupil = replace(PUPIL, plan="12/KH", not_in_plan="TOAN")
    assert codes({}, pupil) == ["ODD-EXEMPT", "ODD-EXEMPT"]


@pytest.mark.parametrize(
    ("level", "decision", "expected"),
    [("H", "0", ["ODD-DECISION"]), ("H", "1", []), ("H", None, []), ("C", "0", []), ("C", "1", []), (None, "0", [])],
)
def test_a_decision_against_a_pupil_who_has_completed_is_pointed_out(
    level: str | None, decision: str | None, expected: list[str]
) -> None:
    said = found({level_of("AN"): level, PROMOTED.field: decision}, room=room_of(4))
    assert [f.code for f in said] == expected
    assert all((f.severity, f.field) == (Severity.WARNING, PROMOTED.field) for f in said)


def test_a_subject_that_the_class_chose_is_studied() -> None:
    room = room_of(2, "NN1", "TDT")
    assert codes({level_of("NN1"): "T", level_of("TDT"): "H"}, room=room) == []


@pytest.mark.parametrize(
    ("grade", "changes", "expected"),
    [
        (1, {level_of("KH"): "T"}, ["ODD-NOT-STUDIED"]),
        (5, {level_of("TNXH"): "T"}, ["ODD-NOT-STUDIED"]),
        (1, {level_of("NN1"): "T", score_of("NN1"): 3}, ["ODD-NOT-TESTED"]),
        (5, {level_of("NN1"): "T", score_of("NN1"): 3}, ["ODD-LEVEL-SCORE"]),
    ],
)
def test_in_a_combined_class_the_own_grade_says_what_is_studied_and_tested(
    grade: int, changes: dict[str, Value], expected: list[str]
) -> None:
    room = replace(room_of(6 - grade, "NN1"), combined=(grade,))
    fields = whole_year(room_of(grade, "NN1")) | changes
    said = unlikely(replace(PUPIL, grade=grade), room, Results(fields), END)
    assert [f.code for f in said] == expected


def test_score_of_an_exempt_subject_is_not_compared_with_its_level() -> None:
    assert "ODD-LEVEL-SCORE" not in codes({score_of("TOAN"): 1}, replace(PUPIL, exempt="TOAN"))
