"""Read one spreadsheet in a process of its own: ``python -m hocba_tui.intake.reader < FILE``.

The reader library builds every sheet as a full rectangle and ends the process when memory runs out. So it runs
here, within limits of memory and time, and the answer is written as one JSON object:
``{"sheets": [{"name": …, "rows": [[…]], "unseen": {…}}]}`` or ``{"unfit": [what, now]}``; ``unseen`` is what Excel
does not show (:class:`~hocba_tui.intake.workbook.Unseen`). A date in a cell is ``{"date": ISO}``,
likewise ``datetime`` and ``time``; a duration is ``{"seconds": number}``.
"""

from __future__ import annotations

import json
import resource
import sys
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any

from hocba_tui.intake.guard import HEAVY, MAX_CELLS, SheetScan, Unfit, check, unreadable
from hocba_tui.intake.limits import MAX_BYTES, MAX_CHARACTERS, MAX_COLUMNS, MAX_SHEET_ROWS

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

MAX_MEMORY = 320_000_000
"""Bytes of address space; Python with the library needs 40 million of them."""
MAX_MERGED = 20_000
"""Most merged cells of one sheet that are told."""
MAX_SECONDS = 20
"""Seconds of processor time."""


def read(data: bytes) -> list[dict[str, Any]]:
    """Return the sheets of a spreadsheet; Unfit with the reason when it may not or cannot be read."""
    from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

    scanned = check(data)
    try:
        workbook = CalamineWorkbook.from_filelike(BytesIO(data))
        cells = characters = 0
        sheets = []
        for number, name in enumerate(workbook.sheet_names):
            sheet = workbook.get_sheet_by_name(name)
            cells += sheet.total_height * sheet.total_width
            if cells > MAX_CELLS or sheet.total_width > MAX_COLUMNS:
                raise Unfit(*HEAVY)
            rows = sheet.to_python(skip_empty_area=False, nrows=MAX_SHEET_ROWS)
            characters += sum(len(value) for row in rows for value in row if isinstance(value, str))
            if characters > MAX_CHARACTERS:
                raise Unfit("có quá nhiều chữ", "Có lẽ chọn nhầm tệp.")
            found = scanned.get(name) or scanned.get(number) or SheetScan()
            unseen = {**found.to_answer(), "merged": merged_cells(sheet)}
            unseen["hidden"] = workbook.sheets_metadata[number].visible is not SheetVisibleEnum.Visible
            sheets.append({"name": name, "rows": rows, "unseen": unseen})
    except (CalamineError, OSError, ValueError) as error:
        raise unreadable() from error
    return sheets


def merged_cells(sheet: CalamineSheet) -> list[list[int]]:
    """Return first row, first column, last row and last column of each merged cell of the rows that are read."""
    found = sheet.merged_cell_ranges or ()
    return [[*first, *last] for first, last in found if first[0] < MAX_SHEET_ROWS][:MAX_MERGED]


def _tag(value: object) -> dict[str, object]:
    if isinstance(value, datetime | date | time):
        return {type(value).__name__: value.isoformat()}
    if isinstance(value, timedelta):
        return {"seconds": value.total_seconds()}
    raise TypeError(type(value).__name__)


def main() -> None:
    """Read the standard input within the limits and print the answer."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_SECONDS, MAX_SECONDS))
    with open(0, "rb", closefd=False) as stream:
        stream.seek(0)
        data = stream.read(MAX_BYTES + 1)
    try:
        answer: dict[str, Any] = {"sheets": read(data)}
    except MemoryError:
        answer = {"unfit": HEAVY}
    except Unfit as error:
        answer = {"unfit": [error.what, error.now]}
    sys.stdout.write(json.dumps(answer, default=_tag, separators=(",", ":")))  # Faster than json.dump, which is Python.


if __name__ == "__main__":
    main()
