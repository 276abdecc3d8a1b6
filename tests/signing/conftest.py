from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import require_tool


@pytest.fixture(scope="session")
def fault_module(tmp_path_factory: pytest.TempPathFactory) -> Path:
    require_tool("gcc", present=shutil.which("gcc") is not None)
    module = tmp_path_factory.mktemp("fault") / "fault_token.so"
    source = Path(__file__).parents[1] / "support" / "fault_token.c"
    subprocess.run(["gcc", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", module, source], check=True)
    return module
