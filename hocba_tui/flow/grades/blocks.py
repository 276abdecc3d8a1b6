"""Many cells at once: a plan of what would be written, what not and why; then all of it in one change.

Planning works on what the grid shows (:class:`~hocba_tui.flow.grades.marks.Marks`) and reads no store.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from hocba_tui.errors import CellConflict, Conflict
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.grades.clipboard import write_tabbed
from hocba_tui.flow.grades.enter import Typed, enter
from hocba_tui.flow.grades.marks import Column, Marks
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.results import SCORE, YEAR, Cell, Value
from hocba_tui.model.values import Period
from hocba_tui.rules.curriculum import class_for
from hocba_tui.rules.gaps import Excuse, excuse
from hocba_tui.rules.labels import label_of
from hocba_tui.rules.lawful import Unlawful, read_typed
from hocba_tui.store.backend import Entry
from hocba_tui.text import fold, moment

Area = tuple[int, int, int, int]
"""Top row, left column, bottom row, right column of the grid, all included."""
Aside = Mapping[tuple[str, str], str]
"""Pupil and field of cells with an unsaved value or a conflict, with a word for it: these are never overwritten."""

FILL, BEFORE, EMPTY, CLEAR, PASTE = "fill_down", "copy_before", "set_empty", "clear_block", "paste"
"""The acts in the journal."""
LOCKED, UNLAWFUL, NOTHING_BEFORE, TESTED_TWICE = "khóa", "không hợp lệ", "kỳ trước trống", "nhiều lần kiểm tra"
_EXEMPT_WORDS = ("m", "mien")
_WHOLE = re.compile(r"(\d{1,2})[.,]0+")
"""A score as Excel shows it in a column with decimals."""


@dataclass(frozen=True)
class Line:
    """One cell: what it holds, what it would hold, and why it is left out."""

    pupil: Pupil
    column: Column
    text: str
    before: Value
    after: Value
    why: str = ""
    """Why it is left out, in a word or two; empty when it would be written."""
    reason: str = ""
    """The same reason in full."""


@dataclass(frozen=True)
class Plan:
    """What an act would do to the cells of a block."""

    act: str
    lines: tuple[Line, ...]
    same: int = 0
    """Number of cells that already hold what they would get."""
    kept: int = 0
    """Number of cells with a value for which the block has none: they stay as they are."""
    over: tuple[str, ...] = ()
    """Which part of a pasted block is outside the grid, in words."""

    @property
    def writing(self) -> tuple[Line, ...]:
        """Return the cells that would be written."""
        return tuple(line for line in self.lines if not line.why)

    @property
    def changing(self) -> tuple[Line, ...]:
        """Return those of them that hold another value now."""
        return tuple(line for line in self.writing if line.before is not None)

    @property
    def left_out(self) -> tuple[Line, ...]:
        """Return the cells that would not be written."""
        return tuple(line for line in self.lines if line.why)

    def reasons(self) -> Mapping[str, int]:
        """Return the reasons why cells are left out, with how many cells each."""
        return Counter(line.why for line in self.left_out)


class _Planner:
    def __init__(self, act: str, marks: Marks, aside: Aside) -> None:
        self._act = act
        self._marks = marks
        self._aside = aside
        self._lines: list[Line] = []
        self._same = 0
        self.kept = 0
        self.over: tuple[str, ...] = ()

    def plan(self) -> Plan:
        return Plan(self._act, tuple(self._lines), self._same, self.kept, self.over)

    def put(self, row: int, column: int, text: str, lacking: str | None = None) -> None:
        """Plan ``text`` for a cell; ``lacking`` is the reason when there is no text for it."""
        pupil, found = self._marks.pupils[row], self._marks.columns[column]
        cell, place = found.cell, (pupil.key, found.cell.field)
        before = self._marks.value(pupil.key, cell)
        read = read_typed(text, cell, class_for(pupil, self._marks.classroom))
        after: Value = text if isinstance(read, Unlawful) else read.value
        why, reason = "", ""
        # What an older version let in is the same, too, when it comes back.
        same = after == before or text == self._marks.text(pupil.key, cell)
        if not lacking and same and place not in self._aside:
            self._same += 1
            return
        if excused := excuse(pupil, self._marks.classroom, cell):
            why = excused
        if locked := self._marks.locks.get(place):
            why, reason = why or LOCKED, locked
        elif not why and place in self._aside:
            why = self._aside[place]
        elif not why and lacking:
            why = lacking
        elif not why and isinstance(read, Unlawful):
            why, reason = UNLAWFUL, read.reason
        elif not why and cell.aspect == SCORE and after is None and self._attempts(pupil, cell):
            why, reason = TESTED_TWICE, "Điểm này có nhiều lần kiểm tra nên không xóa được."
        self._lines.append(Line(pupil, found, text, before, after, why, reason))

    def _attempts(self, pupil: Pupil, cell: Cell) -> bool:
        results = self._marks.results.get(pupil.key)
        return results is not None and bool(results.attempts(cell.period, cell.item))


def whole_column(marks: Marks, column: int) -> Area:
    """Return the area of one column, all pupils."""
    return 0, column, len(marks.pupils) - 1, column


def fill_down(marks: Marks, area: Area, aside: Aside) -> Plan:
    """Plan the value of the top cell of each column for the cells below it; an empty top cell changes nothing."""
    plan = _Planner(FILL, marks, aside)
    top, *_ = area
    for row, column in _cells(area):
        text = marks.text(marks.pupils[top].key, marks.columns[column].cell)
        if row > top and text:
            plan.put(row, column, text)
    return plan.plan()


def copy_before(marks: Marks, area: Area, aside: Aside, *, over: bool) -> Plan:
    """Plan for each cell what the same pupil had there in the period before; non-empty cells only when ``over``.

    A cell of the first period, or a fact of the year, has no period before it.
    """
    plan = _Planner(BEFORE, marks, aside)
    for row, column in _cells(area):
        key, cell = marks.pupils[row].key, marks.columns[column].cell
        earlier = period_before(cell)
        text = marks.text(key, earlier) if earlier else ""
        if over or marks.value(key, cell) is None:
            plan.put(row, column, text, "" if text else NOTHING_BEFORE)
    return plan.plan()


def period_before(cell: Cell) -> Cell | None:
    """Return the same cell one period earlier, None when there is none."""
    if cell.period in (YEAR, Period.MID_1):
        return None
    periods = list(Period)
    return cell._replace(period=periods[periods.index(Period(cell.period)) - 1])


def set_empty(marks: Marks, area: Area, text: str, aside: Aside) -> Plan:
    """Plan ``text`` for the empty cells; other cells are not part of the plan."""
    plan = _Planner(EMPTY, marks, aside)
    for row, column in _cells(area):
        if marks.value(marks.pupils[row].key, marks.columns[column].cell) is None:
            plan.put(row, column, text)
    return plan.plan()


def clear(marks: Marks, area: Area, aside: Aside) -> Plan:
    """Plan to empty the cells that hold something."""
    plan = _Planner(CLEAR, marks, aside)
    for row, column in _cells(area):
        if marks.value(marks.pupils[row].key, marks.columns[column].cell) is not None:
            plan.put(row, column, "")
    return plan.plan()


def paste(marks: Marks, row: int, column: int, rows: Sequence[Sequence[str]], aside: Aside) -> Plan:
    """Plan a block of texts with its first cell at ``row`` and ``column``; its empty cells erase nothing."""
    plan = _Planner(PASTE, marks, aside)
    high, wide = len(marks.pupils) - row, len(marks.columns) - column
    for down, texts in enumerate(rows[:high]):
        for right, text in enumerate(texts[:wide]):
            pupil, cell = marks.pupils[row + down], marks.columns[column + right].cell
            exempt = excuse(pupil, marks.classroom, cell) is Excuse.EXEMPT
            if not text:
                plan.kept += marks.value(pupil.key, cell) is not None
            elif not (exempt and fold(text) in _EXEMPT_WORDS):
                plan.put(row + down, column + right, _as_typed(text, cell))
    more_rows = sum(1 for texts in rows[high:] if any(texts))
    more_columns = max((sum(1 for text in texts[wide:] if text) for texts in rows[:high]), default=0)
    over = []
    if more_rows:
        over.append(f"thừa {more_rows} dòng, dưới em cuối lớp")
    if more_columns:
        over.append(f"thừa {more_columns} cột, bên phải cột cuối")
    plan.over = tuple(over)
    return plan.plan()


def copied(desk: Desk, marks: Marks, area: Area) -> str:
    """Return the cells of a block as tab-separated text; the access log notes that it left the program."""
    top, left, bottom, right = area
    rows = [[_copied(marks, row, column) for column in range(left, right + 1)] for row in range(top, bottom + 1)]
    count = sum(len(row) for row in rows)
    desk.store.log_access(desk.account, "copy", f"{marks.sheet.key}: {count}", class_key=marks.classroom.key)
    return write_tabbed(rows)


def write(desk: Desk, class_key: str, plan: Plan) -> Entry | None:
    """Write a plan as one change, all of it or nothing; return None when there is nothing to write.

    Raise Conflict when somebody has changed one of the cells, or one of them was locked, since the planning;
    NotSaved when the disk refuses.
    """
    typed = [Typed(line.pupil.key, line.column.cell, line.text, line.before) for line in plan.writing]
    names = {line.pupil.key: line.pupil.name for line in plan.writing}
    try:
        entered = enter(desk, class_key, typed, plan.act, whole=True)
    except CellConflict as conflict:
        who = desk.staff(conflict.who).name or conflict.who or "người khác"
        held = "trống" if conflict.held is None else f"“{str(conflict.held)[:40]}”"
        where = f"{names.get(conflict.key, '')}, {label_of(Cell.parse(conflict.field))}"
        when = moment(conflict.when) if conflict.when else "vừa xong"
        raise Conflict(f"{where}: {who} đã đổi thành {held} ({when}). Cả khối chưa ghi gì.", _AGAIN) from conflict
    for refused in entered.refused:
        where = f"{names[refused.pupil]}, {label_of(refused.cell)}"
        raise Conflict(f"{where}: {refused.reason} Cả khối chưa ghi gì.", _AGAIN)
    return entered.entry


_AGAIN = "Làm lại để thấy tình trạng mới."


def _cells(area: Area) -> Iterator[tuple[int, int]]:
    top, left, bottom, right = area
    return ((row, column) for column in range(left, right + 1) for row in range(top, bottom + 1))


def _as_typed(text: str, cell: Cell) -> str:
    whole = _WHOLE.fullmatch(text) if cell.aspect == SCORE else None
    return whole.group(1) if whole else text


def _copied(marks: Marks, row: int, column: int) -> str:
    pupil, cell = marks.pupils[row], marks.columns[column].cell
    exempt = excuse(pupil, marks.classroom, cell) is Excuse.EXEMPT
    return marks.text(pupil.key, cell) or ("M" if exempt else "")


def lawful_somewhere(marks: Marks, columns: Iterable[int], text: str) -> str | None:
    """Return why ``text`` is not lawful in any column of a block; None when it is in one."""
    reasons = []
    for column in columns:
        read = read_typed(text, marks.columns[column].cell, marks.classroom)
        if not isinstance(read, Unlawful) and read.value is not None:
            return None
        reasons.append(read.reason if isinstance(read, Unlawful) else "Gõ giá trị cần điền.")
    return reasons[0] if reasons else "Không có cột nào."
