"""What the grid remembers beyond one sitting: undo, redo, and a comment that was being typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from hocba_tui.demo.school import DemoSchool
from hocba_tui.flow.grades.drafts import drafts, keep_draft
from hocba_tui.flow.grades.enter import Typed, enter
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.school.periods import set_open
from hocba_tui.model.results import Cell
from hocba_tui.model.values import Period
from hocba_tui.screens.dialogs import Confirm, Notice
from hocba_tui.screens.editor import Editor, EditText
from hocba_tui.store.backend import Edit
from hocba_tui.widgets.grid_model import CellState
from tests.conftest import Open
from tests.screens.grid.test_grid_page import SCORE, first_gaps, page, settle, stored
from tests.support.text_of import agree, screen_text, status, until, until_on

COMMENT = Cell(Period.END_YEAR, "TOAN", "comment")


def score(root: Path, pupils: list[str], value: str, account: str = "gv.5a", act: str = "enter") -> None:
    held = {pupil: open_desk(root, account).results("5A")[pupil].score(Period.END_YEAR, "TOAN") for pupil in pupils}
    enter(open_desk(root, account), "5A", [Typed(pupil, SCORE, value, held[pupil]) for pupil in pupils], act)


async def test_what_was_entered_yesterday_is_undone_and_redone_in_words(
    open_app: Open, store_root: Path, demo: DemoSchool
) -> None:
    pupils = first_gaps(demo, store_root, 2)
    score(store_root, pupils, "8", act="paste")
    async with open_app("gv.5a", "grid", class_key="5A", sheet="TV") as pilot:
        await pilot.press("u")
        await settle(pilot)
        assert f"Đã hoàn tác: Toán cuối năm của {len(pupils)} em" in status(pilot)
        assert [stored(store_root, pupil) for pupil in pupils] == [""] * len(pupils)
        await pilot.press("y")
        await settle(pilot)
        assert f"Đã làm lại: Toán cuối năm của {len(pupils)} em" in status(pilot)
        assert [stored(store_root, pupil) for pupil in pupils] == ["8"] * len(pupils)
        await pilot.press("y")
        await settle(pilot)
        assert "Không còn gì của bạn để làm lại" in status(pilot)


async def test_undo_stops_where_somebody_else_has_been_and_says_who(
    open_app: Open, store_root: Path, demo: DemoSchool
) -> None:
    pupil = first_gaps(demo, store_root, 1)[0]
    score(store_root, [pupil], "8")
    shard = open_desk(store_root, "hieutruong").class_shard("5A")
    shard.change("hieutruong", "correct", [Edit("results", pupil, SCORE.field, 8, 9)])
    async with open_app("gv.5a", "grid", class_key="5A", sheet="TOAN") as pilot:
        await pilot.press("u")
        await until_on(pilot, Notice)
        assert isinstance(pilot.app.screen, Notice)
        assert "hieutruong" in screen_text(pilot)
    assert stored(store_root, pupil) == "9"


async def test_undo_of_a_locked_cell_is_refused(open_app: Open, store_root: Path, demo: DemoSchool) -> None:
    pupil = first_gaps(demo, store_root, 1)[0]
    score(store_root, [pupil], "8")
    set_open(open_desk(store_root, "hieutruong"), Period.END_YEAR, is_open=False, reason="hết hạn")
    async with open_app("gv.5a", "grid", class_key="5A", sheet="TOAN") as pilot:
        await pilot.press("u")
        await until(pilot, lambda: "Không hoàn tác được" in screen_text(pilot))
        assert "Không hoàn tác được" in screen_text(pilot)
    assert stored(store_root, pupil) == "8"


async def test_a_comment_being_typed_comes_back_after_the_line_dropped(
    open_app: Open, store_root: Path, demo: DemoSchool
) -> None:
    pupil = next(p.key for p in open_desk(store_root, "gv.5a").pupils("5A") if p.assessed)
    before = stored(store_root, pupil, COMMENT)
    async with open_app("gv.5a", "grid", class_key="5A", pupil=pupil, field=COMMENT.field) as pilot:
        await pilot.press("enter")
        await pilot.pause()
        editor = pilot.app.screen
        assert isinstance(editor, EditText)
        editor.query_one(Editor).insert(" Em đọc to, rõ")
        editor.keep_draft()
        # The line drops here: nothing is saved, nothing is asked.
    assert stored(store_root, pupil, COMMENT) == before
    async with open_app("gv.5a") as pilot:
        assert "Nhận xét đang gõ dở lớp 5A" in screen_text(pilot)
    async with open_app("gv.5a", "grid", class_key="5A", pupil=pupil, field=COMMENT.field) as pilot:
        await pilot.press("enter")
        await pilot.pause()
        editor = pilot.app.screen
        assert isinstance(editor, EditText)
        assert "CHƯA lưu" in screen_text(pilot)
        assert editor.query_one(Editor).text == before + " Em đọc to, rõ"
        await pilot.press("enter")
        await settle(pilot)
    assert stored(store_root, pupil, COMMENT) == (before + " Em đọc to, rõ").strip()
    assert drafts(open_desk(store_root, "gv.5a")) == ()


async def test_a_draft_that_is_thrown_away_does_not_come_back(open_app: Open, store_root: Path) -> None:
    pupil = next(p.key for p in open_desk(store_root, "gv.5a").pupils("5A") if p.assessed)
    keep_draft(open_desk(store_root, "gv.5a"), "5A", pupil, COMMENT, "dở dang")
    keep_draft(open_desk(store_root, "hieutruong"), "5A", pupil, COMMENT, "của người khác")
    async with open_app("gv.5a", "grid", class_key="5A", pupil=pupil, field=COMMENT.field) as pilot:
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Confirm)
        await agree(pilot)
        await until(pilot, lambda: not drafts(open_desk(store_root, "gv.5a")))
    assert drafts(open_desk(store_root, "gv.5a")) == ()
    assert [draft.text for draft in drafts(open_desk(store_root, "hieutruong"))] == ["của người khác"]


async def test_a_draft_is_dropped_only_after_the_comment_is_durable(
    open_app: Open, store_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pupil = next(p.key for p in open_desk(store_root, "gv.5a").pupils("5A") if p.assessed)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    async with open_app("gv.5a", "grid", class_key="5A", pupil=pupil, field=COMMENT.field) as pilot:
        with monkeypatch.context() as patch:
            patch.setattr("hocba_tui.store.syncing.os.fdatasync", full)
            await pilot.press("enter")
            await pilot.pause()
            editor = pilot.app.screen
            assert isinstance(editor, EditText)
            editor.query_one(Editor).text = "Em rất cố gắng"
            await pilot.press("enter")
            await until(pilot, lambda: pilot.app.screen is not editor and "CHƯA LƯU ĐƯỢC" in status(pilot))
            assert "CHƯA LƯU ĐƯỢC" in status(pilot)
            assert [draft.text for draft in drafts(open_desk(store_root, "gv.5a"))] == ["Em rất cố gắng"]
        page(pilot).entry.saver.retry()
        await settle(pilot)
        assert drafts(open_desk(store_root, "gv.5a")) == ()


async def test_a_damaged_class_is_shown_locked_with_its_reason(
    open_app: Open, store_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The notice that the first look brings would take the key, on a slow machine.
    monkeypatch.setattr("hocba_tui.screens.grid.page._LOOK_EVERY", 3600.0)
    pupil = next(p.key for p in open_desk(store_root, "gv.5a").pupils("5A") if p.assessed)
    with (store_root / "2025-2026" / "5A" / "journal.log").open("ab") as journal:
        journal.write(b"damage\nand more\n")
    async with open_app("gv.5a", "grid", class_key="5A", pupil=pupil, field=SCORE.field) as pilot:
        assert {c.state for row in page(pilot).grid.model.cells for c in row} == {CellState.LOCKED}
        assert "Chỉ xem được" in page(pilot).grid.model.active.note
        await pilot.press("9")
        await settle(pilot)
        assert status(pilot) == "Chỉ xem được: tệp của lớp bị hỏng. Báo người phụ trách máy chủ."
    async with open_app("gv.5a") as pilot:
        assert "tệp của lớp bị hỏng, chỉ xem được" in screen_text(pilot)
