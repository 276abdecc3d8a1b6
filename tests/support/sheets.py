"""Write rows as a school's office does: a workbook with sheets of plain cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from openpyxl import Workbook

Rows = Iterable[Sequence[object]]


def workbook(path: Path, *sheets: Rows, titles: Sequence[str] = ()) -> Path:
    """Write ``sheets`` to ``path`` and return it; ``titles`` name the first of them."""
    made = Workbook()
    made.remove(made.worksheets[0])
    for number, rows in enumerate(sheets):
        sheet = made.create_sheet(titles[number] if number < len(titles) else None)
        for row in rows:
            sheet.append(list(row))
    made.save(path)
    return path
