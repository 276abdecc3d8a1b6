"""``make serve`` as somebody without root: his own sshd on loopback, and the ssh line that it prints."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.machine import Machine, require_root
from tests.support.once import copied
from tests.support.served import wait_until
from tests.support.terminal import LIMIT, Terminal

USER = "co.van"
_SCRIPT = Path(__file__).parents[1] / "support" / "ordinary_user.sh"
Start = Callable[[str], Machine]


@pytest.fixture
def start(few_store: Path, tmp_path: Path) -> Iterator[Start]:
    """Start it where the file system of terminals has these options."""
    require_root()
    copied(few_store, tmp_path / "work" / "demo-school" / "school")
    machines: list[Machine] = []

    def started(terminals: str) -> Machine:
        machines.append(Machine(tmp_path / "work", _SCRIPT, TERMINALS=terminals))
        return machines[-1]

    yield started
    for machine in machines:
        machine.end()


def test_the_line_that_is_printed_leads_to_the_school_and_ctrl_c_ends_it(start: Start) -> None:
    machine = start("gid=5,mode=620")
    wait_until(lambda: "Ctrl+C ở đây" in machine.said or machine.process.poll() is not None, "the ssh lines", 2 * LIMIT)
    lines = [line for line in machine.said.splitlines() if line.lstrip().startswith("ssh ")]
    assert lines, machine.said
    (line,) = [line for line in lines if "/door/gv.5a " in line]
    with Terminal(machine.inside(USER, *shlex.split(line))) as terminal:
        terminal.wait_for("Việc của tôi hôm nay")
        terminal.wait_for("lớp 5A")
        machine.run("root", "kill", "-INT", "1")
        terminal.wait(lambda: "Máy chủ dừng để bảo trì".encode() in terminal.bytes, "a word about the end")
        terminal.wait_for_end()
    assert machine.process.wait(LIMIT) == 0
    assert "Đang đóng" in machine.said
    assert "Traceback" not in machine.said


def test_where_an_ordinary_users_sshd_gets_no_terminal_it_says_so(start: Start) -> None:
    machine = start("mode=600")
    assert machine.process.wait(2 * LIMIT) == 9
    assert "không có gid=5" in machine.said
    assert "mount -o remount,gid=5,mode=620 /dev/pts" in machine.said
