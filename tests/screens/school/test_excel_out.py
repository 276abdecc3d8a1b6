"""Excel export from the screens: form, period and path; nothing typed is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from hocba_tui.intake.workbook import read_workbook
from hocba_tui.screens.dialogs import AskFields, Choose, Notice
from hocba_tui.screens.school.classes import ClassesPage
from hocba_tui.screens.school.excel_out import ask_excel
from tests.conftest import Open
from tests.support.activity import noted
from tests.support.text_of import screen_text


async def typed(pilot: Pilot[object], path: Path) -> None:
    """Type the path of the file over the proposed one, and finish."""
    pilot.app.screen.query_one(Input).value = str(path)
    await pilot.press("enter")
    await pilot.pause()


async def test_the_homeroom_teacher_writes_a_result_sheet_from_the_roster(open_app: Open, tmp_path: Path) -> None:
    path = tmp_path / "5A.xlsx"
    async with open_app("gv.5a", "roster", class_key="5A") as pilot:
        await pilot.press("x", "down", "enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Choose)
        assert "Kỳ nào?" in screen_text(pilot)
        await pilot.press("up", "enter")
        await pilot.pause()
        assert pilot.app.screen.query_one(Input).value == "~/5A-bang-tong-hop-mid_2.xlsx"
        await typed(pilot, path)
        assert isinstance(pilot.app.screen, Notice)
        assert "Đã ghi 34 em" in screen_text(pilot)
        assert "chưa đối chiếu" in screen_text(pilot)
    assert "GIỮA HỌC KÌ II" in str(read_workbook(path)[0].rows[1][0])


async def test_a_place_that_is_taken_is_told_and_the_answer_stays_open(open_app: Open, tmp_path: Path) -> None:
    mine = tmp_path / "cua-toi.xlsx"
    mine.write_bytes(b"cua toi")
    async with open_app("hieutruong", "classes") as pilot:
        await pilot.press("x", "down", "down", "enter")
        await pilot.pause()
        await typed(pilot, mine)
        assert isinstance(pilot.app.screen, AskFields)
        assert "không ghi đè" in screen_text(pilot)
        assert pilot.app.screen.query_one(Input).value == str(mine)
        await typed(pilot, tmp_path / "khac.xlsx")
        assert isinstance(pilot.app.screen, Notice)
    assert mine.read_bytes() == b"cua toi"
    assert (tmp_path / "khac.xlsx").exists()


async def test_a_home_that_nobody_has_is_told(open_app: Open) -> None:
    async with open_app("gv.5a", "roster", class_key="5A") as pilot:
        await pilot.press("x", "down", "down", "enter")
        await pilot.pause()
        await typed(pilot, Path("~khong-ai-ca/5A.xlsx"))
        assert "Không có thư mục nhà" in screen_text(pilot)


async def test_the_key_is_no_key_of_who_may_export_no_class(open_app: Open) -> None:
    async with open_app("admin", "classes") as pilot:
        assert "Xuất Excel" not in screen_text(pilot)
        await pilot.press("x")
        await pilot.pause()
        assert "Phím x không dùng ở đây" in screen_text(pilot)


async def test_who_may_export_another_class_is_told_who_may_export_this_one(open_app: Open) -> None:
    async with open_app("gv.5a", "classes") as pilot:
        page = pilot.app.screen
        assert isinstance(page, ClassesPage)
        ask_excel(page, "4A")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Notice)
        assert "giáo viên chủ nhiệm, ban giám hiệu, văn thư" in screen_text(pilot)


@pytest.mark.parametrize("presses", [("escape",), ("enter", "escape"), ("enter", "enter", "escape")])
async def test_giving_up_at_any_question_writes_nothing(
    open_app: Open, store_root: Path, presses: tuple[str, ...]
) -> None:
    async with open_app("gv.5a", "roster", class_key="5A") as pilot:
        await pilot.press("x")
        for press in presses:
            await pilot.press(press)
            await pilot.pause()
        assert "Danh sách lớp 5A" in screen_text(pilot)
    assert not noted(store_root, "export_sheet")
