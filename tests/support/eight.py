"""Schools with classes of eight in the places of those with classes of 35, for rooms where the size proves nothing.

A room has them when its conftest imports these fixtures.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from hocba_tui.demo.school import DemoSchool
from tests.support.once import made_further, made_once
from tests.support.signed import approve_class, fill_gaps, issue_class, open_first_round, submit_class

PUPILS = 40


@pytest.fixture(scope="session")
def demo(eight: DemoSchool) -> DemoSchool:
    return eight


@pytest.fixture(scope="session")
def made_store(eight_store: Path) -> Path:
    return eight_store


@pytest.fixture(scope="session")
def opened_store(made_store: Path, demo: DemoSchool, tmp_path_factory: pytest.TempPathFactory) -> Path:
    def make(root: Path) -> None:
        shutil.copytree(made_store, root)
        fill_gaps(root, demo)
        open_first_round(root)

    return made_once(tmp_path_factory, "eight-opened", make)


@pytest.fixture(scope="session")
def submitted_store(opened_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_further(tmp_path_factory, "eight-submitted", opened_store, submit_class)


@pytest.fixture(scope="session")
def approved_store(submitted_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_further(tmp_path_factory, "eight-approved", submitted_store, approve_class)


@pytest.fixture(scope="session")
def issued_store(approved_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_further(tmp_path_factory, "eight-issued", approved_store, issue_class)
