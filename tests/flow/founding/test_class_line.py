"""Classes typed as a line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hocba_tui.errors import Refused
from hocba_tui.flow.founding.class_line import classrooms_of, grades_of


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("1A-1D, 2A 2B", "1A 1B 1C 1D 2A 2B"),
        ("1a-c;2a1 - 2a3", "1A 1B 1C 2A1 2A2 2A3"),
        ("3A–C", "3A 3B 3C"),
        ("4.1-4.3 5Đ", "4.1 4.2 4.3 5Đ"),
        ("", ""),
    ],
)
def test_a_line_names_classes_with_their_grades(line: str, names: str) -> None:
    rooms = classrooms_of(line)
    assert [room.key for room in rooms] == names.split()
    assert all(room.grade == int(room.key[0]) for room in rooms)


@pytest.mark.parametrize(
    "line", ["6A", "A1", "1A 1A", "1A-2C", "1C-1A", "1A-1", "1-5", "1/1", "1A-", "-1A", "1ABCDEFGHIJ", "1A1-1A99999"]
)
def test_what_is_not_clear_is_refused(line: str) -> None:
    with pytest.raises(Refused):
        classrooms_of(line)


def test_english_is_chosen_by_grades_in_which_it_is_optional() -> None:
    found = {room.key: room.optional for room in classrooms_of("1A 2A 3A", "khối 1")}
    assert found == {"1A": ("NN1",), "2A": (), "3A": ()}
    assert (grades_of("1, 2"), grades_of("không"), grades_of(" ")) == ((1, 2), (), ())
    for wrong in ("3", "có", "1-2", "²"):
        with pytest.raises(Refused):
            grades_of(wrong)


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=30), st.text(max_size=8))
def test_any_line_is_read_or_refused(line: str, english: str) -> None:
    try:
        rooms = classrooms_of(line, english)
    except Refused:
        return
    assert len({room.key for room in rooms}) == len(rooms) <= 300
    assert all(room.grade in range(1, 6) for room in rooms)
