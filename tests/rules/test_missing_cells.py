"""What is missing in a period, not only at the year's end."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hocba_tui.model.results import COMMENT, YEAR, Cell, Results, Value
from hocba_tui.model.values import Period
from hocba_tui.rules.gaps import missing_cells
from hocba_tui.rules.outcome import required_cells
from tests.support.whole_year import END, pupil_in, room_of, whole_year

GRADES, PERIODS = st.integers(1, 5), st.sampled_from(list(Period))


@given(GRADES, PERIODS, st.data())
def test_exactly_the_empty_required_cells_are_missing(grade: int, period: Period, data: st.DataObject) -> None:
    pupil, room = pupil_in(grade), room_of(grade)
    required = missing_cells(pupil, room, Results({}), period)
    held = data.draw(st.sets(st.sampled_from(required)))
    fields: dict[str, Value] = {cell.field: 7 if cell.aspect in ("score", "value") else "T" for cell in held}
    assert set(missing_cells(pupil, room, Results(fields), period)) == set(required) - held


@given(GRADES, PERIODS)
def test_comments_and_facts_of_the_year_are_asked_for_at_the_end_alone(grade: int, period: Period) -> None:
    found = missing_cells(pupil_in(grade), room_of(grade), Results({}), period)
    more = [cell for cell in found if cell.aspect == COMMENT or cell.period == YEAR]
    assert len(more) == (8 if period is END else 0)
    assert {cell.period for cell in found if cell not in more} == {period.value}
    assert set(required_cells(pupil_in(grade), room_of(grade), period)) <= set(found)


@pytest.mark.parametrize("grade", [1, 3, 5])
def test_a_whole_year_lacks_nothing_at_its_end_and_everything_before(grade: int) -> None:
    room, pupil = room_of(grade), pupil_in(grade)
    assert missing_cells(pupil, room, Results(whole_year(room)), END) == ()
    assert missing_cells(pupil, room, Results(whole_year(room)), Period.MID_1)


@pytest.mark.parametrize("period", list(Period))
def test_nothing_is_asked_of_a_pupil_who_is_not_assessed(period: Period) -> None:
    pupil = replace(pupil_in(5), disability="Khuyết tật trí tuệ", assessed=False)
    assert missing_cells(pupil, room_of(5), Results({}), period) == ()


def test_an_exempt_subject_is_not_missing() -> None:
    pupil = replace(pupil_in(5), exempt="GDTC")
    items = {cell.item for cell in missing_cells(pupil, room_of(5), Results({}), Period.MID_1)}
    assert "GDTC" not in items
    assert "TOAN" in items
    assert Cell(Period.MID_1, "TOAN", "score") in missing_cells(pupil, room_of(5), Results({}), Period.MID_1)
