"""The classes that a person may see, with how far each has got."""

from __future__ import annotations

from textual.app import ComposeResult

from hocba_tui.flow.overview import ClassProgress, all_progress
from hocba_tui.screens.actions import bindings_for
from hocba_tui.screens.excel_out import ask_excel
from hocba_tui.screens.page import Page
from hocba_tui.widgets.rows import RowColumn, Rows


class ClassesPage(Page):
    """Progress by class; classes are never compared, only counted."""

    SCOPE = "classes"
    BINDINGS = bindings_for("classes")

    def heading(self) -> str:
        """Return where the person is."""
        return "Các lớp"

    def body(self) -> ComposeResult:
        """Yield the table."""
        columns = (
            RowColumn("Lớp", 5), RowColumn("Sĩ số", 6), RowColumn("Ô trống", 8), RowColumn("Nộp được", 9),
            RowColumn("Đã nộp", 7), RowColumn("Đã duyệt", 9), RowColumn("Phát hành", 10), RowColumn("Tiếp nhận", 0),
        )  # fmt: skip
        yield Rows(columns, "Bạn chưa có lớp nào.")

    def on_screen_resume(self) -> None:
        """Count anew."""
        found = self.attempt(lambda: all_progress(self.desk)) or ()
        self.query_one(Rows).fill(
            (
                at.classroom.key,
                (
                    at.classroom.key, str(at.pupils), str(at.gaps), str(at.ready), str(at.submitted),
                    str(at.approved), str(at.issued + at.accepted + at.rejected), _received(at),
                ),
            )
            for at in found
        )  # fmt: skip

    def action_open(self) -> None:
        """Open the class list."""
        self._to("roster")

    def action_review(self) -> None:
        """Open the review."""
        self._to("review")

    def action_grid(self) -> None:
        """Open the grid."""
        self._to("grid")

    def action_issued(self) -> None:
        """Open the issued files."""
        self._to("issued")

    def action_excel(self) -> None:
        """Write an Excel file of the class."""
        if chosen := self.query_one(Rows).chosen:
            ask_excel(self, chosen)

    def _to(self, screen: str) -> None:
        chosen = self.query_one(Rows).chosen
        if chosen:
            self.go(screen, classroom=chosen)


def _received(at: ClassProgress) -> str:
    return f"{at.accepted}, từ chối {at.rejected}" if at.rejected else str(at.accepted)
