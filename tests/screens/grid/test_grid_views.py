"""The views beside one subject: all subjects, four periods, a pupil above the comment, by real keys at 80×24."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.school.periods import set_window
from hocba_tui.model.curriculum import TraitGroup
from hocba_tui.model.results import COMMENT, LEVEL, SCORE, Cell
from hocba_tui.model.values import Period
from hocba_tui.screens.editor import EditText
from hocba_tui.screens.grid.page import GridPage
from hocba_tui.widgets.grid_model import CellState
from tests.conftest import Open
from tests.support.text_of import screen_text, status, title

END = Period.END_YEAR


def page(pilot: Pilot[Any]) -> GridPage:
    assert isinstance(pilot.app.screen, GridPage)
    return pilot.app.screen


async def settle(pilot: Pilot[Any]) -> None:
    await pilot.pause()
    assert await page(pilot).entry.saver.drain()
    await pilot.pause()


def first_pupil(root: Path) -> str:
    return next(p.key for p in open_desk(root, "gv.5a").pupils("5A") if p.assessed)


async def test_all_subjects_stand_under_their_names_and_others_are_locked(open_app: Open) -> None:
    async with open_app("gv.5a", "grid", class_key="5A", sheet="all") as pilot:
        assert title(pilot) == "Nhập kết quả › 5A › Tất cả các môn › Cuối năm"
        above, below = screen_text(pilot).splitlines()[2:4]
        assert above.split() == ["T.Việt", "Toán", "T.Anh", "LS&ĐL", "K.học", "Tin", "C.nghệ", "Đ.đức", "GDTC"]
        assert below.split()[:9] == ["STT", "Họ", "và", "tên", "M", "Đ", "M", "Đ", "M"]
        assert below.endswith("›")
        assert above.index("Tin") == [n for n, char in enumerate(below) if char == "M"][5]
        await pilot.press(*["right"] * 4, "h")
        await pilot.pause()
        assert page(pilot).grid.model.active.state is CellState.LOCKED
        assert "(dạy Tiếng Anh) nhập" in status(pilot)


async def test_a_value_typed_among_all_subjects_is_durable(open_app: Open, store_root: Path) -> None:
    pupil = first_pupil(store_root)
    async with open_app("gv.5a", "grid", class_key="5A", sheet="all", pupil=pupil) as pilot:
        await pilot.press("h", "right", "7")
        await settle(pilot)
        assert "đã lưu lúc" in status(pilot)
    results = open_desk(store_root, "gv.5a").results("5A")
    assert results[pupil].text(Cell(END, "TV", LEVEL)) == "H"
    assert results[pupil].text(Cell(END, "TV", SCORE)) == "7"


async def test_going_right_passes_the_subjects_of_others_and_goes_on_with_the_next_pupil(
    open_app: Open, store_root: Path
) -> None:
    pupil = first_pupil(store_root)
    async with open_app("gv.5a", "grid", class_key="5A", sheet="all", pupil=pupil) as pilot:
        grid = page(pilot).grid
        fields = [column.cell.field for column in page(pilot).entry.marks.columns]
        row = grid.model.row
        await pilot.press("v", "t", "8", "t", "8")
        await settle(pilot)
        assert fields[grid.model.column] == Cell(END, "LSDL", LEVEL).field
        await pilot.press("end", "t")
        await settle(pilot)
        assert (grid.model.row, grid.model.column) == (row + 1, 0)


async def test_the_principal_sees_all_subjects_first_and_can_change_none(open_app: Open) -> None:
    async with open_app("hieutruong", "grid", class_key="5A") as pilot:
        assert "Tất cả các môn" in title(pilot)
        states = {cell.state for row in page(pilot).grid.model.cells for cell in row}
        assert states == {CellState.LOCKED, CellState.EXEMPT}


async def test_four_periods_side_by_side_stay_when_the_subject_changes(open_app: Open) -> None:
    async with open_app("gv.tin", "grid", class_key="5A") as pilot:
        await pilot.press("p", "down", "enter")
        await pilot.pause()
        assert title(pilot).endswith("Tin học và Công nghệ (Tin học) › Bốn kỳ")
        assert screen_text(pilot).splitlines()[2].split() == ["GK1", "CK1", "GK2", "CN"]
        assert "Kỳ Giữa HK I đang khóa" in status(pilot)
        await pilot.press("s", "down", "enter")
        await pilot.pause()
        assert title(pilot).endswith("(Công nghệ) › Bốn kỳ")
        await pilot.press("p", "up", "up", "up", "enter")
        await pilot.pause()
        assert title(pilot).endswith("Cuối HK I (đang khóa)")


async def test_a_dated_window_is_told_in_the_title_and_in_the_choice(open_app: Open, store_root: Path) -> None:
    set_window(open_desk(store_root, "hieutruong"), Period.MID_1, "01/06/2026", "30/06/2026", "bổ sung")
    async with open_app("gv.5a", "grid", class_key="5A", sheet="TV") as pilot:
        await pilot.press("p")
        await pilot.pause()
        assert "Giữa HK I (mở đến hết 30/06/2026)" in screen_text(pilot)
        assert "Cuối HK I (đang khóa)" in screen_text(pilot)
        await pilot.press("up", "up", "up", "enter")
        await pilot.pause()
        assert title(pilot).endswith("Giữa HK I (mở đến hết 30/06/2026)")
        assert page(pilot).grid.model.active.state is CellState.SAVED


@pytest.mark.parametrize("height", [24, 40])
async def test_all_of_a_pupil_stands_above_the_comment_and_the_keys_stay_in_sight(
    open_app: Open, store_root: Path, height: int
) -> None:
    field = Cell(END, TraitGroup.QUALITIES, COMMENT).field
    async with open_app("gv.5a", "grid", class_key="5A", pupil=first_pupil(store_root), field=field) as pilot:
        await pilot.resize_terminal(80, height)
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, EditText)
        text = screen_text(pilot)
        for part in ("T.Việt T", "HĐTN", "Y.nước", "T.chủ", "T.chất", "Nghỉ ", "cả năm:", "Giữa HK II: "):
            assert part in text
        assert "/500 ký tự" in text
        assert "Enter: lưu" in text
        assert ("Nhận xét của GVCN: " in text) == (height > 24)


async def test_a_pupils_comments_are_written_one_after_the_other(open_app: Open, store_root: Path) -> None:
    pupil = first_pupil(store_root)
    field = Cell(END, TraitGroup.QUALITIES, COMMENT).field
    async with open_app("gv.5a", "grid", class_key="5A", pupil=pupil, field=field) as pilot:
        await pilot.press("v")
        for _ in range(4):
            await pilot.press("enter")
            await pilot.pause()
            await pilot.press("!", "enter")
            await settle(pilot)
        assert page(pilot).grid.model.column == 0
    results = open_desk(store_root, "gv.5a").results("5A")[pupil]
    for item in (*TraitGroup, "homeroom"):
        assert results.text(Cell(END, item, COMMENT)).endswith("!")


async def test_the_card_leads_to_entry_and_shows_what_was_entered(open_app: Open, store_root: Path) -> None:
    pupil = open_desk(store_root, "gv.5a").pupils("5A")[2]
    async with open_app("gv.5a", "card", class_key="5A", pupil=pupil.key) as pilot:
        await pilot.press("e", "down", "enter")
        await pilot.pause()
        assert "Phẩm chất, năng lực" in title(pilot)
        assert page(pilot).entry.marks.pupils[page(pilot).grid.model.row].key == pupil.key
        await pilot.press("c")
        await settle(pilot)
        await pilot.press("escape")
        await pilot.pause()
        assert f"› {pupil.name} (" in title(pilot)
        await pilot.press("end")
        await pilot.pause()
        card = pilot.app.screen.query_one("#card").render()
        assert [line.split()[-1] for line in str(card).splitlines() if "Yêu nước" in line] == ["C"]


async def test_a_pupil_who_left_has_nothing_to_enter(open_app: Open, store_root: Path) -> None:
    gone = next(p for p in open_desk(store_root, "gv.5a").pupils("5A", with_left=True) if not p.studying)
    async with open_app("gv.5a", "card", class_key="5A", pupil=gone.key) as pilot:
        await pilot.press("e")
        await pilot.pause()
        assert status(pilot) == f"{gone.name} đã chuyển đi."
