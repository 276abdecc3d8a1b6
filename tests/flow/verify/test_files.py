"""Many files are verified by several processes; one that dies is a message, not a traceback."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from hocba_tui.errors import Refused
from hocba_tui.flow.verify.files import verify_files


def test_a_process_that_dies_ends_the_run_with_a_message(issued_store: Path) -> None:
    paths = sorted((issued_store / "issued").glob("*.xml")) * 40
    found = verify_files(paths, [issued_store / "trust"], workers=2)
    assert next(found).passed
    for child in multiprocessing.active_children():
        child.kill()
    with pytest.raises(Refused, match="bị dừng giữa chừng"):
        list(found)
