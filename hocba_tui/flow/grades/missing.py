"""What is still to be entered in a period: by pupil for a class, by teacher for the school."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hocba_tui.flow.desk import Desk, OpenClass
from hocba_tui.flow.grades.counts import Counted, counted, known
from hocba_tui.model.curriculum import SUBJECTS
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.results import Cell, Results
from hocba_tui.model.school import ClassRoom
from hocba_tui.model.values import Period
from hocba_tui.rules.gaps import missing_cells
from hocba_tui.rules.permits import Act


@dataclass(frozen=True)
class Missing:
    """The empty cells of one pupil, in the order of the card."""

    pupil: Pupil
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Owing:
    """What one teacher still has to enter in one class: for a subject, or as homeroom teacher (``subject`` empty)."""

    teacher: str
    """Account; empty when nobody is assigned."""
    class_key: str
    subject: str
    cells: int
    pupils: int


def missing(desk: Desk, class_key: str, period: Period) -> tuple[Missing, ...]:
    """Return the pupils of a class for whom something is missing, in class order; the actor must be allowed to see it.

    Submitted records are left out: nothing can be entered there any more.
    """
    return tuple(_missing(desk.open_class(class_key, Act.VIEW_CLASS), period))


def owing(desk: Desk, period: Period, class_key: str = "") -> tuple[Owing, ...]:
    """Return what each teacher still has to enter in one class, or in all that the actor may see.

    It is in the order of classes and subjects: it says who has something left to do and compares nobody.
    """
    return tuple(line for room in owing_classes(desk, class_key) for line in _owing(counted(desk, room), period))


def known_owing(desk: Desk, period: Period, class_key: str = "") -> tuple[Owing, ...]:
    """Return the same of the classes that this session has counted, however long ago."""
    found = (known(desk, room) for room in owing_classes(desk, class_key))
    return tuple(line for each in found if each is not None for line in _owing(each, period))


def owing_classes(desk: Desk, class_key: str = "") -> tuple[ClassRoom, ...]:
    """Return one class, or all that the actor may see, in order; the actor must be allowed to see it."""
    if not class_key:
        return tuple(sorted(desk.my_classes(), key=lambda room: room.key))
    room = desk.classroom(class_key)
    desk.require(Act.VIEW_CLASS, room)
    return (room,)


def first_of(desk: Desk, line: Owing, period: Period) -> tuple[str, Cell] | None:
    """Return the first pupil and cell of a line; None when nothing is missing there any more."""
    cells = ((one.pupil.key, cell) for one in missing(desk, line.class_key, period) for cell in one.cells)
    return next((found for found in cells if _item(found[1]) == line.subject), None)


def _owing(found: Counted, period: Period) -> Iterator[Owing]:
    room, gaps = found.room, found.value.gaps.get(period, {})
    for subject in (*SUBJECTS, ""):
        if left := gaps.get(subject):
            teacher = room.teacher_of(subject) if subject else room.homeroom
            yield Owing(teacher, room.key, subject, *left)


def _item(cell: Cell) -> str:
    return cell.item if cell.item in SUBJECTS else ""


def _missing(opened: OpenClass, period: Period) -> Iterator[Missing]:
    nothing = Results({})
    for pupil in opened.pupils():
        if opened.records[pupil.key].editable:
            cells = missing_cells(pupil, opened.classroom, opened.results.get(pupil.key, nothing), period)
            if cells:
                yield Missing(pupil, cells)
