"""``hocba setup`` on a computer of its own (in namespaces): from nothing to a teacher who comes in, and back."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.machine import Machine, require_root
from tests.support.served import wait_until
from tests.support.terminal import LIMIT, Terminal

SCRIPT = Path(__file__).parents[1] / "support" / "bare.sh"
HOCBA = "/srv/program/bin/hocba"
SETUP = (HOCBA, "setup", "--yes", "--programs", "/srv/program/bin", "--keeper", "quan.tri", "--address", "may-chu")
RECIPIENT = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
FILES = ("/etc/ssh/sshd_config.d/00-hocba.conf", "/etc/systemd/system/hocba.service", "/etc/pam.d/sshd")


class Bare(Machine):
    """A computer with Python, sshd and the program; nothing is set up."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700)
        super().__init__(folder, SCRIPT)
        try:
            wait_until((folder / "ready").exists, "the computer", LIMIT)
        except BaseException:
            self.end()
            raise

    def root(self, *command: str) -> subprocess.CompletedProcess[str]:
        return self.run("root", *command)

    def all_of(self, *paths: str) -> list[str]:
        return [self.root("cat", path).stdout for path in paths]


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Bare]:
    require_root()
    with Bare(tmp_path / "machine") as machine:
        yield machine


def test_it_is_set_up_looked_at_and_taken_back_without_the_data(bare: Bare) -> None:
    pam = bare.all_of("/etc/pam.d/sshd")
    missing = bare.root(*SETUP, "--check")
    assert missing.returncode == 1, missing.stderr
    assert "thêm: tài khoản dịch vụ hocba" in missing.stdout
    assert bare.root("id", "hocba").returncode, "only looked at"

    done = bare.root(*SETUP, "--recipient", RECIPIENT)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "systemd không chạy ở đây" in done.stdout
    assert bare.root("stat", "-c", "%U %a", "/srv/hocba").stdout == "hocba 700\n"
    assert bare.root("stat", "-c", "%U %a", "/etc/hocba/drill.key").stdout == "hocba 400\n"
    assert bare.root("sshd", "-t").returncode == 0
    sheet = bare.root("cat", "/etc/hocba/van-tay.txt").stdout
    assert bare.root("ssh-keygen", "-lf", "/etc/ssh/ssh_host_ed25519_key.pub").stdout.split()[1] in sheet
    assert "ssh TÊN-CỦA-BẠN@may-chu" in sheet
    assert f'--recipient "{RECIPIENT}"' in bare.root("cat", "/etc/systemd/system/hocba-backup.service").stdout

    assert "✓ Máy chủ của trường: như đã cài đặt\n" in bare.root(HOCBA, "doctor").stdout
    seen = bare.run("quan.tri", HOCBA, "doctor").stdout
    assert "như đã cài đặt, phần chỉ root xem được thì chưa xem (sudo hocba doctor)" in seen, seen
    bare.root("rm", FILES[0], "/etc/systemd/system/hocba-logins.path")
    for user in ("root", "quan.tri"):
        told = [line for line in bare.run(user, HOCBA, "doctor").stdout.splitlines() if line.startswith("! Máy chủ")]
        assert [line.split(" → ")[1] for line in told] == ["sudo hocba setup"] * 2, told
        assert "hocba-logins.path: ghi" in told[0]
    assert bare.root(*SETUP).returncode == 0

    before = bare.all_of(*FILES)
    again = bare.root(*SETUP)
    assert (again.returncode, again.stdout) == (0, "Máy đã đúng như cài đặt; không có gì phải làm.\n")
    assert bare.all_of(*FILES) == before

    gone = bare.root(HOCBA, "setup", "--remove", "--yes", "--programs", "/srv/program/bin")
    assert gone.returncode == 0, gone.stderr
    assert [bare.root("test", "-e", path).returncode for path in FILES] == [1, 1, 0]
    assert bare.all_of("/etc/pam.d/sshd") == pam
    assert bare.root("stat", "-c", "%U", "/srv/hocba", "/var/backups/hocba").stdout == "hocba\nhocba\n"


def test_five_questions_at_a_keyboard_and_a_word_before_anything_is_done(bare: Bare) -> None:
    for word, code in (("khong", 1), ("co", 0)):
        with Terminal(bare.inside("root", "env", "SUDO_USER=quan.tri", *SETUP[:2], *SETUP[3:5])) as terminal:
            for question, answer in (
                ("[/srv/hocba/kho]", ""), ("[/var/backups/hocba]", "/srv/backups"), ("dấu phẩy", RECIPIENT),
                ("[quan.tri]", ""), ("5. ", "10.0.0.5"), ("(gõ 'co')", word),
            ):  # fmt: skip
                terminal.wait_for(question)
                terminal.send(answer.encode() + b"\r")
            assert terminal.wait_for_end() == code
        assert bare.root("test", "-d", "/srv/backups").returncode == code, "nothing before the word"
    assert "10.0.0.5" in bare.root("cat", "/etc/hocba/van-tay.txt").stdout
    again = bare.root(HOCBA, "setup", "--check", "--programs", "/srv/program/bin")
    assert (again.returncode, again.stderr) == (0, ""), again.stdout


def test_nothing_of_sshd_is_changed_while_its_settings_are_broken(bare: Bare) -> None:
    bare.root("sh", "-c", "echo 'Nonsense yes' >/etc/ssh/sshd_config.d/99-other.conf")
    refused = bare.root(*SETUP)
    assert refused.returncode == 1
    assert "99-other.conf" in refused.stderr
    assert bare.root("test", "-e", FILES[0]).returncode == 1


def test_who_looks_after_the_computer_is_never_let_in_to_hocba_alone(bare: Bare) -> None:
    assert bare.root(*SETUP).returncode == 0
    bare.root("gpasswd", "--add", "quan.tri", "hocba-gv")
    refused = bare.root(*SETUP)
    assert refused.returncode == 1
    assert "gpasswd --delete quan.tri hocba-gv" in refused.stderr
    bare.root("gpasswd", "--delete", "quan.tri", "hocba-gv")
    # Another's file of settings may not be understood otherwise either.
    bare.root("rm", FILES[0])
    bare.root("sh", "-c", "echo 'Match User quan.tri' >/etc/ssh/sshd_config.d/50-other.conf")
    bare.root("sh", "-c", "echo '    MaxSessions 7' >>/etc/ssh/sshd_config.d/50-other.conf")
    assert bare.root(*SETUP).returncode == 0


def test_what_is_not_ours_is_neither_written_over_nor_given_away(bare: Bare) -> None:
    for order, named in (
        ("mkdir -p /srv/hocba && touch /srv/hocba/letter", "/srv/hocba"),
        ("rm -r /srv/hocba; echo '[Unit]' >/etc/systemd/system/hocba.service", "hocba.service"),
    ):
        bare.root("sh", "-c", order)
        refused = bare.root(*SETUP)
        assert refused.returncode == 1, refused.stdout
        assert named in refused.stderr
        assert bare.root("id", "hocba").returncode, "nothing was changed"


def test_five_wrong_passwords_close_a_teachers_account_and_never_the_keepers(bare: Bare, tmp_path: Path) -> None:
    assert bare.root(*SETUP).returncode == 0
    bare.root("useradd", "--create-home", "--gid", "hocba-gv", "--shell", "/srv/program/bin/hocba-attach", "gv.hoa")
    bare.root("sh", "-c", "printf 'gv.hoa:hoa-phuong-2026\\nquan.tri:bang-lang-2026\\n' | chpasswd")
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = int(found.getsockname()[1])
    sshd = subprocess.Popen(
        bare.inside("root", "/usr/sbin/sshd", "-D", "-p", str(port), "-o", "ListenAddress=127.0.0.1")
    )
    try:
        wait_until(lambda: answers(port), "sshd", LIMIT)
        for _ in range(2):
            refuse(ssh_by_password("gv.hoa", port, tmp_path), "wrong", 3)
        refuse(ssh_by_password("gv.hoa", port, tmp_path), "hoa-phuong-2026", 1)
        refuse(ssh_by_password("quan.tri", port, tmp_path), "wrong", 1)
        assert "valid" in bare.root("faillock", "--user", "gv.hoa").stdout.lower()
        assert "V" not in bare.root("faillock", "--user", "quan.tri").stdout.split("Valid")[-1], "nothing is counted"
        with Terminal(ssh_by_password("quan.tri", port, tmp_path)) as terminal:
            terminal.wait_for("assword:")
            terminal.send(b"bang-lang-2026\r")
            terminal.wait(lambda: "$" in terminal.text, "a shell")
    finally:
        sshd.kill()
        sshd.wait()


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return not probe.connect_ex(("127.0.0.1", port))


def refuse(command: list[str], password: str, times: int) -> None:
    """Type a password so many times, and see that it lets nobody in."""
    with Terminal([*command[:-1], "-o", f"NumberOfPasswordPrompts={times}", command[-1]]) as terminal:
        for count in range(1, times + 1):
            terminal.wait(lambda count=count: terminal.text.count("assword:") == count, "to be asked")  # type: ignore[misc]
            terminal.send(password.encode() + b"\r")
        assert terminal.wait_for_end() == 255


def ssh_by_password(login: str, port: int, folder: Path) -> list[str]:
    return [
        str(shutil.which("ssh")), "-F", "none", "-o", f"UserKnownHostsFile={folder}/known", "-o",
        "StrictHostKeyChecking=accept-new", "-o", "PreferredAuthentications=keyboard-interactive", "-p",
        str(port), f"{login}@127.0.0.1",
    ]  # fmt: skip
