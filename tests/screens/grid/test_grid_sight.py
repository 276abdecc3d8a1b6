"""The active cell is on the screen whatever happens, and a wide terminal shows more of the comments."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.pupils.enrolment import admit
from hocba_tui.model.values import EntryKind, Period
from hocba_tui.screens.grid.places import sheet_options
from hocba_tui.widgets.entry_grid import EntryGrid
from hocba_tui.widgets.mark_grid import MarkGrid
from tests.conftest import Open
from tests.screens.grid.test_grid_page import page
from tests.support.text_of import screen_text

SIZES = [(80, 24), (80, 24), (200, 60), (100, 12), (60, 15), (132, 43)]
MOVES = ["down", "up", "right", "left", "end", "home", "pagedown", "pageup", "ctrl+end", "ctrl+home", "n", "a", "9"]


def in_sight(grid: MarkGrid) -> bool:
    """Return whether the terminal's cursor is on the active cell, inside the grid, at a line that shows its pupil."""
    where = grid.app.cursor_position
    line = grid.render_line(where.y - grid.content_region.y).text
    row = grid.model.row
    return grid.content_region.contains_point(where) and line.startswith(f"{row + 1:>3}>{grid.model.names[row][:8]}")


@pytest.mark.parametrize("seed", range(3))
async def test_the_active_cell_is_on_the_screen_after_every_jump_resize_and_change_of_sheet(
    open_app: Open, seed: int
) -> None:
    chance = Random(seed)
    async with open_app("gv.5a", "grid", class_key="5A", sheet="TOAN") as pilot:
        grid = page(pilot)
        sheets = [key for key, _ in sheet_options(grid.entry.marks.classroom)]
        for _ in range(40):
            done = chance.choice(["move", "move", "resize", "sheet", "go"])
            if done == "move":
                await pilot.press(*chance.choices(MOVES, k=3))
            elif done == "resize":
                await pilot.resize_terminal(*chance.choice(SIZES))
            elif done == "sheet":
                grid.switch(chance.choice(sheets), chance.choice([Period.END_YEAR, Period.MID_2]))
            else:
                marks = grid.entry.marks
                grid.go_to(chance.choice(marks.pupils).key, chance.choice(marks.columns).cell.field)
            await pilot.pause()
            assert pilot.app.screen is grid
            assert in_sight(grid.grid), (done, pilot.app.size, grid.here)


async def test_a_pupil_who_is_admitted_does_not_scroll_the_class(open_app: Open, store_root: Path) -> None:
    async with open_app("gv.4a", "grid", class_key="4A", sheet="TOAN") as pilot:
        await pilot.press("ctrl+end", "up")
        grid: EntryGrid = page(pilot).grid
        before = grid._top
        assert before > 0
        admit(open_desk(store_root, "vanthu"), "4A", {"name": "Vũ Văn Yên", "birth": "12/03/2016"})
        await page(pilot)._look()
        await pilot.pause()
        assert (grid._top, in_sight(grid)) == (before, True)


async def test_a_wide_terminal_gives_its_width_to_the_comments(open_app: Open) -> None:
    async with open_app("gv.5a", "grid", class_key="5A", sheet="TOAN") as pilot:
        grid = page(pilot).grid
        text = next(n for n, column in enumerate(grid.model.columns) if column.kind is EntryKind.TEXT)
        comment = max((row[text].text.replace("\n", " ") for row in grid.model.cells[:10]), key=len)
        assert comment not in screen_text(pilot)
        await pilot.resize_terminal(200, 40)
        await pilot.pause()
        assert grid.model.width(text) > 100
        assert comment in screen_text(pilot)
        assert grid._x(text) + grid.model.width(text) < 200
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert grid.model.width(text) < 40
