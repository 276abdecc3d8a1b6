"""Which changes of accounts take two people, who may be the second, and which roles need a login of their own.

Roles and logins of heads, clerks and administrators open everything else, so nobody gives them alone.
"""

from __future__ import annotations

from hocba_tui.model.school import School, Staff
from hocba_tui.model.values import Role
from hocba_tui.rules.permits import WHO, Act, Permission, may

HEADS = (Role.PRINCIPAL, Role.DEPUTY)
TRUSTED = frozenset({*HEADS, Role.CLERK, Role.ADMINISTRATOR})
"""The roles that are given by two people."""
GUARDED = ("roles", "system_user")
"""The fields of an account that may take two people."""
DAYS = 14
"""How many days a proposal waits for the second person."""


def is_head(person: Staff) -> bool:
    """Return whether the person is principal or deputy and has not left."""
    return person.has(*HEADS) and not person.left


def trusted_roles(person: Staff) -> frozenset[Role]:
    """Return the roles that two people give, as far as the person holds them now; none for who has left."""
    return frozenset() if person.left else TRUSTED & {Role(role) for role in person.roles}


def may_come_by_key(person: Staff, school: School) -> Permission:
    """Return whether a person may come in where the machine says only which key was used, not which of its users it is.

    Who holds a role that opens everything else may not, unless a head has said so for the whole school.
    """
    held = sorted(role.label for role in trusted_roles(person))
    if not held or school.trusted_by_key:
        return Permission(True)
    return Permission(False, f"Tài khoản {person.key} có quyền {', '.join(held)} nên không vào bằng khóa chung được.")


def takes_two(before: Staff, after: Staff) -> bool:
    """Return whether the change gives one of those roles, takes a head's away, or is to the login of who holds one."""
    held, will_hold = trusted_roles(before), trusted_roles(after)
    if will_hold - held or (held - will_hold).intersection(HEADS):
        return True
    return bool(held | will_hold) and before.system_user != after.system_user


def may_confirm(person: Staff, proposer: Staff, before: Staff, after: Staff) -> Permission:
    """Return whether ``person`` may confirm what ``proposer`` proposed for the account ``before``.

    A head may; the person whose account it is may too, when a head proposed it or when no role is given: who gets a
    role does not make up for the head that the other person is not. Nobody confirms their own proposal, and what was
    proposed by somebody who may not manage accounts any more is confirmed by nobody.
    """
    if not may(proposer, Act.MANAGE_STAFF).allowed:
        return Permission(False, "Người đề nghị nay không còn quyền quản lí tài khoản; bỏ đề nghị rồi làm lại.")
    if person.key == proposer.key:
        return Permission(False, "Người đề nghị không tự xác nhận: việc này cần hai người.")
    if may(person, Act.CONFIRM_STAFF).allowed:
        return Permission(True)
    gives = trusted_roles(after) - trusted_roles(before)
    if person.key == before.key and not person.barred and (is_head(proposer) or not gives):
        return Permission(True)
    return Permission(False, f"Việc này do {WHO[Act.CONFIRM_STAFF]} xác nhận.")
