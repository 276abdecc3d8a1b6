"""Record what several processes ask one shard, and its answers, while they are killed at random.

``python -m tests.crowd.history --full``: 200 histories, each of which must be linearizable. Each process
notes in a file of its own when it asked and when it got the answer, by the computer's monotonic clock.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import NamedTuple

from hocba_tui.errors import CellConflict, NotSaved
from hocba_tui.store.backend import Edit
from hocba_tui.store.shard import FileShard
from tests.crowd.examination import TABLE, now
from tests.crowd.linearizable import NEVER, Act, Cells, Written, is_linearizable

CELLS = ("hs1.a", "hs1.b", "hs2.a", "hs2.b")
ACTS = 40
"""Acts of one process, unless it is killed before."""


class Recorded(NamedTuple):
    """One history and the circumstances of its recording."""

    acts: list[Act]
    kills: int
    damage: str


class Recorder:
    """One process's own file: a line before each act and one after it."""

    def __init__(self, path: Path) -> None:
        self._handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)

    def note(self, *facts: object) -> None:
        """Write one line in one call, so that after a kill it is missing or complete."""
        os.write(self._handle, json.dumps(facts).encode() + b"\n")


def place(cell: str) -> tuple[str, str]:
    key, _, name = cell.partition(".")
    return key, name


def cells_of(shard: FileShard) -> Cells:
    table = shard.table(TABLE)
    return {f"{key}.{name}": value for key, document in table.items() for name, value in document.items()}


def act_at_random(folder: Path, process: str, seed: str) -> None:
    """Read, change, renew the checkpoint and open again in random order, noting all of it."""
    chance, recorder = random.Random(seed), Recorder(folder / f"{process}.acts")

    def read(reading: Callable[[], FileShard]) -> FileShard:
        recorder.note("read", time.monotonic_ns(), None)
        shard = reading()
        cells = cells_of(shard)
        recorder.note("cells", time.monotonic_ns(), cells)
        return shard

    def opened() -> FileShard:
        return FileShard("5A", folder / "5A", now, known=True)

    shard = read(opened)
    for number in range(ACTS):
        what = chance.random()
        if what < 0.05:
            shard = read(opened)
        elif what < 0.10:
            shard.checkpoint()
        elif what < 0.35:
            held = shard

            def refreshed(held: FileShard = held) -> FileShard:
                held.refresh()
                return held

            shard = read(refreshed)
        else:
            # What this process saw last may be old: then the answer must be a conflict.
            cells, fresh = cells_of(shard), f"{process}-{number}"
            touched = chance.sample(CELLS, chance.choice((1, 1, 2)))
            written = [(cell, cells.get(cell), None if chance.random() < 0.1 else fresh) for cell in touched]
            change(shard, recorder, process, [Written(*cell) for cell in written if cell[1] != cell[2]])


def change(shard: FileShard, recorder: Recorder, process: str, written: Sequence[Written]) -> None:
    edits = [Edit(TABLE, *place(w.cell), w.before, w.after) for w in written]
    recorder.note("change", time.monotonic_ns(), written)
    try:
        shard.change(process, "enter", edits)
    except CellConflict as conflict:
        recorder.note("conflict", time.monotonic_ns(), [f"{conflict.key}.{conflict.field}", conflict.held])
    except NotSaved:
        recorder.note("unsaved", NEVER, None)
    else:
        recorder.note("saved", time.monotonic_ns(), None)


def acts_of(path: Path) -> list[Act]:
    """Return what one process noted; an act without a second line has no answer."""
    acts: list[Act] = []
    for line in path.read_bytes().split(b"\n")[:-1]:
        what, at, facts = json.loads(line)
        if what == "read":
            acts.append(Act(path.stem, at, NEVER))
        elif what == "change":
            acts.append(Act(path.stem, at, NEVER, tuple(Written(*written) for written in facts)))
        elif what == "cells":
            acts[-1] = acts[-1]._replace(answered=at, read=facts)
        elif what == "conflict":
            acts[-1] = acts[-1]._replace(answered=at, conflict=(facts[0], facts[1]))
        else:
            acts[-1] = acts[-1]._replace(answered=at)
    return [act for act in acts if act.change or act.read is not None]


def record(folder: Path, seed: int) -> Recorded:
    """Run three to six processes on a new shard, kill some of them, and start new ones in their place."""
    chance = random.Random(seed)
    FileShard("5A", folder / "5A", now)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["hocba_tui.store.folder", "tests.crowd.linearizable"])
    running: list[ForkServerProcess] = []

    def begin() -> None:
        name = f"p{len(list(folder.glob('p*.begun'))):02}"
        (folder / f"{name}.begun").touch()
        running.append(context.Process(target=act_at_random, args=(folder, name, f"{seed} {name}")))
        running[-1].start()

    for _ in range(chance.randint(3, 6)):
        begin()
    kills = 0
    for _ in range(chance.randint(2, 8)):
        time.sleep(chance.uniform(0.0, 0.02))
        victim = chance.choice(running)
        victim.kill()
        victim.join()
        kills += victim.exitcode == -9
        running.remove(victim)
        begin()
    for process in running:
        process.join()
    failed = [str(process.exitcode) for process in running if process.exitcode]
    acts = [act for path in sorted(folder.glob("p*.acts")) for act in acts_of(path)]
    damage = " ".join(failed)
    for last in ("end", "end without a checkpoint"):
        asked = time.monotonic_ns()
        shard = FileShard("5A", folder / "5A", now, known=True)
        acts.append(Act(last, asked, time.monotonic_ns(), read=cells_of(shard)))
        damage += shard.damage or ""
        (folder / "5A" / "data.json").unlink(missing_ok=True)
    return Recorded(acts, kills, damage)


def main(arguments: Sequence[str] | None = None) -> int:
    """Record histories, check each, print a table, return 1 when one cannot be explained."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="200 histories instead of 10")
    parser.add_argument("--histories", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args(arguments)
    histories = asked.histories or (200 if asked.full else 10)
    acts, open_ended, kills, conflicts, wrong = 0, 0, 0, 0, 0
    for seed in range(asked.seed, asked.seed + histories):
        with tempfile.TemporaryDirectory(prefix="history-") as folder:
            recorded = record(Path(folder), seed)
        acts, kills = acts + len(recorded.acts), kills + recorded.kills
        open_ended += sum(act.answered == NEVER for act in recorded.acts)
        conflicts += sum(act.conflict is not None for act in recorded.acts)
        if recorded.damage or not is_linearizable(recorded.acts):
            wrong += 1
            print(f"WRONG: history {seed}: {recorded.damage or 'not linearizable'}")
    print("histories  acts    conflicts  kills  without answer  not linearizable")
    print(f"{histories:9}  {acts:6}  {conflicts:9}  {kills:5}  {open_ended:14}  {wrong:16}")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
