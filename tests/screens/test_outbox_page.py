"""Sending from the outbox: what is said about other copies of the store."""

from __future__ import annotations

from pathlib import Path

import pytest

from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.portal.outbox import QUEUED, outbox, portal_state
from hocba_tui.flow.school.backups import back_up
from hocba_tui.flow.school.settings import change_settings
from hocba_tui.store.backups.age import new_identity
from hocba_tui.store.backups.heads_file import file_of, origin_of
from hocba_tui.sync.client import Portal
from hocba_tui.sync.envelope import Account
from hocba_tui.text import moment
from tests.conftest import Open
from tests.support.text_of import screen_text


@pytest.fixture(autouse=True)
def portal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A portal that takes everything and has no results yet."""
    monkeypatch.setattr(Portal, "submit", lambda *_: "")
    monkeypatch.setattr(Portal, "query", lambda *_: ())
    answer = Portal("http://127.0.0.1:9", Account("", "", "", ""))
    monkeypatch.setattr("hocba_tui.flow.portal.send.portal_of", lambda *_: answer)


async def said_after_sending(open_app: Open, root: Path) -> str:
    async with open_app("vanthu", "outbox", root) as pilot:
        await pilot.press("f7")
        await pilot.pause()
        await pilot.press("f7")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        return " ".join(screen_text(pilot).replace("│", " ").replace("┃", " ").split())


async def test_a_store_that_was_never_backed_up_sends_and_says_what_is_not_known(
    open_app: Open, sealed_root: Path
) -> None:
    said = await said_after_sending(open_app, sealed_root)
    assert "Đã gửi và đã lấy kết quả. Kho này chưa sao lưu" in said
    assert QUEUED not in {package.state for package in outbox(open_desk(sealed_root, "vanthu"))}


async def test_an_older_copy_sends_nothing_and_says_why(open_app: Open, sealed_root: Path, tmp_path: Path) -> None:
    usb = tmp_path / "usb"
    back_up(sealed_root, [new_identity(tmp_path / "key")], usb)
    file = file_of(usb, origin_of(sealed_root))
    journal = sealed_root / "school" / "journal.log"
    held = journal.read_bytes()
    open_desk(sealed_root, "admin").store.shard("school").change("admin", "enter", [])
    back_up(sealed_root, [new_identity(tmp_path / "another")], tmp_path / "usb")
    assert file.exists()
    journal.write_bytes(held)
    (sealed_root / "heads" / "school.log").unlink()
    (sealed_root / "school" / "sync.lock").unlink()
    said = await said_after_sending(open_app, sealed_root)
    assert "Kho này cũ hơn mốc mà chính kho này đã ghi" in said
    assert {package.state for package in outbox(open_desk(sealed_root, "vanthu"))} == {QUEUED}


async def test_the_page_says_where_it_sends_whether_it_is_real_and_when_it_last_did(
    open_app: Open, sealed_root: Path
) -> None:
    async with open_app("vanthu", "outbox", sealed_root) as pilot:
        assert "Cổng (tập huấn, không phải cổng thật): chưa có địa chỉ" in screen_text(pilot)
    await said_after_sending(open_app, sealed_root)
    change_settings(open_desk(sealed_root, "admin"), {"portal": "http://127.0.0.1:9"})
    sent = portal_state(open_desk(sealed_root, "vanthu")).sent
    async with open_app("vanthu", "outbox", sealed_root) as pilot:
        said = " ".join(screen_text(pilot).split())
        assert f"http://127.0.0.1:9; gửi lần cuối {moment(sent)}." in said
