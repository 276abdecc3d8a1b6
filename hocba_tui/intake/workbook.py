"""Read a spreadsheet (xlsx, xls, ods) as plain rows. The only importer of calamine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from hocba_tui.errors import Refused, system_reason

MAX_BYTES = 20_000_000
MAX_ROWS = 6_000
"""More than this many pupils in one file means that the wrong file was picked."""
MAX_SHEET_ROWS = MAX_ROWS + 50
"""Rows that are read of a sheet: the pupils, and what stands above them."""
MAX_COLUMNS = 256

CellValue = str | float | int | bool | date | datetime | time | timedelta | None
Row = Sequence[CellValue]


@dataclass(frozen=True)
class Sheet:
    """One sheet with its rows as they stand; row 1 of the file is ``rows[0]``."""

    name: str
    rows: Sequence[Row]
    guessed: str = ""
    """The encoding that the text was taken to have because the file does not say it; empty when it is sure."""


def require_readable(path: Path) -> None:
    """Refused when ``path`` is no file, cannot be reached, or is far too large."""
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise Refused(f"{path.name} không phải là tệp.", "Chọn một tệp Excel (.xlsx).")
    except ValueError as error:
        raise Refused("Tên tệp có kí tự lạ.", "Đổi tên tệp rồi nạp lại.") from error
    except OSError as error:
        raise Refused(f"Không đọc được tệp {path.name}: {system_reason(error)}.", "Kiểm tra tên và thư mục.") from error
    if size > MAX_BYTES:
        raise Refused(f"Tệp {path.name} lớn quá {MAX_BYTES // 1_000_000} MB; có lẽ chọn nhầm tệp.")


def read_workbook(path: Path) -> tuple[Sheet, ...]:
    """Return the sheets of ``path``; Refused when it is not a spreadsheet or far too large."""
    from python_calamine import CalamineError, CalamineWorkbook

    require_readable(path)
    try:
        with path.open("rb") as stream:
            workbook = CalamineWorkbook.from_filelike(stream)
            sheets = tuple(
                Sheet(name, workbook.get_sheet_by_name(name).to_python(skip_empty_area=False, nrows=MAX_SHEET_ROWS))
                for name in workbook.sheet_names
            )
    except (CalamineError, OSError, ValueError) as error:
        raise Refused(
            f"{path.name} không phải tệp Excel đọc được.", "Xuất lại từ CSDL ngành (Học sinh → Xuất Excel) rồi nạp lại."
        ) from error
    return sheets


def text_of(value: CellValue) -> str:
    """Return a cell as text: whole numbers without ".0", dates as ISO."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
