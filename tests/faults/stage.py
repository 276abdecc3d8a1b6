"""A prepared store, in as many copies as there are faults to be tried."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory
from typing import NamedTuple, TypeVar

from hocba_tui.store.backend import SCHOOL
from hocba_tui.store.folder import FolderStore
from tests.faults.acts import FIRST, ROUND, SECOND, now
from tests.faults.nursery import CALLS, Nursery, Report, name_of
from tests.faults.verdict import faults_in, write
from tests.faults.worker import Job

STARTS = ("restarted", "running", "crowded")
"""How the worker finds the store: after a start of the computer, so that nothing is known to be on disk; as
another process left it a moment ago; the same, while another process, without faults, is writing to it.
"""
OLD = range(ROUND.index("opening"))
MORNING = (ROUND.index("cell"), ROUND.index("across"))
Point = TypeVar("Point")
Result = TypeVar("Result")


class Tried(NamedTuple):
    """The result of one fault."""

    report: Report
    wrong: list[str]
    beside: list[Report]
    """The report of the process that wrote at the same time."""

    @property
    def refused(self) -> dict[str, str]:
        """Return the refused acts of both writers."""
        return {f"{r.writer}-{n}": why for r in (self.report, *self.beside) for n, why in r.refused.items()}


class Stage:
    """Copies of one store below ``scratch``, and parents of workers for them."""

    def __init__(self, scratch: Path, nurseries: Sequence[Nursery]) -> None:
        self._scratch = scratch
        self._free = SimpleQueue[Nursery]()
        self._count = len(nurseries)
        for nursery in nurseries:
            self._free.put(nursery)
        self._pattern = scratch / "pattern"
        self._yesterday = write(_checkpointed(FolderStore.create(self._pattern, now)), "yesterday", OLD)
        _checkpointed(FolderStore(self._pattern, now))

    @contextmanager
    def nursery(self) -> Iterator[Nursery]:
        """Lend a parent of workers."""
        nursery = self._free.get()
        try:
            yield nursery
        finally:
            self._free.put(nursery)

    def copy(self, start: str, name: str) -> tuple[Path, list[Report]]:
        """Return a copy of the store, and what was done in it."""
        root = self._scratch / name
        # As after a start of the computer, a copy's sync.lock is about another journal.
        shutil.copytree(self._pattern, root)
        if start == "restarted":
            return root, [self._yesterday]
        return root, [self._yesterday, write(FolderStore(root, now), "morning", MORNING)]

    def try_fault(self, start: str, inject: Sequence[str] = (), *, watch: Sequence[str] = (), short: str = "") -> Tried:
        """Run one worker under a fault and check what it leaves behind."""
        with self.nursery() as nursery:
            said = nursery.said()
            root, earlier = self.copy(start, f"store-{Path(said).name}")
            jobs = [Job(str(root), said, short=short)]
            if start == "crowded":
                jobs.append(Job(str(root), nursery.said(), "beside"))
            report, *beside = nursery.run(jobs, inject, watch)
            if beside:
                report.views.clear()
                beside[0].views.clear()
            wrong = faults_in(root, [*earlier, report, *beside])
            wrong += [f"{other.writer} did not come to its end" for other in beside if not other.ended]
            shutil.rmtree(root)
            return Tried(report, wrong, beside)

    def calls(self, start: str) -> Counter[str]:
        """Return how often a worker without faults makes each of CALLS."""
        tried = self.try_fault(start, watch=CALLS)
        if tried.wrong or not tried.report.ended or tried.refused:
            raise RuntimeError(f"without any fault: {tried.wrong} {tried.refused}")
        return Counter(name_of(call) for call in tried.report.calls)

    def each(self, do: Callable[[Point], Result], points: Iterable[Point]) -> list[Result]:
        """Try all points, as many at a time as there are nurseries."""
        with ThreadPoolExecutor(self._count) as pool:
            return list(pool.map(do, points))


def _checkpointed(store: FolderStore) -> FolderStore:
    """Renew the checkpoints, so that opening reads too little again for a sync of its own."""
    for name in (SCHOOL, FIRST, SECOND):
        store.shard(name).checkpoint()
    return store


@contextmanager
def staged(at_once: int = 2, scratch: Path | None = None) -> Iterator[Stage]:
    """Prepare a stage in a temporary folder (inside ``scratch``, if given)."""
    with TemporaryDirectory(dir=scratch) as folder, ExitStack() as stack:
        nurseries = [stack.enter_context(Nursery(Path(folder))) for _ in range(at_once)]
        yield Stage(Path(folder), nurseries)


def thinned(calls: int, step: int, first: int) -> range:
    """Return which of ``calls`` calls to disturb: every ``step``-th from the ``first`` on."""
    return range(1 + first % step, calls + 1, step)
