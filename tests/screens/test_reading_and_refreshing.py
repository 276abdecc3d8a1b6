"""Pages show rows as they come, and by themselves what other people change; what a person is doing goes on."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from hocba_tui.app import HocbaApp
from hocba_tui.errors import StoreUnusable
from hocba_tui.flow.desk import CLASSES, RECORDS, Desk
from hocba_tui.flow.grades.counts import Counted, counted
from hocba_tui.flow.grades.enter import Typed, enter
from hocba_tui.flow.grades.missing import missing
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.school.issue_rounds import open_round
from hocba_tui.model.school import ClassRoom
from hocba_tui.model.values import Period
from hocba_tui.screens.dialogs import Notice
from hocba_tui.screens.palette import Palette
from hocba_tui.screens.reading import READING
from hocba_tui.screens.search import Search
from hocba_tui.store.backend import Edit
from hocba_tui.widgets.rows import Rows
from tests.conftest import Open
from tests.support.text_of import screen_text, status, title, until, until_on

PAGES = ["home", "classes", "approve", "statistics", "owing"]


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pages look all the time, so that no test waits for the next look."""
    monkeypatch.setattr("hocba_tui.screens.refreshed.LOOK_EVERY", 0.02)
    monkeypatch.setattr("hocba_tui.screens.refreshed._SHARE", 0)


def fill_first_gap(root: Path) -> None:
    """Type, as the teacher of 5A in another session, the first value that is missing."""
    desk = open_desk(root, "gv.5a")
    for one in missing(desk, "5A", Period.END_YEAR):
        for cell in one.cells:
            if cell.item == "TOAN":
                enter(desk, "5A", [Typed(one.pupil.key, cell, {"level": "T", "score": "9"}[cell.aspect], None)])
                return


def row(pilot: Pilot[Any], key: str) -> str:
    return dict(pilot.app.screen.query_one(Rows).words())[key]


def submit_one(root: Path, class_key: str = "3A") -> None:
    desk = open_desk(root, "hieutruong")
    pupil = desk.pupils(class_key)[0].key
    desk.class_shard(class_key).change("gv.3a", "submit", [Edit(RECORDS, pupil, "state", None, "submitted")])


async def test_home_follows_the_class_and_the_cursor_stays_on_its_task(open_app: Open, store_root: Path) -> None:
    async with open_app("gv.5a") as pilot:
        rows = pilot.app.screen.query_one(Rows)
        await pilot.press("down")
        chosen, before = rows.chosen, screen_text(pilot)
        assert "Rà soát lớp 5A" in chosen
        gaps = len([c for one in missing(open_desk(store_root, "gv.5a"), "5A", Period.END_YEAR) for c in one.cells])
        assert f"{gaps} ô trống" in before
        fill_first_gap(store_root)
        await until(pilot, lambda: f"{gaps - 1} ô trống" in screen_text(pilot))
        assert f"{gaps - 1} ô trống" in screen_text(pilot)
        assert rows.chosen == chosen


@pytest.mark.parametrize(("page", "key"), [("classes", "3A"), ("approve", "3A")])
async def test_lists_of_classes_follow_and_a_new_row_does_not_move_the_cursor(
    open_app: Open, store_root: Path, page: str, key: str
) -> None:
    async with open_app("hieutruong", page) as pilot:
        rows = pilot.app.screen.query_one(Rows)
        rows.go_to("4A")
        before = row(pilot, key)
        submit_one(store_root)
        await until(pilot, lambda: row(pilot, key) != before)
        assert row(pilot, key) != before
        assert rows.chosen == "4A"


async def test_a_class_that_can_no_longer_be_read_is_said_where_it_is_listed_and_no_notice_opens(
    open_app: Open, store_root: Path
) -> None:
    journal = store_root / "2025-2026" / "3A" / "journal.log"
    async with open_app("hieutruong", "classes") as pilot:
        journal.chmod(0o666)
        await until(pilot, lambda: "KHÔNG ĐỌC ĐƯỢC" in screen_text(pilot))
        assert "KHÔNG ĐỌC ĐƯỢC" in screen_text(pilot)
        assert not isinstance(pilot.app.screen, Notice)
        journal.chmod(0o600)
        await until(pilot, lambda: "KHÔNG ĐỌC ĐƯỢC" not in screen_text(pilot))
        assert "KHÔNG ĐỌC ĐƯỢC" not in screen_text(pilot)


async def test_an_error_that_comes_by_itself_takes_no_key(
    open_app: Open, store_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_app("gv.5a", "review", class_key="5A") as pilot:

        def fails(*_: object) -> None:
            raise StoreUnusable("Không đọc được gì cả.")

        monkeypatch.setattr("hocba_tui.screens.review.review", fails)
        fill_first_gap(store_root)
        await until(pilot, lambda: "Không đọc được gì cả." in status(pilot))
        assert "Không đọc được gì cả." in status(pilot)
        assert not isinstance(pilot.app.screen, Notice)


async def test_what_the_person_reads_in_the_status_line_stays(open_app: Open, store_root: Path) -> None:
    async with open_app("gv.5a", "review", class_key="5A") as pilot:
        summary = status(pilot)
        await pilot.press("down")
        await pilot.pause()
        finding = status(pilot)
        assert finding != summary
        wrong = summary.split(" ", 1)[0]
        fill_first_gap(store_root)
        page = pilot.app.screen
        await until(pilot, lambda: not page._summary.startswith(f"{wrong} "))  # type: ignore[attr-defined]
        assert not page._summary.startswith(f"{wrong} ")  # type: ignore[attr-defined]
        assert status(pilot) == finding


@pytest.mark.parametrize(("key", "dialog"), [("slash", Search), ("ctrl+p", Palette)])
async def test_what_is_typed_into_a_search_stays(
    open_app: Open, store_root: Path, key: str, dialog: type[Search | Palette]
) -> None:
    async with open_app("hieutruong", "classes") as pilot:
        await pilot.press(key)
        await until_on(pilot, dialog)
        await pilot.press("4", "a")
        submit_one(store_root)
        await pilot.pause(0.2)
        assert isinstance(pilot.app.screen, dialog)
        assert pilot.app.screen.query_one(Input).value == "4a"


async def test_nothing_is_read_while_nothing_changes(open_app: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    read = 0

    def noting(desk: Desk, room: ClassRoom) -> Counted:
        nonlocal read
        read += 1
        return counted(desk, room)

    monkeypatch.setattr("hocba_tui.flow.reports.progress.counted", noting)
    async with open_app("hieutruong", "classes") as pilot:
        before = read
        await pilot.pause(0.3)
        assert read == before > 0


# --- reading takes long ------------------------------------------------------------------------


class Gate:
    """Lets one class be counted, and holds the others until it is opened."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.counted: list[str] = []

    def __call__(self, desk: Desk, room: ClassRoom) -> Counted:
        if self.counted:
            assert self.open.wait(60)
        self.counted.append(room.key)
        return counted(desk, room)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch, store_root: Path) -> Iterator[Gate]:
    """Make counting slow, and pages impatient."""
    shutil.rmtree(store_root / "cache")  # Nothing has been counted before.
    found = Gate()
    monkeypatch.setattr("hocba_tui.flow.reports.progress.counted", found)
    monkeypatch.setattr("hocba_tui.screens.reading.AT_ONCE", 0.0)
    monkeypatch.setattr("hocba_tui.screens.reading.PATIENCE", 0.05)
    monkeypatch.setattr("hocba_tui.screens.reading._STEP", 0.05)
    yield found
    found.open.set()


async def test_rows_come_as_they_are_read_and_keys_act_meanwhile(open_app: Open, gate: Gate) -> None:
    async with open_app("hieutruong") as pilot:
        await until(pilot, lambda: READING in status(pilot))
        assert READING in status(pilot)
        assert "đang đếm…" in screen_text(pilot)
        assert "Đợt phát hành" in screen_text(pilot)
        pilot.app.open_page("classes")  # type: ignore[attr-defined]
        await until(pilot, lambda: "1A" in screen_text(pilot))
        first, second = (row(pilot, key) for key in (gate.counted[0], "5A"))
        assert "…" not in first
        assert "…" in second
        gate.open.set()
        await until(pilot, lambda: "…" not in row(pilot, "5A"))
        assert "…" not in row(pilot, "5A")
        assert READING not in status(pilot)


@pytest.mark.parametrize("moves", [True, False])
async def test_the_cursor_goes_to_what_is_urgent_also_late_unless_the_person_has_moved_it(
    open_app: Open, gate: Gate, store_root: Path, moves: bool
) -> None:
    submit_one(store_root)
    desk = open_desk(store_root, "hieutruong")
    open_round(desk, "Liễu Đề", "12/06/2026")
    async with open_app("hieutruong") as pilot:
        await until(pilot, lambda: READING in status(pilot))
        rows = pilot.app.screen.query_one(Rows)
        if moves:
            await pilot.press("down", "down")
        chosen = rows.chosen
        gate.open.set()
        await until(pilot, lambda: "1 học bạ chờ duyệt" in screen_text(pilot))
        await pilot.pause()
        assert rows.chosen == chosen if moves else rows.chosen.startswith("Duyệt và ký học bạ")


async def test_who_leaves_while_it_is_read_waits_for_one_class_at_most(open_app: Open, gate: Gate) -> None:
    async with open_app("hieutruong", "classes") as pilot:
        await until(pilot, lambda: READING in status(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: title(pilot) == "Việc của tôi hôm nay")
        assert title(pilot) == "Việc của tôi hôm nay"
        assert isinstance(pilot.app, HocbaApp)
        pilot.app.exit()
        gate.open.set()
        await asyncio.sleep(0)
    assert "5A" not in gate.counted


async def test_nothing_is_signed_together_before_all_is_counted(open_app: Open, gate: Gate, store_root: Path) -> None:
    submit_one(store_root, "1A")
    async with open_app("hieutruong", "approve", everything="yes") as pilot:
        await until(pilot, lambda: READING in status(pilot))
        assert pilot.app.screen._queue == {}  # type: ignore[attr-defined]
        gate.open.set()
        await until(pilot, lambda: pilot.app.screen._queue == {"1A": 1})  # type: ignore[attr-defined]
        assert pilot.app.screen._queue == {"1A": 1}  # type: ignore[attr-defined]


async def test_an_error_while_it_is_read_is_told(open_app: Open, gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: object) -> None:
        raise StoreUnusable("Không đọc được gì cả.")

    monkeypatch.setattr("hocba_tui.screens.home.tasks", fails)
    async with open_app("hieutruong") as pilot:
        await until(pilot, lambda: READING in status(pilot))
        gate.open.set()
        await until(pilot, lambda: "Không đọc được gì cả." in status(pilot) or isinstance(pilot.app.screen, Notice))
        assert "Không đọc được gì cả." in screen_text(pilot)


async def test_the_palette_offers_at_once_what_is_known_and_then_what_is(open_app: Open, store_root: Path) -> None:
    async with open_app("gv.5a", "review", class_key="5A") as pilot:
        desk = open_desk(store_root, "hieutruong")
        desk.school_shard.change("hieutruong", "assign", [Edit(CLASSES, "4A", "homeroom", "gv.4a", "gv.5a")])
        await pilot.press("ctrl+p")
        await until_on(pilot, Palette)
        await until(pilot, lambda: "lớp 4A" in screen_text(pilot))
        await pilot.press("r", "a", "space", "s", "o", "a", "t", "space", "4", "a")
        await pilot.press("enter")
        await until(pilot, lambda: title(pilot).startswith("Rà soát lớp 4A"))
        assert title(pilot).startswith("Rà soát lớp 4A")


@pytest.mark.parametrize("page", PAGES)
async def test_a_page_that_reads_many_classes_says_the_same_whether_at_once_or_bit_by_bit(
    open_app: Open, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    async with open_app("hieutruong", page) as pilot:
        at_once = screen_text(pilot)
    monkeypatch.setattr("hocba_tui.screens.reading.AT_ONCE", 0.0)
    monkeypatch.setattr("hocba_tui.screens.reading.PATIENCE", 0.0)
    async with open_app("hieutruong", page) as pilot:
        await until(pilot, lambda: screen_text(pilot) == at_once)
        assert screen_text(pilot) == at_once
