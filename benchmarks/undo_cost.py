"""One press of u and of y in a class, against typing one value there, after histories of different lengths.

All of a history but every fourth entry is the teacher's own. Each press is a whole act of the flow: the step is
found, compared with what others wrote since, checked against the locks, and on disk when it counts as done. The last
column is what it costs to walk through the teacher's whole history instead. Medians.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from _contestants import now

from hocba_tui.demo.school import found_demo, make_school
from hocba_tui.flow.desk import RESULTS, Desk
from hocba_tui.flow.grades.enter import Typed, enter
from hocba_tui.flow.grades.undo import redo, undo
from hocba_tui.flow.opening import open_desk
from hocba_tui.model.results import Cell
from hocba_tui.store import journal
from hocba_tui.store.backend import Edit, Entry
from hocba_tui.store.journal_file import JOURNAL
from hocba_tui.store.undo import stacks

LENGTHS = (100, 14_000, 200_000)
"""A week, a homeroom teacher's year, and more than any class has."""
TEACHER, CLASS, COLUMN = "gv.5a", "5A", Cell.parse("end_year.TOAN.score")


def lengthen(path: Path, pupils: list[str], count: int) -> None:
    """Append changes to the journal, chained as by the store but never synced."""
    last = path.read_bytes()
    lines, digest = [last], journal.decode(last.splitlines(keepends=True)[-1], None).digest
    held: dict[str, int | None] = dict.fromkeys(pupils)
    for number in range(last.count(b"\n"), last.count(b"\n") + count):
        pupil, after = pupils[number % len(pupils)], number % 10 + 1
        actor, field = (TEACHER, COLUMN.field) if number % 4 else ("gv.theduc", "end_1.GDTC.comment")
        edit = Edit(RESULTS, pupil, field, held[pupil] if number % 4 else None, after)
        lines.append(journal.encode(Entry(number, now().isoformat(), actor, "enter", (edit,)), digest, len(last)))
        digest = journal.decode(lines[-1], None).digest
        held[pupil] = after if number % 4 else held[pupil]
    path.write_bytes(b"".join(lines))


def milliseconds(act: Callable[[], object]) -> float:
    """Return how long ``act`` takes."""
    begin = time.perf_counter()
    act()
    return (time.perf_counter() - begin) * 1000


def measure(desk: Desk, pupils: list[str], rounds: int) -> tuple[float, float, float, float]:
    """Return the median milliseconds of a typed value, of u, of y, and of walking through the history."""
    shard = desk.class_shard(CLASS)

    def type_one(number: int) -> None:
        held = shard.document(RESULTS, pupils[0]).get(COLUMN.field)
        text = "8" if held != 8 else str(number % 7 + 1)
        entered = enter(desk, CLASS, [Typed(pupils[0], COLUMN, text, held)])
        if entered.entry is None:
            raise AssertionError(entered.refused)

    def press(verb: Callable[[Desk, str], Entry | None]) -> None:
        if verb(desk, CLASS) is None:
            raise AssertionError("nothing was taken back")

    seen = [
        (milliseconds(lambda: type_one(number)), milliseconds(lambda: press(undo)), milliseconds(lambda: press(redo)))  # noqa: B023
        for number in range(rounds)
    ]
    walk = milliseconds(lambda: stacks(shard.entries(TEACHER)))
    typed, undone, redone = (median(column) for column in zip(*seen, strict=True))
    return typed, undone, redone, walk


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="200 rounds instead of 30")
    rounds = 200 if parser.parse_args().full else 30
    print(
        f"{'entries before':16}{'typed ms':>10}{'u ms':>8}{'y ms':>8}{'u / typed':>11}{'y / typed':>11}{'walk ms':>9}"
    )
    for length in LENGTHS:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder) / "store"
            found_demo(root, make_school(pupils=175), None)
            desk = open_desk(root, TEACHER)
            pupils = [p.key for p in desk.pupils(CLASS) if p.assessed and not p.exempt and not p.not_in_plan]
            lengthen(root / desk.class_shard(CLASS).name / JOURNAL, pupils[1:], length)
            typed, undone, redone, walk = measure(open_desk(root, TEACHER), pupils, rounds)
        ratios = f"{undone / typed:11.2f}{redone / typed:11.2f}"
        print(f"{length:<16,}{typed:10.2f}{undone:8.2f}{redone:8.2f}{ratios}{walk:9.0f}")


if __name__ == "__main__":
    main()
