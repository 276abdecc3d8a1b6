"""The sheets of a class: by a layout file, or, for comments, one for each person who writes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from hocba_tui.export.excel.layout import Layout, fill_in
from hocba_tui.export.excel.pupil_values import PupilRow
from hocba_tui.export.excel.workbook import CellValue, Column, Table
from hocba_tui.model.curriculum import TraitGroup
from hocba_tui.model.results import COMMENT, Cell, homeroom_comment
from hocba_tui.model.school import ClassRoom
from hocba_tui.model.values import Period
from hocba_tui.rules.curriculum import subjects_for, subjects_of
from hocba_tui.rules.labels import label_of

GUIDE = "Hướng dẫn"
HOMEROOM_SHEET = "GVCN"
_COMMENT_WIDTH = 60
_WHO = (Column(("Mã học sinh",), 16), Column(("Họ và tên",), 26))


def laid_out(
    layout: Layout, grade: int, period: Period, rows: Iterable[PupilRow], facts: Mapping[str, str]
) -> tuple[Table, ...]:
    """Return the sheet that ``layout`` describes, and its guide if it has one.

    ``facts`` holds a text for each of the layout's placeholders except ``title`` and ``period``.
    """
    facts = {**facts, "period": period.label}
    facts = {**facts, "title": fill_in(layout.titles.get(period, ""), {**facts, "title": ""})}
    columns = layout.columns_in(grade, period)
    names = [index for index, column in enumerate(columns, start=1) if column.value == "name"]
    table = Table(
        fill_in(layout.sheet, facts),
        columns,
        [[row.value(column.value) for column in columns] for row in rows],
        tuple(fill_in(line, facts) for line in layout.above),
        tuple(fill_in(text, facts) for text in layout.signatures),
        layout.paper,
        names[0] if names else 0,
    )
    if not layout.guide:
        return (table,)
    return (table, Table(GUIDE, (Column((GUIDE,), 120),), [[fill_in(line, facts)] for line in layout.guide]))


def comment_tables(classroom: ClassRoom, period: Period, rows: Sequence[PupilRow]) -> tuple[Table, ...]:
    """Return the homeroom teacher's comments on one sheet, and those of each subject on one of its own.

    Names and titles of the sheets say the period, so that the file comes in again as this one only. The heads are those
    of :func:`~hocba_tui.rules.review.label_of`. A pupil who is exempt from a subject is not
    on its sheet.
    """
    own = (*(Cell(period, group, COMMENT) for group in TraitGroup), homeroom_comment(period))
    title = f"Nhận xét {period.label}, lớp {classroom.key}, năm học {classroom.year}"
    tables = [_comments(f"{HOMEROOM_SHEET} {period.label}", title, own, rows)]
    for subject in subjects_of(classroom):
        studying = [row for row in rows if subject in subjects_for(row.pupil, classroom)]
        tables.append(
            _comments(f"{subject.short} {period.label}", title, (Cell(period, subject.code, COMMENT),), studying)
        )
    return tuple(tables)


def _comments(sheet: str, title: str, cells: Sequence[Cell], rows: Iterable[PupilRow]) -> Table:
    columns = (*_WHO, *(Column((label_of(cell),), _COMMENT_WIDTH) for cell in cells))
    values: list[list[CellValue]] = [
        [row.pupil.code, row.pupil.name, *(row.results.text(cell) for cell in cells)] for row in rows
    ]
    return Table(sheet, columns, values, (title,), frozen=len(_WHO))
