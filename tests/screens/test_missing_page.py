"""What is missing, on the screen."""

from __future__ import annotations

from pathlib import Path

from hocba_tui.flow.grades.missing import missing
from hocba_tui.flow.opening import open_desk
from hocba_tui.model.values import Period
from hocba_tui.screens.grid.page import GridPage
from tests.conftest import Open
from tests.support.text_of import screen_text, status, title


async def test_the_grid_leads_to_what_is_missing_and_back_to_the_cell(open_app: Open, store_root: Path) -> None:
    first = missing(open_desk(store_root, "gv.5a"), "5A", Period.END_YEAR)[0]
    async with open_app("gv.5a", "grid", class_key="5A", sheet="TV") as pilot:
        await pilot.press("m")
        await pilot.pause()
        assert title(pilot) == "Còn thiếu › 5A › Cuối năm"
        assert first.pupil.name in screen_text(pilot)
        assert "25 ô của 17 em còn trống" in status(pilot)
        await pilot.press("down")
        await pilot.pause()
        assert "Người nhập: cô Cao Thị Thanh Xuân." in status(pilot)
        await pilot.press("up", "enter")
        await pilot.pause()
        grid = pilot.app.screen
        assert isinstance(grid, GridPage)
        assert grid.entry.marks.pupils[grid.grid.model.row].key == first.pupil.key
        assert grid.entry.marks.columns[grid.grid.model.column].cell == first.cells[0]


async def test_any_period_can_be_asked_and_a_closed_one_says_so(open_app: Open) -> None:
    async with open_app("gv.5a", "missing", class_key="5A") as pilot:
        await pilot.press("p", "up", "enter")
        await pilot.pause()
        assert title(pilot) == "Còn thiếu › 5A › Giữa HK II (đang khóa)"
        assert "Kỳ này không còn ô trống nào." in screen_text(pilot)
        assert status(pilot) == ""


async def test_a_subject_teacher_can_look_at_the_own_cells_alone(open_app: Open) -> None:
    async with open_app("gv.tin", "missing", class_key="5A") as pilot:
        assert "25 ô" in status(pilot)
        await pilot.press("l")
        await pilot.pause()
        assert title(pilot).endswith("(ô của tôi)")
        assert "Kỳ này không còn ô trống nào." in screen_text(pilot)


async def test_the_principal_sees_who_has_how_many_gaps_and_goes_there(open_app: Open) -> None:
    async with open_app("hieutruong") as pilot:
        await pilot.press("down", "down", "down", "enter")
        await pilot.pause()
        assert title(pilot) == "Còn thiếu theo giáo viên › các lớp › Cuối năm"
        lines = [line.split() for line in screen_text(pilot).splitlines()[3:]]
        assert ["5A", "Toán", "12", "12", "cô", "Cao", "Thị", "Thanh", "Xuân"] in lines
        assert "77 ô còn trống" in status(pilot)
        await pilot.press("enter")
        await pilot.pause()
        assert "› 1A › Toán › Cuối năm" in title(pilot)


async def test_the_classes_page_and_the_class_lead_to_the_same_by_teacher(open_app: Open) -> None:
    async with open_app("phohieutruong", "classes") as pilot:
        await pilot.press("m")
        await pilot.pause()
        assert title(pilot) == "Còn thiếu › 1A › Cuối năm"
        await pilot.press("l", "l")
        await pilot.pause()
        assert title(pilot) == "Còn thiếu theo giáo viên › 1A › Cuối năm"
        assert "5A" not in screen_text(pilot)
