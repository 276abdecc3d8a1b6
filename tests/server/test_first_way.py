"""An account of the machine for each teacher, with a real sshd, PAM and the settings that the program prints."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from tests.support.first_way import PASSWORD, FirstWay
from tests.support.table import table
from tests.support.terminal import LIMIT, Terminal

HOMES = {"gv.hoa": "Danh sách lớp 5A", "gv.lan": "Danh sách lớp 4A"}
ATTACH = "/srv/bin/hocba-attach"
MANUAL = Path(__file__).parents[2] / "docs" / "lap-truong.md"


def leave(terminal: Terminal) -> None:
    terminal.press("f10")
    assert terminal.wait_for_end() == 0


def test_a_key_lets_in_and_the_kernel_says_who_it_is(first_way: FirstWay) -> None:
    with first_way.terminal("gv.hoa") as terminal:
        terminal.wait_for(HOMES["gv.hoa"])
        status = first_way.run("hocba", "ps", "-o", "user=,comm=", "-e").stdout.splitlines()
        assert ["gv.hoa", "cat"] in [line.split() for line in status], "what stays of the attach program"
        leave(terminal)


def test_a_password_lets_in_and_a_wrong_one_does_not(first_way: FirstWay) -> None:
    with first_way.terminal("gv.lan") as terminal:
        terminal.wait_for("Password:")
        terminal.send(b"wrong\r")
        terminal.wait(lambda: terminal.text.count("Password:") == 2, "to be asked again")
        terminal.send(PASSWORD.encode() + b"\r")
        terminal.wait_for(HOMES["gv.lan"])
        leave(terminal)


def test_who_is_nobody_in_the_school_is_told_so(first_way: FirstWay) -> None:
    with first_way.terminal("gv.la") as terminal:
        terminal.wait_for("Người dùng “gv.la” của máy chưa gắn với tài khoản nào")
        terminal.wait_for_end()


@table("words", ["id", "sh", "cat /srv/hocba/hocba.json", "internal-sftp", "hocba account list", "exec " + ATTACH])
def test_no_other_command_of_the_machine_runs(first_way: FirstWay, words: str) -> None:
    done = subprocess.run(
        [*first_way.ssh("gv.hoa"), words], capture_output=True, text=True, timeout=LIMIT, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert "Lệnh này không đi qua cửa máy chủ được." in done.stderr


def test_a_command_that_the_manual_promises_runs(first_way: FirstWay) -> None:
    done = subprocess.run(
        [*first_way.ssh("gv.hoa"), "hocba verify -"], capture_output=True, input=b"<a/>", timeout=LIMIT, check=False
    )
    assert done.returncode == 10
    assert "KHÔNG KIỂM TRA ĐƯỢC" in done.stdout.decode()


@table("way", ["sftp", "scp", "scp -O"])
def test_no_file_goes_in_or_out(first_way: FirstWay, tmp_path: Path, way: str) -> None:
    ours = tmp_path / "ours"
    ours.write_text("x", encoding="utf-8")
    _, *options, host = first_way.ssh("gv.hoa")
    options = [("-P" if word == "-p" else word) for word in options]
    for names in ([str(ours), f"{host}:put"], [f"{host}:letter", str(tmp_path / "got")]):
        command = [*way.split(), *options, *([host] if way == "sftp" else names)]
        orders = f"put {ours} put\nget letter {tmp_path}/got\n"
        done = subprocess.run(command, input=orders, capture_output=True, text=True, timeout=LIMIT, check=False)
        assert done.returncode, done.stdout
    assert not (tmp_path / "got").exists()
    assert "put" not in first_way.run("root", "ls", "/home/gv.hoa").stdout


def test_su_and_the_console_get_the_same_screen_and_no_shell(first_way: FirstWay) -> None:
    with Terminal(first_way.inside("root", "su", "-", "gv.hoa")) as terminal:
        terminal.wait_for(HOMES["gv.hoa"])
        leave(terminal)
    done = first_way.run("root", "su", "gv.hoa", "-c", "id")
    assert (done.returncode, done.stdout) == (3, "")
    assert "không chạy lệnh khác của máy" in done.stderr


def test_a_teachers_own_process_reads_nothing_of_the_store(first_way: FirstWay) -> None:
    for command in (["ls", "/srv/hocba"], ["cat", "/srv/hocba/hocba.json"], ["ls", "/home/gv.lan"]):
        done = first_way.run("gv.hoa", *command)
        assert (done.returncode != 0, done.stdout) == (True, ""), command
        assert "Permission denied" in done.stderr, command
    assert first_way.run("hocba", "ls", "/srv/hocba").stdout


def test_a_teachers_own_process_comes_in_as_nobody_else(first_way: FirstWay) -> None:
    with Terminal(first_way.inside("gv.lan", ATTACH, "--as", "hieutruong")) as terminal:
        terminal.wait_for("--as chỉ dùng trong kho tập huấn")
        terminal.wait_for_end()
    with Terminal(first_way.inside("gv.lan", "env", "LOGNAME=gv.hoa", "USER=gv.hoa", ATTACH)) as terminal:
        terminal.wait_for(HOMES["gv.lan"])
        leave(terminal)


def test_no_teacher_orders_the_server_about(first_way: FirstWay) -> None:
    for part in ("stop", "status"):
        done = first_way.run("gv.hoa", *first_way.hocba("serve", part))
        assert done.returncode == 3, done.stderr
        assert "Chỉ tài khoản giữ kho" in done.stderr


def test_the_server_reads_nothing_in_a_teachers_home(first_way: FirstWay) -> None:
    with first_way.terminal("gv.hoa") as terminal:
        terminal.wait_for(HOMES["gv.hoa"])
        leave(terminal)
    assert first_way.run("gv.hoa", "stat", "-c", "%A", "/home/gv.hoa/.hocba").stdout == "drwx------\n"
    for command in (["cat", "/home/gv.hoa/letter"], ["ls", "/home/gv.hoa/.hocba"]):
        assert "Permission denied" in first_way.run("hocba", *command).stderr


def test_who_has_left_gets_in_neither_by_key_nor_by_password(first_way: FirstWay) -> None:
    for when, words in (("1", "expired"), ("", "chưa gắn với tài khoản nào")):
        first_way.run("root", "usermod", "--expiredate", when, "gv.la")
        with first_way.terminal("gv.la") as terminal:
            terminal.wait_for(words)
            terminal.wait_for_end()


def test_the_service_takes_a_newer_program_and_its_user_runs_the_commands_of_an_administrator(
    first_way: FirstWay,
) -> None:
    assert first_way.run("hocba", *first_way.hocba("serve", "reload")).returncode == 0
    with first_way.terminal("gv.hoa") as terminal:
        terminal.wait_for(HOMES["gv.hoa"])
        leave(terminal)
    listed = first_way.run("hocba", *first_way.hocba("account", "list", "--store", "/srv/hocba"))
    assert listed.returncode == 0, listed.stderr
    assert "gv.hoa" in listed.stdout


def test_the_manual_names_the_commands_that_made_these_accounts() -> None:
    _, _, rest = MANUAL.read_text(encoding="utf-8").partition("\n## Cho cả trường vào qua SSH\n")
    text = rest.partition("\n## ")[0].replace("/opt/hocba/.venv/bin/", "/srv/bin/")
    named = [line.strip() for line in text.splitlines() if re.match(r" +(groupadd|useradd) ", line)]
    script = (MANUAL.parents[1] / "tests" / "support" / "first_way.sh").read_text(encoding="utf-8")
    used = [line.strip() for line in script.replace('"$login"', "gv.hoa").splitlines()]
    assert len(named) == 3
    assert [line for line in named if line not in used] == []
