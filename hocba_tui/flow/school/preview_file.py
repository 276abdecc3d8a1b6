"""Save what a file would do as an Excel file, to be worked through beside the original."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from hocba_tui.export.excel.workbook import Column, Table, book
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.excel_file import require_free, write_excel

_COLUMNS = (
    Column(("Việc",), 14), Column(("Lớp",), 8), Column(("Học sinh, ô",), 60), Column(("Điều cần xem",), 70),
    Column(("Cần làm",), 60),
)  # fmt: skip


def save_preview(desk: Desk, path: Path, source: str, rows: Iterable[Sequence[str]]) -> int:
    """Write the rows of a preview (what, class, who, finding, remedy) to ``path`` and return how many there are.

    Noted in the access log. Refused when ``path`` exists or lies in a store.
    """
    require_free(path)
    body = [list(row) for row in rows]
    desk.store.log_access(desk.account, "save_preview", f"{len(body)}")
    write_excel(path, book([Table("Xem trước", _COLUMNS, body, (f"Xem trước khi nạp {source}; chưa ghi gì.",))]))
    return len(body)
