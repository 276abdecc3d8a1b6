"""One class whose files cannot be opened: the others' work goes on, and everybody can leave."""

from __future__ import annotations

from pathlib import Path

import pytest

from hocba_tui.errors import StoreUnusable
from hocba_tui.flow.reports.home_tasks import tasks
from hocba_tui.flow.reports.statistics import census
from hocba_tui.model.statistics import Kind, Topic
from hocba_tui.model.values import Period
from hocba_tui.screens.dialogs import Notice
from hocba_tui.screens.home import HomePage
from tests.conftest import DeskAs, Open
from tests.support.text_of import screen_text, until, until_on


@pytest.fixture
def spoilt(store_root: Path) -> Path:
    """Return a school in which everybody may write to the journal of class 3A, so that it is not opened."""
    (store_root / "2025-2026" / "3A" / "journal.log").chmod(0o666)
    return store_root


@pytest.mark.usefixtures("spoilt")
@pytest.mark.parametrize("account", ["hieutruong", "vanthu", "gv.3a"])
def test_the_days_tasks_name_it_and_hold_the_rest(desk_as: DeskAs, account: str) -> None:
    found = tasks(desk_as(account))
    assert [task.label for task in found if task.label.startswith("Lớp 3A: KHÔNG ĐỌC ĐƯỢC")]
    assert [task.screen for task in found if task.screen]


@pytest.mark.usefixtures("spoilt")
@pytest.mark.parametrize("screen", ["classes", "approve", "owing", "statistics", "outbox", "round", "doctor"])
async def test_the_principals_pages_open(open_app: Open, screen: str) -> None:
    async with open_app("hieutruong", screen) as pilot:
        assert not isinstance(pilot.app.screen, Notice)
        if screen in ("classes", "approve"):
            assert "KHÔNG ĐỌC ĐƯỢC" in screen_text(pilot)
        assert "1A" in screen_text(pilot) or screen in ("outbox", "round", "doctor", "statistics")


@pytest.mark.usefixtures("spoilt")
async def test_the_clerks_queue_opens(open_app: Open) -> None:
    async with open_app("vanthu", "seal") as pilot:
        assert not isinstance(pilot.app.screen, Notice)


@pytest.mark.usefixtures("spoilt")
def test_a_count_says_that_it_is_not_complete(desk_as: DeskAs) -> None:
    found = census(desk_as("hieutruong"))
    assert found.damaged == ("3A",)
    assert {row.class_key for row in found.rows(Topic(Kind.OUTCOMES), Period.END_YEAR)} >= {"1A", "2A", "4A", "5A"}
    assert "3A" not in {row.class_key for row in found.rows(Topic(Kind.OUTCOMES), Period.END_YEAR)}


@pytest.mark.usefixtures("spoilt")
async def test_what_the_class_leads_to_is_a_notice_and_no_crash(open_app: Open) -> None:
    async with open_app("hieutruong") as pilot:
        pilot.app.screen.go("grid", class_key="3A")  # type: ignore[attr-defined]
        await until_on(pilot, Notice)
        assert "3A" in screen_text(pilot)
        await pilot.press("escape")
        await until_on(pilot, HomePage)


@pytest.mark.parametrize("account", ["hieutruong", "vanthu"])
@pytest.mark.parametrize("key", ["f10", "escape"])
async def test_a_notice_that_comes_back_does_not_keep_anybody(
    open_app: Open, monkeypatch: pytest.MonkeyPatch, account: str, key: str
) -> None:
    def fails(_: object) -> None:
        raise StoreUnusable("Không đọc được gì cả.")

    monkeypatch.setattr("hocba_tui.screens.home.tasks", fails)
    async with open_app(account) as pilot:
        await until_on(pilot, Notice)
        await pilot.press(key)
        if key == "escape":
            await until_on(pilot, HomePage)
            assert "Không đọc được gì cả." in screen_text(pilot)
            await pilot.press("f10")
        await until(pilot, lambda: pilot.app._exit)
        assert pilot.app._exit


@pytest.mark.usefixtures("spoilt")
async def test_an_outbox_that_cannot_be_read_leaves_the_clerk_the_rest(open_app: Open, spoilt: Path) -> None:
    (spoilt / "outbox" / "journal.log").parent.mkdir(exist_ok=True, mode=0o700)
    (spoilt / "outbox" / "journal.log").touch()
    (spoilt / "outbox" / "journal.log").chmod(0o666)
    async with open_app("vanthu") as pilot:
        assert isinstance(pilot.app.screen, HomePage)
        assert "Hộp gửi: KHÔNG ĐỌC ĐƯỢC" in screen_text(pilot)
