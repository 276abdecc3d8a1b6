"""Two teachers write one cell: nothing is lost, both values are shown, and the choice is the teacher's."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from hocba_tui.demo.school import DemoSchool
from hocba_tui.flow.grades.drafts import drafts
from hocba_tui.flow.grades.enter import Typed, enter
from hocba_tui.flow.opening import open_desk
from hocba_tui.model.results import COMMENT, Cell
from hocba_tui.model.values import Period
from hocba_tui.screens.dialogs import Confirm
from hocba_tui.screens.editor import EditText
from hocba_tui.screens.grid.choose_value import ChooseValue
from hocba_tui.screens.home import HomePage
from hocba_tui.widgets.grid_model import CellState
from tests.conftest import Open
from tests.screens.grid.test_grid_page import FIELD, SCORE, first_gaps, page, settle, stored
from tests.screens.grid.test_grid_safety import assessed
from tests.support.text_of import agree, screen_text, status, title, until, until_on

_MOMENT = r"\d\d/\d\d/\d{4} \d\d:\d\d"
TOAN_COMMENT = Cell(Period.END_YEAR, "TOAN", COMMENT)


def write_elsewhere(root: Path, pupil: str, text: str, seen: int | None = None) -> None:
    enter(open_desk(root, "gv.5a"), "5A", [Typed(pupil, SCORE, text, seen)])


async def clash_on(pilot: Pilot[Any], root: Path, gap: str) -> None:
    """Let another session write 6 where this one types 9, and put the cursor back on the cell."""
    write_elsewhere(root, gap, "6")
    await pilot.press("9")
    await settle(pilot)
    page(pilot).go_to(gap, FIELD)
    await pilot.pause()
    assert page(pilot).grid.model.active.state is CellState.CONFLICT


async def choose(pilot: Pilot[Any], *keys: str) -> None:
    await pilot.press("enter")
    await pilot.pause()
    assert isinstance(pilot.app.screen, ChooseValue)
    await pilot.press(*keys)
    await pilot.pause()


@pytest.mark.parametrize("opened_by", ["enter", "equals_sign"])
async def test_both_values_are_shown_with_names_and_times(
    open_app: Open, store_root: Path, demo: DemoSchool, opened_by: str
) -> None:
    gap = first_gaps(demo, store_root, 1)[0]
    async with open_app("gv.5a", "grid", class_key="5A", pupil=gap, field=FIELD) as pilot:
        await clash_on(pilot, store_root, gap)
        await pilot.press(opened_by)
        await pilot.pause()
        lines = [line.strip(" │") for line in screen_text(pilot).splitlines()]
        name = open_desk(store_root, "gv.5a").actor.name
        theirs = next(n for n, line in enumerate(lines) if line.startswith("Đang lưu: của"))
        assert re.search(rf"của {name} \(bạn, ở phiên khác\), {_MOMENT}$", lines[theirs])
        assert lines[theirs + 1] == "6"
        mine = next(n for n, line in enumerate(lines) if re.fullmatch(f"CHƯA ghi: của bạn, {_MOMENT}", line))
        assert lines[mine + 1] == "9"
        await pilot.press("escape")
        await pilot.pause()
        assert page(pilot).grid.model.active.state is CellState.CONFLICT


@pytest.mark.parametrize(
    ("keys", "after"),
    [
        (["enter"], "6"),
        (["down", "enter"], "9"),
        (["down", "down", "enter", "backspace", "8", "enter"], "8"),
    ],
)
async def test_the_chosen_value_is_the_one_that_stands(
    open_app: Open, store_root: Path, demo: DemoSchool, keys: list[str], after: str
) -> None:
    gap = first_gaps(demo, store_root, 1)[0]
    async with open_app("gv.5a", "grid", class_key="5A", pupil=gap, field=FIELD) as pilot:
        await clash_on(pilot, store_root, gap)
        await choose(pilot, *keys)
        await settle(pilot)
        assert page(pilot).grid.model.active.text == after
        assert page(pilot).grid.model.active.state is CellState.SAVED
        assert page(pilot).entry.unsettled() == []
    assert stored(store_root, gap) == after


async def test_a_third_value_that_came_while_choosing_is_not_written_over(
    open_app: Open, store_root: Path, demo: DemoSchool
) -> None:
    gap = first_gaps(demo, store_root, 1)[0]
    async with open_app("gv.5a", "grid", class_key="5A", pupil=gap, field=FIELD) as pilot:
        await clash_on(pilot, store_root, gap)
        await pilot.press("enter")
        await pilot.pause()
        write_elsewhere(store_root, gap, "7", 6)
        grid = pilot.app.screen_stack[-2]
        await grid._look()  # type: ignore[attr-defined]
        await pilot.press("down", "enter")
        await settle(pilot)
        assert page(pilot).grid.model.active.state is CellState.CONFLICT
        assert page(pilot).grid.model.active.text == "7"
    assert stored(store_root, gap) == "7"


async def test_the_mark_stays_over_other_sheets_and_looks_until_one_is_chosen(
    open_app: Open, store_root: Path, demo: DemoSchool
) -> None:
    gap = first_gaps(demo, store_root, 1)[0]
    async with open_app("gv.5a", "grid", class_key="5A", pupil=gap, field=FIELD) as pilot:
        await clash_on(pilot, store_root, gap)
        write_elsewhere(store_root, gap, "7", 6)
        await page(pilot)._look()
        assert page(pilot).grid.model.active.text == "7"
        page(pilot).switch("TV", Period.END_YEAR)
        assert "≠" in status(pilot)
        await pilot.press("equals_sign")
        await pilot.pause()
        assert isinstance(pilot.app.screen, ChooseValue)
        assert "Toán" in screen_text(pilot)
        await pilot.press("escape")
        await pilot.pause()
        await pilot.press("backspace", "escape")
        await until_on(pilot, Confirm)
        assert isinstance(pilot.app.screen, Confirm)
        assert "1 ô ≠" in screen_text(pilot)
        await agree(pilot)
        await until_on(pilot, HomePage)
        assert title(pilot) == "Việc của tôi hôm nay"
    assert stored(store_root, gap) == "7"


async def test_both_writing_the_same_is_no_clash(open_app: Open, store_root: Path, demo: DemoSchool) -> None:
    gap = first_gaps(demo, store_root, 1)[0]
    async with open_app("gv.5a", "grid", class_key="5A", pupil=gap, field=FIELD) as pilot:
        write_elsewhere(store_root, gap, "6")
        await pilot.press("6")
        await settle(pilot)
        assert "≠" not in screen_text(pilot)
    assert stored(store_root, gap) == "6"


async def test_typing_goes_on_while_a_cell_is_in_conflict(open_app: Open, store_root: Path, demo: DemoSchool) -> None:
    one, two = first_gaps(demo, store_root, 2)
    async with open_app("gv.5a", "grid", class_key="5A", pupil=one, field=FIELD) as pilot:
        write_elsewhere(store_root, one, "6")
        await pilot.press("9")
        await settle(pilot)
        page(pilot).go_to(two, FIELD)
        await pilot.press("1", "0")
        await settle(pilot)
        assert page(pilot) is pilot.app.screen
    assert [stored(store_root, key) for key in (one, two)] == ["6", "10"]


async def test_two_comments_are_shown_whole_and_one_can_be_made_of_both(open_app: Open, store_root: Path) -> None:
    pupil = assessed(store_root)[0]
    held = stored(store_root, pupil, TOAN_COMMENT)
    async with open_app("gv.5a", "grid", class_key="5A", pupil=pupil, field=TOAN_COMMENT.field) as pilot:
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press(*" Mine")
        enter(open_desk(store_root, "gv.5a"), "5A", [Typed(pupil, TOAN_COMMENT, "Theirs", held or None)])
        await pilot.press("enter")
        await settle(pilot)
        page(pilot).go_to(pupil, TOAN_COMMENT.field)
        assert page(pilot).grid.model.active.state is CellState.CONFLICT
        await choose(pilot)
        assert "Theirs" in screen_text(pilot)
        assert "Mine" in screen_text(pilot)
        await pilot.press("down", "down", "enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, EditText)
        await pilot.press(*" both", "enter")
        await settle(pilot)
        assert page(pilot).entry.unsettled() == []
    assert stored(store_root, pupil, TOAN_COMMENT) == f"{held} Mine both"
    assert drafts(open_desk(store_root, "gv.5a"), "5A") == ()


async def test_what_others_write_below_an_open_editor_is_not_overwritten(open_app: Open, store_root: Path) -> None:
    pupil = assessed(store_root)[0]
    held = stored(store_root, pupil, TOAN_COMMENT)
    async with open_app("gv.5a", "grid", class_key="5A", pupil=pupil, field=TOAN_COMMENT.field) as pilot:
        grid = page(pilot)
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press(*" Mine")
        enter(open_desk(store_root, "gv.5a"), "5A", [Typed(pupil, TOAN_COMMENT, "Theirs", held or None)])
        await until(pilot, lambda: grid.entry.marks.text(pupil, TOAN_COMMENT) == "Theirs")
        await pilot.press("enter")
        await settle(pilot)
        assert stored(store_root, pupil, TOAN_COMMENT) == "Theirs"
        ((_, clash),) = grid.entry.unsettled()
        assert clash.state is CellState.CONFLICT
        assert [draft.text for draft in drafts(open_desk(store_root, "gv.5a"), "5A")] == [f"{held} Mine"]


async def test_an_editor_opened_while_ones_own_text_is_being_saved_shows_it(open_app: Open, store_root: Path) -> None:
    pupil = assessed(store_root)[0]
    held = stored(store_root, pupil, TOAN_COMMENT)
    async with open_app("gv.5a", "grid", class_key="5A", pupil=pupil, field=TOAN_COMMENT.field) as pilot:
        grid = page(pilot)
        row, column = grid.here
        grid.write(row, column, f"{held} One")
        grid.open_editor(row, column)
        await pilot.pause()
        assert await grid.entry.saver.drain()
        await pilot.press(*" Two", "enter")
        await settle(pilot)
        assert grid.entry.unsettled() == []
    assert stored(store_root, pupil, TOAN_COMMENT) == f"{held} One Two"


async def test_keeping_the_other_ones_comment_drops_the_draft(open_app: Open, store_root: Path) -> None:
    pupil = assessed(store_root)[0]
    held = stored(store_root, pupil, TOAN_COMMENT)
    async with open_app("gv.5a", "grid", class_key="5A", pupil=pupil, field=TOAN_COMMENT.field) as pilot:
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press(*" Mine")
        enter(open_desk(store_root, "gv.5a"), "5A", [Typed(pupil, TOAN_COMMENT, "Theirs", held or None)])
        await pilot.press("enter")
        await settle(pilot)
        assert drafts(open_desk(store_root, "gv.5a"), "5A") != ()
        page(pilot).go_to(pupil, TOAN_COMMENT.field)
        await choose(pilot, "enter")
        assert page(pilot).entry.unsettled() == []
    assert stored(store_root, pupil, TOAN_COMMENT) == "Theirs"
    assert drafts(open_desk(store_root, "gv.5a"), "5A") == ()
