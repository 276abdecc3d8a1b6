"""Commands that read a whole school: processor time against parsing its journals, wall time against one process.

Two schools, each class with a year of results and as many changes typed one by one. The bare contestant parses the
JSON of every journal and hashes its lines. ``store check`` is also run on one process and on all cores in turn: the
best wall time of each counts, since other programs only ever make it longer. Last the start of single commands, in
processor time, against a bare interpreter.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage

import orjson
from _contestants import now

from hocba_tui.demo.school import make_school
from hocba_tui.flow.desk import RESULTS
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.reports.statistics import export_summary
from hocba_tui.flow.school.class_check import class_checker
from hocba_tui.flow.school.founding import found_school
from hocba_tui.flow.school.store_check import check_store
from hocba_tui.flow.school.store_upkeep import shard_sizes
from hocba_tui.model.values import Period
from hocba_tui.store import journal
from hocba_tui.store.backend import OUTBOX, Edit, Entry
from hocba_tui.store.checking import journals_in
from hocba_tui.store.journal_file import JOURNAL
from hocba_tui.store.shard import FileShard
from hocba_tui.workers import cores, spread

TYPED = 1_400
"""Changes of each class, a line each: a year of a homeroom teacher."""
STARTS: dict[str, list[str]] = {
    "hocba --help": ["--help"],
    "hocba store stats": ["store", "stats"],
    "hocba check": ["check", "--class", "1A", "--as", "gv.1a"],
    "hocba submit": ["submit", "--class", "1A", "--leave-gaps", "--as", "gv.1a"],
    "hocba approve": ["approve", "--class", "1A", "--as", "hieutruong"],
    "hocba issue": ["issue", "--class", "1A", "--as", "vanthu"],
    "hocba send": ["send", "--as", "vanthu"],
    "hocba receipts": ["receipts", "--as", "vanthu"],
    "hocba store history": ["store", "history", "--class", "1A", "--pupil", "nobody", "--as", "gv.1a"],
    "hocba export records": ["export", "records", "--class", "1A", "--out", "copies", "--as", "vanthu"],
}


def make(root: Path, pupils: int) -> int:
    """Found a school, type in each of its classes, and return how many classes there are."""
    demo = make_school(pupils=pupils)
    found_school(root, demo.school, demo.staff, demo.classes)
    for classroom in demo.classes:
        lengthen(root / demo.school.year / classroom.classroom.key)
    return len(demo.classes)


def lengthen(folder: Path) -> None:
    """Append changes to a class's journal, chained as by the store, and renew its checkpoint."""
    shard = FileShard(folder.name, folder, now)
    levels = [(key, name) for key, doc in shard.table(RESULTS).items() for name in doc if name.endswith(".level")]
    whole = (folder / JOURNAL).read_bytes()
    lines, digest, size = [whole], hashlib.sha256(whole.splitlines(keepends=True)[-1]).hexdigest(), len(whole)
    held = {(key, name): shard.document(RESULTS, key)[name] for key, name in levels}
    cells = itertools.islice(itertools.cycle(levels), TYPED)
    for number, (key, name) in enumerate(cells, start=shard.seq + 1):
        before = held[key, name]
        held[key, name] = after = "H" if before == "T" else "T"
        entry = Entry(number, now().isoformat(), "gv", "enter", (Edit(RESULTS, key, name, before, after),))
        line = journal.encode(entry, digest, size)
        lines.append(line)
        digest, size = hashlib.sha256(line).hexdigest(), size + len(line)
    del shard
    (folder / JOURNAL).write_bytes(b"".join(lines))
    shard = FileShard(folder.name, folder, now)
    shard.settle()
    shard.checkpoint()


def parse(root: Path) -> None:
    """Parse every line of every journal and hash it."""
    for path in sorted(root.rglob(JOURNAL)):
        for line in path.read_bytes().splitlines(keepends=True):
            hashlib.sha256(line)
            orjson.loads(line[18:])


def processor(act: Callable[[], object]) -> float:
    """Return the seconds of processor time of this process and of those that ``act`` starts."""
    begin = sum(sum(getrusage(who)[:2]) for who in (RUSAGE_SELF, RUSAGE_CHILDREN))
    act()
    return sum(sum(getrusage(who)[:2]) for who in (RUSAGE_SELF, RUSAGE_CHILDREN)) - begin


def wall(act: Callable[[], object]) -> float:
    """Return the seconds of wall time."""
    begin = time.perf_counter()
    act()
    return time.perf_counter() - begin


def summary(root: Path) -> None:
    """Write the numbers of the year."""
    path = root.parent / "summary.xlsx"
    path.unlink(missing_ok=True)
    export_summary(open_desk(root, "hieutruong"), Period.END_YEAR, path)


def compare(root: Path, rounds: int) -> None:
    """Print the processor time of each command, the best of the rounds, and its ratio to bare parsing."""
    ways: dict[str, Callable[[], object]] = {
        "parse every line of the journals": lambda: parse(root),
        "store stats": lambda: list(shard_sizes(root)),
        "store check, one process": lambda: list(check_store(root, 1)),
        f"store check, {cores()} processes": lambda: list(check_store(root, cores())),
        "export summary": lambda: summary(root),
    }
    times: dict[str, list[float]] = {label: [] for label in ways}
    for _ in range(rounds):
        for label, way in ways.items():
            times[label].append(processor(way))
    bare = min(next(iter(times.values())))
    for label, seen in times.items():
        print(f"  {label:54}{min(seen):8.2f}{min(seen) / bare:8.2f}")


def spread_out(root: Path, rounds: int) -> None:
    """Print the wall time of the check on one process and on all cores."""
    counts: Sequence[int] = sorted({1, cores()})
    times: dict[int, list[float]] = {count: [] for count in counts}
    for _, count in itertools.product(range(rounds), counts):
        times[count].append(wall(lambda count=count: list(check_store(root, count))))  # type: ignore[misc]
    for count, seen in times.items():
        label = f"store check, wall time, {count} process{'es' if count > 1 else ''}"
        print(f"  {label:54}{min(seen):8.2f}{min(seen) / min(times[1]):8.2f}")
    with spread(measured, [root], [name for name in journals_in(root) if name != OUTBOX], cores()) as found:
        print(f"  {'memory of one of its processes at most, MB':54}{max(found) / 1024:8.0f}")


def measured(root: Path) -> Callable[[str], int]:
    """Return what checks a class and returns the most memory that its process has had, in kB."""
    check = class_checker(root)

    def peak(name: str) -> int:
        check(name)
        return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])

    return peak


def starts(root: Path, rounds: int) -> None:
    """Print the processor time of whole short commands."""
    print(f"{'start of a command':56}{'s':>8}{'ratio':>8}")
    surroundings = {**os.environ, "HOCBA_STORE": str(root)}
    commands = {"bare interpreter": ["-c", "pass"]}
    commands |= {label: ["-P", "-m", "hocba_tui", *words] for label, words in STARTS.items()}
    times: dict[str, list[float]] = {label: [] for label in commands}
    for _, (label, words) in itertools.product(range(rounds), commands.items()):
        command = [sys.executable, *words]
        times[label].append(
            processor(
                lambda command=command: subprocess.run(  # type: ignore[misc]
                    command, env=surroundings, cwd=root.parent, capture_output=True, check=False
                )
            )
        )
    bare = min(times["bare interpreter"])
    for label, seen in times.items():
        print(f"  {label:54}{min(seen):8.3f}{min(seen) / bare:8.1f}")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="also a school of 10,000 pupils, and more rounds")
    full = parser.parse_args().full
    with tempfile.TemporaryDirectory() as base:
        small = Path(base) / "1050" / "school"
        for pupils in (1_050, 10_000) if full else (1_050,):
            root = Path(base) / str(pupils) / "school"
            root.parent.mkdir()
            classes = make(root, pupils)
            print(f"{f'{pupils:,} pupils in {classes} classes, processor time':56}{'s':>8}{'ratio':>8}")
            compare(root, 3)
            spread_out(root, 5)
        starts(small, 20 if full else 7)


if __name__ == "__main__":
    main()
