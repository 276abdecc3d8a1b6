"""The app of a served session: how it ends when nobody is there, and what it says about other sessions."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.css.stylesheet import Stylesheet
from textual.widgets import Input

from hocba_tui import door
from hocba_tui.app import HocbaApp
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.place import take_place
from hocba_tui.screens.dialogs import Notice
from hocba_tui.screens.outbox import OutboxPage
from hocba_tui.server.served import PARTINGS, company_words
from tests.support.served_app import Seen, at_work
from tests.support.text_of import screen_text, until, until_on

DAY = 24 * 3600.0


async def test_who_presses_no_key_is_warned_and_then_ends_with_the_place_kept(store_root: Path) -> None:
    async with at_work(store_root) as (pilot, seen):
        await pilot.press("home", "enter")
        await pilot.pause()
        seen.pass_time(14 * 60 - 1)
        assert "sắp đóng" not in screen_text(pilot)
        seen.pass_time(11)
        await pilot.pause()
        assert "Phiên này sắp đóng vì lâu không có phím nào" in screen_text(pilot)
        assert seen.app.parting == ""
        await pilot.press("down")
        await pilot.pause()
        assert "sắp đóng" not in screen_text(pilot)
        seen.pass_time(14 * 60)
        assert seen.app.parting == ""
        seen.pass_time(70)
        assert seen.app.parting == PARTINGS["idle"]
        await until(pilot, lambda: not seen.app.is_running)
    assert take_place(open_desk(store_root, "gv.5a")) is not None


async def test_who_manages_accounts_has_less_time(store_root: Path) -> None:
    async with at_work(store_root, "admin") as (_, seen):
        seen.pass_time(5 * 60 - 1)
        assert seen.app.parting == ""
        seen.pass_time(2)
        assert seen.app.parting == PARTINGS["idle"]


async def test_a_sending_that_is_under_way_is_not_idle(store_root: Path) -> None:
    async with at_work(store_root, "vanthu") as (pilot, seen):
        seen.app.open_page("outbox")
        await pilot.pause()
        page = seen.app.screen
        assert isinstance(page, OutboxPage)
        page._busy = True
        seen.pass_time(DAY)
        assert seen.app.parting == ""
        page._busy = False
        seen.pass_time(16 * 60)
        assert seen.app.parting == PARTINGS["idle"]


async def test_the_listener_hears_that_the_session_lives_and_says_who_else_is_there(store_root: Path) -> None:
    async with at_work(store_root) as (pilot, seen):
        seen.pass_time(60)
        assert door.receive(seen.listener)[0] == {"say": "alive"}
        door.send(seen.listener, {"say": "company", "others": [0, "x"]})
        await until(pilot, lambda: seen.app.banner != "")
        assert "Bạn còn mở ở 1 nơi khác (từ 07:00)" in screen_text(pilot)
        await pilot.press("enter")
        await pilot.pause()
        assert "Bạn còn mở ở 1 nơi khác" in screen_text(pilot), "on every page"
        seen.app.action_end_others()
        assert door.receive(seen.listener)[0] == {"say": "end_others"}
        door.send(seen.listener, {"say": "company", "others": []})
        await until(pilot, lambda: seen.app.banner == "")
        assert "Bạn còn mở" not in screen_text(pilot)
        assert not seen.app.others_told_to_end()


@pytest.mark.parametrize("why", [*PARTINGS, "a reason of a newer listener"])
async def test_an_order_to_end_is_followed_and_explained(store_root: Path, why: str) -> None:
    async with at_work(store_root) as (pilot, seen):
        door.send(seen.listener, {"say": "end", "why": why})
        await until(pilot, lambda: seen.app.parting != "")
        assert seen.app.parting == PARTINGS.get(why, PARTINGS["stop"])


async def test_the_end_of_the_attach_program_ends_the_session(store_root: Path) -> None:
    async with at_work(store_root) as (pilot, seen):
        seen.attach.send(b"nonsense")
        await pilot.pause()
        running = seen.app.is_running
        assert running
        seen.attach.close()
        await until(pilot, lambda: not seen.app.is_running)
        ended = not seen.app.is_running
        assert ended
        assert seen.app.parting == "", "nobody is there to be told"


def test_other_sessions_are_told_by_their_times() -> None:
    assert company_words([]) == ""
    assert "2 nơi khác (từ 07:00, 08:30)" in company_words([5400.0, 0.0])


async def test_what_the_rehearsal_has_parsed_is_not_parsed_again(
    store_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would cost each session a megabyte."""
    rehearsed = HocbaApp(open_desk(store_root, "gv.5a"))
    async with rehearsed.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
    parsed: list[object] = []
    monkeypatch.setattr(Stylesheet, "_parse_rules", lambda _, *rest, **more: parsed.append((rest, more)))
    seen = Seen(store_root, "gv.5a")
    seen.app.stylesheet = rehearsed.stylesheet
    async with seen.app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "Việc của tôi" in screen_text(pilot)
    seen.close()
    assert parsed == []


async def test_what_is_exported_waits_in_the_tray_and_it_is_said_how_it_is_fetched(store_root: Path) -> None:
    async with at_work(store_root) as (pilot, seen):
        seen.app.open_page("roster", class_key="5A")
        await until(pilot, lambda: "Danh sách" in screen_text(pilot))
        await pilot.press("x", "down", "enter")
        await pilot.pause()
        await pilot.press("up", "enter")
        await pilot.pause()
        assert pilot.app.screen.query_one(Input).value == "5A-bang-tong-hop-mid_2.xlsx"
        await pilot.press("enter")
        await until_on(pilot, Notice)
        shown = " ".join(screen_text(pilot).replace("│", " ").split())
        assert "Đã ghi 34 em." in shown
        assert "hocba fetch 5A-bang-tong-hop-mid_2.xlsx > 5A-bang-tong-hop-mid_2.xlsx" in shown
        assert str(store_root) not in shown, "a path that leads nowhere for who sits elsewhere"
    assert (store_root / "exports" / "gv.5a" / "5A-bang-tong-hop-mid_2.xlsx").exists()


async def test_who_sits_elsewhere_is_told_to_paste_and_not_to_copy_files(store_root: Path) -> None:
    async with at_work(store_root) as (pilot, seen):
        seen.app.open_page("intake", kind="results", class_key="5A")
        await until(pilot, lambda: "dán vào đây" in screen_text(pilot))
        assert "dán vào đây" in screen_text(pilot)
        assert "scp" not in screen_text(pilot)
