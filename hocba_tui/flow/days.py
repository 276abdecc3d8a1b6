"""A day as somebody types it for what has happened: never in the future."""

from __future__ import annotations

from hocba_tui.errors import Refused
from hocba_tui.flow.desk import Desk
from hocba_tui.intake.dates import read_date
from hocba_tui.text import clean_line, day_first


def past_day(desk: Desk, typed: str) -> str:
    """Return the ISO date of ``typed`` (dd/mm/yyyy); Refused when it cannot be read or has not come yet."""
    text = clean_line(typed)
    day = None if text.isdigit() else read_date(text)
    if not day:
        raise Refused(f"Ngày “{text[:16]}” không đọc được.", "Gõ ngày/tháng/năm, ví dụ 12/01/2026.")
    if day > desk.clock.today().isoformat():
        raise Refused(f"Ngày {day_first(day)} chưa tới.", "Ghi hôm nay hoặc một ngày đã qua.")
    return day
