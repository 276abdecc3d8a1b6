"""Narrow columns: as many subjects in sight as 80 columns hold, and nothing lost of what matters."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hocba_tui.flow.grades.marks import ALL_SHEET, TRAITS_SHEET, columns_of, side_by_side
from hocba_tui.model.values import EntryKind, Period
from hocba_tui.screens.grid.cells import grid_columns, shortened
from hocba_tui.widgets.grid_model import CellState, GridCell, GridColumn, GridModel
from tests.support.table import table
from tests.support.whole_year import room_of

NAMES = st.lists(st.text("abcđưâ", min_size=1, max_size=8), min_size=1, max_size=6).map(" ".join)


@settings(deadline=None)
@given(NAMES, st.integers(1, 40))
def test_a_shortened_name_keeps_the_given_name_whole(name: str, width: int) -> None:
    short = shortened(name, width)
    words, kept = name.split(), short.split()
    assert kept[-1] == words[-1]
    assert [word[0] for word in kept] == [word[0] for word in words]
    assert short == name if len(name) <= width else all(len(word) == 2 for word in kept[:1] if len(words) > 1)


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Trần Minh Anh", "Trần Minh Anh"),
        ("Nguyễn Ngọc Bảo Hạnh", "N. Ngọc Bảo Hạnh"),
        ("Nguyễn Hoàng Khánh Trang", "N. H. Khánh Trang"),
    ],
)
def test_names_are_shortened_as_teachers_do(name: str, short: str) -> None:
    assert shortened(name, 17) == short


@table("grade", [1, 2, 3, 4, 5])
@table("sheet", [ALL_SHEET.key, "TOAN:4", side_by_side(TRAITS_SHEET.key)])
@table("period", list(Period))
def test_every_group_has_room_for_its_name_and_every_score_for_two_digits(
    grade: int, sheet: str, period: Period
) -> None:
    known = columns_of(room_of(grade), sheet, period)
    room: dict[str, int] = {}
    for column in grid_columns(known):
        room[column.group] = room.get(column.group, 0) + column.width + 2
        assert column.width >= (2 if column.kind is EntryKind.SCORE else 1)
        assert column.width + 1 >= len(column.title)
    assert all(len(group) < width for group, width in room.items())


def test_all_scored_subjects_of_grade_5_fit_beside_the_names() -> None:
    columns = grid_columns(columns_of(room_of(5), ALL_SHEET.key, Period.END_YEAR))
    scored = [column for column in columns if column.group in {c.group for c in columns if c.title == "Đ"}]
    assert sum(column.width + 2 for column in scored) <= 80 - 20


@settings(deadline=None)
@given(st.integers(1, 5), st.integers(1, 5), st.data())
def test_rightwards_goes_on_to_the_next_column_that_is_open(rows: int, columns: int, data: st.DataObject) -> None:
    states = st.sampled_from([CellState.LOCKED, CellState.SAVED, CellState.REQUIRED])
    cells = [[GridCell("", data.draw(states)) for _ in range(columns)] for _ in range(rows)]
    model = GridModel([GridColumn("", EntryKind.LEVEL, 1)] * columns, [""] * rows, [""] * rows, cells)
    model.row, model.column = data.draw(st.integers(0, rows - 1)), data.draw(st.integers(0, columns - 1))
    here = (model.row, model.column)
    closed = {c for c in range(columns) if all(row[c].state is CellState.LOCKED for row in cells)}
    later = [(r, c) for r in range(rows) for c in range(columns) if (r, c) > here and c not in closed]
    # One pupil's closed cell is not passed over: the teacher's list may have a line for that pupil.
    wanted = next(iter(later), here)
    model.move(*model.rightwards())
    assert (model.row, model.column) == wanted
