"""Show whose certificate is registered and until when, and register one that is plugged in. No PIN is asked for."""

from __future__ import annotations

from textual import work
from textual.app import ComposeResult

from hocba_tui.errors import HocbaError
from hocba_tui.flow.desk import WITHOUT_STAMPS, Desk
from hocba_tui.flow.reports.certificate_note import SEAL
from hocba_tui.flow.reports.certificates import NONE, UNKNOWN, Held, certificates
from hocba_tui.screens.actions import bindings_for
from hocba_tui.screens.dialogs import Choose, Confirm, Notice
from hocba_tui.screens.listed import ListPage
from hocba_tui.text import day_first
from hocba_tui.widgets.rows import RowColumn, Rows

_NO_TOKEN = (
    "Không thấy chứng thư nào trên token đang cắm.",
    "Cắm token vào máy chủ, hoặc chuyển tiếp token ở máy của mình (chuyen-tiep-token.md), rồi làm lại.",
)


class CertificatesPage(ListPage):
    """The seal, then the people who sign."""

    SCOPE = "certificates"
    BINDINGS = bindings_for("certificates")

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._held: dict[str, Held] = {}
        self._news = ""

    def heading(self) -> str:
        """Return the title."""
        return "Chứng thư số"

    def body(self) -> ComposeResult:
        """Yield the table."""
        yield Rows(
            (RowColumn("", 1), RowColumn("Của ai", 40), RowColumn("Đến hết", 10), RowColumn("Tình trạng", 0)),
            "Bạn không ký gì nên không cần chứng thư.",
        )

    def look(self) -> None:
        """Read the registrations again."""
        self._held = {held.account: held for held in certificates(self.desk)}
        self.query_one(Rows).fill(
            (key, ("!" if held.wrong else "✓", held.holder, day_first(held.until), _short(held)))
            for key, held in self._held.items()
        )
        if self._news:
            self.say(self._news)
            self._news = ""
        else:
            self.on_rows_moved()

    def on_rows_moved(self) -> None:
        """Say what is with the certificate under the cursor."""
        if held := self._held.get(self.query_one(Rows).chosen):
            self.say(f"{held.holder}: {held.words}. F3: đăng ký token đang cắm.")

    def row_words(self) -> str:
        """Return whose certificate the numbered list is about."""
        held = self._held.get(self.query_one(Rows).chosen)
        return held.holder if held else "Chứng thư số"

    def action_open(self) -> None:
        """Show the number by which the certificate is compared."""
        if held := self._held.get(self.query_one(Rows).chosen):
            number = " ".join(held.sha256[at : at + 4] for at in range(0, len(held.sha256), 4))
            self.app.push_screen(Notice(held.holder, f"{held.words}.", f"SHA-256: {number}" if number else ""))

    def action_pins(self) -> None:
        """Show which seals and issuers are believed."""
        self.go("pins")

    @work(exclusive=True)
    async def action_register(self) -> None:
        """Let the person choose a certificate that is plugged in, ask once, and register it for the row."""
        from hocba_tui.flow.records.register_certificate import look_at_tokens, register, register_seal

        held = self._held.get(self.query_one(Rows).chosen)
        if held is None:
            return
        self.say("Đang đọc các token đang cắm…")
        try:
            seen = [one for token in await look_at_tokens(self.desk) for one in token.certificates]
            if not seen:
                await self.app.push_screen_wait(Notice(*_NO_TOKEN))
                return
            options = [
                (one.fingerprint, f"{one.holder}, {one.valid}: {one.problem or one.registered or NONE}") for one in seen
            ]
            chosen = await self.app.push_screen_wait(Choose(f"Chứng thư nào là của {held.holder}?", options))
            if chosen is None:
                return
            words = next(one.holder for one in seen if one.fingerprint == chosen)
            instead = " Chứng thư đã đăng ký trước đây thôi dùng từ bây giờ." if held.sha256 else ""
            question = Confirm(f"Đăng ký cho {held.holder}?", f"{words}.{instead} Không hỏi PIN.", "đăng ký")
            if not await self.app.push_screen_wait(question):
                return
            warning = None
            if held.account == SEAL:
                await register_seal(self.desk, chosen)
            else:
                warning = await register(self.desk, held.account, chosen)
        except HocbaError as error:
            self.tell(error)
            return
        self._news = f"Đã đăng ký cho {held.holder}."
        if warning or not self.desk.school.timestamps:
            # The page looks again when the notice has closed.
            await self.app.push_screen_wait(Notice(self._news, warning or "", "" if warning else WITHOUT_STAMPS))
        else:
            self.attempt(self.look)


def _short(held: Held) -> str:
    if held.words in (NONE, UNKNOWN):
        return held.words.partition(":")[0]
    if held.words.startswith("đã"):
        return held.words.partition(" từ ")[0]
    return "sắp hết hạn" if held.wrong else "dùng được"
