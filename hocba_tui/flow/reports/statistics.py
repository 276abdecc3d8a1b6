"""The numbers that the school reports, counted from what is entered now, and their Excel file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from hocba_tui.errors import Refused, system_reason
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.excel_file import require_free, write_excel
from hocba_tui.flow.grades import derived
from hocba_tui.flow.grades.derived import Found, Work, pupils_in, results_in
from hocba_tui.model.results import Results
from hocba_tui.model.school import ClassRoom
from hocba_tui.model.statistics import Count, Topic
from hocba_tui.model.values import Period
from hocba_tui.rules.permits import Act
from hocba_tui.rules.statistics import Cells, Member, Row, cells_of, possible_topics, rows_of
from hocba_tui.store.backend import Snapshot

_NOTHING = Results({})


@dataclass(frozen=True)
class ClassTables:
    """All tables of one class; each period is read when it is asked for."""

    pupils: int
    lines: tuple[bytes, ...] = ()
    """One for each period: JSON of topic, grade, category and the five counts."""
    _read: dict[Period, dict[str, dict[str, dict[str, list[int]]]]] = field(default_factory=dict, compare=False)

    def has(self, topic: Topic, period: Period) -> bool:
        """Return whether somebody in the class is counted in a table."""
        return topic.name in self._period(period)

    def cells(self, key: str, topic: Topic, period: Period) -> Cells:
        """Return what a class has in a table; ``key`` is the class's."""
        found = self._period(period).get(topic.name, {})
        return {
            (int(grade), key): {category: Count(*counts) for category, counts in parts.items()}
            for grade, parts in found.items()
        }

    def _period(self, period: Period) -> dict[str, dict[str, dict[str, list[int]]]]:
        if period not in self._read:
            self._read[period] = orjson.loads(self.lines[list(Period).index(period)]) if self.lines else {}
        return self._read[period]


@dataclass(frozen=True)
class Census:
    """What the actor may count, as it is now."""

    found: tuple[Found[ClassTables], ...]
    whole_school: bool
    """Whether these are all classes, so that sums by grade and for the school may be given."""

    @property
    def pupils(self) -> int:
        """Return how many pupils are counted."""
        return sum(each.value.pupils for each in self.found)

    @property
    def classes(self) -> tuple[str, ...]:
        """Return the names of the classes."""
        return tuple(each.room.key for each in self.found)

    @property
    def damaged(self) -> tuple[str, ...]:
        """Return the classes whose files are damaged or cannot be read: their numbers are incomplete."""
        return tuple(each.room.key for each in self.found if each.damage or each.unreadable)

    def topics(self, period: Period) -> tuple[Topic, ...]:
        """Return the tables of a period."""
        everything = possible_topics(period)
        return tuple(topic for topic in everything if any(each.value.has(topic, period) for each in self.found))

    def rows(self, topic: Topic, period: Period) -> tuple[Row, ...]:
        """Return the rows of one table."""
        cells: dict[tuple[int, str], Any] = {}
        for each in self.found:
            cells |= each.value.cells(each.room.key, topic, period)
        return rows_of(topic, cells, sums=self.whole_school)


def countable_classes(desk: Desk) -> tuple[ClassRoom, ...]:
    """Return the classes whose numbers the actor may see, in order: all, the own one, or none."""
    school = desk.open_school()
    return tuple(room for room in school.classrooms() if school.may(Act.REPORT, room).allowed)


def count_tables(desk: Desk) -> Iterator[Found[ClassTables]]:
    """Yield each class that the actor may count with its tables; raise NotAllowed when there is none."""
    rooms = countable_classes(desk)
    if not rooms:
        desk.require(Act.REPORT)
    return (derived.find(desk, _TABLES, room) for room in rooms)


def census(desk: Desk) -> Census:
    """Return the studying pupils of every class that the actor may count; raise NotAllowed when there is none."""
    return Census(tuple(count_tables(desk)), desk.may(Act.REPORT).allowed)


def known_census(desk: Desk) -> Census:
    """Return the classes that this session has counted, however long ago, without any sum: some may be missing."""
    found = (derived.known(desk, _TABLES, room) for room in countable_classes(desk))
    return Census(tuple(each for each in found if each is not None), whole_school=False)


def _tabulate(room: ClassRoom, found: Snapshot) -> bytes:
    """Return a class's number of pupils, then a line for each period."""
    results = results_in(found)
    members = [Member(pupil, room, results.get(pupil.key, _NOTHING)) for pupil in pupils_in(found)]
    lines = [b"%d" % len(members)]
    for period in Period:
        tables = {topic.name: cells for topic in possible_topics(period) if (cells := cells_of(members, topic, period))}
        lines.append(
            orjson.dumps(
                {
                    name: {
                        str(grade): {category: count.values for category, count in parts.items()}
                        for (grade, _), parts in cells.items()
                    }
                    for name, cells in tables.items()
                }
            )
        )
    return b"\n".join(lines)


def _read_tables(data: bytes) -> ClassTables:
    pupils, *lines = data.split(b"\n")
    if len(lines) != len(Period):
        raise ValueError(len(lines))
    return ClassTables(int(pupils), tuple(lines))


_TABLES = Work("tables", _tabulate, _read_tables, ClassTables(0))


def export_summary(desk: Desk, period: Period, path: Path) -> int:
    """Write all tables of a period to a new Excel file, note it in the access log, return how many were counted.

    Raise Refused when there is nobody to count, and when the file exists already: a report that was handed in
    is not overwritten.
    """
    from hocba_tui.export.excel.statistics_sheet import statistics_workbook

    count_tables(desk)
    require_free(path)
    found = census(desk)
    if not found.pupils:
        raise Refused("Chưa có học sinh nào để thống kê.", "Nạp danh sách lớp trước.")
    tables = {topic: found.rows(topic, period) for topic in found.topics(period)}
    desk.store.log_access(desk.actor.key, "export_summary", f"{period}: {found.pupils}")
    try:
        data = statistics_workbook(_head(desk, found, period), tables)
    except OSError as error:  # The workbook is built on the disk.
        raise Refused(f"Không ghi được {path}: {system_reason(error)}.", "Chọn chỗ khác để ghi.") from error
    write_excel(path, data)
    return found.pupils


def _head(desk: Desk, found: Census, period: Period) -> tuple[str, ...]:
    """Return the lines above every table."""
    school = desk.school
    scope = "Toàn trường" if found.whole_school else f"Lớp {', '.join(found.classes)}"
    lines = [
        school.name,
        f"Năm học {school.year} · {period.label} · {scope}",
        f"Ngày lập: {desk.clock.today():%d/%m/%Y} · Người lập: {desk.actor.name}",
    ]
    if found.damaged:
        lines.append(damage_note(found))
    if school.training:
        lines.append("Kho tập huấn: số liệu không có thật.")
    return tuple(lines)


def damage_note(found: Census) -> str:
    """Return the warning to show when files are damaged."""
    return f"Tệp dữ liệu của lớp {', '.join(found.damaged)} bị hỏng: số liệu có thể thiếu."
