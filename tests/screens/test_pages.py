from __future__ import annotations

from pathlib import Path

import pytest

from hocba_tui.demo.class_list import write_class_list
from hocba_tui.demo.school import DemoSchool, pupils_of
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.reports.home_tasks import tasks
from hocba_tui.screens.actions import actions_for
from hocba_tui.screens.dialogs import Confirm, Notice
from hocba_tui.screens.grid.page import GridPage
from hocba_tui.screens.home import HomePage
from hocba_tui.screens.page import Page
from hocba_tui.screens.review import ReviewPage
from hocba_tui.screens.signing.queues import SealQueuePage
from tests.conftest import Open
from tests.support.activity import noted
from tests.support.text_of import press_seen, screen_text, status, title, until_on


@pytest.mark.parametrize("account", ["gv.5a", "gv.tin", "hieutruong", "phohieutruong", "vanthu", "admin"])
async def test_home_shows_the_days_left_and_something_to_do(open_app: Open, account: str) -> None:
    async with open_app(account) as pilot:
        text = screen_text(pilot)
        assert "Còn 14 ngày, tới hết 24/06/2026" in text
        assert "TẬP HUẤN 10/06/2026" in text
        assert "Không có việc nào" not in text


async def test_home_leads_to_the_first_gap(open_app: Open) -> None:
    async with open_app("gv.5a") as pilot:
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, GridPage)
        assert pilot.app.screen.grid.model.active.text == ""


@pytest.mark.usefixtures("approved_root")
async def test_enter_at_home_opens_what_the_status_line_says_comes_next(open_app: Open) -> None:
    async with open_app("vanthu") as pilot:
        assert "Việc tiếp theo: Đóng dấu (ký số phát hành) (31 học bạ chờ). Enter để mở." in status(pilot)
        await pilot.press("enter")
        await until_on(pilot, SealQueuePage)
        assert isinstance(pilot.app.screen, SealQueuePage)
        await pilot.press("escape")
        await until_on(pilot, HomePage)
        await pilot.press("down", "enter", "escape")  # The cursor stays where the person has left it.
        await until_on(pilot, HomePage)
        assert "(31 học bạ chờ). Mũi tên để tới, Enter để mở." in status(pilot)


async def test_review_jumps_to_the_very_cell(open_app: Open) -> None:
    async with open_app("gv.5a", "review", class_key="5A") as pilot:
        assert "điều phải sửa" in status(pilot)
        for _ in range(40):
            if "KTĐK" in status(pilot):
                break
            await pilot.press("down")
            await pilot.pause()
            if "Nhập vào ô trống" in status(pilot):
                break
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, GridPage)
        assert pilot.app.screen.grid.model.active.text == ""


@pytest.mark.parametrize("field", ["end_year.TDT.level", "end_year.TNXH.comment"])
async def test_a_value_of_a_subject_that_is_not_studied_leads_to_the_pupil(
    open_app: Open, store_root: Path, field: str
) -> None:
    pupil = open_desk(store_root, "gv.5a").pupils("5A")[2]
    async with open_app("gv.5a", "grid", class_key="5A", pupil=pupil.key, field=field) as pilot:
        assert "Tiếng Việt" in title(pilot)
        assert pupil.name in screen_text(pilot)


async def test_the_card_shows_all_and_turns_to_the_next_pupil(open_app: Open, store_root: Path) -> None:
    pupil = open_desk(store_root, "gv.5a").pupils("5A")[1]
    async with open_app("gv.5a", "card", class_key="5A", pupil=pupil.key) as pilot:
        assert pupil.name in title(pilot)
        await pilot.press("right")
        await pilot.pause()
        assert pupil.name not in title(pilot)
    assert noted(store_root, "view_card")[0].touched[:2] == ("5A", pupil.key)


async def test_the_roster_mends_a_missing_id(open_app: Open, store_root: Path, demo: DemoSchool) -> None:
    key = next(key for key, code in demo.cannot.items() if code == "CARRY-NO-ID")
    async with open_app("gv.5a", "roster", class_key="5A", pupil=key) as pilot:
        await pilot.press("e")
        await pilot.pause()
        await pilot.press("enter", "enter")
        await pilot.press(*"999315123456")
        await pilot.press("f2")
        await pilot.pause()
        assert status(pilot).startswith("Đã lưu.")
    corrected = next(p for p in open_desk(store_root, "gv.5a").pupils("5A") if p.key == key)
    assert corrected.personal_id == "999315123456"


async def test_a_class_list_is_previewed_and_then_written(
    open_app: Open, store_root: Path, demo: DemoSchool, tmp_path: Path
) -> None:
    path = tmp_path / "list.xlsx"
    from dataclasses import replace

    pupils = [replace(pupil, mother="Nguyễn Thị Mẹ Mới") for pupil in pupils_of(demo, "1A")]
    write_class_list(path, "1A", pupils)
    async with open_app("vanthu", "intake") as pilot:
        await pilot.press(*str(path), "enter")
        await pilot.pause()
        assert "35 thay đổi" in status(pilot)
        assert open_desk(store_root, "vanthu").pupils("1A")[0].mother != "Nguyễn Thị Mẹ Mới"
        await pilot.press("f2")
        await pilot.pause()
        assert status(pilot) == "Đã ghi 35 học sinh."
    assert {pupil.mother for pupil in open_desk(store_root, "vanthu").pupils("1A")} == {"Nguyễn Thị Mẹ Mới"}


@pytest.mark.parametrize("answer", ["f7", "escape"])
async def test_offers_are_taken_only_after_a_yes(
    open_app: Open, store_root: Path, demo: DemoSchool, tmp_path: Path, answer: str
) -> None:
    one = pupils_of(demo, "1A")[0]
    path = tmp_path / "list.csv"
    path.write_text(f"Mã lớp;Mã HS;Họ tên;Số định danh\n1A;{one.code};{one.name};37218000001\n", encoding="utf-8")
    async with open_app("vanthu", "intake") as pilot:
        await pilot.press(*str(path), "enter")
        await pilot.pause()
        assert "1 đề nghị cần xác nhận" in status(pilot)
        assert "đề nghị “037218000001”" in screen_text(pilot)
        await pilot.press("f2")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Confirm)
        assert "Nhận cả 1 đề nghị" in screen_text(pilot)
        await press_seen(pilot, answer)
    held = next(pupil.personal_id for pupil in open_desk(store_root, "vanthu").pupils("1A") if pupil.code == one.code)
    assert held == ("037218000001" if answer == "f7" else one.personal_id)


async def test_a_file_that_is_no_spreadsheet_is_said_and_nothing_happens(open_app: Open, tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    path.write_text("không phải Excel", encoding="utf-8")
    async with open_app("vanthu", "intake") as pilot:
        await pilot.press(*str(path), "enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Notice)
        assert "không phải tệp Excel" in screen_text(pilot)


async def test_the_principal_opens_a_period_with_a_reason(open_app: Open, store_root: Path) -> None:
    async with open_app("hieutruong", "periods") as pilot:
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press(*"bo sung", "enter")
        await pilot.pause()
    assert open_desk(store_root, "hieutruong").school.open_periods == ("mid_1", "end_year")


@pytest.mark.parametrize("account", ["gv.5a", "admin", "vanthu"])
async def test_nobody_else_opens_a_period(open_app: Open, store_root: Path, account: str) -> None:
    async with open_app(account, "periods") as pilot:
        assert isinstance(pilot.app.screen, Notice)
        assert "hiệu trưởng hoặc phó hiệu trưởng" in screen_text(pilot)
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(pilot.app.screen, HomePage)
    assert open_desk(store_root, "hieutruong").school.open_periods == ("end_year",)


async def test_help_lists_every_action_of_the_screen_before(open_app: Open) -> None:
    async with open_app("gv.5a", "grid", class_key="5A") as pilot:
        await pilot.press("question_mark")
        await pilot.pause()
        text = screen_text(pilot)
        for _ in range(6):  # There are more than one screen holds.
            await pilot.press("pagedown")
            await pilot.pause()
            text += screen_text(pilot)
        for action in actions_for("grid"):
            assert action.label in text


async def test_the_palette_offers_the_actions_of_the_screen(open_app: Open) -> None:
    async with open_app("gv.5a", "grid", class_key="5A") as pilot:
        await pilot.press("ctrl+p")
        await pilot.pause()
        text = screen_text(pilot)
        assert "Ô trống" in text
        await pilot.press(*"danh sach lop")
        await pilot.pause()
        assert "Danh sách lớp 5A" in screen_text(pilot)
        await pilot.press("enter")
        await pilot.pause()
        assert title(pilot) == "Danh sách lớp 5A"


async def test_the_palette_has_the_tasks_before_what_works_in_every_list(open_app: Open) -> None:
    async with open_app("hieutruong", "classes") as pilot:
        page = pilot.app.screen
        assert isinstance(page, Page)
        labels = [command.label for command in page.commands(tasks(page.desk))]
        order = ["Danh sách", "Đợt phát hành", "Cán bộ, tài khoản", "Tìm", "Dòng sau", "Về", "Thoát"]
        assert [label for label in labels if label in order] == order


async def test_the_palette_does_an_action_of_the_screen(open_app: Open) -> None:
    async with open_app("gv.5a", "grid", class_key="5A") as pilot:
        await pilot.press("colon")
        await pilot.pause()
        await pilot.press(*"ra soat", "enter")
        await until_on(pilot, ReviewPage)
        assert title(pilot) == "Rà soát lớp 5A"


@pytest.mark.parametrize(
    ("screen", "account", "params"),
    [
        ("home", "hieutruong", {}),
        ("classes", "hieutruong", {}),
        ("roster", "gv.5a", {"class_key": "5A"}),
        ("grid", "gv.5a", {"class_key": "5A", "sheet": "traits"}),
        ("review", "gv.5a", {"class_key": "5A"}),
        ("submit", "gv.5a", {"class_key": "5A"}),
        ("approve", "hieutruong", {}),
        ("approve_class", "hieutruong", {"class_key": "5A"}),
        ("seal", "vanthu", {}),
        ("seal_class", "vanthu", {"class_key": "5A"}),
        ("issued", "vanthu", {"class_key": "5A"}),
        ("outbox", "vanthu", {}),
        ("receipts", "vanthu", {"class_key": "5A"}),
        ("intake", "vanthu", {}),
        ("round", "hieutruong", {}),
        ("periods", "hieutruong", {}),
        ("statistics", "hieutruong", {}),
        ("doctor", "admin", {}),
        ("settings", "admin", {}),
        ("certificates", "admin", {}),
        ("pins", "vanthu", {}),
        ("staff", "admin", {}),
        ("person", "admin", {"who": "gv.5a"}),
        ("assignments", "gv.5a", {"room": "5A"}),
        ("help", "admin", {"scope": "grid"}),
    ],
)
async def test_every_screen_opens_at_80_by_24_with_a_way_back(
    open_app: Open, screen: str, account: str, params: dict[str, str]
) -> None:
    async with open_app(account, screen, **params) as pilot:
        if screen == "doctor":
            await pilot.app.workers.wait_for_complete()
        text = screen_text(pilot)
        assert "Esc Về" in text.splitlines()[-1]
        assert title(pilot)
        await pilot.press("escape")
        await pilot.pause()
        assert title(pilot) == "Việc của tôi hôm nay"
