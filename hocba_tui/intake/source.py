"""Read the rows of a file of any kind that schools exchange, or of a block pasted from Excel."""

from __future__ import annotations

from pathlib import Path

from hocba_tui.errors import Refused, system_reason
from hocba_tui.intake.delimited import decode, read_delimited
from hocba_tui.intake.workbook import Sheet, name_of, read_workbook, require_readable

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MARKUP = (b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta", b"<style", b"<head")
_LOCKS = ("~$", ".~lock.")
"""How the files begin that Excel and LibreOffice keep beside an open one."""
_SPREADSHEET_XML, _HEAD = b"urn:schemas-microsoft-com:office:spreadsheet", 4096
_SAVE_AGAIN = "Mở bằng Excel, lưu thành .xlsx rồi nạp lại."

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
    shown = name_of(path)
    if shown.startswith(_LOCKS):
        raise Refused(
            f"{shown} là tệp khóa mà Excel tạo ra khi đang mở tệp, không có dữ liệu.",
            f"Đóng Excel rồi chọn tệp gốc{_original(shown)}.",
        )
    require_readable(path)
    try:
        with path.open("rb") as stream:
            head = stream.read(len(_OLE))
            if head.startswith((_ZIP, _OLE)):
                return read_workbook(path)
            data = head + stream.read()
    except OSError as error:
        raise Refused(f"Không đọc được tệp {shown}: {system_reason(error)}.", "Kiểm tra tên và thư mục.") from error
    if _SPREADSHEET_XML in data[:_HEAD]:
        raise Refused(f"{shown} là tệp Excel 2003 XML, chương trình không đọc kiểu này.", _SAVE_AGAIN)
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:9].lower().startswith(_MARKUP):
        raise Refused(f"{shown} là một trang web mang tên tệp Excel.", _SAVE_AGAIN)
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


def _original(name: str) -> str:
    """Return the name of the file to which a lock file belongs, in Vietnamese quotes with a space before it."""
    found = name.removeprefix(".~lock.").removesuffix("#") if name.startswith(".~lock.") else name.removeprefix("~$")
    return f" “{found}”" if found else ""


def read_pasted(text: str) -> tuple[Sheet, ...]:
    """Return a block copied in Excel (tab-separated, cells with line breaks in quotes) as one sheet.

    Refused when it is empty or too long.
    """
    if not text.strip():
        raise Refused("Chưa dán gì.", "Chọn các ô trong Excel, kể cả dòng tiêu đề, chép rồi dán vào đây.")
    return (read_delimited(text, "Đoạn vừa dán", delimiter="\t"),)
