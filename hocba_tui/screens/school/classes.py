"""Show the classes that a person may see, with the progress of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.app import ComposeResult

from hocba_tui.flow.desk import Desk
from hocba_tui.flow.reports.progress import ClassProgress, all_progress, count_all, known_progress
from hocba_tui.model.school import ClassRoom
from hocba_tui.screens.actions import bindings_for
from hocba_tui.screens.listed import ListPage
from hocba_tui.screens.reading import ReadingPage
from hocba_tui.screens.school.class_form import ask_change, ask_new_class
from hocba_tui.screens.school.excel_out import ask_excel
from hocba_tui.screens.school.first_gap import first_gap
from hocba_tui.widgets.rows import RowColumn, Rows


class ClassesPage(ReadingPage[Sequence[tuple[ClassRoom, ClassProgress | None]]], ListPage):
    """Progress by class; classes are counted, never compared."""

    SCOPE = "classes"
    BINDINGS = bindings_for("classes")

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._news = ""

    def heading(self) -> str:
        """Return the title."""
        return "Các lớp"

    def body(self) -> ComposeResult:
        """Yield the table."""
        columns = (
            RowColumn("Lớp", 5), RowColumn("Sĩ số", 6), RowColumn("Ô trống", 8), RowColumn("Nộp được", 9),
            RowColumn("Đã nộp", 7), RowColumn("Đã duyệt", 9), RowColumn("Phát hành", 10), RowColumn("Tiếp nhận", 0),
        )  # fmt: skip
        yield Rows(columns, "Bạn chưa có lớp nào.")

    def action_intake(self) -> None:
        """Import class lists or results."""
        self.go("intake")

    def steps(self) -> Iterator[object]:
        """Count one class after the other."""
        return count_all(self.desk)

    def read(self) -> Sequence[tuple[ClassRoom, ClassProgress | None]]:
        """Return the progress of every class."""
        return [(at.classroom, at) for at in all_progress(self.desk)]

    def read_so_far(self) -> Sequence[tuple[ClassRoom, ClassProgress | None]]:
        """Return the progress of the classes that have been counted."""
        return known_progress(self.desk)

    def show(self, found: Sequence[tuple[ClassRoom, ClassProgress | None]]) -> None:
        """Show it."""
        self.query_one(Rows).fill((room.key, (room.key, *_texts(at))) for room, at in found)
        if self._news:
            self.say(self._news)
            self._news = ""
        elif self.whole:
            self.summarise("")

    def action_open(self) -> None:
        """Open the class list."""
        self._to("roster")

    def action_review(self) -> None:
        """Open the review."""
        self._to("review")

    def action_grid(self) -> None:
        """Open the grid at the first gap of the class."""
        if chosen := self.query_one(Rows).chosen:
            self.go("grid", class_key=chosen, **first_gap(self.desk, chosen))

    def action_missing(self) -> None:
        """Show what is missing, by pupil."""
        self._to("missing")

    def row_words(self) -> str:
        """Return which class the numbered list is about."""
        return f"Lớp {self.query_one(Rows).chosen}".strip()

    def action_add(self) -> None:
        """Add a class."""
        ask_new_class(self, self._tell)

    def action_change(self) -> None:
        """Change the class under the cursor: its grades, its code, its optional subjects."""
        if chosen := self.query_one(Rows).chosen:
            ask_change(self, chosen, self._tell)

    def _tell(self, news: str) -> None:
        """Say what was done when the page is read again, which it is when the question has closed."""
        self._news = news

    def action_issued(self) -> None:
        """Open the issued files."""
        self._to("issued")

    def action_excel(self) -> None:
        """Write an Excel file of the class."""
        if chosen := self.query_one(Rows).chosen:
            ask_excel(self, chosen)

    def action_assign(self) -> None:
        """Show who teaches what in the class under the cursor."""
        if chosen := self.query_one(Rows).chosen:
            self.go("assignments", room=chosen)

    def _to(self, screen: str) -> None:
        chosen = self.query_one(Rows).chosen
        if chosen:
            self.go(screen, class_key=chosen)


def _texts(at: ClassProgress | None) -> Sequence[str]:
    if at is None:
        return ("…", "", "", "", "", "", "")
    if at.unreadable:
        return ("", "", "", "", "", "", "KHÔNG ĐỌC ĐƯỢC")
    issued = at.issued + at.accepted + at.rejected
    return (*map(str, (at.pupils, at.gaps, at.ready, at.submitted, at.approved, issued)), _received(at))


def _received(at: ClassProgress) -> str:
    return f"{at.accepted}, từ chối {at.rejected}" if at.rejected else str(at.accepted)
