"""Run workers, under strace when a fault is to be injected, and read their reports."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from tests.faults.worker import HUNG, Job, order

CALLS = (
    "openat",
    "write",
    "pwrite64",
    "fdatasync",
    "fsync",
    "ftruncate",
    "rename",
    "renameat",
    "renameat2",
    "link",
    "linkat",
    "unlink",
    "unlinkat",
    "mkdir",
    "mkdirat",
    "flock",
)
"""The system calls by which a store changes what is on disk, or is kept from changing it."""
_HOUSE = Path(__file__).resolve().parents[2]
_CALL = re.compile(r"^(?:\d+ +)?(\w+)\(")


@dataclass
class Report:
    """What one worker said and how it ended."""

    writer: str
    acked: set[int] = field(default_factory=set)
    refused: dict[int, str] = field(default_factory=dict)
    not_opened: list[str] = field(default_factory=list)
    bare: list[str] = field(default_factory=list)
    """Exceptions that are not ours."""
    views: dict[str, str] = field(default_factory=dict)
    opened: bool = False
    ended: bool = False
    killed: bool = False
    hung: bool = False
    met_full: bool = False
    """Whether it had to wait for room."""
    refused_with_room: list[int] = field(default_factory=list)
    """Acts that were refused after there was room again."""
    calls: list[str] = field(default_factory=list)
    """The system calls that strace recorded."""

    @property
    def begun(self) -> range:
        """Return the numbers of all acts that may have left something behind."""
        said = [*self.acked, *self.refused]
        more = self.opened and not self.ended
        return range(max(said, default=-1) + 1 + more)

    def hear(self, said: bytes) -> None:
        """Read what the worker wrote."""
        room = False
        for line in said.decode(errors="replace").splitlines():
            kind, _, rest = line.partition(" ")
            what, _, more = rest.partition(" ")
            self.ended |= kind == "end"
            room |= kind == "room"
            self.met_full = room
            if kind == "bare":
                self.bare.append(rest)
            elif what == "open":
                self.opened |= kind == "ack"
                self.not_opened += [more] if kind == "no" else []
            elif kind == "ack":
                self.acked.add(int(what))
            elif kind == "view":
                self.views[what] = more
            elif kind == "no" and what.isdigit():
                self.refused[int(what)] = more
                self.refused_with_room += [int(what)] if room else []
            if kind == "bare" and what.isdigit():
                self.refused[int(what)] = "bare"


def why_no_strace() -> str | None:
    """Return why faults cannot be injected here; None when they can."""
    if not shutil.which("strace"):
        return "strace is not installed"
    tried = subprocess.run(
        ["strace", "-qq", "-e", "trace=fsync", "-e", "inject=fsync:error=EIO", "true"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return None if tried.returncode == 0 else f"strace does not work here: {tried.stderr.strip()[:200]}"


class Nursery:
    """A parent process of workers; see :mod:`tests.faults.worker`. One thread at a time may use it."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self._runs = 0
        self._parent = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=_HOUSE,
            env=os.environ | {"PYTHONPATH": str(_HOUSE)},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._asking().close()
        self._parent.wait(timeout=60)
        if self._parent.stdout:
            self._parent.stdout.close()

    def said(self) -> str:
        """Return a new file for a worker's report."""
        self._runs += 1
        return str(self.scratch / f"said-{id(self)}-{self._runs}")

    def run(self, jobs: Sequence[Job], inject: Sequence[str] = (), watch: Sequence[str] = ()) -> list[Report]:
        """Run workers on ``jobs``; ``inject`` (in strace's syntax) and ``watch`` are for the first one."""
        children = self._ask(order(list(jobs)))
        log = Path(f"{jobs[0].said}.calls")
        with _attached(children[0], inject, watch, log) if inject or watch else contextlib.nullcontext():
            ends = self._ask("go\n")
        reports = []
        for job, end in zip(jobs, ends, strict=True):
            report = Report(job.writer, killed=end == -9, hung=end == HUNG)
            report.hear(_take(Path(job.said)))
            reports.append(report)
        reports[0].calls = _take(log).decode(errors="replace").splitlines()
        return reports

    def _asking(self) -> IO[str]:
        assert self._parent.stdin
        return self._parent.stdin

    def _ask(self, line: str) -> list[int]:
        assert self._parent.stdout
        self._asking().write(line)
        self._asking().flush()
        answer: list[int] = json.loads(self._parent.stdout.readline())
        return answer


def _take(path: Path) -> bytes:
    """Return and remove a file; empty when there is none."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return b""
    path.unlink()
    return data


@contextlib.contextmanager
def _attached(child: int, inject: Sequence[str], watch: Sequence[str], log: Path) -> IO[str]:  # type: ignore[misc]
    """Trace ``child``, which is waiting, so that its own calls are counted from the first one."""
    named = {name for spec in inject for name in spec.split(":")[0].split(",")} | set(watch)
    command = ["strace", "-y", "-s", "40", "-o", str(log), "-e", f"trace={','.join(sorted(named))}"]
    for spec in inject:
        command += ["-e", f"inject={spec}"]
    with subprocess.Popen([*command, "-p", str(child)], stderr=subprocess.PIPE, text=True) as tracer:
        assert tracer.stderr
        # strace prints it after the interrupt was sent: from then on no call of the child is missed.
        said = tracer.stderr.readline()
        if "attached" not in said:
            raise RuntimeError(said)
        yield tracer.stderr
        tracer.stderr.read()


def name_of(call: str) -> str:
    """Return the system call of a line of strace's output, empty for other lines."""
    found = _CALL.match(call)
    return found[1] if found else ""
