"""Read results and comments from a file as rows of texts, without judging or guessing.

The exchange file of CSDL ngành, the *Bảng tổng hợp* forms, a sheet of comments and a teacher's own sheet are all
read in the same way: the header texts tell what a column is (:mod:`hocba_tui.intake.result_columns`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from hocba_tui.errors import Refused
from hocba_tui.intake.aliases import PERSON_WORDS, SAID_WORDS
from hocba_tui.intake.dates import examine_date
from hocba_tui.intake.headers import Table, find_table
from hocba_tui.intake.result_columns import CELL, Meaning, is_header, meaning_of, subject_of
from hocba_tui.intake.said import read_said
from hocba_tui.intake.workbook import Row, Sheet, require_usual, text_of
from hocba_tui.model.finding import Finding, Severity
from hocba_tui.model.results import COMMENT
from hocba_tui.rules.conclusions import Said
from hocba_tui.text import clean_block, clean_line

_PUPIL = {"name": (*PERSON_WORDS["name"], *PERSON_WORDS["family"])}
_NO_TABLE = "Không thấy dòng tiêu đề có cột Họ tên và cột kết quả nào."
_WHAT_NOW = "Giữ dòng tiêu đề của bảng; tệp của một môn thì nói thêm đó là môn nào."
_RENAME = "Nếu cần cột này, đặt tên cột theo môn và mục, ví dụ “Toán điểm”, rồi nạp lại."
_ONE = "Xóa một trong hai cột trong Excel, rồi nạp lại."


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


@dataclass(frozen=True)
class ResultsFile:
    """A file as read: its rows, the columns that were understood, and findings about the others."""

    rows: tuple[ResultRow, ...]
    places: tuple[Place, ...]
    findings: tuple[Finding, ...]


def read_results(sheets: Iterable[Sheet], subject: str = "", *, comments: bool = False) -> ResultsFile:
    """Return the results in the sheets; Refused when no sheet has a name column and a column of results.

    ``subject`` is the subject of columns that name none, unless the sheet is named after a subject. With
    ``comments`` only comments are read, and a column that names only an item holds its comment.
    """
    tables = [table for table in map(_table_of, sheets) if table]
    read = [_Columns(table, subject or subject_of(table.sheet.name), comments=comments) for table in tables]
    used = [columns for columns in read if columns.places]
    if not used:
        raise Refused(_NO_TABLE, _WHAT_NOW)
    rows = [row for columns in used for row in columns.rows(named=len(used) > 1)]
    require_usual(len(rows), "học sinh")
    places = dict.fromkeys(place for columns in used for place in columns.places)
    return ResultsFile(tuple(rows), tuple(places), tuple(note for columns in used for note in columns.findings))


def _table_of(sheet: Sheet) -> Table | None:
    try:
        return find_table([sheet], _PUPIL, ["name"], _NO_TABLE, is_header=is_header)
    except Refused:
        return None


class _Columns:
    """The columns of one sheet."""

    def __init__(self, table: Table, subject: str, *, comments: bool) -> None:
        self.table = table
        self.findings: list[Finding] = []
        self.places: dict[Place, int] = {}
        self._person: dict[str, int] = {}
        self._said: dict[str, int] = {}
        self._rows = table.rows()
        self._second = -1
        """The column of given names, when the family name has a column of its own."""
        for index, path in enumerate(table.paths):
            meaning = meaning_of(path, subject, comments=comments)
            if self._goes_on(index, path):
                self._second = index
            elif meaning is None:
                if self._used(index):
                    self._note("IN-COLUMN", Severity.WARNING, path, "không rõ là gì; cột này không được nạp", _RENAME)
            elif meaning.what in PERSON_WORDS:
                self._person.setdefault(meaning.what, index)
            elif meaning.what in SAID_WORDS and self._used(index):
                self._said.setdefault(meaning.what, index)
            elif meaning.what == CELL and (meaning.aspect == COMMENT or not comments):
                place = Place(meaning.item, meaning.aspect)
                if place in self.places:
                    self._note("IN-COLUMN-TWICE", Severity.ERROR, path, "là cột thứ hai của cùng một mục", _ONE)
                self.places.setdefault(place, index)

    def rows(self, *, named: bool) -> Iterator[ResultRow]:
        """Yield the rows with a name, a code or a result; with ``named`` their place includes the sheet."""
        above = self._rows[0][0] if self._rows else 0
        for number, row in self._rows:
            name, code = self._name(row), self._text(row, "code")
            cells = {place: _block(row, index) for place, index in self.places.items()}
            if any(ch.isalpha() for ch in name) or code or any(cells.values()):
                yield ResultRow(
                    f"{self.table.sheet.name}, dòng {number}" if named else f"Dòng {number}",
                    code, name, self._birth(row), self._text(row, "class"), cells,
                    read_said({what: _block(row, index) for what, index in self._said.items()}), number > above + 1,
                    self.table.sheet.name,
                )  # fmt: skip
            above = number

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


def _block(row: Row, index: int) -> str:
    return _clean(text_of(row[index])) if index < len(row) else ""


_clean = lru_cache(maxsize=4096)(clean_block)
"""A cache, because most cells hold one of a few short texts."""
