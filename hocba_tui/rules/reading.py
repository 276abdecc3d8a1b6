"""What each role may read of a pupil, field by field: one table (for readers: docs/quyen.md).

Who may see a class sees who is in it and how they are assessed. The fields here are more than that: identity number,
family, address, ethnic group, disability and health are sensitive (NĐ 356/2025, Điều 4), and each is for those whose
duty needs it.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import Any

from hocba_tui.model.pupil import PUPIL_FIELDS, Pupil
from hocba_tui.model.results import HEIGHT, WEIGHT, Cell
from hocba_tui.model.school import ClassRoom, Staff
from hocba_tui.model.values import Role
from hocba_tui.rules.permits import Relation


class Sensitive(StrEnum):
    """A group of fields that not everybody of the class may read."""

    IDENTITY = "identity"
    FAMILY = "family"
    ADDRESS = "address"
    ETHNIC = "ethnic"
    DISABILITY = "disability"
    HEALTH = "health"


FIELDS: dict[str, Sensitive] = {
    "personal_id": Sensitive.IDENTITY,
    "register_no": Sensitive.IDENTITY,
    "father": Sensitive.FAMILY,
    "mother": Sensitive.FAMILY,
    "guardian": Sensitive.FAMILY,
    "birthplace": Sensitive.ADDRESS,
    "birthplace_code": Sensitive.ADDRESS,
    "hometown": Sensitive.ADDRESS,
    "hometown_code": Sensitive.ADDRESS,
    "address": Sensitive.ADDRESS,
    "address_code": Sensitive.ADDRESS,
    "ethnic": Sensitive.ETHNIC,
    "nationality": Sensitive.ETHNIC,
    "policy": Sensitive.ETHNIC,
    "disability": Sensitive.DISABILITY,
    "plan": Sensitive.DISABILITY,
}
"""The fields of a pupil that are in a group. That a pupil is not assessed in something, every teacher must know."""
OPEN_FIELDS = frozenset(PUPIL_FIELDS) - set(FIELDS)
"""The fields that everybody reads who may see the class."""
CELLS: dict[Cell, Sensitive] = {HEIGHT: Sensitive.HEALTH, WEIGHT: Sensitive.HEALTH}

_TEACHER, _P, _D, _C, _A = Relation.HOMEROOM, Role.PRINCIPAL, Role.DEPUTY, Role.CLERK, Role.ADMINISTRATOR
READERS: dict[Sensitive, frozenset[Role | Relation]] = {
    Sensitive.IDENTITY: frozenset({_TEACHER, _P, _D, _C, _A}),
    Sensitive.FAMILY: frozenset({_TEACHER, _P, _D, _C, _A}),
    Sensitive.ADDRESS: frozenset({_TEACHER, _P, _D, _C, _A}),
    Sensitive.ETHNIC: frozenset({_TEACHER, _P, _D, _C, _A}),
    Sensitive.DISABILITY: frozenset({_TEACHER, _P, _D, _C}),
    Sensitive.HEALTH: frozenset({_TEACHER, _P, _D, _C}),
}
"""Administrators bring lists of pupils in, and need of them what is on the list; disability and health are results."""


def readable(staff: Staff, classroom: ClassRoom) -> frozenset[Sensitive]:
    """Return the groups of fields that ``staff`` may read of the pupils of a class."""
    if staff.barred:
        return frozenset()
    holds: set[Role | Relation] = {Role(role) for role in staff.roles}
    if classroom.homeroom == staff.key:
        holds.add(_TEACHER)
    return frozenset(group for group, readers in READERS.items() if readers & holds)


def may_read_field(name: str, groups: frozenset[Sensitive]) -> bool:
    """Return whether a field of a pupil is open, or in one of ``groups``."""
    return name not in FIELDS or FIELDS[name] in groups


def may_read_cell(cell: Cell, groups: frozenset[Sensitive]) -> bool:
    """Return whether a cell of the results is open, or in one of ``groups``."""
    return cell not in CELLS or CELLS[cell] in groups


def as_read(pupil: Pupil, groups: frozenset[Sensitive]) -> Pupil:
    """Return the pupil without the fields that are in none of ``groups``."""
    hidden: dict[str, Any] = {name: "" for name, group in FIELDS.items() if group not in groups}
    return replace(pupil, **hidden) if hidden else pupil
