"""A disk without room, and then with room again: ``python -m tests.faults.full_disk``.

Two processes write to a store on a small tmpfs until both were refused; then the disk is freed and they go
on without a restart. The same with a disk that has no room for new names (inodes), and with
a limit on the size of files (RLIMIT_FSIZE), for which nothing has to be mounted.
"""

from __future__ import annotations

import argparse
import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from tests.faults.acts import ROUND
from tests.faults.nursery import Nursery, Report
from tests.faults.stage import Stage
from tests.faults.verdict import faults_in
from tests.faults.worker import Job

ACTS = 3 * len(ROUND)
PAGE = 4096
DISK, NAMES = "size=3m", "size=3m,nr_inodes=200"
MOST = {"bytes": 48, "names": 8}
"""With this many pages or names left, the acts of two workers may not reach the end of the disk."""
_HOUSE = Path(__file__).resolve().parents[2]


class Row(NamedTuple):
    """The result of one kind of fullness, with more and more room left at first."""

    kind: str
    runs: int
    met: int
    """Workers that had to wait for room."""
    refused: int
    acked: int
    wrong: list[str]

    def __str__(self) -> str:
        return f"{self.kind:12} {self.runs:5} {self.met:9} {self.refused:8} {self.acked:6} {len(self.wrong):6}"


HEAD = f"{'no room for':12} {'runs':>5} {'met by':>9} {'refused':>8} {'acked':>6} {'wrong':>6}"


def limited(stage: Stage, rooms: Sequence[int]) -> Row:
    """Run one worker that meets a limit of the size of files, ``rooms`` bytes away, beside one without a limit."""

    def run(room: int) -> tuple[list[Report], list[str]]:
        with stage.nursery() as nursery:
            root, earlier = stage.copy("restarted", f"limited-{room}")
            jobs = [Job(str(root), nursery.said(), "limited", ACTS, room=room), Job(str(root), nursery.said(), "free")]
            return _judged(root, earlier, nursery.run(jobs), f"{room} bytes left")

    return _row("bytes (limit)", stage.each(run, rooms), met=1)


def filled(stage: Stage, disk: Path, kind: str, lefts: Sequence[int]) -> Row:
    """Fill the small ``disk`` except ``lefts`` pages or names and run two workers until it is full."""
    fill = _fill_pages if kind == "bytes" else _fill_names
    results = []
    for left in lefts:
        with stage.nursery() as nursery:
            made, earlier = stage.copy("restarted", f"full-{kind}-{left}")
            root, ballast = disk / made.name, disk / "ballast"
            shutil.move(made, root)
            shutil.rmtree(ballast, ignore_errors=True)  # When the workers did not fill it.
            fill(ballast, left)
            crew = nursery.said(), nursery.said()
            jobs = [Job(str(root), said, f"w{n}", ACTS, ballast=str(ballast), crew=crew) for n, said in enumerate(crew)]
            results.append(_judged(root, earlier, nursery.run(jobs), f"{left} left"))
    return _row(kind, results, met=2)


def _judged(root: Path, earlier: list[Report], heard: list[Report], label: str) -> tuple[list[Report], list[str]]:
    for report in heard:
        report.views.clear()  # The other worker may have written since.
    wrong = [f"{report.writer} did not come to its end" for report in heard if not report.ended]
    wrong += [
        f"{report.writer} was refused with room: {number} {report.refused[number]}"
        for report in heard
        for number in report.refused_with_room
    ]
    wrong += [f"free was refused: {why}" for report in heard if report.writer == "free" for why in report.refused]
    wrong += faults_in(root, [*earlier, *heard])
    shutil.rmtree(root)
    return heard, [f"{label}: {what}" for what in wrong]


def _row(kind: str, results: Sequence[tuple[list[Report], list[str]]], *, met: int) -> Row:
    reports = [report for heard, _ in results for report in heard]
    wrong = [what for _, whats in results for what in whats]
    waited = sum(report.met_full for report in reports)
    if waited < met * len(results):
        wrong.append(f"only {waited} of {met * len(results)} workers met the end of the {kind}: nothing was tried")
    refused = sum(len(report.refused) + len(report.not_opened) for report in reports)
    return Row(kind, len(results), waited, refused, sum(len(report.acked) for report in reports), wrong)


def _fill_pages(ballast: Path, left: int) -> None:
    """Fill the disk except this many pages of memory."""
    ballast.mkdir()
    with (ballast / "pages").open("wb", buffering=0) as file:
        size = _until_full(lambda: file.write(bytes(PAGE)))
        file.truncate((size - left) * PAGE)


def _fill_names(ballast: Path, left: int) -> None:
    """Use up the names except this many."""
    ballast.mkdir()
    names: Iterator[Path] = (ballast / str(number) for number in range(10_000))
    for number in range(_until_full(lambda: next(names).touch()))[:left]:
        (ballast / str(number)).unlink()


def _until_full(add: Callable[[], object]) -> int:
    """Return how often ``add`` succeeded."""
    done = 0
    while True:
        try:
            add()
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            return done
        done += 1


# --- the small disk, in a name space of its own ------------------------------------------------


def in_small_disk(options: str, folder: Path) -> list[str]:
    """Return the beginning of a command that runs with a tmpfs at ``folder``, which is gone when it ends."""
    mount = 'mount -t tmpfs -o "$0" tmpfs "$1" && shift && exec "$@"'
    own = ["-m"] if os.geteuid() == 0 else ["-rm"]
    return ["unshare", *own, "sh", "-c", mount, options, str(folder)]


def why_no_small_disk() -> str | None:
    """Return why nothing can be mounted here; None when it can."""
    if not shutil.which("unshare"):
        return "unshare is not installed"
    with TemporaryDirectory() as folder:
        command = [*in_small_disk(DISK, Path(folder)), "true"]
        tried = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return None if tried.returncode == 0 else f"no tmpfs can be mounted: {tried.stderr.strip()[:200]}"


def fill_small_disk(kind: str, *, full: bool) -> subprocess.CompletedProcess[str]:
    """Run this program on a small disk."""
    with TemporaryDirectory() as folder:
        inside = [sys.executable, "-m", __spec__.name, "--inside", folder, kind, *(["--full"] if full else [])]
        return subprocess.run(
            [*in_small_disk(DISK if kind == "bytes" else NAMES, Path(folder)), *inside],
            capture_output=True,
            text=True,
            check=False,
            cwd=_HOUSE,
            env=os.environ | {"PYTHONPATH": str(_HOUSE)},
            timeout=600,
        )


def rooms(*, full: bool) -> Sequence[int]:
    """Return how many bytes to leave before a limit."""
    return range(0, 24_000, 61) if full else (0, 1, 700, 2500)


def _inside(disk: Path, kind: str, *, full: bool) -> Row:
    lefts = range(MOST[kind]) if full else (0, 1, 6)
    with TemporaryDirectory() as scratch, Nursery(Path(scratch)) as nursery:
        return filled(Stage(Path(scratch), [nursery]), disk, kind, lefts)


def main() -> int:
    """Fill; return 1 when something was lost or did not go on, 2 when not all could be tried."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--full", action="store_true", help="with every amount of room left")
    options.add_argument("--inside", nargs=2, metavar=("FOLDER", "KIND"), help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.inside:
        row = _inside(Path(chosen.inside[0]), chosen.inside[1], full=chosen.full)
        sys.stdout.write("".join(f"{line}\n" for line in (row, *row.wrong)))
        return bool(row.wrong)
    sys.stdout.write(f"{HEAD}\n")
    with TemporaryDirectory() as scratch, Nursery(Path(scratch)) as nursery:
        row = limited(Stage(Path(scratch), [nursery]), rooms(full=chosen.full))
    sys.stdout.write("".join(f"{line}\n" for line in (row, *row.wrong)))
    if why_no_small_disk():
        sys.stdout.write(f"{why_no_small_disk()}\n")
        return 2
    results = [fill_small_disk(kind, full=chosen.full) for kind in ("bytes", "names")]
    for result in results:
        sys.stdout.write(result.stdout + result.stderr)
    return bool(row.wrong) or any(result.returncode for result in results)


if __name__ == "__main__":
    sys.exit(main())
