"""Grade entry: one grid of a class; the status line says "saved" only after the change is on disk."""

from __future__ import annotations

import asyncio
import contextlib
import time
from functools import partial

from textual import events, work
from textual.app import ComposeResult

from hocba_tui.errors import HocbaError, NotSaved
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.grades.conflicts import Clash
from hocba_tui.flow.grades.enter import Entered
from hocba_tui.flow.grades.last_act import OtherActLast
from hocba_tui.flow.grades.pupil_summary import glance
from hocba_tui.flow.grades.undo import TakeBack, redo, undo
from hocba_tui.flow.place import keep_place
from hocba_tui.flow.preferences import direction, keep_direction
from hocba_tui.flow.reports.home_tasks import current_period
from hocba_tui.log.keeping import shown
from hocba_tui.model.results import Cell, is_companion
from hocba_tui.model.values import EntryKind
from hocba_tui.rules.curriculum import class_for
from hocba_tui.rules.lawful import Unlawful, comment_limit, read_typed
from hocba_tui.screens.actions import bindings_for
from hocba_tui.screens.dialogs import AskFields, Confirm
from hocba_tui.screens.grid import places
from hocba_tui.screens.grid.blocks import WROTE
from hocba_tui.screens.grid.conflicts import GridClashes
from hocba_tui.screens.grid.saver import Outcome
from hocba_tui.screens.grid.session import Shown
from hocba_tui.screens.grid.status_text import HOW_TO_TYPE, TAKES, taken_back
from hocba_tui.screens.keys import key_name
from hocba_tui.screens.page import NOT_HERE
from hocba_tui.widgets.entry_grid import CellMessage, EntryGrid
from hocba_tui.widgets.frame import Title
from hocba_tui.widgets.grid_hand import Direction
from hocba_tui.widgets.grid_model import CellState

UNDONE = "hoàn tác"
"""What undo is called in the status line."""
_LOOK_EVERY, _LOOK_SELDOM = 0.5, 2.0
"""Seconds between two looks at what others wrote: while somebody works in the class, and after a while without."""
_A_WHILE = 20.0
"""Seconds after the last key here, or the last change by others."""


class GridPage(GridClashes):
    """One sheet of one class in one period."""

    SCOPE = "grid"
    DEFAULT_CSS = "GridPage Status { height: 1; }"
    BINDINGS = bindings_for("grid")

    def __init__(self, desk: Desk, class_key: str, sheet: str = "", pupil: str = "", field: str = "") -> None:
        period, room = current_period(desk), desk.classroom(class_key)
        if field:
            sheet, period = places.place_of(field, period)
        if not places.known_sheet(room, sheet):
            # No cell was asked for, or it belongs to a subject that the class no longer studies.
            sheet = places.first_sheet(desk, room)
        super().__init__(desk, class_key, sheet, period)
        self._wanted = (pupil, field)
        self._stirred = time.monotonic()
        """When somebody last did something here, as far as this session has seen."""

    def body(self) -> ComposeResult:
        """Yield the grid."""
        yield self.entry.grid

    def on_mount(self) -> None:
        """Start saving, and reading what others write."""
        self.run_worker(self.entry.saver.run(), group="saver")
        self.run_worker(self._look_on(), group="look")
        self.grid.direction = Direction(direction(self.desk) or Direction.DOWN)
        self.grid.focus()
        self.go_to(*self._wanted)
        self.tell_cell()

    async def may_leave(self) -> bool:
        """Wait until everything typed is saved; ask before anything is dropped."""
        self.write_pending()
        if self.entry.saver.waiting:
            self.say(f"đang đợi lưu {self.entry.saver.waiting} ô…")
        with self.keys_held():
            durable = await self.entry.saver.drain()
        if not durable:
            return await self._confirmed(
                f"Còn {self.entry.saver.waiting} ô CHƯA lưu được. Bỏ các ô ấy và rời đi?",
                "Ở lại thì chương trình tiếp tục thử. Các ô đã lưu vẫn an toàn.",
            )
        unsettled = self.entry.unsettled()
        if not unsettled:
            return True
        name, cell = unsettled[0]
        wrong = sum(1 for _, found in unsettled if found.state is CellState.WRONG)
        parts = [f"{wrong} ô sai chưa lưu (!)"] if wrong else []
        if len(unsettled) > wrong:
            parts.append(f"{len(unsettled) - wrong} ô ≠ mà giá trị của bạn chưa được ghi")
        return await self._confirmed(
            f"Còn {', '.join(parts)}. Bỏ và rời đi?",
            f"{name}: {cell.note}" if cell.state is CellState.CONFLICT else f"{name}: “{cell.text}”. {cell.note}",
        )

    @property
    def under_way(self) -> bool:
        """Return whether cells wait to be saved."""
        return bool(self.entry.saver.waiting)

    def keep_draft(self) -> None:
        """Keep the place, for a person whose terminal is gone."""
        if not self.grid.model.empty:
            row, column = self.here
            pupil, cell = self.entry.marks.pupils[row], self.entry.marks.columns[column].cell
            with contextlib.suppress(HocbaError):
                keep_place(self.desk, self.class_key, pupil.key, cell.field)

    async def save_typed(self) -> None:
        """Wait until every finished value is saved, for a person whose terminal is gone."""
        await self.entry.saver.drain()

    async def _confirmed(self, question: str, detail: str, yes: str = "có") -> bool:
        answer: bool = await self.app.push_screen_wait(Confirm(question, detail, yes))
        return answer

    # --- typing --------------------------------------------------------------------------------

    def on_entry_grid_typed(self, event: EntryGrid.Typed) -> None:
        """Queue a cell for saving, or say why its value may not be stored."""
        if where := self.where(event, event.text):
            self.write(*where, event.text)

    def on_entry_grid_taken_back(self, event: EntryGrid.TakenBack) -> None:
        """Restore what was in a cell before the value typed last."""
        if where := self.where(event, ""):
            self.entry.take_back(*where)
            self.tell_cell()

    def on_entry_grid_opened(self, event: EntryGrid.Opened) -> None:
        """Open the editor for a comment; where two people wrote, let the teacher choose first."""
        if where := self.where(event, ""):
            if self.entry.clash(*where):
                self.open_clash(*where)
            else:
                self.open_editor(*where)

    def on_entry_grid_said(self, event: EntryGrid.Said) -> None:
        """Show what the person must hear about the last key."""
        self.entry.tell_here(event.words)
        (self.refuse if event.refused else self.say)(event.words)

    def where(self, event: CellMessage, text: str) -> tuple[int, int] | None:
        """Return row and column of a cell; None, with a message, when its pupil has left the class meanwhile."""
        where = self.entry.where(event.pupil, event.field)
        if where is None:
            lost = f"“{text}” KHÔNG được lưu" if text else "không ghi gì"
            self.refuse(f"Em này không còn trong lớp {self.class_key}: {lost}. Mở lớp mới của em để gõ lại.")
        return where

    def open_editor(self, row: int, column: int, pasted: str = "", clash: Clash | None = None) -> None:
        """Open the editor for a comment; ``pasted`` is appended to the text.

        With a ``clash`` the teacher's own text is offered beside the other person's.
        """
        from hocba_tui.flow.comments.suggestions import BankDesk
        from hocba_tui.screens.editor import EditText

        marks = self.entry.marks
        found, pupil = marks.columns[column], marks.pupils[row]
        if reason := self.entry.lock(row, column):
            self.say(reason)
            return

        def answered(text: str | None) -> None:
            # Found by key: pupils may have been added or removed while the editor was open.
            if text is not None and (where := self.entry.where(pupil.key, found.cell.field)):
                self.write(*where, text, Shown(clash.theirs) if clash else seen)
                self.grid.after_comment()

        def keep(text: str) -> None:
            self.entry.keep_draft(pupil.key, found.cell, text)

        seen, kept = self.entry.shown(row, column), self.entry.draft(pupil.key, found.cell)
        title = f"{pupil.name} · {marks.sheet.title} · {found.name}"
        about = glance(marks, pupil, found.cell)
        draft = clash.wanted if clash else kept
        limit = comment_limit(found.cell)
        bank = BankDesk(self.desk, marks, pupil, found.cell) if BankDesk.serves(found.cell) else None
        editor = EditText(title, seen.text, limit, keep, draft, about=about, bank=bank, pasted=pasted)
        self.app.push_screen(editor, answered)

    def on_mark_grid_moved(self) -> None:
        """Show what matters about the cell under the cursor."""
        self._stirred = time.monotonic()
        self.tell_cell()

    def on_entry_grid_locked(self) -> None:
        """Show why the cell is locked, and who can open it."""
        self.entry.tell_here("")
        self.refuse(self.entry.status())

    def on_entry_grid_restored(self, event: EntryGrid.Restored) -> None:
        """Show the stored value again."""
        if where := self.where(event, ""):
            self.entry.restore(*where)
            self.tell_cell()

    def write(self, row: int, column: int, text: str, shown: Shown | None = None) -> None:
        """Handle what was typed into a cell; ``shown``: see :meth:`GridEntry.type`."""
        if reason := self.entry.lock(row, column):
            self.say(reason)
        elif self.entry.type(row, column, text, shown):
            self.say(f"đang lưu {self.entry.saver.waiting} ô")
        else:
            # The cursor does not return: the next keys, already on their way, are for the next pupils.
            self.tell_cell()

    def tell_saved(self) -> None:
        """Say what is saved; when the class can no longer be written, what happened and what to do."""
        if self.entry.alarm:
            self.tell(self.entry.alarm)
        else:
            self.say(self.entry.saved_words())

    def unknown_key(self, event: events.Key) -> None:
        """Say what the cell takes, when a key is neither a value nor a command."""
        if event.is_printable and not self.grid.model.empty:
            column = self.entry.marks.columns[self.grid.model.column]
            takes = HOW_TO_TYPE.get(column.cell) or TAKES[column.kind]
            self.refuse(f"Phím {event.character} không vào ô nào. Ô này: {takes}.")
        elif event.key[:1] == "f" and event.key[1:].isdigit():
            self.refuse(NOT_HERE.format(key_name(event.key)))

    async def _look_on(self) -> None:
        """Look at what others wrote for as long as the class can be read."""
        while self.entry.alarm is None:
            idle = time.monotonic() - self._stirred > _A_WHILE
            await asyncio.sleep(_LOOK_SELDOM if idle else _LOOK_EVERY)
            await self._look()

    async def _look(self) -> None:
        """Read what others wrote; report a damaged or closed class once, and do not read it again."""
        try:
            changed = await self.entry.look()
        except HocbaError as error:
            shown(error)
            # In the status line: a notice that opens by itself would take keys that are meant for a cell.
            self.entry.alarm = error
            self.entry.take_in(self.entry.read_marks(), by_me=set())
            changed = True
        if changed:
            self._stirred = time.monotonic()
            self.query_one("#title", Title).say(self.heading())
            self.tell_cell()

    # --- actions -------------------------------------------------------------------------------

    def action_edit(self) -> None:
        """Edit a comment; for other cells write the result of another test, or of a reassessment."""
        from hocba_tui.flow.grades.retests import Again, assess_again

        if self.grid.model.empty:
            return
        row, column = self.here
        if self.entry.marks.columns[column].kind is EntryKind.TEXT:
            self.open_editor(row, column)
            return
        if reason := self.entry.lock(row, column):
            self.say(reason)
            return
        pupil, found = self.entry.marks.pupils[row], self.entry.marks.columns[column]

        def check(typed: dict[str, str]) -> str | None:
            read = read_typed(typed["text"], found.cell, class_for(pupil, self.entry.marks.classroom))
            return read.reason if isinstance(read, Unlawful) else None

        async def answered(typed: dict[str, str] | None) -> None:
            if typed is not None:
                verb = partial(assess_again, self.desk, self.class_key, pupil.key, found.cell, Again(**typed))
                self.took_in(await self.entry.saver.act(verb), "ghi thêm một lần")

        title = f"{pupil.name} · {self.entry.marks.sheet.title} · {found.name}: kiểm tra, đánh giá lại"
        today = f"{self.desk.clock.today():%d/%m/%Y}"
        fields = {"text": ("Kết quả lần này", ""), "day": ("Ngày", today), "reason": ("Lí do (được lưu lại)", "")}
        self.app.push_screen(AskFields(title, fields, check=check), answered)

    @work(group="block")
    async def action_undo(self) -> None:
        """Undo this person's last entry, today's or an earlier day's."""
        await self._take_back(undo, UNDONE)

    @work(group="block")
    async def action_redo(self) -> None:
        """Redo what was undone last."""
        await self._take_back(redo, "làm lại")

    async def _take_back(self, verb: TakeBack, words: str) -> None:
        """Undo or redo after all that was typed before is saved: never another entry than the last one seen."""
        async with self.acting:
            with self.keys_held():
                await self.settled()
                if waiting := self.entry.saver.waiting:
                    self.say(f"Còn {waiting} ô chưa lưu được nên chưa {words} gì; chương trình đang tự thử lại.")
                    return
                outcome = await self._undo_or_redo(verb, words, 0)
            if outcome is not None and isinstance(outcome.error, OtherActLast):
                act = outcome.error
                if await self._confirmed(act.what, act.now, f"{words} ô nhập trước việc ấy"):
                    await self._undo_or_redo(verb, words, act.seq)

    async def _undo_or_redo(self, verb: TakeBack, words: str, past: int) -> Outcome | None:
        """Undo or redo, and show it; what must be asked first is only returned."""
        outcome = await self.entry.saver.act(partial(verb, self.desk, self.class_key, past))
        if outcome is None or not isinstance(outcome.error, OtherActLast):
            self.took_in(outcome, words)
        if outcome is not None and outcome.entered is not None:
            self._show_change(outcome.entered, words)
        return outcome

    def _show_change(self, entered: Entered, words: str) -> None:
        """Go to the first cell that an undo has changed, and say what it changed; of a single cell both values."""
        made = entered.entry.edits if entered.entry else ()
        edits = [edit for edit in made if not is_companion(Cell.parse(edit.field))]
        names = {pupil.key: pupil.name for pupil in self.entry.marks.pupils}
        told = taken_back([(names.get(edit.key, ""), Cell.parse(edit.field)) for edit in edits])
        values = f"{_short(edits[0].before)} → {_short(edits[0].after)}, " if len(edits) == 1 else ""
        if edits and self.entry.where(edits[0].key, edits[0].field):
            self.go_to(edits[0].key, edits[0].field)
        other = "y: làm lại" if words == UNDONE else "u: hoàn tác"
        self.entry.tell_here(f"Đã {words}: {values}{told}. {other}.")
        self.tell_cell()

    def took_in(self, outcome: Outcome | None, verb: str) -> None:
        """Show in words the result of an act."""
        if outcome is None:
            self.say(f"Không còn gì của bạn để {verb} ở lớp này.")
        elif outcome.error is not None:
            self.tell(outcome.error)
        elif outcome.entered is not None and outcome.entered.entry is not None:
            edits = outcome.entered.entry.edits
            self.entry.take_in(self.entry.read_marks(), by_me={(edit.key, edit.field) for edit in edits})
            names = {pupil.key: pupil.name for pupil in self.entry.marks.pupils}
            words = f"Đã {verb}: {taken_back([(names.get(e.key, ''), Cell.parse(e.field)) for e in edits])}."
            self.say(f"{words} Bấm u để hoàn tác." if verb == WROTE else words)

    def action_card(self) -> None:
        """Show the whole card of this pupil."""
        if self.entry.marks.pupils:
            self._leave_for("card", pupil=self.entry.marks.pupils[self.grid.model.row].key)

    def action_review(self) -> None:
        """Show what is missing or odd."""
        self._leave_for("review")

    def action_missing(self) -> None:
        """Show what is missing in this period, by pupil."""
        self._leave_for("missing", period=self.entry.marks.period)

    def action_intake(self) -> None:
        """Import results of this class from Excel."""
        self._leave_for("intake", kind="results", period=self.entry.marks.period)

    @work(group="leave", exclusive=True)
    async def _leave_for(self, screen: str, **params: str) -> None:
        if await self.may_leave():
            self.go(screen, class_key=self.class_key, **params)

    def action_direction(self) -> None:
        """Change where the cursor goes after a value, for this person from now on."""
        ways = list(Direction)
        self.grid.direction = ways[(ways.index(self.grid.direction) + 1) % len(ways)]
        with contextlib.suppress(NotSaved):  # Then it holds for this session.
            keep_direction(self.desk, self.grid.direction)
        self.say(f"Sau khi nhập, con trỏ {self.grid.direction.label}.")


def _short(value: object) -> str:
    """Return a value in at most 16 letters."""
    text = "trống" if value is None else str(value).replace("\n", " ")
    return text if len(text) <= 16 else f"“{text[:14]}…”"
