"""The state of the server on the screen: the age of the backup, a check, the disk, who is in."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hocba_tui.errors import NotAllowed
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.reports.home_tasks import tasks
from hocba_tui.flow.reports.server_state import state_of
from hocba_tui.flow.school import store_check
from hocba_tui.flow.school.backups import back_up, new_key
from hocba_tui.flow.school.class_check import Checked
from hocba_tui.flow.upkeep import at_once
from hocba_tui.screens.desk.state import StatePage
from hocba_tui.screens.dialogs import Confirm, Notice
from hocba_tui.store.backups.backup_state import read_state
from hocba_tui.store.journal_file import JOURNAL
from hocba_tui.widgets.rows import Rows
from tests.conftest import DeskAs, Open
from tests.support.eight import demo, made_store  # noqa: F401 - fixtures: how many pupils there are shows nothing here
from tests.support.text_of import choose, press_seen, screen_text, status, until, until_on


@pytest.fixture
def recipients(store_root: Path, tmp_path: Path) -> str:
    """Name in the store for whom its backups are encrypted."""
    recipient = new_key(tmp_path / "key.txt")
    (store_root / "backup-recipients.txt").write_text(recipient + "\n", encoding="utf-8")
    return recipient


def words(desk: Any) -> dict[str, str]:
    return {fact.key: fact.words for fact in state_of(desk)}


async def test_the_administrator_sees_who_is_in_and_what_is_old(open_app: Open, store_root: Path) -> None:
    other = open_desk(store_root, "gv.5a")
    async with open_app("admin", "doctor") as pilot:
        await pilot.app.workers.wait_for_complete()
        text = screen_text(pilot)
        assert text.count("Sao lưu: chưa sao lưu lần nào") == 1
        assert "Kiểm tra kho: chưa lần nào" in text
        assert "Đĩa của kho: còn" in text
        assert "Đang vào: 1 phiên" in text, "of one process, which said last for whom it works"
        page = pilot.app.screen
        page.query_one(Rows).go_to("people")
        await press_seen(pilot, "enter")
        await until_on(pilot, Notice)
        assert "(admin) từ" in screen_text(pilot)
        assert "phiên này" in screen_text(pilot)
    assert other.account == "gv.5a"


async def test_a_backup_at_once_goes_where_the_last_one_went(
    open_app: Open, store_root: Path, tmp_path: Path, recipients: str
) -> None:
    first = back_up(store_root, [recipients], tmp_path / "usb")
    await asyncio.sleep(1.1 - time.time() % 1)  # A copy is named after its second.
    async with open_app("hieutruong", "doctor") as pilot:
        await pilot.app.workers.wait_for_complete()
        await choose(pilot, "Sao lưu ngay")
        await until_on(pilot, Confirm)
        assert str(tmp_path / "usb") in screen_text(pilot).replace("│", "").replace("\n", "").replace(" ", "")
        await press_seen(pilot, "f7")
        await until(pilot, lambda: isinstance(pilot.app.screen, Notice) or status(pilot).startswith("Đã sao lưu"))
        assert not isinstance(pilot.app.screen, Notice), screen_text(pilot)
        assert status(pilot).startswith("Đã sao lưu")
        assert "bản cuối trong 24 giờ qua" in screen_text(pilot)
    noted = read_state(store_root).backup
    assert noted is not None
    assert Path(noted.copy).parent == tmp_path / "usb"
    assert noted.at > first.contents.at


async def test_without_a_key_nothing_is_backed_up_and_the_way_is_said(open_app: Open, store_root: Path) -> None:
    async with open_app("admin", "doctor") as pilot:
        await pilot.app.workers.wait_for_complete()
        await choose(pilot, "Sao lưu ngay")
        await until_on(pilot, Confirm)
        assert "chép bản ấy sang ổ khác" in " ".join(screen_text(pilot).replace("│", "").split())
        await press_seen(pilot, "f7")
        await until_on(pilot, Notice)
        assert "Chưa biết mã hóa cho ai" in screen_text(pilot)
    assert read_state(store_root).backup is None


async def test_a_check_says_what_it_found_and_is_noted(open_app: Open, store_root: Path) -> None:
    async with open_app("admin", "doctor") as pilot:
        await pilot.app.workers.wait_for_complete()
        await choose(pilot, "Kiểm tra kho")
        await until(pilot, lambda: status(pilot).startswith("Kho còn nguyên"))
        assert status(pilot).startswith("Kho còn nguyên")
        assert "Kiểm tra kho: còn nguyên, trong 24 giờ qua" in screen_text(pilot)
    journal = store_root / "2025-2026" / "5A" / JOURNAL
    journal.write_bytes(journal.read_bytes()[:-100])
    async with open_app("admin", "doctor") as pilot:
        await pilot.app.workers.wait_for_complete()
        await choose(pilot, "Kiểm tra kho")
        await until_on(pilot, Notice)
        assert "CHỖ HỎNG" in screen_text(pilot)
        assert "2025-2026/5A" in screen_text(pilot)
    assert "CHỖ HỎNG" in words(open_desk(store_root, "admin"))["check"]


async def test_a_check_is_left_in_the_middle_and_not_noted(
    open_app: Open, store_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[int] = []

    def slowly(root: Path) -> Iterator[Checked]:
        for number, checked in enumerate(store_check.check_store(root)):
            told.append(number)
            yield checked

    monkeypatch.setattr(at_once, "check_store", slowly)
    monkeypatch.setattr(StatePage, "_begin", lambda self, words: self._stop.set() if "2/" in words else None)
    async with open_app("admin", "doctor") as pilot:
        await pilot.app.workers.wait_for_complete()
        await choose(pilot, "Kiểm tra kho")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        assert len(told) < 5
    assert read_state(store_root).check is None


def test_a_full_disk_is_said_before_it_is_full(desk_as: DeskAs, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")  # noqa: PYI024 - as shutil has it
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(100 * 10**9, 99 * 10**9, 10**9))
    disk = next(fact for fact in state_of(desk_as("admin")) if fact.key == "disk")
    assert (disk.words, disk.wrong) == ("Đĩa của kho: còn 1,0 GB trên 100,0 GB", True)
    row = next(task for task in tasks(desk_as("admin")) if task.label == "Tình trạng máy chủ")
    assert row.detail == "đĩa của kho: còn 1,0 GB"
    assert row.urgent


@pytest.mark.parametrize("account", ["gv.5a", "vanthu"])
async def test_others_see_the_examination_alone(open_app: Open, desk_as: DeskAs, account: str) -> None:
    with pytest.raises(NotAllowed):
        state_of(desk_as(account))
    assert not {"Sao lưu", "Tình trạng máy chủ"} & {task.label for task in tasks(desk_as(account))}
    async with open_app(account, "doctor") as pilot:
        await pilot.app.workers.wait_for_complete()
        assert "Đang vào" not in screen_text(pilot)
        await press_seen(pilot, "f3")
        assert "Không có việc nào khác" in status(pilot)


def test_heads_and_administrator_have_the_rows_at_home(desk_as: DeskAs) -> None:
    for account in ("admin", "hieutruong", "phohieutruong"):
        labels = [task.label for task in tasks(desk_as(account))]
        assert {"Sao lưu", "Tình trạng máy chủ", "Thông tin, cài đặt của trường"} <= set(labels)
        assert len(set(labels)) == len(labels)
