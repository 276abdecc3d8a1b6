"""Somebody leaves the school and comes back: what the account can do, and who may say so."""

from __future__ import annotations

from pathlib import Path

import pytest

from hocba_tui.cli.main import main
from hocba_tui.errors import Conflict, NotAllowed, Refused
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.people.leaving import Move, look_at_move, move
from hocba_tui.flow.school.accounts import save_account
from hocba_tui.flow.school.confirming import confirm
from hocba_tui.flow.school.duties import TypedDuty, give_duty
from hocba_tui.flow.school.logins import wanted_logins
from hocba_tui.model.results import LEVEL, Cell
from hocba_tui.model.values import Period
from hocba_tui.rules.permits import may_enter
from hocba_tui.rules.reading import readable
from tests.conftest import DeskAs
from tests.support.eight import demo, made_store  # noqa: F401 - fixtures: how many pupils there are shows nothing here

MATHS = Cell(Period.END_YEAR, "TOAN", LEVEL)


def test_who_has_left_can_do_nothing_and_what_they_did_stays(desk_as: DeskAs, store_root: Path) -> None:
    done = move(desk_as("admin"), "gv.5a", Move.LEAVE, "01/06/2026")
    assert done.classes == ("5A",)
    with pytest.raises(NotAllowed, match="đã rời trường ngày 01/06/2026"):
        open_desk(store_root, "gv.5a")
    room = desk_as("admin").classroom("5A")
    assert room.homeroom == "gv.5a"
    assert not may_enter(desk_as("admin").staff("gv.5a"), room, MATHS).allowed
    entry = next(desk_as("admin").school_shard.latest())
    assert (entry.actor, entry.act) == ("admin", "staff_leaves")


def test_who_comes_back_has_no_role_that_two_people_or_a_decision_give(desk_as: DeskAs) -> None:
    head, deputy = desk_as("hieutruong"), desk_as("phohieutruong")
    save_account(head, "gv.4a", {"roles": ["teacher", "clerk"]})
    confirm(deputy, "gv.4a")
    give_duty(head, "gv.4a", TypedDuty("working_group", "5/9", "31/8/2026", "1/QĐ"))
    move(head, "gv.4a", Move.LEAVE, "1/6")
    assert look_at_move(head, "gv.4a", Move.RETURN).lost == ("Văn thư",)
    after = move(head, "gv.4a", Move.RETURN).after
    assert (after.roles, after.posts, after.left) == (("teacher",), (), "")
    assert desk_as("admin").staff("gv.4a") == after


def test_looking_writes_nothing(desk_as: DeskAs) -> None:
    desk = desk_as("admin")
    seq = desk.school_shard.seq
    assert look_at_move(desk, "gv.4a", Move.LEAVE, "1/6").after.left == "2026-06-01"
    assert desk.school_shard.seq == seq


@pytest.mark.parametrize(
    ("who", "day", "told"),
    [
        ("admin", "1/6", "Không ai tự cho mình"),
        ("hieutruong", "1/6", "hai người mới bỏ được"),
        ("gv.4a", "11/06/2026", "chưa tới"),
        ("gv.4a", "", "không đọc được"),
        ("gv.khongco", "1/6", "Không có tài khoản"),
    ],
)
def test_what_cannot_be_is_refused(desk_as: DeskAs, who: str, day: str, told: str) -> None:
    desk = desk_as("admin")
    seq = desk.school_shard.seq
    with pytest.raises(Refused) as refused:
        move(desk, who, Move.LEAVE, day)
    assert told in refused.value.what
    with pytest.raises(Refused):
        move(desk, who, Move.RETURN)
    assert desk.school_shard.seq == seq


def test_leaving_twice_is_refused_and_what_was_not_seen_is_a_conflict(desk_as: DeskAs) -> None:
    desk, seen = desk_as("admin"), desk_as("admin").staff("gv.4a")
    move(desk_as("hieutruong"), "gv.4a", Move.LEAVE, "1/6")
    with pytest.raises(Conflict) as told:
        move(desk, "gv.4a", Move.LEAVE, "1/6", seen)
    assert f"{desk.staff('hieutruong').name} vừa đổi" in told.value.what
    with pytest.raises(Refused, match="không có gì để đổi"):
        move(desk, "gv.4a", Move.LEAVE, "1/6")


def test_the_command_says_who_has_to_be_found(store_root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--store", str(store_root), "--as", "admin"]
    assert main(["account", "leave", "gv.5a", "--day", "1/6", *options]) == 0
    assert "lớp 5A: giao người khác" in capsys.readouterr().out
    assert main(["account", "back", "gv.5a", *options]) == 0
    assert "trở lại; tài khoản đã mở, quyền: Giáo viên." in capsys.readouterr().out
    assert main(["account", "back", "gv.5a", *options]) == 1


def test_an_account_that_is_switched_off_can_do_nothing_until_it_is_on(desk_as: DeskAs, store_root: Path) -> None:
    session = desk_as("gv.5a")
    assert session.pupils("5A")
    done = move(desk_as("admin"), "gv.5a", Move.OFF, "  nghỉ   thai sản ")
    assert done.after.why_closed == "nghỉ thai sản"
    with pytest.raises(NotAllowed) as told:
        open_desk(store_root, "gv.5a")
    assert told.value.what == "Tài khoản gv.5a đang khóa từ ngày 10/06/2026: nghỉ thai sản."
    with pytest.raises(NotAllowed):
        session.pupils("5A")
    room = desk_as("admin").classroom("5A")
    assert not may_enter(desk_as("admin").staff("gv.5a"), room, MATHS).allowed
    assert readable(desk_as("admin").staff("gv.5a"), room) == frozenset()
    entry = next(desk_as("admin").school_shard.latest())
    assert (entry.act, entry.note) == ("switch_off", "nghỉ thai sản")
    move(desk_as("hieutruong"), "gv.5a", Move.ON)
    assert session.pupils("5A")


@pytest.mark.parametrize(("who", "typed"), [("admin", "x"), ("hieutruong", "x"), ("gv.4a", " "), ("gv.khongco", "x")])
def test_what_is_not_switched_off(desk_as: DeskAs, who: str, typed: str) -> None:
    desk = desk_as("admin")
    with pytest.raises(Refused):
        move(desk, who, Move.OFF, typed)
    with pytest.raises(Refused):
        move(desk, who, Move.ON)


def test_a_login_of_who_is_switched_off_is_closed_on_the_machine(desk_as: DeskAs, store_root: Path) -> None:
    save_account(desk_as("admin"), "gv.4a", {"system_user": "bon"})
    move(desk_as("admin"), "gv.4a", Move.OFF, "x")
    (wanted,) = wanted_logins(store_root)
    assert (wanted["login"], wanted["here"]) == ("bon", False)


def test_the_commands_switch_off_and_on(store_root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--store", str(store_root), "--as", "admin"]
    assert main(["account", "off", "gv.5a", "--reason", "nghi lộ mật khẩu", *options]) == 0
    assert main(["account", "list", *options]) == 0
    assert "chưa có tên đăng nhập; khóa" in capsys.readouterr().out
    assert main(["account", "on", "gv.5a", *options]) == 0
    assert main(["account", "on", "gv.5a", *options]) == 1
