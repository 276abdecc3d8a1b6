"""Files of a store replaced, cut, linked, given away behind its back while several processes write to it.

``python -m tests.faults.bypassed --full``: some hundred rounds, each with one accident, chosen by chance, that befalls
one shard; before that, each kind once in each way. Some clerks write cells into all shards and note outside of the
store what they are told. After the accident they go on for a moment; then it is judged that

1. what was acknowledged is in the journal at its path, or the check of the store says that the shard is damaged;
2. nobody was told "saved" after the accident of what is not there, and nothing is there twice;
3. who was refused was told so by an error of the store, in time, and finds the own cells that are gone named;
4. the other shards went on working;
5. with the right files back a new session opens and writes, the check is clean, and all that was ever acknowledged
   is there.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from random import Random
from typing import NamedTuple

from hocba_tui.flow.desk import INDEX, PUPILS
from hocba_tui.flow.school.store_check import check_store
from hocba_tui.store import journal, locks
from hocba_tui.store.backend import SCHOOL, Edit
from hocba_tui.store.folder import FolderStore
from hocba_tui.store.heads import note_all
from hocba_tui.store.journal_file import JOURNAL
from tests.crowd.examination import now
from tests.faults.accidents import ACCIDENTS, Accident, Scene, targets
from tests.faults.clerk import CLASSES, END, GO, HOLD, NAMES, PHASE, TABLE, Board, Desk, Told, visit, work

OPEN, ENDED, KILLED = "at work", "gone home", "killed"
"""Where the clerks are when it happens: their sessions are open, were ended in good order, or by kill -9."""
CLERKS = 3
PUPILS_EACH = 5
LONGEST = 60.0
"""Seconds after which somebody who waits counts as hanging."""
WARM, LATER = 3, 3
"""How often each shard, then the one that is to meet with the accident, is changed before it happens."""
MOMENT = 0.1
STRIDES = (1500, 1 << 20)
"""Bytes of journal between two checkpoints: some rounds have new ones, some none."""
OURS = {"NotSaved", "FilesReplaced", "LockHeld", "StoreUnusable"}
SHORT_PATIENCE = 0.4


class Round(NamedTuple):
    """One accident."""

    accident: Accident
    name: str
    when: str
    seed: int

    @property
    def words(self) -> str:
        return f"{self.accident.name} of {self.name}, clerks {self.when}, seed {self.seed}"


@dataclass
class Heard:
    """What one process noted."""

    told: list[Told] = field(default_factory=list)
    gone: dict[str, list[str]] = field(default_factory=dict)
    phases: list[float] = field(default_factory=list)
    ended: bool = False

    @classmethod
    def of(cls, path: Path) -> Heard:
        heard = cls()
        for line in path.read_bytes().splitlines() if path.exists() else ():
            kind, *rest = json.loads(line)
            if kind == "told":
                heard.told.append(Told(*rest))
            elif kind == "gone":
                heard.gone[rest[0]] = rest[1]
            elif kind == "phase":
                heard.phases.append(rest[0])
            heard.ended |= kind == "end"
        return heard

    @property
    def saved(self) -> list[Told]:
        return [told for told in self.told if not told.error]


@dataclass
class Verdict:
    """What was counted, and what is wrong."""

    changes: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


class Office:
    """A store in a pattern, and processes that work in copies of it."""

    def __init__(self, scratch: Path, patience: float = SHORT_PATIENCE, spoilt: str = "") -> None:
        self.scratch = scratch
        self._patience, self._spoilt = patience, spoilt
        # The clerks are forked from a clean server; forking a test runner that has threads could deadlock.
        self._context: ForkServerContext = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["tests.faults.clerk"])
        self._pattern = scratch / "pattern"
        _make_school(self._pattern)
        self._rounds = 0

    def play(self, one: Round) -> Verdict:
        """Let one accident happen in a new copy of the store, and judge what everybody was told."""
        self._rounds += 1
        folder = self.scratch / f"round-{self._rounds}"
        folder.mkdir()
        before = locks.PATIENCE
        locks.PATIENCE = self._patience
        playing = _Play(self, one, folder)
        try:
            return playing.run()
        finally:
            locks.PATIENCE = before
            playing.end_all()
            shutil.rmtree(folder)

    def copy(self, root: Path) -> None:
        shutil.copytree(self._pattern, root)

    def board(self) -> Board:
        board: Board = self._context.RawArray("d", 3)
        return board

    def start(self, do: Callable[[Desk, Board], None], desk: Desk, board: Board) -> ForkServerProcess:
        process = self._context.Process(target=do, args=(desk, board), daemon=True)
        process.start()
        return process

    def desk(self, root: Path, name: str, one: Round) -> Desk:
        two = one.accident.name == "two_boots" and name in {"clerk1", "later"}
        stride = STRIDES[one.seed % len(STRIDES)]
        said = str(root.parent / f"{name}.said")
        return Desk(str(root), said, name, one.seed, self._patience, stride, one.name, two, self._spoilt)


def _make_school(root: Path) -> None:
    """Make a school whose index names the pupils of each class, with a checkpoint and a head of every shard."""
    store = FolderStore.create(root, now)
    store.shard(SCHOOL).change("admin", "found", [Edit(SCHOOL, SCHOOL, "year", None, "2025-2026")])
    for name in NAMES:
        shard = store.shard(name)
        if name in CLASSES:
            pupils = [f"{name[-2:]}-{number}" for number in range(PUPILS_EACH)]
            shard.change("admin", "found", [Edit(PUPILS, pupil, "name", None, "An") for pupil in pupils])
            edits = [Edit(INDEX, pupil, "class", None, name[-2:]) for pupil in pupils]
            store.shard(SCHOOL).change("admin", "found", edits)
        for number in range(4):
            shard.change("admin", "enter", [Edit(TABLE, "admin", f"c{number}", None, f"{name}-{number}")])
    for name in NAMES:
        store.shard(name).checkpoint()
    note_all(root, now().isoformat())


class _Play:
    """One round while it runs."""

    def __init__(self, office: Office, one: Round, folder: Path) -> None:
        self.office, self.one, self.folder = office, one, folder
        self.root = folder / "store"
        self.board = office.board()
        self.verdict = Verdict()
        self.clerks: dict[str, ForkServerProcess] = {}
        self.stopped = 0

    def run(self) -> Verdict:
        one, office = self.one, self.office
        office.copy(self.root)
        for number in range(CLERKS):
            name = f"clerk{number}"
            self.clerks[name] = office.start(work, office.desk(self.root, name, one), self.board)
        self._await(self._all_at_work, "the clerks did not begin")
        shutil.copytree(self.root, self.folder / "older", ignore=shutil.ignore_patterns(".*.tmp"))
        reached = self._changes()[one.name] + LATER
        self._await(lambda: self._changes()[one.name] >= reached, "the clerks did not go on")
        if one.when != OPEN:
            self._leave()
        scene = self._scene()
        one.accident.do(scene)
        self.stopped = scene.stopped
        done = time.monotonic()
        if one.when == OPEN:
            self._go_on()
            self._await(lambda: self._all_go_on(scene, done), "a clerk, or a shard that was not harmed, is not served")
            self._hold()
        flawed = self._judge(scene, done)
        self._put_back(scene, flawed)
        if one.when == OPEN:
            self._go_on(MOMENT / 2)
            self._leave()
        self._judge_the_end(flawed)
        for heard in self._heard().values():
            self.verdict.changes += len(heard.saved)
            self.verdict.refused.update(told.error for told in heard.told if told.error)
        return self.verdict

    def _scene(self) -> Scene:
        aside, one = self.folder / "aside", self.one
        aside.mkdir()
        pids = [process.pid for process in self.clerks.values() if process.pid]
        chance = Random(one.seed)
        return Scene(self.root, aside, self.folder / "older", one.name, chance, self.board, pids, {one.name})

    # --- the clerks ------------------------------------------------------------------------------

    def _heard(self) -> dict[str, Heard]:
        return {path.stem: Heard.of(path) for path in sorted(self.folder.glob("*.said"))}

    def _changes(self) -> Counter[str]:
        found = Counter(dict.fromkeys(NAMES, 0))
        found.update(told.shard for heard in self._heard().values() for told in heard.saved)
        return found

    def _all_at_work(self) -> bool:
        heard = self._heard()
        begun = all(name in heard and heard[name].saved for name in self.clerks)
        return begun and min(self._changes().values()) >= WARM

    def _await(self, reached: Callable[[], bool], otherwise: str) -> bool:
        until = time.monotonic() + LONGEST
        while not reached():
            if time.monotonic() > until:
                self._wrong(otherwise)
                return False
            time.sleep(0.01)
        return True

    def _working(self) -> dict[str, ForkServerProcess]:
        return {name: process for name, process in self.clerks.items() if process.pid != self.stopped}

    def _go_on(self, seconds: float = MOMENT) -> None:
        """Let the clerks write for a moment, in which each of them meets every shard, or waits for the stopped one."""
        self.board[PHASE] = GO
        time.sleep(seconds + (2 * locks.PATIENCE if self.stopped else 0))

    def _all_go_on(self, scene: Scene, done: float) -> bool:
        """Return whether a change of every clerk, and one of every shard not harmed, was saved since the accident."""
        heard = self._heard()
        saved = {name: {told.shard for told in heard[name].saved if told.begun > done} for name in self._working()}
        return all(saved.values()) and set().union(*saved.values()) >= set(NAMES) - scene.touched

    def _hold(self) -> None:
        self.board[PHASE] = HOLD
        self._await(lambda: all(self._heard()[name].phases[-1:] == [HOLD] for name in self._working()), "a clerk hangs")

    def _leave(self) -> None:
        """End the clerks, in good order or not."""
        if self.one.when == KILLED:
            for process in self.clerks.values():
                process.kill()
        self.board[PHASE] = END
        for name, process in self.clerks.items():
            process.join(LONGEST)
            if process.exitcode is None:
                self._wrong(f"{name} does not end")
            elif self.one.when != KILLED and not self._heard()[name].ended:
                self._wrong(f"{name} ended by {process.exitcode}")

    def end_all(self) -> None:
        for process in self.clerks.values():
            if process.is_alive() and process.pid:
                os.kill(process.pid, signal.SIGKILL)
            process.join(LONGEST)

    def _visit(self, name: str) -> Heard:
        """Let somebody come who was not there before."""
        visitor = self.office.start(visit, self.office.desk(self.root, name, self.one), self.board)
        visitor.join(LONGEST)
        heard = Heard.of(self.folder / f"{name}.said")
        if visitor.exitcode is None:
            visitor.kill()
            self._wrong(f"{name} hangs")
        elif not heard.ended:
            self._wrong(f"{name} ended by {visitor.exitcode}")
        return heard

    # --- the verdict -----------------------------------------------------------------------------

    def _wrong(self, what: str) -> None:
        self.verdict.wrong.append(f"{self.one.words}: {what}")

    def _flaws(self) -> dict[str, str]:
        """Return, by shard, the first damage that the check names; other damage under its own place."""
        found: dict[str, str] = {}
        for proof in check_store(self.root):
            for flaw in proof.flaws:
                if flaw.lost:
                    name = next((name for name in NAMES if flaw.place == name or flaw.place.startswith(f"{name}/")), "")
                    found.setdefault(name or flaw.place, f"{flaw.place}: {flaw.what}")
        return found

    def _judge(self, scene: Scene, done: float) -> dict[str, str]:
        """Judge while the accident lasts; return what the check found."""
        one, found = self.one, {name: values_in(self.root / name / JOURNAL) for name in NAMES}
        flawed, heard = self._flaws(), self._heard()
        for clerk, said in heard.items():
            self._judge_saved(clerk, said, found, flawed, done)
            self._judge_refused(clerk, said, scene, found)
        if strange := {name: words for name, words in flawed.items() if name not in scene.touched}:
            self._wrong(f"the check names what is sound: {strange}")
        if one.accident.harmless and flawed:
            self._wrong(f"the check names harmless things: {flawed}")
        later = self._visit("visitor")
        for told in later.told:
            named = told.shard in flawed or (SCHOOL in flawed and not told.shard)
            if not told.error and named:
                self._wrong(f"a new session wrote into {told.shard}, of which the check says {flawed[told.shard]}")
            if told.error and not named and told.error != "LockHeld" and not self.stopped:
                self._wrong(f"a new session is refused by {told.shard}, which the check finds sound: {told.words}")
        return flawed

    def _judge_saved(
        self, clerk: str, said: Heard, found: dict[str, Counter[str]], flawed: dict[str, str], done: float
    ) -> None:
        for told in said.saved:
            count = found[told.shard][told.value]
            if count > 1:
                self._wrong(f"{told.value} is {count} times in {told.shard}")
            elif not count and told.begun > done:
                self._wrong(f"{clerk} was told that {told.value} is saved, after the accident, and it is not")
            elif not count and told.shard not in flawed:
                self._wrong(f"{told.value} was saved and is gone from {told.shard}; the check says nothing")

    def _judge_refused(self, clerk: str, said: Heard, scene: Scene, found: dict[str, Counter[str]]) -> None:
        for told in said.told:
            if told.ended - told.begun > LONGEST:
                self._wrong(f"{clerk} waited {told.ended - told.begun:.1f} s for {told.shard}")
            if told.error and told.error not in OURS:
                self._wrong(f"{clerk} was told {told.error}: {told.words}")
            if told.error and (told.shard not in scene.touched or self.one.accident.harmless):
                self._wrong(f"{clerk} was refused by {told.shard}, which was not harmed: {told.words}")
        if self.one.when != OPEN or clerk not in self._working():
            return
        last = {(told.shard, told.value): told for told in said.saved}
        for name in scene.touched:
            missing = {value for shard, value in last if shard == name and not found[name][value]}
            # Only the last value of each cell is named.
            if missing and not said.gone.get(name):
                self._wrong(f"{clerk} is not told that {len(missing)} own cells of {name} are gone")

    def _put_back(self, scene: Scene, flawed: dict[str, str]) -> None:
        if flawed or self.stopped or self.one.accident.opens_files:
            for back in scene.back:
                back()
        self.stopped = 0

    def _judge_the_end(self, flawed: dict[str, str]) -> None:
        """Judge when the right files are back and everybody has left."""
        if self.one.when == KILLED and not flawed:
            self._wrong("the check finds nothing")
        if left := self._flaws():
            self._wrong(f"with the right files back the check says {left}")
        later = self._visit("later")
        if refused := [told for told in later.told if told.error]:
            self._wrong(f"with the right files back a new session is refused: {refused[0]}")
        found = {name: values_in(self.root / name / JOURNAL) for name in NAMES}
        for clerk, said in self._heard().items():
            gone = Counter(told.shard for told in said.saved if found[told.shard][told.value] != 1)
            if gone:
                self._wrong(f"of what {clerk} saved, not once there with the right files back: {dict(gone)}")


def values_in(path: Path) -> Counter[str]:
    """Return how often each value was written in the sound lines of a journal; none when it cannot be read."""
    found: Counter[str] = Counter()
    previous = journal.GENESIS
    try:
        lines = b"" if path.is_symlink() else path.read_bytes()
    except OSError:
        return found
    for number, line in enumerate(lines.splitlines(keepends=True)):
        try:
            decoded = journal.decode(line, previous, number)
        except journal.BadRecord:
            break
        previous = decoded.digest
        found.update(edit.after for edit in decoded.entry.edits if edit.table == TABLE)
    return found


def each_once(seed: int) -> Iterator[Round]:
    """Yield every kind of accident once under open sessions, and those that leave a trace without any."""
    chance = Random(seed)
    for number, accident in enumerate(ACCIDENTS):
        yield Round(accident, chance.choice(targets(accident)), OPEN, seed + number)
    for accident in ACCIDENTS:
        if accident.name in {"journal_older", "folder_laid_over", "cut_at_a_line"}:
            yield Round(accident, chance.choice(targets(accident)), ENDED, seed)
        if accident.name in {"cut_at_a_line", "emptied"}:
            # No checkpoint is made, so that nothing but sync.lock knows how long the journal was.
            yield Round(accident, chance.choice(targets(accident)), KILLED, seed | 1)


def by_chance(seed: int, rounds: int) -> Iterator[Round]:
    """Yield rounds of any kind."""
    chance = Random(seed)
    for number in range(rounds):
        accident = chance.choice(ACCIDENTS)
        ways = [OPEN]
        if not (accident.under_work or accident.harmless):
            ways += [ENDED] + [KILLED] * accident.known_alone
        yield Round(accident, chance.choice(targets(accident)), chance.choice(ways), seed * 10_000 + number)


def main(arguments: Sequence[str] | None = None) -> int:
    """Play the rounds, print the counts, return 1 when anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="600 more rounds, with the patience that people have")
    parser.add_argument("--rounds", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="accidents whose name contains this")
    asked = parser.parse_args(arguments)
    rounds = [*each_once(asked.seed), *by_chance(asked.seed, asked.rounds or (600 if asked.full else 0))]
    total, kinds = Verdict(), Counter[str]()
    with tempfile.TemporaryDirectory(prefix="bypassed-") as folder:
        office = Office(Path(folder), 5.0 if asked.full else SHORT_PATIENCE)
        for one in rounds:
            if asked.only not in one.accident.name:
                continue
            verdict = office.play(one)
            kinds[f"{one.accident.name}, clerks {one.when}"] += 1
            total.changes += verdict.changes
            total.refused.update(verdict.refused)
            total.wrong += verdict.wrong
            for what in verdict.wrong[:5]:
                print(f"WRONG: {what}", flush=True)
    for kind, count in sorted(kinds.items()):
        print(f"{count:6}  {kind}")
    said = ", ".join(f"{count} {error}" for error, count in sorted(total.refused.items()))
    print(f"{sum(kinds.values())} accidents, {total.changes} changes saved, refused: {said}; wrong: {len(total.wrong)}")
    return int(bool(total.wrong))


if __name__ == "__main__":
    sys.exit(main())
