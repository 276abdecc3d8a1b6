"""The accounts by name: who they are, how they come in, and adding somebody, by keyboard at 80 by 24."""

from __future__ import annotations

from pathlib import Path

from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.proposals import proposals
from hocba_tui.flow.school.accounts import save_account
from hocba_tui.screens.dialogs import Confirm
from hocba_tui.screens.people.person import PersonPage
from hocba_tui.screens.people.planned import PlannedForm
from hocba_tui.screens.people.staff import StaffPage
from hocba_tui.screens.people.ticks import Ticks
from hocba_tui.screens.school.intake import IntakePage
from hocba_tui.screens.school.proposals import ProposalsPage
from hocba_tui.text import name_order
from hocba_tui.widgets.rows import Rows
from tests.conftest import Open
from tests.support.eight import demo, made_store  # noqa: F401 - fixtures: how many pupils there are shows nothing here
from tests.support.text_of import agree, choose, press_seen, screen_text, status, title, until, until_on


async def test_it_is_found_from_home_and_from_the_palette(open_app: Open) -> None:
    for account in ("admin", "hieutruong", "phohieutruong"):
        async with open_app(account) as pilot:
            assert "Cán bộ, tài khoản" in screen_text(pilot)
            await pilot.press("colon", *"can bo tai khoan", "enter")
            await until_on(pilot, StaffPage)
            assert title(pilot) == "Cán bộ, tài khoản"
    async with open_app("gv.5a") as pilot:
        assert "Cán bộ, tài khoản" not in screen_text(pilot)


async def test_everybody_is_there_by_name_with_account_standing_and_work(open_app: Open, store_root: Path) -> None:
    desk = open_desk(store_root, "hieutruong")
    people = sorted(desk.everybody(), key=lambda one: name_order(one.name))
    async with open_app("admin", "staff") as pilot:
        rows = pilot.app.screen.query_one(Rows)
        assert [key for key, _ in rows.words()] == [one.key for one in people]
        words = dict(rows.words())
        homeroom = desk.staff("gv.5a")
        assert words["gv.5a"] == f"{homeroom.name} · gv.5a · chưa có tên đăng nhập · CN 5A"
        for key, texts in rows._rows:
            if key.startswith("gv."):
                assert "…" not in rows._line(texts), "whole at 80 columns"
        await pilot.press("slash", *"gv.5a", "enter")
        await until(pilot, lambda: rows.chosen == "gv.5a")
        assert status(pilot) == f"{homeroom.name}: Giáo viên; CN 5A; chưa có tên đăng nhập."
        await pilot.press("enter")
        await until_on(pilot, PersonPage)
        assert title(pilot) == f"Cán bộ › {homeroom.name} (gv.5a)"


async def test_l_shows_who_cannot_come_in_and_who_has_left(open_app: Open, store_root: Path) -> None:
    desk = open_desk(store_root, "hieutruong")
    for one in desk.everybody():
        if one.key.startswith("gv.") and one.key != "gv.1a":
            save_account(desk, one.key, {"system_user": one.key})
    save_account(desk, "gv.3a", {"roles": ["teacher", "clerk"]})
    async with open_app("hieutruong", "staff") as pilot:
        rows = pilot.app.screen.query_one(Rows)
        everybody = len(rows.words())
        await press_seen(pilot, "l")
        assert status(pilot).startswith("Chỉ xem đang làm.")
        assert len(rows.words()) == everybody
        await press_seen(pilot, "l")
        shown = dict(rows.words())
        assert {"gv.1a", "gv.3a"} <= set(shown)
        assert "gv.2a" not in shown
        assert "chờ người thứ hai" in shown["gv.3a"]
        await press_seen(pilot, "l")
        assert rows.words() == []
        assert "Không có ai như vậy." in screen_text(pilot)


async def test_somebody_new_is_added_after_a_look_and_a_yes(open_app: Open, store_root: Path) -> None:
    async with open_app("admin", "staff") as pilot:
        await choose(pilot, "Thêm người")
        await until_on(pilot, Ticks)
        assert "[x] Giáo viên" in screen_text(pilot)
        await press_seen(pilot, "f2")
        await until_on(pilot, PlannedForm)
        await pilot.press("f2")
        await pilot.pause()
        assert "chưa có họ tên" in screen_text(pilot)
        await pilot.press(*"Lo Thi Moi", "down", "down", *"nu", "down", *"5/9/1990", "f2")
        await until_on(pilot, Confirm)
        assert "Thêm Lo Thi Moi?" in screen_text(pilot)
        assert "gv.moilt" in screen_text(pilot)
        assert not open_desk(store_root, "admin").staff("gv.moilt").name
        await agree(pilot)
        await until_on(pilot, StaffPage)
        assert status(pilot).startswith("Đã thêm Lo Thi Moi, tài khoản gv.moilt.")
    added = open_desk(store_root, "admin").staff("gv.moilt")
    assert (added.roles, added.sex, added.birth, added.title) == (("teacher",), "female", "1990-09-05", "Giáo viên")


async def test_a_role_that_takes_two_waits_and_says_so(open_app: Open, store_root: Path) -> None:
    async with open_app("hieutruong", "staff") as pilot:
        await choose(pilot, "Thêm người")
        await until_on(pilot, Ticks)
        await press_seen(pilot, "space")
        await pilot.press("down", "down", "down", "enter", "f2")
        await until_on(pilot, PlannedForm)
        await pilot.press(*"Lo Van Thu", "f2")
        await until_on(pilot, Confirm)
        assert "quyền: Văn thư" in screen_text(pilot)
        assert "chờ người" in screen_text(pilot)
        await agree(pilot)
        await until_on(pilot, StaffPage)
        assert "Quyền CHƯA đổi, chờ người thứ hai" in status(pilot)
    (found,) = proposals(open_desk(store_root, "phohieutruong"))
    assert (found.before.key, found.before.roles, found.after.roles) == ("nv.thulv", (), ("clerk",))


async def test_an_account_that_there_is_already_is_not_written_over(open_app: Open, store_root: Path) -> None:
    name = open_desk(store_root, "admin").staff("gv.5a").name
    async with open_app("admin", "staff") as pilot:
        await choose(pilot, "Thêm người")
        await until_on(pilot, Ticks)
        await press_seen(pilot, "f2")
        await until_on(pilot, PlannedForm)
        await pilot.press(*"Lo An", *["down"] * 6, *"gv.5a", "f2")
        await pilot.pause()
        assert f"Trường đã có tài khoản gv.5a: {name}." in " ".join(screen_text(pilot).split())
        assert isinstance(pilot.app.screen, PlannedForm)
    assert open_desk(store_root, "admin").staff("gv.5a").name == name


async def test_telex_composes_names_and_leaves_accounts_alone(open_app: Open, store_root: Path) -> None:
    async with open_app("admin", "staff") as pilot:
        await pilot.press("f9")
        assert "Telex" in status(pilot)
        await choose(pilot, "Thêm người")
        await until_on(pilot, Ticks)
        await press_seen(pilot, "f2")
        await until_on(pilot, PlannedForm)
        await pilot.press(*"Lof Thij Awsn", *["down"] * 6, *"gv.aas", "f2")
        await agree(pilot)
        await until_on(pilot, StaffPage)
    assert open_desk(store_root, "admin").staff("gv.aas").name == "Lò Thị Ắn"


async def test_logins_are_given_to_all_who_have_none(open_app: Open, store_root: Path) -> None:
    async with open_app("admin", "staff") as pilot:
        await choose(pilot, "Tên đăng nhập")
        await agree(pilot)
        await until_on(pilot, StaffPage)
        assert status(pilot).startswith("Đã gắn cho ")
    assert open_desk(store_root, "admin").staff("gv.5a").system_user == "gv.5a"


async def test_it_leads_to_the_list_of_staff_in_excel_and_to_what_waits(open_app: Open) -> None:
    async with open_app("hieutruong", "staff") as pilot:
        await press_seen(pilot, "i")
        await until_on(pilot, IntakePage)
        assert title(pilot) == "Nạp danh sách cán bộ (tệp CSDL_GiaoVien)"
        await pilot.press("escape")
        await until_on(pilot, StaffPage)
        await choose(pilot, "Đề nghị")
        await until_on(pilot, ProposalsPage)


async def test_giving_up_asks_and_writes_nothing(open_app: Open, store_root: Path) -> None:
    before = open_desk(store_root, "admin").school_shard.seq
    async with open_app("admin", "staff") as pilot:
        await choose(pilot, "Thêm người")
        await until_on(pilot, Ticks)
        await press_seen(pilot, "escape")
        await until_on(pilot, StaffPage)
        await choose(pilot, "Thêm người")
        await until_on(pilot, Ticks)
        await press_seen(pilot, "f2")
        await until_on(pilot, PlannedForm)
        await pilot.press(*"Lo An", "f2")
        await until_on(pilot, Confirm)
        await press_seen(pilot, "enter")
        assert isinstance(pilot.app.screen, Confirm), "Enter agrees to nothing"
        await press_seen(pilot, "escape")
        await until_on(pilot, PlannedForm)
        assert "Lo An" in screen_text(pilot)
        await pilot.press("escape")
        await until_on(pilot, Confirm)
        await agree(pilot)
        await until_on(pilot, StaffPage)
    assert open_desk(store_root, "admin").school_shard.seq == before
