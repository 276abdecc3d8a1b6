"""Who teaches what in which class: read by who may see the class, changed by heads, at 80 by 24."""

from __future__ import annotations

from pathlib import Path

import pytest

from hocba_tui.flow.desk import CLASSES
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.people.leaving import Move, move
from hocba_tui.flow.school.assigning import assign
from hocba_tui.screens.dialogs import Confirm, Notice
from hocba_tui.screens.people.assignments import AssignmentsPage
from hocba_tui.screens.people.planned import PlannedForm
from hocba_tui.screens.people.ticks import Ticks
from hocba_tui.screens.search import Search
from hocba_tui.store.backend import Edit
from hocba_tui.widgets.rows import Rows
from tests.conftest import DeskAs, Open
from tests.support.eight import demo, made_store  # noqa: F401 - fixtures: how many pupils there are shows nothing here
from tests.support.text_of import agree, choose, key_bar, press_seen, screen_text, status, until, until_on


@pytest.mark.parametrize(
    ("account", "changes"), [("hieutruong", True), ("phohieutruong", True), ("admin", False), ("vanthu", False)]
)
async def test_who_sees_every_class_sees_all_and_heads_change_it(open_app: Open, account: str, changes: bool) -> None:
    async with open_app(account, "assignments") as pilot:
        rows = pilot.app.screen.query_one(Rows)
        assert {key.partition("/")[0] for key, _ in rows.words()} == {"1A", "2A", "3A", "4A", "5A"}
        assert ("e Giao lại" in key_bar(pilot)) == changes
        assert all("…" not in rows._line(texts) for _, texts in rows._rows), "whole at 80 columns"
        await press_seen(pilot, "e")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Search) == changes


async def test_a_teacher_reads_the_own_class_from_the_list_of_classes(open_app: Open, desk_as: DeskAs) -> None:
    room = desk_as("gv.5a").classroom("5A")
    async with open_app("gv.5a", "classes") as pilot:
        await choose(pilot, "Phân công")
        await until_on(pilot, AssignmentsPage)
        rows = pilot.app.screen.query_one(Rows)
        assert rows.chosen == "5A/homeroom"
        assert {key.partition("/")[0] for key, _ in rows.words()} == {"5A"}
        assert desk_as("gv.5a").staff(room.teachers["TIN"]).name in dict(rows.words())["5A/TIN"]
        await press_seen(pilot, "enter")
        await until_on(pilot, Notice)
        assert "từ đầu năm học" in screen_text(pilot)


async def test_a_subject_is_given_to_another_from_a_day_on(open_app: Open, store_root: Path, desk_as: DeskAs) -> None:
    other = desk_as("hieutruong").staff("gv.4a")
    before = desk_as("hieutruong").staff(desk_as("hieutruong").classroom("5A").teacher_of("TIN"))
    async with open_app("hieutruong", "assignments", room="5A") as pilot:
        rows = pilot.app.screen.query_one(Rows)
        rows.go_to("5A/TIN")
        await press_seen(pilot, "e")
        await until_on(pilot, Search)
        await pilot.press(*"gv.4a", "enter")
        await until_on(pilot, PlannedForm)
        await pilot.press(*["backspace"] * 10, *"12/9/2030", "enter")
        await pilot.pause()
        assert "chưa tới" in screen_text(pilot)
        await pilot.press(*["backspace"] * 9, *"12/1", "enter")
        await until_on(pilot, Confirm)
        words = " ".join(screen_text(pilot).replace("│", " ").split())
        assert f"Lớp 5A, Tin học: {before.name} → {other.name}, từ 12/01/2026." in words
        assert open_desk(store_root, "hieutruong").classroom("5A").teacher_of("TIN") == before.key
        await agree(pilot)
        await until_on(pilot, AssignmentsPage)
        assert status(pilot).startswith("Đã phân công. Lớp 5A, Tin học")
        assert dict(rows.words())["5A/TIN"] == f"5A · Tin học · {other.name} · 12/01/2026"
        page = pilot.app.screen
        assert isinstance(page, AssignmentsPage)
        await page.look_now(quietly=True)
        assert status(pilot).startswith("Đã phân công."), "a look of its own does not take the news away"
        await press_seen(pilot, "enter")
        await until_on(pilot, Notice)
        words = screen_text(pilot)
        assert f"{before.name}: từ 05/09/2025 đến 12/01/2026" in words
        assert f"{other.name}: từ 12/01/2026" in words
    assert open_desk(store_root, "hieutruong").classroom("5A").teacher_of("TIN") == "gv.4a"


async def test_a_subject_is_given_in_several_classes_at_once(open_app: Open, desk_as: DeskAs) -> None:
    music = {room.key: room.teacher_of("AN") for room in desk_as("admin").classrooms()}
    async with open_app("phohieutruong", "assignments", room="1A") as pilot:
        rows = pilot.app.screen.query_one(Rows)
        await choose(pilot, "Nhiều lớp")
        assert status(pilot) == "Chủ nhiệm thì giao từng lớp: e."
        rows.go_to("1A/AN")
        await choose(pilot, "Nhiều lớp")
        await until_on(pilot, Search)
        await pilot.press(*"gv.4a", "enter")
        await until_on(pilot, Ticks)
        await press_seen(pilot, "space")
        await pilot.press("down", "enter", "f2")
        await until_on(pilot, PlannedForm)
        await pilot.press("enter")
        await until_on(pilot, Confirm)
        words = " ".join(screen_text(pilot).replace("│", " ").split())
        assert "Giao Âm nhạc ở 2 lớp?" in words
        assert f"Thay cho: {desk_as('admin').staff(music['1A']).name}" in words
        await agree(pilot)
        await until_on(pilot, AssignmentsPage)
        assert status(pilot).startswith("Đã phân công. Âm nhạc lớp 1A, 2A:")
    after = {room.key: room.teacher_of("AN") for room in desk_as("admin").classrooms()}
    assert after == {**music, "1A": "gv.4a", "2A": "gv.4a"}


async def test_what_nobody_has_is_shown_first_at_home_and_by_l(open_app: Open, desk_as: DeskAs) -> None:
    desk = desk_as("hieutruong")
    held = desk.school_shard.document(CLASSES, "3A")["homeroom"]
    desk.school_shard.change("test", "test", [Edit(CLASSES, "3A", "homeroom", held, None)])
    teacher = desk.staff(desk.classroom("5A").teachers["TIN"])
    move(desk, teacher.key, Move.LEAVE, "1/6")
    async with open_app("hieutruong") as pilot:
        await until(pilot, lambda: "việc chưa có người" in screen_text(pilot))
    async with open_app("hieutruong", "assignments") as pilot:
        rows = pilot.app.screen.query_one(Rows)
        assert "việc chưa có người." in status(pilot)
        await press_seen(pilot, "l")
        words = dict(rows.words())
        assert words["3A/homeroom"] == "3A · Chủ nhiệm · CHƯA CÓ AI"
        assert words["5A/TIN"] == f"5A · Tin học · ĐÃ NGHỈ: {teacher.name}"
        assert "3A/TOAN" not in words
        await press_seen(pilot, "l")
        words = dict(rows.words())
        assert "5A/TOAN" not in words
        assert {"5A/TIN", "5A/homeroom", "3A/homeroom"} <= set(words)


async def test_of_two_who_assign_one_wins_and_the_other_is_told(open_app: Open, desk_as: DeskAs) -> None:
    other = desk_as("admin").staff("phohieutruong").name
    async with open_app("hieutruong", "assignments", room="5A") as pilot:
        await press_seen(pilot, "e")
        await until_on(pilot, Search)
        await pilot.press(*"gv.4a", "enter")
        await until_on(pilot, PlannedForm)
        await pilot.press("enter")
        await until_on(pilot, Confirm)
        assert "Môn nào chưa giao riêng cũng theo chủ nhiệm mới" in " ".join(screen_text(pilot).split())
        assign(desk_as("phohieutruong"), "5A", "homeroom", "gv.3a", "01/06/2026")
        await agree(pilot)
        await until_on(pilot, PlannedForm)
        assert f"{other} vừa đổi phân công lớp 5A, Chủ nhiệm: nay là" in " ".join(
            screen_text(pilot).replace("│", " ").split()
        )
    assert desk_as("admin").classroom("5A").homeroom == "gv.3a"
