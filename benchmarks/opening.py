"""Opening a class of 35 with a year of results, against parsing its data.json, and against stock TinyDB.

Then the recovery of a class that lost its data.json: 10,000 changes are read from the journal and
checked, against parsing those lines only. Last the memory of an open class, in new processes.
Medians of interleaved rounds.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import orjson
from _contestants import LEVELS, Ours, now, own_cell, whole_class
from tinydb import TinyDB

from hocba_tui.store import journal
from hocba_tui.store.backend import Edit, Entry
from hocba_tui.store.journal_file import JOURNAL
from hocba_tui.store.shard import DATA, FileShard

RECORDS = 10_000
BEHIND = 200
"""Changes since data.json was renewed."""
_MEMORY = """
import sys
from pathlib import Path
import orjson
from hocba_tui.clock import Clock
from hocba_tui.store.shard import FileShard
def resident():
    return int(Path("/proc/self/smaps_rollup").read_text().split("Private_Dirty:")[1].split()[0])
folder = Path(sys.argv[2])
before = resident()
if sys.argv[1] == "shard":
    kept = FileShard("5A", folder, Clock().now)
else:
    kept = orjson.loads((folder / "data.json").read_bytes())
print(resident() - before)
"""


def open_shard(folder: Path) -> FileShard:
    """Open the class as the app does."""
    return FileShard("5A", folder, now)


def read_stock(folder: Path) -> list[object]:
    """Open data.json with TinyDB as it ships and read every document."""
    with TinyDB(folder / DATA, access_mode="r") as database:
        return [database.table(name).all() for name in database.tables()]


def lengthen(folder: Path, results_key: tuple[str, str], count: int) -> None:
    """Append changes to the journal, chained as by the store but never synced."""
    last = (folder / JOURNAL).read_bytes()
    pupil, field = results_key
    lines, digest = [last], journal.decode(last.splitlines(keepends=True)[-1], None).digest
    seen = open_shard(folder).document("results", pupil).get(field)
    for number in range(last.count(b"\n"), last.count(b"\n") + count):
        after = LEVELS[number % 2]
        entry = Entry(number, now().isoformat(), "gv.5a", "enter", (Edit("results", pupil, field, seen, after),))
        lines.append(journal.encode(entry, digest, len(last)))
        digest, seen = journal.decode(lines[-1], None).digest, after
    (folder / JOURNAL).write_bytes(b"".join(lines))


def parse_lines(folder: Path) -> list[object]:
    """Parse the journal's JSON and nothing else."""
    return [orjson.loads(line[18:]) for line in (folder / JOURNAL).read_bytes().splitlines()]


def recover(folder: Path) -> FileShard:
    """Open a class whose data.json is gone."""
    (folder / DATA).unlink(missing_ok=True)
    return open_shard(folder)


def compare(rounds: int, ways: dict[str, Callable[[], object]]) -> None:
    """Print each way's milliseconds and its ratio to the first."""
    times: dict[str, list[float]] = {label: [] for label in ways}
    for _ in range(rounds):
        for label, way in ways.items():
            begin = time.perf_counter()
            way()
            times[label].append((time.perf_counter() - begin) * 1000)
    first = median(next(iter(times.values())))
    for label, seen in times.items():
        print(f"  {label:54}{median(seen):8.2f}{median(seen) / first:8.2f}")


def memory(folder: Path, rounds: int) -> None:
    """Print how many kB a new process grows by."""
    kilobytes: dict[str, list[int]] = {"json": [], "shard": []}
    for _ in range(rounds):
        for what, seen in kilobytes.items():
            command = [sys.executable, "-c", _MEMORY, what, str(folder)]
            seen.append(int(subprocess.run(command, capture_output=True, check=True).stdout))
    print(f"{'memory of an open class':56}{'kB':>8}{'ratio':>8}")
    parsed, opened = median(kilobytes["json"]), median(kilobytes["shard"])
    print(f"  {'orjson.loads of data.json':54}{parsed:8.0f}{1:8.2f}")
    print(f"  {'open class':54}{opened:8.0f}{opened / parsed:8.2f}")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="five times the rounds")
    times = 5 if parser.parse_args().full else 1
    results = whole_class()
    with tempfile.TemporaryDirectory() as base:
        for name in ("fresh", "behind", "long"):
            Ours(Path(base), results).lay_out(name)
        fresh, behind, long = (Path(base) / name for name in ("fresh", "behind", "long"))
        cell = own_cell(results, 0)
        for folder in (fresh, behind):
            # The long first line must not be the last one: the last line is read and hashed again.
            change = Ours(Path(base), results).worker(folder.name, 0)
            for number in range(10):
                change(number)
            open_shard(folder).checkpoint()
        lengthen(behind, cell, BEHIND)
        lengthen(long, cell, RECORDS)
        data = fresh / DATA
        print(f"{f'opening a class, data.json of {data.stat().st_size / 1000:.0f} kB':56}{'ms':>8}{'ratio':>8}")
        compare(
            100 * times,
            {
                "orjson.loads of data.json": lambda: orjson.loads(data.read_bytes()),
                "open class, data.json up to date": lambda: open_shard(fresh),
                f"open class, data.json {BEHIND} changes behind": lambda: open_shard(behind),
                "stock TinyDB, open and read all": lambda: read_stock(fresh),
            },
        )
        print(f"{f'recovery without data.json from {RECORDS:,} changes':56}{'ms':>8}{'ratio':>8}")
        compare(
            7 * times,
            {"orjson.loads of each line": lambda: parse_lines(long), "open class": lambda: recover(long)},
        )
        memory(fresh, 5 * times)


if __name__ == "__main__":
    main()
