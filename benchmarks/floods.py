"""Floods at the front door: what a teacher who is in notices, who still gets in, and what is left afterwards.

An own sshd on loopback with the server behind it, as in front_door.py. While each flood runs, in a process of its own,
one teacher types a key a second in an open grid; meanwhile others log in, from the address of the flood and from
another one. At the end of each, processes, descriptors and memory (proportional set size) are compared with before.
The first line is the same without any flood. Before a login sshd knows nothing but addresses, so those who share the
flood's address are expected to be refused while it lasts.
"""

from __future__ import annotations

import argparse
import os
import pty
import resource
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from _crowd import percentile
from _typists import Typist, choose_subject, is_in, open_class, type_together
from front_door import Door, proportional, school_with_door

from hocba_tui import door as messages
from hocba_tui.flow.opening import open_desk
from hocba_tui.server import trying
from tests.support.terminal import Terminal

_OTHER = "127.0.0.2"
_TRIES, _GIVE_UP = 3, 20.0
_LEFT = 90.0
"""Seconds after which what is still there counts as left over."""
_HELD = 2_000
_UNREAD = 8


class Target:
    """Where a flood goes."""

    def __init__(self, folder: Path, port: int, accounts: list[str]) -> None:
        self.folder = folder
        self.port = port
        self.accounts = accounts

    def command(self, number: int, *options: str) -> list[str]:
        """Return the ssh command of the nth account."""
        _, *words, host = trying.ssh_command(self.folder, self.port, self.accounts[number % len(self.accounts)])
        return [str(shutil.which("ssh")), *words, "-o", "BatchMode=yes", *options, host]

    def connect(self) -> socket.socket | None:
        """Open a connection to sshd and say nothing."""
        with suppress(OSError):
            return socket.create_connection(("127.0.0.1", self.port), 1)
        return None


def nothing(target: Target, end: float, most: int) -> int:
    """Do nothing."""
    del target, most
    time.sleep(max(0.0, end - time.monotonic()))
    return 0


def half_open(target: Target, end: float, most: int) -> int:
    """Open connections that never go on; hold as many as descriptors allow."""
    held: list[socket.socket] = []
    made = 0
    while time.monotonic() < end:
        if made < most and (found := target.connect()):
            made += 1
            held.append(found)
            if len(held) > _HELD:
                held.pop(0).close()
        elif made >= most:
            time.sleep(0.1)
    return made


def reopening(target: Target, end: float, most: int) -> int:
    """Open connections and drop them at once."""
    made = 0
    while time.monotonic() < end and made < most:
        if found := target.connect():
            made += 1
            found.close()
    return made


def wrong_keys(target: Target, end: float, most: int) -> int:
    """Knock with a key that nobody has."""
    key = target.folder / "stranger"
    if not key.exists():
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    running: list[subprocess.Popen[bytes]] = []
    made = 0
    while time.monotonic() < end and made < most:
        running = [one for one in running if one.poll() is None]
        if len(running) < 20:
            words = target.command(0)
            words[words.index("-i") + 1] = str(key)
            running.append(subprocess.Popen(words, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
            made += 1
        time.sleep(0.01)
    for one in running:
        one.kill()
        one.wait()
    return made


@contextmanager
def _unread(target: Target, number: int) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """Log in on a terminal that nobody reads."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        target.command(number, "-tt"), stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    try:
        yield ours, process
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def dying(target: Target, end: float, most: int) -> int:
    """Open sessions and kill the client a moment later."""
    made = 0
    while time.monotonic() < end and made < most:
        with _unread(target, made):
            time.sleep(0.3)
        made += 1
    return made


def never_reading(target: Target, end: float, most: int) -> int:
    """Log in, press keys, and read nothing."""
    if time.monotonic() >= end or most <= 0:
        return 0
    with _unread(target, most) as (terminal, _):
        os.set_blocking(terminal, False)
        made = 1 + never_reading(target, end, min(most, _UNREAD) - 1)
        while time.monotonic() < end:
            with suppress(BlockingIOError):
                os.write(terminal, b"\r\x1b[B")
            time.sleep(0.05)
    return made


def silent_callers(target: Target, end: float, most: int) -> int:
    """Call the server's socket, as a teacher's own program could, and say nothing."""
    held: list[socket.socket] = []
    made = 0
    while time.monotonic() < end:
        if made < most:
            with suppress(OSError):
                held.append(messages.connect(str(target.folder / "door.sock"), 1))
                made += 1
            if len(held) > _HELD:
                held.pop(0).close()
        else:
            time.sleep(0.1)
    return made


FLOODS: dict[str, Callable[[Target, float, int], int]] = {
    "nothing": nothing,
    "half-open": half_open,
    "dropped at once": reopening,
    "wrong keys": wrong_keys,
    "sessions that die": dying,
    "never reading": never_reading,
    "silent callers": silent_callers,
}


def get_in(target: Target, address: str) -> str:
    """Return how long the first screen took from an address, for each try; "-": refused."""
    took: list[str] = []
    for number in range(_TRIES):
        begin = time.perf_counter()
        with Terminal(target.command(number, "-b", address)) as terminal:
            while terminal.process.poll() is None and time.perf_counter() < begin + _GIVE_UP:
                terminal.wait_quiet(0.01)
                if is_in(terminal):
                    break
            there = is_in(terminal)
        took.append(f"{time.perf_counter() - begin:.2f}" if there else "-")
    return " ".join(took)


def suffer(name: str, target: Target, typist: Typist, door: Door, seconds: float, most: int) -> None:
    """Print a line about one flood."""
    before, memory = door.counts(), sum(map(proportional, door.processes()))
    typist.done.clear()
    words = [str(target.folder), str(target.port), ",".join(target.accounts)]
    command = [sys.executable, __file__, "--flood", name, "--most", str(most), "--seconds", str(2 * seconds), *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as flood:
        time.sleep(1)
        type_together([typist], 1.0, seconds)
        same, other = get_in(target, "127.0.0.1"), get_in(target, _OTHER)
        held = len(door.processes())
        made, _ = flood.communicate()
    deadline = time.monotonic() + _LEFT
    while door.counts() != before and time.monotonic() < deadline:
        time.sleep(0.2)
    painted = [key.painted * 1000 for key in typist.done]
    after, grown = door.counts(), sum(map(proportional, door.processes())) - memory
    print(
        f"  {name:18}{made.strip():>7}  repainted p50 {percentile(painted, 50):.0f} worst {max(painted):.0f} ms, "
        f"{len(typist.waiting)} lost | in from there {same} s, from elsewhere {other} s | "
        f"processes, descriptors {before}, during {held}, after {after}, memory {grown:+.1f} MB",
        flush=True,
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="10,000 connections, and longer")
    parser.add_argument("--flood", help=argparse.SUPPRESS)
    parser.add_argument("--most", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--seconds", type=float, default=0, help=argparse.SUPPRESS)
    parser.add_argument("where", nargs="*", help=argparse.SUPPRESS)
    options = parser.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, _HELD + 500), hard))
    if options.flood:
        folder, port, accounts = options.where
        target = Target(Path(folder), int(port), accounts.split(","))
        print(FLOODS[options.flood](target, time.monotonic() + options.seconds, options.most))
        return
    seconds, most = (30.0, 10_000) if options.full else (8.0, 1_000)
    with (
        school_with_door(12) as (store, door, rooms, teachers),
        open_class(store, teachers[0], door.start) as terminal,
    ):
        choose_subject(terminal, store, teachers[0], rooms[0], 0)
        typist = Typist(terminal, len(open_desk(store, teachers[0]).pupils(rooms[0])))
        type_together([typist], 1.0, 3.0)
        for name in FLOODS:
            suffer(name, Target(door.folder, door.port, teachers[1:]), typist, door, seconds, most)


if __name__ == "__main__":
    main()
