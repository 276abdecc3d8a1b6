"""Prove that the journals are what was written: their chains, and their heads as the seal has signed them."""

from __future__ import annotations

from dataclasses import dataclass

from hocba_tui.flow.desk import Desk
from hocba_tui.flow.records.journal_heads import Statement, newest_in
from hocba_tui.flow.school.store_check import check_store
from hocba_tui.rules.permits import Act
from hocba_tui.store.journal_file import JOURNAL


@dataclass(frozen=True)
class Proven:
    """What was found."""

    journals: int
    entries: int
    wrong: tuple[str, ...]
    """What is not as it was written, a sentence each."""
    notes: tuple[str, ...]
    """What is odd and no damage, such as a line that was cut short before anybody was told of it."""
    signed: Statement | None
    """The newest heads that the seal has signed; they hold where nothing is wrong."""


def prove(desk: Desk) -> Proven:
    """Check every journal of the store from its first line; for heads and administrators.

    Raise what :func:`hocba_tui.flow.school.store_check.check_store` raises.
    """
    desk.require(Act.READ_LOGINS)
    desk.store.log_access(desk.account, "read_log", "check")
    found = list(check_store(desk.root))
    flaws = [flaw for each in found for flaw in each.flaws if flaw.place.endswith(JOURNAL)]
    wrong, notes = (tuple(f"{f.place}: {f.what}" for f in flaws if f.lost is lost) for lost in (True, False))
    journals = [each for each in found if each.has_journal]
    return Proven(len(journals), sum(each.entries for each in journals), wrong, notes, newest_in(desk))
