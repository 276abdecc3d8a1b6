"""Work on many things in several processes: each result is as if one process had done everything.

The processes end with the work, also when it is broken off or when this process is killed. They do not load modules
from the current folder. Each has a pipe of its own: where all write into one, as with the pools of the standard
library, a process that is killed in the middle of a result leaves this one waiting for the rest for ever.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkContext, SpawnContext
    from multiprocessing.process import BaseProcess

Item = TypeVar("Item")
Result = TypeVar("Result")


class WorkerDied(Exception):
    """A process was killed, or ended in the middle of its work; what it was doing is not known."""


def cores() -> int:
    """Return how many processes can run at the same time."""
    return len(os.sched_getaffinity(0))


@contextlib.contextmanager
def spread(
    maker: Callable[..., Callable[[Item], Result]],
    arguments: Sequence[Any],
    items: Sequence[Item],
    count: int,
    *,
    portion: int = 1,
) -> Iterator[Iterator[Result]]:
    """Begin the work on ``items`` in ``count`` processes and yield the results in their order.

    ``maker`` is called with ``arguments`` in each process and returns what does the work there; ``portion`` items go
    to a process at once. What goes to a process and comes from it is pickled. A ``count`` of 1 works in this
    process, whenever a result is asked for; so does a session on a server, which shares no memory with others. An
    exception of the work is raised here; WorkerDied when a process dies.
    """
    if count == 1 or not _may_share():
        yield map(maker(*arguments), items)
        return
    parts = [items[at : at + portion] for at in range(0, len(items), portion)]
    crew = _Crew(parts)
    try:
        crew.start(maker, arguments, min(count, len(parts)))
        yield crew.results()
    finally:
        crew.end()


class _Crew:
    """The processes, each with one part of the work at a time."""

    def __init__(self, parts: Sequence[Sequence[Any]]) -> None:
        self._parts = enumerate(parts)
        self._count = len(parts)
        self._processes: list[BaseProcess] = []
        self._busy: dict[Connection, int] = {}
        """Who works, and on the part with which number."""

    def start(self, maker: Callable[..., Callable[[Any], Any]], arguments: Sequence[Any], count: int) -> None:
        """Start the processes and give each its first part."""
        context = _context()
        with _without_ctrl_c():
            for _ in range(count):
                ours, its = context.Pipe()
                process = context.Process(target=_serve, args=(its, ours, maker, arguments), daemon=True)
                process.start()
                self._processes.append(process)
                # Nobody but the process holds its end, so that its death is the end of the pipe.
                its.close()
                self._give(ours)

    def results(self) -> Iterator[Any]:
        """Yield the results in the order of the items; WorkerDied when a process has died."""
        done: dict[int, list[Any] | Exception] = {}
        for number in range(self._count):
            while number not in done:
                done |= self._finished()
            answer = done.pop(number)
            if isinstance(answer, Exception):
                raise answer
            yield from answer

    def end(self) -> None:
        """End the processes, whatever they are doing."""
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.join()
        for connection in self._busy:
            connection.close()

    def _finished(self) -> dict[int, list[Any] | Exception]:
        from multiprocessing.connection import Connection, wait

        found = {}
        for ready in wait(list(self._busy)):
            assert isinstance(ready, Connection)
            number = self._busy[ready]
            try:
                found[number] = ready.recv()
                del self._busy[ready]
                self._give(ready)
            except (EOFError, OSError) as error:
                raise WorkerDied from error
        return found

    def _give(self, connection: Connection) -> None:
        """Give a process its next part; it ends when there is none."""
        number, part = next(self._parts, (0, None))
        if part is None:
            connection.close()
            return
        self._busy[connection] = number
        # A process that has died already is noticed when its answer is awaited.
        with contextlib.suppress(BrokenPipeError):
            connection.send(part)


def _serve(
    connection: Connection, other: Connection, maker: Callable[..., Callable[[Any], Any]], arguments: Sequence[Any]
) -> None:
    """Work on what comes in until the other end is closed, or its process has died."""
    other.close()
    work = maker(*arguments)
    with contextlib.suppress(EOFError, OSError):
        while True:
            part = connection.recv()
            connection.send(_answer(work, part))


def _answer(work: Callable[[Any], Any], part: Sequence[Any]) -> list[Any] | Exception:
    try:
        return [work(item) for item in part]
    except Exception as error:  # noqa: BLE001 - it is raised by the process that asked
        error.add_note(traceback.format_exc())
        return error


def _may_share() -> bool:
    """Return whether this process may share memory with others; one that is held apart works alone."""
    import multiprocessing

    try:
        multiprocessing.get_context("fork").Lock()
    except OSError:
        return False
    return True


def _context() -> ForkContext | SpawnContext:
    """Return how processes are started: a fork costs hardly anything, but beside another thread it may wait for ever.

    It waits for what that thread holds, which nobody gives back.
    """
    import multiprocessing
    from multiprocessing import resource_tracker

    if len(list(Path("/proc/self/task").iterdir())) == 1:  # By the kernel's count.
        return multiprocessing.get_context("fork")
    # A new interpreter puts the current folder before its own modules: a signal.py that lies there would be run.
    os.environ["PYTHONSAFEPATH"] = "1"
    # With the real stderr: it fails with the screen's, which is no file.
    with contextlib.redirect_stderr(sys.__stderr__):
        resource_tracker.ensure_running()
    return multiprocessing.get_context("spawn")


@contextlib.contextmanager
def _without_ctrl_c() -> Iterator[None]:
    """Let Ctrl+C wait, and never reach the processes that are started: this one answers it and ends them.

    The terminal sends it to all of them.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
