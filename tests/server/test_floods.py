"""Floods before and behind the log-in: who is in goes on, others still get in, and nothing is left."""

from __future__ import annotations

import contextlib
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.test_over_ssh import scores
from tests.support.over_ssh import SshDoor
from tests.support.served import children, descriptors, wait_until
from tests.support.terminal import LIMIT, Terminal

HOME = "Việc của tôi hôm nay"
HALF_OPEN = 120
WRONG = 12


@pytest.fixture
def door(store_root: Path) -> Iterator[SshDoor]:
    with SshDoor(store_root, "gv.5a", "hieutruong") as found:
        yield found


def connections(door: SshDoor) -> Iterator[socket.socket]:
    for _ in range(HALF_OPEN):
        with contextlib.suppress(OSError):  # The queue is full: as good as a refusal.
            yield socket.create_connection(("127.0.0.1", door.port), LIMIT)


def test_connections_that_never_go_on_keep_out_their_own_address_alone(door: SshDoor, store_root: Path) -> None:
    with door.opened("gv.5a") as teacher, contextlib.ExitStack() as held:
        teacher.press("enter")
        teacher.wait_for("Gõ là lưu ngay")
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
