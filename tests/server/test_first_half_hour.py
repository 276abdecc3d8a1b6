"""The first half hour of a real school: from a bare computer to the first grade that a teacher types over ssh."""

from __future__ import annotations

import shlex
import socket
import subprocess
import sys
from pathlib import Path

from hocba_tui.demo.class_list import write_class_list
from hocba_tui.demo.school import DemoSchool, pupils_of
from hocba_tui.text import name_order
from tests.server.test_set_up import HOCBA, SETUP, Bare, answers, bare, ssh_by_password
from tests.support.served import wait_until
from tests.support.terminal import LIMIT, Terminal

__all__ = ["bare"]

OWN = "hoa-phuong-do"
ASKED: tuple[tuple[str, ...], ...] = (
    ("Trường Tiểu học Mẫu", "99000999", "", "", "25/06/2027", "10/08/2027"),
    ("Sở Giáo dục và Đào tạo Ninh Bình", "37", "Tỉnh Ninh Bình", "", "Xã Mẫu"),
    ("Nguyễn Thị Mẫu", "", "", "037175000001"),
    ("Trần Thị Mẫu",),
    ("Lê Văn Mẫu",),
    ("5A",),
)
"""What is typed into each page of the wizard; an empty line leaves what stands there."""
LOGINS = "/etc/systemd/system/hocba-logins.service"


def as_owner(machine: Bare, *words: str) -> str:
    done = machine.run("hocba", HOCBA, *words, "--store", "/srv/hocba/kho")
    assert (done.returncode, done.stderr) == (0, ""), (words, done.stdout, done.stderr)
    return done.stdout


def log_in_for_the_first_time(terminal: Terminal, password: str, key: str = "") -> None:
    """Type the password of the slip, the code of the phone where one is asked, then one's own twice, as the slip says.

    ``key`` is what the phone was given.
    """
    for question, answer in (
        ("assword:", password), *([("Verification code:", code_now(key))] if key else []),
        ("Current password:", password), ("New password:", OWN), ("Retype new password:", OWN),
    ):  # fmt: skip
        terminal.wait_for(question)
        terminal.send(answer.encode() + b"\r")


def code_now(key: str) -> str:
    return subprocess.run(["oathtool", "--totp", "--base32", key], capture_output=True, text=True, check=True).stdout


def as_unit(machine: Bare, unit: str) -> subprocess.CompletedProcess[str]:
    """Run what a unit of root's runs, with the powers, the folders and the system calls that the unit leaves."""
    script = Path(__file__).parents[1] / "support" / "as_root_unit.sh"
    places = (f"PYTHON={sys.executable}", f"PROGRAM={Path(__file__).parents[2]}")
    return machine.root("env", *places, "unshare", "--mount", "sh", str(script), unit)


def press(terminal: Terminal, seen: str, *keys: str) -> None:
    """Press keys as a person does: after having seen what they are about, each painted."""
    terminal.wait_for(seen)
    for key in keys:
        terminal.wait_quiet(0.3)
        terminal.press(key)


def found(bare: Bare) -> None:
    """Found the school as the service's user, with the wizard, and leave the app that it opens then."""
    command = bare.inside("hocba", "env", "TERM=xterm-256color", HOCBA, "open", "--store", "/srv/hocba/kho")
    with Terminal(command) as terminal:
        for number, lines in enumerate(ASKED, start=1):
            terminal.wait_for(f"Bước {number}/7")
            terminal.wait_quiet(0.3)
            terminal.send("\r".join(lines).encode())
            terminal.wait_quiet(0.3)
            terminal.send(b"\x17")
        press(terminal, "3 tài khoản, 1 lớp: 5A", "f7")
        press(terminal, "F7: lập trường   Esc: không", "f7")
        press(terminal, "Đã lập Trường Tiểu học Mẫu", "enter")
        press(terminal, "Việc của tôi hôm nay", "f10")
        assert terminal.wait_for_end() == 0


def test_from_a_bare_computer_to_the_first_grade(bare: Bare, demo: DemoSchool, tmp_path: Path) -> None:
    assert bare.root(*SETUP).returncode == 0

    found(bare)

    room = next(year.classroom for year in demo.classes if year.classroom.key == "5A")
    pupils = sorted(pupils_of(demo, "5A")[:8], key=lambda pupil: name_order(pupil.name))
    write_class_list(bare.work / "lop.xlsx", room.code, pupils)
    bare.root("install", "-m", "644", "/run/kept/1/lop.xlsx", "/srv/lop.xlsx")
    as_owner(bare, "account", "save", "gv.hoa", "--name", "Phạm Thị Hoa", "--title", "Giáo viên", "--roles", "teacher")
    as_owner(bare, "class", "save", "5A", "--grade", "5", "--code", room.code)
    as_owner(bare, "intake", "pupils", "/srv/lop.xlsx")
    assert "gv.hoa: Phạm Thị Hoa, đăng nhập gv.hoa" in as_owner(bare, "account", "logins")

    made = as_unit(bare, LOGINS)
    assert (made.returncode, made.stderr) == (0, ""), made.stdout
    again = bare.root(HOCBA, "account", "apply", "--yes")
    assert again.stdout == "Người dùng của máy đã đúng như danh sách của trường.\n"
    slips = bare.root("sh", "-c", "cat /etc/hocba/phieu/*").stdout
    assert bare.root("sh", "-c", "stat -c %a /etc/hocba/phieu /etc/hocba/phieu/*").stdout == "700\n600\n"
    passwords = {
        part.split("ssh ")[1].split("@")[0]: part.split("Password: ")[1].split()[0]
        for part in slips.split("- - -") if "Password: " in part
    }  # fmt: skip
    assert set(passwords) == {"gv.hoa", "hieutruong", "vanthu"}
    keys = {
        part.split("): MÃ")[0].rsplit("(")[-1]: part.split("gõ khóa:")[1].splitlines()[1].replace(" ", "")
        for part in slips.split("- - -") if "MÃ 6 SỐ" in part
    }  # fmt: skip
    assert set(keys) == {"hieutruong", "vanthu"}

    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    bare.root("install", "-d", "-m", "711", "-o", "hocba", "/run/hocba")
    serve = subprocess.Popen(
        bare.inside("hocba", HOCBA, "serve", "--store", "/srv/hocba/kho"), stdout=subprocess.DEVNULL
    )
    sshd = subprocess.Popen(
        bare.inside("root", "/usr/sbin/sshd", "-D", "-p", str(port), "-o", "ListenAddress=127.0.0.1")
    )
    try:
        wait_until(lambda: answers(port), "sshd", LIMIT)
        wait_until(lambda: "phiên" in bare.run("hocba", HOCBA, "serve", "status").stdout, "the server", LIMIT)
        with Terminal(ssh_by_password("hieutruong", port, tmp_path)) as terminal:
            log_in_for_the_first_time(terminal, passwords["hieutruong"], keys["hieutruong"])
            press(terminal, "Việc của tôi hôm nay", "ctrl+p")
            terminal.send(b"ky nhap")
            press(terminal, "Mở, khóa các kỳ nhập", "enter")
            press(terminal, "Tình trạng", "end", "enter")
            terminal.wait_for("Lí do")
            terminal.send(b"cuoi nam\r")
            press(terminal, "đang mở", "escape")
            press(terminal, "Việc của tôi hôm nay", "end", "enter")
            press(terminal, "Sĩ số", "f3")
            press(terminal, "Ai chủ nhiệm", "1")
            press(terminal, "CHƯA CÓ AI", "e")
            terminal.wait_for("Phạm Thị Hoa")
            terminal.send(b"gv.hoa\r")
            press(terminal, "Từ ngày", "enter")
            press(terminal, "Esc: không", "f7")
            press(terminal, "Đã phân công", "f10")
            assert terminal.wait_for_end() == 0
        with Terminal(ssh_by_password("gv.hoa", port, tmp_path)) as terminal:
            log_in_for_the_first_time(terminal, passwords["gv.hoa"])
            press(terminal, "Danh sách lớp 5A", "enter")
            press(terminal, "Gõ là lưu ngay", "t")
            terminal.wait_for("đã lưu")
            press(terminal, pupils[0].name, "f10")
            assert terminal.wait_for_end() == 0
    finally:
        for process in (serve, sshd):
            process.kill()
            process.wait()

    told = as_owner(bare, "store", "history", "--class", "5A", "--pupil", pupils[0].code)
    assert "gv.hoa" in told
    refused = bare.root(HOCBA, "account", "apply", "--reset", "root", "--yes")
    assert (refused.returncode, "root không phải người dùng của nhóm hocba-gv" in refused.stderr) == (1, True)
    assert bare.root(HOCBA, "account", "apply", "--reset", "gv.hoa", "--yes").returncode == 0
    assert bare.root("getent", "shadow", "gv.hoa").stdout.split(":")[2] == "0", "to be changed again"
    assert "Người yêu cầu: người giữ máy chủ (root)" in as_owner(bare, "account", "asked")

    bare.root("sh", "-c", "rm /etc/hocba/phieu/*")
    as_owner(bare, "account", "ask", "gv.hoa", "unlock")
    as_owner(bare, "account", "ask", "gv.hoa", "password")
    assert "Chờ người thứ hai" in as_owner(bare, "account", "ask", "vanthu", "password")
    by_timer = as_unit(bare, LOGINS)
    assert (by_timer.returncode, by_timer.stderr) == (0, ""), by_timer.stdout
    assert "mật khẩu dùng một lần: gv.hoa (Phạm Thị Hoa), trường yêu cầu" in by_timer.stdout
    assert "vanthu" not in by_timer.stdout, "not before a second person has confirmed it"
    assert "ssh gv.hoa@may-chu" in bare.root("sh", "-c", "cat /etc/hocba/phieu/*").stdout
    told = as_owner(bare, "account", "asked")
    assert "đã cấp mật khẩu dùng một lần. Người yêu cầu: Lê Văn Mẫu (quantri)" in told, told
    assert "hocba account confirm vanthu password" in told
    assert (as_unit(bare, LOGINS).stdout, bare.root("ls", "/etc/hocba").stdout) == (
        "", "drill.key\ndrill.pub\nphieu\nsetup.toml\nvan-tay.txt\n",
    )  # fmt: skip
    with Terminal(bare.inside("root", HOCBA, "account", "apply", "--new-code", "vanthu")) as terminal:
        terminal.wait_for("mã 6 số mới: vanthu")
        terminal.send(b"co\r")
        assert terminal.wait_for_end() == 0
        assert "█▀▀▀▀▀█" in terminal.text, "to be scanned from the screen"
    assert "đã cấp mã 6 số mới. Người yêu cầu: người giữ máy chủ (root)" in as_owner(bare, "account", "asked")

    for unit in ("hocba-backup", "hocba-drill"):
        text = bare.root("cat", f"/etc/systemd/system/{unit}.service").stdout
        commands = [line.removeprefix("ExecStart=") for line in text.splitlines() if line.startswith("ExecStart=")]
        assert commands
        for command in commands:
            ran = bare.run("hocba", *shlex.split(command))
            assert (ran.returncode, ran.stderr) == (0, ""), (command, ran.stdout)
    assert "khôi phục thử trong 24 giờ qua" in bare.run("hocba", HOCBA, "doctor", "--store", "/srv/hocba/kho").stdout
