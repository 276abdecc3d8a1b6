"""Power cuts, simulated: a real run is recorded, and the power is cut at every moment of it.

``python -m tests.faults.power_cut [--full]``. SIGKILL cannot show a missing sync, because the system
still writes everything afterwards. Here the disk is a model (platter) that keeps only what was synced;
each state in which it might be left is opened with the store and checked (aftermath). With ``--full``
a second run begins where a power cut left the first one, torn: two power cuts in a row.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from hocba_tui.store.journal_file import JOURNAL
from hocba_tui.store.syncing import LOCK
from tests.faults.aftermath import Acknowledgement, Truth, judge, lay, missing
from tests.faults.platter import Platter, Tree, states
from tests.faults.power_worker import CLASS
from tests.faults.recording import Step, record

Beginning = tuple[Tree, tuple[Acknowledgement, ...]]
"""A store that a power cut left, and what it had promised."""
MEMORY = Path("/dev/shm") if Path("/dev/shm").is_dir() else None  # noqa: S108
"""Where states are written: thousands of small files. None: where temporary files are."""
SYNCS_BEFORE_KILL = 25
"""The killed teacher of the first run is killed before the first sync, that of the next before the second, …"""


class Run(NamedTuple):
    """A recorded run: its beginning, what was done, and what was there in the end."""

    start: Tree
    acknowledged: tuple[Acknowledgement, ...]
    """What earlier runs had promised."""
    steps: Sequence[Step]
    truth: Truth
    top: Path
    promises: Path


class Cut(NamedTuple):
    """One state that a power cut may leave, and how much had been acknowledged by then."""

    tree: Tree
    promised: int
    choice: str
    moment: int


class Cuts(NamedTuple):
    """The states of one run, and what is known without opening any."""

    states: Sequence[Cut]
    acknowledged: tuple[Acknowledgement, ...]
    early: list[str]
    """What was acknowledged, or published to other processes as on disk, and was not."""
    moments: int
    syncs: int
    """Syncs of the class's journal."""


def run(place: Path, seed: str, changes: int, killed_at: int, before: Beginning | None = None) -> Run:
    """Record teachers at work, in a new store or in one that a power cut left; the first teacher is killed."""
    top, promises = place / f"disk{seed}", place / f"acknowledged{seed}"
    start, acknowledged = before or ({}, ())
    lay(start, top)
    options = ["--seed", seed, "--changes", str(changes), "--killed-at", str(killed_at)]
    command = [sys.executable, "-m", "tests.faults.power_worker", str(top / "store"), str(promises), *options]
    steps = record([*command, "--again"] if before else command, top, promises)
    return Run(start, acknowledged, steps, Truth.read(top / "store"), top, promises)


def cut(run: Run, chance: random.Random, tears: int) -> Cuts:
    """Return every different state that a power cut during ``run`` may leave, each once."""
    platter = Platter(str(run.top), run.start)
    acknowledged = list(run.acknowledged)
    found: dict[frozenset[tuple[str, bytes | None]], Cut] = {}
    early, moments, syncs = list[str](), 0, 0
    for moment, step in enumerate(run.steps):
        if str(run.promises) in step.call.paths:
            if step.call.name != "write" or not step.begun:
                continue
            acknowledged.append(json.loads(step.call.data))
            early += filter(None, [missing(run.truth, platter.left(), acknowledged[-1])])
        elif not platter.take(step):
            continue
        early += _published_early(platter, step)
        syncs += step.call.name == "fdatasync" and step.call.paths[0].endswith(f"{CLASS}/journal.log")
        moments += 1
        for choice, tree in states(platter, chance, tears):
            # The same state later has to hold more promises: the last moment counts.
            found[frozenset(tree.items())] = Cut(tree, len(acknowledged), choice, moment)
    return Cuts(list(found.values()), tuple(acknowledged), early, moments, syncs)


def _published_early(platter: Platter, step: Step) -> Iterable[str]:
    """Yield cases where a process publishes that something is on disk which is not."""
    path = PurePosixPath(step.call.paths[0])
    if step.begun and step.call.name == "pwrite64" and path.name == LOCK:
        far = int(step.call.data.split()[1])
        if far > len(platter.kept(str(path.with_name(JOURNAL)))):
            yield f"published and not on disk: {far} bytes of {path.parent.name}"


def problems(truth: Truth, acknowledged: Sequence[Acknowledgement], scratch: Path, cut: Cut) -> list[str]:
    """Judge one state, in a folder of this process's own."""
    here = scratch / multiprocessing.current_process().name
    found = judge(truth, cut.tree, acknowledged[: cut.promised], here)
    return [f"step {cut.moment}, {cut.choice}: {problem}" for problem in found]


def torn_beginning(run: Run, right: Sequence[Cut], cuts: Cuts, chance: random.Random) -> Beginning:
    """Return a state to continue from: one whose class journal has bytes after its last complete line."""

    def behind(tree: Tree) -> bool:
        whole = run.truth.lines[CLASS][: len(run.truth.surviving(tree, CLASS))]
        return len(tree.get(f"{run.truth.store}/{CLASS}/journal.log") or b"") > sum(map(len, whole))

    late = [state for state in right if state.promised > 2]
    chosen = chance.choice([state for state in late if behind(state.tree)] or late)
    return chosen.tree, cuts.acknowledged[: chosen.promised]


def report(name: str, cuts: Cuts, answers: Sequence[list[str]]) -> int:
    """Print one line of the table, and what was wrong; return how many problems there were."""
    wrong = [answer for answer in answers if answer]
    numbers = (cuts.moments, len(cuts.states), len(answers), len(cuts.acknowledged), cuts.syncs)
    print(name.rjust(6), *(str(n).rjust(8) for n in (*numbers, len(cuts.early), len(wrong))), flush=True)
    kinds = Counter(text.split(": ", 1)[1][:160] for answer in wrong for text in answer)
    for text in [*cuts.early[:5], *(f"{count} × {text}" for text, count in kinds.most_common(8))]:
        print("       ", text)
    return len(wrong) + len(cuts.early)


Look = Callable[[Callable[[Cut], list[str]], Iterable[Cut]], list[list[str]]]


def evening(place: Path, number: int, chosen: argparse.Namespace, look: Look) -> int:
    """Record, cut and check; with ``--full`` continue from one of the states and do it again."""
    before, failed = None, 0
    for part in "ab" if chosen.full else "a":
        name = f"{number}{part}"
        chance = random.Random(name)
        recorded = run(place, name, 6 if chosen.full else 3, 1 + (number - 1) % SYNCS_BEFORE_KILL, before)
        cuts = cut(recorded, chance, chosen.tears or (6 if chosen.full else 4))
        most = len(cuts.states) if chosen.full else 400
        judged = chance.sample(cuts.states, min(len(cuts.states), chosen.states or most))
        answers = look(partial(problems, recorded.truth, cuts.acknowledged, place), judged)
        failed += report(name, cuts, answers)
        right = [state for state, answer in zip(judged, answers, strict=True) if not answer]
        before = torn_beginning(recorded, right, cuts, chance)
    return failed


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--full", action="store_true", help="many runs, each with a second power cut")
    options.add_argument("--seed", type=int, default=1, help="number of the first run")
    options.add_argument("--runs", type=int, help=f"1, with --full {SYNCS_BEFORE_KILL}")
    options.add_argument("--states", type=int, help="at most so many of each run; 400, with --full all")
    options.add_argument("--tears", type=int, help="random states at each moment; 4, with --full 6")
    options.add_argument("--scratch", type=Path, default=MEMORY, help="folder in which states are laid; best in memory")
    chosen = options.parse_args()
    print("   run", *(name.rjust(8) for name in ("moments", "states", "judged", "promises", "syncs", "early", "wrong")))
    with tempfile.TemporaryDirectory(dir=chosen.scratch) as folder, multiprocessing.Pool() as pool:
        runs = range(chosen.seed, chosen.seed + (chosen.runs or (SYNCS_BEFORE_KILL if chosen.full else 1)))
        failed = sum(evening(Path(folder), number, chosen, partial(pool.map, chunksize=16)) for number in runs)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
