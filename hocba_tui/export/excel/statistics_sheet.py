"""The school's numbers as an Excel file: one sheet for each kind of table, counts as numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from hocba_tui.export.excel.workbook import CellValue, Column, Table, book
from hocba_tui.model.statistics import Kind, Topic
from hocba_tui.rules.statistics import Row

GROUP_HEADERS = ("Tổng số", "Nữ", "DTTS", "Nữ DTTS", "KT")
_LEGEND = "DTTS: dân tộc thiểu số; KT: khuyết tật. Chỉ đếm học sinh đang học. Không dùng để xếp hạng học sinh hay lớp."
_TOPIC_WIDTH, _PLACE_WIDTH, _COUNT_WIDTH = 34, 14, 8

Tables = Mapping[Topic, Sequence[Row]]


def statistics_workbook(head: Sequence[str], tables: Tables) -> bytes:
    """Return the workbook: ``head`` (school, year, period, date of making) is at the top of each sheet.

    OSError when there is no room to put it together.
    """
    by_kind = {kind: {topic: rows for topic, rows in tables.items() if topic.kind is kind} for kind in Kind}
    return book([_table(kind, head, own) for kind, own in by_kind.items() if own])


def _table(kind: Kind, head: Sequence[str], tables: Tables) -> Table:
    """Return one sheet: every table of a kind below the one before, each category over its five columns."""
    labels = [Column(("Khối, lớp",), _PLACE_WIDTH)]
    if all(topic.label for topic in tables):
        labels.insert(0, Column(("Nội dung",), _TOPIC_WIDTH))
    categories = ("Số học sinh", *next(iter(tables)).categories.values())
    counts = [Column((category, group), _COUNT_WIDTH) for category in categories for group in GROUP_HEADERS]
    above = (f"THỐNG KÊ: {kind.label.upper()}", *head, _LEGEND)
    return Table(kind.label, [*labels, *counts], list(_rows(tables)), above, paper="A3", frozen=len(labels))


def _rows(tables: Tables) -> Iterator[Sequence[CellValue]]:
    for topic, rows in tables.items():
        for row in rows:
            counts = (value for count in (row.total, *row.parts.values()) for value in count.values)
            yield (*([topic.label] if topic.label else []), row.label, *counts)
