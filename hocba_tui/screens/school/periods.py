"""Show and change which periods are open for entry."""

from __future__ import annotations

from textual.app import ComposeResult

from hocba_tui.flow.school.periods import set_open, set_window
from hocba_tui.model.school import School
from hocba_tui.model.values import Period
from hocba_tui.rules.windows import is_open
from hocba_tui.screens.actions import bindings_for
from hocba_tui.screens.dialogs import AskFields
from hocba_tui.screens.listed import ListPage
from hocba_tui.text import day_first
from hocba_tui.widgets.rows import RowColumn, Rows

_REASON = {"reason": ("Lí do (được lưu lại)", "")}


class PeriodsPage(ListPage):
    """The four periods."""

    SCOPE = "periods"
    BINDINGS = bindings_for("periods")

    def heading(self) -> str:
        """Return the title."""
        return "Mở, khóa các kỳ nhập"

    def hint(self) -> str:
        """Return the hint."""
        return "Enter: mở hoặc khóa ngay kỳ đang chọn. F3: hẹn ngày mở, ngày khóa. Việc nào cũng ghi lí do."

    def body(self) -> ComposeResult:
        """Yield the table."""
        yield Rows((RowColumn("Kỳ", 14), RowColumn("Tình trạng", 12), RowColumn("Hẹn ngày", 0)), "")

    def look(self) -> None:
        """Refresh the table."""
        school, today = self.desk.school, self.desk.clock.today()
        self.query_one(Rows).fill(
            (
                period.value,
                (period.label, "đang mở" if is_open(school, period, today) else "đang khóa", _days(school, period)),
            )
            for period in Period
        )

    def row_words(self) -> str:
        """Return which period the numbered list is about."""
        return f"Kỳ {Period(self.query_one(Rows).chosen).label}"

    def action_open(self) -> None:
        """Open or close the period under the cursor."""
        period = Period(self.query_one(Rows).chosen)
        opening = not is_open(self.desk.school, period, self.desk.clock.today())
        title = f"{'Mở' if opening else 'Khóa'} kỳ {period.label}"

        def answered(typed: dict[str, str] | None) -> None:
            if typed is not None:
                self.attempt(lambda: set_open(self.desk, period, is_open=opening, reason=typed["reason"]))
                self.look()

        self.app.push_screen(AskFields(title, _REASON), answered)

    def action_window(self) -> None:
        """Set the days on which the period under the cursor is open."""
        period = Period(self.query_one(Rows).chosen)
        first, last = (day_first(day) for day in self.desk.school.windows.get(period) or ("", ""))
        fields = {"first": ("Mở từ ngày", first), "last": ("Khóa sau ngày", last), **_REASON}

        def answered(typed: dict[str, str] | None) -> None:
            if typed is not None:
                self.attempt(lambda: set_window(self.desk, period, typed["first"], typed["last"], typed["reason"]))
                self.look()

        self.app.push_screen(AskFields(f"Hẹn ngày cho kỳ {period.label}", fields), answered)


def _days(school: School, period: Period) -> str:
    days = school.windows.get(period)
    return f"từ {day_first(days[0])} đến hết {day_first(days[1])}" if days else ""
