"""An account of the machine for each teacher, with a real sshd, PAM and the settings that the program prints."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
from pathlib import Path

from tests.support.first_way import PASSWORD, FirstWay
from tests.support.served import wait_until
from tests.support.table import table
from tests.support.terminal import LIMIT, Terminal

GUESSES = 5
"""Clients for each of three logins, with three guesses each."""
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


def test_a_flood_of_wrong_passwords_gets_nowhere_disturbs_nobody_and_leaves_nothing(
    first_way: FirstWay, tmp_path: Path
) -> None:
    guess = tmp_path / "guess"
    guess.write_text("#!/bin/sh\necho wrong\n", encoding="utf-8")
    guess.chmod(0o700)
    guesses = {**os.environ, "SSH_ASKPASS": str(guess), "SSH_ASKPASS_REQUIRE": "force"}
    with first_way.terminal("gv.hoa") as terminal:
        terminal.wait_for(HOMES["gv.hoa"])
        before = processes(first_way)
        with contextlib.ExitStack() as held:
            guessing = [
                held.enter_context(
                    subprocess.Popen(
                        first_way.ssh(login, "-o", "PreferredAuthentications=keyboard-interactive"), env=guesses,
                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                    )
                )
                for _ in range(GUESSES)
                for login in ("gv.lan", "gv.hoa", "nobody.here")
            ]  # fmt: skip
            for one in guessing:
                held.callback(one.kill)
            terminal.press("enter")
            terminal.wait_for("học bạ sẵn sàng")
            with first_way.terminal("gv.lan", "-b", "127.0.0.2") as other:
                other.wait_for("Password:")
                other.send(PASSWORD.encode() + b"\r")
                other.wait_for(HOMES["gv.lan"])
                leave(other)
            told = [one.communicate(timeout=2 * LIMIT) for one in guessing]
        assert {one.returncode for one in guessing} == {255}
        assert {out for out, _ in told} == {b""}
        asked = [error for _, error in told if b"Permission denied" in error]
        assert len(asked) >= GUESSES, "most were refused before they were asked"
        wait_until(lambda: processes(first_way) == before, "nothing to be left of them", 2 * LIMIT)
        leave(terminal)


def processes(first_way: FirstWay) -> dict[str, int]:
    """Return how many processes of each kind the machine has."""
    names = first_way.run("root", "ps", "-o", "comm=", "-e").stdout.split()
    return {name: names.count(name) for name in names}


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
        done = first_way.hocba("serve", part, user="gv.hoa")
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
    assert first_way.hocba("serve", "reload").returncode == 0
    with first_way.terminal("gv.hoa") as terminal:
        terminal.wait_for(HOMES["gv.hoa"])
        leave(terminal)
    listed = first_way.hocba("account", "list")
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


def test_who_came_in_is_noted_with_the_address_that_sshd_saw(first_way: FirstWay) -> None:
    with first_way.terminal("gv.hoa", "-b", "127.0.0.3") as terminal:
        terminal.wait_for(HOMES["gv.hoa"])
        leave(terminal)
    with first_way.terminal("gv.la", "-b", "127.0.0.4") as terminal:
        terminal.wait_for_end()
    wait_until(lambda: "127.0.0.4" in noted(first_way), "both to be noted")
    lines = [line for line in noted(first_way).splitlines() if "127.0.0.3" in line or "127.0.0.4" in line]
    acts = [re.findall(r'"do":"(\w+)"', line)[0] for line in lines]
    assert acts == ["log_in", "log_out", "log_in_refused"]
    assert '"by":"gv.la"' in lines[-1]


def noted(first_way: FirstWay) -> str:
    return first_way.run("root", "sh", "-c", "cat /srv/hocba/activity/*/journal.log").stdout


def test_wrong_passwords_are_found_where_root_looks_for_them(first_way: FirstWay, tmp_path: Path) -> None:
    first_way.run("root", "sh", "-c", "[ -e /var/log/btmp ] || install -m 660 /dev/null /var/log/btmp")
    guess = tmp_path / "guess"
    guess.write_text("#!/bin/sh\necho wrong\n", encoding="utf-8")
    guess.chmod(0o700)
    guesses = {**os.environ, "SSH_ASKPASS": str(guess), "SSH_ASKPASS_REQUIRE": "force"}
    for login in ("gv.lan", "khong.co"):
        options = ("-b", "127.0.0.5", "-o", "PreferredAuthentications=keyboard-interactive")
        subprocess.run(
            [*first_way.ssh(login, *options), "-o", "NumberOfPasswordPrompts=1"],
            env=guesses, stdin=subprocess.DEVNULL, capture_output=True, timeout=LIMIT, check=False,
        )  # fmt: skip
    code = (
        "from pathlib import Path; from hocba_tui.machine.failed_logins import failed_logins\n"
        "found = failed_logins([Path('/var/log/btmp')], lambda name: name == 'gv.lan', '', '9999')\n"
        "print(sorted({(each.login, each.came_from) for each in found if each.came_from == '127.0.0.5'}))"
    )
    done = first_way.run("root", sys.executable, "-P", "-c", code)
    assert done.stdout.strip() == "[('', '127.0.0.5'), ('gv.lan', '127.0.0.5')]", done.stderr
