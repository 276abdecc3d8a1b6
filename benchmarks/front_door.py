"""Forty teachers over SSH: memory, time to the first screen, typing, and what is left when they have gone.

A real sshd on loopback with a key for each teacher, the server behind it, real ssh clients in pseudo-terminals. The
same screen is opened by a bare `hocba open` in the same run, which is what the times are a ratio of. Memory is the
proportional set size (shared pages are divided among those who share them): server, sessions, sshd, attach programs.
The clients and the emulators are the load generator; their processor time is printed beside. With --minutes the
teachers log in, type, jump and drop the line again and again; then descriptors and processes must be as before.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from statistics import median

from _crowd import percentile
from _sessions import ROOT, private_dirty, school, session
from _typists import Typist, choose_subject, is_in, open_class, type_together

from hocba_tui.demo.school import homeroom_account
from hocba_tui.flow import serving
from hocba_tui.flow.opening import open_desk
from hocba_tui.server import trying
from tests.support.terminal import Terminal

A_CLASS = 35
EACH_MB, ALL_MB, HUNDRED_MB, TYPING_MS, FIRST_RATIO, FIRST_MS = 18, 850, 2100, 100, 1.3, 120
"""The aims: private memory of a session, of all 40 and of 100; a key's repaint; the first screen of one login."""


class Door:
    """The server with its sshd."""

    def __init__(self, folder: Path, store: Path, accounts: Sequence[str]) -> None:
        self._stack = ExitStack()
        self.folder = folder
        self.path = folder / "door.sock"
        variables = {**os.environ, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "hocba_tui", "serve", "--store", str(store), "--socket", str(self.path)]
        self.server = self._stack.enter_context(subprocess.Popen(command, env=variables, stdout=subprocess.DEVNULL))
        self._stack.callback(self.server.terminate)
        while not (self.path.exists() and (found := serving.status(self.path)) and found.ready):
            time.sleep(0.1)
        self.port = trying.free_port()
        words = trying.sshd_command(folder, self.path, self.port, accounts)
        settings = folder / "sshd_config"
        # The folder of a benchmark lies below one that everybody may write.
        settings.write_text("StrictModes no\n" + settings.read_text(encoding="utf-8"), encoding="utf-8")
        self.sshd = self._stack.enter_context(subprocess.Popen(words))
        self._stack.callback(self.sshd.terminate)
        time.sleep(0.5)

    def start(self, command: Sequence[str], terminal: int, variables: Mapping[str, str]) -> subprocess.Popen[bytes]:
        """Come in over SSH as the account that ``command`` names."""
        account = command[command.index("--as") + 1]
        words = trying.ssh_command(self.folder, self.port, account)
        return subprocess.Popen(words, stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True,
                                env=dict(variables))  # fmt: skip

    def processes(self) -> list[int]:
        """Return every process of the door: server, nursery, sessions, sshd, attach programs."""
        found, todo = [], [self.server.pid, self.sshd.pid]
        while todo:
            found.append(pid := todo.pop())
            with suppress(OSError):
                todo += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split())
        return found

    def counts(self) -> tuple[int, int]:
        """Return how many processes and descriptors the door has."""
        running = self.processes()
        return len(running), sum(len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in running)

    def quiet_counts(self) -> tuple[int, int]:
        """Return the counts once those who have gone are gone."""
        while (inside := serving.status(self.path)) and inside.sessions:
            time.sleep(0.2)
        time.sleep(2)
        return self.counts()

    def close(self) -> None:
        """End sshd and the server."""
        self._stack.close()


@contextmanager
def school_with_door(classes: int) -> Iterator[tuple[Path, Door, list[str], list[str]]]:
    """Yield the store of a school, its door, its classes, and the homeroom teacher of each; remove all at the end."""
    with tempfile.TemporaryDirectory() as base, school(Path(base), classes * A_CLASS) as store:
        rooms = [room.key for room in open_desk(store, "hieutruong").classrooms()]
        teachers = [homeroom_account(room) for room in rooms]
        folder = Path(base) / "door"
        folder.mkdir(mode=0o700)
        door = Door(folder, store, teachers)
        try:
            yield store, door, rooms, teachers
        finally:
            door.close()


def proportional(pid: int) -> float:
    """Return the megabytes of a process's proportional set size; 0 when it has gone."""
    with suppress(OSError):
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
        return int(text.split("\nPss:")[1].split()[0]) / 1024
    return 0.0


def first_screen(store: Path, account: str, door: Door | None) -> float:
    """Return the seconds until the home screen is there."""
    begin = time.perf_counter()
    with session(store, account, door.start if door else None) as terminal:
        terminal.wait(lambda: is_in(terminal), "the first screen")
        return time.perf_counter() - begin


def crowd(store: Path, accounts: Sequence[str], door: Door, seconds: float) -> None:
    """Print memory and typing of many at once."""
    desk = open_desk(store, "hieutruong")
    rooms = {homeroom_account(room.key): room.key for room in desk.classrooms()}
    with ExitStack() as stack:
        terminals = [stack.enter_context(open_class(store, account, door.start)) for account in accounts]
        tell_memory(door, "with a grid open", aimed=True)
        typists: list[Typist] = []
        for account, terminal in zip(accounts, terminals, strict=True):
            choose_subject(terminal, store, account, rooms[account], 0)
            typists.append(Typist(terminal, len(desk.pupils(rooms[account]))))
        type_together(typists, 1.0, 3.0)
        for typist in typists:
            typist.done.clear()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
        type_together(typists, 1.0, seconds)
        ours = (resource.getrusage(resource.RUSAGE_SELF).ru_utime - before) / seconds
        tell_memory(door, "after a list over it and typing")
        painted = [key.painted * 1000 for typist in typists for key in typist.done]
        lost = sum(len(typist.waiting) for typist in typists)
        print(f"  all type a key a second: repainted p50 {percentile(painted, 50):.0f} ms, "
              f"p99 {percentile(painted, 99):.0f} ms (aim {TYPING_MS}), {lost} lost of {len(painted)}; "
              f"the load generator used {ours:.2f} cores")  # fmt: skip


def tell_memory(door: Door, when: str, *, aimed: bool = False) -> None:
    """Print what the sessions that are in have for themselves, and what all processes have together."""
    time.sleep(1)
    inside = serving.status(door.path)
    assert inside is not None
    private = [private_dirty(one.pid) for one in inside.sessions]
    total = sum(map(proportional, door.processes()))
    each, together = f" (aim {EACH_MB})", f" (aim {ALL_MB if len(private) <= 40 else HUNDRED_MB})"
    print(f"  {len(private)} {when}: private {median(private):.1f} MB each{each if aimed else ''}, "
          f"all {total:.0f} MB{together if aimed else ''}")  # fmt: skip


def arrivals(store: Path, accounts: Sequence[str], door: Door) -> None:
    """Print how long the first screen takes when everybody comes within ten seconds."""
    with ExitStack() as stack:
        waiting: list[tuple[Terminal, float]] = []
        took: list[float] = []
        begin = time.perf_counter()
        for number, account in enumerate(accounts):
            while time.perf_counter() < begin + number * 10 / len(accounts):
                _look(waiting, took)
            waiting.append((stack.enter_context(session(store, account, door.start)), time.perf_counter()))
        while waiting and time.perf_counter() < begin + 120:
            _look(waiting, took)
        print(f"  {len(accounts)} within 10 s: first screen p50 {percentile(took, 50):.2f} s (aim 0.8), "
              f"worst {max(took):.2f} s, refused {len(waiting)}")  # fmt: skip


def _look(waiting: list[tuple[Terminal, float]], took: list[float]) -> None:
    for entry in list(waiting):
        terminal, begin = entry
        terminal.wait_quiet(0.001)
        if is_in(terminal):
            took.append(time.perf_counter() - begin)
            waiting.remove(entry)


def comings_and_goings(store: Path, accounts: Sequence[str], door: Door, minutes: float) -> None:
    """Let scripted teachers log in, type, jump and drop the line; print what is left."""
    chance, rounds = random.Random(1), 0
    before = door.quiet_counts()
    end = time.monotonic() + minutes * 60
    while time.monotonic() < end:
        rounds += 1
        with open_class(store, chance.choice(accounts), door.start) as terminal:
            for _ in range(chance.randrange(20)):
                terminal.press(chance.choice(["t", "h", "down", "tab", "right", "ctrl+end", "n", "u"]))
            if chance.random() < 0.5:
                terminal.wait_quiet(0.1)
            if chance.random() < 0.7:
                terminal.process.kill()
    deadline = time.monotonic() + 60
    while door.counts() != before and time.monotonic() < deadline:
        time.sleep(0.2)
    print(f"  {rounds} comings and goings: processes and descriptors {before} before, {door.counts()} after")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="100 teachers, too, and more rounds")
    parser.add_argument("--minutes", type=float, default=0.5, help="of comings and goings")
    options = parser.parse_args()
    rounds, seconds = (15, 20.0) if options.full else (5, 6.0)
    most = 100 if options.full else 40
    with school_with_door(most) as (store, door, _, teachers):
        first_screen(store, teachers[0], door)
        over = [first_screen(store, teachers[0], door) for _ in range(rounds)]
        bare = [first_screen(store, teachers[0], None) for _ in range(rounds)]
        print(f"  first screen: over ssh {median(over):.3f} s, bare {median(bare):.3f} s, "
              f"ratio {median(over) / median(bare):.2f} (aim {FIRST_RATIO} + {FIRST_MS} ms)")  # fmt: skip
        arrivals(store, teachers[:40], door)
        crowd(store, teachers[:40], door, seconds)
        if options.full:
            crowd(store, teachers[:most], door, seconds)
        comings_and_goings(store, teachers, door, options.minutes)


if __name__ == "__main__":
    main()
