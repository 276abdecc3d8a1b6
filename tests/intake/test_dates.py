"""Days as people and Excel write them."""

from __future__ import annotations

from datetime import date

from hypothesis import example, given
from hypothesis import strategies as st

from hocba_tui.intake.dates import read_date
from hocba_tui.intake.workbook import CellValue


@given(st.dates(date(2000, 1, 1), date(2050, 12, 30)))
def test_every_way_of_writing_a_day_is_the_same_day(day: date) -> None:
    serial = (day - date(1899, 12, 30)).days
    ways: list[CellValue] = [
        day,
        day.isoformat(),
        f"{day:%d/%m/%Y}",
        f"{day.day}.{day.month}.{day.year}",
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
