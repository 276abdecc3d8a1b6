"""Windows of the four periods, and the deadlines of the year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from hocba_tui.model.results import YEAR
from hocba_tui.model.school import School
from hocba_tui.model.values import Period
from hocba_tui.text import day_first


def is_open(school: School, period: str, today: date) -> bool:
    """Return whether results of ``period`` may be entered; facts of the year follow the last period.

    A period is open when the principal has opened it by hand or ``today`` is within its window.
    """
    key = Period.END_YEAR.value if period == YEAR else period
    first, last = school.windows.get(key) or ("", "")
    return key in school.open_periods or first <= today.isoformat() <= last


def standing(school: School, period: str, today: date) -> str:
    """Return the state of a period in words: open or closed, and the day on which its window opens or closes."""
    key = Period.END_YEAR.value if period == YEAR else period
    first, last = school.windows.get(key) or ("", "")
    if key in school.open_periods:
        return "đang mở"
    if is_open(school, key, today):
        return f"mở đến hết {day_first(last)}"
    return f"đang khóa, mở từ {day_first(first)}" if today.isoformat() < first else "đang khóa"


@dataclass(frozen=True)
class Deadline:
    """A day before which the Ministry must have received the records.

    ``last_good_day`` is the day before the date in the plan, which reads "trước ngày".
    """

    label: str
    before: date
    days_left: int

    @property
    def last_good_day(self) -> date:
        """Return the last day on which a receipt is in time."""
        return self.before - timedelta(days=1)


def deadlines(school: School, today: date) -> tuple[Deadline, ...]:
    """Return the deadlines with the days left to the last good day (negative when it has passed)."""
    found = []
    for label, text in (
        ("Bộ nhận học bạ các em hoàn thành", school.deadline_completed),
        ("học bạ các em còn lại", school.deadline_others),
    ):
        if text:
            before = date.fromisoformat(text)
            found.append(Deadline(label, before, (before - timedelta(days=1) - today).days))
    return tuple(found)
