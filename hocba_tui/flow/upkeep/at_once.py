"""Back up and check the store at once, for a person at a screen; the nightly ones are the machine's."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from hocba_tui.clock import Clock
from hocba_tui.errors import HocbaError
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.school.backups import BackedUp, back_up, drop_old_backups
from hocba_tui.flow.school.class_check import Checked
from hocba_tui.flow.school.store_check import check_store
from hocba_tui.rules.permits import Act
from hocba_tui.store.backups import backup_state
from hocba_tui.store.backups.backup import recipients_of
from hocba_tui.store.backups.backup_state import note_check, read_state
from hocba_tui.store.checking import journals_in
from hocba_tui.store.folder import BACKUPS

KEEP = {"days": 7, "weeks": 5, "months": 12}
"""How many old copies stay, as with ``hocba backup``."""


def back_up_now(desk: Desk) -> BackedUp:
    """Write one backup where the last one went, for the same keys, and remove old ones there.

    NotAllowed for who does not look after the server; raises what :func:`~hocba_tui.flow.school.backups.back_up`
    raises.
    """
    desk.require(Act.LOOK_AFTER)
    made = back_up(desk.root, _recipients(desk.root), place_of_backups(desk))
    drop_old_backups(desk.root, made, KEEP["days"], KEEP["weeks"], KEEP["months"])
    return made


def place_of_backups(desk: Desk) -> Path:
    """Return where a backup goes: where the last one went, else into the store's own folder of backups."""
    noted = read_state(desk.root).folder
    return Path(noted) if noted and Path(noted).is_dir() else desk.root / BACKUPS


def _recipients(root: Path) -> list[str]:
    """Return for whom a backup is encrypted: whom the store names, else those of the machine's set-up."""
    if found := recipients_of(root, ()):
        return found
    from hocba_tui.machine.answers import Answers
    from hocba_tui.machine.server_setup import DRILL_KEY

    try:
        answers = Answers.read()
        if answers is None or Path(answers.store).resolve() != root.resolve():
            return []
        public = DRILL_KEY.with_suffix(".pub").read_text(encoding="utf-8").split()
    except (OSError, HocbaError):
        return []
    return [*answers.recipients, *public[-1:]]


def shards_to_check(desk: Desk) -> int:
    """Return how many journals a check reads."""
    desk.require(Act.LOOK_AFTER)
    return len(journals_in(desk.root)) + 1


def check_now(desk: Desk) -> Iterator[Checked]:
    """Yield what is found in each part of the store; a check that is finished is noted. It only reads.

    NotAllowed, at once, for who does not look after the server.
    """
    desk.require(Act.LOOK_AFTER)
    return checked_and_noted(desk.root)


def checked_and_noted(root: Path) -> Iterator[Checked]:
    """Yield what :func:`~hocba_tui.flow.school.store_check.check_store` finds, and note when all was looked at."""
    lost = 0
    for checked in check_store(root):
        lost += sum(flaw.lost for flaw in checked.flaws)
        yield checked
    if root.stat().st_uid == os.geteuid():  # A note of root's could not be replaced by the store's owner.
        note_check(root, backup_state.Checked(Clock().now().isoformat(), lost))
