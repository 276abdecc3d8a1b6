"""Which periods are open for entry."""

from __future__ import annotations

from textual.app import ComposeResult

from hocba_tui.flow.periods import set_open
from hocba_tui.model.values import Period
from hocba_tui.rules.windows import is_open
from hocba_tui.screens.actions import bindings_for
from hocba_tui.screens.dialogs import AskFields
from hocba_tui.screens.page import Page
from hocba_tui.widgets.rows import RowColumn, Rows


class PeriodsPage(Page):
    """The four periods."""

    SCOPE = "periods"
    BINDINGS = bindings_for("periods")

    def heading(self) -> str:
        """Return where the person is."""
        return "Mở, khóa các kỳ nhập"

    def hint(self) -> str:
        """Return what to do here."""
        return "Enter: mở hoặc khóa kỳ đang chọn, có ghi lí do."

    def body(self) -> ComposeResult:
        """Yield the table."""
        yield Rows((RowColumn("Kỳ", 14), RowColumn("Tình trạng", 0)), "")

    def on_screen_resume(self) -> None:
        """Read anew."""
        school = self.desk.school
        self.query_one(Rows).fill(
            (period.value, (period.label, "đang mở" if is_open(school, period) else "đang khóa")) for period in Period
        )

    def action_open(self) -> None:
        """Open or close the period under the cursor."""
        period = Period(self.query_one(Rows).chosen)
        opening = not is_open(self.desk.school, period)
        title = f"{'Mở' if opening else 'Khóa'} kỳ {period.label}"

        def answered(typed: dict[str, str] | None) -> None:
            if typed is not None:
                self.attempt(lambda: set_open(self.desk, period, is_open=opening, reason=typed["reason"]))
                self.on_screen_resume()

        self.app.push_screen(AskFields(title, {"reason": ("Lí do (được lưu lại)", "")}), answered)
