"""Write Excel workbooks. Text that a spreadsheet would read as a formula is written as plain text."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import product
from typing import TYPE_CHECKING

from hocba_tui.export.excel.header_cells import Head, depth_of, places

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell.cell import Cell, MergedCell
    from openpyxl.styles import Border
    from openpyxl.worksheet.worksheet import Worksheet

CellValue = str | int | float | None

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_UNSAFE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 cannot carry: one such character and Excel refuses the whole file."""
_ESCAPE_LIKE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
"""Excel reads ``_x0041_`` in a cell as the letter A."""
_NOT_IN_A_TITLE = re.compile(r"[\[\]:*?/\\]")
_LONGEST = 32_767
"""Characters in one cell."""
_PAPERS = {"A4": 9, "A3": 8}
_NARROW = 8
"""Width (characters) up to which a column's cells are centred, and its head turned when printed."""
_TURNED_HEIGHT = 100.0
_MAX_HEIGHT = 400.0
_SIGNATURE_LINES = 6
_LINE_HEIGHT = 15.5
"""Heights are points; Excel allows 409."""


@dataclass(frozen=True)
class Column:
    """One column; ``width`` in characters."""

    head: Head
    width: float


@dataclass(frozen=True)
class Table:
    """One sheet: lines above, a head of one or more rows, the rows, and places to sign."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[CellValue]]
    above: Sequence[str] = ()
    signatures: Sequence[str] = ()
    paper: str = ""
    """``A3`` or ``A4``, landscape; empty for a sheet that is not printed."""
    frozen: int = 0
    """How many columns stay when the sheet is scrolled; the head always does."""

    @property
    def depth(self) -> int:
        """Return how many rows the head has."""
        return depth_of([column.head for column in self.columns])


def book(tables: Sequence[Table]) -> bytes:
    """Return an xlsx workbook with one sheet for each table; OSError when the disk is full on the way.

    openpyxl puts each sheet together in a temporary file, and lxml has an error of its own for that.
    """
    from lxml.etree import SerialisationError
    from openpyxl import Workbook

    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    _name_styles(workbook)
    for table in tables:
        _draw(workbook.create_sheet(sheet_title(table.title)), table)
    buffer = BytesIO()
    try:
        workbook.save(buffer)
    except SerialisationError as error:
        # Its only text is libxml2's name of the system's error, such as IO_ENOSPC.
        number = getattr(errno, str(error).removeprefix("IO_"), errno.EIO)
        raise OSError(number, os.strerror(number)) from error
    return buffer.getvalue()


def one_sheet(title: str, headers: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return a workbook of one sheet of text cells."""
    return book([Table(title, [Column((header,), 14) for header in headers], rows)])


def sheet_title(text: str) -> str:
    """Return ``text`` as Excel accepts it for a sheet: at most 31 characters, no brackets, slashes, colons."""
    return _NOT_IN_A_TITLE.sub("-", text).strip("' ")[:31] or "Trang"


def _draw(sheet: Worksheet, table: Table) -> None:
    top = _above(sheet, table)
    first = top + table.depth
    _head(sheet, table, top)
    row = first
    for row, values in enumerate(table.rows, start=first):
        for index, (column, value) in enumerate(zip(table.columns, values, strict=True), start=1):
            cell = sheet.cell(row=row, column=index)
            cell.style = _style_name(centred=column.width <= _NARROW, text=isinstance(value, str) and value != "")
            _put(cell, value)
    for index, column in enumerate(table.columns, start=1):
        sheet.column_dimensions[_letter(index)].width = column.width
    sheet.freeze_panes = f"{_letter(table.frozen + 1)}{first}"
    if table.signatures:
        _sign(sheet, table, row + 2)
    if table.paper:
        _print(sheet, table, f"{top}:{first - 1}")


def _name_styles(workbook: Workbook) -> None:
    """Make the styles of the cells below a head: one by its name takes a fifth of the time of one by its parts."""
    from openpyxl.styles import Alignment, NamedStyle
    from openpyxl.styles.fonts import DEFAULT_FONT

    for centred, text in product((False, True), repeat=2):
        workbook.add_named_style(
            NamedStyle(
                _style_name(centred=centred, text=text),
                font=DEFAULT_FONT,
                border=_border(),
                alignment=Alignment(horizontal="center" if centred else None, vertical="top", wrap_text=True),
                # As text also while somebody types into it: a code keeps its zeros.
                number_format="@" if text else "General",
                hidden=True,
            )
        )


def _border() -> Border:
    from openpyxl.styles import Border, Side

    line = Side(style="thin")
    return Border(left=line, right=line, top=line, bottom=line)


def _style_name(*, centred: bool, text: bool) -> str:
    return f"hocba {'chữ' if text else 'số'}{' giữa' if centred else ''}"


def _put(cell: Cell | MergedCell, value: CellValue) -> None:
    """Write one value: numbers as numbers, text as text whatever it looks like, nothing as nothing."""
    if value is None or value == "":
        return
    if isinstance(value, str):
        text = _ESCAPE_LIKE.sub("_x005F_", _UNSAFE.sub("", value))[:_LONGEST]
        cell.value = text
        # A string set through .value becomes a formula when it begins with "=".
        cell.data_type = "s"
        cell.number_format = "@"
        cell.quotePrefix = text.startswith(_FORMULA_STARTS)
    else:
        cell.value = value


def _head(sheet: Worksheet, table: Table, top: int) -> None:
    from openpyxl.styles import Alignment, Font

    border = _border()
    heights = [_LINE_HEIGHT] * table.depth
    for place in places([column.head for column in table.columns]):
        cell = sheet.cell(row=top + place.top, column=place.left + 1)
        _put(cell, place.text)
        cell.font = Font(bold=True)
        width = sum(column.width for column in table.columns[place.left : place.right + 1])
        turned = bool(table.paper) and width <= _NARROW and len(place.text) > width
        cell.alignment = Alignment(
            horizontal="center", vertical="center", wrap_text=True, text_rotation=90 if turned else 0
        )
        height = _TURNED_HEIGHT if turned else _LINE_HEIGHT * -(-len(place.text) // max(1, int(width) - 1))
        if place.top == place.bottom:
            heights[place.top] = max(heights[place.top], height)
        _merge(sheet, top + place.top, place.left, top + place.bottom, place.right)
    for row, height in enumerate(heights, start=top):
        sheet.row_dimensions[row].height = min(height, _MAX_HEIGHT)
        for index in range(1, len(table.columns) + 1):
            sheet.cell(row=row, column=index).border = border


def _above(sheet: Worksheet, table: Table) -> int:
    """Write the lines above the table and return the row in which its head begins."""
    from openpyxl.styles import Alignment, Font

    for row, text in enumerate(table.above, start=1):
        cell = sheet.cell(row=row, column=1)
        _put(cell, text)
        cell.font = Font(bold=True)
        cell.alignment = Alignment(horizontal="center")
        _merge(sheet, row, 0, row, len(table.columns) - 1)
    return len(table.above) + 2 if table.above else 1


def _sign(sheet: Worksheet, table: Table, row: int) -> None:
    """Leave room for each signature, side by side below the table."""
    from openpyxl.styles import Alignment

    share = max(1, len(table.columns) // len(table.signatures))
    for number, text in enumerate(table.signatures):
        cell = sheet.cell(row=row, column=number * share + 1)
        _put(cell, text)
        cell.alignment = Alignment(horizontal="center", vertical="top", wrap_text=True)
        _merge(sheet, row, number * share, row, (number + 1) * share - 1)
    sheet.row_dimensions[row].height = _SIGNATURE_LINES * _LINE_HEIGHT


def _merge(sheet: Worksheet, top: int, left: int, bottom: int, right: int) -> None:
    """Make one cell of several, columns counted from 0; Excel calls a file damaged that merges a single one."""
    if (top, left) != (bottom, right):
        sheet.merge_cells(start_row=top, start_column=left + 1, end_row=bottom, end_column=right + 1)


def _print(sheet: Worksheet, table: Table, head: str) -> None:
    from openpyxl.worksheet.properties import PageSetupProperties

    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = _PAPERS[table.paper]
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = head
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    footer = sheet.oddFooter
    assert footer is not None
    assert footer.center is not None
    footer.center.text = "Trang &P/&N"


def _letter(index: int) -> str:
    from openpyxl.utils import get_column_letter

    return get_column_letter(index)
