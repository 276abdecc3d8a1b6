"""Who teaches what in a class, with replacements during the year."""

from __future__ import annotations

import pytest

from hocba_tui.errors import Conflict, NotAllowed, Refused
from hocba_tui.flow import desk as desks
from hocba_tui.flow.desk import CLASSES, RECORDS, STAFF, OpenSchool
from hocba_tui.flow.school import assigning
from hocba_tui.flow.school.assigning import HOMEROOM, assign, assign_in, duties_of, may_teach
from hocba_tui.model.school import Staff
from hocba_tui.rules.permits import Act, may
from hocba_tui.store.backend import Edit
from tests.conftest import DeskAs


def test_replacement_is_written_and_who_had_it_before_is_kept(desk_as: DeskAs) -> None:
    before = desk_as("hieutruong").classroom("5A")
    room = assign(desk_as("hieutruong"), "5A", "tin", "gv.4a", "12/01/2026")
    assert room.teachers == {**before.teachers, "TIN": "gv.4a"}
    assert [tuple(duty) for duty in room.duties] == [
        ("TIN", before.teachers["TIN"], "2025-09-05"),
        ("TIN", "gv.4a", "2026-01-12"),
    ]
    again = assign(desk_as("hieutruong"), "5A", "TIN", before.teachers["TIN"], "12/01/2026")
    assert again.teachers == before.teachers
    assert len(again.duties) == 3
    assert desk_as("hieutruong").classroom("5A") == again


def test_who_is_assigned_enters_and_who_was_does_not(desk_as: DeskAs) -> None:
    old = desk_as("hieutruong").classroom("5A").teacher_of("TIN")
    room = assign(desk_as("hieutruong"), "5A", "TIN", "gv.4a", "12/01/2026")
    assert may(desk_as("gv.4a").actor, Act.ENTER_SUBJECT, room, "TIN").allowed
    assert not may(desk_as(old).actor, Act.ENTER_SUBJECT, room, "TIN").allowed


def test_homeroom_changes_and_with_it_the_subjects_of_nobody_else(desk_as: DeskAs) -> None:
    room = assign(desk_as("phohieutruong"), "5A", HOMEROOM, "gv.4a", "12/01/2026")
    assert (room.homeroom, room.teacher_of("TOAN")) == ("gv.4a", "gv.4a")
    assert may(desk_as("gv.4a").actor, Act.SUBMIT, room).allowed
    assert not may(desk_as("gv.5a").actor, Act.SUBMIT, room).allowed


def test_subject_back_to_the_homeroom_teacher_follows_the_homeroom_again(desk_as: DeskAs) -> None:
    desk = desk_as("hieutruong")
    assert "TIN" not in assign(desk, "5A", "TIN", "gv.5a", "12/01/2026").teachers
    assert assign(desk, "5A", HOMEROOM, "gv.4a", "13/01/2026").teacher_of("TIN") == "gv.4a"


@pytest.mark.parametrize(
    ("what", "account", "since"),
    [
        ("XX", "gv.4a", "12/01/2026"),
        ("TNXH", "gv.4a", "12/01/2026"),
        ("TIN", "gv.khongco", "12/01/2026"),
        ("TIN", "gv.gone", "12/01/2026"),
        ("TIN", "admin", "12/01/2026"),
        ("TIN", "vanthu", "12/01/2026"),
        ("TIN", "gv.tin", "12/01/2026"),
        ("TIN", "gv.4a", "11/06/2026"),
        ("TIN", "gv.4a", "46000"),
        ("TIN", "gv.4a", ""),
        ("TIN", "gv.4a", "14/11/2025"),
    ],
)
def test_what_cannot_be_is_refused(desk_as: DeskAs, what: str, account: str, since: str) -> None:
    desk = desk_as("hieutruong")
    gone = Staff("gv.gone", "Người Đã Đi", roles=("teacher",), left="2026-01-01")
    facts = [Edit(STAFF, gone.key, "name", None, gone.name), Edit(STAFF, gone.key, "roles", None, ["teacher"]),
             Edit(STAFF, gone.key, "left", None, gone.left)]  # fmt: skip
    desk.school_shard.change("test", "test", facts)
    if desk.classroom("5A").teacher_of("TIN") != "gv.tin":
        assign(desk, "5A", "TIN", "gv.tin", "15/11/2025")
    else:
        assign(desk, "5A", "TIN", "gv.tin2" if desk.staff("gv.tin2").name else "gv.3a", "10/11/2025")
        assign(desk, "5A", "TIN", "gv.tin", "15/11/2025")
    before = desk.classroom("5A")
    with pytest.raises(Refused):
        assign(desk, "5A", what, account, since)
    assert desk_as("hieutruong").classroom("5A") == before


@pytest.mark.parametrize("account", ["gv.5a", "vanthu", "admin"])
def test_only_principal_and_deputy_assign(desk_as: DeskAs, account: str) -> None:
    with pytest.raises(NotAllowed):
        assign(desk_as(account), "5A", "TIN", "gv.4a", "12/01/2026")


def test_unknown_class_is_refused(desk_as: DeskAs) -> None:
    with pytest.raises(Refused):
        assign(desk_as("hieutruong"), "9Z", "TIN", "gv.4a", "12/01/2026")


@pytest.mark.parametrize("edit", [Edit(STAFF, "gv.4a", "left", None, "2026-06-01"), Edit(CLASSES, "5A", "x", None, 1)])
def test_change_in_between_is_a_conflict(desk_as: DeskAs, monkeypatch: pytest.MonkeyPatch, edit: Edit) -> None:
    desk = desk_as("hieutruong")
    real = desks.past_day

    def late(at: OpenSchool, typed: str) -> str:
        desk_as("admin").school_shard.change("admin", "test", [edit])
        return real(at, typed)

    monkeypatch.setattr(assigning, "past_day", late)
    with pytest.raises(Conflict):
        assign(desk, "5A", "TIN", "gv.4a", "12/01/2026")
    assert desk_as("hieutruong").classroom("5A").teacher_of("TIN") != "gv.4a"


def test_several_classes_are_one_change_all_or_none(desk_as: DeskAs) -> None:
    desk = desk_as("hieutruong")
    rooms = {room.key: room.teacher_of("AN") for room in desk.classrooms()}
    assign(desk, "3A", "AN", "gv.2a", "1/6")
    before = desk.school_shard.seq
    with pytest.raises(Refused, match="lớp 3A"):
        assign_in(desk, dict.fromkeys(rooms), "AN", "gv.4a", "1/3")
    with pytest.raises(Conflict, match="vừa đổi phân công lớp 3A"):
        assign_in(desk, rooms, "AN", "gv.4a", "1/6")
    assert desk.school_shard.seq == before
    changes = assign_in(desk, {"1A": rooms["1A"], "2A": rooms["2A"]}, "an", "gv.4a", "1/6")
    assert [(one.classroom.key, one.after.key, one.since) for one in changes] == [
        ("1A", "gv.4a", "2026-06-01"), ("2A", "gv.4a", "2026-06-01"),
    ]  # fmt: skip
    assert {key for key in rooms if desk.classroom(key).teacher_of("AN") == "gv.4a"} >= {"1A", "2A"}
    assert desk.classroom("3A").teacher_of("AN") == "gv.2a"
    assert desk.school_shard.seq == before + 1


def test_submitted_records_stay_as_they_are(desk_as: DeskAs) -> None:
    desk = desk_as("hieutruong")
    pupil = desk.pupils("5A")[0]
    edits = [Edit(RECORDS, pupil.key, "state", None, "submitted"), Edit(RECORDS, pupil.key, "frozen", None, "0" * 64)]
    desk.class_shard("5A").change("test", "test", edits)
    seq = desk.class_shard("5A").seq
    assign(desk, "5A", HOMEROOM, "gv.4a", "12/01/2026")
    assert desk_as("hieutruong").class_shard("5A").seq == seq


def test_duties_are_the_subjects_of_the_class(desk_as: DeskAs) -> None:
    five = duties_of(desk_as("hieutruong").classroom("5A"))
    assert next(iter(five)) == HOMEROOM
    assert {"TIN", "LSDL"} <= set(five)
    assert "TNXH" not in five


def test_administrator_is_never_a_teacher_of_a_class() -> None:
    # QĐ 1789 Điều 5.3c: who keeps the accounts changes no result.
    assert not may_teach(Staff("a", roles=("teacher", "administrator")))
    assert may_teach(Staff("a", roles=("deputy",)))
    assert not may_teach(Staff("a", roles=("teacher",), left="2026-01-01"))
