"""Of two people at one account or one assignment the first wins, and the second is told who did what."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from hocba_tui.errors import Conflict, Refused
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.school.accounts import look_at_change, save_account
from hocba_tui.flow.school.assigning import assign, look_at_assignment
from hocba_tui.flow.school.duties import TypedDuty, end_duty, give_duty, look_at_duty, look_at_end
from hocba_tui.model.school import Staff
from tests.conftest import DeskAs
from tests.support.eight import demo, made_store  # noqa: F401 - fixtures: how many pupils there are shows nothing here

WHO = "gv.2a"
DUTY = TypedDuty("working_group", "5/9", "31/8/2026", "1/QĐ")
Act = Callable[[Desk, Staff], object]
ACTS: Mapping[str, tuple[Act, Act]] = {
    "name": (
        lambda d, _: save_account(d, WHO, {"name": "Lò Thị Một"}),
        lambda d, seen: save_account(d, WHO, {"name": "Lò Thị Hai"}, seen),
    ),
    "roles": (
        lambda d, _: save_account(d, WHO, {"roles": ["teacher", "observer"]}),
        lambda d, seen: save_account(d, WHO, {"roles": ["observer"]}, seen),
    ),
    "login": (
        lambda d, _: save_account(d, WHO, {"system_user": "mot"}),
        lambda d, seen: save_account(d, WHO, {"system_user": "hai"}, seen),
    ),
    "duty": (lambda d, _: give_duty(d, WHO, DUTY), lambda d, seen: give_duty(d, WHO, DUTY, seen)),
    "end of a duty": (
        lambda d, _: give_duty(d, WHO, DUTY),
        lambda d, seen: end_duty(d, WHO, "working_group", "", seen),
    ),
    "assignment": (
        lambda d, _: assign(d, "5A", "TIN", "gv.4a", "1/6"),
        lambda d, _: assign(d, "5A", "TIN", "gv.3a", "1/6", "gv.tin"),
    ),
}


@pytest.mark.parametrize("name", ACTS)
def test_the_second_is_told_and_nothing_is_written_over(desk_as: DeskAs, name: str) -> None:
    first, second = ACTS[name]
    assert desk_as("admin").classroom("5A").teacher_of("TIN") == "gv.tin"
    seen = desk_as("phohieutruong").staff(WHO)
    first(desk_as("hieutruong"), seen)
    desk = desk_as("phohieutruong")
    before = desk.school_shard.seq
    with pytest.raises(Conflict) as told:
        second(desk, seen)
    assert told.value.what.startswith(f"{desk.staff('hieutruong').name} vừa đổi ")
    assert told.value.safe == "Chưa ghi gì đè lên."
    assert desk_as("admin").school_shard.seq == before


def test_who_changes_something_else_is_not_kept_from_it(desk_as: DeskAs) -> None:
    seen = desk_as("admin").staff(WHO)
    save_account(desk_as("hieutruong"), WHO, {"name": "Lò Thị Một"})
    save_account(desk_as("admin"), WHO, {"email": "hai@truong.vn"}, seen)
    assert desk_as("admin").staff(WHO).name == "Lò Thị Một"


def test_looking_says_what_would_be_and_writes_nothing(desk_as: DeskAs) -> None:
    desk = desk_as("hieutruong")
    before = desk.school_shard.seq
    saved = look_at_change(desk, WHO, {"roles": ["teacher", "clerk"], "title": "Văn thư"})
    assert (saved.waiting, saved.person.roles, saved.person.title) == (("roles",), ("teacher",), "Văn thư")
    assert look_at_duty(desk, WHO, DUTY).since == "2025-09-05"
    (change,) = look_at_assignment(desk, {"5A": None}, "TIN", "gv.4a", "12/1")
    assert change.before is not None
    assert (change.before.key, change.after.key, change.since) == ("gv.tin", "gv.4a", "2026-01-12")
    with pytest.raises(Refused, match="không có gì để đổi"):
        look_at_end(desk, WHO, "working_group")
    assert desk.school_shard.seq == before
