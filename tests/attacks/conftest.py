from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from hocba_tui.export.trust.issuers import Trust
from tests.support.forging import Forgers


@pytest.fixture(scope="session")
def issued_files(issued_store: Path) -> list[bytes]:
    """Return them in the order of the pupils' codes: UUIDs, which name the files, are other ones each time."""
    return _issued_by(issued_store)


@dataclass(frozen=True)
class Form:
    """The files of a school in one form of signing, and whom it trusts."""

    files: tuple[bytes, ...]
    trust: Trust


@pytest.fixture(scope="session", params=["issued_store", "nested_store", "xades_store", "stamped_store"])
def form(request: pytest.FixtureRequest) -> Form:
    """Every form that our own verifier passes: beside each other, nested, with XAdES properties, with time-stamps."""
    root: Path = request.getfixturevalue(request.param)
    return Form(tuple(_issued_by(root)), Trust.from_folders([root / "trust"]))


@pytest.fixture(scope="session")
def school_trust(issued_store: Path) -> Trust:
    return Trust.from_folders([issued_store / "trust"])


@pytest.fixture(scope="session")
def forgers(issued_files: list[bytes]) -> Forgers:
    return Forgers(issued_files[0])


def _issued_by(root: Path) -> list[bytes]:
    files = [path.read_bytes() for path in (root / "issued").glob("*.xml")]
    return sorted(files, key=lambda data: re.findall(rb"<MA_HOC_SINH>(\d+)<", data)[0])
