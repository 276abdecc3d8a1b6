"""Whose certificate is registered and until when it lasts, and who has none and needs one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hocba_tui.flow.desk import Desk, OpenSchool
from hocba_tui.flow.reports.certificate_note import SEAL, endings
from hocba_tui.model.values import Role
from hocba_tui.rules.permits import Act
from hocba_tui.text import day_first

NONE, UNKNOWN = "chưa đăng ký", "chưa rõ ngày hết hạn: đăng ký lại một lần (không hỏi PIN)"


@dataclass(frozen=True)
class Held:
    """The registered certificate of a person, or the seal's."""

    account: str
    """Whose it is; :data:`~hocba_tui.flow.reports.certificate_note.SEAL` for the school's."""
    holder: str
    sha256: str
    """Empty when none is registered."""
    until: str
    """ISO; empty when it is not known."""
    words: str
    wrong: bool
    """Whether something should be done about it."""


def certificates(desk: Desk) -> tuple[Held, ...]:
    """Return those of the seal and of everybody who signs or has one, for who manages accounts; else only one's own.

    The seal's is shown to who sets it and to who seals.
    """
    school = desk.open_school()
    soon = {found.account: found.words for found in endings(desk)}
    everybody = school.may(Act.MANAGE_STAFF).allowed
    settings, found = school.settings, []
    if school.may(Act.SET_SCHOOL).allowed or school.may(Act.ISSUE).allowed:
        found.append(_held(SEAL, "Con dấu của trường", settings.seal_certificate, settings.seal_until, soon))
    for person in school.everybody():
        if person.left or not (everybody or person.key == school.account):
            continue
        if person.certificate or person.key in _signers(school):
            holder = f"{person.name} ({person.key})"
            found.append(_held(person.key, holder, person.certificate, person.certificate_until, soon))
    return tuple(found)


def _signers(school: OpenSchool) -> Iterator[str]:
    """Yield the accounts of those who sign: heads, and who has a homeroom class."""
    yield from (room.homeroom for room in school.classrooms())
    yield from (person.key for person in school.everybody() if person.has(Role.PRINCIPAL, Role.DEPUTY))


def _held(account: str, holder: str, sha256: str, until: str, soon: dict[str, str]) -> Held:
    if not sha256:
        return Held(account, holder, "", "", NONE, wrong=True)
    if not until:
        return Held(account, holder, sha256, "", UNKNOWN, wrong=True)
    words = soon.get(account, "")
    return Held(account, holder, sha256, until, words or f"dùng được đến hết {day_first(until)}", wrong=bool(words))
