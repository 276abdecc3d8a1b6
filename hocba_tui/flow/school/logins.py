"""Logins of the school's people: what the store wants of the machine, and giving one to everybody who has none.

A service without rights must not make users of the machine, so the store only says who should have a login;
``sudo hocba account apply`` reads that and makes them (:mod:`hocba_tui.machine.people`).
"""

from __future__ import annotations

import os
import pwd
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from hocba_tui.clock import Clock
from hocba_tui.flow.desk import STAFF, Desk
from hocba_tui.flow.proposals import all_proposals
from hocba_tui.flow.school.accounts import save_account
from hocba_tui.flow.school.login_requests import ready
from hocba_tui.model.school import Staff
from hocba_tui.rules.permits import Act
from hocba_tui.rules.second_person import trusted_roles
from hocba_tui.store.backend import SCHOOL
from hocba_tui.store.folder import FolderStore


def wanted_logins(root: Path) -> list[dict[str, object]]:
    """Return who should have a login of this machine and who should not any more; for the owner of the store.

    Each with ``login``, ``account``, ``name``, whether the person is ``here`` and of those who type a ``code``, and
    what was ``asked`` for and may be done: kind and moment. The owner's own login is left out.
    """
    own = pwd.getpwuid(os.geteuid()).pw_name
    asked = defaultdict[str, list[dict[str, str]]](list)
    for request in ready(root):
        asked[request.before.key].append({"kind": request.kind.value, "at": request.at})
    table = FolderStore(root, Clock().now).shard(SCHOOL).table(STAFF)
    people = [Staff.from_fields(key, document) for key, document in table.items()]
    return [
        {
            "login": one.system_user, "account": one.key, "name": one.name, "here": not one.barred,
            "code": bool(trusted_roles(one)), "asked": asked[one.key],
        }
        for one in sorted(people, key=lambda one: one.key)
        if one.system_user and one.system_user != own
    ]  # fmt: skip


@dataclass(frozen=True)
class Assigned:
    """Who got a login, the name of the account, and whose waits for a second person."""

    given: tuple[Staff, ...]
    waiting: tuple[Staff, ...]


def give_logins(desk: Desk) -> Assigned:
    """Give everybody who is here and has no login one with the name of the account.

    That of a head, a clerk or an administrator waits for a second person, as if it had been given alone
    (:func:`~hocba_tui.flow.school.accounts.save_account`, also for errors); a proposal that waits already stays.
    """
    school = desk.open_school()
    school.require(Act.MANAGE_STAFF)
    taken = {one.system_user for one in school.everybody()}
    waits = {found.before.key for found in all_proposals(school)}
    given, waiting = list[Staff](), list[Staff]()
    for person in school.everybody():
        if person.left or person.system_user or person.key in taken or person.key in waits:
            continue
        saved = save_account(desk, person.key, {"system_user": person.key})
        (waiting if saved.waiting else given).append(saved.person)
    return Assigned(tuple(given), tuple(waiting))
