"""Tokens for classes of eight: a signature on a token costs a hundred times what one in memory costs."""

from __future__ import annotations

from pathlib import Path

import pytest

from hocba_tui.demo.school import DemoSchool, found_demo, make_school
from tests.conftest import require_softhsm
from tests.support.eight import PUPILS


@pytest.fixture(scope="session")
def eight() -> DemoSchool:
    return make_school(seed=2026, pupils=PUPILS)


@pytest.fixture(scope="session")
def eight_token_store(eight: DemoSchool, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A school with keys on SoftHSM tokens; never changed."""
    module = require_softhsm()
    root = tmp_path_factory.mktemp("eight-tokens") / "store"
    found_demo(root, eight, module)
    return root
