"""Callers that lie, flood or never read: they end, nobody else notices, and nothing of them is left."""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from hocba_tui.server.welcome import believed
from tests.support.served import Served, children, descriptors, wait_until
from tests.support.terminal import LIMIT, Terminal

LOGINS = int(os.environ.get("HOCBA_LOGINS", "50"))
"""What one of them leaves is seen, for all is counted; 200 in `make prove` meet more moments of an end."""


@pytest.fixture(scope="module")
def served(made_store: Path) -> Iterator[Served]:
    with Served(made_store, patience=1, grace=2, farewell=20) as found:
        yield found


class Counts(NamedTuple):
    """What must be back where it was; processes are those of the nursery."""

    listener: int
    nursery: int
    processes: int
    sessions: int


def counts(served: Served) -> Counts:
    nursery = served.nursery
    return Counts(
        descriptors(served.process.pid), descriptors(nursery), len(children(nursery)), len(served.sessions)
    )  # fmt: skip


@pytest.fixture
def _as_before(served: Served) -> Iterator[None]:
    wait_until(lambda: counts(served)[2:] == (0, 0), "those of the test before to be gone")
    before, said = counts(served), served.said
    yield
    wait_until(lambda: counts(served) == before, f"{before}")
    assert served.said == said
    with served.opened("gv.5a") as terminal:
        terminal.press("f10")
        terminal.wait_for_end()
    wait_until(lambda: counts(served) == before, f"{before}")


def said_to(line: socket.socket) -> str:
    """Return all that the server says until it hangs up."""
    line.settimeout(LIMIT)
    parts = []
    with contextlib.suppress(ConnectionResetError):
        while data := line.recv(65536):
            parts.append(data)
    return b"".join(parts).decode()


Speak = Callable[[socket.socket], object]
SCREEN = b'{"want": "screen", "as": "gv.5a"}'
HOSTILE: dict[str, Speak] = {
    "nothing": lambda _: None,
    "garbage": lambda line: line.send(os.urandom(500)),
    "huge": lambda line: line.send(SCREEN + b" " * 100_000),
    "deep": lambda line: line.send(b"[" * 4000),
    "no want": lambda line: line.send(b"{}"),
    "other want": lambda line: line.send(b'{"want": ["stop"]}'),
    "no descriptor": lambda line: line.send(SCREEN),
    "250 descriptors": lambda line: socket.send_fds(line, [SCREEN], [0] * 250),
    "two descriptors": lambda line: socket.send_fds(line, [SCREEN], [0, 0]),
    "a number as account": lambda line: socket.send_fds(line, [b'{"want": "screen", "as": 7}'], [0]),
    "words that are none": lambda line: socket.send_fds(line, [b'{"want": "command", "words": 7}'], [0, 0, 0]),
    "a session that is none": lambda line: line.send(b'{"want": "again", "uid": 0, "pid": 1}'),
    "a session of a stranger": lambda line: socket.send_fds(
        line, [b'{"want": "again", "uid": "x", "pid": true, "kind": 7}'], [0]
    ),
}


@pytest.mark.usefixtures("_as_before")
@pytest.mark.parametrize("name", [name for name in HOSTILE if not name.startswith("a session")])
def test_a_hostile_first_message_is_answered_and_forgotten(served: Served, name: str) -> None:
    with served.connection() as line:
        HOSTILE[name](line)
        words = said_to(line)
    assert words == "" if name == "nothing" else words.startswith("hocba: ")


@pytest.mark.parametrize("name", [name for name in HOSTILE if name.startswith("a session")])
def test_an_invented_session_does_not_end_the_listener(served: Served, name: str) -> None:
    with served.connection() as line:
        HOSTILE[name](line)
        said_to(line)
    with served.opened("gv.5a") as terminal:
        terminal.press("f10")
        terminal.wait_for_end()
    served.wait_empty()


@pytest.mark.usefixtures("_as_before")
def test_what_is_no_terminal_is_refused(served: Served, tmp_path: Path) -> None:
    file = os.open(tmp_path / "file", os.O_RDWR | os.O_CREAT)
    reads, writes = os.pipe()
    folder = os.open(tmp_path, os.O_PATH)
    for descriptor in (file, reads, writes, folder):
        with served.connection() as line:
            socket.send_fds(line, [SCREEN], [descriptor])
            assert "không phải là một màn hình" in said_to(line)
        os.close(descriptor)


def test_what_a_terminal_says_about_itself_is_not_believed_beyond_a_short_list() -> None:
    good = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "vi_VN.UTF-8", "LC_ALL": "C.UTF-8"}
    bad = {
        "HOCBA_STORE": "/", "LD_PRELOAD": "x", "LC_": "C", "LC_all": "C", "XLC_ALL": "C", "PATH": "/x", "LC_X": "a b",
        "LC_Y": "/../x", "LC_Z": "x" * 65, "LC_TIME": "", "LC_NAME": 7, "LC_PAPER": "é", "TERM\n": "x",
    }  # fmt: skip
    assert believed(good | bad) == good
    assert [believed(nonsense) for nonsense in (None, ["TERM"], "TERM=x", 7)] == [{}] * 4


@pytest.mark.usefixtures("_as_before")
def test_silent_and_slow_callers_keep_nobody_out(served: Served) -> None:
    with contextlib.ExitStack() as silent:
        for _ in range(30):
            silent.enter_context(served.connection())
        with served.opened("gv.5a") as terminal:
            terminal.press("f10")
            terminal.wait_for_end()


@pytest.mark.usefixtures("_as_before")
def test_callers_that_hang_up_at_once_leave_nothing(served: Served) -> None:
    for number in range(300):
        with served.connection() as line:
            if number % 3 == 1:
                line.send(SCREEN)
            elif number % 3 == 2:
                line.send(b"x")


@pytest.mark.usefixtures("_as_before")
def test_a_client_that_never_reads_ends_when_it_hangs_up(served: Served) -> None:
    with Terminal(served.command("gv.5a")) as terminal:
        session = served.session_of("gv.5a")
        for number in range(200):  # Each size is painted whole: far more than a terminal holds that nobody reads.
            size = struct.pack("HHHH", 24 + number % 2, 80, 0, 0)
            fcntl.ioctl(terminal.descriptor, termios.TIOCSWINSZ, size)
            time.sleep(0.01)
        os.kill(session, 0)
        terminal.process.kill()
        served.wait_empty()
    terminal.process.wait(LIMIT)


@pytest.mark.usefixtures("_as_before")
def test_a_command_that_gets_no_input_ends_with_its_client(served: Served) -> None:
    environment = {"SSH_ORIGINAL_COMMAND": "hocba verify -"}
    with subprocess.Popen(
        served.command("gv.5a"), env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    ) as client:
        served.session_of("gv.5a")
        client.kill()


@pytest.mark.usefixtures("_as_before")
def test_many_short_logins_leave_nothing(served: Served) -> None:
    """Each is known to the listener before it ends; half are cut off, half leave."""
    done = 0
    while done < LOGINS:
        with contextlib.ExitStack() as together:
            terminals = [together.enter_context(served.terminal("gv.5a")) for _ in range(10)]
            for number, terminal in enumerate(terminals):
                if number % 2:
                    terminal.wait_for("Việc của tôi hôm nay")
                    terminal.press("f10")
                    terminal.wait_for_end()
                else:
                    terminal.wait(lambda terminal=terminal: terminal.received, "the session to begin")  # type: ignore[misc]
                    terminal.hang_up()
                    terminal.process.wait(LIMIT)
                done += 1
