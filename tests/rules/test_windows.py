"""Windows of entry, and deadlines that read "trước ngày"."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hocba_tui.model.school import School
from hocba_tui.model.values import Period
from hocba_tui.rules.windows import deadlines, is_open, standing
from tests.support.table import table

SCHOOL = School("school", deadline_completed="2026-06-25", deadline_others="2026-08-10")
TODAY = date(2026, 6, 10)
DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))


def test_last_good_day_is_the_day_before() -> None:
    first, second = deadlines(SCHOOL, date(2026, 6, 10))
    assert (first.before, first.last_good_day) == (date(2026, 6, 25), date(2026, 6, 24))
    assert (second.before, second.last_good_day) == (date(2026, 8, 10), date(2026, 8, 9))


@pytest.mark.parametrize(
    ("today", "left"),
    [(date(2026, 6, 10), 14), (date(2026, 6, 23), 1), (date(2026, 6, 24), 0), (date(2026, 6, 25), -1)],
)
def test_days_left_count_to_the_last_good_day(today: date, left: int) -> None:
    assert deadlines(SCHOOL, today)[0].days_left == left


def test_deadlines_that_nobody_set_are_not_shown() -> None:
    assert deadlines(School("school"), date(2026, 6, 10)) == ()
    only = School("school", deadline_others="2026-08-10")
    assert [found.before for found in deadlines(only, date(2026, 6, 10))] == [date(2026, 8, 10)]


@given(DAYS, DAYS)
def test_a_receipt_on_the_named_day_is_always_late(before: date, today: date) -> None:
    (found,) = deadlines(School("school", deadline_completed=before.isoformat()), today)
    assert (found.days_left < 0) == (today >= before)
    assert today + timedelta(days=found.days_left) == found.last_good_day


@table("opened", Period)
@table("period", Period)
def test_only_the_opened_period_takes_results(opened: Period, period: Period) -> None:
    assert is_open(School("school", open_periods=(opened.value,)), period, TODAY) == (opened is period)


@pytest.mark.parametrize("opened", Period)
def test_facts_of_the_year_follow_the_last_period(opened: Period) -> None:
    assert is_open(School("school", open_periods=(opened.value,)), "year", TODAY) == (opened is Period.END_YEAR)


@pytest.mark.parametrize("period", [*Period, "year", "", "no_such_period"])
def test_nothing_is_open_in_a_school_that_opened_nothing(period: str) -> None:
    assert not is_open(School("school"), period, TODAY)


@given(DAYS, DAYS, DAYS)
def test_a_window_is_open_from_its_first_day_to_its_last(first: date, last: date, today: date) -> None:
    school = School("school", windows={"end_1": [first.isoformat(), last.isoformat()]})
    assert is_open(school, Period.END_1, today) == (first <= today <= last)
    assert not is_open(school, Period.END_YEAR, today)


def test_facts_of_the_year_follow_the_window_of_the_last_period() -> None:
    school = School("school", windows={"end_year": ["2026-06-01", "2026-06-10"]})
    assert is_open(school, "year", date(2026, 6, 10))
    assert not is_open(school, "year", date(2026, 6, 11))


@given(DAYS, DAYS, DAYS, st.booleans(), st.booleans())
def test_the_standing_in_words_agrees_with_what_may_be_entered(
    first: date, last: date, today: date, by_hand: bool, dated: bool
) -> None:
    windows = {"mid_1": (first.isoformat(), last.isoformat())} if dated else {}
    school = School("school", windows=windows, open_periods=("mid_1",) if by_hand else ())
    words = standing(school, Period.MID_1, today)
    assert words.startswith(("mở", "đang mở")) == is_open(school, Period.MID_1, today)
    assert ("mở từ" in words) == (dated and not by_hand and today < first)


def test_a_dated_window_says_until_when() -> None:
    school = School("school", windows={"end_year": ("2026-05-15", "2026-05-30")})
    assert standing(school, Period.END_YEAR, date(2026, 5, 14)) == "đang khóa, mở từ 15/05/2026"
    assert standing(school, Period.END_YEAR, date(2026, 5, 30)) == "mở đến hết 30/05/2026"
    assert standing(school, "year", date(2026, 5, 20)) == "mở đến hết 30/05/2026"
    assert standing(school, Period.END_YEAR, date(2026, 5, 31)) == "đang khóa"
