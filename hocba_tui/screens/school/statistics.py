"""Show the numbers that the school reports, by period and table, and export them to Excel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.app import ComposeResult

from hocba_tui.errors import HocbaError, NotAllowed
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.handing_out import offered, place_of
from hocba_tui.flow.reports.home_tasks import current_period
from hocba_tui.flow.reports.statistics import (
    Census,
    census,
    count_tables,
    damage_note,
    export_summary,
    known_census,
)
from hocba_tui.log.keeping import shown
from hocba_tui.model.statistics import ASIDE, Count, Topic
from hocba_tui.model.values import Period
from hocba_tui.rules.permits import Act
from hocba_tui.rules.statistics import Row
from hocba_tui.screens.actions import bindings_for
from hocba_tui.screens.dialogs import AskFields, Choose
from hocba_tui.screens.reading import ReadingPage
from hocba_tui.text import fold
from hocba_tui.widgets.frame import Title
from hocba_tui.widgets.rows import RowColumn, Rows

_GROUPS = (("Tổng", 6), ("Nữ", 6), ("DTTS", 6), ("Nữ DTTS", 8), ("KT", 5))
_LEGEND = "DTTS: dân tộc thiểu số; KT: khuyết tật. Chỉ đếm học sinh đang học."


class StatisticsPage(ReadingPage[Census]):
    """One table at a time; grades and classes in their own order, never by result."""

    SCOPE = "statistics"
    BINDINGS = bindings_for("statistics")

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._census: Census | None = None
        self._period = current_period(desk)
        self._topics: tuple[Topic, ...] = ()
        self._topic: Topic | None = None
        self._with_classes = True

    def heading(self) -> str:
        """Return the title."""
        if self._topic is None:
            return "Thống kê"
        steps = ("Thống kê", self._period.label, self._topic.kind.label, self._topic.label)
        return " › ".join(step for step in steps if step)

    def hint(self) -> str:
        """Return the hint."""
        return f"{_LEGEND}\n← →: bảng trước, bảng sau. Xếp theo tên lớp; không xếp hạng học sinh hay lớp."

    def body(self) -> ComposeResult:
        """Yield the table."""
        numbers = (RowColumn(title.rjust(width), width) for title, width in _GROUPS)
        columns = (RowColumn("Khối, lớp", 12), RowColumn("Kết quả", 0), *numbers)
        yield Rows(columns, "Chưa có học sinh nào để thống kê.")

    def steps(self) -> Iterator[object]:
        """Count one class after the other."""
        return count_tables(self.desk)

    def read(self) -> Census:
        """Return the numbers."""
        return census(self.desk)

    def read_so_far(self) -> Census:
        """Return the numbers of the classes that have been counted."""
        return known_census(self.desk)

    def show(self, found: Census) -> None:
        """Show the numbers; sums only of all classes, and never of those that happen to be counted already."""
        self._census = found
        self._show()
        if self.whole:
            with self.asked_for(yes=False):  # The status line may hold where a file was written.
                self.summarise(damage_note(found) if found.damaged else self.hint())

    def tell(self, error: HocbaError, *, quietly: bool = False) -> None:
        """Say why nothing can be counted here; a notice would come again whenever it is closed."""
        if isinstance(error, NotAllowed):
            shown(error)
            self.summarise(str(error))
        else:
            super().tell(error, quietly=quietly)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Show the action that hides the classes only when sums remain."""
        return action != "classes" or self.permits(Act.REPORT)

    def action_sheet(self) -> None:
        """Choose another table."""
        kinds = list(dict.fromkeys(topic.kind for topic in self._topics))

        def answered(chosen: str | None) -> None:
            if chosen:
                self._topic = next(topic for topic in self._topics if topic.kind == chosen)
                self._show()

        if self._topic is not None:
            options = [(kind.value, kind.label) for kind in kinds]
            self.app.push_screen(Choose("Bảng nào?", options, self._topic.kind), answered)

    def action_period(self) -> None:
        """Choose another period."""

        def answered(chosen: str | None) -> None:
            if chosen:
                self._period = Period(chosen)
                self._show()

        options = [(period.value, period.label) for period in Period]
        self.app.push_screen(Choose("Kỳ nào?", options, self._period), answered)

    def action_next(self) -> None:
        """Show the next table."""
        self._turn(1)

    def action_previous(self) -> None:
        """Show the previous table."""
        self._turn(-1)

    def action_classes(self) -> None:
        """Switch between sums only and sums with classes."""
        self._with_classes = not self._with_classes
        self._show()

    def action_export(self) -> None:
        """Write all tables of the period to an Excel file."""

        def answered(typed: dict[str, str] | None) -> None:
            if typed and typed["file"].strip():
                path = self.attempt(lambda: place_of(self.desk, typed["file"]))
                counted = path and self.attempt(lambda: export_summary(self.desk, self._period, path))
                if path and counted:
                    self.tell_written(f"Đã ghi mọi bảng của kỳ {self._period.label} ({counted} học sinh)", path)

        file = f"thong-ke-{self.desk.school.year}-{fold(self._period.label).replace(' ', '-')}.xlsx"
        name = offered(self.desk, file)
        note = f"Mọi bảng của kỳ {self._period.label}, mỗi bảng một trang; không có tên học sinh."
        self.app.push_screen(AskFields("Xuất Excel", {"file": ("Ghi vào tệp", name)}, note, as_typed=True), answered)

    def _turn(self, step: int) -> None:
        if self._topic is not None:
            self._topic = self._topics[(self._topics.index(self._topic) + step) % len(self._topics)]
            self._show()

    def _show(self) -> None:
        """Fill the table; show the nearest one when the period does not have the chosen table."""
        found, rows = self._census, []
        self._topics = found.topics(self._period) if found is not None else ()
        self._topic = _nearest(self._topics, self._topic)
        if found is not None and self._topic is not None:
            rows = list(_lines(self._topic, self._rows(found, self._topic)))
        self.query_one(Rows).fill(rows)
        self.query_one("#title", Title).say(self.heading())

    def _rows(self, found: Census, topic: Topic) -> tuple[Row, ...]:
        rows = found.rows(topic, self._period)
        return tuple(row for row in rows if self._with_classes or not row.class_key)


def _nearest(topics: Sequence[Topic], wanted: Topic | None) -> Topic | None:
    """Return the wanted table, otherwise one of its kind or of its subject, otherwise the first."""
    if wanted is not None:
        for near in (
            [wanted] if wanted in topics else [],
            [topic for topic in topics if topic.kind is wanted.kind],
            [topic for topic in topics if topic.code == wanted.code],
        ):
            if near:
                return near[0]
    return topics[0] if topics else None


def _lines(topic: Topic, rows: Sequence[Row]) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield the lines of a table: the total of a row, then each category."""
    for row in rows:
        place = f"{row.grade}.{row.class_key}"
        yield place, (row.label, "Số học sinh", *_numbers(row.total))
        for category, label in topic.categories.items():
            count = row.parts[category]
            if count.total or category not in ASIDE:
                yield f"{place}.{category}", ("", f"  {label}", *_numbers(count))


def _numbers(count: Count) -> Iterator[str]:
    for value, (_, width) in zip(count.values, _GROUPS, strict=True):
        yield str(value).rjust(width)
