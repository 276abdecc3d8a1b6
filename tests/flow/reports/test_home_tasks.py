"""Which tasks somebody is shown: those that they may do, and the pages about the people of the school."""

from __future__ import annotations

from pathlib import Path

from hocba_tui.flow.desk import CLASSES, STAFF
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.reports.home_tasks import Task, known_tasks, tasks
from hocba_tui.flow.school.accounts import save_account
from hocba_tui.flow.school.assigning import duties_of
from hocba_tui.store.backend import Edit
from tests.conftest import DeskAs
from tests.support.actors import add_actors
from tests.support.eight import demo, made_store  # noqa: F401 - fixtures: how many pupils there are shows nothing here
from tests.support.table import table


def found(desk_as: DeskAs, account: str) -> dict[str, Task]:
    return {task.label: task for task in tasks(desk_as(account))}


def test_who_keeps_the_accounts_too_is_not_asked_to_enter_anything(store_root: Path, desk_as: DeskAs) -> None:
    add_actors(store_root)
    room = desk_as("admin").classroom("5A")
    assert room.teacher_of("AN") == "day.quantri"
    assert [task for task in tasks(desk_as("day.tin")) if task.screen == "grid"]
    assert not [task for task in tasks(desk_as("day.quantri")) if task.screen == "grid"]
    assert not [task for task in known_tasks(desk_as("day.quantri")) if task.screen == "grid"]


def test_a_homeroom_teacher_who_keeps_the_accounts_neither_enters_nor_submits(
    store_root: Path, desk_as: DeskAs
) -> None:
    screens = {task.screen for task in tasks(desk_as("gv.5a"))}
    assert {"grid", "submit", "review", "roster"} <= screens
    shard = open_desk(store_root, "hieutruong").school_shard
    shard.change("test", "test", [Edit(STAFF, "gv.5a", "roles", ["teacher"], ["teacher", "administrator"])])
    screens = {task.screen for task in tasks(desk_as("gv.5a"))}
    assert {"review", "roster", "staff"} <= screens
    assert not {"grid", "submit"} & screens


@table(
    ("account", "staff", "assignments"),
    [
        ("hieutruong", True, True), ("phohieutruong", True, True), ("admin", True, True), ("vanthu", False, False),
        ("gv.5a", False, False),
    ],
)  # fmt: skip
def test_heads_and_the_administrator_find_the_people_of_the_school(
    desk_as: DeskAs, account: str, staff: bool, assignments: bool
) -> None:
    screens = {task.screen for task in tasks(desk_as(account))}
    assert ("staff" in screens, "assignments" in screens) == (staff, assignments)


def test_they_say_how_many_cannot_come_in_and_what_nobody_has(desk_as: DeskAs) -> None:
    here = [one for one in desk_as("admin").everybody() if not one.left]
    assert (
        found(desk_as, "admin")["Cán bộ, tài khoản"].detail == f"{len(here)} người, {len(here)} chưa có tên đăng nhập"
    )
    assert found(desk_as, "hieutruong")["Phân công"].detail == "việc nào cũng có người dạy"
    for one in here:
        if one.key.startswith("gv."):
            save_account(desk_as("admin"), one.key, {"system_user": one.key})
    few = sum(not one.key.startswith("gv.") for one in here)
    assert f"{few} chưa có tên đăng nhập" in found(desk_as, "admin")["Cán bộ, tài khoản"].detail
    shard = desk_as("admin").school_shard
    shard.change("test", "test", [Edit(CLASSES, "5A", "homeroom", "gv.5a", None)])
    shard.change("test", "test", [Edit(STAFF, "gv.tin", "left", None, "2026-06-01")])
    rooms = desk_as("admin").classrooms()
    taught = sum(room.teachers.get(what) == "gv.tin" for room in rooms for what in duties_of(room))
    task = found(desk_as, "hieutruong")["Phân công"]
    assert (task.detail, task.urgent) == (f"{1 + taught} việc chưa có người", True)
    assert not found(desk_as, "admin")["Phân công"].urgent, "who cannot change it is not hurried"
