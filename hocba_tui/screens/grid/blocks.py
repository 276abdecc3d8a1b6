"""Acts on many cells of the grid: each shows its plan first, is one change in the store and one step of undo."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Callable, Mapping
from functools import partial

from textual import events, work

from hocba_tui.errors import HocbaError
from hocba_tui.flow.grades import blocks
from hocba_tui.flow.grades.clipboard import read_tabbed
from hocba_tui.flow.grades.conflicts import Clash
from hocba_tui.flow.grades.marks import Marks
from hocba_tui.model.values import EntryKind
from hocba_tui.screens.dialogs import AskFields
from hocba_tui.screens.grid.navigation import GridSheet
from hocba_tui.screens.grid.plan_preview import PlanPreview
from hocba_tui.screens.grid.saver import Outcome
from hocba_tui.widgets.entry_grid import EntryGrid

Make = Callable[[Marks, Mapping[tuple[str, str], str]], blocks.Plan]
"""Makes a plan from the marks, after everything typed was saved."""
WROTE = "ghi"
"""What was done, in the words of the status line, when a block was written."""


class GridBlocks(GridSheet):
    """A grid in which blocks are selected, filled, copied and pasted."""

    @abstractmethod
    def took_in(self, outcome: Outcome | None, verb: str) -> None:
        """Show the result of an act."""

    @abstractmethod
    def open_editor(self, row: int, column: int, pasted: str = "", clash: Clash | None = None) -> None:
        """Open the editor of a comment; ``pasted`` is inserted as if it had been pasted there."""

    # --- selecting -----------------------------------------------------------------------------

    def action_select(self) -> None:
        """Begin a block, or stop extending it."""
        model = self.grid.model
        if model.extending:
            model.extending = False
        elif not model.empty:
            self.grid.deselect()
            self.grid.select()
            model.extending = True
        self.tell_cell()

    def on_entry_grid_cleared(self) -> None:
        """Ask whether to empty the block."""
        if block := self.grid.model.block:
            self._carry_out(lambda marks, aside: blocks.clear(marks, block, aside))

    # --- acts ----------------------------------------------------------------------------------

    def action_fill(self) -> None:
        """Fill the block with its top cells; without a block, this cell with the one above."""
        row, column = self.here
        block = self.grid.model.block
        if block is None and row == 0:
            self.say("Không có em nào ở trên. Chọn khối (b, hoặc Shift+mũi tên) rồi bấm g.")
            return
        area = block or (row - 1, column, row, column)
        self._carry_out(lambda marks, aside: blocks.fill_down(marks, area, aside))

    def action_empty(self) -> None:
        """Ask for a value for all empty cells of the block, or of the column; nothing typed: the period before."""
        if self.grid.model.empty:
            return
        marks, column, block = self.entry.marks, self.here[1], self.grid.model.block
        area = block or blocks.whole_column(marks, column)
        _, left, _, right = area

        def check(typed: dict[str, str]) -> str | None:
            return blocks.lawful_somewhere(marks, range(left, right + 1), typed["text"]) if typed["text"] else None

        def answered(typed: dict[str, str] | None) -> None:
            if typed is None:
                return
            if text := typed["text"]:
                self._carry_out(lambda fresh, aside: blocks.set_empty(fresh, area, text, aside))
            else:
                self._carry_out(lambda fresh, aside: blocks.copy_before(fresh, area, aside, over=block is not None))

        where = "khối" if block else f"cột {marks.columns[column].name}"
        before = "như kỳ trước, cả khối" if block else "như kỳ trước"
        label = f"Giá trị; để trống rồi Enter: {before}"
        self.app.push_screen(AskFields(f"Điền các ô trống của {where}", {"text": (label, "")}, check=check), answered)

    @work(group="block")
    async def _carry_out(self, make: Make) -> None:
        """Plan on what is saved, show the plan, and write it after a yes."""
        async with self.acting:
            with self.keys_held():
                await self.settled()
                try:
                    plan = make(self.entry.marks, self.entry.aside.reasons())
                except HocbaError as error:
                    self.tell(error)
                    return
            if not plan.lines and not plan.over:
                self.say("Không có ô nào để ghi: các ô đã đúng như vậy, hoặc không có gì để lấy.")
            elif await self.app.push_screen_wait(PlanPreview(plan)):
                self.took_in(await self.entry.saver.act(partial(blocks.write, self.desk, self.class_key, plan)), WROTE)
                self.grid.deselect()
            else:
                self.say("Chưa ghi gì.")

    async def settled(self) -> None:
        """Wait until every key that was typed before has been handled and is saved."""
        arrived = asyncio.Event()
        # A typed value is a message from the grid to this page; this message comes after it.
        self.grid.call_later(self.call_later, arrived.set)
        await arrived.wait()
        await self.entry.saver.drain()

    # --- copy and paste ------------------------------------------------------------------------

    def action_copy(self) -> None:
        """Put the block, or this cell, on the terminal's clipboard, and keep a copy here."""
        if self.grid.model.empty:
            return
        row, column = self.here
        area = self.grid.model.block or (row, column, row, column)
        text = self.attempt(lambda: blocks.copied(self.desk, self.entry.marks, area))
        if text is not None:
            self.app.copy_to_clipboard(text)
            count = (area[2] - area[0] + 1) * (area[3] - area[1] + 1)
            self.grid.deselect()
            self.say(f"Đã chép {count} ô. Dán: Ctrl+V trong Excel; ở đây hay ở lớp khác thì bấm j.")

    def action_paste(self) -> None:
        """Paste what was copied here."""
        if self.app.clipboard:
            self._paste(self.app.clipboard)
        else:
            self.say("Chưa chép gì ở đây. Khối từ Excel thì dán bằng phím dán của cửa sổ dòng lệnh.")

    def on_paste(self, event: events.Paste) -> None:
        """Paste a block from the terminal's clipboard."""
        event.stop()
        self._paste(event.text)

    def on_entry_grid_pasted(self, event: EntryGrid.Pasted) -> None:
        """Paste a block that the terminal sent as keys."""
        self._paste(event.text)

    def _paste(self, text: str) -> None:
        if self.grid.model.empty:
            return
        self.write_pending()
        block = self.grid.model.block
        row, column = (block.top, block.left) if block else self.here
        rows = self.attempt(lambda: read_tabbed(text))
        if not rows:
            self.say("Không có gì để dán.")
        elif len(rows) == 1 and len(rows[0]) == 1 and self.entry.marks.columns[column].kind is EntryKind.TEXT:
            self.open_editor(row, column, rows[0][0])
        else:
            self._carry_out(lambda marks, aside: blocks.paste(marks, row, column, rows, aside))
