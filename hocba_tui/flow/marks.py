"""What a grid shows: columns, pupils, values, and which cells the actor may change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hocba_tui.flow.desk import Desk
from hocba_tui.flow.entry import closed_reason
from hocba_tui.model.curriculum import SUBJECTS, TraitGroup
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.results import (
    ABSENT_EXCUSED,
    ABSENT_UNEXCUSED,
    AWARD,
    AWARD_EXTRA,
    AWARD_REASON,
    AWARD_RECOGNISED,
    AWARD_TITLE,
    COMMENT,
    HEIGHT,
    HOMEROOM,
    LEVEL,
    PROMOTED,
    SCORE,
    WEIGHT,
    Cell,
    Results,
)
from hocba_tui.model.school import ClassRoom
from hocba_tui.model.values import EntryKind, Period
from hocba_tui.rules.curriculum import is_scored, subjects_of, traits_of
from hocba_tui.rules.permits import WHO, Act, act_for_cell, may_enter


@dataclass(frozen=True)
class Column:
    """One column of a grid."""

    cell: Cell
    title: str
    kind: EntryKind
    required: bool


@dataclass(frozen=True)
class Sheet:
    """Which grid: a subject, the qualities and competencies, the comments, or the facts of the year."""

    key: str
    title: str


TRAITS_SHEET = Sheet("traits", "Phẩm chất, năng lực")
COMMENTS_SHEET = Sheet("comments", "Nhận xét cuối kỳ")
YEAR_SHEET = Sheet("year", "Sức khỏe, chuyên cần")
AWARDS_SHEET = Sheet("awards", "Khen thưởng, lên lớp")


_YEAR_COLUMNS = (
    Column(HEIGHT, "Cao cm", EntryKind.NUMBER, True),
    Column(WEIGHT, "Nặng kg", EntryKind.NUMBER, True),
    Column(ABSENT_EXCUSED, "Nghỉ CP", EntryKind.NUMBER, True),
    Column(ABSENT_UNEXCUSED, "Nghỉ KP", EntryKind.NUMBER, True),
)
_AWARD_COLUMNS = (
    Column(PROMOTED, "Lên lớp", EntryKind.NUMBER, False),
    Column(AWARD_TITLE, "T.biểu", EntryKind.MARK, False),
    Column(AWARD_RECOGNISED, "Lớp CN", EntryKind.MARK, False),
    Column(AWARD_REASON, "Lí do", EntryKind.TEXT, False),
    Column(AWARD, "Khen khác", EntryKind.TEXT, False),
    Column(AWARD_EXTRA, "Đột xuất", EntryKind.TEXT, False),
)


def sheets_of(classroom: ClassRoom) -> tuple[Sheet, ...]:
    """Return the grids of a class: its subjects in the order of the card, then the homeroom teacher's."""
    subjects = tuple(Sheet(subject.code, subject.name) for subject in subjects_of(classroom))
    return (*subjects, TRAITS_SHEET, COMMENTS_SHEET, YEAR_SHEET, AWARDS_SHEET)


def sheet_of_year(cell: Cell) -> Sheet:
    """Return the grid in which a fact of the year stands."""
    return YEAR_SHEET if cell in {column.cell for column in _YEAR_COLUMNS} else AWARDS_SHEET


def columns_of(classroom: ClassRoom, sheet: str, period: Period) -> tuple[Column, ...]:
    """Return the columns of one grid in one period."""
    if sheet in SUBJECTS:
        columns = [Column(Cell(period, sheet, LEVEL), "Mức", EntryKind.LEVEL, True)]
        if is_scored(classroom, sheet, period):
            columns.append(Column(Cell(period, sheet, SCORE), "Điểm", EntryKind.SCORE, True))
        return (*columns, Column(Cell(period, sheet, COMMENT), "Nhận xét", EntryKind.TEXT, False))
    if sheet == TRAITS_SHEET.key:
        return tuple(
            Column(Cell(period, trait.code, LEVEL), trait.short, EntryKind.LEVEL, True)
            for trait in traits_of(*classroom.grades)
        )
    if sheet == COMMENTS_SHEET.key:
        final = period is Period.END_YEAR
        groups = [Column(Cell(period, group, COMMENT), group.label, EntryKind.TEXT, final) for group in TraitGroup]
        return (*groups, Column(Cell(period, HOMEROOM, COMMENT), "GVCN", EntryKind.TEXT, final))
    return _YEAR_COLUMNS if sheet == YEAR_SHEET.key else _AWARD_COLUMNS


@dataclass(frozen=True)
class Marks:
    """A grid as it stands now."""

    classroom: ClassRoom
    sheet: Sheet
    period: Period
    columns: tuple[Column, ...]
    pupils: tuple[Pupil, ...]
    results: Mapping[str, Results]
    locks: Mapping[tuple[str, str], str]
    """(pupil, field) to the reason why the cell is locked; open cells are absent."""
    seq: int
    """Up to which change of the class this speaks."""
    school_seq: int = 0
    """Up to which change of the school: windows, teachers."""

    def text(self, pupil: str, cell: Cell) -> str:
        """Return what stands in a cell."""
        return self.results[pupil].text(cell) if pupil in self.results else ""


def open_marks(desk: Desk, class_key: str, sheet_key: str, period: Period) -> Marks:
    """Return a grid of a class that the actor may see."""
    classroom = desk.classroom(class_key)
    desk.require(Act.VIEW_CLASS, classroom)
    shard = desk.class_shard(class_key)
    columns = columns_of(classroom, sheet_key, period)
    pupils = desk.pupils(class_key)
    records = desk.records(class_key)
    results = {key: Results(dict(found.fields)) for key, found in desk.results(class_key).items()}
    locks: dict[tuple[str, str], str] = {}
    stopped = "Chỉ xem được: tệp của lớp bị hỏng. Báo người phụ trách máy chủ." if shard.damage else ""
    for column in columns:
        permitted = may_enter(desk.actor, classroom, column.cell).allowed
        who = stopped if permitted else f"Ô này do {WHO[act_for_cell(column.cell)]} nhập."
        for pupil in pupils:
            if reason := who or closed_reason(desk, classroom, pupil, records[pupil.key], column.cell):
                locks[pupil.key, column.cell.field] = reason
    sheet = next(found for found in sheets_of(classroom) if found.key == sheet_key)
    return Marks(classroom, sheet, period, columns, pupils, results, locks, shard.seq, desk.school_shard.seq)
