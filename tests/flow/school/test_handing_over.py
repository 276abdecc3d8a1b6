"""A store goes to another user of the machine: what root really does to a copy, and who can work afterwards."""

from __future__ import annotations

import gc
import json
import os
import pwd
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hocba_tui.cli.main import main
from hocba_tui.errors import NotAllowed, Refused, StoreUnusable
from hocba_tui.flow.desk import STAFF
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.school.handing_over import hand_over
from hocba_tui.store.backend import SCHOOL, Edit
from hocba_tui.store.locks import IN_USE
from tests.conftest import require
from tests.support.served import Served

NOBODY = pwd.getpwnam("nobody")
OLD = 64_210
"""A number that no user of the machine has."""
NO_SOCKET = Path("/nonexistent")


@pytest.fixture
def root(made_store: Path) -> Iterator[Path]:
    """A real school of a user of the machine, whose teacher of 5A logs in as ``hoa``; not where only root can go."""
    require(None if os.geteuid() == 0 else "only root can give a file to another user")
    place = Path(tempfile.mkdtemp(prefix="hocba-owner-"))
    place.chmod(0o711)
    root = place / "store"
    shutil.copytree(made_store, root, ignore=shutil.ignore_patterns("log"))
    school = open_desk(root, "admin").school_shard
    held = school.document(STAFF, "gv.5a").get("system_user")
    school.change(
        "test", "test", [Edit(SCHOOL, SCHOOL, "training", True, None), Edit(STAFF, "gv.5a", "system_user", held, "hoa")]
    )
    del school
    gc.collect()  # Nobody is in it.
    for path in everything(root):
        os.chown(path, OLD, OLD, follow_symlinks=False)
    yield root
    shutil.rmtree(place)


def everything(root: Path) -> list[Path]:
    return [root, *root.rglob("*")]


def owners(root: Path) -> set[tuple[int, int]]:
    return {(path.lstat().st_uid, path.lstat().st_gid) for path in everything(root)}


def as_user(uid: int, act: Callable[[], object]) -> object:
    os.seteuid(uid)
    try:
        return act()
    finally:
        os.seteuid(0)
        gc.collect()


def command(root: Path, *words: str) -> int:
    return main(["store", "hand-over", "--to", "nobody", "--store", str(root), "--socket", str(NO_SOCKET), *words])


@pytest.mark.parametrize("former", [OLD, 0])
def test_the_store_is_the_other_users_and_the_former_owners_people_come_in_through_the_door(
    root: Path, former: int, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in everything(root):
        os.chown(path, former, former)
    assert command(root) == 0
    shown = capsys.readouterr().out
    assert f"Kho {root} nay là của nobody" in shown
    assert "Đã kiểm tra lại cả kho: còn nguyên." in shown
    assert f"Tiếp theo: sudo -u nobody hocba serve --store {root}" in shown
    assert owners(root) == {(NOBODY.pw_uid, NOBODY.pw_gid)}
    assert not [path for path in everything(root) if path.lstat().st_mode & 0o077]
    assert as_user(NOBODY.pw_uid, lambda: open_desk(root, None, "hoa").account) == "gv.5a"
    for other in (OLD, 0):
        with pytest.raises(StoreUnusable):
            as_user(other, lambda: open_desk(root, None, "hoa"))
    (log,) = (root / "log").glob("*.log")
    notes = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert [(note["what"], note["to"]) for note in notes if note["event"] == "changed"] == [("owner", "nobody")]
    assert command(root) == 0, "once more changes nothing"
    assert owners(root) == {(NOBODY.pw_uid, NOBODY.pw_gid)}


@pytest.mark.parametrize("after", [0, 1, 40, -2, -1])
def test_killed_in_the_middle_nobody_can_enter_and_the_same_command_goes_on(root: Path, after: int) -> None:
    stop = after if after >= 0 else len(everything(root)) + after
    child = os.fork()
    if not child:
        given, chown = 0, os.fchown

        def dies(handle: int, uid: int, gid: int) -> None:
            nonlocal given
            if given == stop:
                os._exit(9)
            given += 1
            chown(handle, uid, gid)

        os.fchown = dies  # type: ignore[assignment]
        try:
            hand_over(root, "nobody", NO_SOCKET)
        finally:
            os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert root.lstat().st_uid == 0
    for user in (OLD, NOBODY.pw_uid):
        with pytest.raises(StoreUnusable):
            as_user(user, lambda: open_desk(root, None, "hoa"))
    done = hand_over(root, "nobody", NO_SOCKET)
    assert not [flaw for flaw in done.flaws if flaw.lost]
    assert owners(root) == {(NOBODY.pw_uid, NOBODY.pw_gid)}
    assert as_user(NOBODY.pw_uid, lambda: open_desk(root, None, "hoa").account) == "gv.5a"


def test_a_store_in_use_or_served_stays_as_it_is(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = owners(root)
    desk = as_user(OLD, lambda: open_desk(root, None, "hoa"))
    assert command(root) == 4
    assert "Còn người đang dùng kho" in capsys.readouterr().err
    del desk
    gc.collect()
    assert owners(root) == before
    with Served(root) as served:
        assert main(["store", "hand-over", "--to", "nobody", "--store", str(root), "--socket", str(served.path)]) == 4
    assert "Máy chủ đang mở cửa cho kho này" in capsys.readouterr().err
    assert owners(root) == before


def test_one_that_was_ended_in_the_middle_and_is_in_use_stays_closed(root: Path) -> None:
    """Its folder is root's; who still has it open keeps it from going on, and nobody else can enter."""
    desk = as_user(OLD, lambda: open_desk(root, None, "hoa"))
    os.chown(root, 0, 0)
    assert command(root) == 4
    assert root.lstat().st_uid == 0
    del desk
    gc.collect()
    assert command(root) == 0


def test_a_file_of_the_machine_that_was_linked_into_the_store_stays_the_machines(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shadow = root.parent / "shadow"
    shadow.write_text("secret", encoding="utf-8")
    before = owners(root)
    for make in (Path.hardlink_to, Path.symlink_to):
        make(root / "school" / "x", shadow)
        assert command(root) == 6
        assert "Chưa có gì bị thay đổi" in capsys.readouterr().err
        (root / "school" / "x").unlink()
        assert shadow.lstat().st_uid == 0
        assert owners(root) == before


def test_where_the_new_owner_cannot_go_the_store_is_not_given(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root.parent.chmod(0o700)
    assert command(root) == 1
    assert f"không vào được thư mục {root.parent}" in capsys.readouterr().err
    assert owners(root) == {(OLD, OLD)}


def test_a_damaged_store_is_given_and_said_to_be_damaged(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    next(root.glob("20*/5A/journal.log")).write_bytes(b"x\n")
    assert command(root) == 6
    assert "CHỖ HỎNG" in capsys.readouterr().out
    assert owners(root) == {(NOBODY.pw_uid, NOBODY.pw_gid)}


# --- without root ----------------------------------------------------------------------------------


def test_what_cannot_be_is_refused(store_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 1000)
    with pytest.raises(NotAllowed, match="Chỉ root"):
        hand_over(store_root, "nobody", NO_SOCKET)
    assert command(store_root) == 3
    monkeypatch.setattr(os, "getuid", lambda: 0)
    for name in ("khong-co-ai", "root", ""):
        assert main(["store", "hand-over", "--to", name, "--store", str(store_root)]) == 1
    assert command(tmp_path) == 6
    (tmp_path / "link").symlink_to(store_root)
    with pytest.raises(Refused, match="là một liên kết"):
        hand_over(tmp_path / "link", "nobody", NO_SOCKET)
    assert (store_root / IN_USE).lstat().st_uid == os.geteuid()
