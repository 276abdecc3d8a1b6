"""Somebody can always open the store and manage its accounts; when nobody can, the owner of the machine leads back."""

from __future__ import annotations

import os
import pwd
import shutil
import tempfile
from importlib.resources import files
from pathlib import Path

import pytest

from hocba_tui.cli.main import main
from hocba_tui.errors import Conflict, NotAllowed, Refused
from hocba_tui.flow import opening
from hocba_tui.flow.desk import STAFF, Desk
from hocba_tui.flow.founding.settings_file import found_from_file
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.reports.home_tasks import tasks
from hocba_tui.flow.school import accounts
from hocba_tui.flow.school.accounts import save_account
from hocba_tui.flow.school.confirming import confirm
from hocba_tui.flow.school.recovering import recover_account
from hocba_tui.model.values import Role
from hocba_tui.store.backend import SCHOOL, Edit
from tests.conftest import DeskAs

ME = opening.login()
OTHER = next(user.pw_name for user in pwd.getpwall() if user.pw_name != ME)
"""A login that this machine has."""
NOBODY = "khong-co-tren-may-nay"
DECISION = "12/QĐ-UBND ngày 05/01/2026"
SAMPLE = files("hocba_tui.cli.school").joinpath("sample_school.toml").read_text(encoding="utf-8")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A real school whose administrator is the login that owns the store; the others have no login on this machine."""
    path, root = tmp_path / "truong.toml", tmp_path / "store"
    text = SAMPLE.replace('system_user = "quantri"', f'system_user = "{ME}"')
    for name in ("hieutruong", "vanthu"):
        text = text.replace(f'system_user = "{name}"', f'system_user = "{NOBODY}-{name}"')
    path.write_text(text, encoding="utf-8")
    found_from_file(path, root)
    return root


@pytest.fixture
def desk(root: Path) -> Desk:
    return open_desk(root)


def people(desk: Desk) -> dict[str, dict[str, object]]:
    return {key: dict(document) for key, document in desk.school_shard.table(STAFF).items()}


@pytest.mark.parametrize("login", ["", NOBODY, f"{ME}x"])
def test_the_last_login_that_manages_accounts_is_not_taken_away(desk: Desk, login: str) -> None:
    before = people(desk)
    with pytest.raises(Refused, match="không còn ai quản lí tài khoản"):
        save_account(desk, "quantri", {"system_user": login})
    assert people(desk) == before


def change(desk: Desk, key: str, field: str, value: str | None) -> None:
    """Change an account as nobody does it in the program."""
    before = people(desk)[key].get(field)
    desk.school_shard.change("test", "test", [Edit(STAFF, key, field, before, value)])


def as_principal(root: Path, desk: Desk) -> Desk:
    """Return the desk of the principal, who can log in now."""
    change(desk, "hieutruong", "system_user", OTHER)
    return Desk(open_desk(root).store, "hieutruong", desk.clock, root)


def test_a_login_that_does_not_exist_does_not_count(root: Path, desk: Desk) -> None:
    principal = as_principal(root, desk)
    save_account(desk, "quantri", {"system_user": ""})
    change(desk, "hieutruong", "system_user", "hieu-truong")
    with pytest.raises(Refused):
        confirm(principal, "quantri")
    change(desk, "hieutruong", "system_user", OTHER)
    confirm(principal, "quantri")
    assert "system_user" not in people(desk)["quantri"]


@pytest.mark.parametrize(
    ("key", "field", "value"), [("hieutruong", "left", "2026-01-01"), ("vanthu", "system_user", OTHER)]
)
def test_who_has_left_or_shares_a_login_does_not_count(
    root: Path, desk: Desk, key: str, field: str, value: str
) -> None:
    """A login of two accounts opens nothing."""
    as_principal(root, desk)
    change(desk, key, field, value)
    with pytest.raises(Refused):
        save_account(desk, "quantri", {"system_user": ""})


def test_without_a_head_who_can_log_in_no_such_role_or_login_is_given_in_the_program(desk: Desk) -> None:
    before = people(desk)
    for key, typed in (
        ("hieutruong", {"system_user": OTHER}),
        ("vanthu", {"roles": ["principal"]}),
        ("gv.hoa", {"name": "Phạm Thị Hoa", "roles": ["deputy"]}),
    ):
        with pytest.raises(Refused, match="cần hai người") as told:
            save_account(desk, key, typed)
        assert "hocba account recover" in told.value.now
    assert people(desk) == before


def test_the_last_one_can_still_change_anything_else(desk: Desk) -> None:
    save_account(desk, "quantri", {"title": "Nhân viên"})
    save_account(desk, "gv.hoa", {"name": "Phạm Thị Hoa", "roles": ["teacher"], "system_user": "hoa"})
    assert people(desk)["gv.hoa"]["system_user"] == "hoa"


def test_two_who_take_each_others_login_away_do_not_both_succeed(
    root: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    principal = as_principal(root, desk)
    save_account(desk, "hieutruong", {"system_user": ""})
    save_account(principal, "quantri", {"system_user": ""})
    real = opening.who_manages

    def meanwhile(*given: object) -> object:
        monkeypatch.setattr(accounts, "who_manages", real)
        confirm(desk, "quantri")
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(accounts, "who_manages", meanwhile)
    with pytest.raises(Conflict):
        confirm(principal, "hieutruong")
    assert people(desk)["hieutruong"]["system_user"] == OTHER


def test_a_training_store_needs_no_login(desk_as: DeskAs) -> None:
    save_account(desk_as("admin"), "admin", {"system_user": "it"})
    assert confirm(desk_as("hieutruong"), "admin").system_user == "it"


# --- the way back in -----------------------------------------------------------------------------


@pytest.fixture
def locked(root: Path, desk: Desk) -> Path:
    """The same school after the administrator's user was deleted from the machine."""
    desk.school_shard.change("test", "test", [Edit(STAFF, "quantri", "system_user", ME, NOBODY)])
    return root


def test_the_owner_of_the_store_leads_back_and_the_journal_says_so(
    locked: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HOCBA_STORE", raising=False)
    with pytest.raises(NotAllowed, match="chưa gắn") as told:
        open_desk(locked)
    assert "hocba account recover" in told.value.now
    assert (
        main(["account", "recover", "quantri", "--system-user", ME, "--decision", DECISION, "--store", str(locked)])
        == 0
    )
    assert "lại vào được kho" in capsys.readouterr().out
    desk = open_desk(locked)
    assert desk.actor.key == "quantri"
    entry = next(desk.school_shard.latest())
    assert (entry.actor, entry.act) == ("hocba", "recover_account")
    assert f"({ME})" in entry.note
    assert DECISION in entry.note
    assert {file.stat().st_uid for file in locked.rglob("*")} == {locked.stat().st_uid}


def test_an_account_without_the_permission_becomes_an_administrator(locked: Path) -> None:
    recover_account(locked, "vanthu", ME, DECISION)
    assert set(open_desk(locked).actor.roles) == {"clerk", "administrator"}


def test_one_who_was_marked_as_gone_is_active_again(locked: Path, desk: Desk) -> None:
    desk.school_shard.change("test", "test", [Edit(STAFF, "hieutruong", "left", None, "2026-01-01")])
    assert recover_account(locked, "hieutruong", ME, DECISION).roles == ("principal",)
    assert not open_desk(locked).actor.left


def test_while_somebody_can_manage_accounts_the_way_is_closed(root: Path, desk: Desk) -> None:
    before = people(desk)
    with pytest.raises(Refused, match="quantri"):
        recover_account(root, "vanthu", OTHER, DECISION)
    assert people(desk) == before


def test_an_administrator_alone_cannot_make_a_head_but_the_machine_can_by_a_decision(root: Path, desk: Desk) -> None:
    with pytest.raises(Refused, match="vẫn có người quản lí"):
        recover_account(root, "vanthu", OTHER, DECISION)
    with pytest.raises(Refused, match="số quyết định"):
        recover_account(root, "vanthu", OTHER, "theo miệng", Role.PRINCIPAL)
    made = recover_account(root, "vanthu", OTHER, DECISION, Role.PRINCIPAL)
    assert made.roles == ("clerk", "principal")
    assert DECISION in next(desk.school_shard.latest()).note
    with pytest.raises(Refused, match="vẫn có người quản lí"):
        recover_account(root, "hieutruong", OTHER, DECISION)
    for _ in range(2):  # At every log-in.
        told = tasks(Desk(open_desk(root).store, "vanthu", desk.clock, root))[0]
        assert DECISION in told.detail
        assert told.urgent


@pytest.mark.parametrize(("key", "login"), [("ai.do", ME), ("quantri", NOBODY), ("quantri", "")])
def test_only_an_account_and_a_login_that_exist(locked: Path, desk: Desk, key: str, login: str) -> None:
    before = people(desk)
    with pytest.raises(Refused):
        recover_account(locked, key, login, DECISION)
    assert people(desk) == before


def test_the_login_of_another_account_is_left_to_it(locked: Path, desk: Desk) -> None:
    save = Edit(STAFF, "vanthu", "system_user", f"{NOBODY}-vanthu", ME)
    desk.school_shard.change("test", "test", [save])
    with pytest.raises(Refused, match="vanthu"):
        recover_account(locked, "quantri", ME, DECISION)
    assert recover_account(locked, "vanthu", ME, DECISION).key == "vanthu"


def test_nobody_else_of_the_machine_may(locked: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also not who borrows the owner's rights for a moment, as a program with the set-user-ID bit does."""
    before = people(desk)
    monkeypatch.setattr(os, "getuid", lambda: locked.stat().st_uid + 4321)
    with pytest.raises(NotAllowed, match="chủ của thư mục kho"):
        recover_account(locked, "quantri", OTHER, DECISION)
    assert people(desk) == before


def test_root_acts_as_the_owner_so_that_nothing_becomes_roots(locked: Path) -> None:
    """In a folder that the owner can reach; pytest's own is closed to others."""
    if os.geteuid() != 0:
        pytest.skip("only root can act as another user")
    owner = pwd.getpwnam("nobody")
    with tempfile.TemporaryDirectory() as folder:
        root = shutil.copytree(locked, Path(folder) / "store")
        Path(folder).chmod(0o755)
        for path in [root, *root.rglob("*")]:
            os.chown(path, owner.pw_uid, owner.pw_gid)
        recover_account(root, "quantri", ME, DECISION)
        assert os.geteuid() == 0
        assert {path.stat().st_uid for path in root.rglob("*")} == {owner.pw_uid}


def test_a_training_store_has_its_own_door(store_root: Path, desk_as: DeskAs) -> None:
    with pytest.raises(Refused, match="--as"):
        recover_account(store_root, "admin", ME, DECISION)


def test_founding_says_when_nobody_can_enter(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HOCBA_STORE", raising=False)
    path = tmp_path / "truong.toml"
    path.write_text(SAMPLE, encoding="utf-8")
    assert main(["school", "found", str(path), "--store", str(tmp_path / "store")]) == 0
    assert "Chưa ai vào được" in capsys.readouterr().out


def test_saving_a_login_that_is_not_there_yet_says_so(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HOCBA_STORE", raising=False)
    words = ["account", "save", "gv.hoa", "--name", "Phạm Thị Hoa", "--roles", "teacher", "--system-user", NOBODY]
    assert main([*words, "--store", str(root)]) == 0
    assert f"chưa có tên đăng nhập {NOBODY}" in capsys.readouterr().out
    assert open_desk(root).store.shard(SCHOOL).document(STAFF, "gv.hoa")["system_user"] == NOBODY
