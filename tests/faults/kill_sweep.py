"""SIGKILL at every system call that writes, one run for each: ``python -m tests.faults.kill_sweep``.

strace kills the worker as it enters its K-th call of a kind, for K = 1, 2, 3 ... until it ends without being
killed. Between two such calls nothing changes on disk, so every state is covered that a kill can leave. Kills
at random moments, with several writers, are in :mod:`tests.faults.random_kills`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.faults.nursery import CALLS, why_no_strace
from tests.faults.random_kills import kill_at_random
from tests.faults.stage import STARTS, Stage, staged, thinned

SHORT_STEPS = {"openat": 23, "write": 7, "pwrite64": 9, "fdatasync": 7, "fsync": 7, "flock": 37}
"""In the short form every how many-th call is tried, 3 if it is not named; another one for each of STARTS."""


class Kills(NamedTuple):
    """The result of the kills at one kind of call."""

    start: str
    call: str
    calls: int
    kills: int
    wrong: list[str]

    def __str__(self) -> str:
        return f"{self.start:10} {self.call:10} {self.calls:6} {self.kills:6} {len(self.wrong):6}"


HEAD = f"{'store was':10} {'call':10} {'calls':>6} {'kills':>6} {'wrong':>6}"


def sweep(stage: Stage, start: str, *, full: bool) -> Iterator[Kills]:
    """Kill workers at every call (or, not ``full``, at some calls of every kind)."""
    counts = stage.calls(start)

    def kill(point: tuple[str, int]) -> tuple[bool, list[str]]:
        call, number = point
        tried = stage.try_fault(start, [f"{call}:signal=SIGKILL:when={number}"])
        wrong = [f"{call} {number} {tried.report.calls[-1:]}: {what}" for what in tried.wrong]
        wrong += [f"{call} {number}: {act} was refused: {why}" for act, why in tried.refused.items()]
        return tried.report.killed, wrong

    for call in CALLS:
        numbers = list(thinned(counts[call], 1 if full else SHORT_STEPS.get(call, 3), STARTS.index(start)))
        tried = stage.each(kill, [(call, number) for number in numbers])
        number = counts[call] + 1
        while counts[call] and full:
            tried.append(kill((call, number)))
            if not tried[-1][0]:
                break
            number += 1
        yield Kills(start, call, counts[call], sum(k for k, _ in tried), [w for _, wrong in tried for w in wrong])


def main() -> int:
    """Sweep; return 1 when something was lost or unreadable, 2 when nothing could be tried."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--full", action="store_true", help="every call, and 2,000 kills at random moments")
    options.add_argument("--random", type=int, default=-1, help="kills at random moments")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--scratch", type=Path, help="where the stores are made")
    chosen = options.parse_args()
    if why_no_strace():
        sys.stdout.write(f"{why_no_strace()}\n")
        return 2
    wrong: list[str] = []
    sys.stdout.write(f"{HEAD}\n")
    with staged(scratch=chosen.scratch) as stage:
        for start in STARTS:
            for kills in sweep(stage, start, full=chosen.full):
                sys.stdout.write(f"{kills}\n")
                wrong += kills.wrong
        number = chosen.random if chosen.random >= 0 else 2000 if chosen.full else 40
        random = kill_at_random(stage, number, chosen.seed)
        sys.stdout.write(f"{random}\n")
    wrong += random.wrong
    sys.stdout.write("".join(f"  {what}\n" for what in wrong[:50]))
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
