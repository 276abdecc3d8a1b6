"""A small store with some of everything, and a key for its backups."""

from __future__ import annotations

from pathlib import Path

import pytest

from hocba_tui.store.backups.age import new_identity
from tests.support.stores import filled


@pytest.fixture
def root(tmp_path: Path) -> Path:
    filled(tmp_path / "store")
    return tmp_path / "store"


@pytest.fixture
def key(tmp_path: Path) -> tuple[Path, str]:
    """The file of a key, and its public part."""
    path = tmp_path / "key.txt"
    return path, new_identity(path)
