"""What people of the school have asked of the machine for somebody's login, and what became of it.

A service without rights makes no user of the machine and changes no password: it only keeps who asked for what. Root's
part (``sudo hocba account apply``, or the timer that ``hocba setup`` installs) does it and has the owner of the store
write down the outcome, which the person concerned is shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from hocba_tui.flow.desk import APPLIED, REQUESTS, Desk, OpenSchool
from hocba_tui.model.school import Staff
from hocba_tui.rules.permits import Act, Permission, may
from hocba_tui.rules.second_person import DAYS, may_confirm, trusted_roles
from hocba_tui.text import day_first, moment

_SHOWN_AGAIN = 14
"""Days for which a notice stays after the person has seen it: who saw it first may have been somebody else."""


class Kind(StrEnum):
    """What can be asked for a login."""

    LOGIN = "login"
    PASSWORD = "password"  # noqa: S105 - the name of a kind
    CODE = "code"
    UNLOCK = "unlock"
    NO_CODE = "no_code"
    """Only whom the machine belongs to does this; it cannot be asked for."""

    @property
    def label(self) -> str:
        """Return what is asked for, for a person."""
        return _LABELS[self]


_LABELS = {
    Kind.LOGIN: "tạo đăng nhập trên máy",
    Kind.PASSWORD: "cấp mật khẩu dùng một lần",
    Kind.CODE: "cấp mã 6 số mới",
    Kind.UNLOCK: "mở khóa vì gõ sai nhiều lần",
    Kind.NO_CODE: "thôi hỏi mã 6 số",
}
_DONE = {
    Kind.LOGIN: "Đăng nhập của thầy/cô được tạo",
    Kind.PASSWORD: "Mật khẩu của thầy/cô được đặt lại",
    Kind.CODE: "Mã 6 số của thầy/cô được cấp mới",
    Kind.NO_CODE: "Mã 6 số của thầy/cô được bỏ, từ nay chỉ hỏi mật khẩu,",
    Kind.UNLOCK: "Đăng nhập của thầy/cô được mở khóa",
}
_TWO = frozenset({Kind.PASSWORD, Kind.CODE})
"""With these somebody could come in as the person."""


@dataclass(frozen=True)
class Request:
    """What somebody has asked for an account."""

    before: Staff
    """The account."""
    kind: Kind
    by: Staff
    at: str
    """When it was asked; ISO. With account and kind it names the request."""
    day: str
    last_day: str
    """The last day on which it is done; ISO."""
    second: str
    """Account of the second person; empty before, and where none is needed."""
    waiting: bool
    """Whether it still needs the second person."""
    confirming: Permission
    """Whether the actor may be that."""
    withdrawing: bool
    """Whether the actor may withdraw it."""

    @property
    def words(self) -> str:
        """Return what is asked for, for a person."""
        return f"{self.kind.label} (đăng nhập: {self.before.system_user or 'chưa có'})"


@dataclass(frozen=True)
class Outcome:
    """What the machine last did, or could not do, about a request."""

    account: Staff
    kind: Kind
    by: str
    """Who asked for it, in words."""
    done: str
    """ISO."""
    problem: str
    """Why it could not be done; empty when it was."""
    seen: str
    """The day on which the person said that they know; ISO, empty before."""

    @property
    def words(self) -> str:
        """Return it for the person whose login it is."""
        return f"{_DONE[self.kind]} lúc {moment(self.done)} theo yêu cầu của {self.by}."


def requests(desk: Desk) -> tuple[Request, ...]:
    """Return what was asked and is not done yet, as far as it concerns the actor: all for who manages accounts."""
    school = desk.open_school()
    everything = school.may(Act.MANAGE_STAFF).allowed
    return tuple(
        found
        for found in all_requests(school)
        if everything or found.confirming.allowed or found.before.key == school.account
    )


def waiting(desk: Desk) -> tuple[Request, ...]:
    """Return the requests that wait for a second person and that the actor may confirm or withdraw."""
    found = all_requests(desk.open_school())
    return tuple(one for one in found if one.waiting and (one.confirming.allowed or one.withdrawing))


def all_requests(school: OpenSchool) -> Iterator[Request]:
    """Yield every request that has not waited too long."""
    for key, document in sorted(school.table(REQUESTS).items()):
        for kind in Kind:
            if (asked := document.get(kind)) and (found := _request(school, key, kind, asked)):
                yield found


def needs_second(person: Staff, kind: Kind) -> bool:
    """Return whether it takes two: who gets a new password or code of such an account could act as that person."""
    return kind in _TWO and bool(trusted_roles(person))


def outcomes(desk: Desk) -> tuple[Outcome, ...]:
    """Return what was last done for each account and kind, the newest first: all for who manages accounts."""
    school = desk.open_school()
    everything = school.may(Act.MANAGE_STAFF).allowed
    found = (
        outcome
        for key in school.table(APPLIED)
        if everything or key == school.account
        for outcome in outcomes_of(school, key)
    )
    return tuple(sorted(found, key=lambda one: one.done, reverse=True))


def notices(desk: Desk) -> tuple[Outcome, ...]:
    """Return what was done to the actor's own login and is to be shown: until it was seen, and some days longer."""
    school = desk.open_school()
    since = (school.today - timedelta(days=_SHOWN_AGAIN)).isoformat()
    return tuple(
        found
        for found in outcomes_of(school, school.account)
        if not found.problem and found.kind is not Kind.LOGIN and (not found.seen or found.seen > since)
    )


def _request(school: OpenSchool, key: str, kind: Kind, asked: Mapping[str, Any]) -> Request | None:
    person, by = school.staff(key), school.staff(str(asked.get("by", "")))
    day, second = str(asked.get("day", "")), str(asked.get("second", ""))
    last = date.fromisoformat(day) + timedelta(days=DAYS)
    if school.today > last or person.left or not may(by, Act.MANAGE_STAFF).allowed:
        return None
    actor = school.actor
    waiting = needs_second(person, kind) and not second
    confirming = may_confirm(actor, by, person, person) if waiting else Permission(False, "Không chờ ai xác nhận.")
    own = not actor.barred and actor.key in (by.key, key)
    return Request(
        person, kind, by, str(asked.get("at", "")), day, last.isoformat(), second, waiting, confirming,
        own or may(actor, Act.CONFIRM_STAFF).allowed,
    )  # fmt: skip


def outcomes_of(school: OpenSchool, key: str) -> Iterator[Outcome]:
    """Yield what was last done for one account, of each kind."""
    document = school.document(APPLIED, key)
    for kind in Kind:
        if held := document.get(kind):
            yield Outcome(
                school.staff(key), kind, _who(school, held), str(held.get("done", "")), str(held.get("problem", "")),
                str(held.get("seen", "")),
            )  # fmt: skip


def _who(school: OpenSchool, held: Mapping[str, Any]) -> str:
    """Return who asked for it, and who was the second person."""
    if keeper := str(held.get("keeper", "")):
        return f"người giữ máy chủ ({keeper})"
    by, second = (str(held.get(name, "")) for name in ("by", "second"))
    told = f"{school.staff(by).name} ({by})"
    return f"{told}, {school.staff(second).name} ({second}) xác nhận" if second else told


def until(request: Request) -> str:
    """Return for a person until when a request is done, or waits."""
    return f"đến hết {day_first(request.last_day)}"
