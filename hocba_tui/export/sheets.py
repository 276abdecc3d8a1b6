"""Excel out. Text that a spreadsheet would take for a formula is written as plain text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_sheet(path: Path, title: str, headers: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write one sheet of text cells to ``path``."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font

    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.title = title
    for number, values in enumerate([headers, *rows], start=1):
        for column, value in enumerate(values, start=1):
            cell = sheet.cell(row=number, column=column)
            # A string set through .value would become a formula when it begins with "=".
            cell.value = value
            cell.data_type = "s"
            cell.number_format = "@"
            if value.startswith(_FORMULA_STARTS):
                cell.quotePrefix = True
            if number == 1:
                cell.font = Font(bold=True)
                cell.alignment = Alignment(wrap_text=True, vertical="center")
    sheet.freeze_panes = "A2"
    workbook.save(path)
