"""The preview on the screen: names complete with Tab, the rows are filtered, saved as Excel, and taken back."""

from __future__ import annotations

from pathlib import Path

from openpyxl import load_workbook
from textual.pilot import Pilot
from textual.widgets import Input

from hocba_tui.flow.desk import Desk
from hocba_tui.flow.opening import open_desk
from hocba_tui.screens.dialogs import AskFields, Confirm
from hocba_tui.widgets.rows import Rows
from tests.conftest import Open
from tests.support.result_sheets import write_rows
from tests.support.text_of import agree, screen_text, status


def listed(folder: Path, desk: Desk) -> Path:
    one, two = desk.pupils("5A")[:2]
    head = ["Mã lớp", "Mã học sinh", "Họ tên", "Tên mẹ", "Trạng thái", "Bán trú"]
    rows = [
        ["5A", one.code, one.name, "Lê Thị Thử", "Nghỉ học", "có"],
        ["5A", two.code, two.name, two.mother, "01", ""],
    ]
    return write_rows(folder / "danh-sach-5A.xlsx", [head, *rows])


async def look(pilot: Pilot[None], path: Path) -> None:
    pilot.app.screen.query_one(Input).value = str(path)
    await pilot.press("enter")
    await pilot.pause()


def shown(pilot: Pilot[None]) -> list[str]:
    return [texts[0] for _, texts in pilot.app.screen.query_one(Rows)._rows]


async def test_tab_completes_the_name_and_lists_what_fits(open_app: Open, store_root: Path, tmp_path: Path) -> None:
    desk = open_desk(store_root, "vanthu")
    path = listed(tmp_path, desk)
    path.with_name("danh-sach-4A.xlsx").write_bytes(path.read_bytes())
    async with open_app("vanthu", "intake", kind="pupils") as pilot:
        assert "scp" in screen_text(pilot)
        box = pilot.app.screen.query_one(Input)
        box.value = f"{tmp_path}/dan"
        await pilot.press("tab")
        await pilot.pause()
        assert box.value == f"{tmp_path}/danh-sach-"
        assert "2 tệp khớp" in status(pilot)
        assert "danh-sach-4A.xlsx" in screen_text(pilot)
        await pilot.press("5", "tab")
        await pilot.pause()
        assert box.value == str(path)


async def test_the_preview_is_filtered_saved_and_taken_back(open_app: Open, store_root: Path, tmp_path: Path) -> None:
    desk = open_desk(store_root, "vanthu")
    path = listed(tmp_path, desk)
    one = desk.pupils("5A")[0]
    async with open_app("vanthu", "intake", kind="pupils") as pilot:
        await look(pilot, path)
        everything = shown(pilot)
        await pilot.press("l")
        assert set(shown(pilot)) == {"cần xem lại"}
        await pilot.press("l")
        assert "cần xem lại" not in shown(pilot)
        await pilot.press("l")
        assert shown(pilot) == everything
        await pilot.press("x")
        await pilot.pause()
        assert isinstance(pilot.app.screen, AskFields)
        pilot.app.screen.query_one(Input).value = str(tmp_path / "xem-truoc.xlsx")
        await pilot.press("f2")
        await pilot.pause()
        rows = list(load_workbook(tmp_path / "xem-truoc.xlsx").worksheets[0].iter_rows(values_only=True))
        assert ("Việc", "Lớp", "Học sinh, ô", "Điều cần xem", "Cần làm") in rows
        assert any("“Bán trú”" in str(row[3]) and row[4] for row in rows)
        await pilot.press("f2")
        await pilot.pause()
        assert status(pilot) == "Đã ghi 1 học sinh."
        assert open_desk(store_root, "vanthu").pupils("5A")[0].mother == "Lê Thị Thử"
        pilot.app.screen.query_one(Rows).list.focus()
        await pilot.press("u")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Confirm)
        await agree(pilot)
        await pilot.pause()
        assert status(pilot).startswith("Đã hoàn tác: nạp danh sách học sinh từ danh-sach-5A.xlsx")
        assert open_desk(store_root, "vanthu").pupils("5A")[0].mother == one.mother
