"""What the screen has shown as saved is still there after a kill in the middle of the fastest typing."""

from __future__ import annotations

from pathlib import Path

from tests.support.storm import storm


def test_every_cell_shown_as_saved_is_in_the_store_after_kill_9(store_root: Path) -> None:
    found = storm(store_root, rate=200.0, seconds=3.0)
    assert found.missing == ()
    # Check that it was a storm: cells were overwritten while they were being saved, and saves went on.
    assert found.acknowledged >= 10
