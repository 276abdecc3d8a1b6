"""Places in the grids: sheets, periods, and where a cell is."""

from __future__ import annotations

from hocba_tui.flow.desk import Desk
from hocba_tui.flow.grades.marks import (
    ALL_SHEET,
    AWARDS_SHEET,
    COMMENTS_SHEET,
    TRAITS_SHEET,
    YEAR_SHEET,
    Column,
    Marks,
    Sheet,
    columns_of,
    sheet_of_year,
    sheets_of,
    shows_four,
    side_by_side,
    single,
)
from hocba_tui.flow.grades.review import review
from hocba_tui.model.curriculum import SUBJECTS, TRAITS
from hocba_tui.model.finding import Finding
from hocba_tui.model.results import YEAR, Cell
from hocba_tui.model.school import ClassRoom
from hocba_tui.model.values import Period
from hocba_tui.rules.labels import label_of
from hocba_tui.rules.permits import Act, may_enter
from hocba_tui.rules.review import GAP
from hocba_tui.rules.windows import standing

_FOUR_PERIODS = "four"


def first_sheet(desk: Desk, classroom: ClassRoom) -> str:
    """Return the subject that the actor teaches here; for everybody else, all subjects."""
    school = desk.open_school()
    for sheet in sheets_of(classroom):
        if sheet.key in SUBJECTS and school.may(Act.ENTER_SUBJECT, classroom, sheet.key).allowed:
            return sheet.key
    return ALL_SHEET.key


def known_sheet(classroom: ClassRoom, sheet: str) -> bool:
    """Return whether the class has such a grid."""
    return single(sheet) in {found.key for found in sheets_of(classroom)}


def sheet_options(classroom: ClassRoom) -> list[tuple[str, str]]:
    """Return the keys of the sheets with their names; those that are not a single subject are set apart."""
    return [(sheet.key, _label(sheet)) for sheet in sheets_of(classroom)]


def whole_class_options(classroom: ClassRoom) -> list[tuple[str, str]]:
    """Return the grids that show more of a pupil than one subject."""
    return [(sheet.key, sheet.title) for sheet in sheets_of(classroom) if sheet.key not in SUBJECTS]


def other_sheet(present: str, chosen: str) -> str:
    """Return the grid to show when ``chosen`` is chosen: from four periods, to four periods again where possible."""
    return side_by_side(chosen) if shows_four(present) else chosen


def period_options(desk: Desk, sheet: str = "") -> list[tuple[str, str]]:
    """Return the periods with their names, closed and dated ones marked, and "all four" where a grid shows them."""
    options = [(period.value, period_words(desk, period)) for period in Period]
    return [*options, (_FOUR_PERIODS, "Cả bốn kỳ cạnh nhau")] if shows_four(side_by_side(sheet)) else options


def present_period(sheet: str, period: Period) -> str:
    """Return the key of the present choice among :func:`period_options`."""
    return _FOUR_PERIODS if shows_four(sheet) else period.value


def other_period(sheet: str, period: Period, chosen: str) -> tuple[str, Period]:
    """Return the grid and the period to show when ``chosen`` is chosen."""
    return (side_by_side(sheet), period) if chosen == _FOUR_PERIODS else (single(sheet), Period(chosen))


def heading_of(desk: Desk, marks: Marks) -> str:
    """Return the title, with whether the period is open: "(đang khóa)", "(mở đến hết …)"."""
    if shows_four(marks.sheet.key):
        when = "Bốn kỳ"
    elif marks.sheet.key in (YEAR_SHEET.key, AWARDS_SHEET.key):
        when = f"Cả năm{_standing(desk, YEAR)}"
    else:
        when = period_words(desk, marks.period)
    return f"Nhập kết quả › {marks.classroom.key} › {marks.sheet.title} › {when}"


def period_words(desk: Desk, period: Period) -> str:
    """Return a period with its state: "Giữa HK I (đang khóa)"; nothing is added when it is open without a date."""
    return f"{period.label}{_standing(desk, period)}"


def _standing(desk: Desk, period: str) -> str:
    words = standing(desk.school, period, desk.clock.today())
    return "" if words == "đang mở" else f" ({words})"


def place_of(field: str, period: Period) -> tuple[str, Period]:
    """Return the sheet and the period of a cell; ``period`` when the cell belongs to none."""
    cell = Cell.parse(field)
    if cell.period == YEAR:
        return sheet_of_year(cell).key, period
    if cell.item in SUBJECTS:
        return cell.item, Period(cell.period)
    return (COMMENTS_SHEET if cell.aspect == "comment" else TRAITS_SHEET).key, Period(cell.period)


def column_name(column: Column) -> str:
    """Return a column's name for use alone: with its subject, trait or period in full."""
    if not column.group:
        return column.title if column.cell.item in SUBJECTS else label_of(column.cell)
    item = SUBJECTS.get(column.cell.item) or TRAITS.get(column.cell.item)
    return f"{column.name} ({item.name})" if item else column.name


def next_finding(desk: Desk, marks: Marks, row: int, column: int) -> Finding | None:
    """Return the next finding in the actor's own cells, by sheet, pupil and column; after the last, the first.

    Gaps are left out: they have a key of their own. None when there is nothing.
    """
    room, rows = marks.classroom, [pupil.key for pupil in marks.pupils]
    sheets = [sheet.key for sheet in sheets_of(room)]
    order: dict[tuple[int, int, int], Finding] = {}
    for found in review(desk, room.key).findings:
        if found.field.count(".") == 2 and not found.code.startswith(GAP) and found.pupil in rows:
            cell = Cell.parse(found.field)
            sheet, period = place_of(found.field, marks.period)
            cells = [known.cell for known in columns_of(room, sheet, period)]
            if cell in cells and may_enter(desk.actor, room, cell).allowed:
                order.setdefault((sheets.index(sheet), rows.index(found.pupil), cells.index(cell)), found)
    here = (sheets.index(single(marks.sheet.key)), row, column)
    later = [place for place in sorted(order) if place > here] or sorted(order)
    return order[later[0]] if later else None


def _label(sheet: Sheet) -> str:
    return sheet.title if sheet.key in SUBJECTS else f"— {sheet.title}"
