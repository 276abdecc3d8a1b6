"""The issue round: who signs, where, on which date."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import Static

from hocba_tui.flow.school.issue_rounds import open_round
from hocba_tui.screens.actions import bindings_for
from hocba_tui.screens.dialogs import AskFields
from hocba_tui.screens.page import Page
from hocba_tui.text import day_first


class RoundPage(Page):
    """The present round, and opening one."""

    SCOPE = "round"
    BINDINGS = bindings_for("round")
    DEFAULT_CSS = "RoundPage #round { padding: 1 2; height: 1fr; }"

    def heading(self) -> str:
        """Return where the person is."""
        return "Đợt phát hành"

    def hint(self) -> str:
        """Return what to do here."""
        return "F7: mở đợt mới. Bạn là người ký của đợt bạn mở."

    def body(self) -> ComposeResult:
        """Yield the text."""
        yield Static(id="round", markup=False)

    def on_screen_resume(self) -> None:
        """Show the present round."""
        opened = self.desk.open_round()
        if opened is None:
            text = (
                "Chưa mở đợt nào.\n\nTên và chức vụ người ký, địa danh và ngày phát hành nằm trong phần "
                "được ký, nên phải mở đợt trước thì giáo viên mới nộp được."
            )
        else:
            text = (
                f"{opened.name}\n\nNgười ký:   {opened.signer_name}\nChức vụ:    {opened.signer_title}\n"
                f"Địa danh:   {opened.place}\nNgày ghi:   {day_first(opened.date)}"
            )
        self.query_one("#round", Static).update(text)

    def action_open_round(self) -> None:
        """Ask place and date, then open."""
        fields = {
            "place": ("Địa danh phát hành", self.desk.school.commune),
            "date": ("Ngày phát hành (ngày/tháng/năm)", f"{self.desk.clock.today():%d/%m/%Y}"),
        }

        def answered(typed: dict[str, str] | None) -> None:
            if typed is None:
                return
            opened = self.attempt(lambda: open_round(self.desk, typed["place"], typed["date"]))
            if opened is not None:
                self.on_screen_resume()
                self.say("Đã mở đợt. Giáo viên chủ nhiệm nộp được từ bây giờ.")

        present = self.desk.open_round()
        note = f"Người ký: {self.desk.actor.name} ({self.desk.actor.title})."
        if present is not None:
            note += f" {present.name} đang mở sẽ đóng lại; học bạ đã nộp theo đợt ấy vẫn giữ người ký cũ."
        self.app.push_screen(AskFields("Mở đợt phát hành", fields, note), answered)
