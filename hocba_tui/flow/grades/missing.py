"""What is still to be entered in a period: by pupil for a class, by teacher for the school."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hocba_tui.flow.desk import Desk, OpenClass
from hocba_tui.model.curriculum import SUBJECTS
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.results import Cell, Results
from hocba_tui.model.school import ClassRoom
from hocba_tui.model.values import Period
from hocba_tui.rules.gaps import missing_cells
from hocba_tui.rules.keepers import keeper_account
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
    first: tuple[str, Cell]
    """The first pupil and cell."""


def missing(desk: Desk, class_key: str, period: Period) -> tuple[Missing, ...]:
    """Return the pupils of a class for whom something is missing, in class order; the actor must be allowed to see it.

    Submitted records are left out: nothing can be entered there any more.
    """
    return tuple(_missing(desk.open_class(class_key, Act.VIEW_CLASS), period))


def owing(desk: Desk, period: Period, class_key: str = "") -> tuple[Owing, ...]:
    """Return what each teacher still has to enter in one class, or in all that the actor may see.

    It is in the order of classes and subjects: it says who has something left to do and compares nobody.
    """
    if class_key:
        rooms: Sequence[ClassRoom] = (desk.classroom(class_key),)
    else:
        rooms = sorted(desk.readable(desk.my_classes()), key=lambda room: room.key)
    return tuple(line for room in rooms for line in _owing(desk, room, period))


def _owing(desk: Desk, classroom: ClassRoom, period: Period) -> Iterator[Owing]:
    found: dict[str, list[tuple[str, Cell]]] = defaultdict(list)
    for one in missing(desk, classroom.key, period):
        for cell in one.cells:
            found[cell.item if cell.item in SUBJECTS else ""].append((one.pupil.key, cell))
    for subject in (*SUBJECTS, ""):
        if cells := found.get(subject):
            teacher = keeper_account(cells[0][1], classroom) or ""
            yield Owing(teacher, classroom.key, subject, len(cells), len({pupil for pupil, _ in cells}), cells[0])


def _missing(opened: OpenClass, period: Period) -> Iterator[Missing]:
    nothing = Results({})
    for pupil in opened.pupils():
        if opened.records[pupil.key].editable:
            cells = missing_cells(pupil, opened.classroom, opened.results.get(pupil.key, nothing), period)
            if cells:
                yield Missing(pupil, cells)
