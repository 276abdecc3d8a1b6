"""Roles and logins that one person has proposed and a second may confirm."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from hocba_tui.flow.desk import PROPOSALS, Desk, OpenSchool
from hocba_tui.model.curriculum import SUBJECTS
from hocba_tui.model.school import Post, Staff
from hocba_tui.model.values import Role
from hocba_tui.rules.permits import Act, Permission, may
from hocba_tui.rules.second_person import DAYS, GUARDED, may_confirm


@dataclass(frozen=True)
class Proposal:
    """What somebody has proposed for an account."""

    before: Staff
    after: Staff
    fields: tuple[str, ...]
    """Those that would change: ``roles``, ``system_user``."""
    by: Staff
    day: str
    """ISO."""
    last_day: str
    """The last day on which it can be confirmed; ISO."""
    confirming: Permission
    """Whether the actor may confirm it."""
    withdrawing: bool
    """Whether the actor may withdraw it."""

    @property
    def words(self) -> str:
        """Return what would change, for a person."""
        roles = f"quyền: {roles_in_words(self.before)} → {roles_in_words(self.after)}"
        if "system_user" not in self.fields and self.before.system_user:
            roles += f" (đăng nhập: {self.before.system_user})"
        login = f"đăng nhập: {self.before.system_user or 'chưa có'} → {self.after.system_user or 'bỏ'}"
        return "; ".join(roles if name == "roles" else login for name in self.fields)


def roles_in_words(person: Staff) -> str:
    """Return the roles of an account for a person."""
    return ", ".join(Role(role).label for role in person.roles) or "không có quyền"


def scope_in_words(post: Post) -> str:
    """Return the classes of a duty for a person."""
    subjects = ", ".join(SUBJECTS[code].name if code in SUBJECTS else code for code in post.subjects)
    grades = ", ".join(map(str, post.grades))
    return ", ".join(filter(None, (grades and f"khối {grades}", subjects and f"môn {subjects}"))) or "mọi lớp"


def proposals(desk: Desk) -> tuple[Proposal, ...]:
    """Return the proposals that the actor may confirm or withdraw; what waited too long is not among them."""
    return tuple(found for found in all_proposals(desk.open_school()) if found.confirming.allowed or found.withdrawing)


def _last_day(day: str) -> date | None:
    """Return the last day on which a proposal of a day can be confirmed; None where a damaged store names no day."""
    try:
        return date.fromisoformat(day) + timedelta(days=DAYS)
    except (ValueError, OverflowError):
        return None


def all_proposals(school: OpenSchool) -> Iterator[Proposal]:
    """Yield every proposal that has not waited too long."""
    actor = school.actor
    for key, document in sorted(school.table(PROPOSALS).items()):
        before, by = school.staff(key), school.staff(str(document.get("by", "")))
        changes = {name: document[name] for name in GUARDED if name in document}
        after = Staff.from_fields(key, {**before.to_fields(), **changes})
        day = str(document.get("day", ""))
        last = _last_day(day)
        if last is None or school.today > last:
            continue
        own = not actor.barred and actor.key in (by.key, key)
        yield Proposal(
            before, after, tuple(changes), by, day, last.isoformat(), may_confirm(actor, by, before, after),
            own or may(actor, Act.CONFIRM_STAFF).allowed,
        )  # fmt: skip
