"""A process that writes to a store until something stops it, and reports how far it came.

``python -m tests.faults.worker`` is the parent of such workers: it has imported everything, forks one
worker for each job on its standard input, and kills it when its time is up. A
worker writes its report to a file by ``writev``, which the store does not use, so that no fault meant for the
store can reach it.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import resource
import shutil
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

from hocba_tui.errors import HocbaError
from hocba_tui.store import shard as shards
from hocba_tui.store.backend import SCHOOL
from hocba_tui.store.folder import FolderStore
from hocba_tui.store.intents import INTENTS
from tests.faults.acts import CLASSES, RESULTS, ROUND, Act, fingerprint, now

CHECKPOINT_STRIDE = 1200
PATIENCE = 60
"""Seconds after which a worker counts as hanging."""
HUNG = -999
OPENINGS = 3
ENOUGH = 2
"""After this many refused acts there is room again, when the room was limited."""
Given = TypeVar("Given")
Bytes = bytes | memoryview


@dataclass(frozen=True)
class Job:
    """The work of one worker."""

    root: str
    said: str
    """File for its report."""
    writer: str = "w"
    acts: int = len(ROUND)
    kill_after: float = -1
    """Seconds until SIGKILL, negative for never."""
    short: str = ""
    """Which writes are accepted only in part: a key of SHORT and from which call on, as ``half:3``."""
    room: int = -1
    """Bytes by which a file may still grow (RLIMIT_FSIZE) until some acts were refused."""
    ballast: str = ""
    """Folder that fills the disk; removed when every worker of ``crew`` had an act refused."""
    crew: tuple[str, ...] = ()


def say(text: str) -> None:
    """Report one line."""
    os.writev(1, [text.encode() + b"\n"])


def work(job: Job) -> None:
    """Open the store and do the acts, whether they succeed or not."""
    short_of_room = job.room >= 0 or bool(job.ballast)
    store = _open(Path(job.root))
    if store is None and short_of_room:
        _make_room(job)
        store = _open(Path(job.root))
        short_of_room = False
    if store is None:
        return
    refused = 0
    for number in range(job.acts):
        refused += not _attempt(str(number), Act(job.writer, number).do, store)
        if short_of_room and refused >= ENOUGH:
            _make_room(job)
            short_of_room = False
    _attempt("view", _view, store)
    say("end")


def _open(root: Path) -> FolderStore | None:
    """Open the store, once more if it is refused: the fault may be over."""
    found: list[FolderStore] = []

    def once(path: Path) -> None:
        found.append(FolderStore(path, now))

    for _ in range(OPENINGS):
        if _attempt("open", once, root):
            return found[0]
    return None


def _attempt(what: str, do: Callable[[Given], None], given: Given) -> bool:
    try:
        do(given)
    except HocbaError as error:
        say(f"no {what} {type(error).__name__}: {error.what}")
    except BaseException as error:  # noqa: BLE001 - the store must never raise anything else
        say(f"bare {what} {error!r}")
    else:
        if what != "view":
            say(f"ack {what}")
        return True
    return False


def _view(store: FolderStore) -> None:
    """Report what this process sees in the classes: nobody else may see anything else."""
    store.shard(SCHOOL).refresh()
    if store.shard(SCHOOL).table(INTENTS):
        return  # An act was refused half way: the next process that opens the store finishes it.
    for name in CLASSES:
        store.shard(name).refresh()
        say(f"view {name} {fingerprint(store.shard(name).table(RESULTS))}")


def _make_room(job: Job) -> None:
    """End the lack of room when all others have met it too."""
    if job.room >= 0:
        resource.setrlimit(resource.RLIMIT_FSIZE, resource.getrlimit(resource.RLIMIT_FSIZE)[1:] * 2)
    if job.ballast:
        Path(f"{job.said}.full").touch()
        # One process removes the folder; to the others a file is gone before its room is free.
        freed = Path(f"{job.crew[0]}.freed")
        if job.said == job.crew[0]:
            while not all(Path(f"{said}.full").exists() for said in job.crew):
                time.sleep(0.001)
            shutil.rmtree(job.ballast)
            freed.touch()
        while not freed.exists():
            time.sleep(0.001)
    say("room")


def _limit(job: Job) -> None:
    """Let no file grow by more than ``room`` bytes beyond the longest journal now."""
    longest = max(path.stat().st_size for path in Path(job.root).rglob("journal.log"))
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (longest + job.room, hard))


def shorten(kind: str, first: int) -> None:
    """Make the system accept only a part of what is written, from the ``first`` call on."""
    calls = 0
    plain, placed = os.write, os.pwrite

    def part(data: Bytes) -> bytes:
        """Return what is accepted; raise OSError when the disk is full."""
        nonlocal calls
        calls += 1
        whole = bytes(data)
        if calls < first or (calls > first and kind in {"half", "place-half"}):
            return whole
        if calls > first and (kind == "full" or (kind == "torn" and calls == first + 1)):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if calls > first and kind == "torn":
            return whole
        return whole[:64] if kind.endswith("crumbs") else whole[: (len(whole) + 1) // 2]

    def write(handle: int, data: Bytes) -> int:
        return plain(handle, part(data))

    def pwrite(handle: int, data: Bytes, offset: int) -> int:
        return placed(handle, part(data), offset)

    if kind.startswith("place-"):
        os.pwrite = pwrite  # type: ignore[assignment]
    else:
        os.write = write  # type: ignore[assignment]


SHORT = {
    "half": "one write is taken by half",
    "crumbs": "64 bytes at a time from then on",
    "torn": "half is taken, then ENOSPC once",
    "full": "half is taken, then ENOSPC for ever",
    "place-half": "one pwrite is taken by half",
    "place-crumbs": "at most 64 bytes of every pwrite from then on",
}


# --- the parent --------------------------------------------------------------------------------


def _fork(job: Job) -> tuple[int, int]:
    """Start a worker that waits for one byte; return its process id and where to write that byte."""
    waiting, go = os.pipe()
    child = os.fork()
    if child:
        os.close(waiting)
        return child, go
    try:
        os.dup2(os.open(job.said, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), 1)
        os.read(waiting, 1)
        if job.room >= 0:
            _limit(job)
        if job.short:
            kind, _, first = job.short.partition(":")
            shorten(kind, int(first))
        work(job)
    finally:
        os._exit(0)


def _wait(children: dict[int, Job]) -> dict[int, int]:
    """Kill each worker when its time is up; return how each ended."""
    began = time.monotonic()
    ends: dict[int, int] = {}
    while len(ends) < len(children):
        passed = time.monotonic() - began
        for child, job in children.items():
            if child in ends:
                continue
            hung = passed > PATIENCE
            if hung or 0 <= job.kill_after <= passed:
                os.kill(child, signal.SIGKILL)
            done, status = os.waitpid(child, 0 if hung else os.WNOHANG)
            if done:
                ends[child] = HUNG if hung else os.waitstatus_to_exitcode(status)
        time.sleep(0.0003)
    return ends


def main() -> None:
    """Serve jobs: reads a line of them, writes their process ids, reads "go", writes how they ended."""
    shards.CHECKPOINT_STRIDE = CHECKPOINT_STRIDE
    for line in iter(sys.stdin.readline, ""):
        jobs = [Job(**{**raw, "crew": tuple(raw["crew"])}) for raw in json.loads(line)]
        started = [_fork(job) for job in jobs]
        _answer([child for child, _ in started])
        sys.stdin.readline()
        for _, go in started:
            with contextlib.suppress(BrokenPipeError):
                os.write(go, b"!")
            os.close(go)
        ends = _wait({child: job for (child, _), job in zip(started, jobs, strict=True)})
        _answer([ends[child] for child, _ in started])


def _answer(numbers: list[int]) -> None:
    sys.stdout.write(json.dumps(numbers) + "\n")
    sys.stdout.flush()


def order(jobs: list[Job]) -> str:
    """Return the line that asks the parent for ``jobs``."""
    return json.dumps([asdict(job) for job in jobs]) + "\n"


if __name__ == "__main__":
    main()
