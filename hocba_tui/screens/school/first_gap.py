"""Where the grid of a class opens when somebody wants to go on entering."""

from __future__ import annotations

from hocba_tui.errors import HocbaError
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.grades.missing import missing
from hocba_tui.flow.reports.home_tasks import current_period
from hocba_tui.rules.permits import may_enter


def first_gap(desk: Desk, class_key: str, pupil: str = "") -> dict[str, str]:
    """Return the grid's parameters for the first gap of ``pupil``, or of the class, the person's own gaps first."""
    try:
        found = missing(desk, class_key, current_period(desk))
    except HocbaError:
        return {"pupil": pupil}  # The grid itself says what is wrong.
    room = desk.classroom(class_key)
    gaps = [(one.pupil.key, cell) for one in found for cell in one.cells]
    gaps.sort(key=lambda gap: not may_enter(desk.actor, room, gap[1]).allowed)
    own = [gap for gap in gaps if gap[0] == pupil]
    if pupil and not own:
        return {"pupil": pupil}
    return next(({"pupil": key, "field": cell.field} for key, cell in own or gaps), {})
