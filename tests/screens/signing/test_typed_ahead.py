"""Keys typed ahead never sign, send or return anything; the queue's first row is all classes."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot

from hocba_tui.flow.opening import open_desk
from hocba_tui.model.values import RecordState
from hocba_tui.screens.card import CardPage
from hocba_tui.screens.dialogs import AskFields, Confirm
from hocba_tui.screens.grid.page import GridPage
from hocba_tui.screens.home import HomePage
from hocba_tui.screens.signing.pages import ApprovePage
from hocba_tui.screens.signing.queues import ApproveQueuePage
from hocba_tui.widgets.rows import Rows
from tests.conftest import Open
from tests.support.text_of import agree, key_bar, press_seen, screen_text, status, title, until, until_on, until_painted

_CHARACTERS = {"enter": "\r", "space": " "}


def burst(pilot: Pilot[Any], *keys: str) -> None:
    """Send keys as a terminal does that has several of them waiting: nothing happens between two of them."""
    for key in keys:
        event = events.Key(key, _CHARACTERS.get(key, key if len(key) == 1 else None))
        event.set_sender(pilot.app)
        pilot.app.post_message(event)


def states(root: Path) -> list[RecordState]:
    return [record.state for record in open_desk(root, "hieutruong").records("5A").values()]


def says(pilot: Pilot[Any], text: str) -> bool:
    return status(pilot) == text


async def at_rest(pilot: Pilot[Any]) -> None:
    await until_painted(pilot)
    await pilot.pause(0.1)


@pytest.mark.parametrize("keys", [("enter", "enter", "f7"), ("enter", "enter", "k"), ("enter", "down", "enter", "f7")])
async def test_keys_typed_ahead_at_home_sign_nothing(
    open_app: Open, submitted_root: Path, keys: tuple[str, ...]
) -> None:
    async with open_app("hieutruong") as pilot:
        assert "Duyệt và ký học bạ" in status(pilot)
        await pilot.press(*keys)
        await at_rest(pilot)
        assert not isinstance(pilot.app.screen, AskFields)
    async with open_app("hieutruong") as pilot:
        burst(pilot, *keys, *keys, "1", "2", "3", "4", "5", "6", "enter")
        await at_rest(pilot)
        assert not isinstance(pilot.app.screen, AskFields)
    assert states(submitted_root).count(RecordState.SUBMITTED) == 31


@pytest.mark.usefixtures("submitted_root")
async def test_a_key_that_came_before_the_page_was_painted_is_said(open_app: Open) -> None:
    async with open_app("hieutruong", "approve_class", class_key="5A") as pilot:
        await until_painted(pilot)
        page = pilot.app.screen
        assert isinstance(page, ApprovePage)
        painted = page._painted_at
        for key, name in (("f7", "F7"), ("f8", "F8"), ("ctrl+k", "^K")):
            said = f"Phím {name} bấm trước khi màn hình này hiện ra nên không tính. Xem rồi bấm lại."
            early = events.Key(key, None)
            early.time = painted - 0.001
            early.set_sender(pilot.app)
            pilot.app.post_message(early)
            await until(pilot, partial(says, pilot, said))
            assert pilot.app.screen is page
            assert status(pilot) == said
        await press_seen(pilot, "f7")
        await until_on(pilot, Confirm)
        assert isinstance(pilot.app.screen, Confirm)


async def test_a_question_is_not_answered_by_what_was_typed_before_it_was_painted(
    open_app: Open, submitted_root: Path
) -> None:
    async with open_app("hieutruong", "approve_class", class_key="5A") as pilot:
        await until_painted(pilot)
        burst(pilot, "f7", "f7", "f7")
        await until_on(pilot, Confirm)
        await at_rest_on_question(pilot)
        assert "Duyệt và ký 31 học bạ của lớp 5A?" in screen_text(pilot)
        await until(pilot, lambda: "Phím F7 bấm" in screen_text(pilot))
        assert "Phím F7 bấm trước khi khung này hiện ra nên không tính." in screen_text(pilot)
        assert "F7: Ký 31 học bạ" in screen_text(pilot)
        await press_seen(pilot, "enter")
        assert "Phím Enter không dùng ở đây." in screen_text(pilot)
        assert isinstance(pilot.app.screen, Confirm)
        await press_seen(pilot, "c")
        assert isinstance(pilot.app.screen, Confirm)
        assert "Phím này nay là F7." in screen_text(pilot)
        await agree(pilot)
        await until_on(pilot, AskFields)
        assert "Mã PIN" in screen_text(pilot)
    assert states(submitted_root).count(RecordState.SUBMITTED) == 31


async def at_rest_on_question(pilot: Pilot[Any]) -> None:
    await until_painted(pilot)
    await pilot.pause(0.1)
    assert isinstance(pilot.app.screen, Confirm)


@pytest.mark.usefixtures("submitted_root")
async def test_the_first_row_of_the_queue_is_all_classes_and_f7_signs_only_behind_it(open_app: Open) -> None:
    async with open_app("hieutruong", "approve") as pilot:
        assert screen_text(pilot).splitlines()[3].strip() == "Tất cả: 1 lớp, 31 học bạ"
        assert "F7" not in key_bar(pilot)
        await press_seen(pilot, "f7")
        assert status(pilot).startswith("Ở danh sách này F7 không ký gì.")
        await pilot.press("enter")
        await until(pilot, lambda: "tất cả" in title(pilot))
        assert isinstance(pilot.app.screen, ApproveQueuePage)
        assert key_bar(pilot).startswith(" F7 Ký 1 lớp (31)")
        assert "5A" in screen_text(pilot).splitlines()[3]
        await press_seen(pilot, "f7")
        await until_on(pilot, Confirm)
        assert "Duyệt và ký 31 học bạ của 1 lớp?" in screen_text(pilot)
        assert "F7: Ký 1 lớp (31)" in screen_text(pilot)


async def test_f8_returns_a_record_with_a_reason(open_app: Open, submitted_root: Path) -> None:
    async with open_app("hieutruong", "approve_class", class_key="5A") as pilot:
        assert "F8 Trả lại" in key_bar(pilot)
        name = open_desk(submitted_root, "hieutruong").pupils("5A")[0].name
        await press_seen(pilot, "f8")
        assert f"Trả lại học bạ của {name}" in screen_text(pilot)
        await pilot.press(*"Sai o Toan", "enter")
        await pilot.pause()
        assert states(submitted_root).count(RecordState.SUBMITTED) == 30
    async with open_app("gv.5a", "review", class_key="5A") as pilot:
        assert "Hiệu trưởng trả lại: Sai o Toan" in screen_text(pilot)


@pytest.mark.usefixtures("submitted_root")
async def test_only_the_principals_page_returns(open_app: Open) -> None:
    async with open_app("gv.5a", "submit", class_key="5A") as pilot:
        await press_seen(pilot, "f8")
        assert status(pilot) == "Phím F8 không dùng ở đây; ? xem các phím."


@pytest.mark.usefixtures("submitted_root")
async def test_one_press_asks_once_though_another_page_has_opened_meanwhile(open_app: Open) -> None:
    async with open_app("hieutruong", "approve") as pilot:
        await until_painted(pilot)
        burst(pilot, "enter", "f7", "f7")
        await at_rest(pilot)
        assert isinstance(pilot.app.screen, ApproveQueuePage)
        assert "tất cả" in title(pilot)


@pytest.mark.usefixtures("submitted_root")
async def test_ordinary_keys_wait_for_the_page_that_is_opening(open_app: Open) -> None:
    async with open_app("hieutruong") as pilot:
        await until_painted(pilot)
        burst(pilot, "enter", "down", "enter", "down", "f7", "down")
        await until_on(pilot, ApprovePage)
        await at_rest(pilot)
        assert title(pilot) == "Duyệt và ký › 5A"
        assert pilot.app.screen.query_one(Rows).list.highlighted == 2
        assert len(pilot.app.screen_stack) == 4
        burst(pilot, "escape", "escape")
        await until_on(pilot, HomePage)
        assert title(pilot) == "Việc của tôi hôm nay"


@pytest.mark.usefixtures("submitted_root")
async def test_the_last_word_about_a_key_typed_too_early_is_said(open_app: Open) -> None:
    async with open_app("hieutruong") as pilot:
        await until_painted(pilot)
        burst(pilot, "enter", "down", "enter", "f7")
        await until_on(pilot, ApprovePage)
        await at_rest(pilot)
        assert status(pilot).startswith("Phím F7 bấm trước khi màn hình này hiện ra nên không tính.")


async def test_values_typed_before_the_grid_appeared_wait_for_it(open_app: Open, store_root: Path) -> None:
    async with open_app("gv.5a") as pilot:
        await until_painted(pilot)
        burst(pilot, "enter", "9")
        await until_on(pilot, GridPage)
        await until(pilot, lambda: "đã lưu lúc" in status(pilot))
        grid = pilot.app.screen
        assert isinstance(grid, GridPage)
        model = grid.grid.model
        assert model.cells[model.row - 1][model.column].text == "9"


async def test_many_keys_at_once_are_all_taken_in_order(open_app: Open) -> None:
    async with open_app("gv.5a", "roster", class_key="5A") as pilot:
        await until_painted(pilot)
        burst(pilot, *["down"] * 20, *["up"] * 5, "k")
        await until_on(pilot, CardPage)
        await at_rest(pilot)
        assert "(16/" in title(pilot)
