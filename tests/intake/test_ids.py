"""Personal ids that Excel has changed: restored only when no digit is lost, and only as an offer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hocba_tui.intake.ids import read_personal_id
from hocba_tui.intake.reading import Reading
from hocba_tui.intake.workbook import CellValue

REAL = st.tuples(st.integers(1, 96), st.integers(0, 3), st.integers(0, 99), st.integers(1, 999_999)).map(
    lambda parts: "{:03}{}{:02}{:06}".format(*parts)
)


@given(REAL, st.sampled_from(["{}", "'{}", " {} ", "\u00a0{}"]))
def test_whole_number_is_sure_however_it_is_set(number: str, shape: str) -> None:
    spaced = f"{number[:3]} {number[3:6]}.{number[6:9]}-{number[9:]}"
    assert read_personal_id(shape.format(number)) == read_personal_id(spaced) == Reading(number)


@given(REAL)
def test_number_without_its_zeros_is_offered_back_or_said_to_be_rounded(number: str) -> None:
    """Excel turns an id in a cell that is not text into a number with 15 digits."""
    ways: list[CellValue] = [int(number), float(int(number)), number.lstrip("0")]
    for value in ways:
        found = read_personal_id(value)
        assert (found.value, found.offer) == ("", "" if "làm tròn" in found.problem else number)
        assert ("làm tròn" in found.problem) == (len(number.strip("0")) <= 6)


@given(REAL, st.integers(2, 15))
def test_scientific_text_is_offered_only_with_all_its_digits(number: str, kept: int) -> None:
    digits = number.lstrip("0")
    text = f"{digits[0]}.{digits[1:kept]}E+{len(digits) - 1}"
    found = read_personal_id(text)
    assert found.value == ""
    assert found.offer in ("", number)
    if kept < len(digits):
        assert "làm tròn" in found.problem


@pytest.mark.parametrize(
    "value", ["123456789", "1,5E+3", "99315000001", "x", "037 21501234", "0372150123456", 1.5, True]
)
def test_other_numbers_are_neither_value_nor_offer(value: CellValue) -> None:
    found = read_personal_id(value)
    assert (found.value, bool(found.problem)) == ("", True)
    assert found.offer in ("", "003721501234")


@pytest.mark.parametrize("value", ["", None, "  ", "'"])
def test_empty_cell(value: CellValue) -> None:
    assert read_personal_id(value) == Reading()


@given(st.text(max_size=20) | st.floats() | st.integers() | st.booleans())
def test_any_cell_is_read_without_an_accident(value: CellValue) -> None:
    found = read_personal_id(value)
    for number in filter(None, (found.value, found.offer)):
        assert len(number) == 12
        assert number.isascii()
        assert number.isdigit()
