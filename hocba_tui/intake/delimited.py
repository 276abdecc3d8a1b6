"""Read text with delimiters (csv, tsv, the clipboard of Excel) as a sheet."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator

from hocba_tui.errors import Refused
from hocba_tui.intake.limits import MAX_CHARACTERS, MAX_COLUMNS, MAX_SHEET_ROWS
from hocba_tui.intake.workbook import Row, Sheet
from hocba_tui.text import nfc

_WRONG = "Có lẽ chọn nhầm tệp: chọn lại tệp danh sách."
_LONGEST_LINE = 1_000_000
_SAMPLE_LINES = 40
_DELIMITERS = "\t;,"
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_SHIELDED = re.compile(r'\A="([^"=]*)"\Z')
"""The form in which programs stop Excel from reading an id as a number: ``="037..."``."""
_VIETNAMESE = re.compile(
    "[\\x00-\\x7f\u00a0–—‘’“”…•°₫àảãáạăằẳẵắặâầẩẫấậđèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵ]*", re.IGNORECASE
)


def decode(data: bytes) -> tuple[str, str]:
    """Return the text of ``data`` and the encoding that was guessed, ``""`` when it is certain.

    UTF-8 and UTF-16 with a byte order mark and well-formed UTF-8 are certain. Anything else was saved as "ANSI":
    Windows-1258 when all of it reads as Vietnamese, otherwise Windows-1252, in which text of the legacy Vietnamese
    fonts keeps its letters. UnicodeDecodeError when the data does not fit its byte order mark.
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return data[len(bom) :].decode(encoding), ""
    try:
        return data.decode("utf-8"), ""
    except UnicodeDecodeError:
        pass
    as_vietnamese = nfc(data.decode("cp1258", errors="replace"))
    if _VIETNAMESE.fullmatch(as_vietnamese):
        return as_vietnamese, "Windows-1258"
    return data.decode("cp1252", errors="replace"), "Windows-1252"


def read_delimited(text: str, name: str, guessed: str = "", delimiter: str = "") -> Sheet:
    """Return ``text`` as one sheet; every cell is text, and quoted line breaks stay in their cell.

    Without ``delimiter``, use the one of tab, semicolon and comma on which the lines agree. Refused when the text is
    too long for a list of pupils, holds NUL characters, or has a quote that is not closed.
    """
    if len(text) > MAX_CHARACTERS:
        raise Refused(f"{name} có quá nhiều chữ.", _WRONG)
    if "\0" in text:
        raise Refused(f"{name} không phải tệp Excel hay tệp CSV đọc được.", "Lưu lại thành .xlsx rồi nạp lại.")
    lines = list(io.StringIO(text, newline=""))
    if any(len(line) > _LONGEST_LINE for line in lines):
        raise Refused(f"{name} có dòng dài bất thường.", _WRONG)
    try:
        return Sheet(name, tuple(_rows(lines, name, delimiter or _delimiter(lines))), guessed)
    except csv.Error as error:
        raise Refused(
            f"{name} không đọc được: một ô quá dài hoặc dấu nháy kép không khép.", "Lưu lại thành .xlsx rồi nạp lại."
        ) from error


def _rows(lines: list[str], name: str, delimiter: str) -> Iterator[Row]:
    for number, row in enumerate(csv.reader(lines, delimiter=delimiter, strict=True)):
        if len(row) > MAX_COLUMNS:
            raise Refused(f"{name} có hơn {MAX_COLUMNS} cột.", _WRONG)
        if number >= MAX_SHEET_ROWS:
            raise Refused(f"{name} có hơn {MAX_SHEET_ROWS} dòng.", _WRONG)
        yield tuple(_SHIELDED.sub(r"\1", cell) for cell in row)


def _delimiter(lines: list[str]) -> str:
    """Return the delimiter for which most of the first rows have the same number of columns."""
    best, most = ",", 0
    for delimiter in _DELIMITERS:
        widths = Counter(len(row) for row in csv.reader(lines[:_SAMPLE_LINES], delimiter=delimiter))
        agreed = max((count for width, count in widths.items() if width > 1), default=0)
        if agreed > most:
            best, most = delimiter, agreed
    return best
