"""Open and close the four periods, and set the windows in which they are open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hocba_tui.errors import Refused
from hocba_tui.flow.desk import Desk, OpenSchool
from hocba_tui.intake.dates import read_date
from hocba_tui.model.values import Period
from hocba_tui.rules.permits import Act
from hocba_tui.store.backend import SCHOOL, edits_for
from hocba_tui.text import clean_line


def set_open(desk: Desk, period: Period, *, is_open: bool, reason: str = "") -> None:
    """Open or close a period for entry; the reason is kept in the journal.

    Closing a period also removes its window. Refused without a reason.
    """
    school = desk.open_school()
    known = school.settings
    opened = [p.value for p in Period if (is_open if p is period else p.value in known.open_periods)]
    windows = {key: days for key, days in known.windows.items() if is_open or key != period}
    _write(school, "open_period" if is_open else "close_period", reason, opened, windows)


def set_window(desk: Desk, period: Period, first: str, last: str, reason: str = "") -> None:
    """Set the window of a period: it is open from ``first`` to ``last`` (dd/mm/yyyy), both included.

    Refused when a date cannot be read, when the last is before the first, and without a reason.
    """
    days = [read_date(clean_line(text)) or "" for text in (first, last)]
    if not all(days):
        raise Refused("Chưa đọc được ngày mở hoặc ngày khóa.", "Gõ ngày/tháng/năm, ví dụ 20/12/2025.")
    if days[0] > days[1]:
        raise Refused("Ngày khóa đứng trước ngày mở.", "Xem lại hai ngày rồi gõ lại.")
    school = desk.open_school()
    opened = [key for key in school.settings.open_periods if key != period]
    _write(school, "set_window", reason, opened, {**school.settings.windows, period.value: days})


def _write(school: OpenSchool, act: str, reason: str, opened: list[str], windows: Mapping[str, Sequence[str]]) -> None:
    school.require(Act.OPEN_PERIOD)
    reason = clean_line(reason)
    if not reason:
        raise Refused("Mở hay khóa kỳ thì phải ghi lí do.", "Lí do được lưu lại cùng tên người làm.")
    held = school.document(SCHOOL, SCHOOL)
    before = {name: held.get(name) for name in ("open_periods", "windows")}
    edits = edits_for(SCHOOL, SCHOOL, before, {"open_periods": opened or None, "windows": windows or None})
    if edits:
        school.shard.change(school.account, act, edits, reason)
