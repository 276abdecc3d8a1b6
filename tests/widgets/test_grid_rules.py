"""The grid's input against a second opinion that was written from the rules alone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hocba_tui.widgets.grid_hand import Direction
from hocba_tui.widgets.grid_model import CellState, GridCell
from tests.support.grid_oracle import Oracle, Place, lawful
from tests.widgets.test_grid_input import NAMES, Sheet

KEYS = st.lists(st.sampled_from("thcdđĐ0123456789,.⏎↓↑→←⇥␣⌫⎋"), max_size=40)
LIKELY = st.lists(st.sampled_from("999887541100tthcd,⏎⏎⏎↓↓→⇥⇥␣⌫↑"), max_size=40)


def judged(text: str, kind: str, shut: str) -> GridCell:
    """Return what a cell shows of a typed text."""
    mark = None if text.lower().replace("d", "đ") in shut else lawful(text, kind)
    return GridCell(text, CellState.WRONG) if mark is None else GridCell(mark, CellState.SAVED)


@given(
    st.one_of(KEYS, LIKELY),
    st.sampled_from(["s", "l", "q", "ls", "lsc", "lc", "qqq", "slc"]),
    st.sampled_from(list(Direction)),
    st.integers(1, 4),
    st.sets(st.tuples(st.integers(0, 3), st.integers(0, 2)), max_size=3),
    st.sets(st.tuples(st.integers(0, 3), st.integers(0, 2)), max_size=4),
)
def test_any_keys_give_the_marks_the_cursor_and_the_held_value_that_the_rules_say(
    keys: list[str], kinds: str, direction: Direction, pupils: int, closed: set[Place], filled: set[Place]
) -> None:
    sheet = Sheet(pupils, kinds, direction)
    inside = [(row, column) for row in range(pupils) for column in range(len(kinds))]
    of = {"l": "T", "q": "C", "s": "6"}
    marks = {place: of[kinds[place[1]]] for place in inside if place in filled and kinds[place[1]] != "c"}
    shut = [place for place in inside if place in closed]
    oracle = Oracle(pupils, kinds, direction.value, dict(marks), shut)
    for place in inside:
        state = CellState.LOCKED if place in shut else CellState.SAVED
        sheet.model.cells[place[0]][place[1]] = GridCell(marks.get(place, ""), state)
    sheet.lists.judge = lambda text, column: judged(text, kinds[column], oracle.shut.get(kinds[column], ""))
    for key in keys:
        if not oracle.press(key):
            continue
        name = {**NAMES, "⎋": "escape"}.get(key, key)
        sheet.input.key(name, " " if key == "␣" else key if name == key else "", 10)
        assert sheet.here == oracle.at, key
        assert sheet.model.pending == oracle.held, key
        assert bool(sheet.input.end) is bool(oracle.end), key
        cells = {place: sheet.model.cells[place[0]][place[1]] for place in inside}
        assert {place: cell.text for place, cell in cells.items() if cell.state is CellState.WRONG} == oracle.wrong, key
        shown = {place: cell.text for place, cell in cells.items() if cell.text and cell.state is not CellState.WRONG}
        assert shown == {place: mark for place, mark in oracle.marks.items() if place not in oracle.wrong}, key


def excel(typed: list[tuple[str, str]]) -> dict[Place, str]:
    """Return what Excel holds after values, each with one of Enter, Down, Tab, Right behind it."""
    cells: dict[Place, str] = {}
    row = column = 0
    run: int | None = None
    for value, key in typed:
        cells[row, column] = value
        if key == "⇥":
            run = column if run is None else run
        if key in "⇥→":
            column += 1
        else:
            row, column = row + 1, column if run is None else run
        run = run if key == "⇥" else None
    return cells


@given(
    st.lists(
        st.tuples(st.sampled_from(["9", "8", "10", "1", "7,5", "0", "9,0", "2"]), st.sampled_from("⏎↓⇥→")), max_size=9
    )
)
def test_with_a_key_behind_every_value_the_rules_give_what_excel_gives(typed: list[tuple[str, str]]) -> None:
    oracle = Oracle(10, "s" * 10)
    for value, key in typed:
        assert all(oracle.press(one) for one in value + key)
    wanted = {place: mark for place, text in excel(typed).items() if (mark := lawful(text, "s"))}
    assert oracle.marks == wanted
