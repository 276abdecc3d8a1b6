"""Another test, from the grid: one key, three lines, and undo says what it took back."""

from __future__ import annotations

from pathlib import Path

from textual.widgets import Input

from hocba_tui.demo.school import DemoSchool
from hocba_tui.flow.opening import open_desk
from hocba_tui.model.results import SCORE, Cell
from hocba_tui.model.values import Period
from tests.conftest import Open
from tests.screens.grid.test_grid_page import page, settle
from tests.support.text_of import status

MATHS = Cell(Period.END_YEAR, "TOAN", SCORE)


def attempts(root: Path, pupil: str) -> list[int]:
    return [a.score for a in open_desk(root, "gv.5a").results("5A")[pupil].attempts(Period.END_YEAR, "TOAN")]


async def test_another_test_is_written_beside_the_first_and_undone(
    open_app: Open, store_root: Path, demo: DemoSchool
) -> None:
    desk = open_desk(store_root, "gv.5a")
    held = desk.results("5A")
    tested = [p.key for p in desk.pupils("5A") if p.key in held and held[p.key].text(MATHS)]
    first = held[tested[0]].score(Period.END_YEAR, "TOAN")
    async with open_app("gv.5a", "grid", class_key="5A", pupil=tested[0], field=MATHS.field) as pilot:
        await pilot.press("e")
        await pilot.pause()
        text, day, reason = pilot.app.screen.query(Input)
        text.value, day.value, reason.value = "11", "03/06/2026", "Em ốm hôm kiểm tra"
        await pilot.press("f2")
        await pilot.pause()
        assert attempts(store_root, tested[0]) == []
        text.value = "7"
        await pilot.press("f2")
        await settle(pilot)
        assert "Đã ghi thêm một lần: Toán cuối năm của" in status(pilot)
        assert page(pilot).grid.model.active.text == "7"
        assert attempts(store_root, tested[0]) == [first, 7]
        await pilot.press("u")
        await settle(pilot)
        assert f"Đã hoàn tác: 7 → {first}, Toán cuối năm của" in status(pilot)
    assert attempts(store_root, tested[0]) == []


async def test_a_locked_cell_says_why_instead_of_asking(open_app: Open, store_root: Path) -> None:
    pupil = open_desk(store_root, "gv.4a").pupils("4A")[0].key
    async with open_app("gv.4a", "grid", class_key="4A", pupil=pupil, field="mid_1.TOAN.score") as pilot:
        await pilot.press("e")
        await pilot.pause()
        assert "đang khóa" in status(pilot)
        assert not pilot.app.screen.query(Input)
