"""One login for all behind the sshd of root, in a store that has moved to it: the steps of the manual, one by one."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from hocba_tui.flow.desk import STAFF
from hocba_tui.flow.opening import open_desk
from hocba_tui.store.backend import SCHOOL, Edit
from tests.support.machine import require_root
from tests.support.once import copied
from tests.support.second_way import SecondWay
from tests.support.terminal import LIMIT, Terminal

HOME = "Việc của tôi hôm nay"


@pytest.fixture(scope="module")
def second_way(few_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecondWay]:
    """A real school, whose teacher of 5A is the user hoa of the machine; the others are nobody there."""
    require_root()
    folder = tmp_path_factory.mktemp("second-way")
    root = copied(few_store, folder / "store")
    school = open_desk(root, "admin").school_shard
    held = school.document(STAFF, "gv.5a").get("system_user")
    edits = [Edit(SCHOOL, SCHOOL, "training", True, None), Edit(STAFF, "gv.5a", "system_user", held, "hoa")]
    school.change("test", "test", edits)
    del school
    with SecondWay(folder / "machine", root) as found:
        yield found


def leave(terminal: Terminal) -> None:
    terminal.press("f10")
    assert terminal.wait_for_end() == 0


def test_the_store_has_moved_whole(second_way: SecondWay) -> None:
    assert "Kho /srv/hocba nay là của hocba" in second_way.said
    checked = second_way.hocba("store", "check")
    assert (checked.returncode, "còn nguyên" in checked.stdout) == (0, True), checked.stderr
    others = second_way.run("root", "find", "/srv/hocba", "!", "-user", "hocba", "-o", "-perm", "/077")
    assert others.stdout == ""
    assert second_way.hocba("check", user="hoa").returncode == 6, "who owned it does not open it any more"


def test_a_teacher_comes_in_by_a_key_as_the_user_who_owns_the_store(second_way: SecondWay) -> None:
    with second_way.terminal("gv.4a") as terminal:
        terminal.wait_for(HOME)
        assert "gv.4a: màn hình" in second_way.hocba("serve", "status").stdout
        assert "bằng khóa" in second_way.hocba("serve", "status").stdout
        leave(terminal)


def test_who_owned_the_store_comes_in_through_the_door_by_the_same_login(second_way: SecondWay) -> None:
    with Terminal(second_way.inside("hoa", "/srv/bin/hocba-attach")) as terminal:
        terminal.wait_for(HOME)
        status = second_way.hocba("serve", "status").stdout
        assert "gv.5a: màn hình" in status
        assert "bằng khóa" not in status
        leave(terminal)


def test_a_head_comes_in_only_when_a_head_has_said_so(second_way: SecondWay) -> None:
    with second_way.terminal("hieutruong") as terminal:
        terminal.wait_for("Tài khoản hieutruong có quyền Hiệu trưởng nên không vào")
        terminal.wait_for_end()
    listed = second_way.hocba("ssh-key", "list").stdout
    assert "Chưa vào được: Tài khoản hieutruong" in listed
    assert "2 khóa trong /var/mail/hocba/.ssh/authorized_keys." in listed


@pytest.mark.parametrize("words", ["id", "sh", "internal-sftp", "cat /srv/hocba/identity"])
def test_no_command_of_the_machine_runs_as_the_user_who_owns_the_store(second_way: SecondWay, words: str) -> None:
    done = subprocess.run(
        [*second_way.ssh("gv.4a"), words], capture_output=True, text=True, timeout=LIMIT, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")


def test_no_file_of_the_store_is_removed_for_a_socket_and_no_password_is_asked(second_way: SecondWay) -> None:
    done = subprocess.run(
        second_way.ssh("gv.4a", "-N", "-o", "ExitOnForwardFailure=yes", "-R", "/srv/hocba/identity:127.0.0.1:9"),
        capture_output=True, text=True, timeout=LIMIT, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 255
    assert second_way.run("hocba", "test", "-f", "/srv/hocba/identity").returncode == 0
    without = second_way.ssh("gv.4a", "-v", "-o", "PubkeyAuthentication=no", "-o", "BatchMode=yes")
    asked = subprocess.run(without, capture_output=True, text=True, timeout=LIMIT, check=False)
    assert "Permission denied (publickey)." in asked.stderr
