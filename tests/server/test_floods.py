"""Floods before and behind the log-in: who is in goes on, others still get in, and nothing is left."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.server.test_over_ssh import scores
from tests.support.over_ssh import SshDoor
from tests.support.served import children, descriptors, wait_until
from tests.support.terminal import LIMIT, Terminal

HOME = "Việc của tôi hôm nay"
GRID = "Gõ là lưu ngay"
RETURN = "Về lại chỗ đang nhập?"
HALF_OPEN = 120
WRONG = 12
VISITS = 9
KEYS = ("9", "7", "down", "up", "ctrl+home", "u", "y")


@pytest.fixture
def door(store_root: Path) -> Iterator[SshDoor]:
    with SshDoor(store_root, "gv.5a", "hieutruong") as found:
        yield found


def left(door: SshDoor) -> tuple[int, int, int, int]:
    """Return the processes of sshd and of the nursery, and the descriptors of both of our processes."""
    nursery = door.nursery
    return len(children(door.sshd.pid)), len(children(nursery)), descriptors(door.process.pid), descriptors(nursery)


def open_grid(terminal: Terminal) -> None:
    """Open the first task, or go back to the cell where the session before was cut off."""
    terminal.wait(lambda: HOME in terminal.text or RETURN in terminal.text, "home, or a question")
    terminal.wait_quiet()
    terminal.press("f7" if RETURN in terminal.text else "enter")
    terminal.wait_for(GRID)


def test_comings_and_goings_leave_nothing(door: SshDoor) -> None:
    with door.opened("hieutruong"):
        chance, before = Random(1), left(door)
        for number in range(VISITS):
            with door.terminal("gv.5a") as terminal:
                open_grid(terminal)
                for _ in range(chance.randrange(12)):
                    terminal.press(chance.choice(KEYS))
                if number % 3 == 0:
                    terminal.press("f10")
                    terminal.wait_for_end()
                elif number % 3 == 1:
                    terminal.process.kill()
                else:
                    os.kill(door.session_of("gv.5a"), signal.SIGKILL)
        wait_until(lambda: left(door) == before, "everything to be as it was")
        assert [one.account for one in door.sessions] == ["hieutruong"]


def connections(door: SshDoor) -> Iterator[socket.socket]:
    for _ in range(HALF_OPEN):
        with contextlib.suppress(OSError):  # The queue is full: as good as a refusal.
            yield socket.create_connection(("127.0.0.1", door.port), LIMIT)


def test_connections_that_never_go_on_keep_out_their_own_address_alone(door: SshDoor, store_root: Path) -> None:
    with door.opened("gv.5a") as teacher, contextlib.ExitStack() as held:
        teacher.press("enter")
        teacher.wait_for(GRID)
        before = len(children(door.sshd.pid))
        for one in connections(door):
            held.enter_context(one)
        wait_until(lambda: len(children(door.sshd.pid)) > before + 5, "some to be held")
        assert len(children(door.sshd.pid)) <= before + 25, "sshd holds more than a few of one address"
        with Terminal(door.ssh("hieutruong", "-b", "127.0.0.2")) as other:
            other.wait_for(HOME)
        values = scores(store_root)
        teacher.press("9")
        teacher.wait_for("đã lưu lúc")
        held.close()
        wait_until(lambda: len(children(door.sshd.pid)) == before, "sshd to let go of all of them")
    assert scores(store_root) != values


def test_wrong_keys_get_nowhere_and_leave_nothing(door: SshDoor, tmp_path: Path) -> None:
    stranger = tmp_path / "stranger"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(stranger)], check=True)
    with door.opened("gv.5a") as terminal:
        before = len(children(door.sshd.pid)), descriptors(door.process.pid)
        words = door.ssh("hieutruong", "-o", "BatchMode=yes")
        words[words.index("-i") + 1] = str(stranger)
        knocking = [
            subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            for _ in range(WRONG)
        ]
        assert [one.wait(LIMIT) for one in knocking] == [255] * WRONG
        wait_until(
            lambda: (len(children(door.sshd.pid)), descriptors(door.process.pid)) == before, "nothing to be left"
        )
        assert [one.account for one in door.sessions] == ["gv.5a"]
        terminal.press("f10")
        terminal.wait_for_end()
