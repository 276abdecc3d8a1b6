"""Read personal ids that Excel has changed: without leading zeros, as 3.72E+10, with spaces and dots."""

from __future__ import annotations

import re
from decimal import Decimal

from hocba_tui.intake.reading import Reading
from hocba_tui.intake.workbook import CellValue, text_of
from hocba_tui.rules.identity import LENGTH, personal_id_problem
from hocba_tui.text import clean_line

_SCIENTIFIC = re.compile(r"[0-9][.,][0-9]*E\+?[0-9]{1,2}", re.IGNORECASE)
_PROVINCES = range(1, 97)
"""First three digits: the province where the birth was registered (TT 59/2021/TT-BCA, Phụ lục I: 001 to 096)."""
_WHOLE = 6
"""A number with at most this many digits before its zeros has been rounded."""
_ROUNDED = (
    "Excel đã làm tròn số định danh “{}”, không lấy lại được: định dạng cột thành Text rồi nhập lại từ giấy khai sinh"
)


def read_personal_id(value: CellValue) -> Reading:
    """Read a personal id; one or two lost zeros become an offer when the number then begins with a province."""
    written = clean_line(text_of(value))
    if _SCIENTIFIC.fullmatch(written):
        text = _unfolded(written)
        if not text:
            return Reading(problem=_ROUNDED.format(written))
    else:
        text = re.sub(r"[\s.'-]", "", written)
    if not text:
        return Reading()
    problem = personal_id_problem(text)
    padded = text.zfill(LENGTH)
    if not problem:
        return Reading(text)
    if text.isascii() and text.isdigit() and LENGTH - 2 <= len(text) < LENGTH and int(padded[:3]) in _PROVINCES:
        if len(text.rstrip("0")) <= _WHOLE:
            return Reading(problem=_ROUNDED.format(text))
        return Reading(offer=padded, problem=f"số định danh {text} thiếu số 0 ở đầu, Excel hay bỏ mất")
    if len(text) == 9 and text.isascii() and text.isdigit():
        return Reading(problem=f"{text} có 9 chữ số: đó là số CMND cũ, không phải số định danh cá nhân")
    return Reading(problem=problem.rstrip("."))


def _unfolded(text: str) -> str:
    """Return the digits of a number written as 3.7215012345E+10, ``""`` when it does not have all of them."""
    mantissa, _, exponent = text.upper().replace(",", ".").partition("E")
    written = len(mantissa.replace(".", ""))
    return str(int(Decimal(mantissa).scaleb(int(exponent)))) if written == int(exponent) + 1 else ""
