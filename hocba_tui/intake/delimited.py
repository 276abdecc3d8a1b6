"""Text with delimiters (csv, tsv, what Excel puts on the clipboard) as a sheet."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator

from hocba_tui.errors import Refused
from hocba_tui.intake.workbook import MAX_CHARACTERS, MAX_COLUMNS, MAX_SHEET_ROWS, Row, Sheet
from hocba_tui.text import nfc

_WRONG = "Có lẽ chọn nhầm tệp: chọn lại tệp danh sách."
_LONGEST_LINE = 1_000_000
_SAMPLE_LINES = 40
_DELIMITERS = "\t;,"
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_SHIELDED = re.compile(r'\A="([^"=]*)"\Z')
"""How programs keep Excel from taking an id for a number: ``="037..."``."""
_VIETNAMESE = re.compile(
    "[\\x00-\\x7f\u00a0–—‘’“”…•°₫àảãáạăằẳẵắặâầẩẫấậđèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵ]*", re.IGNORECASE
)


def decode(data: bytes) -> tuple[str, str]:
    """Return the text of ``data`` and the encoding that had to be guessed, ``""`` when it is sure.

    Sure are UTF-8 and UTF-16 with a byte order mark, and what is well-formed UTF-8. The rest was saved as
    "ANSI": Windows-1258 when that reads as Vietnamese throughout, otherwise Windows-1252, in which the
    legacy Vietnamese fonts keep their letters. UnicodeDecodeError when a marked encoding does not hold.
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
    """Return ``text`` as one sheet; every cell is text, quoted line breaks stay in their cell.

    Without ``delimiter`` it is found: the one of tab, semicolon, comma that the lines agree on.
    Refused when it is too long for a list of pupils or holds bytes that no text has.
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
    """Return the delimiter for which most of the first rows have one and the same number of columns."""
    best, most = ",", 0
    for delimiter in _DELIMITERS:
        widths = Counter(len(row) for row in csv.reader(lines[:_SAMPLE_LINES], delimiter=delimiter))
        agreed = max((count for width, count in widths.items() if width > 1), default=0)
        if agreed > most:
            best, most = delimiter, agreed
    return best
