from __future__ import annotations

from pathlib import Path

import pytest

from hocba_tui.export.trust import Trust
from tests.attacks.forging import Forgers


@pytest.fixture(scope="session")
def issued_files(issued_store: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted((issued_store / "issued").glob("*.xml"))]


@pytest.fixture(scope="session")
def school_trust(issued_store: Path) -> Trust:
    return Trust.from_folders([issued_store / "trust"])


@pytest.fixture(scope="session")
def forgers(issued_files: list[bytes]) -> Forgers:
    return Forgers(issued_files[0])
