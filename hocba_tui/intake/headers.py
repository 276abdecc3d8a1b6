"""Find a table by its header texts: in any order and spelling, over one to four rows, with merged cells."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from hocba_tui.errors import Refused
from hocba_tui.intake.legacy import readable, usual_font
from hocba_tui.intake.workbook import CellValue, Row, Sheet, text_of
from hocba_tui.text import clean_line, fold

_SEARCHED_ROWS = 12
"""Number of first rows in which a header may begin."""
_DEEPEST = 4
"""Most rows of one header."""
_LOOKED_AT = 200
"""Rows that tell in which font a file is written."""
_TITLE = re.compile(r":|20[0-9]{2} ?[-–/]|^(lop [1-5]|nam hoc|truong |ubnd|phong |cong hoa|doc lap|bang |danh sach )")
"""Texts of the lines above a table, which may fill several cells: "Lớp: 5A", "Năm học 2025-2026"."""
Fields = Mapping[str, tuple[str, ...]]
"""Maps the name of a field to its header texts."""


@dataclass(frozen=True)
class Table:
    """A sheet with known columns; ``first_row`` is the index of the first row below the header."""

    sheet: Sheet
    first_row: int
    columns: Mapping[str, int]
    paths: tuple[tuple[str, ...], ...]
    """The header texts of each column from top to bottom, as written: ``("Toán", "Điểm KTĐK")``."""
    top: int = 0
    """The index of the first row of the header; the rows above are the title."""

    def rows(self) -> list[tuple[int, Row]]:
        """Return the rows below the header that are not blank, each with its number in the file (from 1)."""
        below = enumerate(self.sheet.rows[self.first_row :], start=self.first_row + 1)
        return [row for row in below if any(text_of(value) for value in row[1])]

    def value(self, row: Row, name: str) -> CellValue:
        """Return the cell of a field, None when the table has no such column or the row is too short."""
        index = self.columns.get(name)
        return row[index] if index is not None and index < len(row) else None

    @cached_property
    def font(self) -> str:
        """Return the encoding of the texts in a legacy font, empty when there are none in the first rows."""
        first = self.sheet.rows[self.first_row : self.first_row + _LOOKED_AT]
        return usual_font(value for row in first for value in row if isinstance(value, str))

    def text(self, row: Row, name: str) -> str:
        """Return the cell of a field as one clean line."""
        return clean_line(text_of(self.value(row, name)))


def find_table(
    sheets: Iterable[Sheet],
    fields: Fields,
    required: Sequence[str],
    refusal: str,
    now: str = "",
    is_header: Callable[[str], bool] = lambda _: False,
) -> Table:
    """Return the first table whose headers name all ``required`` fields; Refused with ``refusal`` when none does.

    Headers are compared folded (:func:`~hocba_tui.text.fold`), those in a legacy font after conversion. A field is
    found by the lowest text of its column or by several texts read downwards: "Họ tên" above "cha" is "Họ tên
    cha". Of two columns with the same header the left one counts. A row that consists of header texts, or of texts
    accepted by ``is_header``, belongs to the header, whatever is above it.
    """
    known = {fold(header): name for name, headers in fields.items() for header in headers}

    def names_columns(text: str) -> bool:
        return fold(text) in known or is_header(text)

    for sheet in sheets:
        for bottom in range(min(_SEARCHED_ROWS, len(sheet.rows))):
            for top in range(bottom, max(bottom - _DEEPEST, -1), -1):
                columns = _match(_paths(sheet.rows[top : bottom + 1]), known)
                if all(name in columns for name in required):
                    span = _whole_header(sheet.rows, top, bottom, [columns[name] for name in required], names_columns)
                    paths = _paths(sheet.rows[span.start : span.stop])
                    return Table(sheet, span.stop, {**_match(paths, known), **columns}, paths, span.start)
    raise Refused(refusal, now)


def _match(paths: Sequence[tuple[str, ...]], known: Mapping[str, str]) -> dict[str, int]:
    columns: dict[str, int] = {}
    for index, path in enumerate(paths):
        for start in reversed(range(len(path))):
            name = known.get(fold(" ".join(path[start:])))
            if name is not None:
                columns.setdefault(name, index)
                break
    return columns


def _paths(rows: Sequence[Row]) -> tuple[tuple[str, ...], ...]:
    """Return the header texts of each column.

    Only the first cell of a merged cell has a text. So a text also counts for the blank cells to its right, up to the
    end of the header above; a text of the lowest row counts for its own column only.
    """
    width = max((len(row) for row in rows), default=0)
    texts = [[clean_line(readable(text_of(row[i]))) if i < len(row) else "" for i in range(width)] for row in rows]
    found: list[list[str]] = [[] for _ in range(width)]
    begins = [False] * width
    for depth, row in enumerate(texts):
        spanning = ""
        for index, text in enumerate(row):
            begins[index] = begins[index] or bool(text)
            if begins[index]:
                spanning = text
            shown = spanning if depth < len(texts) - 1 else text
            if shown and (not found[index] or fold(found[index][-1]) != fold(shown)):
                found[index].append(shown)
    return tuple(tuple(path) for path in found)


def _whole_header(
    rows: Sequence[Row], top: int, bottom: int, required: Sequence[int], is_header: Callable[[str], bool]
) -> range:
    """Return the rows of the header of which ``top`` to ``bottom`` name the required columns.

    Rows below belong to it when they name columns of merged headers: they have no text under the required columns,
    only words, and at least one under a cell without a text. A row of wider headers above belongs to it too; a
    single text that begins at the left is the title of the sheet.
    """
    while (
        bottom + 1 < len(rows)
        and bottom + 1 - top < _DEEPEST
        and _names_more(rows[bottom], rows[bottom + 1], required, is_header)
    ):
        bottom += 1
    while top > 0 and bottom - top + 1 < _DEEPEST:
        above = [index for index, value in enumerate(rows[top - 1]) if text_of(value)]
        if len(above) < 2 and not (above and above[0] > min(required)):
            break
        if any(_TITLE.search(fold(text_of(rows[top - 1][index]))) for index in above):
            break
        top -= 1
    return range(top, bottom + 1)


def _names_more(above: Row, row: Row, required: Sequence[int], is_header: Callable[[str], bool]) -> bool:
    texts = [(index, value) for index, value in enumerate(row) if text_of(value)]
    if texts and all(is_header(text_of(value)) for _, value in texts):
        return True
    return (
        bool(texts)
        and all(isinstance(value, str) and any(ch.isalpha() for ch in value) for _, value in texts)
        and not any(index in required for index, _ in texts)
        and any(index >= len(above) or not text_of(above[index]) for index, _ in texts)
    )
