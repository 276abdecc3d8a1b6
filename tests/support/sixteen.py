"""Schools with classes of sixteen in the places of those with classes of 35, for rooms where the size proves nothing.

A room has them when its conftest imports these fixtures.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from hocba_tui.demo.school import DemoSchool
from tests.support.once import made_once
from tests.support.signed import whole_way


@pytest.fixture(scope="session")
def demo(few: DemoSchool) -> DemoSchool:
    return few


@pytest.fixture(scope="session")
def made_store(few_store: Path) -> Path:
    return few_store


@pytest.fixture(scope="session")
def issued_store(few_store: Path, few: DemoSchool, tmp_path_factory: pytest.TempPathFactory) -> Path:
    def make(root: Path) -> None:
        shutil.copytree(few_store, root)
        whole_way(root, few)

    return made_once(tmp_path_factory, "few-issued", make)
