"""The log on the screen, by keyboard at 80 by 24: rows, details, filters."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from hocba_tui.flow.activity.searching import Search
from hocba_tui.flow.desk import RESULTS, Desk
from hocba_tui.flow.grades.enter import Typed, enter
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.reports.card import card
from hocba_tui.model.results import LEVEL, Cell
from hocba_tui.model.values import Period
from hocba_tui.screens.dialogs import AskFields, Choose, Notice
from hocba_tui.screens.row_acts import RowActs
from hocba_tui.screens.school.activity import ActivityPage
from hocba_tui.screens.search import Search as SearchBox
from tests.conftest import Open
from tests.support.activity import noted
from tests.support.text_of import press_seen, screen_text, status, until, until_on

MATHS = Cell(Period.END_YEAR, "TOAN", LEVEL)


@pytest.fixture
def pupil(store_root: Path) -> str:
    """A pupil of 5A for whom the teacher has typed a level, and whose card the principal has looked at."""
    desk = open_desk(store_root, "gv.5a", came_from="192.0.2.7")
    desk.store.log_access("gv.5a", "log_in")
    found = desk.pupils("5A")[0]
    seen = desk.class_shard("5A").document(RESULTS, found.key).get(MATHS.field)
    enter(desk, "5A", [Typed(found.key, MATHS, "C" if seen != "C" else "H", seen)])
    card(open_desk(store_root, "hieutruong"), "5A", found.key)
    return found.name


async def ready(pilot: Pilot[Any]) -> None:
    await until_on(pilot, ActivityPage)
    await until(pilot, lambda: "Bạn đọc được" in status(pilot))


async def choose(pilot: Pilot[Any], act: str) -> None:
    await press_seen(pilot, "f3")
    await until_on(pilot, RowActs)
    (number,) = re.findall(rf"(\d) {act}", screen_text(pilot))
    await press_seen(pilot, number)
    await pilot.pause()


async def test_a_head_sees_who_did_what_and_opens_one_act(open_app: Open, store_root: Path, pupil: str) -> None:
    async with open_app("hieutruong", "activity") as pilot:
        await ready(pilot)
        text = screen_text(pilot)
        assert f"5A {pupil}: nhập Toán (mức) CN:" in text
        assert f"5A {pupil}: xem phiếu" in text
        assert "vào chương trình từ 192.0.2.7" in text
        assert "cả trường" in status(pilot)
        await choose(pilot, "Theo người")
        await until_on(pilot, SearchBox)
        await pilot.press(*"gv.5a", "enter")
        await ready(pilot)
        await until(pilot, lambda: "xem phiếu" not in screen_text(pilot))
        await pilot.press("l")
        await until_on(pilot, Choose)
        await pilot.press("down", "enter")
        await ready(pilot)
        await until(pilot, lambda: "vào chương trình" not in screen_text(pilot))
        assert pupil in screen_text(pilot)
        await press_seen(pilot, "enter")
        await until_on(pilot, Notice)
        told = screen_text(pilot)
        assert "(gv.5a)" in told
        assert "đang vào từ 192.0.2.7" in told
        assert "→" in told


async def test_a_day_is_asked_for_and_a_wrong_one_told_in_the_form(open_app: Open, pupil: str) -> None:
    async with open_app("hieutruong", "activity") as pilot:
        await ready(pilot)
        await choose(pilot, "Theo ngày")
        await until_on(pilot, AskFields)
        await pilot.press(*"mai", "f2")
        await pilot.pause()
        assert "không đọc được" in screen_text(pilot)
        await pilot.press(*["backspace"] * 3, *"01/02/2020", "f2")
        await until(pilot, lambda: status(pilot).startswith("Ngày 01/02/2020. 0 việc"))
        assert "Không có việc nào như vậy." in screen_text(pilot)
        await choose(pilot, "Bỏ lọc")
        await until(pilot, lambda: pupil in screen_text(pilot))


async def test_a_homeroom_teacher_comes_from_the_roster_and_sees_no_looks_of_others(
    open_app: Open, store_root: Path, pupil: str
) -> None:
    async with open_app("gv.5a", "roster", class_key="5A") as pilot:
        await choose(pilot, "Nhật ký")
        await ready(pilot)
        assert f"5A {pupil}: nhập Toán" in screen_text(pilot)
        assert "xem phiếu" not in screen_text(pilot)
        assert f"em {pupil}" in status(pilot)
    assert [each.touched.class_key for each in noted(store_root, "read_log")] == ["5A"]


async def test_everybody_finds_the_own_log_in_the_palette(open_app: Open, pupil: str) -> None:
    async with open_app("gv.5a") as pilot:
        await pilot.press("ctrl+p", *"nhat ky cua toi", "enter")
        await ready(pilot)
        assert "vào chương trình từ 192.0.2.7" in screen_text(pilot)


async def test_a_subject_teacher_sees_nothing_of_a_class_that_is_not_theirs(open_app: Open, pupil: str) -> None:
    async with open_app("gv.4a", "activity") as pilot:
        await ready(pilot)
        assert pupil not in screen_text(pilot)


async def test_looking_at_details_does_not_search_again(
    open_app: Open, monkeypatch: pytest.MonkeyPatch, store_root: Path, pupil: str
) -> None:
    searches: list[object] = []
    real = Search.__init__

    def counted(search: Search, desk: Desk, wanted: Any) -> None:
        searches.append(wanted)
        real(search, desk, wanted)

    monkeypatch.setattr(Search, "__init__", counted)
    async with open_app("hieutruong", "activity") as pilot:
        await ready(pilot)
        await press_seen(pilot, "enter")
        await until_on(pilot, Notice)
        await pilot.press("escape")
        await ready(pilot)
        await pilot.pause(0.1)
        assert len(searches) == 1
        await choose(pilot, "Đọc lại")
        await until(pilot, lambda: len(searches) == 2)
    assert pupil
