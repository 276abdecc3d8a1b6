"""Changes per second, each on disk when it is counted: our store, its limit, and its alternatives.

1, 8 and 40 processes change one class, or 30 classes that are divided among them. The limit is to
append the same bytes under a lock and sync them. SQLite makes the same edit and a row in a log in
one transaction. Stock TinyDB keeps no log, and loses changes unless there is a lock around it,
as here. Rounds are interleaved; medians are printed. Times depend on the disk, ratios less.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median

from _contestants import CONTESTANTS, Contestant, whole_class
from _crowd import Change, Crowd, crowd

SETUPS = tuple((processes, classes) for classes in (1, 30) for processes in (1, 8, 40))


def dealt(contestant: Contestant, processes: int, classes: int) -> Callable[[int], Change]:
    """Return a maker of a process's change: in one class, or in each of its own classes in turn."""

    def worker(number: int) -> Change:
        own = range(number, classes, processes) if number < classes else (number % classes,)
        changes = [contestant.worker(f"class{name}", number) for name in own]
        # Each class sees 0, 1, 2, … on its own.
        return lambda step: changes[step % len(changes)](step // len(changes))

    return worker


def measure(processes: int, classes: int, rounds: int, seconds: float) -> dict[str, Crowd]:
    """Return each contestant's median crowd."""
    results = whole_class()
    seen: dict[str, list[Crowd]] = {kind.label: [] for kind in CONTESTANTS}
    with tempfile.TemporaryDirectory() as base:
        contestants = []
        for kind in CONTESTANTS:
            folder = Path(base) / kind.__name__
            folder.mkdir()
            contestants.append(kind(folder, results))
            for name in range(classes):
                contestants[-1].lay_out(f"class{name}")
        for number in range(rounds):
            turned = number % len(contestants)
            for contestant in contestants[turned:] + contestants[:turned]:
                seen[contestant.label].append(crowd(processes, seconds, dealt(contestant, processes, classes)))
    return {label: Crowd(*(median(column) for column in zip(*crowds, strict=True))) for label, crowds in seen.items()}


def main() -> None:
    """Print a table for each setup."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="7 rounds of 3 seconds instead of 3 of half a second")
    parser.add_argument("--only", help="PROCESSESxCLASSES, for example 40x30")
    options = parser.parse_args()
    rounds, seconds = (7, 3.0) if options.full else (3, 0.5)
    head = f"{'changes/s':>10}{'of bare':>9}{'per process':>16}{'p99 ms':>9}"
    for processes, classes in SETUPS:
        if options.only not in (None, f"{processes}x{classes}"):
            continue
        measured = measure(processes, classes, rounds, seconds)
        bare = next(iter(measured.values())).rate
        people = "1 process" if processes == 1 else f"{processes} processes"
        print(f"{people + ', ' + ('1 class' if classes == 1 else f'{classes} classes'):32}{head}")
        for label, each in measured.items():
            share = f"{each.least:.0f} to {each.most:.0f}"
            print(f"  {label:30}{each.rate:10.0f}{each.rate / bare:9.2f}{share:>16}{each.p99:9.1f}")


if __name__ == "__main__":
    main()
