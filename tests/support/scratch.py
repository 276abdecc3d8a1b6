"""Files of the tests lie in memory: there a sync costs nothing, and the suite makes hundreds of thousands.

That a sync is made, and in which order, is what tests/faults proves from system calls; no test asks a disk. Who sets
TMPDIR (``TMPDIR=/var/tmp make pytest``) gets that place.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108 - pytest makes a folder of this user in it
ROOM = 2 << 30
"""Free bytes that a whole run needs: 0.6 GB, and several may run at once."""


def pytest_configure() -> None:
    """Have pytest, tempfile and all that tests start use memory, where it allows programs and has room."""
    if "TMPDIR" not in os.environ and fits(MEMORY):
        os.environ["TMPDIR"] = os.environ["PYTEST_DEBUG_TEMPROOT"] = tempfile.tempdir = str(MEMORY)


def fits(place: Path) -> bool:
    """Return whether files of tests may lie in ``place``; some are shared objects that are loaded."""
    if not os.access(place, os.W_OK | os.X_OK):
        return False
    found = os.statvfs(place)
    return not found.f_flag & (os.ST_NOEXEC | os.ST_RDONLY) and found.f_bavail * found.f_frsize >= ROOM
