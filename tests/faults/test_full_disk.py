"""A disk without room, and then with room again: nothing is lost, and no process has to be restarted."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.full_disk import fill_small_disk, limited, rooms
from tests.faults.nursery import Nursery
from tests.faults.stage import Stage


@pytest.mark.usefixtures("small_disk")
@pytest.mark.parametrize("kind", ["bytes", "names"])
def test_two_processes_go_on_when_a_full_disk_has_room_again(kind: str) -> None:
    result = fill_small_disk(kind, full=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_a_process_goes_on_when_its_files_may_grow_again(tmp_path: Path) -> None:
    with Nursery(tmp_path) as nursery:
        row = limited(Stage(tmp_path, [nursery]), rooms(full=False))
    assert not row.wrong
    assert row.refused
