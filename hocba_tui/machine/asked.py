"""What the school asks root to do for its logins, as a list of jobs.

The owner of the store says which login and which of four things; each name is checked, a user outside of the school's
group is never touched, and no path, number or command is taken from there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hocba_tui.errors import Refused
from hocba_tui.machine.answers import Answers
from hocba_tui.machine.codes import drop_code, has_code, new_code
from hocba_tui.machine.outcomes import Done
from hocba_tui.machine.people import (
    LOGIN,
    Change,
    What,
    add,
    close,
    is_ours,
    let_in_again,
    new_password,
    open_again,
    plan,
    slip,
)
from hocba_tui.machine.steps import write_settings
from hocba_tui.text import foreign

KINDS = {
    "login": "tạo đăng nhập", "password": "mật khẩu dùng một lần", "code": "mã 6 số mới", "unlock": "mở khóa",
    "no_code": "thôi hỏi mã 6 số",
}  # fmt: skip
_WISHES = ("login", "password", "code", "unlock")
"""What the store may ask for; that somebody types no code any more is for whom the machine belongs to."""
_MOMENT = re.compile(r"[0-9T:.+-]{10,40}")


@dataclass(frozen=True)
class Job:
    """One thing to do: its words for a list, what it will have been, and the act."""

    words: str
    done: Done | None
    """What is written down; None for what the store knows already."""
    act: Callable[[], None]


class Slips:
    """The sheets of one run: on disk as soon as there is one, because a password that nobody can read is none."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.people: list[str] = []
        """The logins that have got one."""
        self.pictures: list[tuple[str, str]] = []
        """Logins and their QR codes for a terminal."""
        self._texts: list[str] = []

    def add(self, login: str, text: str) -> None:
        """Add a sheet."""
        self._texts.append(text)
        self.people.append(login)
        self.path.parent.mkdir(mode=0o700, exist_ok=True)
        write_settings(self.path, "\n".join(self._texts), 0o600)


def to_do(
    people: Sequence[Mapping[str, object]], answers: Answers, slips: Slips, keeper: str, *, attended: bool = True
) -> tuple[list[Job], tuple[str, ...]]:
    """Return the jobs that the school wants done, and what is left alone, as sentences.

    Unattended nobody who comes in by a password is asked for a code from one minute to the next: that waits for
    somebody who hands the sheet over. Who is new has neither, and gets both.
    """
    found, wishes = plan(people, answers.group, with_codes=answers.codes), list(_wishes(people))
    renewed = {wish.login for wish in wishes if wish.kind == "code"}
    coded = renewed | {change.login for change in found.changes if change.what is What.CODE}
    asked = {wish.login: wish.at for wish in wishes if wish.kind == "login"}
    names = {str(row.get("login")): foreign(str(row.get("name", "")), 80) for row in people}
    new = {change.login for change in found.changes if change.what is What.ADD}
    jobs = list[Job]()
    for change in found.changes:
        if change.what is What.CODE and (change.login in renewed or not (attended or change.login in new)):
            continue
        at = asked.pop(change.login, "") if change.what is What.ADD else ""
        jobs.append(_change(change, answers, slips, Done("", change.login, at, "" if at else keeper), coded))
    for wish in wishes:
        if wish.kind != "login" or wish.login in asked:
            words = f"{KINDS[wish.kind]}: {wish.login} ({names[wish.login]}), trường yêu cầu"
            jobs.append(Job(words, wish, _for(wish.kind, wish.login, names[wish.login], answers, slips)))
    return jobs, found.left_alone


def unasked(kind: str, logins: Sequence[str], answers: Answers, slips: Slips, keeper: str) -> list[Job]:
    """Return the jobs that the keeper of the machine wants; Refused when a login is not of the school's group."""
    for login in logins:
        if not is_ours(login, answers.group):
            raise _not_ours(login, answers)
    return [
        Job(f"{KINDS[kind]}: {login}", Done(kind, login, "", keeper), _for(kind, login, login, answers, slips))
        for login in logins
    ]


def _wishes(people: Sequence[Mapping[str, object]]) -> Iterator[Done]:
    """Yield what is asked for whom; what is not one of four words for a name that can be a login is passed over."""
    for row in people:
        login, wishes = str(row.get("login", "")), row.get("asked")
        if row.get("here") is not True or not LOGIN.fullmatch(login) or not isinstance(wishes, list):
            continue
        for wish in wishes[: len(_WISHES)]:
            kind, at = (str(wish.get(name, "")) if isinstance(wish, dict) else "" for name in ("kind", "at"))
            if kind in _WISHES and _MOMENT.fullmatch(at):
                yield Done(kind, login, at)


def _change(change: Change, answers: Answers, slips: Slips, done: Done, coded: set[str]) -> Job:
    login, name = change.login, change.name
    words = f"{change.what.value}: {login}" + (f" ({name})" if name else "")

    def make() -> None:
        add(login, answers.group, answers.attach)
        sheet = slip(login, name, new_password(login), answers.address, with_code=login in coded)
        slips.add(login, sheet)

    match change.what:
        case What.ADD:
            return Job(words, Done("login", login, done.at, done.keeper), make)
        case What.CODE:
            return Job(words, Done("code", login, "", done.keeper), _for("code", login, name, answers, slips))
        case What.OPEN:
            return Job(words, None, lambda: open_again(login))
        case What.CLOSE:
            return Job(words, None, lambda: close(login))


def _for(kind: str, login: str, name: str, answers: Answers, slips: Slips) -> Callable[[], None]:
    """Return what does one thing for a login; Refused when it is called and cannot be done."""

    def act() -> None:
        # Now, not when it was asked: the user may only just have been made, or be another's by now.
        if not is_ours(login, answers.group):
            raise _not_ours(login, answers)
        match kind:
            case "password" if login not in slips.people:
                sheet = slip(login, name, new_password(login), answers.address, with_code=has_code(login))
                slips.add(login, sheet)
            case "code":
                if not answers.codes:
                    raise Refused(
                        "Máy này không dùng mã 6 số.", "Dùng: sudo hocba setup --codes co", "Chưa đổi gì của máy."
                    )
                code = new_code(login, answers.address)
                slips.add(login, code.slip(login, name))
                slips.pictures.append((login, code.on_screen()))
            case "no_code":
                drop_code(login)
            case "unlock":
                let_in_again(login)

    return act


def _not_ours(login: str, answers: Answers) -> Refused:
    return Refused(
        f"{login} không phải người dùng của nhóm {answers.group}.", "Xem lại tên đăng nhập.", "Chưa đổi gì của máy."
    )
