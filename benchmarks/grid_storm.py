"""200 scores a second typed into the real grid, then kill -9: what the screen showed as saved against the store.

This is faster than anybody types, as a paste or a stuck key may be. "acknowledged" is how often a cell was seen on the
emulated screen with a new value and no mark beside it; each of these must be in the journal, in the same order.
"behind" is the share of the typed keys whose value was never written, because a newer one for the same cell
was typed while the one before was being saved, or because the program was killed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from _sessions import school

from tests.support.storm import storm

RATE, PUPILS = 200.0, 175


def main() -> None:
    """Print the table; exit 1 when something that was acknowledged is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="3 storms of a minute instead of one of 10 seconds")
    full = parser.parse_args().full
    lost = 0
    print(f"{'storm':>7}{'seconds':>9}{'keys':>8}{'acknowledged':>14}{'in the journal':>16}{'behind':>8}{'missing':>9}")
    with tempfile.TemporaryDirectory() as base:
        for number in range(3 if full else 1):
            with school(Path(base), PUPILS) as store:
                seconds = 60.0 if full else 10.0
                found = storm(store, RATE, seconds)
            behind = 1 - found.stored / found.keys
            print(
                f"{number + 1:>7}{seconds:>9.0f}{found.keys:>8}{found.acknowledged:>14}{found.stored:>16}"
                f"{behind:>8.0%}{len(found.missing):>9}"
            )
            lost += len(found.missing)
            for line in found.missing:
                print(f"  {line}")
    sys.exit(1 if lost else 0)


if __name__ == "__main__":
    main()
