"""A class list that changes under an open grid: cursor, held value and everything that waits stay on their pupils."""

from __future__ import annotations

import os
import time
from pathlib import Path
from random import Random

import pytest

from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.pupils.enrolment import admit, leave
from hocba_tui.model.results import SCORE, Cell
from hocba_tui.model.values import Period
from tests.conftest import Open
from tests.screens.grid.test_grid_page import page, settle
from tests.support.text_of import status

FIELD = Cell(Period.END_YEAR, "TOAN", SCORE)


def pupils_of(root: Path) -> list[str]:
    return [pupil.key for pupil in open_desk(root, "gv.4a").pupils("4A")]


def admit_one(root: Path, name: str) -> None:
    admit(open_desk(root, "vanthu"), "4A", {"name": name, "birth": "12/03/2016"})


def scores(root: Path) -> dict[str, str]:
    results = open_desk(root, "gv.4a").results("4A")
    return {key: results[key].text(FIELD) for key in pupils_of(root) if key in results}


@pytest.mark.parametrize("held", [[], ["1"]])
async def test_a_pupil_who_is_admitted_moves_neither_the_cursor_nor_a_held_value(
    open_app: Open, store_root: Path, held: list[str]
) -> None:
    mine = pupils_of(store_root)[10]
    before = scores(store_root)
    async with open_app("gv.4a", "grid", class_key="4A", sheet="TOAN", pupil=mine, field=FIELD.field) as pilot:
        await pilot.press(*held)
        admit_one(store_root, "An Thị Bình")
        await page(pilot)._look()
        model = page(pilot).grid.model
        assert len(model.names) == len(before) + 1
        assert model.pupils[model.row] == mine
        assert model.pending == "".join(held)
        await pilot.press("0" if held else "9")
        await settle(pilot)
    assert scores(store_root) == before | {mine: "10" if held else "9"}


async def test_the_pupil_under_the_cursor_leaves_and_the_next_key_reaches_nobody(
    open_app: Open, store_root: Path
) -> None:
    mine = pupils_of(store_root)[5]
    before = scores(store_root)
    async with open_app("gv.4a", "grid", class_key="4A", sheet="TOAN", pupil=mine, field=FIELD.field) as pilot:
        await pilot.press("1")
        leave(open_desk(store_root, "vanthu"), "4A", mine, "10/06/2026", "Trường khác", "Chuyển trường")
        await page(pilot)._look()
        await pilot.press("9")
        await settle(pilot)
        assert "không còn trong lớp" in status(pilot)
        after = {key: value for key, value in before.items() if key != mine}
        assert scores(store_root) == after
        await pilot.press("down", "9")
        await settle(pilot)
        assert len(scores(store_root).items() ^ after.items()) in {0, 2}


async def test_a_value_on_its_way_reaches_its_pupil_though_the_list_changes_before_it_is_handled(
    open_app: Open, store_root: Path
) -> None:
    mine = pupils_of(store_root)[10]
    before = scores(store_root)
    async with open_app("gv.4a", "grid", class_key="4A", sheet="TOAN", pupil=mine, field=FIELD.field) as pilot:
        grid = page(pilot)
        # The message is posted and not handled yet; the list changes; then it is handled.
        grid.grid.post_message(grid.grid.Typed(mine, FIELD.field, "9"))
        admit_one(store_root, "An Thị Bình")
        grid.entry.take_in(grid.entry.read_marks(), by_me=set())
        await settle(pilot)
    assert scores(store_root) == before | {mine: "9"}


async def test_while_others_admit_and_move_pupils_every_mark_is_on_the_pupil_on_whose_row_it_was_typed(
    open_app: Open, store_root: Path
) -> None:
    chance, expected = Random(15), scores(store_root)
    names = ["An Thị Bình", "Vũ Văn Yên", "Lê Minh Khang", "Đỗ Ánh Dương"]
    async with open_app("gv.4a", "grid", class_key="4A", sheet="TOAN", field=FIELD.field) as pilot:
        grid = page(pilot)
        grid.go_to(pupils_of(store_root)[0], FIELD.field)
        for _ in range(24):
            if chance.random() < 0.3:
                if names and chance.random() < 0.6:
                    admit_one(store_root, names.pop())
                else:
                    gone = chance.choice(pupils_of(store_root))
                    if gone != grid.grid.model.pupils[grid.grid.model.row]:
                        leave(open_desk(store_root, "vanthu"), "4A", gone, "10/06/2026", "Trường khác", "Chuyển trường")
            if chance.random() < 0.5:
                await grid._look()
            model = grid.grid.model
            here, score = model.pupils[model.row], chance.choice("23456789")
            if here not in pupils_of(store_root) or grid.grid.input.end:
                await pilot.press("up")
                continue
            await pilot.press(score)
            expected[here] = score
        await settle(pilot)
    now = scores(store_root)
    assert {key: expected[key] for key in now if key in expected} == {key: now[key] for key in now if key in expected}
    assert all(value == "" for key, value in now.items() if key not in expected)


async def test_backspace_behind_a_value_restores_what_the_pupil_had(open_app: Open, store_root: Path) -> None:
    mine, following = pupils_of(store_root)[3:5]
    before = scores(store_root)
    async with open_app("gv.4a", "grid", class_key="4A", sheet="TOAN", pupil=mine, field=FIELD.field) as pilot:
        await pilot.press("2", "backspace")
        await settle(pilot)
        assert scores(store_root) == before
        await pilot.press("3")
        await settle(pilot)
        await pilot.press("backspace", "4")
        await settle(pilot)
    assert scores(store_root)[mine] == "4"
    assert scores(store_root)[following] == before[following]


async def test_backspace_restores_a_value_that_is_still_being_saved(
    open_app: Open, store_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = pupils_of(store_root)[3]
    real = os.fdatasync

    def slow(handle: int) -> None:
        time.sleep(0.1)
        real(handle)

    async with open_app("gv.4a", "grid", class_key="4A", sheet="TOAN", pupil=mine, field=FIELD.field) as pilot:
        monkeypatch.setattr("hocba_tui.store.shard.os.fdatasync", slow)
        await pilot.press("2", "up", "3", "backspace")
        await settle(pilot)
    assert scores(store_root)[mine] == "2"
