"""What must never happen while a teacher types: a lost, misplaced or falsely acknowledged value."""

from __future__ import annotations

import errno
import os
import shutil
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from textual import events
from textual.widgets import Static

from hocba_tui.demo.school import DemoSchool
from hocba_tui.errors import NotSaved
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.grades.enter import Entered, Typed, enter
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.school.periods import set_open
from hocba_tui.model.results import HEIGHT, Cell
from hocba_tui.model.values import Period
from hocba_tui.screens.dialogs import Confirm, Notice
from hocba_tui.screens.editor import Editor, EditText
from hocba_tui.screens.home import HomePage
from hocba_tui.widgets.grid_hand import Direction
from hocba_tui.widgets.grid_model import CellState
from hocba_tui.widgets.textual_internals import HangUp
from tests.conftest import Open
from tests.screens.grid.test_grid_page import FIELD, SCORE, first_gaps, page, settle, stored
from tests.support.text_of import agree, press_seen, screen_text, status, title, until, until_on


def assessed(root: Path) -> list[str]:
    return [pupil.key for pupil in open_desk(root, "gv.5a").pupils("5A") if pupil.assessed]


@pytest.mark.parametrize("point", ["full_stop", "comma"])
async def test_a_decimal_stays_with_its_pupil_and_never_reaches_the_next(
    open_app: Open, store_root: Path, point: str
) -> None:
    one, two = assessed(store_root)[1:3]
    before = stored(store_root, one), stored(store_root, two)
    async with open_app("gv.5a", "grid", class_key="5A", pupil=one, field=FIELD) as pilot:
        row = page(pilot).grid.model.row
        await pilot.press("1", "0", point, "5", "down")
        await settle(pilot)
        grid = page(pilot).grid.model
        column = [c.cell for c in page(pilot).entry.marks.columns].index(SCORE)
        assert grid.cells[row][column].state is CellState.WRONG
        assert "thập phân" in grid.cells[row][column].note
    # The 10 was the beginning of a wrong number: what was there before it is restored.
    assert (stored(store_root, one), stored(store_root, two)) == before


@pytest.mark.parametrize("key", ["backspace", "escape"])
async def test_giving_up_a_wrong_value_shows_the_stored_one_and_keeps_it(
    open_app: Open, store_root: Path, key: str
) -> None:
    pupil = assessed(store_root)[1]
    height = open_desk(store_root, "gv.5a").results("5A")[pupil].text(HEIGHT)
    async with open_app("gv.5a", "grid", class_key="5A", pupil=pupil, field=HEIGHT.field) as pilot:
        await pilot.press("9", "0", "0", "right", "left")
        await settle(pilot)
        assert page(pilot).grid.model.active.state is CellState.WRONG
        assert f"Đang lưu: {height}" in page(pilot).grid.model.active.note
        await pilot.press(key)
        await settle(pilot)
        assert page(pilot).grid.model.active.text == height
        assert page(pilot).grid.model.active.state is CellState.SAVED
    assert stored(store_root, pupil, HEIGHT) == height


async def test_typing_into_a_locked_cell_moves_nothing_and_says_why(open_app: Open, store_root: Path) -> None:
    locked = next(p.key for p in open_desk(store_root, "gv.5a").pupils("5A") if not p.assessed)
    async with open_app("gv.5a", "grid", class_key="5A", pupil=locked, field=FIELD) as pilot:
        row = page(pilot).grid.model.row
        await pilot.press("5", "backspace", "delete")
        await settle(pilot)
        assert page(pilot).grid.model.row == row
        assert "không đánh giá" in status(pilot)
        assert "đã lưu" not in status(pilot)


@pytest.mark.parametrize("key", ["escape", "f10", "r", "k"])
async def test_leaving_while_the_disk_refuses_asks_and_loses_nothing(
    open_app: Open, store_root: Path, demo: DemoSchool, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    gap = first_gaps(demo, store_root, 1)[0]

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    async with open_app("gv.5a", "grid", class_key="5A", pupil=gap, field=FIELD) as pilot:
        grid = page(pilot)
        with monkeypatch.context() as patch:
            patch.setattr("hocba_tui.store.shard.os.fdatasync", full)
            await pilot.press("9")
            await until(pilot, lambda: "CHƯA LƯU ĐƯỢC" in status(pilot))
            assert "CHƯA LƯU ĐƯỢC 1 ô" in status(pilot)
            assert "đĩa đầy" in status(pilot)
            drain = grid.entry.saver.drain
            patch.setattr(grid.entry.saver, "drain", lambda: drain(0.2))
            await pilot.press(key)
            await until_on(pilot, Confirm)
            assert isinstance(pilot.app.screen, Confirm)
            await pilot.press("escape")
            await pilot.pause()
            assert pilot.app.screen.id == grid.id
        grid.entry.saver.retry()
        await settle(pilot)
    assert stored(store_root, gap) == "9"


async def test_leaving_with_a_wrong_cell_asks_and_names_it(open_app: Open, store_root: Path) -> None:
    pupil = assessed(store_root)[1]
    async with open_app("gv.5a", "grid", class_key="5A", pupil=pupil, field=FIELD) as pilot:
        grid = page(pilot)
        await pilot.press("0", "right", "left", "down", "escape")
        await until_on(pilot, Confirm)
        assert isinstance(pilot.app.screen, Confirm)
        assert "ô sai chưa lưu" in screen_text(pilot)
        await pilot.press("escape")
        await pilot.pause()
        assert page(pilot) is grid
        await pilot.press("escape")
        await until_on(pilot, Confirm)
        await agree(pilot)
        await until_on(pilot, HomePage)
        assert title(pilot) == "Việc của tôi hôm nay"


async def test_letters_and_enter_of_one_packet_all_reach_the_comment(open_app: Open, store_root: Path) -> None:
    pupil = assessed(store_root)[1]
    cell = Cell(Period.END_YEAR, "homeroom", "comment")
    async with open_app("gv.5a", "grid", class_key="5A", pupil=pupil, field=cell.field) as pilot:
        await pilot.press("enter")
        await pilot.pause()
        editor = pilot.app.screen
        assert isinstance(editor, EditText)
        # As the driver delivers a packet: every key is queued before the first one is handled.
        for char in " tốt":
            pilot.app.post_message(events.Key("space" if char == " " else char, char))
        pilot.app.post_message(events.Key("enter", "\r"))
        await until(pilot, lambda: pilot.app.screen is not editor)
        assert pilot.app.screen is not editor
        await settle(pilot)
    assert stored(store_root, pupil, cell).endswith(" tốt")


async def test_a_score_typed_into_a_comment_is_not_saved_and_the_keys_behind_it_reach_nobody(
    open_app: Open, store_root: Path
) -> None:
    pupil = assessed(store_root)[1]
    cell = Cell(Period.END_YEAR, "homeroom", "comment")
    before = open_desk(store_root, "gv.5a").results("5A")
    async with open_app("gv.5a", "grid", class_key="5A", pupil=pupil, field=cell.field) as pilot:
        await pilot.press("enter")
        await pilot.pause()
        editor = pilot.app.screen
        assert isinstance(editor, EditText)
        editor.query_one(Editor).clear()
        await pilot.press("8", "enter", "9", "enter")
        await pilot.pause()
        assert pilot.app.screen is editor
        assert "CHƯA lưu: “89” là điểm hay mức" in str(editor.query_one("#count", Static).content)
    assert open_desk(store_root, "gv.5a").results("5A") == before


async def test_the_loser_of_a_conflict_is_told_wherever_the_cursor_is(
    open_app: Open, store_root: Path, demo: DemoSchool
) -> None:
    gap = first_gaps(demo, store_root, 1)[0]
    async with open_app("gv.5a", "grid", class_key="5A", pupil=gap, field=FIELD) as pilot:
        enter(open_desk(store_root, "gv.5a"), "5A", [Typed(gap, SCORE, "6", None)])
        await pilot.press("9")
        await settle(pilot)
        name = next(p.name for p in open_desk(store_root, "gv.5a").pupils("5A") if p.key == gap)
        assert status(pilot).startswith(f"≠ {name}")
        assert "CHƯA ghi" in status(pilot)


async def test_the_value_that_one_saw_is_not_taken_for_saved_when_another_changed_it(
    open_app: Open, store_root: Path
) -> None:
    pupil = assessed(store_root)[1]
    seen = stored(store_root, pupil, Cell(Period.END_YEAR, "TV", "score"))
    cell = Cell(Period.END_YEAR, "TV", "score")
    other = "5" if seen != "5" else "6"
    async with open_app("gv.5a", "grid", class_key="5A", pupil=pupil, field=cell.field) as pilot:
        enter(open_desk(store_root, "gv.5a"), "5A", [Typed(pupil, cell, other, int(seen))])
        page(pilot).grid.direction = Direction.RIGHT
        await pilot.press(*seen)
        await settle(pilot)
        assert "≠" in screen_text(pilot)
    assert stored(store_root, pupil, cell) == other


async def test_a_period_that_is_closed_meanwhile_locks_the_open_grid(open_app: Open, store_root: Path) -> None:
    async with open_app("gv.5a", "grid", class_key="5A", sheet="TV") as pilot:
        set_open(open_desk(store_root, "hieutruong"), Period.END_YEAR, is_open=False, reason="hết hạn")
        await page(pilot)._look()
        await pilot.pause()
        assert title(pilot).endswith("(đang khóa)")
        assert {c.state for row in page(pilot).grid.model.cells for c in row} == {CellState.LOCKED}


async def test_a_class_that_is_damaged_under_an_open_grid_is_said_and_not_a_crash(
    open_app: Open, store_root: Path
) -> None:
    async with open_app("gv.5a", "grid", class_key="5A", sheet="TV") as pilot:
        with (store_root / "2025-2026" / "5A" / "journal.log").open("ab") as journal:
            journal.write(b"damage\nand more\n")
        await page(pilot)._look()
        await pilot.pause()
        assert "bị hỏng" in status(pilot)
        # A notice that opened by itself would take keys that are meant for the cell.
        assert pilot.app.screen is page(pilot)
        await pilot.press("t")
        await settle(pilot)
        assert "bị hỏng" in status(pilot)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Notice)
        assert "Những gì đang hiện trên màn hình vẫn còn" in screen_text(pilot)


def replace_class(root: Path) -> bytes:
    """Put an older copy of class 5A in its place; return the copy's journal."""
    folder = root / "2025-2026" / "5A"
    folder.rename(folder.with_name("aside"))
    folder.with_name("older").rename(folder)
    return (folder / "journal.log").read_bytes()


async def test_a_class_that_is_replaced_under_an_open_grid_is_said_with_the_own_cells_that_are_gone(
    open_app: Open, store_root: Path, demo: DemoSchool
) -> None:
    gap = first_gaps(demo, store_root, 1)[0]
    shutil.copytree(store_root / "2025-2026" / "5A", store_root / "2025-2026" / "older")
    name = next(p.name for p in open_desk(store_root, "gv.5a").pupils("5A") if p.key == gap)
    async with open_app("gv.5a", "grid", class_key="5A", pupil=gap, field=FIELD) as pilot:
        await pilot.press("9")
        await settle(pilot)
        replace_class(store_root)
        await page(pilot)._look()
        await pilot.pause()
        assert "Ctrl+S: xem phải làm gì." in status(pilot)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Notice)
        assert f"KHÔNG có: {name}, Toán: điểm KTĐK: 9." in " ".join(screen_text(pilot).replace("│", " ").split())
        await press_seen(pilot, "enter")
        assert {c.state for row in page(pilot).grid.model.cells for c in row} == {CellState.LOCKED}


async def test_what_is_typed_into_a_class_that_was_replaced_stays_as_not_saved(
    open_app: Open, store_root: Path, demo: DemoSchool, monkeypatch: pytest.MonkeyPatch
) -> None:
    gap = first_gaps(demo, store_root, 1)[0]
    shutil.copytree(store_root / "2025-2026" / "5A", store_root / "2025-2026" / "older")
    async with open_app("gv.5a", "grid", class_key="5A", pupil=gap, field=FIELD) as pilot:
        grid = page(pilot)
        grid.workers.cancel_group(grid, "look")  # Typed before the next reading.
        before = replace_class(store_root)
        await pilot.press("8")
        await until(pilot, lambda: "CHƯA LƯU ĐƯỢC 1 ô" in status(pilot))
        assert "đã bị thay bằng tệp khác" in status(pilot)
        drain = grid.entry.saver.drain
        monkeypatch.setattr(grid.entry.saver, "drain", lambda: drain(0.2))
        await pilot.press("f10")
        await until_on(pilot, Confirm)
        assert "1 ô CHƯA lưu được" in screen_text(pilot)
    assert (store_root / "2025-2026" / "5A" / "journal.log").read_bytes() == before


async def test_an_unforeseen_error_ends_the_app_without_showing_what_it_held(
    open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hocba_tui.app import HocbaApp

    shown: list[str] = []
    monkeypatch.setattr(HocbaApp, "panic", lambda _, text: shown.append(str(text)))
    app = object.__new__(HocbaApp)
    secret = "123456"
    app._exception = RuntimeError(f"PIN {secret}")
    app._fatal_error()
    assert "RuntimeError" in shown[0]
    assert secret not in shown[0]
    assert "an toàn" in shown[0]


def test_a_full_folder_of_frozen_bytes_is_an_error_of_ours(store_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shard = open_desk(store_root, "gv.5a").store.shard("2025-2026/1A")

    def full(_: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("hocba_tui.store.shard.make_folder", full)
    with pytest.raises(NotSaved, match="đĩa đầy"):
        shard.keep(b"x")


async def test_typing_on_into_a_cell_that_is_being_saved_is_no_conflict_with_oneself(
    open_app: Open, store_root: Path, demo: DemoSchool, monkeypatch: pytest.MonkeyPatch
) -> None:
    gap = first_gaps(demo, store_root, 1)[0]
    real = os.fdatasync

    def slow(handle: int) -> None:
        time.sleep(0.2)
        real(handle)

    async with open_app("gv.5a", "grid", class_key="5A", pupil=gap, field=FIELD) as pilot:
        page(pilot).grid.direction = Direction.RIGHT
        monkeypatch.setattr("hocba_tui.store.shard.os.fdatasync", slow)
        await pilot.press("7")
        await pilot.pause(0.05)
        await pilot.press("up")
        await pilot.press("8")
        await settle(pilot)
        assert "≠" not in screen_text(pilot)
    assert stored(store_root, gap) == "8"


async def test_undo_takes_back_the_value_typed_just_before_it_also_when_all_keys_come_at_once(
    open_app: Open, store_root: Path
) -> None:
    one, two = assessed(store_root)[:2]
    before = stored(store_root, one), stored(store_root, two)
    async with open_app("gv.5a", "grid", class_key="5A", pupil=one, field=FIELD) as pilot:
        await pilot.press("2")
        await settle(pilot)
        for key in ("3", "u"):
            pilot.app.post_message(events.Key(key, key))
        await settle(pilot)
        await until(pilot, lambda: "Đã hoàn tác" in status(pilot))
        assert f"3 → {before[1] or 'trống'}" in status(pilot)
        assert page(pilot).grid.model.pupils[page(pilot).grid.model.row] == two
    assert (stored(store_root, one), stored(store_root, two)) == ("2", before[1])


async def test_undo_takes_back_nothing_while_the_disk_refuses_what_was_typed(
    open_app: Open, store_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = assessed(store_root)[:2]
    async with open_app("gv.5a", "grid", class_key="5A", pupil=one, field=FIELD) as pilot:
        await pilot.press("2")
        await settle(pilot)

        def full(_: int) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr("hocba_tui.store.shard.os.fdatasync", full)
        monkeypatch.setattr("hocba_tui.screens.grid.saver._PATIENCE", 0.2)
        await pilot.press("3", "u")
        await until(pilot, lambda: "chưa hoàn tác gì" in status(pilot))
        monkeypatch.undo()
        await settle(pilot)
    assert (stored(store_root, one), stored(store_root, two)) == ("2", "3")


async def test_undo_takes_back_nothing_while_a_value_is_being_written(
    open_app: Open, store_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = assessed(store_root)[:2]
    async with open_app("gv.5a", "grid", class_key="5A", pupil=one, field=FIELD) as pilot:
        await pilot.press("2")
        await settle(pilot)
        begun, done = threading.Event(), threading.Event()

        def slow(desk: Desk, class_key: str, typed: Sequence[Typed]) -> Entered:
            begun.set()
            assert done.wait(60)
            return enter(desk, class_key, typed)

        monkeypatch.setattr("hocba_tui.screens.grid.saver.enter", slow)
        monkeypatch.setattr("hocba_tui.screens.grid.saver._PATIENCE", 0.2)
        await pilot.press("3")
        await until(pilot, begun.is_set)
        await pilot.press("u")
        await until(pilot, lambda: "Còn 1 ô" in status(pilot))
        done.set()
        await settle(pilot)
    assert (stored(store_root, one), stored(store_root, two)) == ("2", "3")


async def test_a_window_that_is_closed_waits_for_the_disk_with_what_was_typed(
    open_app: Open, store_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = assessed(store_root)[:2]

    def slow(desk: Desk, class_key: str, typed: Sequence[Typed]) -> Entered:
        time.sleep(0.5)
        return enter(desk, class_key, typed)

    monkeypatch.setattr("hocba_tui.screens.grid.saver.enter", slow)
    async with open_app("gv.5a", "grid", class_key="5A", pupil=one, field=FIELD) as pilot:
        await pilot.press("2")
        await pilot.pause(0.1)
        await pilot.press("3")
        pilot.app.post_message(HangUp())
        await until(pilot, lambda: not pilot.app.is_running)
    assert [stored(store_root, key) for key in (one, two)] == ["2", "3"]
