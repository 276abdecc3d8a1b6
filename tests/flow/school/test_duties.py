"""The roles by duty: who gives them, what they open and when, and what a store from before holds of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from hocba_tui.cli.main import main
from hocba_tui.clock import Clock
from hocba_tui.errors import Conflict, NotAllowed, Refused
from hocba_tui.flow.desk import STAFF, Desk
from hocba_tui.flow.founding.settings_file import found_from_file
from hocba_tui.flow.reports.home_tasks import tasks
from hocba_tui.flow.school import staff_import
from hocba_tui.flow.school.accounts import save_account
from hocba_tui.flow.school.doctor import examine
from hocba_tui.flow.school.duties import TypedDuty, end_duty, give_duty
from hocba_tui.store.backend import Edit
from tests.conftest import DeskAs
from tests.support.table import table

FIVE = TypedDuty("group_head", "05/09/2025", "10/06/2026", "12/QĐ-TH", grades=(5,))
WORKING = TypedDuty("working_group", "01/06/2026", "30/06/2026", "15/QĐ-TH")
WHO = "gv.moi"


@pytest.fixture
def at(desk_as: DeskAs) -> Callable[[str], Desk]:
    """Return the desk of a new teacher without a class on a day."""
    save_account(desk_as("admin"), WHO, {"name": "Lò Thị Mới", "roles": ["teacher"]})

    def on(day: str) -> Desk:
        desk = desk_as(WHO)
        desk.clock = Clock(date.fromisoformat(day))
        return desk

    return on


def seen(desk: Desk) -> list[str]:
    return [room.key for room in desk.my_classes()]


def test_a_group_head_sees_the_classes_of_the_group_from_the_first_to_the_last_day(
    at: Callable[[str], Desk], desk_as: DeskAs
) -> None:
    assert seen(at("2026-06-10")) == []
    give_duty(desk_as("hieutruong"), WHO, FIVE)
    grade = [room.key for room in desk_as("hieutruong").classrooms() if room.grade == 5]
    for day, rooms in (("2025-09-04", []), ("2025-09-05", grade), ("2026-06-10", grade), ("2026-06-11", [])):
        desk = at(day)
        assert seen(desk) == rooms, day
        for key in ("5A", "4A"):
            if key in rooms:
                assert desk.pupils(key)
            else:
                with pytest.raises(NotAllowed):
                    desk.pupils(key)
    entry = next(desk_as("admin").school_shard.latest())
    assert (entry.actor, entry.act) == ("hieutruong", "give_duty")


def test_the_working_group_sees_every_class_between_its_days(at: Callable[[str], Desk], desk_as: DeskAs) -> None:
    give_duty(desk_as("phohieutruong"), WHO, WORKING)
    assert seen(at("2026-06-01")) == [room.key for room in desk_as("admin").classrooms()]
    assert seen(at("2026-05-31")) == seen(at("2026-07-01")) == []


def test_a_session_that_is_open_sees_nothing_more_when_the_last_day_is_over(
    at: Callable[[str], Desk], desk_as: DeskAs
) -> None:
    give_duty(desk_as("hieutruong"), WHO, FIVE)
    session = at("2026-06-10")
    assert session.pupils("5A")
    session.clock = Clock(date(2026, 6, 11))
    with pytest.raises(NotAllowed):
        session.pupils("5A")


@pytest.mark.usefixtures("at")
@table("account", ["admin", "vanthu", "gv.5a", WHO])
def test_only_a_head_gives_and_ends_it(desk_as: DeskAs, account: str) -> None:
    with pytest.raises(NotAllowed):
        give_duty(desk_as(account), WHO, WORKING)
    with pytest.raises(NotAllowed):
        end_duty(desk_as(account), WHO, "working_group")


@pytest.mark.parametrize("role", ["group_head", "working_group"])
@pytest.mark.parametrize("account", ["admin", "hieutruong"])
def test_no_account_is_saved_with_such_a_role(desk_as: DeskAs, account: str, role: str) -> None:
    with pytest.raises(Refused, match="theo quyết định"):
        save_account(desk_as(account), "gv.4a", {"roles": ["teacher", role]})


def test_no_school_is_founded_with_such_a_role(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["school", "sample"]) == 0
    (tmp_path / "school.toml").write_text(
        capsys.readouterr().out.replace('"clerk"', '"clerk", "group_head"'), encoding="utf-8"
    )
    with pytest.raises(Refused, match="theo quyết định"):
        found_from_file(tmp_path / "school.toml", tmp_path / "store")


@table(
    ("typed", "told"),
    [
        (replace(FIVE, grades=()), "tổ nào"),
        (replace(FIVE, grades=(6,)), "khối 6"),
        (replace(FIVE, subjects=("XX",)), "XX"),
        (replace(FIVE, until="04/09/2025"), "trước ngày đầu"),
        (replace(FIVE, since="x"), "không đọc được"),
        (replace(FIVE, until=""), "không đọc được"),
        (replace(FIVE, decision="quyết định"), "số quyết định"),
        (replace(FIVE, role="principal"), "principal"),
        (replace(WORKING, grades=(5,)), "mọi lớp"),
    ],
)
def test_what_is_not_valid_is_refused(desk_as: DeskAs, typed: TypedDuty, told: str) -> None:
    with pytest.raises(Refused, match=told):
        give_duty(desk_as("hieutruong"), "gv.4a", typed)


def test_nobody_who_left_or_is_unknown_gets_one(desk_as: DeskAs) -> None:
    desk_as("admin").school_shard.change("x", "test", [Edit(STAFF, "gv.4a", "left", None, "2026-01-01")])
    for account in ("gv.4a", "gv.khongco"):
        with pytest.raises(Refused):
            give_duty(desk_as("hieutruong"), account, FIVE)


def test_the_same_duty_again_is_corrected_and_another_group_is_one_more(
    at: Callable[[str], Desk], desk_as: DeskAs
) -> None:
    head = desk_as("hieutruong")
    give_duty(head, WHO, FIVE)
    with pytest.raises(Refused, match="không có gì để đổi"):
        give_duty(head, WHO, FIVE)
    give_duty(head, WHO, replace(FIVE, until="30/06/2026"))
    give_duty(head, WHO, replace(FIVE, grades=(4,)))
    assert [post.until for post in at("2026-06-10").actor.duties] == ["2026-06-10", "2026-06-30"]
    assert seen(at("2026-06-11")) == ["5A"]


def test_it_is_ended_from_today_on_or_after_a_day(at: Callable[[str], Desk], desk_as: DeskAs) -> None:
    head = desk_as("hieutruong")
    give_duty(head, WHO, WORKING)
    end_duty(head, WHO, "working_group", "20/06/2026")
    assert (bool(seen(at("2026-06-20"))), seen(at("2026-06-21"))) == (True, [])
    end_duty(head, WHO, "working_group")
    assert seen(at("2026-06-10")) == []
    with pytest.raises(Refused, match="không có gì để đổi"):
        end_duty(head, WHO, "working_group")
    end_duty(head, WHO, "working_group", "31/05/2026")
    assert at("2026-06-10").actor.duties == ()


def test_the_role_of_a_store_from_before_goes_on_until_a_head_gives_the_duty(
    at: Callable[[str], Desk], desk_as: DeskAs
) -> None:
    old = Edit(STAFF, WHO, "roles", ["teacher"], ["teacher", "group_head"])
    assert at("2026-06-10").my_classes() == ()
    desk_as("admin").school_shard.change("x", "test", [old])
    assert len(seen(at("2030-01-01"))) == len(desk_as("admin").classrooms())
    save_account(desk_as("admin"), WHO, {"roles": ["teacher", "group_head"], "title": "T"})
    give_duty(desk_as("hieutruong"), WHO, FIVE)
    assert seen(at("2026-06-10")) == ["5A"]
    assert (seen(at("2026-06-11")), at("2026-06-11").actor.roles) == ([], ("teacher",))


@pytest.mark.usefixtures("at")
def test_the_account_changed_meanwhile_is_a_conflict(desk_as: DeskAs, monkeypatch: pytest.MonkeyPatch) -> None:
    head, opened = desk_as("hieutruong"), desk_as("hieutruong").open_school()
    monkeypatch.setattr(Desk, "open_school", lambda _: opened)
    opened.shard.change("x", "test", [Edit(STAFF, WHO, "left", None, "2026-01-01")])
    with pytest.raises(Conflict):
        give_duty(head, WHO, FIVE)


@pytest.mark.parametrize("role", [[], ["group_head"]])
def test_who_left_and_came_back_has_to_be_given_it_again(
    at: Callable[[str], Desk], desk_as: DeskAs, role: list[str]
) -> None:
    give_duty(desk_as("hieutruong"), WHO, FIVE)
    session = at("2026-06-10")
    edits = [Edit(STAFF, WHO, "left", None, "2026-06-01"), Edit(STAFF, WHO, "roles", ["teacher"], ["teacher", *role])]
    desk_as("admin").school_shard.change("x", "test", edits)
    assert seen(session) == []
    text = f"Họ tên\tEmail\tTrạng thái CB\n{session.actor.name}\t\tĐang làm việc\n"
    staff_import.apply(desk_as("admin"), staff_import.preview(desk_as("admin"), text, accept_offers=True))
    back = at("2026-06-10")
    assert (back.actor.left, back.actor.roles, back.actor.duties, seen(back)) == ("", ("teacher",), (), [])


def test_no_command_and_no_file_writes_a_duty_by_itself(desk_as: DeskAs) -> None:
    with pytest.raises(Refused, match="không có mục"):
        save_account(desk_as("admin"), "gv.4a", {"posts": [["working_group", "2025-09-05", "2026-08-31", "1", [], []]]})


def test_home_says_what_the_duty_is(at: Callable[[str], Desk], desk_as: DeskAs) -> None:
    give_duty(desk_as("hieutruong"), WHO, replace(FIVE, subjects=("TIN",)))
    told = [task.detail for task in tasks(at("2026-06-10")) if task.label == "Tổ trưởng chuyên môn"]
    assert told == ["khối 5, môn Tin học và Công nghệ (Tin học), đến hết 10/06/2026"]
    assert not [task for task in tasks(at("2026-06-11")) if task.label == "Tổ trưởng chuyên môn"]


def test_the_command_line_gives_lists_and_ends_it(
    store_root: Path, at: Callable[[str], Desk], capsys: pytest.CaptureFixture[str]
) -> None:
    def hocba(*words: str) -> str:
        assert main(["account", *words, "--store", str(store_root), "--as", "hieutruong"]) == 0
        return capsys.readouterr().out

    days = ("--since", "05/09/2025", "--until", "30/06/2026", "--decision", "12/QĐ-TH")
    told = "Tổ trưởng chuyên môn: khối 4, 5, từ 05/09/2025 đến hết 30/06/2026, theo quyết định 12/QĐ-TH"
    assert told in hocba("duty", WHO, "group_head", "--grades", "5", "4", *days)
    assert told in hocba("list")
    assert seen(at("2026-06-10")) == ["4A", "5A"]
    assert "đến hết 09/06/2026" in hocba("end-duty", WHO, "group_head")
    assert seen(at("2026-06-10")) == []


def test_the_doctor_names_who_holds_a_role_from_before(desk_as: DeskAs) -> None:
    def told() -> list[str]:
        return [found.now for found in examine([], desk_as("admin")) if "không thời hạn" in found.what]

    assert told() == []
    old = Edit(STAFF, "gv.4a", "roles", ["teacher"], ["teacher", "working_group"])
    desk_as("admin").school_shard.change("x", "test", [old])
    (now,) = told()
    assert "gv.4a" in now
    assert "hocba account duty" in now


def test_the_list_of_accounts_says_what_a_role_from_before_means(
    store_root: Path, desk_as: DeskAs, capsys: pytest.CaptureFixture[str]
) -> None:
    old = Edit(STAFF, "gv.4a", "roles", ["teacher"], ["teacher", "working_group"])
    desk_as("admin").school_shard.change("x", "test", [old])
    assert main(["account", "list", "--store", str(store_root), "--as", "admin"]) == 0
    assert "Tổ công tác: ghi theo bản cũ, nghĩa là mọi lớp, không thời hạn" in capsys.readouterr().out
