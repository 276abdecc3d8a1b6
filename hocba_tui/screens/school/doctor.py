"""Show what is installed, what is missing, and what to do."""

from __future__ import annotations

from textual import work
from textual.app import ComposeResult

from hocba_tui.config import Config
from hocba_tui.screens.listed import ListPage
from hocba_tui.widgets.rows import RowColumn, Rows


class DoctorPage(ListPage):
    """The same as ``hocba doctor``."""

    SCOPE = "doctor"
    REFRESHES = False

    def heading(self) -> str:
        """Return the title."""
        return "Khám máy"

    def hint(self) -> str:
        """Return the hint."""
        return "Đang khám…"

    def body(self) -> ComposeResult:
        """Yield the table."""
        yield Rows((RowColumn("", 1), RowColumn("Mục", 44), RowColumn("Việc cần làm", 0)), "")

    def on_mount(self) -> None:
        """Check in a thread, because tokens answer slowly."""
        self._examine()

    @work(thread=True)
    def _examine(self) -> None:
        from hocba_tui.flow.school.doctor import examine

        found = list(examine(Config.from_environment().modules, self.desk))
        rows = [
            (str(number), ("✓" if symptom.good else "!", symptom.what, "" if symptom.good else symptom.now))
            for number, symptom in enumerate(found)
        ]
        self.app.call_from_thread(self.query_one(Rows).fill, rows)
        wrong = sum(1 for symptom in found if not symptom.good)
        self.app.call_from_thread(self.say, f"{wrong} mục cần xem." if wrong else "Mọi thứ đều ổn.")
