"""Files that a library would refuse to write: workbooks with parts replaced, BIFF (xls), Windows-1258."""

from __future__ import annotations

import struct
import unicodedata
import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

from openpyxl import Workbook

SHEET = "xl/worksheets/sheet1.xml"
NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_SECTOR = 512
_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def sheet_xml(rows: str) -> bytes:
    """Return a worksheet part around ``<row>`` elements."""
    return f'<worksheet xmlns="{NAMESPACE}"><sheetData>{rows}</sheetData></worksheet>'.encode()


def patched(path: Path, parts: Mapping[str, bytes]) -> Path:
    """Write a workbook of one sheet "Lop" with some parts replaced or added."""
    made = BytesIO()
    workbook = Workbook()
    workbook.worksheets[0].title = "Lop"
    workbook.worksheets[0].append(["Mã lớp", "Mã học sinh", "Họ tên"])
    workbook.save(made)
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, data in parts.items():
            new.writestr(name, data)
    return path


def as_1258(text: str) -> bytes:
    """Return ``text`` in Windows-1258, where tones are separate characters and ă â đ ê ô ơ ư single letters."""
    for letter in set(text):
        marks = unicodedata.normalize("NFD", letter)
        tone = next((mark for mark in marks if mark in "\u0300\u0309\u0303\u0301\u0323"), "")
        text = text.replace(letter, unicodedata.normalize("NFC", marks.replace(tone, "")) + tone if tone else letter)
    return text.encode("cp1258")


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def biff(
    cells: Mapping[tuple[int, int], str],
    before: bytes = b"",
    after: bytes = b"",
    beside: Mapping[str, bytes] | None = None,
    title: str = "Lop",
) -> bytes:
    """Return an xls file (BIFF8 in an OLE container) of one sheet with text cells by row and column from 0.

    ``before`` are more records of the workbook, ``after`` of the sheet; ``beside`` are more streams.
    """
    name = title.encode("utf-16-le")
    bof = struct.pack("<HHHHII", 0x0600, 0x0005, 0x0DBB, 0x07CC, 0, 6)
    bound = struct.pack("<IBBBB", 0, 0, 0, len(title), 1) + name
    start = len(_record(0x0809, bof) + before + _record(0x0085, bound) + _record(0x000A, b""))
    body = _record(0x0809, bof) + before + _record(0x0085, struct.pack("<I", start) + bound[4:]) + _record(0x000A, b"")
    body += _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0x0DBB, 0x07CC, 0, 6))
    for (row, column), text in cells.items():
        encoded = text.encode("utf-16-le")
        body += _record(0x0204, struct.pack("<HHHHB", row, column, 0, len(encoded) // 2, 1) + encoded)
    return ole({"Workbook": body + after + _record(0x000A, b""), **(beside or {})})


def biff_formula(row: int, column: int, result: bytes) -> bytes:
    """Return the record of a cell with the formula ``=1`` and the eight bytes of its stored value."""
    tokens = b"\x1e\x01\x00"
    return _record(0x0006, struct.pack("<HHH", row, column, 0) + result + struct.pack("<HIH", 0, 0, 3) + tokens)


def ole(streams: Mapping[str, bytes]) -> bytes:
    """Return an OLE container; streams are padded so that each has sectors of its own."""
    fat: list[int] = [_FAT, _END]
    entries = [_entry("Root Entry", 5, _END, 0, child=1)]
    sectors = b""
    for number, (name, data) in enumerate(streams.items(), start=1):
        padded = data.ljust(max(4096, -(-len(data) // _SECTOR) * _SECTOR), b"\0")
        first = len(fat)
        count = len(padded) // _SECTOR
        fat += [*range(first + 1, first + count), _END]
        right = number + 1 if number < len(streams) else _FREE
        entries.append(_entry(name, 2, first, len(padded), right=right))
        sectors += padded
    assert len(fat) <= _SECTOR // 4, "one FAT sector only"
    assert len(entries) <= 4, "one directory sector only"
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, _END, 0, _END, 0)
    header += struct.pack("<109I", 0, *[_FREE] * 108)
    table = struct.pack(f"<{len(fat)}I", *fat).ljust(_SECTOR, b"\xff")
    return header + table + b"".join(entries).ljust(_SECTOR, b"\0") + sectors


def ole_of_one_small_stream(name: str, data: bytes) -> bytes:
    """Return an OLE container with one stream so small that it is stored, in pieces of 64 bytes, in the root's."""
    pieces = -(-len(data) // 64)
    count = -(-pieces * 64 // _SECTOR)
    fat = [_FAT, _END, _END, *range(4, 3 + count), _END]
    entries = _entry("Root Entry", 5, 3, pieces * 64, child=1) + _entry(name, 2, 0, len(data))
    header = ole({})[: _SECTOR - 452] + struct.pack("<IIII", 2, 1, _END, 0) + struct.pack("<109I", 0, *[_FREE] * 108)
    small = struct.pack(f"<{pieces}I", *range(1, pieces), _END).ljust(_SECTOR, b"\xff")
    table = struct.pack(f"<{len(fat)}I", *fat).ljust(_SECTOR, b"\xff")
    return header + table + entries.ljust(_SECTOR, b"\0") + small + data.ljust(count * _SECTOR, b"\0")


def ods(path: Path, rows: str, empty: tuple[str, ...] = (), title: str = "Lop") -> Path:
    """Write an OpenDocument spreadsheet of one sheet around ``<table:table-row>`` elements.

    ``empty`` names parts without a byte, as Apache OpenOffice writes them.
    """
    spaces = " ".join(f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in ("office", "table", "text"))
    body = (
        f'<office:body><office:spreadsheet><table:table table:name="{title}">{rows}</table:table></office:spreadsheet>'
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("mimetype"), "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        for name in empty:
            archive.writestr(name, b"")
        archive.writestr(
            "content.xml", f"<office:document-content {spaces}>{body}</office:body></office:document-content>"
        )
    return path


def _entry(name: str, kind: int, first: int, size: int, right: int = _FREE, child: int = _FREE) -> bytes:
    encoded = name.encode("utf-16-le") + b"\0\0"
    return (
        encoded.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(encoded), kind, 1, _FREE, right, child)
        + bytes(36)
        + struct.pack("<IQ", first, size)
    )
