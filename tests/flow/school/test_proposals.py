"""Roles and logins that take two people, from the proposal to the log-in of the second person."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from hocba_tui.cli.main import main
from hocba_tui.clock import Clock
from hocba_tui.errors import Conflict, NotAllowed, Refused
from hocba_tui.flow.desk import PROPOSALS, STAFF, Desk
from hocba_tui.flow.proposals import proposals
from hocba_tui.flow.reports.home_tasks import tasks
from hocba_tui.flow.school.accounts import save_account
from hocba_tui.flow.school.confirming import confirm, withdraw
from hocba_tui.rules.second_person import DAYS
from hocba_tui.store.backend import Edit
from tests.conftest import DeskAs, Open
from tests.support.text_of import press_seen, screen_text

CLERK = {"roles": ["clerk"]}


@pytest.fixture
def asked(desk_as: DeskAs) -> DeskAs:
    """A school in which the administrator has proposed that gv.4a becomes a clerk."""
    saved = save_account(desk_as("admin"), "gv.4a", CLERK)
    assert saved.waiting == ("roles",)
    return desk_as


def roles(desk: Desk, key: str = "gv.4a") -> tuple[str, ...]:
    return desk.staff(key).roles


@pytest.mark.parametrize("role", ["principal", "deputy", "clerk", "administrator"])
def test_an_administrator_alone_gives_no_such_role(desk_as: DeskAs, role: str) -> None:
    save_account(desk_as("admin"), "gv.4a", {"roles": [role]})
    assert roles(desk_as("admin")) == ("teacher",)
    with pytest.raises(NotAllowed, match="không xác nhận được"):
        confirm(desk_as("admin"), "gv.4a")
    with pytest.raises(NotAllowed):
        confirm(desk_as("gv.4a"), "gv.4a")
    assert roles(desk_as("admin")) == ("teacher",)


@pytest.mark.parametrize("key", ["hieutruong", "phohieutruong", "vanthu"])
def test_an_administrator_alone_maps_no_login_of_such_an_account(desk_as: DeskAs, key: str) -> None:
    assert save_account(desk_as("admin"), key, {"system_user": "mine", "title": "T"}).waiting == ("system_user",)
    found = desk_as("admin").staff(key)
    assert (found.system_user, found.title) == ("", "T")
    assert confirm(desk_as(key), key).system_user == "mine"
    assert desk_as("admin").staff(key).system_user == "mine"


def test_a_head_confirms_and_the_journal_names_both(asked: DeskAs) -> None:
    (found,) = proposals(asked("hieutruong"))
    assert found.words == "quyền: Giáo viên → Văn thư"
    confirm(asked("hieutruong"), "gv.4a")
    assert roles(asked("admin")) == ("clerk",)
    entry = next(asked("admin").school_shard.latest())
    assert (entry.actor, entry.act) == ("hieutruong", "confirm_account")
    assert "(admin)" in entry.note
    assert proposals(asked("hieutruong")) == ()
    with pytest.raises(Refused, match="Không có đề nghị"):
        confirm(asked("phohieutruong"), "gv.4a")


def test_the_person_whose_account_it_is_is_the_second_of_a_head(desk_as: DeskAs) -> None:
    """The login is there at once, so that the person can come in and confirm."""
    save_account(desk_as("hieutruong"), "vanthu2", {"name": "Vũ Thị Hà", "system_user": "ha", **CLERK})
    assert (desk_as("admin").staff("vanthu2").system_user, roles(desk_as("admin"), "vanthu2")) == ("ha", ())
    confirm(desk_as("vanthu2"), "vanthu2")
    assert roles(desk_as("admin"), "vanthu2") == ("clerk",)


def test_who_proposed_does_not_confirm_nor_a_clerk(desk_as: DeskAs) -> None:
    save_account(desk_as("hieutruong"), "gv.4a", CLERK)
    for key in ("hieutruong", "vanthu", "gv.5a"):
        with pytest.raises(NotAllowed):
            confirm(desk_as(key), "gv.4a")


def test_what_the_second_person_saw_is_what_is_given(asked: DeskAs) -> None:
    edit = Edit(STAFF, "gv.4a", "roles", ["teacher"], ["teacher", "observer"])
    asked("admin").school_shard.change("admin", "test", [edit])
    with pytest.raises(Conflict, match="thay đổi"):
        confirm(asked("hieutruong"), "gv.4a")


def test_a_proposer_who_is_no_longer_trusted_proposed_nothing(asked: DeskAs) -> None:
    asked("admin").school_shard.change("x", "test", [Edit(STAFF, "admin", "left", None, "2026-01-01")])
    with pytest.raises(NotAllowed, match="không xác nhận") as told:
        confirm(asked("hieutruong"), "gv.4a")
    assert "không còn quyền" in told.value.now


def test_a_proposal_ends_by_itself(asked: DeskAs) -> None:
    day = asked("admin").clock.today()
    desk = asked("hieutruong")
    for days, waits in ((DAYS, True), (DAYS + 1, False)):
        desk.clock = Clock(date.fromordinal(day.toordinal() + days))
        assert bool(proposals(desk)) == waits
    with pytest.raises(Refused, match="Không có đề nghị"):
        confirm(desk, "gv.4a")


@pytest.mark.parametrize("key", ["admin", "gv.4a", "phohieutruong"])
def test_it_can_be_withdrawn(asked: DeskAs, key: str) -> None:
    withdraw(asked(key), "gv.4a")
    assert asked("admin").school_shard.table(PROPOSALS) == {}


def test_nobody_else_withdraws_or_sees_it(asked: DeskAs) -> None:
    for key in ("vanthu", "gv.5a"):
        assert proposals(asked(key)) == ()
        with pytest.raises(NotAllowed):
            withdraw(asked(key), "gv.4a")


def test_taking_a_clerks_role_away_takes_one(desk_as: DeskAs) -> None:
    assert save_account(desk_as("admin"), "vanthu", {"roles": []}).waiting == ()
    assert save_account(desk_as("admin"), "hieutruong", {"roles": []}).waiting == ("roles",)


def test_home_shows_it_to_who_can_confirm_and_to_who_waits(asked: DeskAs) -> None:
    def shown(key: str) -> list[tuple[str, bool]]:
        return [(task.detail, task.urgent) for task in tasks(asked(key)) if task.screen == "proposals"]

    assert shown("hieutruong") == [("1 đề nghị chờ bạn xác nhận", True)]
    assert shown("admin") == [("1 đề nghị đang chờ người thứ hai", False)]
    assert shown("vanthu") == []


async def test_the_screen_asks_and_confirms(asked: DeskAs, open_app: Open) -> None:
    async with open_app("hieutruong", "proposals") as pilot:
        assert "Giáo viên → Văn thư" in screen_text(pilot)
        await press_seen(pilot, "f7")
        assert "Xác nhận cho" in screen_text(pilot)
        await press_seen(pilot, "f7")
        assert "Đã xác nhận: gv.4a" in screen_text(pilot)
    assert roles(asked("admin")) == ("clerk",)


async def test_the_screen_withdraws_and_says_who_confirms(asked: DeskAs, open_app: Open) -> None:
    async with open_app("admin", "proposals") as pilot:
        await press_seen(pilot, "f7")
        assert "không tự xác nhận" in screen_text(pilot)
        await press_seen(pilot, "f3")
        await press_seen(pilot, "1")
        await press_seen(pilot, "f7")
        assert "Không có đề nghị nào đang chờ" in screen_text(pilot)
    assert asked("admin").school_shard.table(PROPOSALS) == {}


def test_the_command_line_proposes_confirms_and_withdraws(
    store_root: Path, desk_as: DeskAs, capsys: pytest.CaptureFixture[str]
) -> None:
    def hocba(account: str, *words: str) -> tuple[int, str]:
        code = main(["account", *words, "--store", str(store_root), "--as", account])
        return code, capsys.readouterr().out

    code, said = hocba("admin", "save", "gv.4a", "--roles", "clerk")
    assert (code, "CHƯA đổi, chờ người thứ hai" in said) == (0, True)
    assert "Bạn xác nhận được." in hocba("hieutruong", "proposals")[1]
    assert hocba("vanthu", "confirm", "gv.4a")[0] == NotAllowed.exit_code
    assert "Đã bỏ: gv.4a" in hocba("admin", "withdraw", "gv.4a")[1]
    hocba("admin", "save", "gv.4a", "--roles", "clerk")
    assert "Văn thư" in hocba("phohieutruong", "confirm", "gv.4a")[1]
    assert roles(desk_as("admin")) == ("clerk",)


@pytest.mark.parametrize("account", ["admin", "hieutruong"])
@pytest.mark.parametrize("second", [{"roles": ["principal"]}, {"roles": ["clerk"], "title": "T"}])
def test_a_second_proposal_for_the_account_is_refused_and_the_first_goes_on(
    asked: DeskAs, account: str, second: dict[str, object]
) -> None:
    """What was proposed is withdrawn first, so that nobody confirms what they have not seen."""
    before = asked("admin").school_shard.table(PROPOSALS)
    with pytest.raises(Refused, match=r"đang chờ.*\(admin\)") as told:
        save_account(asked(account), "gv.4a", second)
    assert "hocba account withdraw gv.4a" in told.value.now
    assert asked("admin").school_shard.table(PROPOSALS) == before
    assert asked("admin").staff("gv.4a").title != "T"
    confirm(asked("hieutruong"), "gv.4a")
    assert roles(asked("admin")) == ("clerk",)


def test_what_takes_one_person_is_saved_while_a_proposal_waits(asked: DeskAs) -> None:
    assert save_account(asked("admin"), "gv.4a", {"email": "a@x.edu.vn"}).waiting == ()
    confirm(asked("hieutruong"), "gv.4a")
    assert (roles(asked("admin")), asked("admin").staff("gv.4a").email) == (("clerk",), "a@x.edu.vn")


def test_the_first_one_is_out_of_the_way_when_it_is_withdrawn_or_has_waited_too_long(asked: DeskAs) -> None:
    withdraw(asked("admin"), "gv.4a")
    assert save_account(asked("admin"), "gv.4a", {"roles": ["deputy"]}).waiting
    desk = asked("hieutruong")
    desk.clock = Clock(date.fromordinal(desk.clock.today().toordinal() + DAYS + 1))
    assert save_account(desk, "gv.4a", CLERK).waiting
    assert [found.by.key for found in proposals(desk)] == ["hieutruong"]


def test_nobody_takes_the_login_of_an_account_for_which_a_role_waits(desk_as: DeskAs) -> None:
    """An administrator would come in by it and be the second person of the head who proposed the role."""
    save_account(desk_as("hieutruong"), "gv.4a", {"system_user": "lan", **CLERK})
    with pytest.raises(Refused, match="đang chờ"):
        save_account(desk_as("admin"), "gv.4a", {"system_user": "mine"})
    edit = Edit(STAFF, "gv.4a", "system_user", "lan", "mine")
    desk_as("admin").school_shard.change("admin", "test", [edit])
    with pytest.raises(Conflict, match="thay đổi"):
        confirm(desk_as("gv.4a"), "gv.4a")
    assert roles(desk_as("admin")) == ("teacher",)


def test_who_proposes_and_who_confirms_a_role_are_told_the_login(
    desk_as: DeskAs, store_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_account(desk_as("admin"), "gv.4a", {"system_user": "mine"})
    words = ["account", "save", "gv.4a", "--roles", "clerk"]
    assert main([*words, "--store", str(store_root), "--as", "hieutruong"]) == 0
    assert "tên đăng nhập mine" in capsys.readouterr().out
    (found,) = proposals(desk_as("phohieutruong"))
    assert found.words == "quyền: Giáo viên → Văn thư (đăng nhập: mine)"


def test_what_was_exchanged_since_it_was_seen_is_not_confirmed(asked: DeskAs) -> None:
    (seen,) = proposals(asked("hieutruong"))
    withdraw(asked("admin"), "gv.4a")
    save_account(asked("admin"), "gv.4a", {"roles": ["principal"]})
    with pytest.raises(Conflict, match="không còn là"):
        confirm(asked("hieutruong"), "gv.4a", seen)
    assert roles(asked("admin")) == ("teacher",)
    (now,) = proposals(asked("hieutruong"))
    assert confirm(asked("hieutruong"), "gv.4a", now).roles == ("principal",)


async def test_the_screen_confirms_what_it_shows_and_nothing_else(asked: DeskAs, open_app: Open) -> None:
    async with open_app("hieutruong", "proposals") as pilot:
        await press_seen(pilot, "f7")
        withdraw(asked("admin"), "gv.4a")
        save_account(asked("admin"), "gv.4a", {"roles": ["principal"]})
        await press_seen(pilot, "f7")
        assert "không còn là" in screen_text(pilot)
    assert roles(asked("admin")) == ("teacher",)


def test_on_a_keyboard_the_command_says_what_it_is_and_asks(
    asked: DeskAs, store_root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    for answer, expected in (("k", ("teacher",)), ("c", ("clerk",))):
        monkeypatch.setattr("builtins.input", lambda _, answer=answer: answer)
        assert main(["account", "confirm", "gv.4a", "--store", str(store_root), "--as", "hieutruong"]) == 0
        assert "Giáo viên → Văn thư" in capsys.readouterr().out
        assert roles(asked("admin")) == expected
