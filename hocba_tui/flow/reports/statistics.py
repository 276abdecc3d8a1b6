"""The numbers that the school reports, counted from what is entered now, and their Excel file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hocba_tui.errors import Refused, system_reason
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.excel_file import require_free, write_excel
from hocba_tui.model.results import Results
from hocba_tui.model.school import ClassRoom
from hocba_tui.model.statistics import Topic
from hocba_tui.model.values import Period
from hocba_tui.rules.permits import Act, may
from hocba_tui.rules.statistics import Member, Row, tabulate, topics

_NOTHING = Results({})


@dataclass(frozen=True)
class Census:
    """The pupils whom the actor may count, as they are now."""

    members: tuple[Member, ...]
    classes: tuple[str, ...]
    whole_school: bool
    """Whether these are all classes, so that sums by grade and for the school may be given."""
    damaged: tuple[str, ...]
    """Classes whose files are damaged or cannot be read: their numbers are incomplete."""

    def topics(self, period: Period) -> tuple[Topic, ...]:
        """Return the tables of a period."""
        return topics(self.members, period)

    def rows(self, topic: Topic, period: Period) -> tuple[Row, ...]:
        """Return the rows of one table."""
        return tabulate(self.members, topic, period, sums=self.whole_school)


def countable_classes(desk: Desk) -> tuple[ClassRoom, ...]:
    """Return the classes whose numbers the actor may see, in order: all, the own one, or none."""
    return tuple(room for room in desk.classrooms() if may(desk.actor, Act.REPORT, room).allowed)


def census(desk: Desk) -> Census:
    """Return the studying pupils of every class that the actor may count; raise NotAllowed when there is none."""
    rooms = countable_classes(desk)
    if not rooms:
        desk.require(Act.REPORT)
    members: list[Member] = []
    for room in desk.readable(rooms):
        results = desk.results(room.key)
        members += (Member(pupil, room, results.get(pupil.key, _NOTHING)) for pupil in desk.pupils(room.key))
    return Census(
        tuple(members),
        tuple(room.key for room in rooms),
        may(desk.actor, Act.REPORT).allowed,
        tuple(room.key for room in rooms if desk.damage(room.key)),
    )


def export_summary(desk: Desk, period: Period, path: Path) -> int:
    """Write all tables of a period to a new Excel file, note it in the access log, return how many were counted.

    Raise Refused when there is nobody to count, and when the file exists already: a report that was handed in
    is not overwritten.
    """
    from hocba_tui.export.excel.statistics_sheet import statistics_workbook

    require_free(path)
    found = census(desk)
    if not found.members:
        raise Refused("Chưa có học sinh nào để thống kê.", "Nạp danh sách lớp trước.")
    tables = {topic: found.rows(topic, period) for topic in found.topics(period)}
    desk.store.log_access(desk.actor.key, "export_summary", f"{period}: {len(found.members)}")
    try:
        data = statistics_workbook(_head(desk, found, period), tables)
    except OSError as error:  # The workbook is built on the disk.
        raise Refused(f"Không ghi được {path}: {system_reason(error)}.", "Chọn chỗ khác để ghi.") from error
    write_excel(path, data)
    return len(found.members)


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
