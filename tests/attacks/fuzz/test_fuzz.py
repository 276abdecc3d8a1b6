"""Every door for bytes from outside, tried with valid files that were changed at random.

``HOCBA_FUZZ=<minutes>`` goes on for so long in all, with other changes each time (``make prove``: an hour).
"""

from __future__ import annotations

import os
import shutil
import sys
import time
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from hocba_tui.intake import workbook
from tests.attacks.fuzz.door import Door, open_door
from tests.attacks.fuzz.material import Material
from tests.attacks.fuzz.mutations import mutated
from tests.attacks.fuzz.reading_worker import Reader
from tests.attacks.fuzz.table import DOORS

MINUTES = float(os.environ.get("HOCBA_FUZZ", "0"))
IN_THE_WORKER = {"intake/guard.py", "intake/ole.py", "intake/reader.py"}
"""What runs in the process that reads spreadsheets."""
_LONGEST, _LONGEST_SHORT = 400_000, 40_000
"""Bytes of a changed file, if no valid one is longer: what a flood costs is asked by tests of its own."""
_ROUND = 500
"""Examples between two looks at the clock."""


@pytest.fixture(scope="module")
def material(
    small_store: Path,
    issued_store: Path,
    nested_store: Path,
    stamped_store: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Material]:
    made = Material(tmp_path_factory.mktemp("fuzz"), small_store, issued_store, nested_store, stamped_store, Reader())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workbook.subprocess, "run", made.reader.run)  # type: ignore[attr-defined]
        yield made
    made.reader.stop()


@pytest.mark.timeout(600 + MINUTES * 60)
@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
def test_valid_bytes_pass_and_changed_ones_are_read_or_refused(door: Door, material: Material) -> None:
    seeds = door.seeds(material)
    passed, entered = opened_with(door, material, seeds)
    assert passed * 2 >= len(seeds), "valid files do not pass"
    assert {module for module in door.covers if module not in IN_THE_WORKER} - entered == set(), "it leads elsewhere"
    long = MINUTES > 0
    longest = max(_LONGEST if long else _LONGEST_SHORT, *map(len, seeds))

    @settings(
        max_examples=_ROUND if long else door.examples,
        derandomize=not long,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink] if long else [Phase.generate],
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    @given(
        which=st.integers(0, len(seeds) - 1),
        steps=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 2**32 - 1)), min_size=1, max_size=4),
    )
    def go(which: int, steps: list[tuple[int, int]]) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            open_door(door, material, mutated(door.form, seeds[which], steps, seeds, longest))

    until = time.monotonic() + MINUTES * 60 / len(DOORS)
    while True:
        go()
        _clear(material)
        if time.monotonic() >= until:
            break


def opened_with(door: Door, material: Material, seeds: Sequence[bytes]) -> tuple[int, set[str]]:
    """Return how many of the valid files pass, and which modules of the program are entered on the way."""
    entered: set[str] = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            entered.add(frame.f_code.co_filename)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        passed = [open_door(door, material, seed) for seed in seeds].count(True)
    finally:
        sys.setprofile(before)
    own = (path.rpartition("/hocba_tui/")[2] for path in entered if "/hocba_tui/" in path)
    return passed, set(own)


def _clear(material: Material) -> None:
    """Remove what doors have written."""
    for path in material.scratch.iterdir():
        if path not in material.kept:
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink()
