"""What the proofs require of the computer: it may be missing on a laptop, never in CI."""

from __future__ import annotations

import pytest

from tests.conftest import require
from tests.faults.full_disk import why_no_small_disk
from tests.faults.nursery import why_no_strace


@pytest.fixture
def strace() -> None:
    """Require strace, which injects faults into system calls and records runs."""
    require(why_no_strace())


@pytest.fixture
def small_disk() -> None:
    """Require that a small file system can be mounted, to be filled."""
    require(why_no_small_disk())
