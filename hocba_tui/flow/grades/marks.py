"""What a grid shows: columns, pupils, values, and which cells the actor may change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from hocba_tui.flow.desk import PUPILS, RECORDS, Desk, OpenClass
from hocba_tui.flow.grades.locks import Locks
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
    Value,
)
from hocba_tui.model.school import ClassRoom
from hocba_tui.model.values import EntryKind, Period
from hocba_tui.rules.curriculum import is_scored, subjects_of, traits_of
from hocba_tui.rules.permits import Act
from hocba_tui.rules.reading import Sensitive, may_read_cell


@dataclass(frozen=True)
class Column:
    """One column of a grid."""

    cell: Cell
    title: str
    kind: EntryKind
    required: bool
    group: str = ""
    """What several adjacent columns have in common: the subject, the trait or the period; at most 7 letters."""

    @property
    def name(self) -> str:
        """Return the column's name for use outside its header."""
        return f"{self.group} · {self.title}" if self.group else self.title


@dataclass(frozen=True)
class Sheet:
    """Which grid: a subject, all subjects, the qualities and competencies, the comments, or the facts of the year."""

    key: str
    title: str


ALL_SHEET = Sheet("all", "Tất cả các môn")
TRAITS_SHEET = Sheet("traits", "Phẩm chất, năng lực")
COMMENTS_SHEET = Sheet("comments", "Nhận xét cuối kỳ")
YEAR_SHEET = Sheet("year", "Sức khỏe, chuyên cần")
AWARDS_SHEET = Sheet("awards", "Khen thưởng, lên lớp")


_FOUR = ":4"
Documents = Mapping[str, Mapping[str, Any]]

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
    """Return the grids of a class: its subjects in the order of the card, all of them, then the homeroom teacher's."""
    subjects = tuple(Sheet(subject.code, subject.name) for subject in subjects_of(classroom))
    return (*subjects, ALL_SHEET, TRAITS_SHEET, COMMENTS_SHEET, YEAR_SHEET, AWARDS_SHEET)


def sheet_of_year(cell: Cell) -> Sheet:
    """Return the grid that holds a fact of the year."""
    return YEAR_SHEET if cell in {column.cell for column in _YEAR_COLUMNS} else AWARDS_SHEET


def side_by_side(sheet: str) -> str:
    """Return the grid that shows the four periods of ``sheet`` side by side; ``sheet`` itself when there is none."""
    return f"{single(sheet)}{_FOUR}" if single(sheet) in SUBJECTS or single(sheet) == TRAITS_SHEET.key else sheet


def single(sheet: str) -> str:
    """Return the grid of one period that belongs to a grid of four; ``sheet`` itself when it is one already."""
    return sheet.removesuffix(_FOUR)


def shows_four(sheet: str) -> bool:
    """Return whether the grid shows the four periods side by side."""
    return sheet.endswith(_FOUR)


def columns_of(classroom: ClassRoom, sheet: str, period: Period) -> tuple[Column, ...]:
    """Return the columns of one grid in one period."""
    if shows_four(sheet):
        return tuple(_four_periods(classroom, single(sheet)))
    if sheet in SUBJECTS:
        comment = Column(Cell(period, sheet, COMMENT), "Nhận xét", EntryKind.TEXT, False)
        return (*_level_and_score(classroom, sheet, period), comment)
    if sheet == ALL_SHEET.key:
        return tuple(
            column
            for subject in subjects_of(classroom)
            for column in _level_and_score(classroom, subject.code, period, subject.short)
        )
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


def _level_and_score(classroom: ClassRoom, subject: str, period: Period, group: str = "") -> Iterator[Column]:
    yield Column(Cell(period, subject, LEVEL), "Mức", EntryKind.LEVEL, True, group)
    if is_scored(classroom, subject, period):
        yield Column(Cell(period, subject, SCORE), "Điểm", EntryKind.SCORE, True, group)


def _four_periods(classroom: ClassRoom, sheet: str) -> Iterator[Column]:
    if sheet in SUBJECTS:
        for period in Period:
            yield from _level_and_score(classroom, sheet, period, period.short)
        return
    for trait in traits_of(*classroom.grades):
        for period in Period:
            yield Column(Cell(period, trait.code, LEVEL), period.short, EntryKind.LEVEL, True, trait.short)


@dataclass(frozen=True)
class Basis:
    """What pupils, columns and locks of a grid were computed from.

    A table of a shard is replaced, never changed, when an entry touches it, so the same object means
    that nothing in it has changed.
    """

    school_seq: int
    """Number of the last change of the school that was read: windows, teachers."""
    pupils: Documents
    records: Documents
    damage: str | None
    today: date

    def same(self, other: Basis) -> bool:
        """Return whether nothing has changed since ``other``."""
        return (
            (self.school_seq, self.damage, self.today) == (other.school_seq, other.damage, other.today)
            and self.pupils is other.pupils
            and (self.records is other.records or not (self.records or other.records))
        )


@dataclass(frozen=True)
class Marks:
    """A grid as it is now."""

    classroom: ClassRoom
    sheet: Sheet
    period: Period
    columns: tuple[Column, ...]
    pupils: tuple[Pupil, ...]
    results: Mapping[str, Results]
    locks: Mapping[tuple[str, str], str]
    """(pupil, field) to the reason why the cell is locked; open cells are absent."""
    seq: int
    """Number of the last change of the class that was read."""
    basis: Basis
    readable: frozenset[Sensitive] = frozenset()
    """The sensitive fields that the actor may read of these pupils."""

    def text(self, pupil: str, cell: Cell) -> str:
        """Return what a cell holds, as text."""
        return self.results[pupil].text(cell) if pupil in self.results else ""

    def stands(self, pupil: str, before: Marks) -> bool:
        """Return whether surely nothing of a pupil has changed since ``before``, an earlier reading of this grid."""
        now, then = self.results.get(pupil), before.results.get(pupil)
        same = now is then if now is None or then is None else now.fields is then.fields
        return same and self.locks is before.locks

    def value(self, pupil: str, cell: Cell) -> Value:
        """Return what a cell holds, None when it is empty."""
        value = self.results[pupil].fields.get(cell.field) if pupil in self.results else None
        return value if isinstance(value, str | int | float) else None


def open_marks(desk: Desk, class_key: str, sheet_key: str, period: Period, known: Marks | None = None) -> Marks:
    """Return a grid of a class that the actor may see.

    ``known`` is the same grid as it was read before: when only results have changed since, nothing else is
    computed again, so that a class can be read after every key.
    """
    return _marks(desk.open_class(class_key, Act.VIEW_CLASS), sheet_key, period, known)


def look_again(desk: Desk, seen: Marks) -> Marks | None:
    """Return the grid that is on the screen as it is now; None when nothing has changed in the class or the school.

    Raise StoreUnusable when the class can only be read by now.
    """
    opened = desk.open_class(seen.classroom.key, Act.VIEW_CLASS)
    opened.require_sound()
    if (opened.seq, opened.school.seq) == (seen.seq, seen.basis.school_seq):
        return None
    return _marks(opened, seen.sheet.key, seen.period, seen)


def _marks(opened: OpenClass, sheet_key: str, period: Period, known: Marks | None) -> Marks:
    school, damage = opened.school, opened.shard.damage
    basis = Basis(school.seq, opened.table(PUPILS), opened.table(RECORDS), damage, school.today)
    # A document too is replaced when an entry touches it, so what is shown stays as it was read.
    place = (opened.key, sheet_key, period)
    if known and (known.classroom.key, known.sheet.key, known.period) == place and known.basis.same(basis):
        return replace(known, results=opened.results, seq=opened.seq)
    every = columns_of(opened.classroom, sheet_key, period)
    columns = tuple(column for column in every if may_read_cell(column.cell, opened.readable))
    pupils, records = opened.shown_pupils(), opened.records
    stopped = "Chỉ xem được: tệp của lớp bị hỏng. Báo người phụ trách máy chủ." if damage else None
    found = Locks(opened)
    locks = {
        (pupil.key, column.cell.field): reason
        for pupil in pupils
        for column in columns
        if (reason := found.not_mine(column.cell) or stopped or found.reason(pupil, records[pupil.key], column.cell))
    }
    sheet = next(one for one in sheets_of(opened.classroom) if one.key == single(sheet_key))
    shown = replace(sheet, key=sheet_key)
    return Marks(
        opened.classroom, shown, period, columns, pupils, opened.results, locks, opened.seq, basis, opened.readable
    )
