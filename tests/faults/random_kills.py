"""SIGKILL at random moments, while several processes write to one store."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from random import Random

from tests.faults.nursery import Report
from tests.faults.stage import STARTS, Stage
from tests.faults.verdict import faults_in
from tests.faults.worker import Job

AT_ONCE = 4
KILLS_ON_ONE_STORE = 20
LONGEST = 0.06
"""Seconds until the last kill of a round."""
ACTS = 20


@dataclass
class RandomKills:
    """The result of the kills."""

    seed: int
    kills: int = 0
    rounds: int = 0
    crowded: int = 0
    """Rounds in which several processes wrote."""
    acts: int = 0
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"at random (seed {self.seed}): {self.kills} kills in {self.rounds} rounds, {self.crowded} with "
            f"2 to {AT_ONCE} writers; {self.acts} acts acknowledged; wrong: {len(self.wrong)}"
        )


def kill_at_random(stage: Stage, kills: int, seed: int) -> RandomKills:
    """Kill ``kills`` workers, each at a random moment; now and then one is allowed to finish."""
    total = RandomKills(seed)
    stores = max(1, kills // KILLS_ON_ONE_STORE)
    # Each store has its own seed, so that the order in which they are used does not matter.
    for one in stage.each(lambda number: _one_store(stage, kills // stores, seed * 100_000 + number), range(stores)):
        total.kills += one.kills
        total.rounds += one.rounds
        total.crowded += one.crowded
        total.acts += one.acts
        total.wrong += one.wrong
    return total


def _one_store(stage: Stage, kills: int, seed: int) -> RandomKills:
    """Kill workers in rounds on one store, and check it after each round."""
    random, done = Random(seed), RandomKills(seed)
    with stage.nursery() as nursery:
        root, reports = stage.copy(random.choice(STARTS), f"random-{seed}")
        while done.kills < kills and not done.wrong:
            done.rounds += 1
            number = random.choice((1, 1, 2, 3, AT_ONCE))
            done.crowded += number > 1
            jobs = [
                Job(str(root), nursery.said(), f"r{done.rounds}w{which}", ACTS, _moment(random, which))
                for which in range(number)
            ]
            heard: list[Report] = nursery.run(jobs)
            done.kills += sum(report.killed for report in heard)
            for report in heard:
                report.views.clear()  # Others may have written since.
            reports += heard
            # Checking writes to the store, so a copy is checked.
            judged = root.with_name(f"{root.name}-judged")
            shutil.copytree(root, judged)
            done.wrong += [f"seed {seed}, round {done.rounds}: {what}" for what in faults_in(judged, reports)]
            done.wrong += [f"seed {seed}, refused: {why}" for report in heard for why in report.refused.values()]
            shutil.rmtree(judged)
        done.acts = sum(len(report.acked) for report in reports)
        shutil.rmtree(root)
    return done


def _moment(random: Random, which: int) -> float:
    """Return after how many seconds a worker is killed; the first of a round always is."""
    return random.uniform(0, LONGEST) if which == 0 or random.random() < 0.8 else -1
