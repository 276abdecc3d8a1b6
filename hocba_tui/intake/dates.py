"""Read dates as people and Excel write them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import date, timedelta

from hocba_tui.intake.reading import Reading
from hocba_tui.intake.workbook import CellValue, text_of
from hocba_tui.text import clean_line, fold

_DAY_FIRST = re.compile(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4}|[0-9]{2})")
_SPELLED = re.compile(r"(?:ngay )?([0-9]{1,2}) thang ([0-9]{1,2}) nam ([0-9]{4})")
_ISO = re.compile(r"([0-9]{4})([/-])([0-9]{1,2})\2([0-9]{1,2})")
_BARE = re.compile(r"[0-9][0-9/.-]*[0-9]")
"""A date without spaces, letters and time, as almost all are."""
_CLOCK = re.compile(r"[ t][0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?")
_MONTH = re.compile(r"(?:thang )?([0-9]{1,2})[/.-]([0-9]{4})")
_ISO_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")
_DIGITS = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{4})")
_SHORT = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})")
"""A day and its month."""
_FIRST_MONTH = 8
_EXCEL_EPOCH = date(1899, 12, 30)
_LONGEST = 24
"""Longest number that is read, in characters."""
_SERIALS = range(36526, 55153)
"""Excel's serial numbers of the years 2000 to 2050."""
_SIGN = 3
"""From this many dates of each kind on, it is not an accident."""
PUPIL_YEARS = range(2000, 2051)
"""Years in which a pupil can be born."""


def read_date(value: CellValue) -> str | None:
    """Return the ISO date, ``""`` for an empty cell, None when the cell is not a date or is ambiguous.

    Day first (dd/mm/yyyy, also with . or -), ISO, in words, or an Excel serial number of this century.
    """
    found = examine_date(value)
    if found.problem:
        return None
    return found.value


def in_school_year(text: str, year: str) -> str:
    """Return a day that was typed without its year, as 5/9, with that of the school year, which begins in August.

    Any other text as it is.
    """
    match = _SHORT.fullmatch(clean_line(text))
    if match is None or not year[:4].isdecimal():
        return text
    day, month = match.groups()
    return f"{day}/{month}/{int(year[:4]) + (int(month) < _FIRST_MONTH)}"


def examine_date(value: CellValue, years: range = PUPIL_YEARS) -> Reading:
    """Read a day as :func:`read_date` does; a year of two digits and "14032015" become offers.

    ``years`` are the possible years: 05/9/19 can only mean 2019 when they begin after 1919.
    """
    text = _plain(value)
    if not text:
        return Reading()
    if sure := _sure(value, text):
        return Reading(sure)
    shown = f"“{clean_line(text_of(value))[:24]}”"
    if match := _DAY_FIRST.fullmatch(text):
        offers = {_iso(year, int(match[3]), int(match[1])) for year in years if year % 100 == int(match[4])}
        if len(match[4]) == 2 and len(offers) == 1 and (offer := offers.pop()):
            return Reading(offer=offer, problem=f"{shown} chỉ có hai chữ số của năm")
    elif match := _DIGITS.fullmatch(text):
        day, month, year = (int(part) for part in match.groups())
        if year in years and (offer := _iso(year, month, day)):
            return Reading(offer=offer, problem=f"{shown} không có dấu ngăn ngày, tháng, năm")
    day_first = _DAY_FIRST.fullmatch(text)
    if (day_first and len(day_first[4]) == 4) or _SPELLED.fullmatch(text) or _ISO.fullmatch(text):
        return Reading(problem=f"{shown} không có trong lịch (ngày/tháng/năm)")
    return Reading(problem=f"{shown} không đọc được (dd/mm/yyyy)")


def examine_birth(value: CellValue, years: range = PUPIL_YEARS) -> Reading:
    """Read a birth date, which may be a month or a year alone: ``2019-09``, ``2019``."""
    text = "" if isinstance(value, float) and not value.is_integer() else _plain(value)
    if match := _MONTH.fullmatch(text):
        month, year = int(match[1]), int(match[2])
    elif match := _ISO_MONTH.fullmatch(text):
        year, month = int(match[1]), int(match[2])
    elif text.isascii() and text.isdigit() and len(text) == 4 and int(text) in years:
        return Reading(text)
    else:
        return examine_date(value, years)
    return Reading(f"{year}-{month:02d}") if 1 <= month <= 12 and year in years else examine_date(value, years)


def days_may_be_swapped(column: Iterable[CellValue]) -> bool:
    """Return whether Excel with a month-first setting seems to have swapped day and month in a column.

    Such an Excel turns the dates that it can read into real dates, day and month swapped, and leaves 14/03/2015
    as text.
    """
    real: list[int] = []
    written: list[int] = []
    for value in column:
        if isinstance(value, date):
            real.append(value.day)
        elif isinstance(value, str) and not value.strip().isdigit():
            found = examine_date(value)
            written += [int(day) for day in ((found.value or found.offer)[8:],) if day]
    return len(real) >= _SIGN and len(written) >= _SIGN and max(real) <= 12 < min(written)


def _plain(value: CellValue) -> str:
    """Return the text of a cell without apostrophes, spaces around separators, and the time of day."""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, str) and _BARE.fullmatch(value):
        return value
    folded = fold(clean_line(text_of(value))).strip("'")
    return _CLOCK.sub("", re.sub(r" ?([/.-]) ?", r"\1", folded))


def _sure(value: CellValue, text: str) -> str:
    if isinstance(value, bool):
        return ""
    if isinstance(value, int | float) or (text.isascii() and text.isdigit()):
        serial = int(float(text)) if len(text) <= _LONGEST and math.isfinite(float(text)) else 0
        return (_EXCEL_EPOCH + timedelta(days=serial)).isoformat() if serial in _SERIALS else ""
    if match := _DAY_FIRST.fullmatch(text):
        return _iso(int(match[4]), int(match[3]), int(match[1])) if len(match[4]) == 4 else ""
    if match := _SPELLED.fullmatch(text):
        return _iso(int(match[3]), int(match[2]), int(match[1]))
    if match := _ISO.fullmatch(text):
        return _iso(int(match[1]), int(match[3]), int(match[4]))
    return ""


def _iso(year: int, month: int, day: int) -> str:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return ""
