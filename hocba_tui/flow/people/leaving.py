"""Somebody leaves the school, and comes back: the account is closed and opened; what they did stays theirs."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hocba_tui.errors import Refused
from hocba_tui.flow.desk import STAFF, Desk, OpenSchool, past_day
from hocba_tui.flow.school.accounts import change_of, require_as_seen, require_for_one, require_possible
from hocba_tui.model.school import Staff
from hocba_tui.model.values import Role
from hocba_tui.rules.permits import BY_DUTY, Act
from hocba_tui.rules.second_person import TRUSTED, is_head
from hocba_tui.text import day_first

_FIELDS = ("left", "roles", "posts")


@dataclass(frozen=True)
class AccountChange:
    """An account before and after somebody leaves or comes back."""

    before: Staff
    after: Staff
    classes: tuple[str, ...] = ()
    """The classes in which something is still assigned to them."""

    @property
    def lost(self) -> tuple[str, ...]:
        """Return the roles that are gone, in words."""
        return tuple(Role(role).label for role in self.before.roles if role not in self.after.roles)


def close_account(desk: Desk, key: str, day: str, seen: Staff | None = None) -> AccountChange:
    """Note that somebody left the school on a day (dd/mm/yyyy): from then on the account can do nothing.

    Roles and classes stay written. Refused for oneself, for a head, whose role two people take away first, and when
    nobody would remain who manages accounts; Conflict when the account is not as it was ``seen``.
    """
    school, found = _look_at_closing(desk, key, day, seen)
    _write(school, found, "close_account")
    return found


def look_at_closing(desk: Desk, key: str, day: str, seen: Staff | None = None) -> AccountChange:
    """Return what :func:`close_account` would do, errors included; nothing is written."""
    return _look_at_closing(desk, key, day, seen)[1]


def open_account(desk: Desk, key: str, seen: Staff | None = None) -> AccountChange:
    """Note that somebody who had left is back, without the roles that two people or a decision give.

    Conflict when the account is not as it was ``seen``.
    """
    school, found = _look_at_opening(desk, key, seen)
    _write(school, found, "open_account")
    return found


def look_at_opening(desk: Desk, key: str, seen: Staff | None = None) -> AccountChange:
    """Return what :func:`open_account` would do, errors included; nothing is written."""
    return _look_at_opening(desk, key, seen)[1]


def _look_at_closing(desk: Desk, key: str, day: str, seen: Staff | None) -> tuple[OpenSchool, AccountChange]:
    school, before = _opened(desk, key, seen)
    if before.left:
        raise Refused(f"{before.name} đã rời trường ngày {day_first(before.left)}; không có gì để đổi.")
    if key == school.account:
        raise Refused("Không ai tự cho mình rời trường.", "Nhờ hiệu trưởng hoặc quản trị khác.", "Chưa đổi gì.")
    if is_head(before):
        raise Refused(
            f"{before.name} giữ quyền ban giám hiệu, mà quyền ấy hai người mới bỏ được.",
            "Bỏ quyền trước (người thứ hai xác nhận), rồi ghi rời trường.",
            "Chưa đổi gì.",
        )
    after = replace(before, left=past_day(school, day))
    require_possible(school, after)
    classes = [room.key for room in school.classrooms() if key in (room.homeroom, *room.teachers.values())]
    return school, AccountChange(before, after, tuple(classes))


def _look_at_opening(desk: Desk, key: str, seen: Staff | None) -> tuple[OpenSchool, AccountChange]:
    school, before = _opened(desk, key, seen)
    if not before.left:
        raise Refused(f"{before.name} đang làm ở trường; không có gì để mở lại.")
    roles = tuple(role for role in before.roles if Role(role) not in TRUSTED | BY_DUTY)
    return school, AccountChange(before, replace(before, left="", roles=roles, posts=()))


def _opened(desk: Desk, key: str, seen: Staff | None) -> tuple[OpenSchool, Staff]:
    school = desk.open_school()
    school.require(Act.MANAGE_STAFF)
    before = school.staff(key)
    if not before.name:
        raise Refused(f"Không có tài khoản “{key[:32]}” trong trường này.", "Xem: hocba account list.")
    if seen is not None:
        require_as_seen(school, before, seen, ("left", "roles"))
    return school, before


def _write(school: OpenSchool, found: AccountChange, act: str) -> None:
    document = school.document(STAFF, found.before.key)
    edits = change_of(document, found.after, _FIELDS)
    require_for_one(school, edits)
    school.shard.change(school.account, act, edits, expecting=require_possible(school, found.after))
