"""Read one sheet of results: which column holds what, of which period, and the rows of the wanted period."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import NamedTuple

from hocba_tui.intake.aliases import BANK_CODE, PERSON_WORDS, SAID_WORDS, plain
from hocba_tui.intake.dates import examine_date
from hocba_tui.intake.headers import Table
from hocba_tui.intake.period_words import Named, contradict, meant, named_in, together, without_names
from hocba_tui.intake.result_columns import CELL, Meaning, meaning_of
from hocba_tui.intake.said import read_said
from hocba_tui.intake.sheet_says import SheetSays, says_of
from hocba_tui.intake.unseen import Sight
from hocba_tui.intake.workbook import Row, text_of
from hocba_tui.model.curriculum import SUBJECTS, TRAITS
from hocba_tui.model.finding import Finding, Severity
from hocba_tui.model.results import COMMENT
from hocba_tui.model.values import Period
from hocba_tui.rules.conclusions import Said
from hocba_tui.text import clean_block, clean_line

_RENAME = "Nếu cần cột này, đặt tên cột theo môn và mục, ví dụ “Toán điểm”, rồi nạp lại."
_ONE = "Xóa một trong hai cột trong Excel, rồi nạp lại."
_CHOOSE = "Chọn đúng kỳ của tệp rồi nạp lại, hoặc xuất lại tệp của kỳ cần nạp."
_SAY = "Ghi kỳ vào đầu cột này, ví dụ “Toán điểm GK1”, rồi nạp lại; hoặc bỏ cột nếu không cần."
_ONE_MARK = "Đánh dấu đúng một mức trong Excel, rồi nạp lại."
_NO_MARKS = ("", "0", "khong", "k")
_NOTHING_TO_DO = "Không cần làm gì."


class Place(NamedTuple):
    """What a column is about: an item and its aspect, as in :class:`~hocba_tui.model.results.Cell`."""

    item: str
    aspect: str


@dataclass(frozen=True)
class ResultRow:
    """One pupil of a file with the texts of all columns of the sheet, empty ones included."""

    where: str
    """The number of the row, and the sheet when there are several, in Vietnamese."""
    code: str
    name: str
    birth: str
    """ISO, empty when the file has none; text that is not a date is kept as typed."""
    class_key: str
    cells: Mapping[Place, str]
    said: Said
    """The conclusions of the file; an empty column says nothing."""
    apart: bool = False
    """Whether a blank row precedes it, as before the date and signatures below a table."""
    sheet: str = ""
    title_class: str = ""
    """The class that the sheet names, as :func:`~hocba_tui.intake.sheet_says.class_id` compares it."""
    year: str = ""
    """The school year that the row names, as written."""


@dataclass(frozen=True)
class _Column:
    """A column with results or conclusions, and the period that its header names."""

    index: int
    path: tuple[str, ...]
    meaning: Meaning
    named: Named

    @property
    def place(self) -> Place:
        return Place(self.meaning.item, self.meaning.aspect)


class _Taken(NamedTuple):
    """The columns that count: of results, of marks for each level of an item, and of conclusions."""

    cells: dict[Place, int]
    marks: dict[Place, dict[str, int]]
    said: dict[str, int]

    @property
    def indices(self) -> set[int]:
        """Return the columns of results."""
        return {*self.cells.values(), *(index for levels in self.marks.values() for index in levels.values())}


class ResultSheet:
    """The columns of one sheet, and its rows. Without a ``wanted`` period every column counts."""

    def __init__(
        self, table: Table, subject: str, wanted: Period | None, *, comments: bool, accepted: bool = False
    ) -> None:
        self.table = table
        self.says: SheetSays = says_of(table)
        self.findings: list[Finding] = []
        self._wanted = wanted
        self._rows = table.rows()
        self._person: dict[str, int] = {}
        self._second = -1
        """The column of given names, when the family name has a column of its own."""
        self._columns: list[_Column] = []
        self._passed: Counter[str] = Counter()
        """Rows that are of other periods, by the names of these."""
        self._find_columns(subject, comments=comments)
        self._of_row = cache(self._taken)
        self._note_periods()
        read = {self._second, *self._person.values(), *self._of_row(Named()).indices}
        name = self._person.get("name", self._person.get("family", 0))
        sight = Sight(table, read, name, accepted=accepted)
        self.findings += sight.findings()
        self.offers = sight.offers

    @property
    def is_used(self) -> bool:
        """Return whether the sheet has a column of results, of whatever period."""
        return any(column.meaning.what == CELL for column in self._columns)

    @property
    def names_periods(self) -> bool:
        """Return whether columns or rows name periods."""
        return any(column.named for column in self._columns) or "period" in self._person

    @property
    def places(self) -> tuple[Place, ...]:
        """Return what the columns of the wanted period hold."""
        taken = self._of_row(Named())
        return (*taken.cells, *taken.marks)

    def _find_columns(self, subject: str, *, comments: bool) -> None:
        paths = self.table.paths
        several = sum(any(map(named_in, path)) for path in paths) > 0
        for index, path in enumerate(paths):
            named = together(map(named_in, path)) or next((n for n in map(named_in, reversed(path)) if n), Named())
            bare = [without_names(part) for part in path] if named else list(path)
            if several and not named and (shorter := _without_year_end(path, subject, comments=comments)):
                named, bare = named_in("cuối năm"), shorter
            meaning = meaning_of(bare, subject, comments=comments)
            if self._goes_on(index, path):
                self._second = index
            elif meaning is None:
                if self._used(index):
                    self._note("IN-COLUMN", Severity.WARNING, path, "không rõ là gì; cột này không được nạp", _RENAME)
            elif meaning.what in PERSON_WORDS:
                self._person.setdefault(meaning.what, index)
            elif self._counts(meaning, index, comments=comments):
                self._columns.append(_Column(index, path, meaning, named))
        self._columns = [self._with_period(column) for column in self._columns]

    def _counts(self, meaning: Meaning, index: int, *, comments: bool) -> bool:
        if meaning.what == CELL:
            return meaning.aspect in (COMMENT, BANK_CODE) or not comments
        return meaning.what in SAID_WORDS and self._used(index)

    def _with_period(self, column: _Column) -> _Column:
        """Return a column with the period that it shares with the columns beside it of the same item.

        A sheet of both moments of a term often names them only at the level: Mức GK, Mức CK, Điểm, Nhận xét CK.
        """
        if column.named or self._wanted is None or len(meant(self.says.named)) == 1:
            return column
        cells = [other for other in self._columns if other.meaning.what == CELL]
        marks = {self._of_column(other) for other in cells if other.named}
        if not marks or column.meaning.what != CELL:
            return column
        if not any(self._wanted in mark for mark in marks):
            return replace(column, named=_NOWHERE)  # The marked columns say that the sheet is of another period.
        own = [other for other in cells if other.meaning.item == column.meaning.item]
        at = own.index(column)
        left = next((self._of_column(other) for other in reversed(own[:at]) if other.named), None)
        right = next((self._of_column(other) for other in own[at + 1 :] if other.named), None)
        beside = left if right in (None, left) else None
        taken = beside is not None and any(
            other.place == column.place and self._of_column(other) == beside for other in own if other.named
        )
        if beside is not None and not taken:
            return replace(column, named=Named(beside, halves=True))
        if len(marks) > 1 or taken or left or right:
            if self._used(column.index):
                message = "không nói là của kỳ nào, trong khi các cột khác có; cột này không được nạp"
                self._note("IN-PERIOD", Severity.WARNING, column.path, message, _SAY)
            return replace(column, named=_NOWHERE)
        return column

    def _of_column(self, column: _Column) -> frozenset[Period]:
        """Return the periods of a column; its header says more than the title of the sheet."""
        both = (self.says.named, column.named)
        return meant(column.named if contradict(both) else together(both))

    def _taken(self, row: Named) -> _Taken:
        """Return the columns that count in a row that names a period."""
        taken = _Taken({}, {}, {})
        for column in self._columns:
            if self._wanted is not None and not self._fits(column, row):
                continue
            if column.meaning.what != CELL:
                taken.said.setdefault(column.meaning.what, column.index)
            elif column.meaning.level:
                taken.marks.setdefault(column.place, {}).setdefault(column.meaning.level, column.index)
            else:
                taken.cells.setdefault(column.place, column.index)
        return taken

    def _fits(self, column: _Column, row: Named) -> bool:
        if column.named is _NOWHERE:
            return False
        if not column.named:
            return True
        return self._wanted in self._of_column(column) and (not row or self._wanted in row.periods)

    def _note_periods(self) -> None:
        """Note columns that hold the same thing twice, and those of other periods."""
        seen: set[tuple[Place, str]] = set()
        others: Counter[str] = Counter()
        for column in (column for column in self._columns if column.meaning.what == CELL):
            if self._wanted is not None and not self._fits(column, Named()):
                if column.named is not _NOWHERE:
                    others[words_of(self._of_column(column))] += 1
            elif (column.place, column.meaning.level) in seen:
                self._note("IN-COLUMN-TWICE", Severity.ERROR, column.path, "là cột thứ hai của cùng một mục", _ONE)
            else:
                seen.add((column.place, column.meaning.level))
        self._note_others(others, "cột", taken=bool(seen))

    def _note_others(self, counted: Mapping[str, int], what: str, *, taken: bool) -> None:
        """Note what is of other periods: an error when nothing of the sheet is of the wanted one."""
        wanted = self._wanted.label if self._wanted else ""
        for words, count in counted.items():
            if taken:
                message = f"{count} {what} là của kỳ {words}, không phải {wanted}: bỏ qua."
                self._say("IN-PERIOD-OTHER", Severity.HINT, message, _NOTHING_TO_DO)
            else:
                message = f"{count} {what} là của kỳ {words}, đang nạp vào {wanted}; không nạp."
                self._say("IN-PERIOD", Severity.ERROR, message, _CHOOSE)

    def rows(self, *, named: bool) -> Iterator[ResultRow]:
        """Yield the rows with a name, a code or a result; with ``named`` their place includes the sheet.

        Rows of other periods are passed over and noted.
        """
        above = self._rows[0][0] if self._rows else 0
        periods = any(self._text(row, "period") for _, row in self._rows)
        read = 0
        for number, row in self._rows:
            name, code = self._name(row), self._text(row, "code")
            where = f"{self.table.sheet.name}, dòng {number}" if named else f"Dòng {number}"
            period = self._period(row) if periods else Named()
            taken = self._of_row(period or Named())
            cells = {place: _block(row, index) for place, index in taken.cells.items()}
            marked = {place: _marked(row, levels) for place, levels in taken.marks.items()}
            cells |= {place: levels[0] if len(levels) == 1 else "" for place, levels in marked.items()}
            apart, above = number > above + 1, number
            holds = any(cells.values()) or any(marked.values())
            if not (any(ch.isalpha() for ch in name) or code or holds):
                continue
            if periods and holds and not self._is_wanted(period, row, where):
                continue
            if any(marked.values()):
                self._note_marks(where, name, marked)
            read += holds  # A row without a result is of no period.
            yield ResultRow(
                where, code, name, self._birth(row), self._text(row, "class"), cells,
                read_said({what: _block(row, index) for what, index in taken.said.items()}), apart,
                self.table.sheet.name, self.says.only_class, self._text(row, "year"),
            )  # fmt: skip
        self._note_others(self._passed, "dòng", taken=read > 0)

    def _note_marks(self, where: str, name: str, marked: Mapping[Place, Sequence[str]]) -> None:
        """Note the items of a pupil with no mark or with several."""
        for place, levels in marked.items():
            if len(levels) != 1:
                told = f"đánh dấu cả {', '.join(levels)}" if levels else "chưa đánh dấu mức nào"
                label = SUBJECTS[place.item].name if place.item in SUBJECTS else TRAITS[place.item].name
                self._say("IN-MARK", Severity.ERROR, f"{where}, {name}: {label} {told}.", _ONE_MARK, row=where)

    def _period(self, row: Row) -> Named | None:
        """Return the period that a row names, None when its text names none."""
        text = self._text(row, "period")
        return named_in(text, cell=True) or None

    def _is_wanted(self, period: Named | None, row: Row, where: str) -> bool:
        if self._wanted is None:
            return True
        if period is None:
            text = self._text(row, "period")
            told = f"“{text[:40]}” không phải tên một kỳ" if text else "không ghi kỳ, trong khi các dòng khác có"
            self._say("IN-PERIOD", Severity.ERROR, f"{where}: {told}; dòng này không được nạp.", _CHOOSE, row=where)
            return False
        both = (self.says.named, period)
        named = period if contradict(both) else together(both)
        # Marked columns tell the middle of a term from its end.
        periods = named.periods if any(column.named for column in self._columns) else meant(named)
        if self._wanted not in periods:
            self._passed[words_of(periods)] += 1
        return self._wanted in periods

    def _goes_on(self, index: int, path: Sequence[str]) -> bool:
        """Return whether a column holds given names: right of the names, under the same header, no header, or "Tên"."""
        first = self._person.get("name", self._person.get("family"))
        if first is None or index != first + 1:
            return False
        same = not path or path == self.table.paths[first]
        words = all(_block(row, index).replace(" ", "").isalpha() for _, row in self._rows if _block(row, first))
        return meaning_of(path) == Meaning("given") or (same and words)

    def _name(self, row: Row) -> str:
        first = self._text(row, "name") or self._text(row, "family")
        return clean_line(f"{first} {_block(row, self._second)}") if self._second >= 0 else first

    def _text(self, row: Row, what: str) -> str:
        index = self._person.get(what)
        return "" if index is None else clean_line(_block(row, index))

    def _birth(self, row: Row) -> str:
        """Return the birth date as ISO, possibly incomplete; text that is not a date is kept and matches no pupil."""
        index = self._person.get("birth")
        value = row[index] if index is not None and index < len(row) else None
        found = examine_date(value)
        return found.value or found.offer or clean_line(text_of(value))

    def _used(self, index: int) -> bool:
        return any(_block(row, index) for _, row in self._rows)

    def _note(self, code: str, severity: Severity, path: Sequence[str], message: str, remedy: str) -> None:
        header = " / ".join(path) or "không có tiêu đề"
        self.findings.append(
            Finding(code, severity, f"Cột “{header}” {message}.", self.table.sheet.name, header, remedy)
        )

    def _say(self, code: str, severity: Severity, message: str, remedy: str, row: str = "") -> None:
        text = message if row else f"Trang “{self.table.sheet.name}”: {message}"
        self.findings.append(Finding(code, severity, text, row or self.table.sheet.name, "period", remedy))


_NOWHERE = Named(frozenset(), halves=True, several=True)
"""Marks a column whose period cannot be told."""


def words_of(periods: frozenset[Period]) -> str:
    """Return the names of periods, in Vietnamese and in their order."""
    return " hoặc ".join(period.label for period in Period if period in periods) or "không rõ"


def _without_year_end(path: Sequence[str], subject: str, *, comments: bool) -> list[str]:
    """Return the header texts without a final "CN" for cuối năm; empty when CN is Công nghệ or is not there."""
    parts = [part for part in map(plain, path) if part]
    if not parts or not f" {parts[-1]}".endswith(" cn"):
        return []
    shorter = [*parts[:-1], parts[-1].removesuffix("cn").strip()]
    found = meaning_of(shorter, subject if shorter[-1] else "", comments=comments)
    return shorter if found is not None and found.what == CELL and found.item not in ("TIN", "NLTH") else []


def _marked(row: Row, levels: Mapping[str, int]) -> list[str]:
    """Return the levels that are marked in a row."""
    return [level for level, index in levels.items() if plain(_block(row, index)) not in _NO_MARKS or _tick(row, index)]


def _tick(row: Row, index: int) -> bool:
    """Return whether a cell holds a sign without letters, such as a tick."""
    text = _block(row, index)
    return bool(text) and not plain(text)


def _block(row: Row, index: int) -> str:
    return _clean(text_of(row[index])) if index < len(row) else ""


_clean = lru_cache(maxsize=4096)(clean_block)
"""A cache, because most cells hold one of a few short texts."""
