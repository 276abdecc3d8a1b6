"""Reading and checking a class list of 1,000 pupils, against what the reader library alone needs for the file.

Both as in the app: the library in this process; ours with the reader in a process of its own, which
checks every part of the file first. Medians of interleaved rounds. Then the memory, each in a new
process: how much its peak grows, and the peak of the reader process in addition. The aim is at most 10 times the
library and under 60 MB.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from statistics import median

from python_calamine import CalamineWorkbook

from hocba_tui.demo.class_list import write_class_list
from hocba_tui.demo.school import make_school
from hocba_tui.intake.pupil_file import read_pupils
from hocba_tui.intake.workbook import read_workbook

PUPILS = 1_000
_MEMORY = """
import resource, sys
from pathlib import Path
from hocba_tui.intake.pupil_file import read_pupils
from python_calamine import CalamineWorkbook
def peak():
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
path = Path(sys.argv[2])
before = peak()
if sys.argv[1] == "library":
    workbook = CalamineWorkbook.from_path(str(path))
    kept = [workbook.get_sheet_by_name(name).to_python() for name in workbook.sheet_names]
else:
    kept = read_pupils(path)
print(peak() - before, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def library(path: Path) -> object:
    """Read every sheet with the library and nothing else."""
    workbook = CalamineWorkbook.from_path(str(path))
    return [workbook.get_sheet_by_name(name).to_python() for name in workbook.sheet_names]


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
        print(f"  {label:54}{median(seen):8.1f}{median(seen) / first:8.2f}")


def memory(path: Path, rounds: int) -> None:
    """Print by how many MB the peak of a new process grows, and the peak of its reader."""
    for label in ("library", "list"):
        command = [sys.executable, "-c", _MEMORY, label, str(path)]
        seen = [
            tuple(int(part) / 1024 for part in subprocess.run(command, capture_output=True, check=True).stdout.split())
            for _ in range(rounds)
        ]
        grown, beside = (median(column) for column in zip(*seen, strict=True))
        print(f"  {label:54}{grown:8.1f}{beside:8.1f}")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="five times the rounds")
    times = 5 if parser.parse_args().full else 1
    pupils = list(chain.from_iterable(year.pupils for year in make_school(pupils=PUPILS).classes))[:PUPILS]
    with tempfile.TemporaryDirectory() as base:
        path = Path(base) / "C1-HocSinh.xlsx"
        write_class_list(path, "99L005", pupils)
        print(f"{f'a list of {len(pupils):,} pupils, {path.stat().st_size / 1000:.0f} kB':56}{'ms':>8}{'ratio':>8}")
        compare(
            15 * times,
            {
                "the library alone": lambda: library(path),
                "rows, guarded, from the reader process": lambda: read_workbook(path),
                "read and checked": lambda: read_pupils(path),
                "read and checked, offers taken": lambda: read_pupils(path, accept_offers=True),
            },
        )
        print(f"{'memory':56}{'MB':>8}{'reader':>8}")
        memory(path, 3 * times)


if __name__ == "__main__":
    main()
