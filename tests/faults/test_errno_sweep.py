"""Writing system calls that fail: old or new state, our own errors only, and the process goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.errno_sweep import PAIRS, judge, paired, refused, shortened
from tests.faults.stage import STARTS, staged
from tests.faults.worker import SHORT

pytestmark = pytest.mark.usefixtures("strace")
CALLS = ("write", "fdatasync", "fsync", "link", "mkdir")
"""System calls at which an act is refused."""
NUMBERS = {"once": 1, "for ever": 3}
"""Which call fails, by form; the full form tries all others."""


@pytest.mark.parametrize("start", STARTS)
def test_a_call_that_fails_leaves_the_old_or_the_new_state(tmp_path: Path, start: str) -> None:
    faults = [refused(start, call, "EIO", form, number) for call in CALLS for form, number in NUMBERS.items()]
    faults += [shortened(start, kind, 2) for kind in SHORT]
    faults += [paired(start, first, second, 2) for first, second in PAIRS]
    with staged(scratch=tmp_path) as stage:
        wrong = stage.each(lambda fault: judge(fault, stage.try_fault(start, fault.inject, short=fault.short)), faults)
    assert not [what for whats in wrong for what in whats]
