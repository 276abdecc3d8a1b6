"""Open and close the windows of the four periods."""

from __future__ import annotations

from hocba_tui.errors import Refused
from hocba_tui.flow.desk import Desk
from hocba_tui.model.values import Period
from hocba_tui.rules.permits import Act
from hocba_tui.store.backend import SCHOOL, Edit
from hocba_tui.text import clean_line


def set_open(desk: Desk, period: Period, *, is_open: bool, reason: str = "") -> None:
    """Open or close a period for entry; the principal's decision, kept with its reason."""
    desk.require(Act.OPEN_PERIOD)
    reason = clean_line(reason)
    if not reason:
        raise Refused("Mở hay khóa kỳ thì phải ghi lí do.", "Lí do được lưu lại cùng tên người làm.")
    before = list(desk.school.open_periods)
    after = [p.value for p in Period if (is_open if p is period else p.value in before)]
    if before != after:
        edit = Edit(SCHOOL, SCHOOL, "open_periods", before or None, after or None)
        desk.school_shard.change(desk.actor.key, "open_period" if is_open else "close_period", [edit], reason)
