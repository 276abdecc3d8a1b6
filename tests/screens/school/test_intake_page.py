"""The screen that previews and imports files."""

from __future__ import annotations

from pathlib import Path

from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from hocba_tui.flow.opening import open_desk
from hocba_tui.model.results import Cell
from hocba_tui.screens.dialogs import Notice
from hocba_tui.screens.school.intake import IntakePage
from tests.conftest import Open
from tests.flow.grades.test_results_import import typable
from tests.support.text_of import screen_text, status

CELL = Cell("end_year", "TOAN", "level")


async def paste(pilot: Pilot[None], text: str) -> None:
    assert pilot.app.screen.focused is not None
    pilot.app.screen.focused.post_message(events.Paste(text))
    await pilot.pause()
    await pilot.pause()


async def test_a_pasted_block_is_previewed_and_then_written(open_app: Open, store_root: Path) -> None:
    one = typable(open_desk(store_root, "gv.5a"))[0]
    async with open_app("gv.5a", "intake", kind="results", class_key="5A") as pilot:
        await paste(pilot, f"Họ tên\tToán mức\n{one.name}\tC")
        assert f"{one.name} · Toán: mức: " in screen_text(pilot)
        assert "1 ô thay đổi" in status(pilot)
        assert open_desk(store_root, "gv.5a").results("5A")[one.key].text(CELL) != "C"
        await pilot.press("f2")
        await pilot.pause()
        assert status(pilot) == "Đã ghi 1 ô."
    assert open_desk(store_root, "gv.5a").results("5A")[one.key].text(CELL) == "C"


async def test_a_second_block_may_be_pasted_over_the_rows(open_app: Open, store_root: Path) -> None:
    one, two, *_ = typable(open_desk(store_root, "gv.5a"))
    async with open_app("gv.5a", "intake", kind="results", class_key="5A") as pilot:
        await paste(pilot, f"Họ tên\tToán mức\n{one.name}\tC")
        await paste(pilot, f"Họ tên\tToán mức\n{two.name}\tC")
        assert two.name in screen_text(pilot)
        assert one.name not in screen_text(pilot)


async def test_the_name_of_a_file_is_pasted_once_as_text(open_app: Open) -> None:
    async with open_app("gv.5a", "intake", kind="results", class_key="5A") as pilot:
        await paste(pilot, "ket-qua.xlsx")
        assert pilot.app.screen.query_one(Input).value == "ket-qua.xlsx"


async def test_a_wrong_value_cannot_be_written_and_is_read_in_full(open_app: Open, store_root: Path) -> None:
    one = typable(open_desk(store_root, "gv.5a"))[0]
    async with open_app("gv.5a", "intake", kind="results", class_key="5A") as pilot:
        await paste(pilot, f"Họ tên\tToán mức\n{one.name}\tK")
        await pilot.press("f2")
        await pilot.pause()
        assert status(pilot).startswith("Còn lỗi: chưa ghi được.")
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Notice)
        assert "hoặc C." in screen_text(pilot)


async def test_another_choice_looks_at_the_same_block_again(open_app: Open, store_root: Path) -> None:
    one = typable(open_desk(store_root, "gv.5a"))[0]
    async with open_app("gv.5a", "intake", kind="results", class_key="5A") as pilot:
        await paste(pilot, f"Họ tên\tMức đạt được\n{one.name}\tC")
        assert isinstance(pilot.app.screen, Notice)
        await pilot.press("enter", "f6", "down", "down", "enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, IntakePage)
        assert "Toán: mức: " in screen_text(pilot)


async def test_a_grid_leads_to_the_intake_of_its_class_and_period(open_app: Open) -> None:
    async with open_app("gv.5a", "grid", class_key="5A") as pilot:
        await pilot.press("i")
        await pilot.pause()
        assert "Nạp kết quả › Cuối năm › lớp 5A" in screen_text(pilot)


async def test_a_pasted_list_of_staff_is_previewed_and_written(open_app: Open, store_root: Path) -> None:
    async with open_app("hieutruong", "intake", kind="staff") as pilot:
        await paste(
            pilot,
            "Họ tên\tEmail\tTrạng thái CB\tVị trí việc làm\nĐinh Thị Mới\tmoi@truong.vn\tĐang làm việc\tGiáo viên",
        )
        assert "Đinh Thị Mới" in screen_text(pilot)
        await pilot.press("f2")
        await pilot.pause()
        assert status(pilot) == "Đã ghi 1 người."
    assert "Đinh Thị Mới" in [person.name for person in open_desk(store_root, "hieutruong").everybody()]


async def test_whom_a_list_does_not_name_is_shown(open_app: Open, store_root: Path) -> None:
    one, two, *_ = open_desk(store_root, "gv.5a").pupils("5A")
    async with open_app("gv.5a", "intake") as pilot:
        await paste(pilot, f"Mã lớp\tMã học sinh\tHọ tên\n5A\t{one.code}\t{one.name}")
        assert f"{two.name}: có trong lớp, không có trong tệp" in screen_text(pilot)


async def test_a_finding_that_is_opened_says_what_to_do(open_app: Open, store_root: Path) -> None:
    one = typable(open_desk(store_root, "gv.5a"))[0]
    async with open_app("gv.5a", "intake", kind="results", class_key="5A") as pilot:
        await paste(pilot, f"Họ tên\tToán mức\n{one.name}\tK")
        await pilot.press("enter")
        await pilot.pause()
        assert "Sửa ô này trong Excel, rồi nạp lại." in screen_text(pilot)
