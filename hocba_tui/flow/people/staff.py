"""Everybody who has an account: what they may do, what they do in which class, and how they come in."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from hocba_tui.flow.desk import Desk, OpenSchool
from hocba_tui.flow.proposals import Proposal, all_proposals, roles_in_words, scope_in_words
from hocba_tui.flow.school.assigning import HOMEROOM, duties_of
from hocba_tui.model.curriculum import SUBJECTS
from hocba_tui.model.school import ClassRoom, Staff
from hocba_tui.model.values import Role
from hocba_tui.rules.permits import Act, in_force
from hocba_tui.text import name_order


class Standing(StrEnum):
    """How somebody stands with the school and its machine, in the words of the screen; the first that holds."""

    LEFT = "đã nghỉ"
    CLOSED = "khóa"
    WAITING = "chờ người thứ hai"
    NO_LOGIN = "chưa có tên đăng nhập"
    SHARED = "trùng tên đăng nhập"
    """The login is also another account's, and so opens neither."""
    WORKS = "đang làm"


@dataclass(frozen=True)
class Person:
    """One account as the list shows it."""

    staff: Staff
    standing: Standing
    work: tuple[str, ...]
    """The classes and duties of today, each in a few words."""
    proposal: Proposal | None = None
    """What waits for a second person."""

    @property
    def role_words(self) -> str:
        """Return the roles in words."""
        return roles_in_words(self.staff)

    @property
    def work_words(self) -> str:
        """Return the work in words, empty when there is none."""
        return "; ".join(self.work)

    @property
    def short_words(self) -> str:
        """Return roles and work for a narrow column: a teacher with classes is one without saying."""
        roles = [Role(role).label for role in self.staff.roles if not (self.work and role == Role.TEACHER)]
        return "; ".join([*roles, *map(_short, self.work)]) or "không có quyền"


_FEW = 2
"""So many classes are named in a narrow column."""


def _short(words: str) -> str:
    what, *keys = words.split()
    return f"{what} {len(keys)} lớp" if len(keys) > _FEW and what in _SUBJECTS else words


_SUBJECTS = frozenset(subject.short for subject in SUBJECTS.values())
Classes = Mapping[str, Mapping[str, Sequence[str]]]
"""The classes of each account by duty."""


def everybody(desk: Desk) -> tuple[Person, ...]:
    """Return all accounts by name, those who have left at the end; NotAllowed unless the actor manages them."""
    school = desk.open_school()
    school.require(Act.MANAGE_STAFF)
    found = _people(school, school.everybody())
    return tuple(sorted(found, key=lambda person: (bool(person.staff.left), name_order(person.staff.name))))


def one_person(school: OpenSchool, account: str) -> Person:
    """Return one account of the school; one that there is not has no name."""
    return next(_people(school, [school.staff(account)]))


def _people(school: OpenSchool, people: Iterable[Staff]) -> Iterator[Person]:
    waiting = {found.before.key: found for found in all_proposals(school)}
    times = Counter(one.system_user for one in school.everybody() if one.system_user and not one.left)
    classes = _classes(school.classrooms())
    for one in people:
        found = waiting.get(one.key)
        how = _standing(one, waits=found is not None, shared=times[one.system_user] > 1)
        yield Person(one, how, tuple(_work(one, classes, school.today)), found)


def _standing(one: Staff, *, waits: bool, shared: bool) -> Standing:
    if one.left:
        return Standing.LEFT
    if one.closed:
        return Standing.CLOSED
    if waits:
        return Standing.WAITING
    if not one.system_user:
        return Standing.NO_LOGIN
    return Standing.SHARED if shared else Standing.WORKS


def _classes(rooms: Iterable[ClassRoom]) -> Classes:
    found: defaultdict[str, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for room in rooms:
        for what in duties_of(room):
            if account := (room.homeroom if what == HOMEROOM else room.teachers.get(what, "")):
                found[account][what].append(room.key)
    return found


def _work(one: Staff, classes: Classes, today: date) -> Iterator[str]:
    """Yield what somebody does: duties by decision, homeroom classes, subjects with their classes."""
    for post in in_force(one, today):
        yield f"{Role(post.role).label} {scope_in_words(post)}"
    for what, keys in sorted(classes.get(one.key, {}).items(), key=lambda item: item[0] != HOMEROOM):
        yield f"{'CN' if what == HOMEROOM else SUBJECTS[what].short} {' '.join(keys)}"
