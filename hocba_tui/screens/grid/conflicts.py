"""Cells of the grid with a conflict: two people wrote them at once, and the teacher chooses a value."""

from __future__ import annotations

from hocba_tui.flow.grades.conflicts import Clash
from hocba_tui.model.results import Cell
from hocba_tui.model.values import EntryKind
from hocba_tui.rules.curriculum import class_for
from hocba_tui.rules.lawful import Unlawful, read_typed
from hocba_tui.screens.dialogs import AskFields
from hocba_tui.screens.grid import places
from hocba_tui.screens.grid.blocks import GridBlocks
from hocba_tui.screens.grid.choose_value import Choice, ChooseValue
from hocba_tui.screens.grid.session import Shown


class GridClashes(GridBlocks):
    """A grid in which a cell marked ≠ has a conflict that the teacher can solve."""

    def action_clash(self) -> None:
        """Go to a cell with a conflict, in this sheet or another, and ask for a choice."""
        if self.grid.model.empty or self.entry.clash(*self.here):
            self.open_clash(*self.here)
            return
        pupils = {pupil.key for pupil in self.entry.marks.pupils}
        waiting = [place for place in self.entry.aside.clashes if place[0] in pupils]
        if not waiting:
            self.say("Không có ô nào đang ≠.")
            return
        pupil, field = next((place for place in waiting if self.entry.where(*place)), waiting[0])
        if not self.entry.where(pupil, field):
            self.switch(*places.place_of(field, self.entry.marks.period))
        self.go_to(pupil, field)
        if where := self.entry.where(pupil, field):
            self.open_clash(*where)

    def open_clash(self, row: int, column: int) -> None:
        """Show both values of a cell and let the teacher choose."""
        clash = None if self.grid.model.empty else self.entry.clash(row, column)
        if clash is None:
            self.say("Không có ô nào đang ≠.")
            return
        marks = self.entry.marks
        pupil, found = marks.pupils[row], marks.columns[column]

        def answered(choice: Choice | None) -> None:
            where = self.entry.where(pupil.key, found.cell.field)
            if choice is None or where is None:
                return
            if choice is Choice.THEIRS:
                self.entry.restore(*where)
                self.entry.keep_draft(pupil.key, found.cell, "")
                self.tell_cell()
            elif choice is Choice.MINE:
                self.write(*where, clash.mine.text, Shown(clash.theirs))
            elif found.kind is EntryKind.TEXT:
                self.open_editor(*where, clash=clash)
            else:
                self._edit(clash, where, pupil.key, found.cell)

        title = f"≠ {pupil.name} · {marks.sheet.title} · {found.name}"
        self.app.push_screen(ChooseValue(title, clash), answered)

    def _edit(self, clash: Clash, where: tuple[int, int], pupil: str, cell: Cell) -> None:
        marks = self.entry.marks
        room = class_for(marks.pupils[where[0]], marks.classroom)

        def check(typed: dict[str, str]) -> str | None:
            read = read_typed(typed["text"], cell, room)
            return read.reason if isinstance(read, Unlawful) else None

        def answered(typed: dict[str, str] | None) -> None:
            if typed is not None and (place := self.entry.where(pupil, cell.field)):
                self.write(*place, typed["text"], Shown(clash.theirs))

        fields = {"text": ("Giá trị sẽ ghi", clash.wanted)}
        self.app.push_screen(AskFields(f"{marks.pupils[where[0]].name}: sửa rồi ghi", fields, check=check), answered)
