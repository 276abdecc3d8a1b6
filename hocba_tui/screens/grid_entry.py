"""Between one grid on the screen and the store: what is typed, what became of it, what others did meanwhile."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence

from hocba_tui.errors import CellConflict, HocbaError, NotSaved
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.drafts import drafts, keep_draft
from hocba_tui.flow.entry import Typed
from hocba_tui.flow.marks import Marks, open_marks
from hocba_tui.model.results import Cell
from hocba_tui.model.values import EntryKind, Period
from hocba_tui.rules.curriculum import class_for
from hocba_tui.rules.lawful import Unlawful, read_typed
from hocba_tui.screens.grid_cells import cell_of, model_of
from hocba_tui.screens.grid_words import status_line
from hocba_tui.screens.saver import Outcome, Saver
from hocba_tui.widgets.grid_model import CellState, GridCell
from hocba_tui.widgets.mark_grid import MarkGrid


class GridEntry:
    """The cells of one sheet of one class in one period, from the grid to the store and back.

    It never asks anything: what to say is :meth:`status`, and the page says it.
    """

    def __init__(self, desk: Desk, classroom: str, sheet: str, period: Period) -> None:
        self.desk = desk
        self.classroom = classroom
        self.marks = open_marks(desk, classroom, sheet, period)
        self.saver = Saver(desk, classroom, self._saved)
        self.grid = MarkGrid(model_of(self.marks))
        self._saved_at = ""
        self._refusal = ""
        """Why the disk refused, while it does."""
        self.changed: Callable[[], None] = lambda: None
        """Called when the status may have changed without a key."""

    # --- typing --------------------------------------------------------------------------------

    def type(self, row: int, column: int, text: str) -> bool:
        """Queue a cell for saving and return True; a wrong value stays in the cell with its reason, unsaved.

        The cell may not be locked (see :meth:`lock`).
        """
        pupil, cell = self.marks.pupils[row], self.marks.columns[column].cell
        read = read_typed(text, cell, class_for(pupil, self.marks.classroom))
        if isinstance(read, Unlawful):
            held = self.marks.text(pupil.key, cell)
            note = f"{read.reason} Đang lưu: {held or 'trống'}; Backspace để giữ."
            self.grid.set_cell(row, column, GridCell(text, CellState.WRONG, note))
            return False
        shown = "" if read.value is None else str(read.value)
        self.grid.set_cell(row, column, GridCell(shown, CellState.SAVING))
        self.saver.put(Typed(pupil.key, cell, text, self.marks.value(pupil.key, cell)))
        return True

    def restore(self, row: int, column: int) -> None:
        """Show the stored value of a cell again."""
        self.grid.set_cell(row, column, cell_of(self.marks, row, column))

    def lock(self, row: int, column: int) -> str:
        """Return why a cell may not be changed and who can open it; empty when it may."""
        return self.marks.locks.get((self.marks.pupils[row].key, self.marks.columns[column].cell.field), "")

    def draft(self, pupil: str, cell: Cell) -> str:
        """Return what was being typed into a comment when a session ended; empty when nothing was."""
        kept = [d.text for d in drafts(self.desk, self.classroom) if (d.pupil, d.cell) == (pupil, cell)]
        return kept[0] if kept else ""

    def keep_draft(self, pupil: str, cell: Cell, text: str) -> None:
        """Keep what is being typed; a draft is a second net: the disk that refuses it will refuse the comment too."""
        with contextlib.suppress(HocbaError):
            keep_draft(self.desk, self.classroom, pupil, cell, text)

    def status(self) -> str:
        """Return what the status line has to say."""
        return status_line(self.grid.model, self.marks.columns, self.saver.waiting, self._saved_at, self._refusal)

    def _saved(self, outcome: Outcome) -> None:
        """Show what became of typed cells: a saved mark only after the store has acknowledged."""
        for typed in outcome.typed:
            row, column = self._where(typed)
            if row >= 0:
                self._became(outcome, typed, row, column)
        self._refusal = outcome.error.what.partition(";")[0] if isinstance(outcome.error, NotSaved) else ""
        if outcome.error is None:
            self._saved_at = f"{self.desk.clock.now():%H:%M:%S}"
            self.take_in(self.read_marks(), by_me={(t.pupil, t.cell.field) for t in outcome.typed})
        self.changed()

    def _became(self, outcome: Outcome, typed: Typed, row: int, column: int) -> None:
        error = outcome.error
        if isinstance(error, CellConflict):
            self.marks = self.read_marks()
            text = self.marks.text(typed.pupil, typed.cell)
            who = self.desk.staff(error.who).name or error.who
            note = f"{who} vừa ghi {text or 'trống'}; bạn gõ {typed.text}, CHƯA ghi. Gõ lại nếu muốn đổi."
            self.grid.set_cell(row, column, GridCell(text, CellState.CONFLICT, note))
        elif error is not None and not isinstance(error, NotSaved):
            self.grid.set_cell(row, column, GridCell(typed.text, CellState.WRONG, error.what))
        elif error is None:
            refused = {(r.pupil, r.cell): r.reason for r in outcome.entered.refused} if outcome.entered else {}
            reason = refused.get((typed.pupil, typed.cell))
            if reason:
                self.grid.set_cell(row, column, GridCell(typed.text, CellState.WRONG, reason))
            elif self.marks.columns[column].kind is EntryKind.TEXT:
                self.keep_draft(typed.pupil, typed.cell, "")

    # --- what stands in the store --------------------------------------------------------------

    def show(self, sheet: str, period: Period) -> None:
        """Show another sheet or another period."""
        self.marks = open_marks(self.desk, self.classroom, sheet, period)
        self.grid.show(model_of(self.marks))

    def read_marks(self) -> Marks:
        """Return the marks of the present sheet as they stand now."""
        return open_marks(self.desk, self.classroom, self.marks.sheet.key, self.marks.period)

    async def look(self) -> bool:
        """Take in what others did; return whether anything was. Raises HocbaError when the class is damaged."""
        self.saver.retry()
        fresh: list[Marks] = []

        def read() -> bool:
            seen = (self.marks.seq, self.marks.school_seq)
            if (self.desk.class_shard(self.classroom).seq, self.desk.school_shard.seq) != seen:
                fresh.append(self.read_marks())
            self.desk.require_sound(self.classroom)
            return bool(fresh)

        if await self.saver.read(read):
            self.take_in(fresh[0], by_me=set())
        return bool(fresh)

    def take_in(self, fresh: Marks, by_me: set[tuple[str, str]]) -> None:
        """Repaint what changed between the marks on the screen and ``fresh``; ``by_me`` are pupils and fields."""
        if [pupil.key for pupil in fresh.pupils] != [pupil.key for pupil in self.marks.pupils]:
            self.marks = fresh
            self.grid.show(model_of(fresh))
            return
        before, self.marks = self.marks, fresh
        for row, pupil in enumerate(fresh.pupils):
            for column, found in enumerate(fresh.columns):
                shown = self.grid.model.cells[row][column]
                waits = shown.state in (CellState.SAVING, CellState.WRONG, CellState.CONFLICT)
                mine = (pupil.key, found.cell.field) in by_me
                same = before.text(pupil.key, found.cell) == fresh.text(pupil.key, found.cell)
                if mine and shown.state in (CellState.WRONG, CellState.CONFLICT):
                    continue
                if waits and not mine:
                    continue
                cell = cell_of(fresh, row, column)
                if not same and not mine:
                    cell = GridCell(cell.text, CellState.CHANGED, "Người khác vừa nhập ô này; hỏi nhau trước khi sửa.")
                elif same and not mine and shown.state is CellState.CHANGED:
                    continue
                self.grid.set_cell(row, column, cell)

    def _where(self, typed: Typed) -> tuple[int, int]:
        rows: Sequence[str] = [pupil.key for pupil in self.marks.pupils]
        cells = [column.cell for column in self.marks.columns]
        if typed.pupil in rows and typed.cell in cells:
            return rows.index(typed.pupil), cells.index(typed.cell)
        return -1, -1
