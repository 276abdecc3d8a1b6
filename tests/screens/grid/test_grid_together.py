"""Two people in one class: what one enters comes to the other by itself."""

from __future__ import annotations

from pathlib import Path

from hocba_tui.flow.grades.enter import Typed, enter
from hocba_tui.flow.opening import open_desk
from hocba_tui.model.results import LEVEL, Cell
from hocba_tui.model.values import Period
from hocba_tui.screens.grid import page as grid_module
from hocba_tui.screens.grid.page import GridPage
from hocba_tui.widgets.grid_model import CellState
from tests.conftest import Open
from tests.support.text_of import until

MATHS = Cell(Period.END_YEAR, "TOAN", LEVEL)


async def test_what_another_session_enters_is_shown_without_a_key(open_app: Open, store_root: Path) -> None:
    other = open_desk(store_root, "gv.5a")
    pupil = next(pupil.key for pupil in other.pupils("5A") if pupil.assessed)
    async with open_app("gv.5a", "grid", class_key="5A", sheet="TOAN") as pilot:
        page = pilot.app.screen
        assert isinstance(page, GridPage)
        row = [found.key for found in page.entry.marks.pupils].index(pupil)
        seen = page.entry.marks.value(pupil, MATHS)
        assert enter(other, "5A", [Typed(pupil, MATHS, "H" if seen == "T" else "T", seen)]).entry is not None
        await until(pilot, lambda: page.grid.model.cells[row][0].state is CellState.CHANGED)
        assert page.grid.model.cells[row][0].state is CellState.CHANGED
        assert page.grid.model.cells[row][0].text == ("H" if seen == "T" else "T")


def test_the_time_between_two_looks_leaves_half_of_the_promised_second_for_reading_and_painting() -> None:
    assert grid_module._LOOK_EVERY <= 0.5
