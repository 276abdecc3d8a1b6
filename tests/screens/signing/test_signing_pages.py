"""Signing by keyboard: all classes with one PIN, waiting, ending early, the last try."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from hocba_tui.app import HocbaApp
from hocba_tui.demo.school import DemoSchool
from hocba_tui.errors import SigningFailed
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.records.keys import KeyInfo
from hocba_tui.flow.records.sign_batch import Gate
from hocba_tui.flow.school.settings import change_settings
from hocba_tui.model.values import RecordState
from hocba_tui.screens.dialogs import AskFields, Confirm, Notice
from hocba_tui.screens.signing.batch import BatchPage, Pace, duration
from hocba_tui.signing.softkey import SoftKeySigner
from hocba_tui.signing.token import TokenInfo
from hocba_tui.signing.training import PIN
from tests.conftest import Open
from tests.support import tsa
from tests.support.authority import Authority
from tests.support.signed import fill_gaps, open_first_round, submit_class
from tests.support.text_of import agree, key_bar, press_seen, screen_text, status, until, until_on


async def sign(pilot: Pilot[Any]) -> None:
    await press_seen(pilot, "f7")
    await agree(pilot)
    await until_on(pilot, AskFields)
    await pilot.press(*PIN, "enter")
    await pilot.pause()
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


def page(pilot: Pilot[Any]) -> BatchPage:
    assert isinstance(pilot.app.screen, BatchPage)
    return pilot.app.screen


async def test_all_classes_are_approved_and_sealed_with_one_pin_each(
    open_app: Open, store_root: Path, demo: DemoSchool
) -> None:
    fill_gaps(store_root, demo)
    open_first_round(store_root)
    await asyncio.to_thread(submit_class, store_root)
    async with open_app("hieutruong", "approve") as pilot:
        assert "31 học bạ chờ" in status(pilot)
        await pilot.press("home", "enter")
        await pilot.pause()
        assert "F7 Ký 1 lớp (31)" in key_bar(pilot)
        await sign(pilot)
        assert "xong 31/31" in status(pilot)
        await press_seen(pilot, "f7")
        assert "Không có học bạ nào chờ" in status(pilot)
    async with open_app("vanthu", "seal", everything="yes") as pilot:
        await sign(pilot)
        assert "xong 31/31" in status(pilot)
    states = [record.state for record in open_desk(store_root, "vanthu").records("5A").values()]
    assert states.count(RecordState.ISSUED) == 31


class HeldGate(Gate):
    """Lets three records pass, then holds the batch until it is stopped: a test must not race the signer."""

    _passed = 0

    async def passes(self) -> bool:
        self._passed += 1
        while self._passed > 3 and not self.stopped:  # noqa: ASYNC110 - keys come from another thread
            await asyncio.sleep(0.01)
        return await super().passes()


async def test_a_batch_waits_and_ends_at_a_key_and_the_rest_is_signed_later(
    open_app: Open, store_root: Path, demo: DemoSchool, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_gaps(store_root, demo)
    open_first_round(store_root)
    async with open_app("gv.5a", "submit", class_key="5A") as pilot:
        assert "Tạm dừng" not in key_bar(pilot)
        with monkeypatch.context() as patch:
            patch.setattr("hocba_tui.flow.records.sign_batch.Gate", HeldGate)
            await press_seen(pilot, "f7")
            await agree(pilot)
            await until_on(pilot, AskFields)
            await pilot.press(*PIN, "enter")
            while "Đã ký 3/31" not in status(pilot):
                await pilot.pause(0.02)
        assert page(pilot).busy
        await pilot.press("space")
        assert "tạm dừng" in status(pilot)
        assert "Space Tạm dừng" in key_bar(pilot)
        await pilot.press("escape")
        await until_on(pilot, Confirm)
        assert "Dừng sau học bạ đang ký?" in screen_text(pilot)
        await agree(pilot)
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        assert not page(pilot).busy
        assert "Đã dừng: ký được 3/31" in status(pilot)
        states = [record.state for record in open_desk(store_root, "gv.5a").records("5A").values()]
        assert states.count(RecordState.SUBMITTED) == 3
        await sign(pilot)
        assert "xong 28/28" in status(pilot)


async def test_a_terminal_that_is_gone_ends_a_batch_after_the_record_that_is_being_signed(
    open_app: Open, store_root: Path, demo: DemoSchool, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_gaps(store_root, demo)
    open_first_round(store_root)
    monkeypatch.setattr("hocba_tui.flow.records.sign_batch.Gate", HeldGate)
    async with open_app("gv.5a", "submit", class_key="5A") as pilot:
        assert not page(pilot).under_way
        await press_seen(pilot, "f7")
        await agree(pilot)
        await until_on(pilot, AskFields)
        await pilot.press(*PIN, "enter")
        while "Đã ký 3/31" not in status(pilot):
            await pilot.pause(0.02)
        assert page(pilot).under_way
        await pilot.press("space")
        assert not page(pilot).under_way, "somebody who pauses and goes away is idle"
        shown, app = page(pilot), pilot.app
        assert isinstance(app, HocbaApp)
        app.hang_up()
        await until(pilot, lambda: not shown.busy)
        assert not shown.busy
    states = [record.state for record in open_desk(store_root, "gv.5a").records("5A").values()]
    assert states.count(RecordState.SUBMITTED) == 3


async def test_the_last_try_of_a_token_asks_once_more_before_the_pin(
    open_app: Open, store_root: Path, demo: DemoSchool, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_gaps(store_root, demo)
    open_first_round(store_root)
    token = TokenInfo(Path("/m.so"), "cô", "", "", "", (b"",), count_low=True, final_try=True, locked=False)

    async def last(*_: object) -> KeyInfo:
        return KeyInfo(token)

    monkeypatch.setattr("hocba_tui.flow.records.keys.find_key", last)
    async with open_app("gv.5a", "submit", class_key="5A") as pilot:
        await press_seen(pilot, "f7")
        await agree(pilot)
        await until(pilot, lambda: "MỘT lần thử" in screen_text(pilot))
        assert isinstance(pilot.app.screen, Confirm)
        await pilot.press("escape")
        await pilot.pause()
        assert not page(pilot).busy
        await press_seen(pilot, "f7")
        await agree(pilot)
        await until(pilot, lambda: "MỘT lần thử" in screen_text(pilot))
        await agree(pilot)
        await until_on(pilot, AskFields)
        assert isinstance(pilot.app.screen, AskFields)
        assert "chỉ còn MỘT lần thử PIN" in screen_text(pilot)


async def test_a_screen_is_closed_to_other_processes_before_it_asks_and_tells_of_the_clock(
    open_app: Open, store_root: Path, demo: DemoSchool, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_gaps(store_root, demo)
    open_first_round(store_root)
    asked: list[bool] = []

    def closed(_: object) -> tuple[str, ...]:
        asked.append(isinstance(pilot.app.screen, AskFields))
        if len(asked) == 1:
            raise SigningFailed("Máy không cho che bộ nhớ.")
        return ("Đồng hồ máy đã bị đặt lại.",)

    monkeypatch.setattr("hocba_tui.flow.records.before_pin.before_pin", closed)
    async with open_app("gv.5a", "submit", class_key="5A") as pilot:
        await press_seen(pilot, "f7")
        await agree(pilot)
        await until(pilot, lambda: "không cho che bộ nhớ" in screen_text(pilot))
        await pilot.press("escape")
        await pilot.pause()
        await press_seen(pilot, "f7")
        await agree(pilot)
        await until_on(pilot, AskFields)
        assert "Đồng hồ máy đã bị đặt lại." in " ".join(screen_text(pilot).split())
    assert asked == [False, False]


async def test_a_pin_that_unikey_has_changed_is_refused_in_the_form_and_no_key_is_opened(
    open_app: Open, store_root: Path, demo: DemoSchool, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    def open_key(path: Path, pin: str) -> SoftKeySigner:
        opened.append(pin)
        return SoftKeySigner(None, b"")  # type: ignore[arg-type]

    fill_gaps(store_root, demo)
    open_first_round(store_root)
    monkeypatch.setattr(SoftKeySigner, "open", open_key)
    async with open_app("gv.5a", "submit", class_key="5A") as pilot:
        await press_seen(pilot, "f7")
        await agree(pilot)
        await until_on(pilot, AskFields)
        await pilot.press("V", "a", "n", "backspace", "backspace", "á", "n", "enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, AskFields)
        assert "PIN có chữ có dấu: có lẽ đang bật bộ gõ tiếng Việt; tắt" in screen_text(pilot)
        await pilot.press("ctrl+u", "enter")
        await pilot.pause()
        assert "Chưa nhập mã PIN" in screen_text(pilot)
        await pilot.press("escape")
        await pilot.pause()
        assert not page(pilot).busy
    assert opened == []


def test_the_pace_is_said_in_words() -> None:
    ticks = iter([0.0, 0.5, 1.0, 1.5])
    pace = Pace(33, lambda: next(ticks))
    assert pace.line("An") == "Đã ký 1/33: An · 2,0 học bạ/giây · còn khoảng 16 giây"
    assert pace.line("Bình").startswith("Đã ký 2/33: Bình · 2,0")


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "1 giây"), (99, "99 giây"), (150, "2 phút"), (4800, "1 giờ 20 phút")]
)
def test_durations_are_said_as_people_say_them(seconds: float, words: str) -> None:
    assert duration(seconds) == words


async def test_the_end_of_a_batch_says_how_many_have_no_time_stamp_and_that_the_work_is_safe(
    open_app: Open, store_root: Path, demo: DemoSchool, stamping_authority: Authority
) -> None:
    fill_gaps(store_root, demo)
    open_first_round(store_root)
    tsa.pin(stamping_authority, store_root)
    with tsa.serving(stamping_authority, *[tsa.good] * 5, tsa.is_broken) as server:
        change_settings(open_desk(store_root, "admin"), {"xades": "có", "timestamps": server.url})
        async with open_app("gv.5a", "submit", class_key="5A") as pilot:
            await sign(pilot)
            assert isinstance(pilot.app.screen, Notice)
            said = screen_text(pilot)
            assert "xong 31/31 học bạ." in said
            assert "26 học bạ chưa có dấu thời gian." in said
            assert "báo lỗi HTTP 500" in said
            assert "vẫn hợp lệ" in said


def test_the_line_of_progress_counts_those_without_a_time_stamp() -> None:
    pace = Pace(3, lambda: 0.0)
    assert pace.line("An", 0) == "Đã ký 1/3: An"
    assert pace.line("Bình", 1) == "Đã ký 2/3: Bình · 1 chưa có dấu thời gian"
