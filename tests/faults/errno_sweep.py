"""Every writing system call refused, one run for each: ``python -m tests.faults.errno_sweep``.

strace makes the N-th call of a kind fail with an error, once or from then on; short writes are made in the
worker itself (strace can only fake them). In every case: an act that was acknowledged is there for a
new process, one that was refused is there completely or not at all, only our own errors are raised, and when
only one call failed, at most one act was refused and the same process goes on.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.faults.nursery import CALLS, Report, why_no_strace
from tests.faults.stage import STARTS, Stage, Tried, staged
from tests.faults.worker import SHORT

ERRORS = ("EIO", "ENOSPC", "EDQUOT", "EINTR", "EROFS")
FORMS = ("once", "for ever")
_SIGNALS = 9
"""Number of calls for which EINTR comes "for ever": the system may retry without end."""
PAIRS = (
    # The file that says how far the journal is on disk cannot be written, and then the journal's own sync fails.
    ("pwrite64:error=ENOSPC:when=1+", "fdatasync"),
    # What was not synced cannot be cut off.
    ("ftruncate:error=EIO:when=1+", "fdatasync"),
    # What was written in part cannot be cut off at once.
    ("ftruncate:error=EIO:when=1", "torn"),
    ("ftruncate:error=EIO:when=1+", "torn"),
    ("unlink:error=EIO:when=1+", "fsync"),
    ("unlink:error=EIO:when=1+", "link"),
)
"""Two faults: the first throughout, the second at each call (of a system call, or a short write) in turn."""
HEAD = f"{'store was':10} {'call':12} {'error':28} {'runs':>5} {'refused':>8} {'acked':>6} {'wrong':>6}"


class Fault(NamedTuple):
    """What happens, and at which call."""

    start: str
    call: str
    error: str
    number: int
    inject: tuple[str, ...] = ()
    short: str = ""
    lasting: bool = False


class Row(NamedTuple):
    """The result of one kind of fault over all its calls."""

    start: str
    call: str
    error: str
    runs: int
    refused: int
    acked: int
    wrong: list[str]

    def __str__(self) -> str:
        return (
            f"{self.start:10} {self.call:12} {self.error:28} {self.runs:5} {self.refused:8} {self.acked:6} "
            f"{len(self.wrong):6}"
        )


def refused(start: str, call: str, error: str, form: str, number: int) -> Fault:
    """Return the fault in which the ``number``-th ``call`` fails."""
    until = "" if form == "once" else f"..{number + _SIGNALS}" if error == "EINTR" else "+"
    spec = f"{call}:error={error}:when={number}{until}"
    return Fault(start, call, f"{error} {form}", number, (spec,), lasting=form != "once")


def shortened(start: str, kind: str, number: int) -> Fault:
    """Return the fault in which the ``number``-th write is short."""
    call = "pwrite64" if kind.startswith("place-") else "write"
    return Fault(start, call, f"short: {kind}", number, short=f"{kind}:{number}", lasting=kind == "full")


def paired(start: str, first: str, second: str, number: int) -> Fault:
    """Return two faults; the second is at the ``number``-th call."""
    label = first.replace(":error=", " ").replace(":when=1+", "+").replace(":when=1", "")
    if second in SHORT:
        return Fault(start, "write", f"torn, {label}", number, (first,), f"{second}:{number}", lasting=True)
    spec = f"{second}:error=EIO:when={number}"
    return Fault(start, second, f"EIO, {label}", number, (first, spec), lasting=True)


def judge(fault: Fault, tried: Tried) -> list[str]:
    """Return everything that is wrong after a fault."""
    report = tried.report
    found = list(tried.wrong)
    if not (report.ended or fault.lasting):
        found.append(f"the worker did not come to its end: {report.not_opened}")
    if not fault.lasting:
        refusals = [[*each.refused.items(), *each.not_opened] for each in (report, *tried.beside)]
        found += [f"one fault, but several refusals: {several}" for several in refusals if len(several) > 1]
    # What precedes the call itself shows where it happened.
    hit = [call for call in report.calls if "INJECTED" in call][:1]
    if not fault.lasting and "LOCK_UN" in "".join(hit):
        return []  # Releasing a lock never fails on a local disk; strace cannot tell it from taking one.
    more = f" and {len(found) - 3} more" if len(found) > 3 else ""
    return (
        [f"{fault.start}, {fault.call} {fault.number}, {fault.error}: {'; '.join(found[:3])}{more} {hit}"]
        if found
        else []
    )


def faults(stage: Stage, start: str, *, full: bool) -> Iterator[list[Fault]]:
    """Yield the faults to be tried, grouped by kind."""
    counts = stage.calls(start)
    several = [call for call in CALLS if counts[call]]
    for call in several:
        for which, error in enumerate(ERRORS):
            for form in FORMS:
                numbers = _numbers(counts[call], which + 2 * (form == "once"), full=full)
                yield [refused(start, call, error, form, number) for number in numbers]
    for which, kind in enumerate(SHORT):
        calls = counts["pwrite64" if kind.startswith("place-") else "write"]
        yield [shortened(start, kind, number) for number in _numbers(calls, which, full=full)]
    for which, (first, second) in enumerate(PAIRS):
        calls = counts["write" if second in SHORT else second]
        yield [paired(start, first, second, number) for number in _numbers(calls, which, full=full)]


def _numbers(calls: int, which: int, *, full: bool) -> list[int]:
    """Return at which calls to fail: every one, or one that varies from fault to fault."""
    return list(range(1, calls + 1)) if full else [1 + which * 5 % calls]


def sweep(stage: Stage, start: str, *, full: bool, only: str = "") -> Iterator[Row]:
    """Try the faults, those at calls named ``only`` or all."""

    def attempt(fault: Fault) -> tuple[Report, list[str]]:
        tried = stage.try_fault(fault.start, fault.inject, short=fault.short)
        return tried.report, judge(fault, tried)

    for kind in faults(stage, start, full=full):
        if not kind or only not in {"", kind[0].call}:
            continue
        results = stage.each(attempt, kind)
        yield Row(
            start,
            kind[0].call,
            kind[0].error,
            len(results),
            sum(len(report.refused) + len(report.not_opened) for report, _ in results),
            sum(len(report.acked) for report, _ in results),
            [what for _, whats in results for what in whats],
        )


def main() -> int:
    """Sweep; return 1 when something was wrong, 2 when nothing could be tried."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--full", action="store_true", help="every call")
    options.add_argument("--only", default="", help="one system call")
    options.add_argument("--scratch", type=Path, help="where the stores are made")
    options.add_argument("--show", type=int, default=50, help="how many wrongs to print")
    chosen = options.parse_args()
    if why_no_strace():
        sys.stdout.write(f"{why_no_strace()}\n")
        return 2
    wrong: list[str] = []
    sys.stdout.write(f"{HEAD}\n")
    with staged(scratch=chosen.scratch) as stage:
        for start in STARTS:
            for row in sweep(stage, start, full=chosen.full, only=chosen.only):
                sys.stdout.write(f"{row}\n")
                sys.stdout.flush()
                wrong += row.wrong
    sys.stdout.write("".join(f"  {what}\n" for what in wrong[: chosen.show]))
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
