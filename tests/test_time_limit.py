"""No test waits for ever, and neither does what a test has started."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
WAITS = """
import subprocess, sys
from pathlib import Path

def test_that_waits_for_a_child_that_never_ends():
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"]) as child:
        Path({place!r}).write_text(str(child.pid))
        raise KeyError if child.wait() == 0 else AssertionError
"""


def test_a_test_out_of_time_fails_and_its_children_are_gone(tmp_path: Path) -> None:
    place = tmp_path / "child"
    (tmp_path / "test_waits.py").write_text(WAITS.format(place=str(place)), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.support.time_limit", "--timeout", "2", "-q", str(tmp_path),
         "-o", "addopts=", "-p", "no:cacheprovider", "--rootdir", str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout
    assert "1 failed" in done.stdout
    assert not Path("/proc", place.read_text(encoding="utf-8")).exists()
