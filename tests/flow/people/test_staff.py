"""The list of accounts and one person's card: what they say of whom."""

from __future__ import annotations

from pathlib import Path

import pytest

from hocba_tui.errors import NotAllowed
from hocba_tui.flow.activity.coming_and_going import came_in, last_way_in
from hocba_tui.flow.desk import STAFF
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.people.card import person_card
from hocba_tui.flow.people.leaving import Move, move
from hocba_tui.flow.people.staff import Standing, everybody
from hocba_tui.flow.requested import Kind
from hocba_tui.flow.school.accounts import save_account
from hocba_tui.flow.school.assigning import assign
from hocba_tui.flow.school.duties import TypedDuty, give_duty
from hocba_tui.flow.school.login_requests import ask
from hocba_tui.store.backend import Edit
from hocba_tui.text import moment, name_order
from tests.conftest import DeskAs
from tests.support.eight import demo, made_store  # noqa: F401 - fixtures: how many pupils there are shows nothing here


def test_everybody_is_there_once_by_name_and_who_has_left_at_the_end(desk_as: DeskAs) -> None:
    desk = desk_as("admin")
    gone = min(desk.everybody(), key=lambda one: name_order(one.name)).key
    if gone in ("hieutruong", "phohieutruong", "admin"):
        gone = "gv.1a"
    move(desk, gone, Move.LEAVE, "1/6")
    found = everybody(desk)
    assert [person.staff.key for person in found][-1] == gone
    names = [name_order(person.staff.name) for person in found[:-1]]
    assert names == sorted(names)
    assert {person.staff.key for person in found} == {one.key for one in desk.everybody()}


def test_the_first_standing_that_holds_is_said(desk_as: DeskAs) -> None:
    desk = desk_as("hieutruong")
    save_account(desk, "gv.1a", {"system_user": "mot"})
    save_account(desk, "gv.2a", {"system_user": "hai"})
    save_account(desk, "gv.3a", {"roles": ["teacher", "clerk"]})
    move(desk, "gv.4a", Move.LEAVE, "1/6")
    move(desk, "gv.tin", Move.OFF, "nghỉ thai sản")
    desk.school_shard.change("test", "test", [Edit(STAFF, "gv.5a", "system_user", None, "hai")])
    found = {person.staff.key: person.standing for person in everybody(desk)}
    assert found["gv.1a"] is Standing.WORKS
    assert found["gv.2a"] is found["gv.5a"] is Standing.SHARED
    assert found["gv.3a"] is Standing.WAITING
    assert found["gv.4a"] is Standing.LEFT
    assert found["gv.tin"] is Standing.CLOSED
    assert found["vanthu"] is Standing.NO_LOGIN


def test_work_is_classes_and_the_duties_of_today(desk_as: DeskAs) -> None:
    desk = desk_as("hieutruong")
    give_duty(desk, "gv.1a", TypedDuty("group_head", "5/9", "31/8/2026", "12/QĐ", grades=(4, 5)))
    give_duty(desk, "gv.2a", TypedDuty("working_group", "5/9", "31/5", "12/QĐ"))
    assign(desk, "4A", "TIN", "gv.1a", "1/6")
    found = {person.staff.key: person for person in everybody(desk)}
    assert found["gv.1a"].work == ("Tổ trưởng chuyên môn khối 4, 5", "CN 1A", "Tin 4A")
    assert found["gv.2a"].work == ("CN 2A",), "it has ended"
    assert found["gv.2a"].short_words == "CN 2A"
    assert found["admin"].short_words == "Quản trị"


def lines(desk_as: DeskAs, account: str) -> list[str]:
    return [f"{label}: {text}" for label, text in person_card(desk_as("admin"), account).lines]


def test_the_card_has_what_was_taught_from_when_to_when(desk_as: DeskAs) -> None:
    desk = desk_as("hieutruong")
    before = desk.classroom("5A").teacher_of("TIN")
    assign(desk, "5A", "TIN", "gv.4a", "12/1")
    assign(desk, "5A", "TIN", "gv.5a", "1/3")
    assert "Lớp 5A: Tin học, từ 05/09/2025 đến 12/01/2026" in lines(desk_as, before)
    assert "Lớp 5A: Tin học, từ 12/01/2026 đến 01/03/2026" in lines(desk_as, "gv.4a")
    assert "Lớp 5A: Tin học, từ 01/03/2026" in lines(desk_as, "gv.5a")
    assign(desk, "5A", "homeroom", "gv.3a", "1/4")
    assert "Lớp 5A: Tin học, từ 01/03/2026" not in lines(desk_as, "gv.5a"), "it goes with the homeroom again"


def test_the_card_says_what_was_asked_of_the_machine(desk_as: DeskAs) -> None:
    save_account(desk_as("hieutruong"), "gv.4a", {"system_user": "bon"})
    ask(desk_as("hieutruong"), "gv.4a", Kind.PASSWORD)
    (told,) = [line for line in lines(desk_as, "gv.4a") if line.startswith("Đã nhờ máy chủ")]
    assert "cấp mật khẩu dùng một lần (đăng nhập: bon)" in told


def test_the_card_says_when_and_from_where_somebody_last_came_in(desk_as: DeskAs, store_root: Path) -> None:
    assert "Lần vào gần nhất: không thấy trong nhật kí năm nay, năm trước" in lines(desk_as, "gv.4a")
    for came_from, way, words in (
        ("203.0.113.7", "ssh", "từ 203.0.113.7"), ("203.0.113.8", "key", "từ 203.0.113.8, bằng khóa"),
        ("", "local", "ngay trên máy chủ"),
    ):  # fmt: skip
        session = open_desk(store_root, "gv.4a")
        session.store.sign_in("gv.4a", came_from, way)  # type: ignore[attr-defined]
        came_in(session)
        found = last_way_in(desk_as("admin"), "gv.4a")
        assert found is not None
        assert (found.came_from, found.way) == (came_from, way)
        assert f"Lần vào gần nhất: {moment(found.at)}, {words}" in lines(desk_as, "gv.4a")
    reader = desk_as("admin")
    assert last_way_in(reader, "gv.5a") is None
    came_in(open_desk(store_root, "gv.5a"))
    assert last_way_in(reader, "gv.5a") is not None, "what was not known before is looked for again"


@pytest.mark.parametrize("account", ["gv.5a", "vanthu"])
def test_who_does_not_manage_accounts_reads_none(desk_as: DeskAs, account: str) -> None:
    with pytest.raises(NotAllowed):
        everybody(desk_as(account))
    with pytest.raises(NotAllowed):
        person_card(desk_as(account), account)
