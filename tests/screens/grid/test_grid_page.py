from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from hocba_tui.demo.school import DemoSchool
from hocba_tui.flow.grades.enter import Typed, enter
from hocba_tui.flow.opening import open_desk
from hocba_tui.model.results import Cell
from hocba_tui.model.values import Period
from hocba_tui.screens.grid.page import GridPage
from hocba_tui.widgets.grid_hand import Direction
from hocba_tui.widgets.grid_model import CellState
from tests.conftest import Open
from tests.support.text_of import screen_text, status, title, until

SCORE = Cell(Period.END_YEAR, "TOAN", "score")
LEVEL = Cell(Period.END_YEAR, "TOAN", "level")
FIELD = SCORE.field


def page(pilot: Pilot[Any]) -> GridPage:
    assert isinstance(pilot.app.screen, GridPage)
    return pilot.app.screen


async def settle(pilot: Pilot[Any]) -> None:
    """Let typed keys arrive, then wait until everything is durable."""
    await pilot.pause()
    assert await page(pilot).entry.saver.drain()
    await pilot.pause()


def stored(root: Path, pupil: str, cell: Cell = SCORE) -> str:
    return open_desk(root, "gv.5a").results("5A")[pupil].text(cell)


def first_gaps(demo: DemoSchool, root: Path, count: int) -> list[str]:
    """Return pupils without a score in Toán, in class order."""
    missing = {pupil for pupil, fields in demo.finished.items() if FIELD in fields}
    return [p.key for p in open_desk(root, "gv.5a").pupils("5A") if p.key in missing][:count]


async def test_scores_typed_at_full_speed_are_durable_and_the_cursor_went_down(
    open_app: Open, store_root: Path
) -> None:
    pupils = [pupil.key for pupil in open_desk(store_root, "gv.5a").pupils("5A") if pupil.assessed]
    async with open_app("gv.5a", "grid", class_key="5A", pupil=pupils[0], field=FIELD) as pilot:
        row = page(pilot).grid.model.row
        await pilot.press("9", "1", "0", "1", "8", "7")
        await settle(pilot)
        assert page(pilot).grid.model.row == row + 5
        assert "đã lưu lúc" in status(pilot)
    assert [stored(store_root, key) for key in pupils[:5]] == ["9", "10", "1", "8", "7"]


async def test_one_key_is_a_level_and_d_means_nothing_in_a_subject(open_app: Open, store_root: Path) -> None:
    pupils = [pupil.key for pupil in open_desk(store_root, "gv.5a").pupils("5A") if pupil.assessed]
    async with open_app("gv.5a", "grid", class_key="5A", pupil=pupils[0], field=LEVEL.field) as pilot:
        await pilot.press("t", "h", "d")
        await settle(pilot)
        assert "T, H hoặc C" in status(pilot)
        await pilot.press("up")
        assert page(pilot).grid.model.active.state is CellState.WRONG
        assert "T, H hoặc C" in status(pilot)
    assert [stored(store_root, key, LEVEL) for key in pupils[:2]] == ["T", "H"]
    assert stored(store_root, pupils[2], LEVEL) != "d"


@pytest.mark.parametrize("keys", [["d"], ["đ"], ["D"]])
async def test_d_in_any_form_is_dat_in_a_quality(open_app: Open, store_root: Path, keys: list[str]) -> None:
    pupil = next(p.key for p in open_desk(store_root, "gv.5a").pupils("5A") if p.assessed)
    cell = Cell(Period.END_YEAR, "YN", "level")
    async with open_app("gv.5a", "grid", class_key="5A", pupil=pupil, field=cell.field) as pilot:
        await pilot.press(*keys)
        await settle(pilot)
    assert stored(store_root, pupil, cell) == "Đ"


async def test_a_wrong_score_stays_with_its_reason_and_is_never_stored(open_app: Open, store_root: Path) -> None:
    pupil = next(p.key for p in open_desk(store_root, "gv.5a").pupils("5A") if p.assessed)
    before = stored(store_root, pupil)
    async with open_app("gv.5a", "grid", class_key="5A", pupil=pupil, field=FIELD) as pilot:
        await pilot.press("0", "enter")
        await settle(pilot)
        await pilot.press("up")
        assert page(pilot).grid.model.active.state is CellState.WRONG
        assert "từ 1 đến 10" in status(pilot)
        assert " 0   !" in screen_text(pilot)
    assert stored(store_root, pupil) == before


async def test_backspace_never_leaves_its_cell(open_app: Open, store_root: Path) -> None:
    pupils = [pupil.key for pupil in open_desk(store_root, "gv.5a").pupils("5A") if pupil.assessed]
    before = stored(store_root, pupils[0])
    async with open_app("gv.5a", "grid", class_key="5A", pupil=pupils[1], field=FIELD) as pilot:
        row = page(pilot).grid.model.row
        await pilot.press("1", "backspace", "backspace", "backspace")
        await settle(pilot)
        assert page(pilot).grid.model.row == row
    assert stored(store_root, pupils[1]) == ""
    assert stored(store_root, pupils[0]) == before


async def test_the_next_gap_is_found_and_undo_takes_back(open_app: Open, store_root: Path, demo: DemoSchool) -> None:
    gaps = first_gaps(demo, store_root, 2)
    async with open_app("gv.5a", "grid", class_key="5A", sheet="TOAN") as pilot:
        await pilot.press("n")
        assert page(pilot).entry.marks.pupils[page(pilot).grid.model.row].key == gaps[0]
        await pilot.press("8")
        await settle(pilot)
        assert stored(store_root, gaps[0]) == "8"
        await pilot.press("u")
        await settle(pilot)
        assert "Đã hoàn tác: 8 → trống, Toán cuối năm của" in status(pilot)
    assert stored(store_root, gaps[0]) == ""


async def test_another_teachers_change_appears_marked(open_app: Open, store_root: Path, demo: DemoSchool) -> None:
    gap = first_gaps(demo, store_root, 1)[0]
    async with open_app("gv.5a", "grid", class_key="5A", pupil=gap, field=FIELD) as pilot:
        enter(open_desk(store_root, "gv.5a"), "5A", [Typed(gap, SCORE, "6", None)])
        await page(pilot)._look()
        await pilot.pause()
        assert page(pilot).grid.model.active.text == "6"
        assert page(pilot).grid.model.active.state is CellState.CHANGED


async def test_the_same_cell_twice_is_a_conflict_that_names_who(
    open_app: Open, store_root: Path, demo: DemoSchool
) -> None:
    gap = first_gaps(demo, store_root, 1)[0]
    async with open_app("gv.5a", "grid", class_key="5A", pupil=gap, field=FIELD) as pilot:
        enter(open_desk(store_root, "gv.5a"), "5A", [Typed(gap, SCORE, "6", None)])
        page(pilot).grid.direction = Direction.RIGHT
        await pilot.press("9")
        await settle(pilot)
        row = [pupil.key for pupil in page(pilot).entry.marks.pupils].index(gap)
        column = [c.cell for c in page(pilot).entry.marks.columns].index(SCORE)
        cell = page(pilot).grid.model.cells[row][column]
        assert cell.state is CellState.CONFLICT
        assert cell.text == "6"
        assert open_desk(store_root, "gv.5a").actor.name in cell.note
        assert "bạn gõ 9, CHƯA ghi" in cell.note
    assert stored(store_root, gap) == "6"


async def test_a_disk_that_refuses_is_said_and_the_cell_is_saved_when_it_works_again(
    open_app: Open, store_root: Path, demo: DemoSchool, monkeypatch: pytest.MonkeyPatch
) -> None:
    gap = first_gaps(demo, store_root, 1)[0]
    sync = os.fdatasync

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    async with open_app("gv.5a", "grid", class_key="5A", pupil=gap, field=FIELD) as pilot:
        monkeypatch.setattr("hocba_tui.store.shard.os.fdatasync", full)
        await pilot.press("9")
        await until(pilot, lambda: "CHƯA LƯU ĐƯỢC" in status(pilot))
        assert "CHƯA LƯU ĐƯỢC" in status(pilot)
        assert stored(store_root, gap) == ""
        monkeypatch.setattr("hocba_tui.store.shard.os.fdatasync", sync)
        page(pilot).entry.saver.retry()
        await settle(pilot)
        assert "đã lưu lúc" in status(pilot)
    assert stored(store_root, gap) == "9"


async def test_others_subjects_are_locked_and_say_who_can(open_app: Open, store_root: Path) -> None:
    async with open_app("gv.5a", "grid", class_key="5A", sheet="TIN") as pilot:
        await pilot.press("down", "t")
        await pilot.pause()
        assert "cô Đặng Thị Thúy Quyên (dạy Tin học)" in status(pilot)
        assert page(pilot).entry.saver.waiting == 0


async def test_a_closed_period_is_locked_and_says_who_can_open_it(open_app: Open) -> None:
    async with open_app("gv.5a", "grid", class_key="5A", sheet="TV") as pilot:
        await pilot.press("p", "up", "enter")
        await pilot.pause()
        assert title(pilot).endswith("Giữa HK II (đang khóa)")
        await pilot.press("down", "t")
        await pilot.pause()
        assert "hiệu trưởng mở kỳ" in status(pilot)


async def test_a_comment_is_edited_in_its_editor_and_counted(open_app: Open, store_root: Path) -> None:
    pupil = next(p.key for p in open_desk(store_root, "gv.5a").pupils("5A") if p.assessed)
    cell = Cell(Period.END_YEAR, "homeroom", "comment")
    async with open_app("gv.5a", "grid", class_key="5A", pupil=pupil, field=cell.field) as pilot:
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press(*" Em ngoan.")
        assert "/2000 ký tự" in screen_text(pilot)
        await pilot.press("enter")
        await settle(pilot)
    assert stored(store_root, pupil, cell).endswith("Em ngoan.")


async def test_a_pupil_is_found_without_diacritics(open_app: Open) -> None:
    async with open_app("gv.5a", "grid", class_key="5A", sheet="TV") as pilot:
        await pilot.press("slash")
        await pilot.pause()
        await pilot.press(*"giang a")
        await pilot.press("enter")
        await pilot.pause()
        assert page(pilot).entry.marks.pupils[page(pilot).grid.model.row].name == "Giàng A Páo"


async def test_leaving_saves_what_was_half_typed(open_app: Open, store_root: Path, demo: DemoSchool) -> None:
    gap = first_gaps(demo, store_root, 1)[0]
    async with open_app("gv.5a", "grid", class_key="5A", pupil=gap, field=FIELD) as pilot:
        await pilot.press("1", "escape")
        await pilot.pause()
    async with open_app("gv.5a", "grid", class_key="5A", pupil=gap, field=FIELD) as pilot:
        await pilot.press("1")
        await pilot.press("f10")
        await pilot.pause()
    assert stored(store_root, gap) == "1"
