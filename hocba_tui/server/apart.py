"""Hold the sessions of one user apart: what a forked process gives up before it hears its person."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from hocba_tui.config import Config
from hocba_tui.confine.landlock import refuse_connections
from hocba_tui.confine.session import confine
from hocba_tui.errors import HocbaError
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.tray import scratch_folder
from hocba_tui.rules.permits import Act
from hocba_tui.store.backups.backup_state import read_state


def hold_apart(store: Path) -> None:
    """Keep the store, the folder where its backups note how far it has come, and Python; give up the rest for good.

    What needs a temporary file has it in the store, which is as private as what is put there. TCP stays
    until it is known whose session it is. OSError when this computer refuses what ``hocba doctor`` says that it offers.
    """
    with contextlib.suppress(OSError, HocbaError):  # A store that cannot be written is said to be so when it is opened.
        tempfile.tempdir = os.environ["TMPDIR"] = str(scratch_folder(store))
    noted = read_state(store).folder
    drivers = {module.parent for module in Config.from_environment().modules}
    confine([store, *([Path(noted)] if noted else [])], drivers, connect=True)


def give_up_network(desk: Desk) -> None:
    """Give up TCP for good, unless this person sends records, or the school's signatures get time-stamps.

    Both go out from the session itself. OSError when this computer refuses what it offers.
    """
    school = desk.open_school()
    if not (school.settings.timestamps or school.may(Act.SEND).allowed):
        refuse_connections()
