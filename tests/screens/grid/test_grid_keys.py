"""Keys in the grid, as terminals and input methods send them: nothing may land in a cell that it was not meant for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual import events
from textual.pilot import Pilot

from hocba_tui.flow.grades.enter import Typed, enter
from hocba_tui.flow.opening import open_desk
from hocba_tui.model.results import Cell
from hocba_tui.model.values import EntryKind, Period
from hocba_tui.store.backend import Entry
from hocba_tui.widgets.grid_hand import Direction
from hocba_tui.widgets.grid_keys import ThirdD
from hocba_tui.widgets.grid_model import CellState, GridCell, GridColumn, GridModel
from tests.conftest import Open
from tests.screens.grid.test_grid_page import FIELD, LEVEL, page, settle, stored
from tests.screens.grid.test_grid_safety import assessed
from tests.support.text_of import screen_text, status

QUALITY = Cell(Period.END_YEAR, "YN", "level")


def packet(pilot: Pilot[Any], *keys: str) -> None:
    """Deliver keys as a driver does that reads them in one go: all are queued before the first is handled."""
    for key in keys:
        pilot.app.post_message(events.Key(key, None if key == "backspace" else key))


def changes_of(root: Path, pupil: str, cell: Cell) -> list[Entry]:
    return list(open_desk(root, "gv.5a").class_shard("5A").history("results", pupil, cell.field))


async def test_unikeys_bursts_for_one_d_after_the_other_are_one_level_each(open_app: Open, store_root: Path) -> None:
    pupils = assessed(store_root)[:5]
    enter(
        open_desk(store_root, "gv.5a"),
        "5A",
        [Typed(key, QUALITY, "t", stored(store_root, key, QUALITY) or None) for key in pupils],
    )
    before = len(changes_of(store_root, pupils[1], QUALITY))
    async with open_app("gv.5a", "grid", class_key="5A", pupil=pupils[0], field=QUALITY.field) as pilot:
        row = page(pilot).grid.model.row
        packet(pilot, "d")
        await pilot.pause(0.1)
        packet(pilot, "backspace", "đ")
        await pilot.pause(0.1)
        packet(pilot, "backspace", "d", "d")
        await pilot.pause(0.1)
        packet(pilot, "d")
        await settle(pilot)
        assert page(pilot).grid.model.row == row + 4
    assert [stored(store_root, key, QUALITY) for key in pupils] == ["Đ", "Đ", "Đ", "Đ", "T"]
    # The Backspace was not first written as an empty cell.
    assert len(changes_of(store_root, pupils[1], QUALITY)) == before + 1


async def test_backspace_behind_d_leaves_the_next_pupil_alone_also_when_it_comes_late(
    open_app: Open, store_root: Path
) -> None:
    one, two = assessed(store_root)[:2]
    enter(open_desk(store_root, "gv.5a"), "5A", [Typed(two, QUALITY, "t", stored(store_root, two, QUALITY) or None)])
    async with open_app("gv.5a", "grid", class_key="5A", pupil=one, field=QUALITY.field) as pilot:
        await pilot.press("d")
        await pilot.pause(0.3)
        await pilot.press("backspace")
        await settle(pilot)
        assert "bấm ↑ để về ô vừa gõ" in status(pilot)
        await pilot.press("đ")
        await settle(pilot)
    assert [stored(store_root, key, QUALITY) for key in (one, two)] == ["Đ", "Đ"]


@settings(deadline=None)
@given(st.lists(st.sampled_from(["d", "đ", "t", "backspace", "down"]), max_size=12))
def test_keys_that_come_slowly_are_all_a_persons(keys: list[str]) -> None:
    third = ThirdD()
    assert not any(third.swallows(key, key if len(key) == 1 else "", float(at)) for at, key in enumerate(keys))


async def test_a_wrong_value_never_draws_the_next_keys_into_its_cell(open_app: Open, store_root: Path) -> None:
    pupils = assessed(store_root)[:5]
    before = stored(store_root, pupils[0])
    async with open_app("gv.5a", "grid", class_key="5A", pupil=pupils[0], field=FIELD) as pilot:
        packet(pilot, "0", "enter", "8", "7")
        await settle(pilot)
        packet(pilot, "6")
        await settle(pilot)
        assert "1 ô sai CHƯA lưu (!), n để tới" in status(pilot)
    assert [stored(store_root, key) for key in pupils[:4]] == [before, "8", "7", "6"]


async def test_a_wrong_value_outlives_a_look_at_another_subject(open_app: Open, store_root: Path) -> None:
    pupil = assessed(store_root)[0]
    before = stored(store_root, pupil)
    async with open_app("gv.5a", "grid", class_key="5A", pupil=pupil, field=FIELD) as pilot:
        page(pilot).grid.direction = Direction.RIGHT
        await pilot.press("0", "down")
        await settle(pilot)
        grid = page(pilot)
        grid.switch("TV", Period.END_YEAR)
        assert "1 ô sai CHƯA lưu" in status(pilot)
        grid.switch("TOAN", Period.END_YEAR)
        await pilot.pause()
        assert " 0   !" in screen_text(pilot)
        grid.go_to(pupil, FIELD)
        await pilot.press("backspace")
        await pilot.pause()
        assert grid.grid.model.active == GridCell(before, CellState.SAVED)


async def test_control_and_an_arrow_go_to_the_next_gap_or_to_the_edge(open_app: Open, store_root: Path) -> None:
    pupils = assessed(store_root)
    desk = open_desk(store_root, "gv.5a")
    gap = pupils[6]
    held = desk.results("5A")
    levels = [Typed(key, LEVEL, "h", held[key].text(LEVEL) or None) for key in pupils if key != gap]
    enter(desk, "5A", [*levels, Typed(gap, LEVEL, "", held[gap].text(LEVEL) or None)])
    async with open_app("gv.5a", "grid", class_key="5A", pupil=pupils[0], field=LEVEL.field) as pilot:
        keys = [pupil.key for pupil in page(pilot).entry.marks.pupils]
        await pilot.press("ctrl+down")
        assert page(pilot).grid.model.row == keys.index(gap)
        await pilot.press("ctrl+down")
        assert page(pilot).grid.model.row == len(keys) - 1
        await pilot.press("ctrl+up", "ctrl+up")
        assert page(pilot).grid.model.row == 0


STATES = st.sampled_from([CellState.REQUIRED, CellState.SAVED, CellState.LOCKED, CellState.WRONG, CellState.EXEMPT])


@settings(deadline=None)
@given(st.integers(1, 5), st.integers(1, 5), st.sampled_from([(0, 1), (1, 0), (0, -1), (-1, 0)]), st.data())
def test_a_leap_ends_at_the_nearest_gap_in_its_direction(
    rows: int, columns: int, way: tuple[int, int], data: st.DataObject
) -> None:
    cells = [[GridCell("", data.draw(STATES)) for _ in range(columns)] for _ in range(rows)]
    model = GridModel([GridColumn("", EntryKind.LEVEL, 1)] * columns, [""] * rows, [""] * rows, cells)
    model.row, model.column = data.draw(st.integers(0, rows - 1)), data.draw(st.integers(0, columns - 1))
    here = (model.row, model.column)
    ahead = [(here[0] + n * way[0], here[1] + n * way[1]) for n in range(1, 6)]
    ahead = [(r, c) for r, c in ahead if 0 <= r < rows and 0 <= c < columns]
    gaps = [place for place in ahead if cells[place[0]][place[1]].state in (CellState.REQUIRED, CellState.WRONG)]
    wanted = (gaps or ahead[-1:] or [here])[0]
    model.move(*model.leap(*way))
    assert (model.row, model.column) == wanted


@pytest.mark.parametrize("key", ["t", "backspace"])
async def test_an_exempt_cell_says_so_in_its_mark_and_in_words(open_app: Open, store_root: Path, key: str) -> None:
    pupil = next(p for p in open_desk(store_root, "gv.5a").pupils("5A") if "GDTC" in p.exempt_subjects)
    cell = Cell(Period.END_YEAR, "GDTC", "level")
    async with open_app("gv.5a", "grid", class_key="5A", pupil=pupil.key, field=cell.field) as pilot:
        assert page(pilot).grid.model.active.state is CellState.EXEMPT
        line = next(line for line in screen_text(pilot).splitlines() if pupil.name in line)
        assert line.partition(pupil.name)[2].split()[0] == "M"
        assert f"M: {pupil.name} được miễn môn này" in status(pilot)
        await pilot.press(key)
        await pilot.pause()
        assert page(pilot).entry.saver.waiting == 0


async def test_a_key_that_no_cell_takes_says_what_the_cell_takes(open_app: Open, store_root: Path) -> None:
    one = assessed(store_root)[0]
    async with open_app("gv.5a", "grid", class_key="5A", pupil=one, field=FIELD) as pilot:
        await pilot.press("w")
        await settle(pilot)
        assert status(pilot) == "Phím w không vào ô nào. Ô này: số từ 1 đến 10."
