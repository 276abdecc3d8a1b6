"""Which registered certificates end soon: told at home, by the doctor, and every morning by ``hocba token check``.

A certificate that ends in the week of signing is a new token, which takes days to come: it must be known before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from hocba_tui.clock import Clock
from hocba_tui.flow.desk import Desk, OpenSchool
from hocba_tui.flow.opening import clock_of
from hocba_tui.model.school import School
from hocba_tui.rules.permits import Act
from hocba_tui.rules.windows import deadlines
from hocba_tui.store.backend import SCHOOL
from hocba_tui.store.folder import FolderStore
from hocba_tui.text import day_first

SEAL = "seal"
_DAYS = 30


@dataclass(frozen=True)
class Ending:
    """A certificate that ends before it may still be needed, or of which that is not known."""

    account: str
    """Whose it is; :data:`SEAL` for the school's."""
    holder: str
    words: str
    until: str = ""
    """ISO; empty when it is not known."""


def endings(desk: Desk) -> tuple[Ending, ...]:
    """Return those of everybody and of the seal, for who manages accounts; of others only the own, and the clerk's."""
    school = desk.open_school()
    return tuple(found for found in _endings(school) if found.until and _concerns(school, found))


def all_endings(root: Path) -> tuple[Ending, ...]:
    """Return those of everybody and of the seal, for the owner of the store at ``root``."""
    store = FolderStore(root, Clock().now)
    settings = School.from_fields(SCHOOL, store.shard(SCHOOL).document(SCHOOL, SCHOOL))
    return tuple(_endings(OpenSchool(store, "", clock_of(settings).today())))


def _concerns(school: OpenSchool, found: Ending) -> bool:
    if school.may(Act.MANAGE_STAFF).allowed or found.account == school.account:
        return True
    return found.account == SEAL and school.may(Act.ISSUE).allowed


def _endings(school: OpenSchool) -> Iterator[Ending]:
    settings = school.settings
    held = [
        (SEAL, "con dấu của trường", settings.seal_certificate, settings.seal_until),
        *(
            (one.key, f"{one.name} ({one.key})", one.certificate, one.certificate_until)
            for one in school.everybody()
            if not one.left
        ),
    ]
    for account, holder, certificate, until in held:
        if certificate and not until:
            yield Ending(account, holder, "chưa rõ ngày hết hạn: đăng ký lại một lần (không hỏi PIN)")
        elif certificate and (words := _words(settings, date.fromisoformat(until), school.today)):
            yield Ending(account, holder, words, until)


def _words(settings: School, until: date, today: date) -> str:
    """Return what is wrong with a certificate that lasts until that day; empty when nothing is."""
    day = day_first(until.isoformat())
    if until < today:
        return f"đã hết hạn từ {day}"
    ahead = [found.last_good_day for found in deadlines(settings, today) if found.days_left >= 0]
    if ahead and until < max(ahead):
        return f"hết hạn {day}, trước hạn nộp {day_first(max(ahead).isoformat())}"
    return f"hết hạn {day}, còn {(until - today).days} ngày" if until <= today + timedelta(days=_DAYS) else ""
