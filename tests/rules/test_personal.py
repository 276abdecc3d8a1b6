"""Age and grade, and pupils who cannot be told apart."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hocba_tui.model.finding import Finding, Severity
from hocba_tui.model.pupil import Pupil
from hocba_tui.rules.personal import doubles, personal_findings
from tests.support.table import table
from tests.support.whole_year import PUPIL, YEAR, room_of


def age(birth: str, grade: int, year: str = YEAR, own_grade: int | None = None) -> list[Finding]:
    # What the id says about the year of birth is another rule.
    pupil, room = replace(PUPIL, birth=birth, grade=own_grade), replace(room_of(grade), year=year)
    return [finding for finding in personal_findings(pupil, room) if finding.code == "ODD-AGE"]


@table(
    ("grade", "birth", "strength"),
    [
        (1, "2019-01-01", 0),
        (1, "2019-12-31", 0),
        (1, "2019", 0),
        (1, "2018-06", 0),
        (1, "2017-12-31", 0),
        (1, "2020-01-01", 1),  # a year early
        (1, "2016-12-31", 1),  # three years late
        (1, "2021-05-05", 2),
        (1, "2015-05-05", 2),
        (5, "2015-03-14", 0),
        (5, "2016-03-14", 1),
        (5, "2012-03-14", 1),
        (5, "1915-03-14", 2),
        (5, "2025-03-14", 2),
    ],
)
def test_age_against_grade(grade: int, birth: str, strength: int) -> None:
    said = age(birth, grade)
    assert len(said) == bool(strength)
    assert all((f.severity, f.field) == (Severity.WARNING, "birth") for f in said)
    assert ["Rất có thể sai" in f.message for f in said] == ([strength == 2] if said else [])


@given(st.integers(1, 5), st.integers(2020, 2035), st.integers(0, 2), st.integers(1, 12))
def test_usual_ages_pass_in_every_school_year(grade: int, first: int, late: int, month: int) -> None:
    assert age(f"{first - 5 - grade - late}-{month:02d}-01", grade, f"{first}-{first + 1}") == []


def test_no_birth_date_and_no_school_year_give_no_age() -> None:
    assert age("", 1) == age("2010-01-01", 1, year="") == []


def test_in_a_combined_class_the_own_grade_counts() -> None:
    assert age("2018-01-01", 2, own_grade=1) == age("2018-01-01", 2) == []
    assert age("2019-01-01", 5, own_grade=1) == []
    assert len(age("2019-01-01", 5)) == 1


TWIN = replace(PUPIL, key="hs2", code="9900000002", name="Trần Minh Ánh", personal_id="999315000002")


@pytest.mark.parametrize(
    ("second", "code"),
    [
        (TWIN, ""),
        (replace(TWIN, personal_id=PUPIL.personal_id), "CARRY-DOUBLED-ID"),
        (replace(TWIN, code=PUPIL.code), "CARRY-DOUBLED-CODE"),
        (replace(TWIN, name="Trần Minh Anh"), "ODD-NAMESAKE"),
        (replace(TWIN, name="TRẦN MINH ANH"), "ODD-NAMESAKE"),
        (replace(TWIN, name="Trần Minh Anh", birth="2015-03-15"), ""),  # two children of one name
        (replace(TWIN, personal_id="", code=""), ""),
    ],
)
def test_two_pupils_who_share_something_are_both_named(second: Pupil, code: str) -> None:
    said = doubles([PUPIL, second, replace(TWIN, key="hs3", code="3", name="Vũ An", personal_id="999315000003")])
    assert [(f.code, f.pupil) for f in said] == ([(code, "hs1"), (code, "hs2")] if code else [])
    assert {f.severity for f in said} <= {Severity.ERROR if code.startswith("CARRY") else Severity.HINT}


def test_pupils_without_id_code_or_birth_do_not_share_them() -> None:
    nothing = replace(PUPIL, personal_id="", code="", birth="")
    assert doubles([nothing, replace(nothing, key="hs2")]) == []


@pytest.mark.parametrize(("one", "other"), [("Lê Thị Hoà", "Lê Thị Hòa"), ("Lê Thuý", "Lê Thúy")])
def test_tone_placement_does_not_hide_a_namesake(one: str, other: str) -> None:
    assert [f.code for f in doubles([replace(PUPIL, name=one), replace(TWIN, name=other)])] == ["ODD-NAMESAKE"] * 2
