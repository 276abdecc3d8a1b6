"""Codes of six digits at a real sshd: who is asked for one, what lets in, and what does not."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.server.test_set_up import HOCBA, SETUP, Bare, answers, bare
from tests.support.served import wait_until
from tests.support.terminal import LIMIT, Terminal

__all__ = ["bare"]

PASSWORD = "bang-lang-2026"
STEP = 30
NEW_CODE = """
import sys
from hocba_tui.machine.codes import new_code
code = new_code(sys.argv[1], "may-chu")
print(code.key, *code.scratch)
print(*code.picture, sep="\\n")
"""
IN = "Máy chủ học bạ chưa chạy"
"""What the attach program says while no server runs: who reads it has come in."""


@dataclass
class Door:
    """An sshd on a computer that was set up, and people of the school with a password."""

    machine: Bare
    port: int
    folder: Path
    held: dict[str, list[str]] = field(default_factory=dict)
    """What each person put into the phone, and the numbers on the sheet."""

    def add(self, login: str) -> None:
        add = ("useradd", "--create-home", "--key", "HOME_MODE=0700", "--gid", "hocba-gv", "--shell")
        assert self.machine.root(*add, "/srv/program/bin/hocba-attach", login).returncode == 0
        assert self.machine.root("sh", "-c", f"echo '{login}:{PASSWORD}' | chpasswd").returncode == 0

    def give_key(self, login: str) -> Path:
        """Let a key in, and return it."""
        key = self.folder / login
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
        home = f"/home/{login}/.ssh"
        line = key.with_suffix(f"{key.suffix}.pub").read_text(encoding="utf-8").strip()
        order = (
            f"install -d -m 700 -o {login} {home} && echo '{line}' >{home}/authorized_keys && chown {login} {home}/*"
        )
        assert self.machine.root("sh", "-c", order).returncode == 0
        return key

    def new_code(self, login: str) -> str:
        """Give a code and return what was drawn."""
        done = self.machine.root(sys.executable, "-c", NEW_CODE, login)
        assert (done.returncode, done.stderr) == (0, "")
        first, _, picture = done.stdout.partition("\n")
        self.held[login] = first.split()
        return picture

    def code(self, login: str) -> str:
        """Return the code of now, and never one that ends before it has been typed."""
        if (rest := STEP - time.time() % STEP) < 8:
            time.sleep(rest)
        command = ["oathtool", "--totp", "--base32", self.held[login][0]]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    def lets_in(self, login: str, *typed: str, key: Path | None = None) -> bool:
        """Log in with a password and a code, as far as they are typed; return whether that let in."""
        ways = "keyboard-interactive" if key is None else "publickey,keyboard-interactive"
        options = [
            f"UserKnownHostsFile={self.folder}/known", "StrictHostKeyChecking=accept-new", "NumberOfPasswordPrompts=1",
            f"PreferredAuthentications={ways}", f"BatchMode={'no' if typed else 'yes'}", "IdentitiesOnly=yes",
        ]  # fmt: skip
        words = [word for option in options for word in ("-o", option)]
        offered = ["-i", str(key)] if key else []
        command = [str(shutil.which("ssh")), "-F", "none", *words, *offered, "-p", str(self.port)]
        with Terminal([*command, f"{login}@127.0.0.1"]) as terminal:
            for question, answer in zip(("assword:", "code:"), typed, strict=False):
                terminal.wait_for(question)
                terminal.send(answer.encode() + b"\r")
            code = terminal.wait_for_end()
            assert (code != 255) == (IN in terminal.text), terminal.text
            return code != 255

    def wrong_ones(self, login: str) -> int:
        """Return how many wrong tries are counted."""
        told = self.machine.root("faillock", "--user", login).stdout
        return sum(line.rstrip().endswith(" V") for line in told.splitlines())


@pytest.fixture
def door(bare: Bare, tmp_path: Path) -> Iterator[Door]:
    done = bare.root(*SETUP)
    assert done.returncode == 0, done.stderr
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = int(found.getsockname()[1])
    sshd = subprocess.Popen(
        bare.inside("root", "/usr/sbin/sshd", "-D", "-p", str(port), "-o", "ListenAddress=127.0.0.1")
    )
    try:
        wait_until(lambda: answers(port), "sshd", LIMIT)
        yield Door(bare, port, tmp_path)
    finally:
        sshd.kill()
        sshd.wait()


def test_a_right_code_lets_in_once_and_a_wrong_one_never(door: Door) -> None:
    door.add("vanthu")
    picture = door.new_code("vanthu")
    drawn = [line.strip() for line in picture.splitlines() if line.strip()]
    corners = (drawn[0].startswith, drawn[0].endswith, drawn[-4].startswith)
    assert [corner("█▀▀▀▀▀█") for corner in corners] == [True] * 3, picture
    assert door.machine.root("stat", "-c", "%U %a", "/var/lib/hocba-totp", "/var/lib/hocba-totp/vanthu").stdout == (
        "root 700\nroot 400\n"
    )
    assert not door.lets_in("vanthu", PASSWORD, "000000")
    assert door.wrong_ones("vanthu") == 1, "a wrong code counts as a wrong password"
    now = door.code("vanthu")
    assert door.lets_in("vanthu", PASSWORD, now)
    assert not door.lets_in("vanthu", PASSWORD, now), "the same one again"

    old = door.code("vanthu")
    door.new_code("vanthu")
    assert not door.lets_in("vanthu", PASSWORD, old), "that phone is lost"
    scratch = door.held["vanthu"][1]
    assert door.lets_in("vanthu", PASSWORD, scratch)
    assert not door.lets_in("vanthu", PASSWORD, scratch), "each number once"


def test_a_key_alone_does_not_pass_and_who_has_no_code_is_not_asked(door: Door) -> None:
    for login in ("hieutruong", "gv.hoa", "pho"):
        door.add(login)
    door.new_code("hieutruong")
    key, teachers = door.give_key("hieutruong"), door.give_key("gv.hoa")
    assert not door.lets_in("hieutruong", key=key)
    assert door.lets_in("hieutruong", PASSWORD, door.code("hieutruong"), key=key)
    assert door.lets_in("gv.hoa", PASSWORD)
    assert door.lets_in("gv.hoa", key=teachers)
    # Who should have a code and has none (its file is gone) does not come in by the password.
    door.machine.root("usermod", "--append", "--groups", "hocba-totp", "pho")
    assert not door.lets_in("pho", PASSWORD, "000000")
    refused = door.machine.run("hieutruong", "cat", "/var/lib/hocba-totp/hieutruong")
    assert refused.returncode, "not even one's own"


def test_five_wrong_codes_close_the_account_and_it_can_be_opened_at_once(door: Door) -> None:
    door.add("vanthu")
    for wrong in (3, 2):
        door.new_code("vanthu")  # Three tries in half a minute are all that one file allows.
        for _ in range(wrong):
            assert not door.lets_in("vanthu", PASSWORD, "000000")
    door.new_code("vanthu")
    assert not door.lets_in("vanthu", PASSWORD, door.code("vanthu")), "nor the right one"
    door.new_code("vanthu")
    door.machine.root("faillock", "--user", "vanthu", "--reset")
    assert door.lets_in("vanthu", PASSWORD, door.code("vanthu"))


def test_a_school_that_wants_no_codes_asks_for_none(door: Door) -> None:
    door.add("vanthu")
    door.new_code("vanthu")
    done = door.machine.root(HOCBA, "setup", "--yes", "--codes", "khong", "--programs", "/srv/program/bin")
    assert done.returncode == 0, done.stderr
    assert "google" not in door.machine.root("cat", "/etc/pam.d/sshd").stdout
    assert door.lets_in("vanthu", PASSWORD)
    assert door.machine.root(HOCBA, "setup", "--check", "--programs", "/srv/program/bin").returncode == 0
