"""A worker killed at some of its writing system calls, and at random: nothing acknowledged is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.kill_sweep import sweep
from tests.faults.nursery import Nursery
from tests.faults.random_kills import kill_at_random
from tests.faults.stage import STARTS, Stage, staged


@pytest.mark.usefixtures("strace")
@pytest.mark.parametrize("start", STARTS)
def test_nothing_is_lost_by_a_kill_at_a_system_call(tmp_path: Path, start: str) -> None:
    with staged(scratch=tmp_path) as stage:
        kills = list(sweep(stage, start, full=False))
    assert not [wrong for each in kills for wrong in each.wrong]
    met = {each.call for each in kills if each.kills}
    assert met >= {"openat", "write", "pwrite64", "fdatasync", "fsync", "flock"}


def test_nothing_is_lost_by_kills_at_random_while_several_write(tmp_path: Path) -> None:
    with Nursery(tmp_path) as nursery:
        kills = kill_at_random(Stage(tmp_path, [nursery]), 12, seed=7)
    assert not kills.wrong
    assert kills.kills >= 12
    assert kills.crowded
