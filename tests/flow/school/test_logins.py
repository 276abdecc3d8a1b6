"""Logins for everybody: by one person for teachers, by two for heads, clerks and administrators."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.proposals import proposals
from hocba_tui.flow.requested import Kind, requests
from hocba_tui.flow.school.accounts import save_account
from hocba_tui.flow.school.confirming import confirm
from hocba_tui.flow.school.login_requests import ask
from hocba_tui.flow.school.logins import give_logins, wanted_logins
from hocba_tui.rules.second_person import TRUSTED


def test_who_has_no_login_gets_the_name_of_the_account_and_trusted_people_wait(store_root: Path) -> None:
    desk = open_desk(store_root, "hieutruong")
    save_account(desk, "gv.1a", {"system_user": "mai"})
    done = give_logins(desk)
    people = {person.key: person for person in desk.everybody()}
    assert people["gv.1a"].system_user == "mai", "kept"
    assert {one.key for one in done.given} == {
        key for key, one in people.items() if not one.has(*TRUSTED) and not one.left and key != "gv.1a"
    }  # fmt: skip
    assert {one.key for one in done.waiting} == {found.before.key for found in proposals(desk)}
    assert all(one.system_user == one.key for one in done.given)
    assert give_logins(desk) == type(done)((), ()), "nothing is left to be given, and what waits stays"


def test_the_machine_is_told_of_who_has_a_login_and_not_of_the_owner_of_the_store(store_root: Path) -> None:
    desk = open_desk(store_root, "hieutruong")
    save_account(desk, "gv.1a", {"system_user": "mai"})
    save_account(desk, "gv.2a", {"system_user": pwd.getpwuid(os.geteuid()).pw_name})
    mai = desk.staff("gv.1a")
    ask(desk, "gv.1a", Kind.UNLOCK)
    at = requests(desk)[0].at
    assert wanted_logins(store_root) == [
        {
            "login": "mai", "account": "gv.1a", "name": mai.name, "here": True, "code": False,
            "asked": [{"kind": "unlock", "at": at}],
        }
    ]  # fmt: skip
    save_account(desk, "gv.1a", {"roles": ["clerk"]})
    confirm(open_desk(store_root, "phohieutruong"), "gv.1a")
    assert wanted_logins(store_root)[0]["code"] is True
