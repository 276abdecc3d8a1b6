"""An account of the machine for each teacher, with a real sshd, PAM and the settings that the program prints."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from hocba_tui.flow.desk import STAFF
from hocba_tui.flow.opening import open_desk
from hocba_tui.store.backend import Edit
from tests.support.first_way import PASSWORD, FirstWay, require_root
from tests.support.once import copied
from tests.support.table import table
from tests.support.terminal import LIMIT, Terminal

HOMES = {"gv.hoa": "Nhập kết quả lớp 5A", "gv.lan": "Nhập kết quả lớp 4A"}
LOGINS = {"gv.5a": "gv.hoa", "gv.4a": "gv.lan"}
"""Accounts of the school, and who they are on the machine; gv.la has no account of the school."""
ATTACH = "/srv/bin/hocba-attach"


@pytest.fixture(scope="module")
def school(few_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FirstWay]:
    require_root()
    folder = tmp_path_factory.mktemp("first-way")
    root = copied(few_store, folder / "store")
    desk = open_desk(root, "admin")
    for account, name in LOGINS.items():
        held = desk.school_shard.document(STAFF, account).get("system_user")
        desk.school_shard.change("admin", "set_account", [Edit(STAFF, account, "system_user", held, name)])
    with FirstWay(folder / "machine", root) as found:
        yield found


def leave(terminal: Terminal) -> None:
    terminal.press("f10")
    assert terminal.wait_for_end() == 0


def test_a_key_lets_in_and_the_kernel_says_who_it_is(school: FirstWay) -> None:
    with school.terminal("gv.hoa") as terminal:
        terminal.wait_for(HOMES["gv.hoa"])
        status = school.run("hocba", "ps", "-o", "user=,comm=", "-e").stdout.splitlines()
        assert ["gv.hoa", "cat"] in [line.split() for line in status], "what stays of the attach program"
        leave(terminal)


def test_a_password_lets_in_and_a_wrong_one_does_not(school: FirstWay) -> None:
    with school.terminal("gv.lan") as terminal:
        terminal.wait_for("Password:")
        terminal.send(b"wrong\r")
        terminal.wait(lambda: terminal.text.count("Password:") == 2, "to be asked again")
        terminal.send(PASSWORD.encode() + b"\r")
        terminal.wait_for(HOMES["gv.lan"])
        leave(terminal)


def test_who_is_nobody_in_the_school_is_told_so(school: FirstWay) -> None:
    with school.terminal("gv.la") as terminal:
        terminal.wait_for("Người dùng “gv.la” của máy chưa gắn với tài khoản nào")
        terminal.wait_for_end()


@table("words", ["id", "sh", "cat /srv/hocba/hocba.json", "internal-sftp", "hocba account list", "exec " + ATTACH])
def test_no_other_command_of_the_machine_runs(school: FirstWay, words: str) -> None:
    done = subprocess.run(
        [*school.ssh("gv.hoa"), words], capture_output=True, text=True, timeout=LIMIT, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert "Lệnh này không đi qua cửa máy chủ được." in done.stderr


def test_a_command_that_the_manual_promises_runs(school: FirstWay) -> None:
    done = subprocess.run(
        [*school.ssh("gv.hoa"), "hocba verify -"], capture_output=True, input=b"<a/>", timeout=LIMIT, check=False
    )
    assert done.returncode == 10
    assert "KHÔNG KIỂM TRA ĐƯỢC" in done.stdout.decode()


@table("way", ["sftp", "scp", "scp -O"])
def test_no_file_goes_in_or_out(school: FirstWay, tmp_path: Path, way: str) -> None:
    ours = tmp_path / "ours"
    ours.write_text("x", encoding="utf-8")
    _, *options, host = school.ssh("gv.hoa")
    options = [("-P" if word == "-p" else word) for word in options]
    for names in ([str(ours), f"{host}:put"], [f"{host}:letter", str(tmp_path / "got")]):
        command = [*way.split(), *options, *([host] if way == "sftp" else names)]
        orders = f"put {ours} put\nget letter {tmp_path}/got\n"
        done = subprocess.run(command, input=orders, capture_output=True, text=True, timeout=LIMIT, check=False)
        assert done.returncode, done.stdout
    assert not (tmp_path / "got").exists()
    assert "put" not in school.run("root", "ls", "/home/gv.hoa").stdout


def test_su_and_the_console_get_the_same_screen_and_no_shell(school: FirstWay) -> None:
    with Terminal(school.inside("root", "su", "-", "gv.hoa")) as terminal:
        terminal.wait_for(HOMES["gv.hoa"])
        leave(terminal)
    done = school.run("root", "su", "gv.hoa", "-c", "id")
    assert (done.returncode, done.stdout) == (3, "")
    assert "không chạy lệnh khác của máy" in done.stderr


def test_a_teachers_own_process_reads_nothing_of_the_store(school: FirstWay) -> None:
    for command in (["ls", "/srv/hocba"], ["cat", "/srv/hocba/hocba.json"], ["ls", "/home/gv.lan"]):
        done = school.run("gv.hoa", *command)
        assert (done.returncode != 0, done.stdout) == (True, ""), command
        assert "Permission denied" in done.stderr, command
    assert school.run("hocba", "ls", "/srv/hocba").stdout


def test_a_teachers_own_process_comes_in_as_nobody_else(school: FirstWay) -> None:
    with Terminal(school.inside("gv.lan", ATTACH, "--as", "hieutruong")) as terminal:
        terminal.wait_for("--as chỉ dùng trong kho tập huấn")
        terminal.wait_for_end()
    with Terminal(school.inside("gv.lan", "env", "LOGNAME=gv.hoa", "USER=gv.hoa", ATTACH)) as terminal:
        terminal.wait_for(HOMES["gv.lan"])
        leave(terminal)


def test_no_teacher_orders_the_server_about(school: FirstWay) -> None:
    for part in ("stop", "status"):
        done = school.run("gv.hoa", *school.hocba("serve", part))
        assert done.returncode == 3, done.stderr
        assert "Chỉ tài khoản giữ kho" in done.stderr


def test_the_server_reads_nothing_in_a_teachers_home(school: FirstWay) -> None:
    with school.terminal("gv.hoa") as terminal:
        terminal.wait_for(HOMES["gv.hoa"])
        leave(terminal)
    assert school.run("gv.hoa", "stat", "-c", "%A", "/home/gv.hoa/.hocba").stdout == "drwx------\n"
    for command in (["cat", "/home/gv.hoa/letter"], ["ls", "/home/gv.hoa/.hocba"]):
        assert "Permission denied" in school.run("hocba", *command).stderr
