"""Dates as people and Excel write them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hocba_tui.intake.dates import examine_birth, examine_date, read_date
from hocba_tui.intake.reading import Reading
from hocba_tui.intake.workbook import CellValue

pytestmark = pytest.mark.usefixtures("read_here")


@given(st.dates(date(2000, 1, 1), date(2050, 12, 30)))
def test_every_way_of_writing_a_day_is_the_same_day(day: date) -> None:
    serial = (day - date(1899, 12, 30)).days
    ways: list[CellValue] = [
        day,
        day.isoformat(),
        f"{day:%d/%m/%Y}",
        f"{day.day}.{day.month}.{day.year}",
        f"{day.day} / {day.month} / {day.year}",
        f"{day:%d/%m/%Y} 00:00:00",
        f"{day.isoformat()}T00:00:00",
        f"{day:%Y/%m/%d}",
        f"Ngày {day.day} tháng {day.month} năm {day.year}",
        serial,
        str(serial),
    ]
    assert {read_date(way) for way in ways} == {day.isoformat()}


@given(st.text(max_size=12) | st.floats() | st.integers() | st.booleans())
@example("²")
@example("14/03/0000")
def test_any_cell_is_a_day_or_empty_or_no_date(value: CellValue) -> None:
    found = read_date(value)
    assert not found or date.fromisoformat(found).isoformat() == found


@given(st.dates(date(2000, 1, 1), date(2050, 12, 31)))
def test_two_digits_of_a_year_and_a_day_without_marks_are_only_offered(day: date) -> None:
    for text in (f"{day:%d/%m/%y}", f"{day.day}-{day.month}-{day:%y}", f"{day:%d%m%Y}"):
        found = examine_date(text)
        assert (found.value, found.offer, bool(found.problem)) == ("", day.isoformat(), True)
        assert read_date(text) is None


def test_two_digits_are_not_offered_where_two_years_are_possible_or_none() -> None:
    assert examine_date("05/9/19", range(1950, 2010)).offer == ""
    assert examine_date("05/9/75", range(1950, 2010)).offer == "1975-09-05"
    assert examine_date("05/9/05", range(1900, 2010)).offer == ""


@pytest.mark.parametrize(
    "text",
    ["29/02/2019", "29/02/19", "13/25/2019", "31/04/2015", "05-9.2019", "0/1/2015", "31042015", "20150314", "9/19"],
)
def test_day_that_the_calendar_does_not_have_is_neither_value_nor_offer(text: str) -> None:
    found = examine_birth(text)
    assert (found.value, found.offer, bool(found.problem)) == ("", "", True)


def test_leap_day() -> None:
    assert (read_date("29/02/2020"), examine_date("29/2/20").offer) == ("2020-02-29", "2020-02-29")


@pytest.mark.parametrize(
    ("value", "birth"),
    [("9/2019", "2019-09"), ("09-2019", "2019-09"), ("tháng 9/2019", "2019-09"), ("2019-09", "2019-09"),
     ("2019", "2019"), (2019, "2019"), (2019.0, "2019"), ("5/9/2019", "2019-09-05"), (None, "")],
)  # fmt: skip
def test_birth_may_be_a_month_or_a_year(value: CellValue, birth: str) -> None:
    assert examine_birth(value) == Reading(birth)
    assert read_date(value) in (None, birth)


@pytest.mark.parametrize("value", ["13/2019", "9/1890", "1890", 9.2019, "2019-13", "0/2019"])
def test_birth_that_is_no_month_and_no_year(value: CellValue) -> None:
    assert examine_birth(value).problem


@pytest.mark.parametrize("text", ["\u200e14/03/2015", "14/03/2015\u200b", "\ufeff14 / 03/2015", "2015\u2060-03-14"])
def test_marks_that_nobody_sees_are_no_part_of_a_date(text: str) -> None:
    assert read_date(text) == "2015-03-14"


@pytest.mark.parametrize("text", ["29/02/2019", "31.11.2018", "2018-02-30", "ngày 31 tháng 4 năm 2019", "5/13/2018"])
def test_a_day_that_never_was_is_called_so(text: str) -> None:
    assert examine_date(text).problem == f"“{text}” không có trong lịch (ngày/tháng/năm)"
