"""Between one grid on the screen and the store: what is typed, how saving went, what others wrote meanwhile."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import NamedTuple

from hocba_tui.errors import CellConflict, HocbaError, NotSaved
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.grades.conflicts import Clash, clash_over
from hocba_tui.flow.grades.drafts import drafts, keep_draft
from hocba_tui.flow.grades.enter import Typed
from hocba_tui.flow.grades.marks import Marks, look_again, open_marks
from hocba_tui.flow.reports.watching import Watch
from hocba_tui.model.results import Cell, Value
from hocba_tui.model.values import EntryKind, Period
from hocba_tui.rules.curriculum import class_for
from hocba_tui.rules.lawful import Unlawful, read_typed
from hocba_tui.screens.grid.cells import cell_of, model_of
from hocba_tui.screens.grid.saver import Outcome, Saver
from hocba_tui.screens.grid.status_text import Standing, status_line
from hocba_tui.screens.grid.unsaved import Aside, Place
from hocba_tui.widgets.entry_grid import EntryGrid
from hocba_tui.widgets.grid_model import CellState, GridCell, GridModel


class Shown(NamedTuple):
    """What somebody saw who writes into a cell."""

    value: Value
    """What was stored then; None when it was empty."""
    text: str = ""


class GridEntry:
    """The cells of one sheet of one class in one period, from the grid to the store and back.

    It never asks anything: :meth:`status` returns what to show, and the page shows it.
    """

    def __init__(self, desk: Desk, class_key: str, sheet: str, period: Period) -> None:
        self.desk = desk
        self.class_key = class_key
        self.marks = open_marks(desk, class_key, sheet, period)
        self.saver = Saver(desk, class_key, self._saved)
        self._watch = Watch(desk, class_key)
        self.grid = EntryGrid(model_of(self.marks))
        self._saved_at = ""
        self._refusal: str | None = None
        """Why the disk refused the last write, until it works again."""
        self.alarm: HocbaError | None = None
        """Why the class cannot be read or written any more; None while it can."""
        self.aside = Aside()
        self._typed_at: dict[Place, str] = {}
        self._before: dict[Place, str] = {}
        """What a cell held before the value that was typed into it last."""
        self._written: dict[Place, Value] = {}
        """The value that was typed into a cell last."""
        self._told: tuple[tuple[int, int], str] | None = None
        """Row, column, and what the status says while the cursor stays there."""
        self.changed: Callable[[], None] = lambda: None
        """Called when the status may have changed without a key."""

    # --- typing --------------------------------------------------------------------------------

    def type(self, row: int, column: int, text: str, shown: Shown | None = None, *, back: bool = False) -> bool:
        """Queue a cell for saving and return True; a wrong value stays in the cell with its reason, unsaved.

        The cell must not be locked (see :meth:`lock`). ``shown`` is what the person saw who wrote or chose ``text``,
        None for what the cell shows now: what others have changed since then is not overwritten. ``back`` is whether
        the cell gets back what it held before.
        """
        pupil, cell = self.marks.pupils[row], self.marks.columns[column].cell
        place = (pupil.key, cell.field)
        read = read_typed(text, cell, class_for(pupil, self.marks.classroom))
        if isinstance(read, Unlawful):
            held = self.marks.text(pupil.key, cell)
            note = f"{read.reason} Đang lưu: {held or 'trống'}; Backspace để giữ."
            self.aside.wrong[place] = GridCell(text, CellState.WRONG, note)
            self.grid.set_cell(row, column, self.aside.wrong[place])
            self.tell_here(f"! {pupil.name}: {read.reason} CHƯA lưu, n để tới.")
            return False
        # What is shown may be newer than what is stored: an earlier value that is still being saved.
        self._before[place] = self.shown(row, column).text
        self._told = None
        self.aside.forget(place)
        self._typed_at[place] = self.desk.clock.now().isoformat()
        self.grid.set_cell(row, column, GridCell("" if read.value is None else str(read.value), CellState.SAVING))
        seen = self.marks.value(pupil.key, cell)
        if shown and (place not in self._written or seen != self._written[place]):
            seen = shown.value
        self._written[place] = read.value
        self.saver.put(Typed(pupil.key, cell, text, seen), back=back)
        return True

    def take_back(self, row: int, column: int) -> None:
        """Restore what was in a cell before the value that was typed last; what still waits is not written at all.

        Compare-and-set: when somebody else has written the cell since, it is a conflict. Undo steps over it together
        with the value.
        """
        place = (self.marks.pupils[row].key, self.marks.columns[column].cell.field)
        if place in self.aside.wrong:
            self.restore(row, column)
        elif place in self._before:
            self.type(row, column, self._before[place], back=True)

    def restore(self, row: int, column: int) -> None:
        """Discard a wrong value, or else one's own value of a clash: the stored one is shown again."""
        self._told = None
        place = (self.marks.pupils[row].key, self.marks.columns[column].cell.field)
        if self.aside.wrong.pop(place, None) is None:
            self.aside.forget(place)
        self.grid.set_cell(row, column, self.aside.cell(place) or cell_of(self.marks, row, column))

    def shown(self, row: int, column: int) -> Shown:
        """Return what a cell shows: its text, also one that is still being saved, and what is stored."""
        pupil, cell, now = self.marks.pupils[row], self.marks.columns[column].cell, self.grid.model.cells[row][column]
        text = now.text if now.state is CellState.SAVING else self.marks.text(pupil.key, cell)
        return Shown(self.marks.value(pupil.key, cell), text)

    def clash(self, row: int, column: int) -> Clash | None:
        """Return the clash in a cell, None when there is none."""
        return self.aside.clashes.get((self.marks.pupils[row].key, self.marks.columns[column].cell.field))

    def lock(self, row: int, column: int) -> str | None:
        """Return why a cell may not be changed and who can open it; None when it may."""
        return self.marks.locks.get((self.marks.pupils[row].key, self.marks.columns[column].cell.field))

    def draft(self, pupil: str, cell: Cell) -> str:
        """Return what was being typed into a comment when a session ended; empty when nothing was."""
        kept = [d.text for d in drafts(self.desk, self.class_key) if (d.pupil, d.cell) == (pupil, cell)]
        return kept[0] if kept else ""

    def keep_draft(self, pupil: str, cell: Cell, text: str) -> None:
        """Keep what is being typed; errors are ignored: a disk that refuses a draft will refuse the comment too."""
        with contextlib.suppress(HocbaError):
            keep_draft(self.desk, self.class_key, pupil, cell, text)

    def tell_here(self, words: str) -> None:
        """Make the status say ``words`` while the cursor stays where it is."""
        self._told = ((self.grid.model.row, self.grid.model.column), words)

    def status(self) -> str:
        """Return the text of the status line."""
        model, names = self.grid.model, {pupil.key: pupil.name for pupil in self.marks.pupils}
        cursor, told = self._told or ((-1, -1), "")
        return status_line(
            model,
            self.marks.columns,
            Standing(
                self.saver.waiting,
                self._saved_at,
                self.alarm.what if self.alarm else None,
                self._refusal,
                told if cursor == (model.row, model.column) else "",
                self.aside.cells(names, CellState.CONFLICT),
                len(self.aside.wrong),
            ),
        )

    def saved_words(self) -> str:
        """Return what is saved and what is not."""
        words = [f"Mọi ô đã lưu lúc {self._saved_at}" if self._saved_at else "Chưa có ô nào gõ ở đây"]
        if self.saver.waiting:
            words = [f"Còn {self.saver.waiting} ô chưa lưu"]
        if unsettled := self.unsettled():
            words.append(f"{len(unsettled)} ô ! hoặc ≠ CHƯA lưu, n để tới")
        return f"{'; '.join(words)}. Gõ là lưu ngay, không cần bấm gì."

    def unsettled(self) -> list[tuple[str, GridCell]]:
        """Return what was typed and is not stored, wrong or in conflict, in any sheet, with the pupils' names."""
        names = {pupil.key: pupil.name for pupil in self.marks.pupils}
        return self.aside.cells(names, CellState.WRONG) + self.aside.cells(names, CellState.CONFLICT)

    def _saved(self, outcome: Outcome) -> None:
        """Show the result for typed cells: they are marked as saved only after the store has saved them."""
        for typed in outcome.typed:
            self._became(outcome, typed)
        self._refusal = outcome.error.what.partition(";")[0] if isinstance(outcome.error, NotSaved) else None
        if outcome.error is None:
            self._saved_at = f"{self.desk.clock.now():%H:%M:%S}"
            self.take_in(self.read_marks(), by_me={(t.pupil, t.cell.field) for t in outcome.typed})
        self.changed()

    def _became(self, outcome: Outcome, typed: Typed) -> None:
        error, place = outcome.error, (typed.pupil, typed.cell.field)
        if isinstance(error, CellConflict):
            self.marks = self.read_marks()
            self._clashed(typed)
        elif error is not None and not isinstance(error, NotSaved):
            self.aside.wrong[place] = GridCell(typed.text, CellState.WRONG, error.what)
        elif error is None:
            refused = {(r.pupil, r.cell): r.reason for r in outcome.entered.refused} if outcome.entered else {}
            if reason := refused.get((typed.pupil, typed.cell)):
                self.aside.wrong[place] = GridCell(typed.text, CellState.WRONG, reason)
            elif self._is_text(typed.cell):
                self.keep_draft(typed.pupil, typed.cell, "")
        if cell := self.aside.cell(place):
            self._set(place, cell)

    def _clashed(self, mine: Typed) -> None:
        """Show that somebody else wrote a cell first, until one of the two values is chosen."""
        place = (mine.pupil, mine.cell.field)
        clash = clash_over(self.desk, self.class_key, mine, self._typed_at.get(place, ""))
        self.aside.clash(place, clash)

    def _is_text(self, cell: Cell) -> bool:
        return any(column.cell == cell and column.kind is EntryKind.TEXT for column in self.marks.columns)

    def where(self, pupil: str, field: str) -> tuple[int, int] | None:
        """Return the row and the column of a cell, None when the present sheet has no such cell."""
        rows = [found.key for found in self.marks.pupils]
        fields = [column.cell.field for column in self.marks.columns]
        return (rows.index(pupil), fields.index(field)) if pupil in rows and field in fields else None

    def _set(self, place: Place, cell: GridCell) -> None:
        if where := self.where(*place):
            self.grid.set_cell(*where, cell)

    # --- what is in the store ------------------------------------------------------------------

    def show(self, sheet: str, period: Period) -> None:
        """Show another sheet or another period."""
        self.marks = open_marks(self.desk, self.class_key, sheet, period)
        self._show(self.grid.show)

    def _show(self, show: Callable[[GridModel], None]) -> None:
        """Show the marks with ``show``, and what was typed and is not stored."""
        self._told = None
        show(model_of(self.marks))
        for place, text in self.saver.queued.items():
            self._set(place, GridCell(text, CellState.SAVING))
        for place in self.aside.places:
            if cell := self.aside.cell(place):
                self._set(place, cell)

    def read_marks(self) -> Marks:
        """Return the marks of the present sheet as they are now."""
        return open_marks(self.desk, self.class_key, self.marks.sheet.key, self.marks.period, self.marks)

    async def look(self) -> bool:
        """Read what others wrote; return whether there was anything. Raise HocbaError when the class is damaged."""
        self.saver.retry()
        if not self._watch.moved():
            return False  # Two or three questions to the disk; nothing is read, and no thread is woken.
        fresh = await self.saver.read(lambda: look_again(self.desk, self.marks))
        if fresh is not None:
            self.take_in(fresh, by_me=set())
        return fresh is not None

    def take_in(self, fresh: Marks, by_me: set[Place]) -> None:
        """Repaint what differs between the marks on the screen and ``fresh``; ``by_me`` are pupils and fields."""
        if [pupil.key for pupil in fresh.pupils] != [pupil.key for pupil in self.marks.pupils]:
            self.marks = fresh
            self._show(self.grid.follow)
            return
        before, self.marks = self.marks, fresh
        mine_too = {pupil for pupil, _ in by_me}
        for row, pupil in enumerate(fresh.pupils):
            if pupil.key not in mine_too and fresh.stands(pupil.key, before):
                continue
            for column, found in enumerate(fresh.columns):
                same = before.text(pupil.key, found.cell) == fresh.text(pupil.key, found.cell)
                self._take_in_cell(row, column, same=same, mine=(pupil.key, found.cell.field) in by_me)

    def _take_in_cell(self, row: int, column: int, *, same: bool, mine: bool) -> None:
        place = (self.marks.pupils[row].key, self.marks.columns[column].cell.field)
        shown = self.grid.model.cells[row][column]
        clash = self.aside.clashes.get(place)
        if clash and not same and not mine:
            self._clashed(clash.mine)
        if cell := self.aside.cell(place):
            self.grid.set_cell(row, column, cell)
            return
        if shown.state is CellState.SAVING and not mine:
            return
        cell = cell_of(self.marks, row, column)
        if not same and not mine:
            cell = GridCell(cell.text, CellState.CHANGED, "Người khác vừa nhập ô này; hỏi nhau trước khi sửa.")
        elif same and not mine and shown.state is CellState.CHANGED:
            return
        self.grid.set_cell(row, column, cell)
