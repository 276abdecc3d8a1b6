"""Twelve digits, and the facts that they should agree with (NĐ 137/2015)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hocba_tui.model.finding import Severity
from hocba_tui.model.pupil import Sex
from hocba_tui.rules.identity import personal_id_doubts, personal_id_problem
from tests.support.table import table
from tests.support.whole_year import PUPIL


def doubted(number: str, birth: str = "2015-03-14", sex: str = Sex.FEMALE) -> bool:
    return bool(personal_id_doubts(replace(PUPIL, personal_id=number, birth=birth, sex=sex)))


@given(st.text("0123456789", min_size=12, max_size=12))
def test_any_twelve_digits_have_the_right_form(number: str) -> None:
    assert personal_id_problem(number) is None


@given(st.text("0123456789", max_size=30).filter(lambda text: len(text) != 12))
def test_any_other_number_of_digits_is_a_problem(number: str) -> None:
    assert personal_id_problem(number)


def test_eleven_digits_point_at_the_zero_that_excel_ate() -> None:
    assert "số 0 ở đầu" in (personal_id_problem("37215000001") or "")


@pytest.mark.parametrize(
    "number",
    ["3.72E+10", "037 215 00001", "03721500000O", "-37215000001", "037215000001\n", "٠٣٧٢١٥٠٠٠٠٠١", "²²²²²²²²²²²²"],
)
def test_anything_but_plain_digits_is_a_problem(number: str) -> None:
    assert "không phải chữ số" in (personal_id_problem(number) or "")


@pytest.mark.parametrize(
    ("number", "birth", "sex"),
    [
        ("037315000001", "2015-03-14", Sex.FEMALE),
        ("037215000001", "2015-03-14", Sex.MALE),
        ("037315000001", "2015", Sex.FEMALE),
        ("037315000001", "2015-03", Sex.FEMALE),
        ("037199000001", "1999-01-01", Sex.FEMALE),
        ("037099000001", "1999-01-01", Sex.MALE),
        ("037200000001", "2000-01-01", Sex.MALE),
    ],
)
def test_id_that_agrees_is_not_doubted(number: str, birth: str, sex: Sex) -> None:
    assert not doubted(number, birth, sex)


@pytest.mark.parametrize(
    "number",
    [
        "037215000001",  # a boy's digit
        "037115000001",  # the century before
        "037316000001",  # another year
        "037015000001",
    ],
)
def test_id_that_disagrees_is_doubted(number: str) -> None:
    assert doubted(number)


def test_a_doubt_is_only_a_warning_about_the_id() -> None:
    (found,) = personal_id_doubts(replace(PUPIL, personal_id="037215000001"))
    assert (found.code, found.severity) == ("ID-DOUBT", Severity.WARNING)
    assert (found.pupil, found.field) == (PUPIL.key, "personal_id")


@pytest.mark.parametrize(
    ("number", "birth", "sex"),
    [("", "2015-03-14", "female"), ("123", "2015-03-14", "female"), ("037215000001", "", "female"),
     ("037215000001", "2015-03-14", "")],
)  # fmt: skip
def test_nothing_to_compare_is_no_doubt(number: str, birth: str, sex: str) -> None:
    assert not doubted(number, birth, sex)


@table(
    ("number", "nationality", "code"),
    [
        ("037315000001", "Việt Nam", ""),
        ("001315000001", "Việt Nam", ""),
        ("096315000001", "Việt Nam", ""),
        ("003315000001", "Việt Nam", "ID-PLACE"),
        ("000315000001", "Việt Nam", "ID-PLACE"),
        ("018315000001", "Việt Nam", "ID-PLACE"),
        ("003315000001", "Lào", ""),
        ("097315000001", "Việt Nam", ""),  # not a province; what it is we do not know
        ("101315000001", "Việt Nam", ""),
        ("999315000001", "Việt Nam", ""),
    ],
)
def test_first_three_digits_are_a_province(number: str, nationality: str, code: str) -> None:
    said = personal_id_doubts(replace(PUPIL, personal_id=number, nationality=nationality))
    assert [(f.code, f.severity, f.field) for f in said] == ([(code, Severity.WARNING, "personal_id")] if code else [])


def test_place_is_doubted_also_without_birth_and_sex() -> None:
    said = personal_id_doubts(replace(PUPIL, personal_id="003315000001", birth="", sex=""))
    assert [f.code for f in said] == ["ID-PLACE"]
