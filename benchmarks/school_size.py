"""The cost of one change in a school of 10,000 pupils, against one of 105 with classes of the same size.

A grade is changed in the class's shard, then with everything that the app does around it (permissions,
windows, the documents that it depends on). The last two changes are in the school's own shard, which does grow with
the school: an intent for several shards, and a pupil's line in the index. Rounds are done
alternately in both schools; the mean of all is printed, so that every renewal of a data.json counts.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import mean

from _contestants import LEVELS

from hocba_tui.demo.school import DemoSchool, homeroom_account, make_school
from hocba_tui.flow.desk import INDEX, RESULTS, Desk
from hocba_tui.flow.grades.enter import Typed, enter
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.school.founding import found_school
from hocba_tui.model.results import Cell
from hocba_tui.store.backend import SCHOOL, Edit, class_shard

ROUND = 250
"""Changes of one school before the other school's turn."""
CELL = Cell("end_year", "TOAN", "level")
Change = Callable[[int], object]


class Measured:
    """A school and its changes, all of one pupil."""

    def __init__(self, root: Path, demo: DemoSchool) -> None:
        # The first class is complete: every second one of the demo school still has gaps.
        year = demo.classes[1]
        found_school(root, demo.school, demo.staff, demo.classes)
        self.size = sum(len(each.pupils) for each in demo.classes)
        self._class = year.classroom.key
        self._pupil = next(iter(year.results))
        self._desk: Desk = open_desk(root, homeroom_account(self._class))
        self._name = class_shard(demo.school.year, self._class)
        self.changes: dict[str, Change] = {
            "a grade, in the class's shard": self._grade,
            "a grade, as the app enters it": self._enter,
            "a wider act over two shards": self._wider,
            "a pupil's line in the school's index": self._index,
        }

    def _edit(self, step: int) -> Edit:
        seen = self._desk.store.shard(self._name).document(RESULTS, self._pupil).get(CELL.field)
        return Edit(RESULTS, self._pupil, CELL.field, seen, LEVELS[step % 2])

    def _grade(self, step: int) -> None:
        self._desk.store.shard(self._name).change("gv", "enter", [self._edit(step)])

    def _enter(self, step: int) -> None:
        seen = self._edit(step).before
        done = enter(self._desk, self._class, [Typed(self._pupil, CELL, LEVELS[seen == LEVELS[0]], seen)])
        if done.entry is None:
            raise AssertionError(done.refused)

    def _line(self, step: int) -> Edit:
        seen = self._desk.store.shard(SCHOOL).document(INDEX, self._pupil).get("note")
        return Edit(INDEX, self._pupil, "note", seen, LEVELS[step % 2])

    def _wider(self, step: int) -> None:
        self._desk.store.across("gv", "move", {self._name: [self._edit(step)], SCHOOL: [self._line(step)]})

    def _index(self, step: int) -> None:
        self._desk.store.shard(SCHOOL).change("gv", "note", [self._line(step)])


def cost(change: Change) -> float:
    """Return the milliseconds of one change."""
    begin = time.perf_counter()
    for step in range(ROUND):
        change(step)
    return (time.perf_counter() - begin) / ROUND * 1000


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="80 rounds instead of 20")
    rounds = 80 if parser.parse_args().full else 20
    few = make_school(pupils=175)
    with tempfile.TemporaryDirectory() as base:
        small = Measured(Path(base) / "small", replace(few, classes=few.classes[:3]))
        big = Measured(Path(base) / "big", make_school(pupils=10_000))
        print(f"{'ms a change in a school of':40}{small.size:>10,}{big.size:>10,}{'ratio':>8}")
        for label in small.changes:
            times: dict[Measured, list[float]] = {small: [], big: []}
            for _ in range(rounds):
                for school, seen in times.items():
                    seen.append(cost(school.changes[label]))
            one, other = mean(times[small]), mean(times[big])
            print(f"  {label:38}{one:10.2f}{other:10.2f}{other / one:8.2f}")


if __name__ == "__main__":
    main()
