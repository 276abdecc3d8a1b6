"""Moving about in the grid: to another sheet, period, column, pupil, gap or finding."""

from __future__ import annotations

import asyncio
from abc import abstractmethod

from hocba_tui.flow.desk import Desk
from hocba_tui.flow.grades.marks import single
from hocba_tui.model.values import Period
from hocba_tui.screens.dialogs import AskFields, Choose
from hocba_tui.screens.grid import places
from hocba_tui.screens.grid.session import GridEntry, Shown
from hocba_tui.screens.page import Page
from hocba_tui.screens.search import Search
from hocba_tui.text import fold
from hocba_tui.widgets.entry_grid import EntryGrid
from hocba_tui.widgets.frame import Title


class GridSheet(Page):
    """A page that shows one sheet of one class in one period, and can switch to others."""

    def __init__(self, desk: Desk, class_key: str, sheet: str, period: Period) -> None:
        super().__init__(desk)
        self.class_key = class_key
        self.entry = GridEntry(desk, class_key, sheet, period)
        self.entry.changed = self.tell_cell
        self.acting = asyncio.Lock()
        """Held by an act on the class, so that acts run one after another in the order of their keys."""

    @property
    def grid(self) -> EntryGrid:
        """Return the grid."""
        return self.entry.grid

    @property
    def here(self) -> tuple[int, int]:
        """Return the row and the column of the cursor."""
        return self.grid.model.row, self.grid.model.column

    def heading(self) -> str:
        """Return the title of the page."""
        return places.heading_of(self.desk, self.entry.marks)

    def tell_cell(self) -> None:
        """Show what matters about the cell under the cursor."""
        self.say(self.entry.status())

    @abstractmethod
    def write(self, row: int, column: int, text: str, shown: Shown | None = None) -> None:
        """Handle what was typed into a cell, or chosen by somebody who saw what is ``shown``."""

    def command_key(self) -> None:
        """Handle what is half typed: a command finishes it."""
        self.write_pending()

    def write_pending(self) -> None:
        """Handle what is half typed, before the cursor moves elsewhere."""
        if pending := self.grid.take_pending():
            self.write(*self.here, pending)

    def switch(self, sheet: str, period: Period) -> None:
        """Show another sheet or another period."""
        self.write_pending()
        self.entry.show(sheet, period)
        self.query_one("#title", Title).say(self.heading())
        self.tell_cell()

    def go_to(self, pupil: str, field: str) -> None:
        """Put the cursor on a cell of the present sheet; on the pupil's first cell when it has no such cell."""
        rows = [found.key for found in self.entry.marks.pupils]
        fields = [column.cell.field for column in self.entry.marks.columns]
        if pupil in rows:
            self.grid.jump(rows.index(pupil), fields.index(field) if field in fields else 0)

    # --- actions -------------------------------------------------------------------------------

    def action_gap(self) -> None:
        """Go to the next gap."""
        if not self.grid.next_gap():
            self.say("Bảng này không còn ô trống bắt buộc nào. Bấm r để rà soát cả lớp.")

    def action_finding(self) -> None:
        """Go to the next cell with a finding, in this sheet or another, and show the finding."""
        found = self.attempt(lambda: places.next_finding(self.desk, self.entry.marks, *self.here))
        if found is None:
            self.say("Không có điều gì lạ ở các ô của bạn. Bấm r để rà soát cả lớp.")
            return
        marks = self.entry.marks
        sheet, period = places.place_of(found.field, marks.period)
        if found.field not in {column.cell.field for column in marks.columns}:
            self.switch(sheet, period)
        self.go_to(found.pupil, found.field)
        self.entry.tell_here(f"{found.message} {found.remedy}".strip())
        self.tell_cell()

    def action_sheet(self) -> None:
        """Choose another subject or table."""
        marks = self.entry.marks

        def answered(key: str | None) -> None:
            if key:
                self.switch(places.other_sheet(marks.sheet.key, key), marks.period)

        title = f"Lớp {self.class_key}: chọn môn hoặc bảng"
        options = places.sheet_options(marks.classroom)
        self.app.push_screen(Search(title, options, single(marks.sheet.key)), answered)

    def action_column(self) -> None:
        """Choose a column of this sheet."""
        columns = self.entry.marks.columns

        def answered(key: str | None) -> None:
            if key:
                self.grid.jump(self.here[0], int(key))

        options = [(str(number), places.column_name(column)) for number, column in enumerate(columns)]
        self.app.push_screen(Search("Tới cột", options, str(self.here[1])), answered)

    def action_period(self) -> None:
        """Choose another period."""
        marks = self.entry.marks

        def answered(key: str | None) -> None:
            if key:
                self.switch(*places.other_period(marks.sheet.key, marks.period, key))

        options = places.period_options(self.desk, marks.sheet.key)
        present = places.present_period(marks.sheet.key, marks.period)
        self.app.push_screen(Choose("Chọn kỳ", options, present), answered)

    def action_find(self) -> None:
        """Go to a pupil by part of the name."""

        def answered(typed: dict[str, str] | None) -> None:
            names = [fold(pupil.name) for pupil in self.entry.marks.pupils]
            before = self.grid.model.row
            if typed and typed["name"].strip() and self.grid.model.find(fold(typed["name"]), names):
                row, self.grid.model.row = self.grid.model.row, before
                self.grid.jump(row, self.grid.model.column)
            elif typed:
                self.say(f"Không có em nào tên có “{typed['name']}”.")

        self.app.push_screen(AskFields("Tìm học sinh", {"name": ("Một phần họ tên, không cần dấu", "")}), answered)
