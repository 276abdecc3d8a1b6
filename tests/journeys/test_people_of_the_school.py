"""A teacher comes, is given a class and a role, is switched off, leaves: all on screens, by the school's people."""

from __future__ import annotations

from pathlib import Path

import pytest

from hocba_tui.errors import NotAllowed
from hocba_tui.flow.opening import open_desk
from hocba_tui.screens.dialogs import Confirm
from hocba_tui.screens.grid.page import GridPage
from hocba_tui.screens.people.assignments import AssignmentsPage
from hocba_tui.screens.people.person import PersonPage
from hocba_tui.screens.people.planned import PlannedForm
from hocba_tui.screens.people.staff import StaffPage
from hocba_tui.screens.people.ticks import Ticks
from hocba_tui.screens.school.proposals import ProposalsPage
from hocba_tui.screens.search import Search
from hocba_tui.widgets.rows import Rows
from tests.conftest import Open
from tests.support.eight import demo, made_store  # noqa: F401 - fixtures: how many pupils there are shows nothing here
from tests.support.text_of import agree, choose, press_seen, screen_text, status, until, until_on

WHO = "gv.baylv"


async def test_a_teacher_comes_works_and_leaves(open_app: Open, store_root: Path) -> None:
    await comes(open_app)
    await is_given_a_subject(open_app)
    await enters(open_app, store_root)
    await becomes_clerk(open_app, store_root)
    await is_switched_off(open_app, store_root)
    await leaves(open_app, store_root)
    acts = [entry.act for entry in open_desk(store_root, "hieutruong").school_shard.entries()]
    assert acts[-7:] == [
        "save_account", "assign", "propose_account", "confirm_account", "switch_off", "switch_on", "staff_leaves",
    ]  # fmt: skip


async def comes(open_app: Open) -> None:
    async with open_app("admin") as pilot:
        await pilot.press("colon", *"can bo", "enter")
        await until_on(pilot, StaffPage)
        await choose(pilot, "Thêm người")
        await until_on(pilot, Ticks)
        await press_seen(pilot, "f2")
        await until_on(pilot, PlannedForm)
        await pilot.press(*"Lo Van Bay", "f2")
        await agree(pilot)
        await until_on(pilot, StaffPage)
        assert status(pilot).startswith(f"Đã thêm Lo Van Bay, tài khoản {WHO}.")


async def is_given_a_subject(open_app: Open) -> None:
    async with open_app("phohieutruong") as pilot:
        await pilot.press("colon", *"phan cong", "enter")
        await until_on(pilot, AssignmentsPage)
        pilot.app.screen.query_one(Rows).go_to("5A/TIN")
        await press_seen(pilot, "e")
        await until_on(pilot, Search)
        await pilot.press(*"lo van bay", "enter")
        await until_on(pilot, PlannedForm)
        await pilot.press(*["backspace"] * 10, *"1/6", "enter")
        await agree(pilot)
        await until_on(pilot, AssignmentsPage)
        assert status(pilot).startswith("Đã phân công. Lớp 5A, Tin học")


async def enters(open_app: Open, root: Path) -> None:
    async with open_app(WHO) as pilot:
        assert "lớp 5A" in screen_text(pilot)
        assert "Cán bộ, tài khoản" not in screen_text(pilot)
        pilot.app.screen.query_one(Rows).go_to(
            next(key for key, words in pilot.app.screen.query_one(Rows).words() if "lớp 5A" in words)
        )
        await press_seen(pilot, "enter")
        await until_on(pilot, GridPage)
        await pilot.press("home", *"thcthc")  # Whatever is there, some of it is another level.
        await until(pilot, lambda: written(root))
    assert written(root)


def written(root: Path) -> bool:
    """Return whether the teacher has entered something into the class."""
    return any(entry.act == "enter" for entry in open_desk(root, "hieutruong").class_shard("5A").latest(WHO))


async def becomes_clerk(open_app: Open, root: Path) -> None:
    async with open_app("hieutruong", "person", who=WHO) as pilot:
        await choose(pilot, "Quyền")
        await until_on(pilot, Ticks)
        await press_seen(pilot, "down")
        await pilot.press("down", "down", "space", "f2")
        await agree(pilot)
        await until_on(pilot, PersonPage)
        assert "Chờ người thứ hai xác nhận." in status(pilot)
        await choose(pilot, "Đề nghị")
        await until_on(pilot, ProposalsPage)
        await press_seen(pilot, "f7")
        assert "Người đề nghị không tự xác nhận" in status(pilot)
    assert open_desk(root, "admin").staff(WHO).roles == ("teacher",)
    async with open_app("phohieutruong", "proposals") as pilot:
        await press_seen(pilot, "f7")
        await agree(pilot)
        await until_on(pilot, ProposalsPage)
    assert open_desk(root, "admin").staff(WHO).roles == ("teacher", "clerk")


async def is_switched_off(open_app: Open, root: Path) -> None:
    async with open_app("admin", "person", who=WHO) as pilot:
        await choose(pilot, "Tạm khóa")
        await until_on(pilot, PlannedForm)
        await pilot.press(*"mat dien thoai", "enter")
        await agree(pilot)
        await until_on(pilot, PersonPage)
        with pytest.raises(NotAllowed, match="mat dien thoai"):
            open_desk(root, WHO)
    async with open_app("hieutruong", "person", who=WHO) as pilot:
        await choose(pilot, "Mở khóa")
        await agree(pilot)
        await until_on(pilot, PersonPage)
    assert open_desk(root, WHO).actor.roles == ("teacher", "clerk")


async def leaves(open_app: Open, root: Path) -> None:
    async with open_app("hieutruong", "person", who=WHO) as pilot:
        await choose(pilot, "Rời trường")
        await until_on(pilot, PlannedForm)
        await pilot.press("enter")
        await until_on(pilot, Confirm)
        assert "lớp 5A" in screen_text(pilot)
        await agree(pilot)
        await until_on(pilot, PersonPage)
        await pilot.press("escape")
        await pilot.press("colon", *"phan cong", "enter")
        await until_on(pilot, AssignmentsPage)
        await press_seen(pilot, "l")
        assert "ĐÃ NGHỈ: Lo Van Bay" in screen_text(pilot)
    with pytest.raises(NotAllowed):
        open_desk(root, WHO)
    assert written(root), "what they entered stays theirs"
