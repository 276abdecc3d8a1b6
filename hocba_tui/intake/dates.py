"""Dates as people and Excel write them."""

from __future__ import annotations

import math
import re
from datetime import date, datetime, timedelta

from hocba_tui.intake.workbook import CellValue

_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_EXCEL_EPOCH = date(1899, 12, 30)
_LONGEST = 24
"""Characters of a number that is worth reading."""
_SERIALS = range(36526, 55153)
"""Excel's serial numbers of the years 2000 to 2050."""


def read_date(value: CellValue) -> str | None:
    """Return the ISO date, ``""`` for an empty cell, None when it is not a date.

    Day first (dd/mm/yyyy, also with . or -), ISO, or an Excel serial number of this century.
    """
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    text = "" if value is None else str(value).strip().strip("'")
    if not text:
        return ""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float) or (text.isascii() and text.isdigit()):
        serial = int(float(text)) if len(text) <= _LONGEST and math.isfinite(float(text)) else 0
        return (_EXCEL_EPOCH + timedelta(days=serial)).isoformat() if serial in _SERIALS else None
    for pattern, order in ((_DAY_FIRST, (3, 2, 1)), (_ISO, (1, 2, 3))):
        if match := pattern.fullmatch(text):
            year, month, day = (int(match.group(part)) for part in order)
            try:
                return date(year, month, day).isoformat()
            except ValueError:
                return None
    return None
