"""Every way by which a trusted role, or the login of who holds one, could come without the second person."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

import pytest

import hocba_tui
from hocba_tui.errors import NotAllowed, Refused
from hocba_tui.flow.desk import STAFF, Desk
from hocba_tui.flow.importing import RowKind
from hocba_tui.flow.people.leaving import Move, move
from hocba_tui.flow.school import staff_import
from hocba_tui.flow.school.accounts import save_account
from hocba_tui.flow.school.classes import save_class
from hocba_tui.flow.school.confirming import confirm
from hocba_tui.flow.school.import_undo import undo_import
from hocba_tui.flow.school.settings import LABELS, change_settings
from hocba_tui.store.backend import Edit
from tests.conftest import DeskAs
from tests.support.table import table

HEADER = "Họ tên\tEmail\tTrạng thái CB\tVị trí việc làm\tNhóm chức vụ\tMôn dạy\tSố định danh\tGiới tính\n"
TRUSTED = ["principal", "deputy", "clerk", "administrator"]
HOLDERS = ["phohieutruong", "vanthu", "admin"]

WRITERS = {
    "flow/records/register_certificate.py": "the certificate alone",
    "flow/school/accounts.py": "what takes two people is proposed",
    "flow/school/assigning.py": "expects the person, changes the class",
    "flow/school/confirming.py": "the second person",
    "flow/school/duties.py": "roles by duty, which are not trusted",
    "flow/school/founding.py": "the machine, a new store",
    "flow/school/import_undo.py": "refuses what takes two people",
    "flow/school/recovering.py": "the machine, by a decision",
    "flow/school/staff_import.py": "gives none of them, refuses what takes two people",
    "flow/people/card.py": "reads",
    "flow/school/doctor.py": "reads",
    "flow/people/leaving.py": "gives none of them back, refuses what takes two people",
    "flow/registrations.py": "reads",
    "flow/activity/failed.py": "reads",
    "flow/activity/searching.py": "reads journals",
    "flow/activity/telling.py": "reads journals",
    "flow/school/logins.py": "reads; gives by save_account",
    "flow/school/login_requests.py": "reads; gives a login by save_account",
    "flow/school/ssh_keys.py": "reads",
    "flow/opening.py": "reads",
    "flow/open_school.py": "reads",
    "demo/school.py": "the machine, a new store for training",
    "cli/files/intake.py": "the name of a command",
    "screens/school/intake_kinds.py": "the name of a kind of file",
    "screens/people/staff.py": "the name of a page, and of a kind of file",
    **dict.fromkeys(
        (
            "flow/reports/home_tasks.py",
            "screens/acts/people.py",
            "screens/actions.py",
            "screens/names.py",
            "screens/permitted.py",
        ),
        "the name of a page",
    ),
}
"""Who names the table of the staff, and why no trusted role comes that way; a new one is put here, and tested."""


def test_nobody_else_names_the_table_of_the_staff() -> None:
    home = Path(hocba_tui.__file__).parent
    found = set()
    for path in home.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            named = node.id == "STAFF" if isinstance(node, ast.Name) else False
            if named or (isinstance(node, ast.Constant) and node.value == "staff"):
                found.add(str(path.relative_to(home)))
    assert found == set(WRITERS)


def listed(desk: Desk, key: str, status: str, number: str | None = None) -> staff_import.StaffPreview:
    person = desk.staff(key)
    row = [person.name, "", status, "Nhân viên", "", "", person.personal_id if number is None else number, ""]
    return staff_import.preview(desk, HEADER + "\t".join(row) + "\n", accept_offers=True)


def bring_in(desk: Desk, key: str, status: str) -> staff_import.StaffPreview:
    found = listed(desk, key, status)
    staff_import.apply(desk, found)
    return found


def set_up(desk_as: DeskAs, key: str, **fields: object) -> None:
    held = desk_as("admin").school_shard.document(STAFF, key)
    edits = [Edit(STAFF, key, name, held.get(name), value) for name, value in fields.items()]
    desk_as("admin").school_shard.change("test", "test", edits)


@pytest.fixture
def second_admin(desk_as: DeskAs) -> str:
    """Another administrator, so that the first one can be changed."""
    set_up(desk_as, "gv.4a", roles=["administrator"])
    return "gv.4a"


@pytest.mark.parametrize("key", ["vanthu", "admin"])
def test_undoing_the_departure_of_a_trusted_person_takes_two(desk_as: DeskAs, second_admin: str, key: str) -> None:
    bring_in(desk_as(second_admin), key, "Nghỉ hưu")
    assert desk_as("hieutruong").staff(key).left
    with pytest.raises(Refused, match="hai người"):
        undo_import(desk_as(second_admin))
    assert desk_as("hieutruong").staff(key).left


@pytest.mark.parametrize("role", TRUSTED)
def test_no_role_waits_on_the_account_of_who_left_for_an_undo(desk_as: DeskAs, role: str) -> None:
    """One person marks somebody as gone, gives that account the role and a login, and undoes the file."""
    bring_in(desk_as("admin"), "gv.5a", "Nghỉ hưu")
    for typed in ({"roles": ["teacher", role]}, {"system_user": "mine"}):
        with pytest.raises(Refused, match="rời trường"):
            save_account(desk_as("admin"), "gv.5a", typed)
    set_up(desk_as, "gv.5a", roles=["teacher", role])  # As a store from before may hold it.
    with pytest.raises(Refused, match="hai người"):
        undo_import(desk_as("admin"))
    back = bring_in(desk_as("admin"), "gv.5a", "Đang làm việc")
    assert back.lines[0].kind is RowKind.CHANGED
    assert desk_as("gv.5a").actor.roles == ("teacher",)


def test_the_login_of_who_left_can_be_taken_away(desk_as: DeskAs) -> None:
    set_up(desk_as, "gv.5a", left="2026-01-01", system_user="hoa", roles=["teacher", "clerk"])
    assert save_account(desk_as("admin"), "gv.5a", {"system_user": "", "roles": ["teacher"]}).waiting == ()
    assert (desk_as("admin").staff("gv.5a").system_user, desk_as("admin").staff("gv.5a").roles) == ("", ("teacher",))


@table("account", ["admin", "hieutruong"])
def test_no_file_makes_a_head_leave(desk_as: DeskAs, account: str) -> None:
    """It would take a head's role away by one person, and open the way of the machine."""
    found = bring_in(desk_as(account), "phohieutruong", "Nghỉ hưu")
    assert "IN-STAFF-HEAD" in {finding.code for finding in found.findings}
    assert not desk_as("admin").staff("phohieutruong").left


@pytest.mark.parametrize("key", ["phohieutruong", "vanthu", "admin"])
def test_a_file_brings_nobody_back_with_it_and_undoing_that_gives_it_to_nobody(
    desk_as: DeskAs, second_admin: str, key: str
) -> None:
    set_up(desk_as, key, left="2026-01-01", system_user="old")
    bring_in(desk_as(second_admin), key, "Đang làm việc")
    assert not set(desk_as("hieutruong").staff(key).roles) & set(TRUSTED)
    undo_import(desk_as(second_admin))
    assert desk_as("hieutruong").staff(key).left


@pytest.mark.parametrize("key", ["vanthu", "admin"])
def test_who_is_let_go_and_taken_back_by_one_person_has_no_such_role(
    desk_as: DeskAs, second_admin: str, key: str
) -> None:
    move(desk_as(second_admin), key, Move.LEAVE, "01/06/2026")
    move(desk_as(second_admin), key, Move.RETURN)
    assert not set(desk_as("hieutruong").staff(key).roles) & set(TRUSTED)
    with pytest.raises(Refused, match="hai người"):
        move(desk_as(second_admin), "phohieutruong", Move.LEAVE, "01/06/2026")


@pytest.mark.parametrize("key", ["vanthu", "admin"])
def test_who_is_switched_off_is_switched_on_by_a_head(desk_as: DeskAs, second_admin: str, key: str) -> None:
    move(desk_as(second_admin), key, Move.OFF, "nghi lộ mật khẩu")
    with pytest.raises(NotAllowed):
        move(desk_as(second_admin), key, Move.ON)
    move(desk_as("phohieutruong"), key, Move.ON)
    assert not desk_as("hieutruong").staff(key).closed
    with pytest.raises(Refused, match="hai người"):
        move(desk_as(second_admin), "phohieutruong", Move.OFF, "x")


def test_who_is_switched_off_is_no_second_person(desk_as: DeskAs) -> None:
    save_account(desk_as("hieutruong"), "gv.5a", {"roles": ["teacher", "clerk"]})
    session = desk_as("gv.5a")
    move(desk_as("admin"), "gv.5a", Move.OFF, "x")
    with pytest.raises(NotAllowed):
        confirm(session, "gv.5a")
    assert "clerk" not in desk_as("admin").staff("gv.5a").roles


@pytest.mark.parametrize("typed", [{"roles": ["clerk"]}, {"system_user": "ha"}])
def test_a_new_account_that_has_been_given_more_is_not_taken_back(desk_as: DeskAs, typed: dict[str, object]) -> None:
    row = "Phạm Thị Mới\t\tĐang làm việc\tBảo vệ\tNhân viên\t\t\tNữ\n"
    found = staff_import.preview(desk_as("admin"), HEADER + row)
    staff_import.apply(desk_as("admin"), found)
    key = found.lines[0].person.key
    if save_account(desk_as("admin"), key, typed).waiting:
        confirm(desk_as("hieutruong"), key)
    with pytest.raises(Refused, match="đã được cấp"):
        undo_import(desk_as("admin"))
    assert desk_as("admin").staff(key).name


def test_an_undo_that_gives_nothing_goes_on(desk_as: DeskAs) -> None:
    bring_in(desk_as("admin"), "gv.5a", "Nghỉ hưu")
    undo_import(desk_as("admin"))
    assert not desk_as("admin").staff("gv.5a").left


def test_who_confirms_for_somebody_who_has_left_meanwhile_gives_nothing(desk_as: DeskAs) -> None:
    save_account(desk_as("admin"), "gv.4a", {"roles": ["deputy"]})
    set_up(desk_as, "gv.4a", left="2026-01-01")
    with pytest.raises(Refused, match="rời trường"):
        confirm(desk_as("hieutruong"), "gv.4a")
    assert desk_as("admin").staff("gv.4a").roles == ("teacher",)


@table("account", ["admin", "vanthu", "hieutruong"])
@table("name", ["homeroom", "teachers", "duties", "year", "roles"])
def test_saving_a_class_assigns_nobody(desk_as: DeskAs, account: str, name: str) -> None:
    before = desk_as("admin").classroom("5A")
    with pytest.raises(Refused, match="không có mục"):
        save_class(desk_as(account), "5A", {name: "gv.4a"})
    assert desk_as("admin").classroom("5A") == before


@table("name", ["training", "today", "open_periods", "seal_certificate", "windows", "former_codes"])
def test_no_setting_opens_the_store_to_everybody(desk_as: DeskAs, name: str) -> None:
    assert name not in LABELS
    with pytest.raises(Refused, match="không có mục"):
        change_settings(desk_as("hieutruong"), {name: "có"})


def test_one_login_opens_no_two_accounts(desk_as: DeskAs) -> None:
    set_up(desk_as, "gv.4a", system_user="lan")
    verbs: list[Callable[[], object]] = [
        lambda: save_account(desk_as("admin"), "gv.5a", {"system_user": "lan"}),
        lambda: save_account(desk_as("admin"), "vanthu", {"system_user": "lan"}),
    ]
    for verb in verbs:
        with pytest.raises(Refused, match="đã gắn"):
            verb()
    save_account(desk_as("hieutruong"), "vanthu", {"system_user": "ha"})
    set_up(desk_as, "gv.5a", system_user="ha")
    with pytest.raises(Refused, match="đã gắn"):
        confirm(desk_as("vanthu"), "vanthu")


@table("account", [*HOLDERS, "hieutruong"])
def test_nobody_changes_their_own_roles_or_login_alone(desk_as: DeskAs, account: str) -> None:
    for typed in ({"roles": [*TRUSTED]}, {"system_user": "other"}):
        try:
            save_account(desk_as(account), account, typed)
        except (Refused, NotAllowed):
            continue
        assert desk_as("admin").staff(account).system_user == ""
        with pytest.raises(NotAllowed):
            confirm(desk_as(account), account)
