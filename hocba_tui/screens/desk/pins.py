"""Show whose seals and which issuers are believed, who pinned them; pin another one, or take a pin away."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from textual import work
from textual.app import ComposeResult

from hocba_tui.flow.desk import Desk
from hocba_tui.rules.permits import Act
from hocba_tui.screens.actions import bindings_for
from hocba_tui.screens.dialogs import AskFields, Confirm, Notice
from hocba_tui.screens.listed import ListPage
from hocba_tui.screens.verdict import PHONE
from hocba_tui.widgets.rows import RowColumn, Rows

if TYPE_CHECKING:
    from hocba_tui.flow.verify.trusting import Place, Shown

_NO_MATCH = "Không khớp với chứng thư này. Đừng ghim khi chưa khớp."
_WHERE = (
    "Tệp nằm ở máy chạy hocba: học bạ mà trường ấy đã đóng dấu, hoặc tệp chứng thư. Để trống mã trường khi đó là chứng "
    "thư của một nơi cấp."
)


class PinsPage(ListPage):
    """Seals with their schools' codes, then issuers."""

    SCOPE = "pins"
    BINDINGS = bindings_for("pins")

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._pinned: dict[str, tuple[Shown, str]] = {}
        self._news = ""

    @property
    def _place(self) -> Place:
        from hocba_tui.flow.verify.trusting import Place

        return Place.of_store(self.desk)

    def heading(self) -> str:
        """Return the title."""
        return "Con dấu, nơi cấp đã ghim"

    def body(self) -> ComposeResult:
        """Yield the table."""
        yield Rows((RowColumn("Là gì", 7), RowColumn("Mã trường", 14), RowColumn("Của ai", 0)), "Chưa ghim gì.")

    def look(self) -> None:
        """Read the trust folder again."""
        from hocba_tui.flow.verify.trusting import pins, refused

        self._pinned = {f"{shown.code}/{shown.sha256}": (shown, by) for shown, by in pins(self._place)}
        self.query_one(Rows).fill(
            (key, (shown.role, shown.code, shown.holder)) for key, (shown, _) in self._pinned.items()
        )
        odd = refused(self._place)
        self.say(self._news or (f"! {odd[0]}; không dùng được." if odd else ""))
        if not (self._news or odd):
            self.on_rows_moved()
        self._news = ""

    def on_rows_moved(self) -> None:
        """Say who pinned the certificate under the cursor."""
        if found := self._pinned.get(self.query_one(Rows).chosen):
            self.say(found[1] or "Không ghi ai đã ghim: có sẵn, hoặc chép vào thư mục trust.")

    def row_words(self) -> str:
        """Return which pin the numbered list is about."""
        found = self._pinned.get(self.query_one(Rows).chosen)
        return found[0].holder if found else "Con dấu, nơi cấp"

    def action_open(self) -> None:
        """Show the certificate as it is compared by telephone."""
        if found := self._pinned.get(self.query_one(Rows).chosen):
            shown, by = found
            first, *rest = shown.lines
            self.app.push_screen(Notice(first, *rest, by))

    @work(exclusive=True)
    async def action_add(self) -> None:
        """Pin what a file holds, after its fingerprint was compared."""
        from hocba_tui.flow.verify.trusting import pin_issuer, pin_seal, same_fingerprint, seal_in

        self.desk.require(Act.PIN)
        fields = {"file": ("Tệp", ""), "code": ("Mã trường", "")}
        typed = await self.app.push_screen_wait(AskFields("Ghim từ một tệp", fields, _WHERE, as_typed=True))
        if not typed or not typed["file"].strip():
            return
        path, code = _file(typed["file"]), typed["code"].strip()
        shown = self.attempt(lambda: seal_in(self._place, path))
        if shown is None:
            return

        def check(again: dict[str, str]) -> str | None:
            return None if same_fingerprint(shown, again["digits"]) else _NO_MATCH

        note = "\n".join((*shown.lines, PHONE))
        title = f"Ghim con dấu của trường {code}" if code else "Ghim nơi cấp"
        form = AskFields(title, {"digits": ("8 chữ số cuối", "")}, note, as_typed=True, check=check)
        if await self.app.push_screen_wait(form) is None:
            return
        if self.attempt(
            lambda: pin_seal(self._place, path, shown, code) if code else pin_issuer(self._place, path, shown)
        ):
            self._again(f"Đã ghim {shown.holder}.")

    @work(exclusive=True)
    async def action_remove(self) -> None:
        """Take away every pin of the certificate under the cursor, after a question."""
        from hocba_tui.flow.verify.trusting import unpin

        found = self._pinned.get(self.query_one(Rows).chosen)
        if found is None:
            return
        shown = found[0]
        detail = "Tệp có chữ ký hay con dấu ấy sẽ là chưa kết luận được, cho tới khi ghim lại. Nhật kí giữ việc này."
        if not await self.app.push_screen_wait(Confirm(f"Gỡ ghim {shown.holder}?", detail, "gỡ ghim")):
            return
        if self.attempt(lambda: unpin(self._place, shown.sha256)):
            self._again(f"Đã gỡ ghim {shown.holder}.")

    def _again(self, news: str) -> None:
        self._news = news
        self.attempt(self.look)


def _file(typed: str) -> Path:
    return Path(typed.strip()).expanduser()
