"""Many processes write to one store at once; every acknowledged change must be there exactly once.

``python -m tests.crowd.crowd --full``: 40 processes × 2,500 changes on 30 shards, then 8 processes on
one shard for 10 seconds. Each change writes a value that no other change writes, and increments a counter
cell of its shard that all processes share, again after each conflict.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import NamedTuple

from hocba_tui.errors import Conflict
from hocba_tui.store.backend import Edit
from hocba_tui.store.folder import FolderStore
from tests.crowd.examination import SHARED, TABLE, Ack, examine, now, rising

FIELDS = 15
"""Cells that one writer fills in turn, like a class's fifteen columns."""
COUNTERS = 8
"""Counter cells per shard: few enough for many conflicts, but not only conflicts."""
FAIR = 1.5
PATIENCE = 900
"""Seconds after which a process that has not finished counts as hanging."""


class Size(NamedTuple):
    """The size of a crowd: each process makes ``changes`` changes, or goes on for ``seconds``."""

    processes: int
    shards: int
    changes: int = 0
    seconds: float = 0.0


@dataclass
class Outcome:
    """What a crowd did, and what is wrong with it."""

    size: Size
    acks: dict[str, list[Ack]]
    seconds: float
    conflicts: int
    problems: list[str] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        """Return the acknowledged changes per second."""
        return sum(map(len, self.acks.values())) / self.seconds

    @property
    def unfairness(self) -> float:
        """Return the most changes of one process divided by the fewest."""
        counts = [len(acks) for acks in self.acks.values()]
        return max(counts) / max(min(counts), 1)


def shard_names(count: int) -> list[str]:
    return [f"2025-2026/{number // 6 + 1}{'ABCDEG'[number % 6]}" for number in range(count)]


def write(root: Path, writer: str, size: Size, seed: int, start: Barrier) -> None:
    """Change random shards until done; save what was acknowledged to a file."""
    chance, store = random.Random(f"{seed} {writer}"), FolderStore(root, now)
    shards = [store.shard(name) for name in shard_names(size.shards)]
    acks: list[Ack] = []
    held: dict[tuple[str, str], str] = {}
    conflicts = 0
    start.wait(60)
    begun = time.monotonic()
    while len(acks) < size.changes or time.monotonic() < begun + size.seconds:
        shard, cell = chance.choice(shards), f"c{len(acks) % FIELDS}"
        value, counter = f"{writer}-{len(acks)}", f"count{chance.randrange(COUNTERS)}"
        mine = Edit(TABLE, writer, cell, held.get((shard.name, cell)), value)
        while True:
            shard.refresh()
            seen = shard.document(TABLE, SHARED).get(counter)
            try:
                entry = shard.change(writer, "enter", [Edit(TABLE, SHARED, counter, seen, (seen or 0) + 1), mine])
            except Conflict:
                conflicts += 1
                continue
            break
        held[shard.name, cell] = value
        acks.append(Ack(shard.name, entry.seq, value, counter, (seen or 0) + 1))
    facts = {"acks": acks, "seconds": time.monotonic() - begun, "conflicts": conflicts}
    (root.parent / f"{writer}.json").write_text(json.dumps(facts), encoding="utf-8")


def run(folder: Path, size: Size, seed: int = 0) -> Outcome:
    """Run a crowd on a new store in ``folder`` and examine the result."""
    root = folder / "store"
    store = FolderStore.create(root, now)
    for name in shard_names(size.shards):
        store.shard(name)
    # The writers are forked from a clean server; forking a test runner that has threads could deadlock.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["hocba_tui.store.folder"])
    start = context.Barrier(size.processes)
    writers = [f"w{number:02}" for number in range(size.processes)]
    processes = [context.Process(target=write, args=(root, writer, size, seed, start)) for writer in writers]
    for process in processes:
        process.start()
    patience = time.monotonic() + PATIENCE + size.seconds
    for process in processes:
        process.join(max(patience - time.monotonic(), 0))
        process.kill()
        process.join()
    acks: dict[str, list[Ack]] = {}
    seconds, conflicts, problems = 0.001, 0, list[str]()
    for writer, process in zip(writers, processes, strict=True):
        if process.exitcode != 0:
            problems.append(f"{writer} ended with {process.exitcode}")
            continue
        facts = json.loads((folder / f"{writer}.json").read_text(encoding="utf-8"))
        acks[writer] = [Ack(*ack) for ack in facts["acks"]]
        seconds, conflicts = max(seconds, facts["seconds"]), conflicts + facts["conflicts"]
    outcome = Outcome(size, acks, seconds, conflicts, problems)
    for name in shard_names(size.shards):
        problems += examine(root / name, name, [ack for made in acks.values() for ack in made if ack.shard == name])
    problems += [f"{writer}: acknowledgements out of order" for writer, made in acks.items() if not rising(made)]
    return outcome


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the crowds, print a table, return 1 when anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="40 × 2500 on 30 shards, and 8 on one for 10 s")
    for name in ("processes", "changes", "shards", "seed"):
        parser.add_argument(f"--{name}", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=0.0)
    asked = parser.parse_args(arguments)
    many, one = (Size(40, 30, 2500), Size(8, 1, seconds=10)) if asked.full else (Size(8, 6, 100), Size(4, 1, seconds=1))
    sizes = [many, one]
    if asked.processes or asked.changes or asked.shards or asked.seconds:
        own = Size(asked.processes or many.processes, asked.shards or many.shards, asked.changes, asked.seconds)
        sizes = [own if own.changes or own.seconds else own._replace(changes=many.changes)]
    wrong = False
    print("processes  shards  changes  conflicts  changes/s  most/least")
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="crowd-") as folder:
            outcome = run(Path(folder), size, asked.seed)
        # With a fixed number of changes, each process does its own share; fairness shows only over a fixed time.
        if size.seconds and outcome.unfairness >= FAIR:
            outcome.problems.append(f"one process made {outcome.unfairness:.2f} times the changes of another")
        made = sum(map(len, outcome.acks.values()))
        share = f"{outcome.unfairness:10.2f}" if size.seconds else " " * 10
        print(
            f"{size.processes:9}  {size.shards:6}  {made:7}  {outcome.conflicts:9}  {outcome.per_second:9.0f}  {share}"
        )
        for problem in outcome.problems[:20]:
            print(f"WRONG: {problem}")
        wrong = wrong or bool(outcome.problems)
    return int(wrong)


if __name__ == "__main__":
    sys.exit(main())
