"""Telex and VNI in the text boxes, and nowhere else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from hocba_tui.errors import NotSaved
from hocba_tui.flow.grades.drafts import drafts
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.preferences import keep_typing_method, typing_method
from hocba_tui.model.results import Cell
from hocba_tui.screens.dialogs import AskFields
from hocba_tui.screens.editor import Editor
from hocba_tui.store.folder import FolderStore
from hocba_tui.telex.word import Method
from tests.conftest import Open
from tests.screens.grid.test_grid_page import SCORE, settle, stored
from tests.support.text_of import screen_text, status

COMMENT = Cell.parse("end_year.TOAN.comment")


def first_pupil(root: Path) -> str:
    return next(p.key for p in open_desk(root, "gv.5a").pupils("5A") if p.assessed)


async def type_in(pilot: Pilot[Any], text: str) -> None:
    await pilot.press(*text)
    await pilot.pause()


async def test_a_comment_in_telex_reaches_the_store(open_app: Open, store_root: Path) -> None:
    pupil = first_pupil(store_root)
    async with open_app("gv.5a", "grid", class_key="5A", pupil=pupil, field=COMMENT.field) as pilot:
        await pilot.press("enter")
        await pilot.pause()
        assert "Gõ tắt" in screen_text(pilot)
        pilot.app.screen.query_one(Editor).clear()
        await type_in(pilot, "as ")
        await pilot.press("f9")
        await type_in(pilot, "Tieengs Vieetj")
        assert "Gõ Telex" in screen_text(pilot)
        await pilot.press("ctrl+r")
        await type_in(pilot, " lop71 5A1 user")
        assert "Gõ VNI" in screen_text(pilot)
        assert pilot.app.screen.query_one(Editor).text == "as Tiếng Việt lớp 5A1 user"
        await pilot.press("enter")
        await settle(pilot)
    assert stored(store_root, pupil, COMMENT) == "as Tiếng Việt lớp 5A1 user"


async def test_backspace_moving_and_undo_are_the_boxs_own(open_app: Open, store_root: Path) -> None:
    pupil = first_pupil(store_root)
    async with open_app("gv.5a", "grid", class_key="5A", pupil=pupil, field=COMMENT.field) as pilot:
        await pilot.press("f9", "enter")
        await pilot.pause()
        area = pilot.app.screen.query_one(Editor)
        area.text = ""
        await type_in(pilot, "tieengs")
        await pilot.press("backspace", "backspace")
        assert area.text == "tiế"
        await type_in(pilot, "ng windos")
        await pilot.press("backspace")
        await type_in(pilot, "ws")
        assert area.text == "tiếng windows"
        await pilot.press("home", "right", "right", "right")
        await type_in(pilot, "f")
        assert area.text == "tiềng windows"
        await pilot.press("ctrl+z")
        assert area.text == "tiếng windows"
        await pilot.press("shift+end")
        await type_in(pilot, "mr")
        assert area.text == "tiểm"
        area.text = "mootj\n"
        area.move_cursor((1, 0))
        await type_in(pilot, "dduwngs")
        assert area.text == "mootj\nđứng"


async def test_the_choice_is_the_persons_own_and_stays(open_app: Open, store_root: Path) -> None:
    async with open_app("gv.5a") as pilot:
        await pilot.press("f9")
        await pilot.pause()
        assert "Telex" in status(pilot)
    async with open_app("gv.5a", "grid", class_key="5A") as pilot:
        await pilot.press("slash")
        await pilot.pause()
        await type_in(pilot, "DDawngj")
        assert pilot.app.screen.query_one(Input).value == "Đặng"
        assert "Gõ Telex" in screen_text(pilot)
    assert typing_method(open_desk(store_root, "hieutruong")) is Method.OFF
    assert drafts(open_desk(store_root, "gv.5a")) == ()
    keep_typing_method(open_desk(store_root, "gv.5a"), Method.OFF)
    assert typing_method(open_desk(store_root, "gv.5a")) is Method.OFF


async def test_an_input_method_outside_has_the_way(open_app: Open, store_root: Path) -> None:
    keep_typing_method(open_desk(store_root, "gv.5a"), Method.TELEX)
    async with open_app("gv.5a", "grid", class_key="5A") as pilot:
        await pilot.press("slash")
        await pilot.pause()
        # Unikey undoes its á and sends “as”.
        await pilot.press("á", "backspace", "a", "s")
        await pilot.pause()
        assert pilot.app.screen.query_one(Input).value == "as"
        assert "Gõ tắt (máy đã có bộ gõ)" in screen_text(pilot)
        await pilot.press("f9")
        await type_in(pilot, "f")
        assert "Gõ Telex " in screen_text(pilot)
    assert typing_method(open_desk(store_root, "gv.5a")) is Method.TELEX


@pytest.mark.parametrize("secret", [True, False])
async def test_never_in_a_pin_nor_in_the_name_of_a_file(open_app: Open, store_root: Path, secret: bool) -> None:
    keep_typing_method(open_desk(store_root, "gv.5a"), Method.TELEX)
    async with open_app("gv.5a") as pilot:
        pilot.app.push_screen(AskFields("Hỏi", {"it": ("Gì", "")}, secret=secret, as_typed=not secret))
        await pilot.pause()
        await type_in(pilot, "aas")
        assert pilot.app.screen.query_one(Input).value == "aas"
        assert "Gõ Telex" not in screen_text(pilot)


async def test_cells_of_the_grid_are_left_alone(open_app: Open, store_root: Path) -> None:
    keep_typing_method(open_desk(store_root, "gv.5a"), Method.VNI)
    pupil = first_pupil(store_root)
    async with open_app("gv.5a", "grid", class_key="5A", pupil=pupil, field=SCORE.field) as pilot:
        await type_in(pilot, "9")
        await settle(pilot)
    assert stored(store_root, pupil) == "9"


async def test_a_full_disk_does_not_keep_anybody_from_typing(open_app: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise NotSaved("Đĩa đầy.", "Chờ.")

    monkeypatch.setattr(FolderStore, "keep_draft", refuse)
    async with open_app("gv.5a") as pilot:
        await pilot.press("f9", "colon")
        await pilot.pause()
        await type_in(pilot, "daay")
        assert pilot.app.screen.query_one(Input).value == "dây"
