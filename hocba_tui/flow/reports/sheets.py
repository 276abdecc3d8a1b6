"""Excel files: the file for CSDL ngành, printed result sheets, the class list, the comments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from hocba_tui.errors import Refused
from hocba_tui.export.excel.layout import Layout, find_layout
from hocba_tui.export.excel.pupil_tables import comment_tables, laid_out
from hocba_tui.export.excel.pupil_values import PupilRow
from hocba_tui.export.excel.workbook import Table, book
from hocba_tui.flow.desk import Desk, OpenClass, OpenSchool
from hocba_tui.flow.excel_file import SUFFIX, require_free, write_excel
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.results import Results
from hocba_tui.model.school import ClassRoom
from hocba_tui.model.values import Period, SheetForm
from hocba_tui.rules.curriculum import grade_of
from hocba_tui.rules.permits import Act

LAYOUTS = "layouts"
"""Folder of the store in which a school keeps its own layouts."""


@dataclass(frozen=True)
class Written:
    """What was written: the number of pupils, and the notes of the layouts."""

    path: Path
    pupils: int
    notes: tuple[str, ...]
    missing: tuple[str, ...] = ()
    """A line for each class that could not be read, or not completely: the file lacks its pupils."""


def export_sheet(desk: Desk, form: SheetForm, class_key: str, period: Period, path: Path) -> Written:
    """Write ``form`` of one class to ``path``; noted in the access log.

    Raise Refused when ``path`` exists or is not an Excel name, when the class is empty, or when a layout of the
    school cannot be used; NotAllowed unless the actor may export the class.
    """
    return _export(desk, form, (desk.open_class(class_key, Act.EXPORT),), period, path, class_key)


def export_grade(desk: Desk, grade: int, period: Period, path: Path) -> Written:
    """Write the file for CSDL ngành of all pupils of a grade to ``path``, as :func:`export_sheet` does.

    A class of the grade that cannot be read is left out and told.
    """
    school = desk.open_school()
    classrooms = school.classrooms()
    school.require_somewhere(Act.EXPORT, rooms=(room for room in classrooms if grade in room.grades))
    missing = [line for room in classrooms if grade in room.grades and (line := school.trouble(room.key))]
    every = (school.open_class(room.key) for room in school.readable(classrooms))
    rooms = tuple(room for room in every if any(grade_of(p, room.classroom) == grade for p in room.pupils()))
    for room in rooms:
        school.require(Act.EXPORT, room.classroom)
    if not rooms:
        raise Refused(f"Trường chưa có học sinh nào ở khối {grade}.", " ".join(missing))
    written = _export(desk, SheetForm.CSDL, rooms, period, path, f"khoi-{grade}", grade)
    return replace(written, missing=tuple(missing))


def file_name(form: SheetForm, class_key: str, period: Period) -> str:
    """Return the default name of a file."""
    when = f"-{period}" if form.of_a_period else ""
    return f"{class_key}-{form}{when}{SUFFIX}".replace("/", "-")


def _export(
    desk: Desk,
    form: SheetForm,
    rooms: Sequence[OpenClass],
    period: Period,
    path: Path,
    what: str,
    only_grade: int | None = None,
) -> Written:
    require_free(path)
    found = tuple(_Group(room.classroom, _pupils(form, room, only_grade), room.results) for room in rooms)
    pupils = sum(len(group.pupils) for group in found)
    if not pupils:
        raise Refused(f"Lớp {rooms[0].key} chưa có học sinh nào.", "Nạp danh sách lớp trước.")
    layouts = {} if form is SheetForm.COMMENTS else _layouts(desk, form, found, period)
    tables = _laid_out(rooms[0].school, found, period, layouts) if layouts else _comments(found, period)
    data = book(list(tables))
    when = f"/{period}" if form.of_a_period else ""
    only = rooms[0].key if len(rooms) == 1 else ""
    desk.store.log_access(desk.account, "export_sheet", f"{what}/{form}{when}: {pupils}", class_key=only)
    write_excel(path, data)
    return Written(path, pupils, tuple(dict.fromkeys(layout.note for layout in layouts.values() if layout.note)))


@dataclass(frozen=True)
class _Group:
    """One class and those of its pupils who are in the file."""

    room: ClassRoom
    pupils: tuple[Pupil, ...]
    results: Mapping[str, Results]

    def rows(self, period: Period, number: Iterator[int], mark: str, grade: int | None = None) -> Iterator[PupilRow]:
        """Yield a row for each pupil, of one grade or of all."""
        for pupil in self.pupils:
            if grade in (None, grade_of(pupil, self.room)):
                results = self.results.get(pupil.key, Results({}))
                yield PupilRow(next(number), pupil, self.room, results, period, mark)


def _pupils(form: SheetForm, room: OpenClass, only_grade: int | None) -> tuple[Pupil, ...]:
    """Return the pupils in a file; those who left are only in the class list, at its end."""
    found = room.pupils(with_left=form is SheetForm.ROSTER)
    chosen = (pupil for pupil in found if only_grade in (None, grade_of(pupil, room.classroom)))
    return tuple(sorted(chosen, key=lambda pupil: not pupil.studying))


def _layouts(desk: Desk, form: SheetForm, found: Sequence[_Group], period: Period) -> dict[int, Layout]:
    """Return the layout of each grade in the classes; a class list is one sheet for all grades."""
    grades = sorted({grade_of(pupil, group.room) for group in found for pupil in group.pupils})
    if form is SheetForm.ROSTER:
        grades = grades[:1]
    return {grade: find_layout(form, grade, period, desk.root / LAYOUTS) for grade in grades}


def _laid_out(
    school: OpenSchool, found: Sequence[_Group], period: Period, layouts: Mapping[int, Layout]
) -> Iterator[Table]:
    """Yield a sheet for each layout, with the pupils of its grade; a single layout has all pupils."""
    for grade, layout in layouts.items():
        number, only = count(1), grade if len(layouts) > 1 else None
        rows = [row for group in found for row in group.rows(period, number, layout.mark, only)]
        yield from laid_out(layout, grade, period, rows, _facts(school, found, grade))


def _comments(found: Sequence[_Group], period: Period) -> Iterator[Table]:
    for group in found:
        yield from comment_tables(group.room, period, list(group.rows(period, count(1), "")))


def _facts(school: OpenSchool, found: Sequence[_Group], grade: int) -> dict[str, str]:
    """Return the texts for a layout's placeholders."""
    settings = school.settings
    return {
        "school": settings.name,
        "department": settings.department,
        "commune": settings.commune,
        "year": settings.year,
        "class": ", ".join(group.room.key for group in found),
        "grade": str(grade),
        "homeroom": ", ".join(school.staff(group.room.homeroom).name for group in found),
    }
