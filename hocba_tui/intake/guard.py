"""Check whether a spreadsheet may be read, before the reader builds anything from it.

An xlsx or ods file is a ZIP archive of XML. Its parts are read once as a stream, so that a zip bomb, a cell a
million rows down costs no more than the limits below. What Excel does not show (formulas, hidden rows and columns) is
noted on the way.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Mapping
from functools import lru_cache, partial
from io import BytesIO
from typing import Any, NoReturn
from xml.parsers import expat

from hocba_tui.intake.limits import MAX_COLUMNS

MAX_ENTRIES = 500
"""Most parts of one file; the export of CSDL ngành with its 17 sheets has about 40."""
MAX_INFLATED = 64_000_000
"""Most bytes of all parts together, as declared and as unpacked."""
MAX_ELEMENTS = 2_000_000
MAX_CELLS = 2_000_000
"""Most cells of all sheets; the reader builds each sheet as the rectangle from A1 to its last value."""
MAX_FORMULAS = 20_000
"""Most formulas, and most hidden rows, of one sheet."""
_CHUNK = 1 << 16
_CELL = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
_VALUES = {"v", "is", "f"}
_TRUE = ("1", "true")
_LINKS = ("có liên kết tới tệp khác", "Trong Excel: Dữ liệu → Sửa liên kết → Ngắt liên kết, rồi lưu lại.")
_MACROS = ("có macro", "Lưu lại thành .xlsx (không macro) rồi nạp lại.")
_UNWANTED = (
    ("externallinks/", *_LINKS),
    ("vbaproject.bin", *_MACROS),
    ("xl/embeddings/", "có tệp khác nhúng bên trong", "Xóa đối tượng nhúng, lưu lại rồi nạp lại."),
    ("xl/workbook.bin", "là tệp Excel nhị phân (.xlsb)", "Lưu lại thành .xlsx rồi nạp lại."),
)
_FORMULAS = {0x0006, 0x0206, 0x0406}
"""BIFF records of a cell with a formula, in the versions of Excel."""
_BEGIN, _WORKSHEET = 0x0809, b"\x10\x00"
_NO_TEXT = b"\x03\0\0\0\0\0\xff\xff"
"""The value of a formula whose text is empty."""
_FILEPASS, _SUPBOOK = 0x002F, 0x01AE
_OWN_BOOK = (b"\x01\x04", b"\x01\x3a")
"""Kinds of SUPBOOK records that name no file: this workbook, or an add-in."""
_BESIDE = ("configurations2/", "thumbnails/")
"""Folders of the program that wrote the file, in which no reader looks."""
_UNREADABLE = ("không phải tệp Excel đọc được", "Xuất lại từ CSDL ngành (Học sinh → Xuất Excel) rồi nạp lại.")
_TRIM = "Có lẽ chọn nhầm tệp, hoặc định dạng kéo xuống hàng triệu dòng trống: xóa các dòng và cột thừa rồi lưu lại."
HEAVY = ("có quá nhiều ô", _TRIM)
_MANY = ("có quá nhiều ô hoặc dòng", _TRIM)
_PASSWORD = ("được đặt mật khẩu", "Bỏ mật khẩu trong Excel, lưu lại rồi nạp lại.")


class Unfit(Exception):
    """Raised for a file that is not read. ``what`` completes a sentence after the file name; ``now`` is what to do."""

    def __init__(self, what: str, now: str) -> None:
        super().__init__(what)
        self.what = what
        self.now = now


def unreadable() -> Unfit:
    """Return the error for a file that is damaged or not a spreadsheet."""
    return Unfit(*_UNREADABLE)


def locked() -> Unfit:
    """Return the error for a file with a password."""
    return Unfit(*_PASSWORD)


class SheetScan:
    """What the guard saw on one sheet beside its values; rows and columns count from 0."""

    def __init__(self) -> None:
        self.formulas: dict[tuple[int, int], bool] = {}
        """Row and column of each formula, and whether the file holds its value."""
        self.rows: set[int] = set()
        """Hidden rows."""
        self.columns: set[int] = set()
        """Hidden columns."""

    def formula(self, row: int, column: int, *, held: bool) -> None:
        """Note a formula; Unfit when there are too many for a list of pupils."""
        if len(self.formulas) >= MAX_FORMULAS:
            raise Unfit("có quá nhiều công thức", _TRIM)
        self.formulas[row, column] = held

    def to_answer(self) -> dict[str, Any]:
        """Return the scan as the reader writes it."""
        formulas = [[row, column, held] for (row, column), held in self.formulas.items()]
        return {"formulas": formulas, "rows": sorted(self.rows), "columns": sorted(self.columns)}


Scans = dict[str | int, SheetScan]
"""Sheets by their names, in an xls file by their numbers from 0."""


def check(data: bytes) -> Scans:
    """Return what the sheets hold beside values; raise Unfit when the spreadsheet ``data`` may not be read."""
    try:
        return _check_archive(data) if data.startswith(b"PK") else _check_old(data)
    except (zipfile.BadZipFile, zlib.error, expat.ExpatError, NotImplementedError, EOFError, RuntimeError) as error:
        raise unreadable() from error
    except (ValueError, LookupError, struct.error) as error:
        raise unreadable() from error


def _check_old(data: bytes) -> Scans:
    """Check an xls file. Only the limits of the reader process bound the extent of its cells."""
    from hocba_tui.intake.ole import read_container, records

    container = read_container(data)
    if "encryptedpackage" in container.names:
        raise locked()
    if any(name.startswith("_vba_project") for name in container.names):
        raise Unfit(*_MACROS)
    scans: Scans = {}
    number = -1
    for kind, content in records(container.workbook):
        if kind == _BEGIN and content[2:4] == _WORKSHEET:
            number += 1
            scans[number] = SheetScan()
        if kind == _FILEPASS:
            raise locked()
        if kind == _SUPBOOK and content[2:4] not in _OWN_BOOK:
            raise Unfit(*_LINKS)
        if kind in _FORMULAS:
            row, column = struct.unpack_from("<HH", content)
            scans.setdefault(max(number, 0), SheetScan()).formula(row, column, held=content[6:14] != _NO_TEXT)
    return scans


def _check_archive(data: bytes) -> Scans:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        entries = archive.infolist()
        names = [entry.filename.lower() for entry in entries]
        for part, what, now in _UNWANTED:
            if any(part in name for name in names):
                raise Unfit(what, now)
        if any(entry.flag_bits & 1 for entry in entries):
            raise locked()
        if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_INFLATED:
            raise Unfit("bung ra quá lớn", _TRIM)
        if len(set(names)) != len(names):
            # Two readers could read two different sheets.
            raise unreadable()
        scan = _Scan()
        parts = [entry for entry in entries if _is_read(entry)]
        for entry in sorted(parts, key=lambda part: "worksheets/" in part.filename):
            scan.part(entry.filename, archive)
    return scan.scans


def _is_read(part: zipfile.ZipInfo) -> bool:
    """Return whether a part can hold data; OpenOffice writes empty parts of XML beside it."""
    name = part.filename.lower()
    return name.endswith((".xml", ".rels")) and part.file_size > 0 and not name.startswith(_BESIDE)


class _Scan:
    """One pass over all parts, the workbook's own first, so that the names of sheets are known."""

    def __init__(self) -> None:
        self.inflated = self.elements = self.cells = 0
        self.scans: Scans = {}
        self.names: dict[str, str] = {}
        self.targets: dict[str, str] = {}

    def part(self, name: str, archive: zipfile.ZipFile) -> None:
        """Check one part."""
        self.part_name = name
        self.sheet = self._sheet_name()
        self.root = ""
        self.in_cell = False
        self.row = self.column = self.rows = self.columns = self.ahead = 0
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = _no_doctype
        parser.StartElementHandler = partial(self._element, parser)
        with archive.open(name) as stream:
            while chunk := stream.read(_CHUNK):
                self.inflated += len(chunk)
                if self.inflated > MAX_INFLATED:
                    raise Unfit("bung ra quá lớn", _TRIM)
                parser.Parse(chunk)
        parser.Parse(b"", True)
        self.cells += self.rows * self.columns
        if self.cells > MAX_CELLS:
            raise Unfit(*HEAVY)

    def _sheet_name(self) -> str:
        named = (
            key
            for key, target in self.targets.items()
            if self.part_name.endswith(target) or target == "/" + self.part_name
        )
        return next((self.names[key] for key in named if key in self.names), self.part_name.rpartition("/")[2])

    def _count(self) -> None:
        self.elements += 1
        if self.elements > MAX_ELEMENTS:
            raise Unfit(*_MANY)

    def _element(self, parser: expat.XMLParserType, name: str, attributes: Mapping[str, str]) -> None:
        self._count()
        tag = name.rpartition(":")[2]
        if not self.root:
            self.root = tag
            if tag == "worksheet":
                parser.StartElementHandler = self._in_worksheet
        elif tag == "sheet":
            self.names[next((v for k, v in attributes.items() if k.endswith(":id")), "")] = attributes.get("name", "")
        elif tag == "Relationship" and self.part_name.endswith("/workbook.xml.rels"):
            self.targets[attributes.get("Id", "")] = attributes.get("Target", "")
        elif self.root == "document-content":
            self._in_open_document(tag, attributes)

    def _in_open_document(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Follow the cells of an OpenDocument sheet; ``row`` and ``column`` are those of the next cell, from 0."""
        if tag == "table":
            self.sheet, self.row, self.column, self.ahead = attributes.get("table:name", ""), 0, 0, 0
        elif tag == "table-row":
            self.row, self.column = self.row + self.ahead, 0
            self.ahead = int(attributes.get("table:number-rows-repeated", 1))
        elif tag in ("table-cell", "covered-table-cell"):
            if "table:formula" in attributes:
                held = "office:value-type" in attributes
                self._scan().formula(self.row, self.column, held=held)
            self.column += int(attributes.get("table:number-columns-repeated", 1))

    def _scan(self) -> SheetScan:
        return self.scans.setdefault(self.sheet, SheetScan())

    def _note_hidden(self, tag: str, attributes: Mapping[str, str]) -> None:
        if attributes.get("hidden") not in _TRUE:
            return
        scan = self._scan()
        if tag == "col":
            first, last = int(attributes.get("min", 1)) - 1, min(int(attributes.get("max", 0)), MAX_COLUMNS)
            scan.columns.update(range(first, last))
        elif len(scan.rows) < MAX_FORMULAS:
            scan.rows.add(self.row - 1)

    def _note_formula(self, *, has_value: bool) -> None:
        """Note a formula, or that the formula of this cell has a value."""
        if not has_value:
            self._scan().formula(self.row - 1, self.column - 1, held=False)
        elif found := self.scans.get(self.sheet):
            at = self.row - 1, self.column - 1
            if at in found.formulas:
                found.formulas[at] = True

    def _in_worksheet(self, name: str, attributes: Mapping[str, str]) -> None:
        """Check one element of a sheet; called for each, so the most frequent come first."""
        self.elements += 1
        if self.elements > MAX_ELEMENTS:
            raise Unfit(*_MANY)
        tag = name if ":" not in name else name.rpartition(":")[2]
        if tag == "c":
            self.in_cell = True
            place = attributes.get("r")
            if place is None:
                self.column += 1
            elif match := _CELL.fullmatch(place):
                self.column, self.row = _column(match[1]), int(match[2])
            else:
                raise unreadable()
        elif tag in _VALUES:
            if self.in_cell:  # A list for data validation has formulas too.
                self._note_formula(has_value=tag != "f")
            if self.row > self.rows or self.column > self.columns:
                self._extend()
        elif tag == "row":
            self.row, self.column = int(attributes.get("r", self.row + 1)), 0
            self._note_hidden(tag, attributes)
        else:
            self.in_cell = False
            if tag == "col":
                self._note_hidden(tag, attributes)

    def _extend(self) -> None:
        """Count the rectangle to the present cell; Unfit when it is too large."""
        self.rows, self.columns = max(self.rows, self.row), max(self.columns, self.column)
        if self.columns > MAX_COLUMNS or self.rows * self.columns > MAX_CELLS:
            cell = f"{_letters(self.column)}{self.row}"
            raise Unfit(f"có dữ liệu ở ô {cell} (trang “{self.sheet[:31]}”), quá xa danh sách", _TRIM)


def _no_doctype(*_: object) -> NoReturn:
    # No spreadsheet program writes a DTD; entity bombs need one.
    raise unreadable()


@lru_cache(maxsize=1024)
def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _letters(number: int) -> str:
    text = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        text = chr(ord("A") + rest) + text
    return text
