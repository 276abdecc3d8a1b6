"""Show roles and logins that wait for a second person; confirm or withdraw one."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult

from hocba_tui.flow.desk import Desk
from hocba_tui.flow.proposals import Proposal, proposals
from hocba_tui.flow.school.confirming import confirm, withdraw
from hocba_tui.screens.actions import bindings_for
from hocba_tui.screens.dialogs import Confirm
from hocba_tui.screens.listed import ListPage
from hocba_tui.text import day_first
from hocba_tui.widgets.rows import RowColumn, Rows


class ProposalsPage(ListPage):
    """What the actor may confirm or withdraw."""

    SCOPE = "proposals"
    BINDINGS = bindings_for("proposals")

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._found: dict[str, Proposal] = {}
        self._news = ""

    def heading(self) -> str:
        """Return where the person is."""
        return "Quyền, tên đăng nhập chờ người thứ hai"

    def body(self) -> ComposeResult:
        """Yield the table."""
        columns = (
            RowColumn("Tài khoản", 14), RowColumn("Người đề nghị", 20), RowColumn("Đến hết", 10),
            RowColumn("Thay đổi", 0),
        )  # fmt: skip
        yield Rows(columns, "Không có đề nghị nào đang chờ.")

    def look(self) -> None:
        """Read the proposals again, and say how this account came in when that was from the machine."""
        self._found = {found.before.key: found for found in proposals(self.desk)}
        self.query_one(Rows).fill(
            (key, (key, found.by.name, day_first(found.last_day), found.words)) for key, found in self._found.items()
        )
        self.refresh_bar()
        self.summarise(self._news or self.desk.actor.recovered or "F7: xác nhận; F3: bỏ đề nghị. Cả hai đều hỏi lại.")

    def row_words(self) -> str:
        """Return which account the numbered list is about."""
        return self.query_one(Rows).chosen or "Không có đề nghị nào"

    def action_confirm(self) -> None:
        """Ask, then confirm what the cursor is on."""
        if found := self._found.get(self.query_one(Rows).chosen):
            if not found.confirming.allowed:
                self.refuse(found.confirming.reason)
                return
            self._ask(
                found, f"Xác nhận cho {found.before.name}?", "xác nhận", lambda: confirm(self.desk, _key(found), found)
            )

    def action_withdraw(self) -> None:
        """Ask, then withdraw what the cursor is on."""
        if found := self._found.get(self.query_one(Rows).chosen):
            self._ask(found, f"Bỏ đề nghị cho {found.before.name}?", "bỏ", lambda: withdraw(self.desk, _key(found)))

    def _ask(self, found: Proposal, question: str, yes: str, act: Callable[[], object]) -> None:
        def answered(sure: bool | None) -> None:
            if sure:
                self._news = "" if self.attempt(act) is None else f"Đã {yes}: {_key(found)}, {found.words}."

        # The page looks again when the question has closed.
        detail = f"{found.words}. {found.by.name} ({found.by.key}) đề nghị."
        self.app.push_screen(Confirm(question, detail, yes), answered)


def _key(found: Proposal) -> str:
    return found.before.key
