"""Grade entry: one grid of a class, typed at full speed, durable before the status line says so."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from functools import partial

from textual import work
from textual.app import ComposeResult

from hocba_tui.errors import CellConflict, HocbaError, NotSaved
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.drafts import drafts, keep_draft
from hocba_tui.flow.entry import Typed
from hocba_tui.flow.glance import glance
from hocba_tui.flow.marks import Marks, open_marks, single
from hocba_tui.flow.overview import current_period
from hocba_tui.flow.retesting import Again, assess_again
from hocba_tui.flow.undoing import redo, undo
from hocba_tui.model.results import Cell
from hocba_tui.model.values import EntryKind, Period
from hocba_tui.rules.curriculum import class_for
from hocba_tui.rules.lawful import Unlawful, comment_limit, read_typed
from hocba_tui.screens import grid_places as places
from hocba_tui.screens.actions import bindings_for
from hocba_tui.screens.dialogs import AskFields, Choose, Confirm
from hocba_tui.screens.editor import EditText
from hocba_tui.screens.grid_cells import cell_of, model_of
from hocba_tui.screens.grid_words import status_line, taken_back, wrong_cells
from hocba_tui.screens.page import Page
from hocba_tui.screens.saver import Outcome, Saver
from hocba_tui.text import fold
from hocba_tui.widgets.frame import Title
from hocba_tui.widgets.grid_model import CellState, GridCell, GridModel
from hocba_tui.widgets.mark_grid import MarkGrid

_LOOK_EVERY = 1.0
"""Seconds between two looks at what others did."""


class GridPage(Page):
    """One sheet of one class in one period."""

    SCOPE = "grid"
    DEFAULT_CSS = "GridPage Status { height: 1; }"
    BINDINGS = bindings_for("grid")

    def __init__(self, desk: Desk, classroom: str, sheet: str = "", pupil: str = "", field: str = "") -> None:
        super().__init__(desk)
        self.classroom = classroom
        self._period = current_period(desk)
        room = desk.classroom(classroom)
        self._sheet = sheet
        if field:
            self._sheet, self._period = places.place_of(field, self._period)
        if not places.known_sheet(room, self._sheet):
            # None was asked for, or a value stands in a subject that the class no longer studies.
            self._sheet = places.first_sheet(desk, room)
        self._wanted = (pupil, field)
        self._marks = open_marks(desk, classroom, self._sheet, self._period)
        self._saver = Saver(desk, classroom, self._saved)
        self._saved_at = ""
        self._refusal = ""
        """Why the disk refused, while it does."""

    def heading(self) -> str:
        """Return where the person is."""
        return places.heading_of(self.desk, self._marks)

    def body(self) -> ComposeResult:
        """Yield the grid."""
        yield MarkGrid(self._model())

    @property
    def grid(self) -> MarkGrid:
        """Return the grid."""
        return self.query_one(MarkGrid)

    def on_mount(self) -> None:
        """Begin to save, and to look at what others do."""
        self.run_worker(self._saver.run(), group="saver")
        self._timer = self.set_interval(_LOOK_EVERY, self._look)
        self.grid.focus()
        self._go_to(*self._wanted)
        self._tell_cell()

    async def may_leave(self) -> bool:
        """Wait until everything typed is durable; ask before anything is dropped."""
        if pending := self.grid.take_pending():
            self._type(self.grid.model.row, self.grid.model.column, pending)
        if self._saver.waiting:
            self.say(f"đang đợi lưu {self._saver.waiting} ô…")
        if not await self._saver.drain():
            return await self._confirmed(
                f"Còn {self._saver.waiting} ô chưa lưu được vì đĩa từ chối. Bỏ các ô ấy và rời đi?",
                "Ở lại thì chương trình tiếp tục thử. Các ô đã lưu vẫn an toàn.",
            )
        wrong = wrong_cells(self.grid.model)
        if not wrong:
            return True
        name, cell = wrong[0]
        return await self._confirmed(
            f"Còn {len(wrong)} ô sai chưa lưu. Bỏ và rời đi?", f"{name}: “{cell.text}”. {cell.note}"
        )

    async def _confirmed(self, question: str, detail: str) -> bool:
        answer: bool = await self.app.push_screen_wait(Confirm(question, detail))
        return answer

    # --- typing --------------------------------------------------------------------------------

    def on_mark_grid_typed(self, event: MarkGrid.Typed) -> None:
        """Queue a cell for saving, or say why it may not stand there."""
        self._type(event.row, event.column, event.text)

    def on_mark_grid_opened(self, event: MarkGrid.Opened) -> None:
        """Open the editor for a comment."""
        column, pupil = self._marks.columns[event.column], self._marks.pupils[event.row]
        if reason := self._lock(event.row, event.column):
            self.say(reason)
            return

        def answered(text: str | None) -> None:
            if text is not None:
                self._type(event.row, event.column, text)
                self.grid.advance()

        def keep(text: str) -> None:
            self._keep_draft(pupil.key, column.cell, text)

        text = self._marks.text(pupil.key, column.cell)
        kept = [d.text for d in drafts(self.desk, self.classroom) if (d.pupil, d.cell) == (pupil.key, column.cell)]
        title = f"{pupil.name} · {self._marks.sheet.title} · {column.name}"
        about = glance(self._marks, pupil, column.cell)
        editor = EditText(title, text, comment_limit(column.cell), keep, *kept, about=about)
        self.app.push_screen(editor, answered)

    def _keep_draft(self, pupil: str, cell: Cell, text: str) -> None:
        # A draft is a second net; the disk that refuses it will say so when the comment is saved.
        with contextlib.suppress(HocbaError):
            keep_draft(self.desk, self.classroom, pupil, cell, text)

    def on_mark_grid_moved(self) -> None:
        """Say what matters about the cell under the cursor."""
        self._tell_cell()

    def on_mark_grid_locked(self) -> None:
        """Say why the cell is locked, and who can open it."""
        self._tell_cell()

    def on_mark_grid_restored(self, event: MarkGrid.Restored) -> None:
        """Show the stored value again."""
        self.grid.set_cell(event.row, event.column, cell_of(self._marks, event.row, event.column))
        self._tell_cell()

    def _type(self, row: int, column: int, text: str) -> None:
        if reason := self._lock(row, column):
            self.say(reason)
            return
        pupil, cell = self._marks.pupils[row], self._marks.columns[column].cell
        read = read_typed(text, cell, class_for(pupil, self._marks.classroom))
        if isinstance(read, Unlawful):
            held = self._marks.text(pupil.key, cell)
            note = f"{read.reason} Đang lưu: {held or 'trống'}; Backspace để giữ."
            self.grid.set_cell(row, column, GridCell(text, CellState.WRONG, note))
            self.grid.jump(row, column)
            self._tell_cell()
            return
        shown = "" if read.value is None else str(read.value)
        self.grid.set_cell(row, column, GridCell(shown, CellState.SAVING))
        self._saver.put(Typed(pupil.key, cell, text, self._marks.value(pupil.key, cell)))
        self.say(f"đang lưu {self._saver.waiting} ô")

    def _saved(self, outcome: Outcome) -> None:
        """Show what became of typed cells: a saved mark only after the store has acknowledged."""
        for typed in outcome.typed:
            row, column = self._where(typed)
            if row < 0:
                continue
            if isinstance(outcome.error, CellConflict):
                self._marks = self._read_marks()
                text = self._marks.text(typed.pupil, typed.cell)
                who = self.desk.staff(outcome.error.who).name or outcome.error.who
                note = f"{who} vừa ghi {text or 'trống'}; bạn gõ {typed.text}, CHƯA ghi. Gõ lại nếu muốn đổi."
                self.grid.set_cell(row, column, GridCell(text, CellState.CONFLICT, note))
            elif outcome.error is not None and not isinstance(outcome.error, NotSaved):
                self.grid.set_cell(row, column, GridCell(typed.text, CellState.WRONG, outcome.error.what))
            elif outcome.error is None:
                refused = {(r.pupil, r.cell): r.reason for r in outcome.entered.refused} if outcome.entered else {}
                reason = refused.get((typed.pupil, typed.cell))
                if not reason and self._marks.columns[column].kind is EntryKind.TEXT:
                    self._keep_draft(typed.pupil, typed.cell, "")
                if reason:
                    self.grid.set_cell(row, column, GridCell(typed.text, CellState.WRONG, reason))
        self._refusal = outcome.error.what.partition(";")[0] if isinstance(outcome.error, NotSaved) else ""
        if outcome.error is None:
            self._saved_at = f"{self.desk.clock.now():%H:%M:%S}"
            self._take_in(self._read_marks(), by_me={(t.pupil, t.cell.field) for t in outcome.typed})
        else:
            self._tell_cell()

    # --- what others do ------------------------------------------------------------------------

    async def _look(self) -> None:
        self._saver.retry()
        fresh: list[Marks] = []

        def look() -> bool:
            seen = (self._marks.seq, self._marks.school_seq)
            if (self.desk.class_shard(self.classroom).seq, self.desk.school_shard.seq) != seen:
                fresh.append(self._read_marks())
            self.desk.require_sound(self.classroom)
            return bool(fresh)

        try:
            changed = await self._saver.read(look)
        except HocbaError as error:
            # A damaged or closed class: say it once, and stop looking.
            self._timer.stop()
            self.tell(error)
            self._take_in(self._read_marks(), by_me=set())
            return
        if changed:
            self._take_in(fresh[0], by_me=set())
            self.query_one("#title", Title).say(self.heading())

    def _read_marks(self) -> Marks:
        return open_marks(self.desk, self.classroom, self._sheet, self._period)

    def _take_in(self, fresh: Marks, by_me: set[tuple[str, str]]) -> None:
        """Repaint what changed between the marks on the screen and ``fresh``."""
        if [pupil.key for pupil in fresh.pupils] != [pupil.key for pupil in self._marks.pupils]:
            self._marks = fresh
            self.grid.show(self._model())
            return
        before, self._marks = self._marks, fresh
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
        self._tell_cell()

    # --- actions -------------------------------------------------------------------------------

    def action_gap(self) -> None:
        """Go to the next gap."""
        if not self.grid.next_gap():
            self.say("Bảng này không còn ô trống bắt buộc nào. Bấm r để rà soát cả lớp.")

    def action_sheet(self) -> None:
        """Choose another subject or table."""
        options = places.sheet_options(self._marks.classroom)

        def answered(key: str | None) -> None:
            if key:
                self._switch(places.other_sheet(self._sheet, key), self._period)

        title = f"Lớp {self.classroom}: chọn môn hoặc bảng"
        self.app.push_screen(Choose(title, options, single(self._sheet)), answered)

    def action_period(self) -> None:
        """Choose another period."""

        def answered(key: str | None) -> None:
            if key:
                self._switch(*places.other_period(self._sheet, self._period, key))

        options = places.period_options(self.desk, self._sheet)
        self.app.push_screen(Choose("Chọn kỳ", options, places.present_period(self._sheet, self._period)), answered)

    def action_again(self) -> None:
        """Write what another test, or additional assessment, found for this cell."""
        row, column = self.grid.model.row, self.grid.model.column
        if reason := self._lock(row, column):
            self.say(reason)
            return
        pupil, found = self._marks.pupils[row], self._marks.columns[column]

        def check(typed: dict[str, str]) -> str:
            read = read_typed(typed["text"], found.cell, class_for(pupil, self._marks.classroom))
            return read.reason if isinstance(read, Unlawful) else ""

        async def answered(typed: dict[str, str] | None) -> None:
            if typed is not None:
                verb = partial(assess_again, self.desk, self.classroom, pupil.key, found.cell, Again(**typed))
                self._took_in(await self._saver.act(verb), "ghi thêm một lần")

        title = f"{pupil.name} · {self._marks.sheet.title} · {found.name}: kiểm tra, đánh giá lại"
        today = f"{self.desk.clock.today():%d/%m/%Y}"
        fields = {"text": ("Kết quả lần này", ""), "day": ("Ngày", today), "reason": ("Lí do (được lưu lại)", "")}
        self.app.push_screen(AskFields(title, fields, check=check), answered)

    async def action_undo(self) -> None:
        """Take back this person's last entry, of today or of any day before."""
        self._took_in(await self._saver.act(partial(undo, self.desk, self.classroom)), "hoàn tác")

    async def action_redo(self) -> None:
        """Bring back what was taken back last."""
        self._took_in(await self._saver.act(partial(redo, self.desk, self.classroom)), "làm lại")

    def _took_in(self, outcome: Outcome | None, verb: str) -> None:
        if outcome is None:
            self.say(f"Không còn gì của bạn để {verb} ở lớp này.")
        elif outcome.error is not None:
            self.tell(outcome.error)
        elif outcome.entered is not None and outcome.entered.entry is not None:
            edits = outcome.entered.entry.edits
            self._take_in(self._read_marks(), by_me={(edit.key, edit.field) for edit in edits})
            names = {pupil.key: pupil.name for pupil in self._marks.pupils}
            self.say(f"Đã {verb}: {taken_back([(names.get(e.key, ''), Cell.parse(e.field)) for e in edits])}.")

    def action_find(self) -> None:
        """Go to a pupil by part of the name."""

        def answered(typed: dict[str, str] | None) -> None:
            names = [fold(pupil.name) for pupil in self._marks.pupils]
            before = self.grid.model.row
            if typed and typed["name"].strip() and self.grid.model.find(fold(typed["name"]), names):
                row, self.grid.model.row = self.grid.model.row, before
                self.grid.jump(row, self.grid.model.column)
            elif typed:
                self.say(f"Không có em nào tên có “{typed['name']}”.")

        self.app.push_screen(AskFields("Tìm học sinh", {"name": ("Một phần họ tên, không cần dấu", "")}), answered)

    def action_card(self) -> None:
        """Show the whole card of this pupil."""
        if self._marks.pupils:
            self._leave_for("card", pupil=self._marks.pupils[self.grid.model.row].key)

    def action_review(self) -> None:
        """Show what is missing or odd."""
        self._leave_for("review")

    def action_missing(self) -> None:
        """Show what is missing in this period, by pupil."""
        self._leave_for("missing", period=self._marks.period)

    def action_intake(self) -> None:
        """Bring in results of this class from Excel."""
        self._leave_for("intake", kind="results", period=self._marks.period)

    @work(group="leave", exclusive=True)
    async def _leave_for(self, screen: str, **params: str) -> None:
        if await self.may_leave():
            self.go(screen, classroom=self.classroom, **params)

    def action_direction(self) -> None:
        """Let the cursor go down or right after a value."""
        self.grid.down = not self.grid.down
        self.say("Sau khi nhập, con trỏ đi xuống." if self.grid.down else "Sau khi nhập, con trỏ sang phải.")

    # --- inside --------------------------------------------------------------------------------

    def _switch(self, sheet: str, period: Period) -> None:
        if pending := self.grid.take_pending():
            self._type(self.grid.model.row, self.grid.model.column, pending)
        self._sheet, self._period = sheet, period
        self._marks = self._read_marks()
        self.grid.show(self._model())
        self.query_one("#title", Title).say(self.heading())
        self._tell_cell()

    def _model(self) -> GridModel:
        return model_of(self._marks)

    def _go_to(self, pupil: str, field: str) -> None:
        rows = [found.key for found in self._marks.pupils]
        fields = [column.cell.field for column in self._marks.columns]
        if pupil in rows:
            self.grid.jump(rows.index(pupil), fields.index(field) if field in fields else 0)

    def _tell_cell(self) -> None:
        waiting = self._saver.waiting
        self.say(status_line(self.grid.model, self._marks.columns, waiting, self._saved_at, self._refusal))

    def _lock(self, row: int, column: int) -> str:
        return self._marks.locks.get((self._marks.pupils[row].key, self._marks.columns[column].cell.field), "")

    def _where(self, typed: Typed) -> tuple[int, int]:
        rows: Sequence[str] = [pupil.key for pupil in self._marks.pupils]
        cells = [column.cell for column in self._marks.columns]
        if typed.pupil in rows and typed.cell in cells:
            return rows.index(typed.pupil), cells.index(typed.cell)
        return -1, -1
