"""Blocks of the grid, by real keys and pastes at 80×24, with a real store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rich.style import Style
from textual import events
from textual.pilot import Pilot

from hocba_tui.demo.school import DemoSchool
from hocba_tui.flow.grades.enter import Typed, enter
from hocba_tui.flow.opening import open_desk
from hocba_tui.model.results import COMMENT, LEVEL, SCORE, Cell
from hocba_tui.model.values import Period
from hocba_tui.screens.dialogs import Notice
from hocba_tui.screens.editor import EditText
from hocba_tui.screens.grid.plan_preview import PlanPreview
from hocba_tui.widgets.grid_model import Block
from tests.conftest import Open
from tests.screens.grid.test_grid_page import page, stored
from tests.screens.grid.test_grid_safety import assessed
from tests.support.text_of import screen_text, status, until_on

END = Period.END_YEAR
TOAN_LEVEL, TOAN_SCORE = Cell(END, "TOAN", LEVEL), Cell(END, "TOAN", SCORE)


async def settle(pilot: Pilot[Any]) -> None:
    """Wait until every act that was begun is done, and everything is durable."""
    await pilot.pause()
    grid = page(pilot)
    async with grid.acting:
        assert await grid.entry.saver.drain()
    await pilot.pause()


async def preview(pilot: Pilot[Any]) -> str:
    """Wait for the preview and return what it shows."""
    await until_on(pilot, PlanPreview)
    assert isinstance(pilot.app.screen, PlanPreview)
    await pilot.pause()
    # As it reads, however it was wrapped into its box.
    return " ".join(screen_text(pilot).replace("│", " ").split())


def values(root: Path, cell: Cell) -> dict[str, str]:
    return {key: found.text(cell) for key, found in open_desk(root, "gv.5a").results("5A").items()}


def in_order(root: Path, cell: Cell) -> list[str]:
    """Return a column as the grid shows it."""
    found = values(root, cell)
    return [found.get(pupil.key, "") for pupil in open_desk(root, "gv.5a").pupils("5A")]


def runs_of(root: Path, count: int) -> int:
    """Return the first row of ``count`` assessed pupils who follow each other."""
    pupils = open_desk(root, "gv.5a").pupils("5A")
    return next(n for n in range(len(pupils)) if all(p.assessed for p in pupils[n : n + count]))


async def at(pilot: Pilot[Any], row: int, cell: Cell) -> None:
    grid = page(pilot)
    grid.go_to(grid.entry.marks.pupils[row].key, cell.field)
    await pilot.pause()


def selected(pilot: Pilot[Any]) -> Block | None:
    return page(pilot).grid.model.block


@pytest.mark.parametrize("keys", [["shift+down", "shift+down", "shift+right"], ["b", "down", "down", "right", "b"]])
async def test_a_block_is_seen_reversed_and_marked_and_ends_with_escape(open_app: Open, keys: list[str]) -> None:
    async with open_app("gv.5a", "grid", class_key="5A", sheet="TOAN") as pilot:
        await pilot.press(*keys)
        await pilot.pause()
        grid = page(pilot).grid
        assert selected(pilot) == Block(0, 0, 2, 1)
        assert "Chọn 3 em × 2 cột" in status(pilot)
        lines = screen_text(pilot).splitlines()[3:8]
        assert [line.count("│") for line in lines] == [2, 2, 2, 0, 0]
        reversed_ = [segment for segment in grid.render_line(2) if (segment.style or Style()).reverse]
        assert len(reversed_) == 2
        await pilot.press("escape")
        await pilot.pause()
        assert selected(pilot) is None
        assert "│" not in "".join(screen_text(pilot).splitlines()[2:])
        await pilot.press("shift+down", "down")
        assert selected(pilot) is None


async def test_a_move_after_b_extends_until_b_again(open_app: Open) -> None:
    async with open_app("gv.5a", "grid", class_key="5A", sheet="TOAN") as pilot:
        await pilot.press("b", "pagedown", "end")
        assert page(pilot).grid.model.block == Block(0, 0, page(pilot).grid.model.row, 2)
        await pilot.press("b", "up")
        assert page(pilot).grid.model.block is None


async def test_filling_down_asks_and_is_undone_as_one_step_in_words(open_app: Open, store_root: Path) -> None:
    row = runs_of(store_root, 4)
    keys = [p.key for p in open_desk(store_root, "gv.5a").pupils("5A")][row : row + 4]
    held = values(store_root, TOAN_SCORE)
    desk = open_desk(store_root, "gv.5a")
    enter(desk, "5A", [Typed(k, TOAN_SCORE, v, int(held[k]) if held[k] else None) for k, v in zip(keys, "6789")])  # noqa: B905
    async with open_app("gv.5a", "grid", class_key="5A", sheet="TOAN") as pilot:
        await at(pilot, row, TOAN_SCORE)
        await pilot.press("shift+down", "shift+down", "shift+down", "g")
        text = await preview(pilot)
        assert "Giống ô trên cùng: ghi 3 ô của 3 em?" in text
        assert "3 ô đang có giá trị khác sẽ bị thay" in text
        assert "7 → 6" in text
        await pilot.press("enter", "escape")
        await settle(pilot)
        assert status(pilot) == "Chưa ghi gì."
        assert [stored(store_root, key) for key in keys] == ["6", "7", "8", "9"]
        await pilot.press("g")
        await preview(pilot)
        await pilot.press("f2")
        await settle(pilot)
        assert status(pilot) == "Đã ghi: Toán cuối năm của 3 em. Bấm u để hoàn tác."
        assert [stored(store_root, key) for key in keys] == ["6", "6", "6", "6"]
        await pilot.press("u")
        await settle(pilot)
        assert "Đã hoàn tác: Toán cuối năm của 3 em" in status(pilot)
        assert [stored(store_root, key) for key in keys] == ["6", "7", "8", "9"]


async def test_without_a_block_a_cell_takes_the_value_above_it(open_app: Open, store_root: Path) -> None:
    row = runs_of(store_root, 2)
    keys = [p.key for p in open_desk(store_root, "gv.5a").pupils("5A")][row : row + 2]
    async with open_app("gv.5a", "grid", class_key="5A", sheet="TOAN") as pilot:
        await at(pilot, row, TOAN_SCORE)
        # All in one packet: what was typed just before belongs to the act.
        for key in ("6", "9", "up"):
            pilot.app.post_message(events.Key(key, key if key.isdigit() else None))
        pilot.app.post_message(events.Key("g", "g"))
        await preview(pilot)
        await pilot.press("f2")
        await settle(pilot)
    assert [stored(store_root, key) for key in keys] == ["6", "6"]


async def test_the_empty_cells_of_a_column_get_a_value_and_what_is_left_is_named(
    open_app: Open, store_root: Path
) -> None:
    cell = Cell(END, "DD", LEVEL)
    desk = open_desk(store_root, "gv.5a")
    pupils = [p.key for p in desk.pupils("5A") if p.assessed][:12]
    held = values(store_root, cell)
    enter(desk, "5A", [Typed(key, cell, "", held[key] or None) for key in pupils])
    empty = [key for key in (p.key for p in desk.pupils("5A") if p.assessed) if not values(store_root, cell).get(key)]
    other = sum(1 for p in desk.pupils("5A") if not p.assessed)
    async with open_app("gv.5a", "grid", class_key="5A", pupil=pupils[0], field=cell.field) as pilot:
        await pilot.press("o", "8", "enter")
        assert "không phải là mức" in screen_text(pilot)
        await pilot.press("backspace", "h", "enter")
        text = await preview(pilot)
        assert f"Điền các ô trống: ghi {len(empty)} ô của {len(empty)} em?" in text
        assert f"Để lại {other} ô: {other} không đánh giá" in text
        await pilot.press("f2")
        await settle(pilot)
        assert status(pilot) == f"Đã ghi: Đạo đức cuối năm của {len(empty)} em. Bấm u để hoàn tác."
        await pilot.press("u")
        await settle(pilot)
        assert f"Đã hoàn tác: Đạo đức cuối năm của {len(empty)} em" in status(pilot)
    assert not any(values(store_root, cell).get(key) for key in empty)


async def test_the_period_before_fills_the_gaps_of_a_column_and_leaves_the_rest(
    open_app: Open, store_root: Path
) -> None:
    one, two = assessed(store_root)[:2]
    desk = open_desk(store_root, "gv.5a")
    held = values(store_root, TOAN_LEVEL)
    enter(desk, "5A", [Typed(one, TOAN_LEVEL, "", held[one] or None), Typed(two, TOAN_LEVEL, "c", held[two] or None)])
    before = values(store_root, Cell(Period.MID_2, "TOAN", LEVEL))
    async with open_app("gv.5a", "grid", class_key="5A", pupil=one, field=TOAN_LEVEL.field) as pilot:
        await pilot.press("ctrl+e")
        assert status(pilot) == "Phím này nay là o."
        await pilot.press("o", "enter")
        assert "Lấy của kỳ trước: ghi" in await preview(pilot)
        await pilot.press("f2")
        await settle(pilot)
    assert before[one]
    assert (stored(store_root, one, TOAN_LEVEL), stored(store_root, two, TOAN_LEVEL)) == (before[one], "C")


async def test_deleting_a_block_asks_first(open_app: Open, store_root: Path) -> None:
    row = runs_of(store_root, 2)
    before = in_order(store_root, TOAN_LEVEL)
    async with open_app("gv.5a", "grid", class_key="5A", sheet="TOAN") as pilot:
        await at(pilot, row, TOAN_LEVEL)
        await pilot.press("shift+down", "delete")
        assert "Xóa các ô: ghi 2 ô của 2 em?" in await preview(pilot)
        await pilot.press("f2")
        await settle(pilot)
        assert in_order(store_root, TOAN_LEVEL)[row : row + 2] == ["", ""]
        await pilot.press("u")
        await settle(pilot)
    assert in_order(store_root, TOAN_LEVEL) == before


async def test_a_block_goes_from_one_class_to_another_without_any_clipboard(open_app: Open, store_root: Path) -> None:
    cell = Cell(END, "TIN", LEVEL)
    root = open_desk(store_root, "gv.tin")
    rooms = ["3A", "5A"]
    source = [p.key for p in root.pupils(rooms[0])][:3]
    async with open_app("gv.tin", "grid", class_key=rooms[0], pupil=source[0], field=cell.field) as pilot:
        await pilot.press("shift+down", "shift+down", "f")
        await pilot.pause()
        assert "Đã chép 3 ô" in status(pilot)
        copied = [page(pilot).entry.marks.text(key, cell) for key in source]
        assert pilot.app.clipboard.split("\n") == copied
        await pilot.press("escape")
        await pilot.pause(0.2)
        pupils = root.pupils(rooms[1])
        row = runs_of(store_root, 3)
        targets = [pupil.key for pupil in pupils[row : row + 3]]
        held = [values(store_root, cell)[key] for key in targets]
        enter(root, rooms[1], [Typed(key, cell, "c", text or None) for key, text in zip(targets, held, strict=True)])
        pilot.app.open_page("grid", class_key=rooms[1], pupil=targets[0], field=cell.field)  # type: ignore[attr-defined]
        await pilot.pause()
        await pilot.press("j")
        assert "Dán: ghi 3 ô của 3 em?" in await preview(pilot)
        await pilot.press("f2")
        await settle(pilot)
    assert [values(store_root, cell)[key] for key in targets] == copied


def paste(pilot: Pilot[Any], text: str) -> None:
    pilot.app.post_message(events.Paste(text))


async def test_a_block_from_excel_is_previewed_then_written_as_one_change(open_app: Open, store_root: Path) -> None:
    row = runs_of(store_root, 3)
    pupils = [p.key for p in open_desk(store_root, "gv.5a").pupils("5A")][row : row + 3]
    comment = Cell(END, "TOAN", COMMENT)
    before = {cell: values(store_root, cell) for cell in (TOAN_LEVEL, TOAN_SCORE, comment)}
    decomposed = "Em co\u0302\u0301 ga\u0306\u0301ng"
    block = f'T\t9,0\t"{decomposed},\r\nho\u0323c t\u00f4\u0301t"\t\r\nC\t9,5\t\t\r\n\t4\t\t\r\n\t\t\t\r\n'
    async with open_app("gv.5a", "grid", class_key="5A", sheet="TOAN") as pilot:
        await at(pilot, row, TOAN_LEVEL)
        paste(pilot, block)
        text = await preview(pilot)
        assert "không hợp lệ" in text
        assert "không cho điểm thập phân" in text
        await pilot.press("escape")
        await settle(pilot)
        assert {cell: values(store_root, cell) for cell in before} == before
        seq = open_desk(store_root, "gv.5a").class_shard("5A").seq
        paste(pilot, block)
        await preview(pilot)
        await pilot.press("f2")
        await settle(pilot)
        assert open_desk(store_root, "gv.5a").class_shard("5A").seq == seq + 1
        assert [stored(store_root, key, TOAN_LEVEL) for key in pupils[:2]] == ["T", "C"]
        assert stored(store_root, pupils[2], TOAN_LEVEL) == before[TOAN_LEVEL][pupils[2]]
        assert [stored(store_root, key) for key in pupils] == ["9", before[TOAN_SCORE][pupils[1]], "4"]
        assert stored(store_root, pupils[0], comment) == "Em cố gắng,\nhọc tốt"
        await pilot.press("u")
        await settle(pilot)
    assert {cell: values(store_root, cell) for cell in before} == before


async def test_what_lies_beside_or_below_the_class_is_told(open_app: Open, store_root: Path) -> None:
    last = len(open_desk(store_root, "gv.5a").pupils("5A")) - 1
    async with open_app("gv.5a", "grid", class_key="5A", sheet="TOAN") as pilot:
        await at(pilot, last, TOAN_SCORE)
        paste(pilot, "7\tEm tốt\tthừa\r8\tEm khá\tthừa\r9\t\t\r")
        text = await preview(pilot)
        assert "thừa 2 dòng, dưới em cuối lớp; thừa 1 cột, bên phải cột cuối" in text


async def test_a_line_of_text_in_a_comment_opens_its_editor_with_it(open_app: Open, store_root: Path) -> None:
    pupil = assessed(store_root)[0]
    cell = Cell(END, "TOAN", COMMENT)
    before = stored(store_root, pupil, cell)
    async with open_app("gv.5a", "grid", class_key="5A", pupil=pupil, field=cell.field) as pilot:
        paste(pilot, "Em to\u0302\u0301t.")
        await until_on(pilot, EditText)
        assert isinstance(pilot.app.screen, EditText)
        await pilot.press("enter")
        await settle(pilot)
    assert stored(store_root, pupil, cell) == f"{before} Em tốt.".strip()


async def test_a_wrong_value_in_the_block_is_left_as_it_is_and_named(open_app: Open, store_root: Path) -> None:
    row = runs_of(store_root, 3)
    pupils = [p.key for p in open_desk(store_root, "gv.5a").pupils("5A")][row : row + 3]
    held = stored(store_root, pupils[1])
    async with open_app("gv.5a", "grid", class_key="5A", sheet="TOAN") as pilot:
        await at(pilot, row, TOAN_SCORE)
        await pilot.press("3", "enter", "0", "enter", "5", "up", "up", "up", "shift+down", "shift+down", "g")
        text = await preview(pilot)
        assert "Để lại 1 ô: 1 đang sai (!)" in text
        await pilot.press("f2")
        await settle(pilot)
        assert " 0   !" in screen_text(pilot)
    assert [stored(store_root, key) for key in pupils] == ["3", held, "3"]


async def test_a_block_that_somebody_was_faster_with_is_not_written_and_says_where(
    open_app: Open, store_root: Path, demo: DemoSchool
) -> None:
    row = runs_of(store_root, 3)
    pupils = open_desk(store_root, "gv.5a").pupils("5A")[row : row + 3]
    async with open_app("gv.5a", "grid", class_key="5A", sheet="TOAN") as pilot:
        await at(pilot, row, TOAN_SCORE)
        paste(pilot, "2\n3\n4\n")
        await preview(pilot)
        held = stored(store_root, pupils[1].key)
        enter(
            open_desk(store_root, "gv.5a"),
            "5A",
            [Typed(pupils[1].key, TOAN_SCORE, "10", int(held) if held else None)],
        )
        await pilot.press("f2")
        await until_on(pilot, Notice)
        assert isinstance(pilot.app.screen, Notice)
        assert "Cả khối chưa ghi gì" in " ".join(screen_text(pilot).split())
        assert pupils[1].name in screen_text(pilot)
    assert [stored(store_root, p.key) for p in pupils][1] == "10"
    assert stored(store_root, pupils[0].key) != "2"
