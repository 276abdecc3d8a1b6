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
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.school import accounts
from hocba_tui.flow.school.accounts import save_account
from hocba_tui.flow.school.recovering import recover_account
from hocba_tui.flow.school.settings import found_from_file
from hocba_tui.store.backend import SCHOOL, Edit
from tests.conftest import DeskAs

ME = opening.login()
OTHER = next(user.pw_name for user in pwd.getpwall() if user.pw_name != ME)
"""A login that this machine has."""
NOBODY = "khong-co-tren-may-nay"
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


def test_a_login_that_does_not_exist_does_not_count(desk: Desk) -> None:
    save_account(desk, "hieutruong", {"system_user": "hieu-truong"})
    with pytest.raises(Refused):
        save_account(desk, "quantri", {"system_user": ""})
    save_account(desk, "hieutruong", {"system_user": OTHER})
    save_account(desk, "quantri", {"system_user": ""})
    assert people(desk)["hieutruong"]["system_user"] == OTHER


def test_who_has_left_does_not_count(desk: Desk) -> None:
    save_account(desk, "hieutruong", {"system_user": OTHER})
    desk.school_shard.change("test", "test", [Edit(STAFF, "hieutruong", "left", None, "2026-01-01")])
    with pytest.raises(Refused):
        save_account(desk, "quantri", {"system_user": ""})


def test_who_shares_a_login_does_not_count(desk: Desk) -> None:
    """Such a login opens nothing."""
    save_account(desk, "hieutruong", {"system_user": OTHER})
    desk.school_shard.change(
        "test", "test", [Edit(STAFF, "vanthu", "system_user", people(desk)["vanthu"]["system_user"], OTHER)]
    )
    with pytest.raises(Refused):
        save_account(desk, "quantri", {"system_user": ""})


def test_the_last_one_can_still_change_anything_else(desk: Desk) -> None:
    save_account(desk, "quantri", {"title": "Nhân viên"})
    save_account(desk, "gv.hoa", {"name": "Phạm Thị Hoa", "roles": ["teacher"], "system_user": "hoa"})
    assert people(desk)["gv.hoa"]["system_user"] == "hoa"


def test_two_who_take_each_others_login_away_do_not_both_succeed(
    root: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_account(desk, "hieutruong", {"system_user": OTHER})
    principal = Desk(open_desk(root).store, "hieutruong", desk.clock, root)
    real = opening.who_manages

    def meanwhile(*given: object) -> object:
        monkeypatch.setattr(accounts, "who_manages", real)
        save_account(principal, "quantri", {"system_user": ""})
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(accounts, "who_manages", meanwhile)
    with pytest.raises(Conflict):
        save_account(desk, "hieutruong", {"system_user": ""})
    assert people(desk)["hieutruong"]["system_user"] == OTHER


def test_a_training_store_needs_no_login(desk_as: DeskAs) -> None:
    save_account(desk_as("admin"), "admin", {"system_user": ""})


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
    assert main(["account", "recover", "quantri", "--system-user", ME, "--store", str(locked)]) == 0
    assert "lại vào được kho" in capsys.readouterr().out
    desk = open_desk(locked)
    assert desk.actor.key == "quantri"
    entry = next(desk.school_shard.latest())
    assert (entry.actor, entry.act) == ("hocba", "recover_account")
    assert f"({ME})" in entry.note
    assert {file.stat().st_uid for file in locked.rglob("*")} == {locked.stat().st_uid}


def test_an_account_without_the_permission_becomes_an_administrator(locked: Path) -> None:
    recover_account(locked, "vanthu", ME)
    assert set(open_desk(locked).actor.roles) == {"clerk", "administrator"}


def test_one_who_was_marked_as_gone_is_active_again(locked: Path, desk: Desk) -> None:
    desk.school_shard.change("test", "test", [Edit(STAFF, "hieutruong", "left", None, "2026-01-01")])
    assert recover_account(locked, "hieutruong", ME).roles == ("principal",)
    assert not open_desk(locked).actor.left


def test_while_somebody_can_manage_accounts_the_way_is_closed(root: Path, desk: Desk) -> None:
    before = people(desk)
    with pytest.raises(Refused, match="quantri"):
        recover_account(root, "vanthu", OTHER)
    assert people(desk) == before


@pytest.mark.parametrize(("key", "login"), [("ai.do", ME), ("quantri", NOBODY), ("quantri", "")])
def test_only_an_account_and_a_login_that_exist(locked: Path, desk: Desk, key: str, login: str) -> None:
    before = people(desk)
    with pytest.raises(Refused):
        recover_account(locked, key, login)
    assert people(desk) == before


def test_the_login_of_another_account_is_left_to_it(locked: Path, desk: Desk) -> None:
    save = Edit(STAFF, "vanthu", "system_user", f"{NOBODY}-vanthu", ME)
    desk.school_shard.change("test", "test", [save])
    with pytest.raises(Refused, match="vanthu"):
        recover_account(locked, "quantri", ME)
    assert recover_account(locked, "vanthu", ME).key == "vanthu"


def test_nobody_else_of_the_machine_may(locked: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also not who borrows the owner's rights for a moment, as a program with the set-user-ID bit does."""
    before = people(desk)
    monkeypatch.setattr(os, "getuid", lambda: locked.stat().st_uid + 4321)
    with pytest.raises(NotAllowed, match="chủ của thư mục kho"):
        recover_account(locked, "quantri", OTHER)
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
        recover_account(root, "quantri", ME)
        assert os.geteuid() == 0
        assert {path.stat().st_uid for path in root.rglob("*")} == {owner.pw_uid}


def test_a_training_store_has_its_own_door(store_root: Path, desk_as: DeskAs) -> None:
    with pytest.raises(Refused, match="--as"):
        recover_account(store_root, "admin", ME)


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
