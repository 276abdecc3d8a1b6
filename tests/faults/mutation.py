"""Break each rule of the store, one at a time, and check that the tests fail.

``python -m tests.faults.mutation [--only WORD]``: each mutant is a copy of the package with one place
changed, on which the tests of that rule are run. A mutant that survives is a rule without a test.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.faults.mutants import MUTANTS, Mutant

ROOT = Path(__file__).parents[2]
STORE = Path("hocba_tui/store")


def place_of(mutant: Mutant) -> tuple[str, int]:
    """Return the text of the mutant's file, and how often the text to change occurs in it."""
    text = (ROOT / STORE / mutant.file).read_text(encoding="utf-8")
    return text, text.count(mutant.old)


def survives(mutant: Mutant) -> bool:
    """Return whether the tests pass though the rule is broken."""
    text, _ = place_of(mutant)
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch)
        for name in ("hocba_tui", "tests", "examples"):
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", copy)
        (copy / STORE / mutant.file).write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")
        arguments = ["-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-o", "addopts=--strict-markers"]
        surroundings = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
        for tests in mutant.tests:
            try:
                done = subprocess.run(
                    [sys.executable, *arguments, tests], cwd=copy, env=surroundings, capture_output=True, timeout=300,
                    check=False,
                )  # fmt: skip
            except subprocess.TimeoutExpired:
                return False  # A store that hangs has been noticed too.
            if done.returncode == 1:
                return False
            if done.returncode != 0:
                raise RuntimeError(done.stdout.decode() + done.stderr.decode())
    return True


def main() -> int:
    """Run the mutants; return 1 when one survives."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="mutants whose rule contains this")
    options = parser.parse_args()
    survivors = 0
    for mutant in MUTANTS:
        if options.only in mutant.rule:
            survived = survives(mutant)
            survivors += survived
            print(f"{'SURVIVES' if survived else 'noticed':9} {mutant.file:16} {mutant.rule}", flush=True)
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
