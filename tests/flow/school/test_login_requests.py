"""What is asked of the machine for a login: by whom, with whom, and what the person is told of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from hocba_tui.cli.main import main
from hocba_tui.clock import Clock
from hocba_tui.errors import Conflict, NotAllowed, Refused
from hocba_tui.flow.desk import STAFF, Desk
from hocba_tui.flow.reports.home_tasks import tasks
from hocba_tui.flow.requested import Kind, notices, outcomes, requests
from hocba_tui.flow.school.accounts import save_account
from hocba_tui.flow.school.confirming import confirm
from hocba_tui.flow.school.login_requests import (
    ask,
    confirm_request,
    note_outcomes,
    ready,
    saw_notices,
    withdraw_request,
)
from hocba_tui.rules.second_person import DAYS
from hocba_tui.store.backend import Edit
from tests.conftest import DeskAs, Open
from tests.support.table import table
from tests.support.text_of import press_seen, screen_text


@pytest.fixture
def school(desk_as: DeskAs, store_root: Path) -> DeskAs:
    """A school in which a teacher, the clerk and the principal have logins."""
    for key in ("gv.4a", "vanthu", "hieutruong"):
        save_account(desk_as("admin"), key, {"system_user": f"m.{key}"})
    confirm(desk_as("vanthu"), "vanthu")
    confirm(desk_as("hieutruong"), "hieutruong")
    return desk_as


def to_do(desk: Desk) -> list[tuple[str, Kind, str]]:
    return [(found.before.key, found.kind, found.second) for found in ready(desk.root)]


def done(desk: Desk, key: str, kind: Kind, **told: str) -> int:
    at = next((found.at for found in ready(desk.root) if (found.before.key, found.kind) == (key, kind)), "")
    return note_outcomes(desk.root, [{"login": f"m.{key}", "kind": kind.value, "at": at, **told}])


@table("kind", [kind for kind in Kind if kind is not Kind.NO_CODE])
def test_what_is_asked_for_a_teacher_is_done_at_once_and_once(school: DeskAs, kind: Kind) -> None:
    admin = school("admin")
    asked = ask(admin, "gv.4a", kind).request
    assert asked is not None
    assert (asked.by.key, asked.waiting) == ("admin", False)
    assert to_do(admin) == [("gv.4a", kind, "")]
    with pytest.raises(Refused, match="đã yêu cầu"):
        ask(school("hieutruong"), "gv.4a", kind)
    assert done(admin, "gv.4a", kind) == 1
    assert (to_do(admin), requests(admin)) == ([], ())
    assert ("gv.4a", kind, "") in [(one.account.key, one.kind, one.problem) for one in outcomes(admin)]
    assert next(admin.school_shard.latest()).act == "apply_login"


@table("key", ["vanthu", "hieutruong"])
@table("kind", [Kind.PASSWORD, Kind.CODE])
def test_nobody_alone_gets_what_opens_the_account_of_who_is_trusted(school: DeskAs, key: str, kind: Kind) -> None:
    asked = ask(school("admin"), key, kind).request
    assert asked is not None
    assert asked.waiting
    assert to_do(school("admin")) == []
    for other in ("admin", "gv.4a"):
        with pytest.raises(NotAllowed):
            confirm_request(school(other), key, kind)
    confirm_request(school("phohieutruong"), key, kind)
    assert to_do(school("admin")) == [(key, kind, "phohieutruong")]
    entry = next(school("admin").school_shard.latest())
    assert (entry.actor, entry.act) == ("phohieutruong", "confirm_ask_login")
    assert "(admin)" in entry.note
    with pytest.raises(NotAllowed):
        confirm_request(school("hieutruong"), key, kind)
    withdraw_request(school("phohieutruong"), key, kind)


def test_a_head_does_not_confirm_the_own_request_and_an_unlock_needs_nobody(school: DeskAs) -> None:
    ask(school("hieutruong"), "vanthu", Kind.PASSWORD)
    with pytest.raises(NotAllowed):
        confirm_request(school("hieutruong"), "vanthu", Kind.PASSWORD)
    confirm_request(school("vanthu"), "vanthu", Kind.PASSWORD)
    ask(school("admin"), "hieutruong", Kind.UNLOCK)
    assert to_do(school("admin")) == [("hieutruong", Kind.UNLOCK, ""), ("vanthu", Kind.PASSWORD, "vanthu")]


def test_who_becomes_trusted_meanwhile_needs_a_second_person_after_all(school: DeskAs) -> None:
    ask(school("admin"), "gv.4a", Kind.PASSWORD)
    save_account(school("hieutruong"), "gv.4a", {"roles": ["clerk"]})
    confirm(school("phohieutruong"), "gv.4a")
    assert to_do(school("admin")) == []
    (found,) = requests(school("admin"))
    assert found.waiting


def test_what_was_seen_is_what_is_confirmed(school: DeskAs) -> None:
    ask(school("admin"), "vanthu", Kind.PASSWORD)
    (seen,) = requests(school("phohieutruong"))
    withdraw_request(school("admin"), "vanthu", Kind.PASSWORD)
    with pytest.raises(Refused, match="Không có yêu cầu"):
        confirm_request(school("phohieutruong"), "vanthu", Kind.PASSWORD, seen)
    ask(school("hieutruong"), "vanthu", Kind.PASSWORD)
    with pytest.raises(Conflict):
        confirm_request(school("phohieutruong"), "vanthu", Kind.PASSWORD, seen)
    assert to_do(school("admin")) == []


def test_who_may_ask_withdraw_and_see(school: DeskAs) -> None:
    for key in ("vanthu", "gv.4a"):
        with pytest.raises(NotAllowed):
            ask(school(key), "gv.4a", Kind.PASSWORD)
    ask(school("admin"), "gv.4a", Kind.PASSWORD)
    assert [len(requests(school(key))) for key in ("admin", "gv.4a", "vanthu", "gv.5a")] == [1, 1, 0, 0]
    for key in ("vanthu", "gv.5a"):
        with pytest.raises(NotAllowed):
            withdraw_request(school(key), "gv.4a", Kind.PASSWORD)
    withdraw_request(school("gv.4a"), "gv.4a", Kind.PASSWORD)
    assert to_do(school("admin")) == []


def test_an_account_without_a_login_gets_one_and_a_trusted_one_waits(school: DeskAs) -> None:
    admin = school("admin")
    with pytest.raises(Refused, match="chưa có tên đăng nhập"):
        ask(admin, "gv.1a", Kind.PASSWORD)
    ask(admin, "gv.1a", Kind.LOGIN)
    assert admin.staff("gv.1a").system_user == "gv.1a"
    assert to_do(admin) == [("gv.1a", Kind.LOGIN, "")]
    assert ask(admin, "phohieutruong", Kind.LOGIN).login_waits == "phohieutruong"
    assert admin.staff("phohieutruong").system_user == ""


def test_a_code_is_taken_away_by_nobody_of_the_school(school: DeskAs) -> None:
    with pytest.raises(Refused, match="Chỉ người giữ máy chủ"):
        ask(school("hieutruong"), "gv.4a", Kind.NO_CODE)


def test_nothing_is_asked_for_who_is_not_there_or_has_left(school: DeskAs) -> None:
    with pytest.raises(Refused, match="không có tài khoản"):
        ask(school("admin"), "nobody", Kind.LOGIN)
    ask(school("admin"), "gv.4a", Kind.PASSWORD)
    school("admin").school_shard.change("x", "test", [Edit(STAFF, "gv.4a", "left", None, "2026-01-01")])
    assert to_do(school("admin")) == []
    with pytest.raises(Refused, match="đã rời trường"):
        ask(school("admin"), "gv.4a", Kind.UNLOCK)


def test_a_request_ends_by_itself_and_with_who_asked(school: DeskAs) -> None:
    desk = school("admin")
    ask(desk, "gv.4a", Kind.PASSWORD)
    day = desk.clock.today()
    for days, there in ((DAYS, 1), (DAYS + 1, 0)):
        desk.clock = Clock(day.fromordinal(day.toordinal() + days))
        assert len(requests(desk)) == there
    desk.school_shard.change("x", "test", [Edit(STAFF, "admin", "left", None, "2026-01-01")])
    assert to_do(school("hieutruong")) == []


def test_the_person_is_told_until_some_days_after_having_seen_it(school: DeskAs) -> None:
    ask(school("admin"), "vanthu", Kind.PASSWORD)
    confirm_request(school("hieutruong"), "vanthu", Kind.PASSWORD)
    done(school("admin"), "vanthu", Kind.PASSWORD)
    (told,) = notices(school("vanthu"))
    assert told.words.startswith("Mật khẩu của thầy/cô được đặt lại lúc ")
    assert "(admin)" in told.words
    assert "(hieutruong) xác nhận" in told.words
    assert notices(school("admin")) == ()
    saw_notices(school("vanthu"))
    assert next(school("admin").school_shard.latest()).act == "see_login_notice"
    before = school("admin").school_shard.seq
    saw_notices(school("vanthu"))
    assert school("admin").school_shard.seq == before, "once"
    desk = school("vanthu")
    day = desk.clock.today()
    for days, there in ((13, 1), (14, 0)):
        desk.clock = Clock(day.fromordinal(day.toordinal() + days))
        assert len(notices(desk)) == there


def test_what_could_not_be_done_is_told_to_who_asked_and_not_repeated(school: DeskAs) -> None:
    admin = school("admin")
    ask(admin, "gv.4a", Kind.UNLOCK)
    done(admin, "gv.4a", Kind.UNLOCK, problem="không có người dùng ấy\nx")
    (found,) = outcomes(admin)
    assert found.problem == "không có người dùng ấy x"
    assert (to_do(admin), notices(school("gv.4a"))) == ([], ())


def test_what_the_keeper_of_the_machine_does_is_told_too(school: DeskAs) -> None:
    note_outcomes(school("admin").root, [{"login": "m.gv.4a", "kind": "password", "keeper": "quan.tri"}])
    (told,) = notices(school("gv.4a"))
    assert told.words.endswith("theo yêu cầu của người giữ máy chủ (quan.tri).")


@table("said", [
    {"login": "", "kind": "password"}, {"login": "nobody", "kind": "password"}, {"login": "m.gv.4a", "kind": "shell"},
    {"kind": "password"},
])  # fmt: skip
def test_what_is_no_outcome_changes_nothing(school: DeskAs, said: dict[str, object]) -> None:
    assert note_outcomes(school("admin").root, [said]) == 0


def test_an_old_outcome_ends_no_newer_request(school: DeskAs) -> None:
    admin = school("admin")
    ask(admin, "gv.4a", Kind.PASSWORD)
    note_outcomes(admin.root, [{"login": "m.gv.4a", "kind": "password", "at": "2020-01-01T00:00:00+07:00"}])
    assert to_do(admin) == [("gv.4a", Kind.PASSWORD, "")]


def shown(desk: Desk) -> list[tuple[str, bool]]:
    return [(task.label, task.urgent) for task in tasks(desk) if task.screen == "proposals"]


async def test_home_and_screen_tell_the_person_and_let_the_second_one_confirm(school: DeskAs, open_app: Open) -> None:
    ask(school("admin"), "vanthu", Kind.PASSWORD)
    assert shown(school("hieutruong")) == [("Quyền, tên đăng nhập", True)]
    async with open_app("hieutruong", "proposals") as pilot:
        assert "cấp mật khẩu dùng một lần" in screen_text(pilot)
        await press_seen(pilot, "f7")
        await press_seen(pilot, "f7")
        assert "Đã xác nhận: vanthu" in screen_text(pilot)
    done(school("admin"), "vanthu", Kind.PASSWORD)
    assert shown(school("vanthu")) == [("Đăng nhập: cấp mật khẩu dùng một lần", True)]
    async with open_app("vanthu", "proposals") as pilot:
        text = " ".join(screen_text(pilot).split())
        assert "Mật khẩu của thầy/cô được đặt lại lúc" in text
        assert "báo hiệu trưởng ngay" in text
    assert shown(school("vanthu")) == [("Đăng nhập: cấp mật khẩu dùng một lần", False)]


async def test_the_screen_withdraws_a_request(school: DeskAs, open_app: Open) -> None:
    ask(school("admin"), "vanthu", Kind.CODE)
    async with open_app("admin", "proposals") as pilot:
        await press_seen(pilot, "f3")
        await press_seen(pilot, "1")
        await press_seen(pilot, "f7")
        assert "Không có đề nghị nào đang chờ" in screen_text(pilot)
    assert requests(school("admin")) == ()


def test_the_command_line_asks_confirms_withdraws_and_lists(
    school: DeskAs, store_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def hocba(account: str, *words: str) -> str:
        assert main(["account", *words, "--store", str(store_root), "--as", account]) == 0
        return capsys.readouterr().out

    assert "Chờ người thứ hai" in hocba("admin", "ask", "vanthu", "password")
    assert "Bạn xác nhận được." in hocba("hieutruong", "proposals")
    assert "hocba account confirm vanthu password" in hocba("admin", "asked")
    assert "Máy chủ làm cho vanthu" in hocba("hieutruong", "confirm", "vanthu", "password")
    assert to_do(school("admin")) == [("vanthu", Kind.PASSWORD, "hieutruong")]
    assert "Đã bỏ: vanthu" in hocba("admin", "withdraw", "vanthu", "password")
    assert "Máy chủ tự làm" in hocba("admin", "ask", "gv.4a", "unlock")
    done(school("admin"), "gv.4a", Kind.UNLOCK, problem="không có người dùng ấy")
    assert "KHÔNG làm được mở khóa" in hocba("admin", "asked")
    assert "chờ người thứ hai: hocba account confirm phohieutruong" in hocba("admin", "ask", "phohieutruong", "login")
