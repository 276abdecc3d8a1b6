"""What the proofs need of the computer: it may be missing on a laptop, never in CI."""

from __future__ import annotations

import pytest

from tests.conftest import require
from tests.faults.full_disk import why_no_small_disk
from tests.faults.nursery import why_no_strace


@pytest.fixture
def strace() -> None:
    """Faults are injected into system calls, and runs are recorded, by strace."""
    require(why_no_strace())


@pytest.fixture
def small_disk() -> None:
    """A small file system is mounted and filled."""
    require(why_no_small_disk())
