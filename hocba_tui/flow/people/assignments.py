"""Who teaches what in which class, since when, who did before, and what nobody has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from hocba_tui.flow.desk import Desk
from hocba_tui.flow.school.assigning import HOMEROOM, duties_of, holder_of, may_teach
from hocba_tui.flow.without_teacher import without_teacher
from hocba_tui.model.curriculum import SUBJECTS
from hocba_tui.model.school import ClassRoom, Duty, Staff
from hocba_tui.rules.permits import Act
from hocba_tui.text import name_order


@dataclass(frozen=True)
class Stay:
    """A time in which somebody had a duty of a class."""

    class_key: str
    what: str
    words: str
    account: str
    since: str
    """ISO; empty: since the beginning of the year."""
    until: str
    """ISO, the first day on which somebody else had it; empty: still."""


@dataclass(frozen=True)
class Assignment:
    """One duty of a class: homeroom or a subject."""

    room: ClassRoom
    what: str
    words: str
    holder: Staff | None
    """None when nobody has it."""
    own: bool
    """Whether it was given for itself: a subject that was not goes with the homeroom."""
    stays: tuple[Stay, ...]
    """Who had it, oldest first."""
    lacking: bool
    """Whether somebody has to be found: nobody has it, or who has left."""

    @property
    def since(self) -> str:
        """Return since when it is the holder's; empty: since the beginning of the year."""
        return self.stays[-1].since if self.stays and not self.stays[-1].until else ""


def assignments(desk: Desk) -> tuple[Assignment, ...]:
    """Return the duties of all classes that the actor may see, class by class."""
    school = desk.open_school()
    found = list[Assignment]()
    for room in sorted(school.my_classes(), key=lambda room: room.key):
        lacking = without_teacher(room, school.staff)
        for what in duties_of(room):
            holder = holder_of(room, what)
            found.append(
                Assignment(
                    room,
                    what,
                    spoken(what),
                    school.staff(holder) if holder else None,
                    what == HOMEROOM or what in room.teachers,
                    tuple(stays(room, what)),
                    what in lacking,
                )
            )
    return tuple(found)


def spoken(what: str) -> str:
    """Return a duty as people say it: Chủ nhiệm, Tin học."""
    return "Chủ nhiệm" if what == HOMEROOM else SUBJECTS[what].spoken if what in SUBJECTS else what


def stays(room: ClassRoom, what: str) -> Iterator[Stay]:
    """Yield who had a duty of a class for a day or more, oldest first; nothing where it only went with the homeroom."""
    words, held = spoken(what), holder_of(room, what)
    rows = [duty for duty in (Duty(*row) for row in room.duties) if duty.what == what]
    if not rows and (given := room.homeroom if what == HOMEROOM else room.teachers.get(what)):
        yield Stay(room.key, what, words, given, "", "")
    for duty, after in pairwise([*rows, Duty(what, "", "")]):
        # What went back to the homeroom goes with it from then on, without a row of its own.
        if duty.since != after.since and (after.since or duty.account == held):
            yield Stay(room.key, what, words, duty.account, duty.since, after.since)


def who_may_teach(desk: Desk) -> tuple[Staff, ...]:
    """Return who can be assigned, by name; NotAllowed unless the actor may assign."""
    school = desk.open_school()
    school.require(Act.ASSIGN)
    return tuple(sorted(filter(may_teach, school.everybody()), key=lambda one: name_order(one.name)))
