"""What is missing: the empty cells of a class by pupil, or of many classes by teacher, in any period."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from textual.app import ComposeResult

from hocba_tui.flow.desk import Desk
from hocba_tui.flow.grades.counts import counted
from hocba_tui.flow.grades.missing import Missing, Owing, first_of, known_owing, missing, owing, owing_classes
from hocba_tui.flow.reports.home_tasks import current_period
from hocba_tui.model.curriculum import SUBJECTS
from hocba_tui.model.results import Cell
from hocba_tui.model.school import ClassRoom
from hocba_tui.model.values import Period
from hocba_tui.rules.keepers import addressed, keeper_account
from hocba_tui.rules.labels import brief
from hocba_tui.rules.permits import may_enter
from hocba_tui.screens.actions import bindings_for
from hocba_tui.screens.dialogs import Choose
from hocba_tui.screens.grid.places import period_options, period_words
from hocba_tui.screens.listed import ListPage
from hocba_tui.screens.reading import ReadingPage
from hocba_tui.screens.refreshed import RefreshedPage
from hocba_tui.screens.whose import MINE, whose_words
from hocba_tui.widgets.frame import Title
from hocba_tui.widgets.rows import RowColumn, Rows


class _GapsPage(RefreshedPage):
    """Lines of empty cells in one period; Enter goes to the first cell of a line."""

    def __init__(self, desk: Desk, class_key: str = "", period: str = "") -> None:
        super().__init__(desk)
        self.class_key = class_key
        self._period = Period(period) if period else current_period(desk)

    def action_period(self) -> None:
        """Choose another period."""

        def answered(key: str | None) -> None:
            if key:
                self._period = Period(key)
                self._again()

        self.app.push_screen(Choose("Chọn kỳ", period_options(self.desk), self._period.value), answered)

    def action_edit(self) -> None:
        """Go to the first empty cell, as Enter does."""
        self.action_open()

    def _again(self) -> None:
        self.query_one("#title", Title).say(self.heading())
        self.call_later(self.look_now)


class MissingPage(_GapsPage, ListPage):
    """The pupils of a class with what is missing for each."""

    SCOPE = "missing"
    BINDINGS = bindings_for("missing")

    def __init__(self, desk: Desk, class_key: str, period: str = "") -> None:
        super().__init__(desk, class_key, period)
        self._mine_only = False
        self._lines: dict[str, Missing] = {}

    def heading(self) -> str:
        """Return the title of the page."""
        whose = " (ô của tôi)" if self._mine_only else ""
        return f"Còn thiếu › {self.class_key} › {period_words(self.desk, self._period)}{whose}"

    def body(self) -> ComposeResult:
        """Yield the table."""
        columns = (RowColumn("Học sinh", 24), RowColumn("Ô", 3), RowColumn("Của ai", 10), RowColumn("Còn trống", 0))
        yield Rows(columns, "Kỳ này không còn ô trống nào.")

    def look(self) -> None:
        """Fill the table."""
        found = self.attempt(lambda: missing(self.desk, self.class_key, self._period)) or ()
        if self._mine_only:
            found = tuple(Missing(one.pupil, tuple(filter(self._mine, one.cells))) for one in found)
        room = self.desk.classroom(self.class_key)
        own = {one.pupil.key: [cell for cell in one.cells if self._mine(cell)] for one in found}
        if room.homeroom != self.desk.account:  # Who teaches a subject here sees her own before anything else.
            found = tuple(sorted(found, key=lambda one: not own[one.pupil.key]))
        self._lines = {one.pupil.key: one for one in found if one.cells}
        owners = {key: _owners(one, room) for key, one in self._lines.items()}
        whose = whose_words(self.desk, {account for accounts in owners.values() for account in accounts})
        self.query_one(Rows).fill(
            (key, (one.pupil.name, str(len(one.cells)), _named(owners[key], whose), brief(_own_first(one, own[key]))))
            for key, one in self._lines.items()
        )
        cells = sum(len(one.cells) for one in self._lines.values())
        self.summarise(f"{cells} ô của {len(self._lines)} em còn trống. Enter: tới ô đó." if cells else "")

    def on_rows_moved(self) -> None:
        """Show who enters what is missing for the pupil under the cursor."""
        if one := self._lines.get(self.query_one(Rows).chosen):
            room = self.desk.classroom(self.class_key)
            accounts = dict.fromkeys(keeper_account(cell, room) for cell in one.cells)
            whose = ", ".join(addressed(self.desk.staff(account)) for account in accounts if account)
            self.say(f"{one.pupil.name}: {brief(one.cells)}. Người nhập: {whose or 'chưa phân công'}.")

    def action_open(self) -> None:
        """Go to the first empty cell, the person's own before those of others."""
        if one := self._lines.get(self.query_one(Rows).chosen):
            cell = next(filter(self._mine, one.cells), one.cells[0])
            self.go("grid", class_key=self.class_key, pupil=one.pupil.key, field=cell.field)

    def action_mine(self) -> None:
        """Show in turn everybody's cells, those that this person enters, the same by teacher."""
        self._mine_only = not self._mine_only
        self._again()
        if not self._mine_only:
            self.action_teachers()

    def action_teachers(self) -> None:
        """Show the same by teacher."""
        self.go("owing", class_key=self.class_key, period=self._period)

    def _mine(self, cell: Cell) -> bool:
        return may_enter(self.desk.actor, self.desk.classroom(self.class_key), cell).allowed


def _own_first(one: Missing, own: Sequence[Cell]) -> list[Cell]:
    return [*own, *(cell for cell in one.cells if cell not in own)]


def _owners(one: Missing, room: ClassRoom) -> tuple[str, ...]:
    return tuple(dict.fromkeys(keeper_account(cell, room) or "" for cell in one.cells))


def _named(accounts: Sequence[str], whose: Mapping[str, str]) -> str:
    """Return the words for who enters what a pupil lacks, the actor first."""
    return ", ".join(sorted((whose[account] for account in accounts), key=lambda word: word != MINE))


class OwingPage(_GapsPage, ReadingPage[tuple[Owing, ...]], ListPage):
    """Who still has something to enter, in which class and subject."""

    SCOPE = "owing"
    BINDINGS = bindings_for("owing")

    def __init__(self, desk: Desk, class_key: str = "", period: str = "") -> None:
        super().__init__(desk, class_key, period)
        self._lines: tuple[Owing, ...] = ()

    def heading(self) -> str:
        """Return the title of the page."""
        return f"Còn thiếu theo giáo viên › {self.class_key or 'các lớp'} › {period_words(self.desk, self._period)}"

    def body(self) -> ComposeResult:
        """Yield the table."""
        columns = (
            RowColumn("Lớp", 5), RowColumn("Môn", 22), RowColumn("Ô", 4), RowColumn("Em", 3), RowColumn("Giáo viên", 0)
        )  # fmt: skip
        yield Rows(columns, "Kỳ này không còn ô trống nào.")

    def steps(self) -> Iterator[object]:
        """Count one class after the other."""
        return (counted(self.desk, room) for room in owing_classes(self.desk, self.class_key))

    def read(self) -> tuple[Owing, ...]:
        """Return what is owed."""
        return owing(self.desk, self._period, self.class_key)

    def read_so_far(self) -> tuple[Owing, ...]:
        """Return what is owed in the classes that have been counted."""
        return known_owing(self.desk, self._period, self.class_key)

    def show(self, found: tuple[Owing, ...]) -> None:
        """Fill the table."""
        self._lines = found
        self.query_one(Rows).fill(
            (f"{line.class_key}.{line.subject}", (line.class_key, _work(line), str(line.cells), str(line.pupils), who))
            for line in self._lines
            for who in [addressed(self.desk.staff(line.teacher)) if line.teacher else "chưa phân công"]
        )
        cells = sum(line.cells for line in self._lines)
        if self.whole:
            self.summarise(f"{cells} ô còn trống. Enter: tới ô trống đầu tiên của dòng." if cells else "")

    def action_open(self) -> None:
        """Go to the first empty cell of the line."""
        chosen = self.query_one(Rows).chosen
        line = next((line for line in self._lines if chosen == f"{line.class_key}.{line.subject}"), None)
        if line is None:
            return
        first = self.attempt(lambda: first_of(self.desk, line, self._period))
        if first is None:
            self.say("Dòng này không còn ô trống nào.")
        else:
            self.go("grid", class_key=line.class_key, pupil=first[0], field=first[1].field)


def _work(line: Owing) -> str:
    return SUBJECTS[line.subject].spoken if line.subject else "chủ nhiệm"
