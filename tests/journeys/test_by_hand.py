"""All steps as people do them by keyboard: round, submit, approve, seal, send, receipts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from hocba_tui.demo.job import sandbox
from hocba_tui.demo.school import DemoSchool
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.records.issued_files import issued_files
from hocba_tui.model.values import RecordState
from hocba_tui.screens.dialogs import AskFields, Notice
from hocba_tui.signing.training import PIN
from tests.conftest import Open, open_app  # noqa: F401
from tests.support.signed import fill_gaps
from tests.support.text_of import agree, key_bar, press_seen, screen_text, status, until_on


async def sign(pilot: Pilot[Any], pin: str = PIN) -> None:
    """Press F7, agree, type the PIN, wait until everything is signed."""
    await press_seen(pilot, "f7")
    await agree(pilot)
    await until_on(pilot, AskFields)
    await pilot.press(*pin, "enter")
    await pilot.pause()
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


async def test_from_round_to_receipt_by_keyboard_alone(
    open_app: Open,  # noqa: F811
    store_root: Path,
    demo: DemoSchool,
) -> None:
    fill_gaps(store_root, demo)
    async with open_app("gv.5a", "submit", class_key="5A") as pilot:
        await press_seen(pilot, "f7")
        await until_on(pilot, Notice)
        assert "chưa mở đợt" in screen_text(pilot)
    async with open_app("hieutruong", "round") as pilot:
        await press_seen(pilot, "f7")
        await pilot.press("enter", "enter")
        await pilot.pause()
        assert "Đã mở đợt" in status(pilot)
    async with open_app("gv.5a", "submit", class_key="5A") as pilot:
        await sign(pilot, "000000")
        assert isinstance(pilot.app.screen, Notice)
        assert "Sai mã PIN" in screen_text(pilot)
        await pilot.press("enter")
        await sign(pilot)
        assert "31/31" in status(pilot)
    async with open_app("hieutruong", "approve") as pilot:
        await pilot.press("down", "enter")
        await pilot.pause()
        await sign(pilot)
        assert "31/31" in status(pilot)
    async with open_app("vanthu", "seal") as pilot:
        await pilot.press("down", "enter")
        await pilot.pause()
        await sign(pilot)
        assert "31/31" in status(pilot)
    desk = open_desk(store_root, "vanthu")
    assert len(issued_files(desk, "5A")) == 31
    with sandbox(store_root) as url:
        async with open_app("vanthu", "outbox") as pilot:
            pilot.app.screen.desk.portal = url  # type: ignore[attr-defined]
            assert "F7 Gửi 31 học bạ" in key_bar(pilot)
            await press_seen(pilot, "f7")
            await agree(pilot)
            await pilot.app.workers.wait_for_complete()
            await pilot.pause()
            assert "nhận 31, từ chối 0" in screen_text(pilot)
            await pilot.press("enter")
            await pilot.pause()
            assert "đã tiếp nhận" in screen_text(pilot)
    states = [record.state for record in desk.records("5A").values()]
    assert states.count(RecordState.ACCEPTED) == 31
