"""The grid's input without a screen: a table of right results, and Excel as a second opinion."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hocba_tui.model.values import EntryKind
from hocba_tui.widgets.grid_hand import Direction, Place
from hocba_tui.widgets.grid_input import GridInput
from hocba_tui.widgets.grid_model import CellState, GridCell, GridColumn, GridModel
from tests.support.table import table

NAMES = {"⏎": "enter", "↓": "down", "↑": "up", "→": "right", "←": "left", "⌫": "backspace", "␣": "space", "⇥": "tab"}


@dataclass
class Lists:
    """A grid of plain lists: stores lawful values at once, keeps wrong ones with their text."""

    model: GridModel
    said: list[str] = field(default_factory=list)
    locks: int = 0
    last: dict[Place, GridCell] = field(default_factory=dict)
    """What was saved last, in the cells that were typed into."""
    before: dict[Place, GridCell] = field(default_factory=dict)
    judge: Callable[[str, int], GridCell] | None = None
    """What a cell shows of a text typed into a column."""

    def saved(self, place: Place) -> GridCell:
        return self.last.setdefault(place, self.model.cells[place[0]][place[1]])

    def store(self, place: Place, text: str) -> None:
        row, column = place
        self.before[place] = self.saved(place)
        judge = self.judge or (lambda text, column: judged(text, self.model.columns[column].kind))
        cell = judge(text, column) if text else GridCell("", CellState.SAVED)
        self.model.cells[row][column] = cell
        if cell.state is CellState.SAVED:
            self.last[place] = cell

    def take_back(self, place: Place) -> None:
        self.last[place] = self.before[place]
        self.restore(place)

    def restore(self, place: Place) -> None:
        self.model.cells[place[0]][place[1]] = self.saved(place)

    def open(self, place: Place) -> None:
        self.said.append(f"opened {place}")

    def locked(self) -> None:
        self.locks += 1

    def select(self) -> None:
        self.model.anchor = self.model.anchor or (self.model.row, self.model.column)

    def select_nothing(self) -> None:
        self.model.deselect()

    def clear_block(self) -> None:
        self.said.append("cleared")

    def say(self, words: str) -> None:
        self.said.append(words)

    def refuse(self, words: str) -> None:
        self.said.append(words)

    def travel(self, rows: int, columns: int) -> None:
        self.model.move(rows, columns)

    def repaint(self, place: Place) -> None:
        assert self.model.cells[place[0]][place[1]] is not None


def judged(text: str, kind: EntryKind) -> GridCell:
    """Return a cell with ``text``: SAVED when it is lawful in a column of this kind."""
    whole = text.removesuffix(",0").removesuffix(".0")
    lawful = {
        EntryKind.SCORE: whole in map(str, range(1, 11)),
        EntryKind.LEVEL: text.lower() in tuple("thcdđ"),
    }.get(kind, True)
    return GridCell(whole.lower() if lawful else text, CellState.SAVED if lawful else CellState.WRONG)


class Sheet:
    """A class with columns of some kinds, typed into key by key."""

    def __init__(self, pupils: int, kinds: str = "s", direction: Direction = Direction.DOWN) -> None:
        of = {"s": EntryKind.SCORE, "l": EntryKind.LEVEL, "q": EntryKind.LEVEL, "c": EntryKind.TEXT}
        columns = [GridColumn(kind, of[kind], 4, field=f"{kind}{n}") for n, kind in enumerate(kinds)]
        keys = [f"P{number}" for number in range(1, pupils + 1)]
        self.model = GridModel(columns, keys, keys, [[GridCell() for _ in kinds] for _ in keys])
        self.lists = Lists(self.model)
        self.input = GridInput(self.model, self.lists, direction)

    def press(self, keys: str) -> None:
        for key in keys.replace(" ", ""):
            name = NAMES.get(key, key)
            self.input.key(name, " " if key == "␣" else key if name == key else "", 10)

    def stored(self, column: int = 0) -> str:
        """Return the saved values of a column, · where there is none, without the empty rest."""
        cells = [row[column] for row in self.model.cells]
        return " ".join(c.text if c.state is CellState.SAVED and c.text else "·" for c in cells).rstrip(" ·")

    def wrong(self) -> str:
        """Return the wrong values of the first column."""
        return " ".join(row[0].text for row in self.model.cells if row[0].state is CellState.WRONG)

    @property
    def here(self) -> Place:
        return self.model.row, self.model.column

    @property
    def at(self) -> str:
        return self.model.pupils[self.model.row]


@table(
    ("keys", "stored", "at", "held", "wrong"),
    [
        ("9 8 7", "9 8 7", "P4", "", ""),
        ("9 ⏎ 8 ⏎ 7 ⏎", "9 8 7", "P4", "", ""),
        ("9 ↓ 8 ↓", "9 8", "P3", "", ""),
        ("9 ⏎ ⏎ 8", "9 · 8", "P4", "", ""),
        ("9 ␣ 8", "9 · 8", "P4", "", ""),
        ("1 ⏎ 9", "1 9", "P3", "", ""),
        ("1 0 ⏎ 9", "10 9", "P3", "", ""),
        ("1 1 1 ⏎", "1 1 1", "P4", "", ""),
        ("1 5", "1 5", "P3", "", ""),
        ("9 , 5", "", "P1", "9,5", ""),
        ("9 , 5 ⏎ 8 ⏎", "· 8", "P3", "", "9,5"),
        ("9 , 5 8 7", "", "P1", "9,587", ""),
        ("9 , 0 ⏎ 8", "9 8", "P3", "", ""),
        ("9 0", "", "P1", "90", ""),
        ("1 0 0", "", "P1", "100", ""),
        ("0 9 8", "", "P1", "098", ""),
        ("0 ⏎ 9", "· 9", "P3", "", "0"),
        ("9 ⌫ 8", "8", "P2", "", ""),
        ("9 ↑ 7", "7", "P2", "", ""),
        ("1 ⌫ 8", "8", "P2", "", ""),
        ("t 8", "· 8", "P3", "", "t"),
    ],
)
def test_down_a_column_of_scores(keys: str, stored: str, at: str, held: str, wrong: str) -> None:
    sheet = Sheet(6)
    sheet.press(keys)
    assert (sheet.stored(), sheet.at, sheet.model.pending, sheet.wrong()) == (stored, at, held, wrong)


def test_a_value_typed_over_another_and_gone_on_with_a_comma_restores_the_other() -> None:
    sheet = Sheet(3)
    sheet.press("6 ↑ 7 , 5")
    assert (sheet.stored(), sheet.model.pending, sheet.at) == ("6", "7,5", "P1")
    sheet.press("⏎")
    assert (sheet.stored(), sheet.wrong()) == ("", "7,5")


@pytest.mark.parametrize(
    ("keys", "levels", "scores"),
    [("t → 9 →", "t", "9"), ("t ⇥ 9 ⏎ h ⇥ 8 ⏎", "t h", "9 8"), ("t ⇥ 9 ⏎ h ⇥ 8 ⏎ c", "t h c", "9 8")],
)
def test_across_a_row_with_level_score_and_comment(keys: str, levels: str, scores: str) -> None:
    sheet = Sheet(4, "lsc")
    sheet.press(keys)
    assert (sheet.stored(0), sheet.stored(1)) == (levels, scores)


def test_to_the_right_comments_are_passed_over_and_a_closed_cell_of_one_pupil_is_not() -> None:
    sheet = Sheet(3, "lsc", Direction.RIGHT)
    sheet.press("t 9 h 8")
    assert (sheet.stored(0), sheet.stored(1)) == ("t h", "9 8")
    sheet = Sheet(3, "lsc", Direction.RIGHT)
    sheet.model.cells[0][1] = GridCell("", CellState.LOCKED)
    sheet.press("t 9")
    assert (sheet.stored(0), sheet.stored(1), sheet.lists.locks) == ("t", "", 1)


@pytest.mark.parametrize("keys", ["9 8 7", "9 ⏎ 8 ⏎ 7", "9 8 ⏎ ↓ ␣ 7", "9 1 5 7"])
def test_behind_the_last_pupil_value_keys_are_refused_and_said(keys: str) -> None:
    sheet = Sheet(2)
    sheet.press(keys)
    assert sheet.stored() in {"9 8", "9 1"}
    assert "Hết lớp. Phím" in sheet.lists.said[-1]
    sheet.press("↑ 6")
    assert sheet.stored().split()[0] == "9" or sheet.stored().split()[0] == "6"
    assert "6" in sheet.stored()


def test_a_locked_pupil_takes_nothing_and_is_not_passed_over() -> None:
    sheet = Sheet(4)
    sheet.model.cells[1][0] = GridCell("", CellState.LOCKED)
    sheet.press("9 8 7")
    assert (sheet.stored(), sheet.at, sheet.lists.locks) == ("9", "P2", 2)


def test_a_digit_on_a_level_is_held_and_told_where_it_belongs() -> None:
    sheet = Sheet(3, "ls")
    sheet.press("9 8")
    assert (sheet.stored(0), sheet.model.pending, sheet.at) == ("", "98", "P1")
    assert "Đây là cột" in sheet.lists.said[-1]


def test_waiting_for_enter_nothing_advances_by_itself() -> None:
    sheet = Sheet(3, "s", Direction.WAIT)
    sheet.press("9")
    assert (sheet.stored(), sheet.at, sheet.model.pending) == ("", "P1", "9")
    sheet.press("⏎ 1 0 ⏎")
    assert (sheet.stored(), sheet.at) == ("9 10", "P3")


@pytest.mark.parametrize("burst", ["d ⌫ đ", "d đ"])
def test_the_second_d_of_an_input_method_is_the_next_pupils(burst: str) -> None:
    sheet = Sheet(3, "l")
    sheet.press(burst)
    assert (sheet.stored().lower(), sheet.at) == ("d đ", "P3")


# --- Excel as a second opinion ----------------------------------------------------------------------

VALUES = st.sampled_from(["9", "8", "10", "1", "7,5", "0", "9,0"])


@given(st.lists(st.tuples(VALUES, st.sampled_from("⏎↓")), max_size=9))
def test_down_with_a_key_behind_every_value_the_marks_are_those_of_excel(typed: list[tuple[str, str]]) -> None:
    sheet = Sheet(10)
    sheet.press("".join(value + key for value, key in typed))
    excel = [judged(value, EntryKind.SCORE) for value, _ in typed]
    assert [row[0] for row in sheet.model.cells][: len(typed)] == excel
    assert sheet.model.row == len(typed)


@given(st.lists(st.tuples(st.sampled_from("thc"), VALUES), max_size=8), st.sampled_from("⇥→"))
def test_across_with_tab_and_enter_the_marks_are_those_of_excel(rows: list[tuple[str, str]], step: str) -> None:
    sheet = Sheet(9, "lsc")
    for level, score in rows:
        sheet.press(level + step + score + ("⏎" if step == "⇥" else "↓←"))
    for row, (level, score) in zip(sheet.model.cells, rows, strict=False):
        assert (row[0], row[1]) == (judged(level, EntryKind.LEVEL), judged(score, EntryKind.SCORE))


KEYS = st.text("thcdđ0123456789,.⏎↓↑→←⇥␣⌫", max_size=30)


@given(KEYS, st.sampled_from(list(Direction)), st.integers(1, 5), st.sets(st.integers(0, 4)))
def test_no_keys_write_into_a_closed_cell_or_outside_the_class(
    keys: str, direction: Direction, pupils: int, closed: set[int]
) -> None:
    sheet = Sheet(pupils, "lsc", direction)
    for row in closed & set(range(pupils)):
        sheet.model.cells[row][1] = GridCell("", CellState.LOCKED)
    sheet.press(keys)
    assert 0 <= sheet.model.row < pupils
    assert all(sheet.model.cells[row][1] == GridCell("", CellState.LOCKED) for row in closed & set(range(pupils)))


@given(KEYS, st.permutations(range(5)), st.integers(0, 5))
def test_a_list_that_changes_keeps_cursor_and_held_value_on_their_pupil(keys: str, order: list[int], gone: int) -> None:
    sheet = Sheet(5, "s")
    sheet.press(keys)
    before = sheet.model
    pupil, held = before.pupils[before.row], before.pending
    left = [row for row in order if row != gone]
    names = [before.pupils[row] for row in left]
    after = GridModel(before.columns, names, names, [before.cells[row] for row in left])
    sheet.input.follow(after)
    sheet.model = sheet.lists.model = after
    if pupil in names:
        assert (after.pupils[after.row], after.pending) == (pupil, held)
    else:
        stored = [[cell.text for cell in row] for row in after.cells]
        sheet.press("9")
        assert [[cell.text for cell in row] for row in after.cells] == stored
        assert "không còn trong lớp" in sheet.lists.said[-1]


def test_a_name_with_braces_is_said_as_it_is() -> None:
    sheet = Sheet(2)
    sheet.model.names = ["{key} {0", "Bình"]
    sheet.input.follow(GridModel(sheet.model.columns, ["P2"], ["Bình"], [[GridCell()]]))
    assert sheet.lists.said[-1].startswith("{key} {0 không còn trong lớp. Phím gõ tiếp không vào ô nào")
