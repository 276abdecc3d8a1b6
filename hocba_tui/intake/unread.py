"""Name the columns of a list that are not read, so that nobody believes that they are in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hocba_tui.intake.aliases import plain
from hocba_tui.intake.headers import Table
from hocba_tui.intake.workbook import text_of
from hocba_tui.model.finding import Finding, Severity

_REMEDY = "Không cần các cột này thì không phải làm gì; cần thì đặt tên cột như ở docs/bo-cuc-excel.md, rồi nạp lại."


def unread_columns(table: Table, passed_over: Iterable[str]) -> Iterator[Finding]:
    """Yield one finding that names every column with values that is neither read nor known as ``passed_over``."""
    read = set(table.columns.values())
    known = {plain(words) for words in passed_over}
    rows = [row for _, row in table.rows()]
    names = []
    for index, path in enumerate(table.paths):
        lowest = plain(path[-1]) if path else ""
        if index in read or lowest in known or plain(" ".join(path)) in known:
            continue
        if any(index < len(row) and text_of(row[index]) for row in rows):
            names.append(" / ".join(path) or "không có tiêu đề")
    if names:
        listed = ", ".join(f"“{name[:60]}”" for name in names)
        message = f"{len(names)} cột không rõ là gì hoặc trùng cột khác, không được nạp: {listed}."
        yield Finding("IN-COLUMN", Severity.WARNING, message, table.sheet.name, "column", _REMEDY)
