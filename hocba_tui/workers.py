"""Work on many things in several processes: each result is as if one process had done everything.

The processes end with the work, also when it is broken off or when this process is killed. They do not load modules
from the current folder.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future
    from multiprocessing.connection import Connection

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
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    # A fork beside another thread may wait for ever for what that thread holds; without one it costs hardly anything.
    context = multiprocessing.get_context("fork" if _is_alone() else "spawn")
    at_work, ends = context.Pipe(duplex=False)
    if context.get_start_method() == "spawn":
        _prepare()
    begin = (at_work, ends, maker, arguments)
    pool = ProcessPoolExecutor(count, context, initializer=_begin, initargs=begin)
    try:
        with _without_ctrl_c():
            parts = (items[at : at + portion] for at in range(0, len(items), portion))
            waiting = deque(pool.submit(_work, part) for part in parts)
        at_work.close()
        yield _results(waiting)
    except BrokenProcessPool as error:
        raise WorkerDied from error
    finally:
        ends.close()
        pool.shutdown(cancel_futures=True)


def _results(waiting: deque[Future[list[Any]]]) -> Iterator[Any]:
    """Yield the results in their order.

    Unlike the pool's own ``map`` this cancels nothing when it is broken off: a pool whose processes end while others
    cancel prints a traceback of its own (Python 3.11).
    """
    while waiting:
        yield from waiting.popleft().result()


def _may_share() -> bool:
    """Return whether the semaphores can be made that a pool of processes needs; one that is held apart cannot."""
    import multiprocessing

    try:
        multiprocessing.get_context("fork").Lock()
    except OSError:
        return False
    return True


def _is_alone() -> bool:
    """Return whether this process has one thread, also by the kernel's count."""
    return len(list(Path("/proc/self/task").iterdir())) == 1


def _prepare() -> None:
    """Make sure that new processes do not run what lies in the current folder, and start the one that a pool needs."""
    from multiprocessing import resource_tracker

    # A new interpreter puts the current folder before its own modules: a signal.py that lies there would be run.
    os.environ["PYTHONSAFEPATH"] = "1"
    # With the real stderr: it fails with the screen's, which is no file.
    with contextlib.redirect_stderr(sys.__stderr__):
        resource_tracker.ensure_running()


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


_made: list[Callable[[Any], Any]] = []
"""What does the work in this process, in one that was started for it."""


def _begin(
    at_work: Connection, ends: Connection, maker: Callable[..., Callable[[Any], Any]], arguments: Sequence[Any]
) -> None:
    """Prepare a new process, which ends when the other one closes its end of the pipe or dies."""
    import threading

    ends.close()  # Each process has got one.
    threading.Thread(target=_end_with, args=(at_work,), daemon=True).start()
    _made.append(maker(*arguments))


def _work(part: Sequence[Any]) -> list[Any]:
    return [_made[0](item) for item in part]


def _end_with(at_work: Connection) -> None:
    at_work.poll(None)
    os._exit(1)
