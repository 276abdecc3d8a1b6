"""Which changes of accounts take two people, and who may be the second."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from hocba_tui.model.school import Staff
from hocba_tui.model.values import Role
from hocba_tui.rules.second_person import TRUSTED, is_head, may_confirm, takes_two, trusted_roles
from tests.support.table import table

NONE = Staff("a", "A", system_user="a")
PEOPLE = {
    role: Staff(role.value, role.label, roles=(role.value,), system_user=role.value) for role in Role
}  # one of each
GONE = replace(PEOPLE[Role.PRINCIPAL], key="gone", left="2026-01-01")
HEADS = [PEOPLE[Role.PRINCIPAL], PEOPLE[Role.DEPUTY]]
ADMIN = PEOPLE[Role.ADMINISTRATOR]


def with_roles(*roles: Role, login: str = "a", left: str = "") -> Staff:
    return Staff("a", "A", roles=tuple(role.value for role in roles), system_user=login, left=left)


@table("role", Role)
def test_giving_a_role_takes_two_where_the_role_opens_everything_else(role: Role) -> None:
    expected = role in {Role.PRINCIPAL, Role.DEPUTY, Role.CLERK, Role.ADMINISTRATOR}
    assert (role in TRUSTED) == expected
    assert takes_two(NONE, with_roles(role)) == expected
    assert takes_two(with_roles(Role.TEACHER), with_roles(Role.TEACHER, role)) == expected
    assert takes_two(with_roles(role), with_roles(role, login="b")) == expected
    assert takes_two(with_roles(role), with_roles(role, login="")) == expected
    assert takes_two(with_roles(role, left="2026-01-01"), with_roles(role)) == expected, "who comes back"
    assert not takes_two(with_roles(role), with_roles(role))
    assert takes_two(with_roles(role), NONE) == (role in {Role.PRINCIPAL, Role.DEPUTY}), "taking one away"


def test_another_login_of_who_holds_no_such_role_takes_one() -> None:
    assert not takes_two(with_roles(Role.TEACHER), with_roles(Role.TEACHER, login="b"))


WANTED = with_roles(Role.CLERK)
LOGIN = (WANTED, replace(WANTED, system_user="b"))
GRANT = (NONE, WANTED)


@table(
    ("person", "proposer", "change", "allowed"),
    [
        *((head, ADMIN, change, True) for head in HEADS for change in (LOGIN, GRANT)),
        (HEADS[0], HEADS[1], GRANT, True),
        *((PEOPLE[role], ADMIN, GRANT, False) for role in Role if role not in (Role.PRINCIPAL, Role.DEPUTY)),
        (HEADS[0], HEADS[0], GRANT, False),
        (ADMIN, ADMIN, LOGIN, False),
        (WANTED, ADMIN, LOGIN, True),
        (WANTED, HEADS[0], LOGIN, True),
        (NONE, HEADS[0], GRANT, True),
        (NONE, ADMIN, GRANT, False),  # One person with two accounts would make a principal of one of them.
        (GONE, ADMIN, GRANT, False),
        (replace(WANTED, left="2026-01-01"), HEADS[0], LOGIN, False),
        (HEADS[0], replace(ADMIN, left="2026-01-01"), GRANT, False),
        (HEADS[0], PEOPLE[Role.TEACHER], GRANT, False),
    ],
)
def test_who_may_be_the_second(person: Staff, proposer: Staff, change: tuple[Staff, Staff], allowed: bool) -> None:
    permission = may_confirm(person, proposer, *change)
    assert permission.allowed == allowed
    assert bool(permission.reason) != allowed


_ROLES = st.frozensets(st.sampled_from(list(Role)), max_size=3)


@given(_ROLES, _ROLES, _ROLES, st.booleans())
def test_no_role_is_given_without_a_head(old: set[Role], new: set[Role], proposing: set[Role], own: bool) -> None:
    before, after = with_roles(*sorted(old)), with_roles(*sorted(new))
    proposer = replace(with_roles(*sorted(proposing)), key="p")
    person = before if own else replace(ADMIN, key="q")
    if trusted_roles(after) - trusted_roles(before) and may_confirm(person, proposer, before, after).allowed:
        assert is_head(proposer) or is_head(person)
