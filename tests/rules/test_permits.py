"""The table of permissions, in the words of the regulation."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hocba_tui.model.curriculum import SUBJECTS, TRAITS, TraitGroup
from hocba_tui.model.results import (
    COMMENT,
    LEVEL,
    PROMOTED,
    PROMOTED_BY,
    PROMOTED_ON,
    REASSESSMENTS,
    SCORE,
    YEAR,
    YEAR_CELLS,
    Cell,
    attempts_cell,
    homeroom_comment,
    is_companion,
)
from hocba_tui.model.school import ClassRoom, Staff
from hocba_tui.model.values import Period, Role
from hocba_tui.rules.permits import (
    BY_DUTY,
    NOT_BY_ADMINISTRATORS,
    PERMITS,
    WHO,
    Act,
    Relation,
    act_for_cell,
    may,
    may_enter,
)
from tests.support.columns import COLUMNS
from tests.support.table import table

ROOM = ClassRoom(key="5A", grade=5, homeroom="gv.5a", teachers={"NN1": "gv.anh", "TIN": "gv.tin"})
OTHER = ClassRoom(key="5B", grade=5, homeroom="gv.5b", teachers={"TIN": "gv.tin"})
END = Period.END_YEAR

SUBJECT_CELLS = [Cell(END, code, aspect) for code in SUBJECTS for aspect in (LEVEL, SCORE, COMMENT)]
HOMEROOM_CELLS = [
    *(Cell(END, code, LEVEL) for code in TRAITS),
    *(Cell(END, group, COMMENT) for group in TraitGroup),
    homeroom_comment(END),
    *(cell for cell in YEAR_CELLS if cell != PROMOTED),
]
EVERY_CELL = [*SUBJECT_CELLS, *HOMEROOM_CELLS, PROMOTED]
ENTERING = (Act.ENTER_SUBJECT, Act.ENTER_HOMEROOM, Act.DECIDE_PROMOTION)
WATCHERS = (Role.ADMINISTRATOR, Role.OBSERVER, Role.GROUP_HEAD, Role.WORKING_GROUP)

TEACHER = Staff("gv.5a", roles=("teacher",))
ENGLISH = Staff("gv.anh", roles=("teacher",))
STRANGER = Staff("gv.la", roles=("teacher",))


ENTERED_BY_MANY = [Staff("gv.5a", roles=(role.value, "administrator")) for role in Role]


@table("person", ENTERED_BY_MANY)
def test_an_administrator_touches_no_result_whatever_else_the_account_is(person: Staff) -> None:
    """QĐ 1789 Điều 5.3c: also who is the class's homeroom teacher, a subject's teacher, or principal as well."""
    for cell in EVERY_CELL:
        assert not may_enter(person, ROOM, cell).allowed
    for act in NOT_BY_ADMINISTRATORS:
        permission = may(person, act, replace(ROOM, teachers={"NN1": person.key}), "NN1")
        assert not permission.allowed
        assert "QĐ 1789" in permission.reason


def holder(*roles: Role, account: str = "someone") -> Staff:
    return Staff(account, roles=tuple(role.value for role in roles))


@table("role", WATCHERS)
@table("cell", EVERY_CELL)
def test_administrator_and_observer_change_no_result(role: Role, cell: Cell) -> None:
    assert not may_enter(holder(role), ROOM, cell).allowed


@pytest.mark.parametrize("act", [*ENTERING, Act.SUBMIT, Act.APPROVE, Act.RETURN, Act.ISSUE, Act.SEND])
def test_administrator_and_observer_stand_in_no_row_of_results_and_signatures(act: Act) -> None:
    assert not PERMITS[act] & set(WATCHERS)


FIRST, LAST = date(2025, 9, 5), date(2026, 5, 31)


def on_duty(role: Role, grades: tuple[int, ...] = (), subjects: tuple[str, ...] = ()) -> Staff:
    return Staff("someone", posts=((role.value, FIRST.isoformat(), LAST.isoformat(), "1/QĐ", grades, subjects),))


def done(person: Staff, room: ClassRoom | None, on: date | None) -> list[Act]:
    return [act for act in Act if may(person, act, room, on=on).allowed]


@table(
    ("person", "rooms"),
    [
        (on_duty(Role.WORKING_GROUP), {"2B", "4A", "5A"}),
        (on_duty(Role.GROUP_HEAD, (5,)), {"5A"}),
        (on_duty(Role.GROUP_HEAD, (4, 5)), {"4A", "5A"}),
        (on_duty(Role.GROUP_HEAD, (3,)), {"2B"}),  # A combined class of the grades 2 and 3.
        (on_duty(Role.GROUP_HEAD, (), ("KH",)), {"4A", "5A"}),
        (on_duty(Role.GROUP_HEAD, (4,), ("KH", "LSDL")), {"4A"}),
        (on_duty(Role.GROUP_HEAD, (2, 3), ("KH",)), set()),
        (on_duty(Role.GROUP_HEAD, (), ("TDT",)), {"4A"}),  # Optional: only where the class has chosen it.
        (on_duty(Role.GROUP_HEAD), set()),  # The head of no group.
    ],
)
def test_a_duty_is_reading_and_checking_in_its_classes_between_its_days(person: Staff, rooms: set[str]) -> None:
    every = (
        ClassRoom("2B", grade=2, combined=(3,)),
        ClassRoom("4A", grade=4, optional=("TDT",)),
        ClassRoom("5A", grade=5, homeroom="gv.5a"),
    )
    for room in every:
        expected = [Act.VIEW_CLASS, Act.VERIFY] if room.key in rooms else [Act.VERIFY]
        assert done(person, room, FIRST) == done(person, room, LAST) == expected, room.key
        for day in (FIRST - timedelta(days=1), LAST + timedelta(days=1), None):
            assert done(person, room, day) == [], (room.key, day)
        assert done(replace(person, left="2026-01-01"), room, LAST) == []
        assert not any(may_enter(person, room, cell).allowed for cell in EVERY_CELL)


def test_the_head_of_a_group_of_subjects_reads_those() -> None:
    head = on_duty(Role.GROUP_HEAD, (), ("TIN",))
    assert may(head, Act.VIEW_CLASS, ROOM, "TIN", LAST).allowed
    assert not may(head, Act.VIEW_CLASS, ROOM, "TOAN", LAST).allowed
    assert not may(head, Act.VIEW_CLASS, None, "", LAST).allowed


@pytest.mark.parametrize("role", sorted(BY_DUTY))
def test_such_a_role_of_a_store_from_before_means_every_class_and_no_end(role: Role) -> None:
    assert done(holder(role), ROOM, None) == done(holder(role), OTHER, date(2099, 1, 1)) == [Act.VIEW_CLASS, Act.VERIFY]
    assert not any(may_enter(holder(role), ROOM, cell).allowed for cell in EVERY_CELL)


def test_observer_only_looks() -> None:
    assert [act for act in Act if may(holder(Role.OBSERVER), act, ROOM).allowed] == [Act.VIEW_CLASS]


@table(
    ("act", "who"),
    [
        (Act.ENTER_SUBJECT, {Relation.SUBJECT}),
        (Act.ENTER_HOMEROOM, {Relation.HOMEROOM}),
        (Act.DECIDE_PROMOTION, {Role.PRINCIPAL, Role.DEPUTY}),
        (Act.SUBMIT, {Relation.HOMEROOM}),
        (Act.APPROVE, {Role.PRINCIPAL, Role.DEPUTY}),
        (Act.RETURN, {Role.PRINCIPAL, Role.DEPUTY}),
        (Act.OPEN_ROUND, {Role.PRINCIPAL, Role.DEPUTY}),
        (Act.OPEN_PERIOD, {Role.PRINCIPAL, Role.DEPUTY}),
        (Act.BRING_EARLIER, {Role.PRINCIPAL, Role.DEPUTY}),
        (Act.ISSUE, {Role.CLERK}),
        (Act.ASSIGN, {Role.PRINCIPAL, Role.DEPUTY}),
        (Act.ADMIT_BY_KEY, {Role.PRINCIPAL, Role.DEPUTY}),
        (Act.MANAGE_STAFF, {Role.PRINCIPAL, Role.DEPUTY, Role.ADMINISTRATOR}),
        (Act.REPORT, {Relation.HOMEROOM, Role.PRINCIPAL, Role.DEPUTY, Role.CLERK}),
    ],
)
def test_rows_of_the_table(act: Act, who: set[Role | Relation]) -> None:
    assert PERMITS[act] == who


def test_every_act_has_a_row_and_somebody_who_may_do_it() -> None:
    assert set(PERMITS) == set(WHO) == set(Act)
    assert all(PERMITS.values())
    assert all(WHO.values())


@pytest.mark.parametrize("role", Role)
def test_no_role_alone_submits(role: Role) -> None:
    assert not may(holder(role), Act.SUBMIT, ROOM).allowed


def test_only_the_homeroom_teacher_submits_and_only_the_own_class() -> None:
    assert may(TEACHER, Act.SUBMIT, ROOM).allowed
    assert not may(TEACHER, Act.SUBMIT, OTHER).allowed
    assert not may(ENGLISH, Act.SUBMIT, ROOM).allowed
    assert not may(TEACHER, Act.SUBMIT).allowed


@table("cell", EVERY_CELL)
def test_subject_teacher_changes_only_the_own_subject(cell: Cell) -> None:
    assert may_enter(ENGLISH, ROOM, cell).allowed == (cell.item == "NN1")
    assert not may_enter(ENGLISH, OTHER, cell).allowed


@table("cell", EVERY_CELL)
def test_homeroom_teacher_changes_what_nobody_else_teaches(cell: Cell) -> None:
    assert may_enter(TEACHER, ROOM, cell).allowed == (cell.item not in ("NN1", "TIN") and cell != PROMOTED)


@table("role", [Role.PRINCIPAL, Role.DEPUTY, Role.CLERK])
@table("cell", EVERY_CELL)
def test_school_management_changes_nothing_but_promotion(role: Role, cell: Cell) -> None:
    expected = cell == PROMOTED and role is not Role.CLERK
    assert may_enter(holder(role), ROOM, cell).allowed == expected


def test_a_subject_whose_teacher_is_nobody_is_the_homeroom_teachers() -> None:
    room = replace(ROOM, teachers={"NN1": ""})
    assert may_enter(TEACHER, room, Cell(END, "NN1", LEVEL)).allowed
    assert not may_enter(ENGLISH, room, Cell(END, "NN1", LEVEL)).allowed


def test_principal_who_teaches_enters_the_own_subject() -> None:
    principal = holder(Role.PRINCIPAL, account="gv.tin")
    assert may_enter(principal, ROOM, Cell(END, "TIN", LEVEL)).allowed
    assert not may_enter(principal, ROOM, Cell(END, "TOAN", LEVEL)).allowed


@table("act", Act)
def test_teacher_of_another_class_may_do_nothing_here(act: Act) -> None:
    assert not may(STRANGER, act, ROOM).allowed


@pytest.mark.parametrize("role", Role)
def test_principal_approves_and_clerk_issues(role: Role) -> None:
    assert may(holder(role), Act.APPROVE, ROOM).allowed == (role in (Role.PRINCIPAL, Role.DEPUTY))
    assert may(holder(role), Act.ISSUE, ROOM).allowed == (role is Role.CLERK)


@given(st.sets(st.sampled_from(Role)), st.sampled_from(["gv.5a", "gv.tin", "x"]))
def test_who_has_left_may_do_nothing(roles: set[Role], account: str) -> None:
    gone = replace(holder(*roles, account=account), left="2026-01-01")
    assert [act for act in Act if may(gone, act, ROOM).allowed] == []
    assert [act for act in Act if "rời trường" not in may(gone, act).reason] == []


def test_refusal_says_who_may() -> None:
    refused = may(holder(Role.CLERK), Act.APPROVE, ROOM)
    assert WHO[Act.APPROVE] in refused.reason
    assert may(holder(Role.PRINCIPAL), Act.APPROVE, ROOM).reason == ""


@pytest.mark.parametrize("period", Period)
def test_each_cell_belongs_to_one_act(period: Period) -> None:
    assert act_for_cell(PROMOTED) is Act.DECIDE_PROMOTION
    assert {act_for_cell(cell._replace(period=period)) for cell in SUBJECT_CELLS} == {Act.ENTER_SUBJECT}
    assert {act_for_cell(cell) for cell in HOMEROOM_CELLS} == {Act.ENTER_HOMEROOM}


def test_what_goes_along_with_a_cell_belongs_to_who_may_change_that_cell() -> None:
    assert act_for_cell(PROMOTED_BY) is act_for_cell(PROMOTED_ON) is Act.DECIDE_PROMOTION
    assert act_for_cell(attempts_cell(END, "TOAN")) is Act.ENTER_SUBJECT
    assert act_for_cell(REASSESSMENTS) is Act.ENTER_SUBJECT
    assert all(map(is_companion, (PROMOTED_BY, PROMOTED_ON, REASSESSMENTS, attempts_cell(END, "TOAN"))))
    assert not any(map(is_companion, EVERY_CELL))
    assert may_enter(ENGLISH, ROOM, REASSESSMENTS).allowed
    assert not may_enter(STRANGER, ROOM, REASSESSMENTS).allowed


@given(
    st.sampled_from(["gv.5a", "gv.anh", "gv.tin", "x"]),
    st.sets(st.sampled_from(Role)),
    st.sampled_from(Act),
    st.sampled_from(["", *SUBJECTS]),
)
def test_another_role_takes_a_permit_away_from_administrators_only(
    account: str, roles: set[Role], act: Act, subject: str
) -> None:
    excluded = act in NOT_BY_ADMINISTRATORS and Role.ADMINISTRATOR in roles
    if may(holder(account=account), act, ROOM, subject).allowed and not excluded:
        assert may(holder(*roles, account=account), act, ROOM, subject).allowed


def test_the_table_for_people_is_the_table_of_the_program() -> None:
    text = (Path(__file__).parents[2] / "docs" / "quyen.md").read_text(encoding="utf-8")
    lines = [line for line in text.partition("\n## ")[0].splitlines() if line.startswith("|")]
    head, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert head == ["Việc", "Mã", *COLUMNS]
    written = {
        row[1].strip("`"): {COLUMNS[name] for name, mark in zip(head[2:], row[2:], strict=True) if mark == "x"}
        for row in rows
    }
    assert [row[1].strip("`") for row in rows] == [act.value for act in Act]
    assert written == {act.value: set(who) for act, who in PERMITS.items()}
    assert all(row[0] for row in rows)


def test_no_act_of_the_administrator_is_a_result() -> None:
    assert {act for act in Act if Role.ADMINISTRATOR in PERMITS[act]} == {
        Act.VIEW_CLASS, Act.IMPORT_PUPILS, Act.SET_SCHOOL, Act.LOOK_AFTER, Act.MANAGE_STAFF,
        Act.MANAGE_CLASSES, Act.READ_LOGINS,
    }  # fmt: skip
    assert {act_for_cell(cell) for cell in EVERY_CELL} == set(ENTERING)
    assert not {act for act in NOT_BY_ADMINISTRATORS if Role.ADMINISTRATOR in PERMITS[act]}


@given(
    st.sampled_from(EVERY_CELL), st.sampled_from(Period), st.sets(st.sampled_from([Role.ADMINISTRATOR, Role.OBSERVER]))
)
def test_administrator_changes_no_result_of_any_period(cell: Cell, period: Period, roles: set[Role]) -> None:
    of_period = cell if cell.period == YEAR else cell._replace(period=period)
    assert not may_enter(holder(Role.ADMINISTRATOR, *roles), ROOM, of_period).allowed


WORDS: dict[Role | Relation, tuple[str, ...]] = {
    Relation.HOMEROOM: ("chủ nhiệm", "giáo viên của lớp"),
    Relation.SUBJECT: ("dạy môn", "giáo viên của lớp"),
    Role.PRINCIPAL: ("hiệu trưởng hoặc", "ban giám hiệu"),
    Role.DEPUTY: ("phó hiệu trưởng", "ban giám hiệu"),
    Role.CLERK: ("văn thư",),
    Role.ADMINISTRATOR: ("quản trị",),
    Role.GROUP_HEAD: ("tổ trưởng chuyên môn",),
    Role.WORKING_GROUP: ("tổ công tác",),
    Role.OBSERVER: ("người xem",),
}


@table("act", Act)
def test_who_may_is_told_as_the_table_has_it(act: Act) -> None:
    assert {who for who, words in WORDS.items() if any(word in WHO[act] for word in words)} == PERMITS[act]
