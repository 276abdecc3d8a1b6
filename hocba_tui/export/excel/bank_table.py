"""The bank of comments as a sheet that people may change and bring in again (:mod:`hocba_tui.intake.bank_list`)."""

from __future__ import annotations

from collections.abc import Iterable

from hocba_tui.export.excel.workbook import CellValue, Column, Table
from hocba_tui.model.bank import BankEntry
from hocba_tui.rules.bank import USES

_TITLE = "Ngân hàng nhận xét"
_COLUMNS = (
    Column(("Mã",), 10),
    Column(("Dùng cho",), 26),
    Column(("Mức",), 8),
    Column(("Khối",), 12),
    Column(("Kỳ",), 16),
    Column(("Lời nhận xét",), 80),
    Column(("Của ai",), 12),
)
_APART = ", "


def bank_table(entries: Iterable[BankEntry]) -> Table:
    """Return one row for each entry; an empty cell means all levels, grades or periods."""
    return Table(_TITLE, _COLUMNS, [_row(entry) for entry in entries], frozen=1)


def _row(entry: BankEntry) -> tuple[CellValue, ...]:
    return (
        entry.code,
        USES[entry.item],
        _APART.join(entry.levels),
        _APART.join(map(str, entry.grades)),
        _APART.join(period.short for period in entry.periods),
        entry.text,
        entry.shelf.label,
    )
