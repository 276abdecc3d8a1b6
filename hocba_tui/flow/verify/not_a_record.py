"""Tell what is no record file at all, and what an editor has done to one that was a record."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

from hocba_tui.export.trust.verdict import FileVerdict, Verdict
from hocba_tui.text import foreign

_ROOT = b"HOC_BA"
"""In the name of a record's root; a file that has it was meant to be a record, whatever became of it."""
_NAMED = 3
_CHANGED_BYTES = 3
"""The step that compares each byte; a file that fails later is not just saved again."""
_SAVED_AGAIN = (
    "tệp đã được mở và lưu lại bằng một trình soạn thảo ({}), nội dung thì như cũ: không dùng được; "
    "xin lại bản gốc, gửi trong tệp nén để thư điện tử không đổi nó"
)


def why_no_file(path: Path) -> str:
    """Return why a path is no file that can be read; empty when it is one."""
    if path.is_dir():
        try:
            count = sum(1 for inside in path.iterdir() if inside.suffix.lower() == ".xml")
        except OSError:
            count = 0
        return f"là thư mục, có {count} tệp .xml: kiểm tra các tệp ấy"
    return ""


def why_no_record(data: bytes) -> str:
    """Return why these bytes are no record file, as what they look like; empty when they were meant to be one."""
    if not data.strip():
        return "tệp rỗng: tải lại, hoặc xin lại"
    if data.startswith(b"PK\x03\x04"):
        return _zip(data)
    if _ROOT in data or _ROOT in data.replace(b"\0", b""):
        return ""
    if data.startswith(b"%PDF"):
        return "là tệp PDF: bản in không thay được tệp học bạ .xml"
    return "không phải tệp học bạ (.xml)"


def _zip(data: bytes) -> str:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = [foreign(name) for name in archive.namelist()]
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return "là tệp nén hỏng: xin lại"
    if any(name.startswith("xl/") for name in names):
        return "là tệp Excel, không phải tệp học bạ (.xml)"
    records = [name for name in names if name.lower().endswith(".xml")]
    listed = ", ".join(name[:40] for name in records[:_NAMED]) + ("…" if len(records) > _NAMED else "")
    inside = f" ({listed})" if records else ""
    return f"là tệp nén, có {len(records)} tệp .xml{inside}: giải nén rồi kiểm tra từng tệp"


def saved_again(data: bytes, found: FileVerdict, judge: Callable[[bytes], FileVerdict]) -> str:
    """Return what an editor has changed when nothing else keeps a record from being valid; otherwise empty.

    The file stays refused: no signature covers what was changed, so only the original can be accepted.
    """
    failed = found.steps[-1] if found.steps else None
    if found.verdict is not Verdict.FAILED or failed is None or failed.number > _CHANGED_BYTES:
        return ""
    for words, original in _originals(data):
        again = judge(original)
        if again.steps[-1].number > _CHANGED_BYTES and again.verdict is not Verdict.FAILED:
            return _SAVED_AGAIN.format(words)
    return ""


def _originals(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield what the bytes may have been before, each with what was changed, in Vietnamese."""
    changed = []
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            data = data.decode("utf-16").encode()
        except UnicodeError:
            return
        data = data.replace(b'encoding="UTF-16"', b'encoding="UTF-8"', 1)
        changed.append("đổi bảng mã")
    elif data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
        changed.append("thêm dấu BOM")
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        changed.append("đổi dấu xuống dòng")
    bare = data.strip(b" \t\n")
    for tried in (data, bare, bare + b"\n"):
        more = [*changed, "thêm bớt dòng trống"] if tried != data else changed
        if more:
            yield ", ".join(more), tried
