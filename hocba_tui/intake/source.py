"""Read the rows of a file of any kind that schools exchange, or of a block pasted from Excel."""

from __future__ import annotations

from pathlib import Path

from hocba_tui.errors import Refused, system_reason
from hocba_tui.intake.delimited import decode, read_delimited
from hocba_tui.intake.workbook import Sheet, name_of, read_workbook, require_readable

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MARKUP = (b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta", b"<style", b"<head")


Source = Path | str
"""A file, or a block that was pasted."""


def read(source: Source) -> tuple[tuple[Sheet, ...], str]:
    """Return the sheets of a source and its name, safe to show whatever bytes it has.

    Raises as :func:`read_file` and :func:`read_pasted` do.
    """
    if isinstance(source, str):
        return read_pasted(source), "Đoạn dán"
    return read_file(source), name_of(source)


def read_file(path: Path) -> tuple[Sheet, ...]:
    """Return the sheets of an xlsx, xls, ods, csv or tsv file; Refused with the reason when it is not one.

    The content decides the kind, not the name: web systems often call a csv file or a web page ``.xls``.
    """
    require_readable(path)
    shown = name_of(path)
    try:
        with path.open("rb") as stream:
            head = stream.read(len(_OLE))
            if head.startswith((_ZIP, _OLE)):
                return read_workbook(path)
            data = head + stream.read()
    except OSError as error:
        raise Refused(f"Không đọc được tệp {shown}: {system_reason(error)}.", "Kiểm tra tên và thư mục.") from error
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:9].lower().startswith(_MARKUP):
        raise Refused(f"{shown} là một trang web mang tên tệp Excel.", "Mở bằng Excel, lưu thành .xlsx rồi nạp lại.")
    try:
        text, guessed = decode(data)
    except UnicodeDecodeError:
        text, guessed = "", ""
    if not any(mark in text for mark in "\t;,"):
        raise Refused(
            f"{shown} không phải tệp Excel đọc được.",
            "Xuất lại từ CSDL ngành (Học sinh → Xuất Excel) rồi nạp lại.",
        )
    return (read_delimited(text, shown, guessed),)


def read_pasted(text: str) -> tuple[Sheet, ...]:
    """Return a block copied in Excel (tab-separated, cells with line breaks in quotes) as one sheet.

    Refused when it is empty or too long.
    """
    if not text.strip():
        raise Refused("Chưa dán gì.", "Chọn các ô trong Excel, kể cả dòng tiêu đề, chép rồi dán vào đây.")
    return (read_delimited(text, "Đoạn vừa dán", delimiter="\t"),)
