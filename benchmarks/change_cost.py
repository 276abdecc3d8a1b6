"""One changed grade: our store against stock TinyDB, in a class of 35 and in a school of 1,050.

Prints medians and ratios; times depend on the disk, ratios hardly.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from statistics import median

from tinydb import Query, TinyDB

from hocba_tui.clock import VIETNAM
from hocba_tui.demo.school import make_school
from hocba_tui.store.backend import Edit
from hocba_tui.store.folder import FolderStore

ROUNDS = 60
FIELD = "end_year.TOAN.score"


def measure(change: Callable[[int], object]) -> float:
    """Return the median milliseconds of one change."""
    times = []
    for number in range(ROUNDS):
        start = time.perf_counter()
        change(number)
        times.append((time.perf_counter() - start) * 1000)
    return median(times)


def ours(folder: Path, results: dict[str, dict[str, object]]) -> float:
    """Change one cell of one pupil through a shard."""
    store = FolderStore.create(folder, lambda: datetime.now(VIETNAM))
    shard = store.shard("2025-2026/5A")
    edits = [Edit("results", key, name, None, value) for key, doc in results.items() for name, value in doc.items()]
    shard.change("bench", "fill", edits)
    pupil = next(iter(results))
    seen = [shard.document("results", pupil).get(FIELD)]

    def change(number: int) -> None:
        shard.change("bench", "enter", [Edit("results", pupil, FIELD, seen[0], number % 10 + 1)])
        seen[0] = number % 10 + 1

    return measure(change)


def stock(path: Path, results: dict[str, dict[str, object]]) -> float:
    """Change one cell of one pupil with TinyDB as it ships: no lock, no sync, the whole file rewritten."""
    database = TinyDB(path)
    database.insert_multiple([{"pupil": key, **doc} for key, doc in results.items()])
    pupil = next(iter(results))
    cost = measure(lambda number: database.update({FIELD: number % 10 + 1}, Query().pupil == pupil))
    database.close()
    return cost


def main() -> None:
    """Print the table."""
    demo = make_school()
    one = {key: dict(doc) for key, doc in demo.classes[-1].results.items()}
    every = {key: dict(doc) for year in demo.classes for key, doc in year.results.items()}
    print(f"{'':34}{'ms a change':>12}{'ratio':>8}")
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        mine = ours(base / "ours", one)
        for label, cost in (
            ("hocba, durable, journal and lock", mine),
            ("stock TinyDB, a class of 35", stock(base / "class.json", one)),
            ("stock TinyDB, the school of 1,050", stock(base / "school.json", every)),
        ):
            print(f"{label:34}{cost:12.2f}{cost / mine:8.1f}")


if __name__ == "__main__":
    main()
