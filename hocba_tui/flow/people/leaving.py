"""Somebody leaves the school and comes back, an account is switched off and on: what they did stays theirs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from hocba_tui.errors import Refused
from hocba_tui.flow.desk import STAFF, Desk, OpenSchool, past_day
from hocba_tui.flow.school.accounts import change_of, require_as_seen, require_for_one, require_possible
from hocba_tui.model.school import Staff
from hocba_tui.model.values import Role
from hocba_tui.rules.permits import BY_DUTY, Act
from hocba_tui.rules.second_person import TRUSTED, is_head, trusted_roles
from hocba_tui.text import clean_line, day_first

_FIELDS = ("left", "closed", "why_closed", "roles", "posts")
_SEEN = ("left", "closed", "roles")
_UNCHANGED = "Chưa đổi gì."
_LONGEST = 120
"""Most characters of a reason."""


class Move(StrEnum):
    """What becomes of an account; the values are the acts in the journal."""

    LEAVE = "staff_leaves"
    RETURN = "staff_returns"
    OFF = "switch_off"
    ON = "switch_on"


@dataclass(frozen=True)
class Moved:
    """An account before and after."""

    before: Staff
    after: Staff
    classes: tuple[str, ...]
    """The classes in which something is assigned to the person."""

    @property
    def lost(self) -> tuple[str, ...]:
        """Return the roles that are gone, in words."""
        return tuple(Role(role).label for role in self.before.roles if role not in self.after.roles)


def move(desk: Desk, key: str, what: Move, typed: str = "", seen: Staff | None = None) -> Moved:
    """Let somebody leave the school, come back, or switch the account off or on; ``typed`` is the day or the reason.

    From the day of leaving (dd/mm/yyyy) on, and while it is switched off, an account can do nothing; its roles stay
    written. Who comes back has none that two people or a decision give. Refused for oneself, for a head, whose role two
    people take away first, when nobody would remain who manages accounts, and when there is nothing to change;
    NotAllowed unless the actor manages accounts, and for who is no head when a trusted account is switched on;
    Conflict when the account is not as it was ``seen``.
    """
    school, found = _look_through(desk, key, what, typed, seen)
    edits = change_of(school.document(STAFF, key), found.after, _FIELDS)
    require_for_one(school, edits)
    school.shard.change(
        school.account, what.value, edits, found.after.why_closed, require_possible(school, found.after)
    )
    return found


def look_at_move(desk: Desk, key: str, what: Move, typed: str = "", seen: Staff | None = None) -> Moved:
    """Return what :func:`move` would do, errors included; nothing is written."""
    return _look_through(desk, key, what, typed, seen)[1]


def _look_through(desk: Desk, key: str, what: Move, typed: str, seen: Staff | None) -> tuple[OpenSchool, Moved]:
    school = desk.open_school()
    school.require(Act.MANAGE_STAFF)
    before = school.staff(key)
    if not before.name:
        raise Refused(f"Không có tài khoản “{key[:32]}” trong trường này.", "Xem: hocba account list.", _UNCHANGED)
    if seen is not None:
        require_as_seen(school, before, seen, _SEEN)
    after = _MOVES[what](school, before, typed)
    require_possible(school, after)
    classes = [room.key for room in school.classrooms() if key in (room.homeroom, *room.teachers.values())]
    return school, Moved(before, after, tuple(classes))


def _leave(school: OpenSchool, before: Staff, typed: str) -> Staff:
    if before.left:
        raise Refused(f"{before.name} đã rời trường ngày {day_first(before.left)}; không có gì để đổi.")
    _require_other(school, before)
    return replace(before, left=past_day(school, typed))


def _return(_: OpenSchool, before: Staff, __: str) -> Staff:
    if not before.left:
        raise Refused(f"{before.name} đang làm ở trường; không có gì để mở lại.")
    roles = tuple(role for role in before.roles if Role(role) not in TRUSTED | BY_DUTY)
    return replace(before, left="", roles=roles, posts=())


def _off(school: OpenSchool, before: Staff, typed: str) -> Staff:
    if before.barred:
        raise Refused(f"Tài khoản {before.key} ({before.name}) đang khóa rồi; không có gì để đổi.")
    _require_other(school, before)
    if not (why := clean_line(typed)[:_LONGEST]):
        raise Refused("Chưa ghi lí do khóa.", "Ví dụ: nghỉ thai sản, nghi lộ mật khẩu.", _UNCHANGED)
    return replace(before, closed=school.today.isoformat(), why_closed=why)


def _on(school: OpenSchool, before: Staff, _: str) -> Staff:
    if not before.closed:
        raise Refused(f"Tài khoản {before.key} ({before.name}) không khóa; không có gì để đổi.")
    if trusted_roles(before):  # Who switches such an account on gives its roles again.
        school.require(Act.CONFIRM_STAFF)
    return replace(before, closed="", why_closed="")


def _require_other(school: OpenSchool, before: Staff) -> None:
    """Raise Refused for oneself, and for a head: one person takes no head's place away."""
    if before.key == school.account:
        raise Refused(
            "Không ai tự cho mình rời trường hay tự khóa mình.", "Nhờ hiệu trưởng hoặc quản trị khác.", _UNCHANGED
        )
    if is_head(before):
        raise Refused(
            f"{before.name} giữ quyền ban giám hiệu, mà quyền ấy hai người mới bỏ được.",
            "Bỏ quyền trước (người thứ hai xác nhận), rồi làm lại.",
            _UNCHANGED,
        )


_MOVES: dict[Move, Callable[[OpenSchool, Staff, str], Staff]] = {
    Move.LEAVE: _leave, Move.RETURN: _return, Move.OFF: _off, Move.ON: _on,
}  # fmt: skip
