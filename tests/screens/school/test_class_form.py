"""Classes are added and changed on the page of the classes: what would come of it is shown before it is written."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.pilot import Pilot

from hocba_tui.clock import Clock
from hocba_tui.errors import Conflict, Refused
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.founding.settings_file import found_from
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.reports.home_tasks import tasks
from hocba_tui.flow.school.classes import as_facts, plan_class, save_class
from hocba_tui.screens.dialogs import AskFields, Confirm
from hocba_tui.screens.school.classes import ClassesPage
from hocba_tui.store.folder import FolderStore
from hocba_tui.widgets.rows import Rows
from tests.conftest import DeskAs, Open
from tests.support.eight import demo, made_store  # noqa: F401 - fixtures: how many pupils there are shows nothing here
from tests.support.text_of import agree, choose, press_seen, screen_text, status, until_on


async def fill(pilot: Pilot[Any], *lines: str) -> None:
    """Type into the lines of a form from the first on; an empty one stays as it is."""
    for number, text in enumerate(lines):
        if number:
            await pilot.press("down")
        if text:
            await pilot.press("ctrl+u", *text)
    await pilot.press("f2")
    await pilot.pause()


def said(pilot: Pilot[Any]) -> str:
    return " ".join(screen_text(pilot).replace("│", " ").split())


async def test_a_class_is_added_after_a_look_at_what_it_will_be(open_app: Open, store_root: Path) -> None:
    async with open_app("admin", "classes") as pilot:
        await choose(pilot, "Thêm lớp")
        await until_on(pilot, AskFields)
        await fill(pilot, "2c", "", "3", "99L0203", "nn1")
        await until_on(pilot, Confirm)
        assert "Thêm lớp 2C: khối 2; ghép khối 3; mã lớp 99L0203; môn tự chọn NN1. Lớp đã thêm thì sửa được" in said(
            pilot
        )
        assert "2C" not in [room.key for room in open_desk(store_root, "admin").classrooms()]
        await agree(pilot)
        await until_on(pilot, ClassesPage)
        assert status(pilot).startswith("Đã lưu. Thêm lớp 2C")
    room = open_desk(store_root, "admin").classroom("2C")
    assert (room.grades, room.optional, room.code) == ((2, 3), ("NN1",), "99L0203")


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (("5A",), "Đã có lớp 5A"),
        (("A5",), "chưa có khối"),
        (("1Z", "hai"), "phải là số từ 1 đến 5"),
        (("1Z", "9"), "Khối từ 1 đến 5"),
        (("1Z", "", "1"), "Khối từ 1 đến 5"),
        (("1Z", "", "", "", "TOAN"), "không phải môn tự chọn"),
        (("1/Z",), "không dùng được"),
    ],
)
async def test_what_cannot_be_is_said_in_the_form(
    open_app: Open, store_root: Path, lines: tuple[str, ...], why: str
) -> None:
    before = open_desk(store_root, "admin").classrooms()
    async with open_app("vanthu", "classes") as pilot:
        await choose(pilot, "Thêm lớp")
        await until_on(pilot, AskFields)
        await fill(pilot, *lines)
        assert isinstance(pilot.app.screen, AskFields)
        assert why in said(pilot)
    assert open_desk(store_root, "admin").classrooms() == before


async def test_a_subject_with_results_is_dropped_by_a_head_with_a_reason(open_app: Open, store_root: Path) -> None:
    async with open_app("admin", "classes") as pilot:
        pilot.app.screen.query_one(Rows).go_to("1A")
        await choose(pilot, "Sửa lớp")
        await until_on(pilot, AskFields)
        await fill(pilot, "", "", "", " ")
        assert "chỉ hiệu trưởng hoặc phó hiệu trưởng bỏ được" in said(pilot)
    async with open_app("hieutruong", "classes") as pilot:
        pilot.app.screen.query_one(Rows).go_to("1A")
        await choose(pilot, "Sửa lớp")
        await until_on(pilot, AskFields)
        await fill(pilot, "", "", "", " ")
        assert "bỏ thì ghi lí do" in said(pilot)
        await fill(pilot, "", "", "khong hoc nua")
        await until_on(pilot, Confirm)
        assert "môn tự chọn: NN1 → không" in said(pilot)
        assert "không mất, nhưng không còn vào học bạ" in said(pilot)
        await agree(pilot)
        await until_on(pilot, ClassesPage)
    assert open_desk(store_root, "admin").classroom("1A").optional == ()
    assert next(open_desk(store_root, "admin").school_shard.latest()).note == "khong hoc nua"


async def test_a_keyboard_without_function_keys_finishes_a_form_too(open_app: Open) -> None:
    async with open_app("admin", "classes") as pilot:
        await choose(pilot, "Thêm lớp")
        await until_on(pilot, AskFields)
        await pilot.press(*"2z", "ctrl+w")
        await until_on(pilot, Confirm)
        assert "Thêm lớp 2Z: khối 2." in said(pilot)


async def test_nothing_changed_is_no_change_and_a_teacher_is_offered_neither(open_app: Open) -> None:
    async with open_app("admin", "classes") as pilot:
        await choose(pilot, "Sửa lớp")
        await until_on(pilot, AskFields)
        await press_seen(pilot, "f2")
        assert "Chưa đổi gì" in said(pilot)
    async with open_app("gv.5a", "classes") as pilot:
        await press_seen(pilot, "f3")
        assert "Thêm lớp" not in said(pilot)


def test_what_somebody_else_has_changed_since_it_was_seen_is_kept(desk_as: DeskAs) -> None:
    plan = plan_class(desk_as("admin"), "5A", {"code": "A"})
    save_class(desk_as("vanthu"), "5A", {"code": "B"})
    with pytest.raises(Conflict):
        save_class(desk_as("admin"), "5A", {"code": "A"}, seen=plan.before)
    new = plan_class(desk_as("admin"), "1Z", {"grade": 1}, new=True)
    save_class(desk_as("vanthu"), "1Z", {"grade": 1, "code": "B"})
    with pytest.raises(Conflict):
        save_class(desk_as("admin"), "1Z", {"grade": 1}, seen=new.before)
    assert (desk_as("admin").classroom("5A").code, desk_as("admin").classroom("1Z").code) == ("B", "B")


def test_whoever_keeps_the_classes_of_a_school_without_any_finds_the_page(tmp_path: Path) -> None:
    sample = files("hocba_tui.cli.school").joinpath("sample_school.toml").read_bytes()
    found_from("a.toml", sample, tmp_path / "new")
    store = FolderStore(tmp_path / "new", Clock().now)
    for account in ("quantri", "hieutruong", "vanthu"):
        desk = Desk(store, account, Clock(), tmp_path / "new")
        assert desk.classrooms() == ()
        assert "Các lớp" in [task.label for task in tasks(desk)]


FORM = ("key", "grade", "combined", "code", "optional", "tested")


@given(
    st.fixed_dictionaries(
        dict.fromkeys(("key", "grade", "combined", "code", "optional", "tested"), st.text(max_size=9))
    )
)
def test_whatever_is_typed_is_read_or_refused(form: dict[str, str]) -> None:
    try:
        facts = as_facts(form)
    except Refused:
        return
    assert set(facts) == set(FORM) - {"key"}
