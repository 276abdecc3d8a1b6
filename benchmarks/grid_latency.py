"""Time from key to repaint and from key to durable in the grid, for 1 and for 40 teachers at once on one store.

Each teacher is a real `hocba open` in a pseudo-terminal, forked from one parent that has imported the app (40
interpreters that each import everything would take longer than the measurement; the work for a key is the
same). Ten classes, four sessions in each, each in a subject of its own: they see each other's changes in the
class's journal. They type levels at uneven times and wait for nothing. "painted" is the time until the letter is on
the emulated screen, "saved" until it is there without the mark for "being saved", which the screen removes
after the store has acknowledged. The emulator runs on the same machine and is included. "sustained" is the
highest rate at which 99 of 100 keys are saved within 100 ms and none is left over.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from _crowd import percentile
from _sessions import Nursery, school
from _typists import Key, Typist, sit_down, type_together

from hocba_tui.demo.school import SHOW_CLASS, homeroom_account
from hocba_tui.flow.opening import open_desk

PUPILS = 525
"""Fifteen classes of 35."""
CLASSES, IN_ONE = 10, 4
SEEN = 15
"""Rows that are visible without scrolling."""
AIM = 0.100
"""Seconds within which 99 of 100 keys of 40 teachers must be saved."""
_TICKS = os.sysconf("SC_CLK_TCK")


@contextmanager
def seated(store: Path, nursery: Nursery, teachers: int) -> Iterator[list[Typist]]:
    """Open the grids of so many teachers."""
    desk = open_desk(store, "hieutruong")
    rooms = [room.key for room in desk.classrooms() if room.key != SHOW_CLASS][:CLASSES]
    with ExitStack() as stack:
        typists = []
        for number in range(teachers):
            room = rooms[number % len(rooms)]
            terminal = sit_down(store, homeroom_account(room), room, number // len(rooms), nursery.start)
            typists.append(Typist(stack.enter_context(terminal), len(desk.pupils(room))))
        yield typists


def processor(typists: Sequence[Typist]) -> float:
    """Return the processor seconds that all sessions have used."""
    spent = 0
    for typist in typists:
        fields = (
            Path(f"/proc/{typist.terminal.process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        )
        spent += int(fields[11]) + int(fields[12])
    return spent / _TICKS


def measure(typists: Sequence[Typist], rate: float, seconds: float) -> bool:
    """Let them type, print a line, and return whether the rate was sustained."""
    for typist in typists:
        typist.done.clear()
    before = processor(typists)
    reading = type_together(typists, rate, seconds)
    spent = processor(typists) - before
    keys: list[Key] = [key for typist in typists for key in typist.done]
    left = sum(len(typist.waiting) for typist in typists)
    painted, saved = ([key[way] * 1000 for key in keys] for way in (0, 1))
    slow = percentile(saved, 99)
    print(
        f"  {len(typists):>8}{rate:>8.1f}{len(keys):>8}{left:>6}"
        f"{percentile(painted, 50):>10.1f}{percentile(painted, 99):>8.1f}{percentile(saved, 50):>9.1f}{slow:>8.1f}"
        f"{spent / len(keys) * 1000:>9.1f}{(spent + reading) / seconds:>7.2f}{os.getloadavg()[0]:>7.1f}"
    )
    return not left and slow <= AIM * 1000


def seen_by_others(store: Path, nursery: Nursery, changes: int) -> None:
    """Print how long it takes until a saved level is visible in another session with the same grid."""
    room = open_desk(store, "hieutruong").classrooms()[0].key
    with ExitStack() as stack:
        typist, other = (
            Typist(stack.enter_context(sit_down(store, homeroom_account(room), room, 0, nursery.start)), SEEN)
            for _ in range(2)
        )
        took = []
        for number in range(changes):
            begin = time.perf_counter() + number % 7 * 0.1  # Not in step with the other session's reading.
            while time.perf_counter() < begin:
                other.terminal.wait_quiet(0.02)
            typist.type()
            row, letter = next((row, key.letter) for row, key in typist.waiting.items())
            while typist.waiting:
                typist.terminal.wait_quiet(0.002)
                typist.look(time.perf_counter())
            saved = time.perf_counter()
            while other.cell(row)[:1] != letter:
                other.terminal.wait_quiet(0.002)
            took.append((time.perf_counter() - saved) * 1000)
    print(
        f"  seen by another session after it was saved: median {percentile(took, 50):.0f} ms, most {max(took):.0f} ms"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="30 seconds a line, and faster and faster")
    full = parser.parse_args().full
    seconds, rates = (30.0, (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0)) if full else (6.0, (1.0, 2.0))
    with tempfile.TemporaryDirectory() as base, school(Path(base), PUPILS) as store, Nursery() as nursery:
        print(f"  {'teachers':>8}{'keys/s':>8}{'keys':>8}{'lost':>6}{'painted':>10}{'p99':>8}{'saved':>9}{'p99 ms':>8}"
              f"{'cpu ms':>9}{'cores':>7}{'load':>7}")  # fmt: skip
        for teachers in (1, CLASSES * IN_ONE):
            with seated(store, nursery, teachers) as typists:
                type_together(typists, 1.0, 2.0)  # A forked process first copies the memory that it touches.
                held = [rate for rate in rates if measure(typists, rate, seconds)]
            print(f"  sustained by {teachers}: {max(held, default=0.0):.1f} keys a second each")
        seen_by_others(store, nursery, 40 if full else 10)


if __name__ == "__main__":
    main()
