"""One person's card, and each of its acts once, by keyboard at 80 by 24."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from hocba_tui.flow.desk import Desk
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.people.leaving import Move, move
from hocba_tui.flow.proposals import proposals
from hocba_tui.flow.school.accounts import save_account
from hocba_tui.flow.school.duties import TypedDuty, give_duty
from hocba_tui.screens.dialogs import Choose, Confirm, Notice
from hocba_tui.screens.people.person import PersonPage
from hocba_tui.screens.people.planned import PlannedForm
from hocba_tui.screens.people.ticks import Ticks
from hocba_tui.screens.row_acts import RowActs
from hocba_tui.screens.school.proposals import ProposalsPage
from hocba_tui.widgets.rows import Rows
from tests.conftest import DeskAs, Open
from tests.support.eight import demo, made_store  # noqa: F401 - fixtures: how many pupils there are shows nothing here
from tests.support.text_of import agree, choose, press_seen, screen_text, status, until_on

WHO = "gv.2a"
FIVE = TypedDuty("group_head", "05/09/2025", "31/08/2026", "12/QĐ-TH", grades=(5,))


def shown(pilot: Pilot[Any]) -> str:
    """Return all lines of the card, also those below the screen."""
    return "\n".join(words for _, words in pilot.app.screen.query_one(Rows).words())


def last_act(root: Path) -> tuple[str, str]:
    """Return who did the last thing in the school's journal, and what."""
    entry = next(open_desk(root, "admin").school_shard.latest())
    return entry.actor, entry.act


async def agreed(pilot: Pilot[Any]) -> None:
    await agree(pilot)
    await until_on(pilot, PersonPage)


async def test_the_card_says_everything_about_somebody(open_app: Open, desk_as: DeskAs) -> None:
    desk = desk_as("hieutruong")
    give_duty(desk, WHO, FIVE)
    save_account(desk, WHO, {"system_user": "hai", "email": "hai@truong.vn", "subjects": "toán, tiếng anh"})
    save_account(desk, WHO, {"roles": ["teacher", "clerk"]})
    async with open_app("admin", "person", who=WHO) as pilot:
        text = shown(pilot)
        for line in (
            "Tình trạng · chờ người thứ hai", "Quyền · Giáo viên", "Email · hai@truong.vn", "Môn dạy · Toán, Tiếng Anh",
            "Lớp 2A · Chủ nhiệm, từ đầu năm học", "Tên đăng nhập · hai", "── Việc giao theo quyết định",
        ):  # fmt: skip
            assert line in text
        assert "Tổ trưởng chuyên môn: khối 5, từ 05/09/2025 đến hết" in text
        assert "quyền: Giáo viên → Giáo viên, Văn thư" in text
        rows = pilot.app.screen.query_one(Rows)
        assert all("…" not in rows._line(texts) or "SHA-256" in texts[-1] for _, texts in rows._rows)


async def test_facts_are_corrected_after_a_look(open_app: Open, store_root: Path) -> None:
    async with open_app("admin", "person", who=WHO) as pilot:
        await press_seen(pilot, "e")
        await until_on(pilot, PlannedForm)
        await pilot.press("f2")
        await pilot.pause()
        assert "Chưa sửa mục nào." in screen_text(pilot)
        await pilot.press("down", "down", "down", *"32/1/1990", "f2")
        await pilot.pause()
        assert "không đọc được" in screen_text(pilot)
        await pilot.press(*["backspace"] * 9, *"2/1/1990", "f2")
        await until_on(pilot, Confirm)
        assert "Ngày sinh: trống → 02/01/1990" in screen_text(pilot)
        await agreed(pilot)
        assert status(pilot) == "Đã lưu: Ngày sinh: trống → 02/01/1990."
    assert open_desk(store_root, "admin").staff(WHO).birth == "1990-01-02"


async def test_a_role_that_takes_two_is_proposed_and_one_that_does_not_is_given(
    open_app: Open, store_root: Path
) -> None:
    async with open_app("hieutruong", "person", who=WHO) as pilot:
        await choose(pilot, "Quyền")
        await until_on(pilot, Ticks)
        await press_seen(pilot, "f2")
        assert status(pilot).endswith("vẫn như cũ: Giáo viên.")
        await choose(pilot, "Quyền")
        await until_on(pilot, Ticks)
        await press_seen(pilot, "end")
        await pilot.press("space", "f2")
        await agreed(pilot)
        assert status(pilot) == "Đã lưu: Quyền: Giáo viên → Giáo viên, Người xem."
        await choose(pilot, "Quyền")
        await until_on(pilot, Ticks)
        await press_seen(pilot, "down")
        await pilot.press("space", "f2")
        await until_on(pilot, Confirm)
        assert "chờ người thứ hai" in " ".join(screen_text(pilot).split())
        await agreed(pilot)
        assert "Chờ người thứ hai xác nhận." in status(pilot)
        await choose(pilot, "Đề nghị")
        await until_on(pilot, ProposalsPage)
    (found,) = proposals(open_desk(store_root, "phohieutruong"))
    assert found.after.roles == ("teacher", "principal", "observer")


async def test_nobody_changes_their_own_roles(open_app: Open, store_root: Path) -> None:
    async with open_app("admin", "person", who="admin") as pilot:
        await choose(pilot, "Quyền")
        await until_on(pilot, Ticks)
        await press_seen(pilot, "space")
        await pilot.press("f2")
        await until_on(pilot, Notice)
        assert "Không ai tự đổi quyền của chính mình." in screen_text(pilot)
    assert last_act(store_root)[1] != "save_account"


async def test_a_login_is_given_and_a_name_that_no_machine_takes_is_not(open_app: Open, store_root: Path) -> None:
    async with open_app("admin", "person", who=WHO) as pilot:
        await choose(pilot, "Tên đăng nhập")
        await until_on(pilot, PlannedForm)
        await pilot.press(*" X", "enter")
        await pilot.pause()
        assert "không dùng được" in screen_text(pilot)
        await pilot.press("backspace", "backspace", "enter")
        await until_on(pilot, Confirm)
        assert "Tên đăng nhập: trống → gv.2a" in screen_text(pilot)
        assert "Máy này chưa có tên đăng nhập gv.2a" in " ".join(screen_text(pilot).replace("│", " ").split())
        await agreed(pilot)
        assert status(pilot).startswith("Đã lưu: Tên đăng nhập: trống → gv.2a.")
    assert open_desk(store_root, "admin").staff(WHO).system_user == "gv.2a"


async def test_the_machine_is_asked_for_a_new_password(open_app: Open, store_root: Path, desk_as: DeskAs) -> None:
    save_account(desk_as("admin"), WHO, {"system_user": "hai"})
    async with open_app("admin", "person", who=WHO) as pilot:
        await choose(pilot, "Nhờ máy chủ")
        await until_on(pilot, Choose)
        await press_seen(pilot, "down")
        await pilot.press("enter")
        await until_on(pilot, Confirm)
        assert "Nhờ máy chủ cấp mật khẩu dùng một lần?" in screen_text(pilot)
        await agreed(pilot)
        assert status(pilot).startswith("Đã nhờ: cấp mật khẩu dùng một lần (đăng nhập: hai).")
        assert "Đã nhờ máy chủ" in shown(pilot)
    assert last_act(store_root) == ("admin", "ask_login")


async def test_somebody_leaves_and_comes_back(open_app: Open, store_root: Path) -> None:
    async with open_app("admin", "person", who=WHO) as pilot:
        await press_seen(pilot, "f3")
        await until_on(pilot, RowActs)
        assert "Trở lại" not in screen_text(pilot)
        await pilot.press("escape")
        await choose(pilot, "Rời trường")
        await until_on(pilot, PlannedForm)
        await pilot.press("enter")
        await until_on(pilot, Confirm)
        assert "Còn được phân công ở lớp 2A" in screen_text(pilot)
        await agreed(pilot)
        assert "đã rời trường, tài khoản đã khóa." in status(pilot)
        assert "Tình trạng · đã nghỉ từ ngày 10/06/2026" in shown(pilot)
        assert open_desk(store_root, "hieutruong").staff(WHO).left == "2026-06-10"
        await choose(pilot, "Trở lại")
        await agreed(pilot)
        assert "đã trở lại, tài khoản đã mở." in status(pilot)
    assert open_desk(store_root, "admin").staff(WHO).left == ""
    assert last_act(store_root) == ("admin", "staff_returns")


async def test_an_account_is_switched_off_for_a_reason_and_on_again(open_app: Open, store_root: Path) -> None:
    async with open_app("admin", "person", who=WHO) as pilot:
        await choose(pilot, "Tạm khóa")
        await until_on(pilot, PlannedForm)
        await pilot.press("enter")
        await pilot.pause()
        assert "Chưa ghi lí do khóa." in screen_text(pilot)
        await pilot.press(*"nghi lo mat khau", "enter")
        await agreed(pilot)
        assert "Tình trạng · khóa từ ngày 10/06/2026: nghi lo mat khau" in shown(pilot)
        assert open_desk(store_root, "hieutruong").staff(WHO).barred
        await choose(pilot, "Mở khóa")
        await agreed(pilot)
        assert status(pilot).startswith("Đã mở lại tài khoản của ")
    assert not open_desk(store_root, "admin").staff(WHO).barred
    assert last_act(store_root) == ("admin", "switch_on")


@pytest.mark.parametrize(("who", "told"), [("admin", "Không ai tự cho mình"), ("hieutruong", "hai người mới bỏ được")])
async def test_who_cannot_leave_is_told_why(open_app: Open, store_root: Path, who: str, told: str) -> None:
    async with open_app("admin", "person", who=who) as pilot:
        await choose(pilot, "Rời trường")
        await until_on(pilot, PlannedForm)
        await pilot.press("enter")
        await pilot.pause()
        assert told in " ".join(screen_text(pilot).replace("│", " ").split())
    assert not open_desk(store_root, "admin").staff(who).left


async def test_a_head_gives_a_duty_and_ends_it(open_app: Open, store_root: Path) -> None:
    async with open_app("phohieutruong", "person", who=WHO) as pilot:
        await choose(pilot, "Thôi giao việc")
        assert status(pilot).endswith("không được giao việc nào theo quyết định.")
        await choose(pilot, "Giao việc")
        await until_on(pilot, Choose)
        await press_seen(pilot, "enter")
        await until_on(pilot, PlannedForm)
        await pilot.press(*["backspace"] * 10, *"5/9", "down", "down", *"12/QD", "f2")
        await pilot.pause()
        assert "Tổ trưởng của tổ nào?" in screen_text(pilot)
        await pilot.press("down", *"4, 5", "down", *"tieng anh", "f2")
        await until_on(pilot, Confirm)
        words = " ".join(screen_text(pilot).replace("│", " ").split())
        assert "khối 4, 5, môn Ngoại ngữ 1 (Tiếng Anh), từ 05/09/2025 đến hết 31/08/2026" in words
        await agreed(pilot)
        assert "Đã giao cho" in status(pilot)
        assert last_act(store_root) == ("phohieutruong", "give_duty")
        await choose(pilot, "Thôi giao việc")
        await until_on(pilot, Choose)
        await press_seen(pilot, "enter")
        await until_on(pilot, PlannedForm)
        await pilot.press("enter")
        await until_on(pilot, Confirm)
        await agreed(pilot)
        assert "Đã thôi giao." in status(pilot)
    (post,) = open_desk(store_root, "admin").staff(WHO).duties
    assert (post.since, post.until, post.grades, post.subjects) == ("2025-09-05", "2026-06-09", (4, 5), ("NN1",))


async def test_an_administrator_is_not_offered_duties(open_app: Open) -> None:
    async with open_app("admin", "person", who=WHO) as pilot:
        await press_seen(pilot, "f3")
        await until_on(pilot, RowActs)
        assert "Giao việc" not in screen_text(pilot)
        assert "Thôi giao" not in screen_text(pilot)


async def test_of_two_at_one_account_one_wins_and_the_other_is_told(open_app: Open, desk_as: DeskAs) -> None:
    name = desk_as("admin").staff("hieutruong").name
    async with open_app("admin", "person", who=WHO) as pilot:
        await press_seen(pilot, "e")
        await until_on(pilot, PlannedForm)
        await pilot.press(*"x")
        save_account(desk_as("hieutruong"), WHO, {"name": "Lò Thị Kia"})
        await pilot.press("f2")
        await pilot.pause()
        told = " ".join(screen_text(pilot).replace("│", " ").split())
        assert f"{name} vừa đổi họ và tên của" in told
        assert isinstance(pilot.app.screen, PlannedForm), "what was typed is still there"
    assert desk_as("admin").staff(WHO).name == "Lò Thị Kia"


async def test_who_agrees_after_another_has_acted_is_told_too(open_app: Open, desk_as: DeskAs) -> None:
    async with open_app("admin", "person", who=WHO) as pilot:
        await choose(pilot, "Rời trường")
        await until_on(pilot, PlannedForm)
        await pilot.press("enter")
        await until_on(pilot, Confirm)
        move(desk_as("hieutruong"), WHO, Move.LEAVE, "1/6")
        await agree(pilot)
        await until_on(pilot, PlannedForm)
        assert "vừa đổi" in screen_text(pilot)
    assert desk_as("admin").staff(WHO).left == "2026-06-01"


async def test_the_card_shows_by_itself_what_somebody_else_has_changed(
    open_app: Open, desk_as: DeskAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_app("admin", "person", who=WHO) as pilot:
        page = pilot.app.screen
        assert isinstance(page, PersonPage)
        save_account(desk_as("hieutruong"), WHO, {"title": "Tổ trưởng"})
        await page.look_now(quietly=True)
        assert "Chức vụ · Tổ trưởng" in shown(pilot)


async def test_whose_rights_have_ended_is_told_when_agreeing(open_app: Open, desk_as: DeskAs) -> None:
    async with open_app("admin", "person", who=WHO) as pilot:
        await choose(pilot, "Tên đăng nhập")
        await until_on(pilot, PlannedForm)
        await pilot.press("enter")
        await until_on(pilot, Confirm)
        head: Desk = desk_as("hieutruong")
        save_account(head, "admin", {"roles": []})
        await agree(pilot)
        await until_on(pilot, PlannedForm)
        assert "không được làm việc này" in screen_text(pilot)
    assert desk_as("hieutruong").staff(WHO).system_user == ""
