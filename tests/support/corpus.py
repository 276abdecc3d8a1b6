"""Workbooks as CSDL ngành, vnEdu, SMAS and schools make them: one table of cells, written in every format.

What a file must give is known before it is written: the tests compare, and hypothesis chooses headers, formats,
spellings and what stands around the table.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from xml.sax.saxutils import escape

from openpyxl import Workbook

from tests.support.workbooks import biff, ods

FILES = int(os.environ.get("HOCBA_FILES", "20"))
"""Of each kind in one test; ``make prove`` makes many more."""
Value = str | int | float | None
Row = Sequence[Value]


@dataclass(frozen=True)
class Column:
    """One column: its header texts from top to bottom, and the value of each row."""

    path: tuple[str, ...]
    values: tuple[Value, ...]
    is_result: bool = False


@dataclass(frozen=True)
class Book:
    """One sheet: lines above, columns, lines below."""

    columns: tuple[Column, ...]
    title: str = "Sheet1"
    above: tuple[str, ...] = ()
    below: tuple[str, ...] = ()
    merged: bool = True
    """Whether a header over several columns is merged, and not only written above the first."""

    def rows(self) -> list[list[Value]]:
        """Return the sheet as rows."""
        depth = max(len(column.path) for column in self.columns)
        paths = [(*column.path, *[""] * (depth - len(column.path))) for column in self.columns]
        heads: list[list[Value]] = [
            [
                path[level] if not number or path[: level + 1] != paths[number - 1][: level + 1] else ""
                for number, path in enumerate(paths)
            ]
            for level in range(depth)
        ]
        body = [list(values) for values in zip(*(column.values for column in self.columns), strict=True)]
        above: list[list[Value]] = [[line] for line in self.above]
        below: list[list[Value]] = [[line] for line in self.below]
        return [*above, *heads, *body, *below]

    def spans(self) -> list[tuple[int, int, int]]:
        """Return the header cells that reach over several columns: row, first and last column, from 1."""
        found = []
        depth = max(len(column.path) for column in self.columns)
        for level in range(depth):
            first = 0
            for number in range(1, len(self.columns) + 1):
                own = self.columns[first].path[: level + 1]
                if number < len(self.columns) and self.columns[number].path[: level + 1] == own and len(own) > level:
                    continue
                if number - first > 1:
                    found.append((len(self.above) + level + 1, first + 1, number))
                first = number
        return found


def spelt(book: Book, spell: Callable[[str], str]) -> Book:
    """Return the same book with its headers and the lines above spelt otherwise."""
    columns = (replace(column, path=tuple(map(spell, column.path))) for column in book.columns)
    return replace(book, columns=tuple(columns), above=tuple(map(spell, book.above)))


def nfd(text: str) -> str:
    """Return text with its marks as letters of their own, as Unikey's *Unicode tổ hợp* types it."""
    return unicodedata.normalize("NFD", text)


def xlsx(book: Book, folder: Path) -> Path:
    """Write an Excel file of today."""
    made = Workbook()
    sheet = made.worksheets[0]
    sheet.title = book.title
    for number, row in enumerate(book.rows(), start=1):
        for column, value in enumerate(row, start=1):
            if value not in ("", None):
                cell = sheet.cell(number, column)
                cell.value = value
                cell.data_type = "s" if isinstance(value, str) else "n"  # A text that begins with "=" stays one.
    for row_number, first, last in book.spans() if book.merged else ():
        sheet.merge_cells(start_row=row_number, end_row=row_number, start_column=first, end_column=last)
    made.save(path := folder / "tep.xlsx")
    return path


def xls(book: Book, folder: Path) -> Path:
    """Write an Excel file of before 2007; every cell is text."""
    cells = {
        (number, column): _text(value)
        for number, row in enumerate(book.rows())
        for column, value in enumerate(row)
        if value not in ("", None)
    }
    (path := folder / "tep.xls").write_bytes(biff(cells, title=book.title))
    return path


def opendocument(book: Book, folder: Path) -> Path:
    """Write a spreadsheet of LibreOffice or OpenOffice."""

    def cell(value: Value) -> str:
        if value in ("", None):
            return "<table:table-cell/>"
        if isinstance(value, str):
            return f'<table:table-cell office:value-type="string"><text:p>{escape(value)}</text:p></table:table-cell>'
        kind = f'office:value-type="float" office:value="{value}"'
        return f"<table:table-cell {kind}><text:p>{value}</text:p></table:table-cell>"

    rows = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in book.rows())
    return ods(folder / "tep.ods", rows, title=escape(book.title))


def csv_in(encoding: str, delimiter: str) -> Callable[[Book, Path], Path]:
    """Return a writer of texts with a delimiter, as Excel saves them."""

    def write(book: Book, folder: Path) -> Path:
        lines = [delimiter.join(_quoted(_text(value), delimiter) for value in row) for row in book.rows()]
        (path := folder / "tep.csv").write_bytes("\r\n".join(lines).encode(encoding))
        return path

    return write


FORMATS: dict[str, Callable[[Book, Path], Path]] = {
    "xlsx": xlsx,
    "xls": xls,
    "ods": opendocument,
    "csv": csv_in("utf-8-sig", ","),
    "csv;": csv_in("utf-8-sig", ";"),
    "unicode text": csv_in("utf-16", "\t"),
}
NAMELESS = ("csv", "csv;", "unicode text")
"""Formats whose sheet has no name."""


def _text(value: Value) -> str:
    return "" if value is None else str(value)


def _quoted(text: str, delimiter: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(each in text for each in (delimiter, '"', "\n")) else text
