"""Undo in the grid: what the person saw last, one typed cell at a time, and never silently past another act."""

from __future__ import annotations

from pathlib import Path

import pytest

from hocba_tui.flow.grades.enter import Typed, enter
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.pupils.enrolment import leave
from hocba_tui.screens.dialogs import Confirm
from tests.conftest import Open
from tests.screens.grid.test_grid_keys import packet
from tests.screens.grid.test_grid_page import FIELD, SCORE, page, settle, stored
from tests.screens.grid.test_grid_safety import assessed
from tests.support.text_of import press_seen, screen_text, status, until_on


async def test_undo_takes_back_one_cell_at_a_time_also_of_those_that_were_saved_together(
    open_app: Open, store_root: Path
) -> None:
    pupils = assessed(store_root)[:4]
    before = [stored(store_root, key) for key in pupils]
    async with open_app("gv.5a", "grid", class_key="5A", pupil=pupils[0], field=FIELD) as pilot:
        packet(pilot, "2", "3", "4")
        await settle(pilot)
        packet(pilot, "5", "u")
        await settle(pilot)
        assert [stored(store_root, key) for key in pupils] == ["2", "3", "4", before[3]]
        assert f"Đã hoàn tác: 5 → {before[3] or 'trống'}," in status(pilot)
        await pilot.press("u")
        await settle(pilot)
        assert [stored(store_root, key) for key in pupils] == ["2", "3", *before[2:]]
        assert page(pilot).entry.marks.pupils[page(pilot).grid.model.row].key == pupils[2]
        await pilot.press("u", "u", "y")
        await settle(pilot)
    assert [stored(store_root, key) for key in pupils] == ["2", *before[1:]]


@pytest.mark.parametrize("at_once", [False, True])
async def test_undo_steps_over_a_value_that_was_taken_back(open_app: Open, store_root: Path, at_once: bool) -> None:
    one, two = assessed(store_root)[:2]
    before = stored(store_root, one)
    async with open_app("gv.5a", "grid", class_key="5A", pupil=one, field=FIELD) as pilot:
        if at_once:
            packet(pilot, "2", "backspace", "3")
        else:
            for key in ("2", "backspace", "3"):
                await pilot.press(key)
                await settle(pilot)
        await settle(pilot)
        assert stored(store_root, one) == "3"
        await pilot.press("u")
        await settle(pilot)
        assert (stored(store_root, one), stored(store_root, two)) == (before, stored(store_root, two))
        await pilot.press("u")
        await settle(pilot)
        assert "Không còn gì của bạn để hoàn tác" in status(pilot)
    assert stored(store_root, one) == before


async def test_undo_asks_before_it_passes_another_act(open_app: Open, store_root: Path) -> None:
    one, two = assessed(store_root)[:2]
    before = stored(store_root, one)
    desk = open_desk(store_root, "gv.5a")
    enter(desk, "5A", [Typed(one, SCORE, "2", int(before))])
    leave(desk, "5A", assessed(store_root)[-1], "10/06/2026", "Trường khác", "Chuyển trường")
    async with open_app("gv.5a", "grid", class_key="5A", pupil=two, field=FIELD) as pilot:
        await pilot.press("u")
        await until_on(pilot, Confirm)
        assert "Việc gần nhất của bạn ở lớp 5A là ghi học sinh rời trường" in " ".join(screen_text(pilot).split())
        await pilot.press("escape")
        await settle(pilot)
        assert stored(store_root, one) == "2"
        await pilot.press("u")
        await until_on(pilot, Confirm)
        await press_seen(pilot, "f7")
        await settle(pilot)
        assert stored(store_root, one) == before
