"""Where in the grids one can go: sheets, periods, the place of a cell."""

from __future__ import annotations

from hocba_tui.flow.desk import Desk
from hocba_tui.flow.marks import COMMENTS_SHEET, TRAITS_SHEET, Sheet, sheet_of_year, sheets_of
from hocba_tui.model.curriculum import SUBJECTS
from hocba_tui.model.results import YEAR, Cell
from hocba_tui.model.school import ClassRoom
from hocba_tui.model.values import Period
from hocba_tui.rules.permits import Act, may
from hocba_tui.rules.windows import is_open


def first_sheet(desk: Desk, classroom: ClassRoom) -> str:
    """Return the subject that the actor teaches here, the first one for everybody else."""
    sheets = sheets_of(classroom)
    for sheet in sheets:
        if sheet.key in SUBJECTS and may(desk.actor, Act.ENTER_SUBJECT, classroom, sheet.key).allowed:
            return sheet.key
    return sheets[0].key


def sheet_options(classroom: ClassRoom) -> list[tuple[str, str]]:
    """Return the keys of the sheets with their names; the homeroom teacher's are set apart."""
    return [(sheet.key, _label(sheet)) for sheet in sheets_of(classroom)]


def period_options(desk: Desk) -> list[tuple[str, str]]:
    """Return the periods with their names, closed ones marked."""
    school, today = desk.school, desk.clock.today()
    return [(p.value, p.label + ("" if is_open(school, p, today) else "  (đang khóa)")) for p in Period]


def place_of(field: str, period: Period) -> tuple[str, Period]:
    """Return the sheet and the period in which a cell stands; ``period`` where it belongs to none."""
    cell = Cell.parse(field)
    if cell.period == YEAR:
        return sheet_of_year(cell).key, period
    if cell.item in SUBJECTS:
        return cell.item, Period(cell.period)
    return (COMMENTS_SHEET if cell.aspect == "comment" else TRAITS_SHEET).key, Period(cell.period)


def _label(sheet: Sheet) -> str:
    return sheet.title if sheet.key in SUBJECTS else f"— {sheet.title}"
