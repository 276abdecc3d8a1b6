"""Show roles, logins and passwords that wait for a second person, and what was done to one's own login."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.widgets import Static

from hocba_tui.flow.desk import Desk
from hocba_tui.flow.proposals import Proposal, proposals
from hocba_tui.flow.requested import Request, notices, waiting
from hocba_tui.flow.school.confirming import confirm, withdraw
from hocba_tui.flow.school.login_requests import confirm_request, saw_notices, withdraw_request
from hocba_tui.screens.actions import bindings_for
from hocba_tui.screens.dialogs import Confirm
from hocba_tui.screens.listed import ListPage
from hocba_tui.text import day_first
from hocba_tui.widgets.rows import RowColumn, Rows


class ProposalsPage(ListPage):
    """What the actor may confirm or withdraw."""

    SCOPE = "proposals"
    BINDINGS = bindings_for("proposals")
    DEFAULT_CSS = "ProposalsPage #told { height: auto; padding: 0 1 1 1; }"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._found: dict[str, Proposal | Request] = {}
        self._notices = tuple(found.words for found in notices(desk))
        """What was done to the own login; who comes here has seen it."""
        self._news = ""

    def heading(self) -> str:
        """Return where the person is."""
        return "Quyền, tên đăng nhập chờ người thứ hai"

    def on_mount(self) -> None:
        """Note that the person has seen what was done to the own login."""
        if self._notices:
            self.attempt(lambda: saw_notices(self.desk))

    def body(self) -> ComposeResult:
        """Yield what was done to the own login, and the table."""
        if self._notices:
            lines = [*self._notices, "Không phải do thầy/cô nhờ: báo hiệu trưởng ngay."]
            yield Static("\n".join(lines), id="told", markup=False)
        columns = (
            RowColumn("Tài khoản", 14), RowColumn("Người đề nghị", 20), RowColumn("Đến hết", 10),
            RowColumn("Thay đổi", 0),
        )  # fmt: skip
        yield Rows(columns, "Không có đề nghị nào đang chờ.")

    def look(self) -> None:
        """Read the proposals again, and say how this account came in when that was from the machine."""
        everything: list[Proposal | Request] = [*proposals(self.desk), *waiting(self.desk)]
        self._found = {_name(found): found for found in everything}
        self.query_one(Rows).fill(
            (name, (found.before.key, found.by.name, day_first(found.last_day), _briefly(found)))
            for name, found in self._found.items()
        )
        self.refresh_bar()
        self.summarise(self._news or self.desk.actor.recovered or "F7: xác nhận; F3: bỏ đề nghị. Cả hai đều hỏi lại.")

    def row_words(self) -> str:
        """Return which account the numbered list is about."""
        found = self._found.get(self.query_one(Rows).chosen)
        return found.before.key if found else "Không có đề nghị nào"

    def action_confirm(self) -> None:
        """Ask, then confirm what the cursor is on."""
        if found := self._found.get(self.query_one(Rows).chosen):
            if not found.confirming.allowed:
                self.refuse(found.confirming.reason)
                return
            self._ask(found, f"Xác nhận cho {found.before.name}?", "xác nhận", lambda: _confirm(self.desk, found))

    def action_withdraw(self) -> None:
        """Ask, then withdraw what the cursor is on."""
        if found := self._found.get(self.query_one(Rows).chosen):
            self._ask(found, f"Bỏ đề nghị cho {found.before.name}?", "bỏ", lambda: _withdraw(self.desk, found))

    def _ask(self, found: Proposal | Request, question: str, yes: str, act: Callable[[], object]) -> None:
        def answered(sure: bool | None) -> None:
            if sure:
                self._news = "" if self.attempt(act) is None else f"Đã {yes}: {found.before.key}, {found.words}."

        # The page looks again when the question has closed.
        detail = f"{found.words}. {found.by.name} ({found.by.key}) đề nghị."
        self.app.push_screen(Confirm(question, detail, yes), answered)


def _name(found: Proposal | Request) -> str:
    """Return what tells it from the others: an account may have one proposal, and a request of each kind."""
    return f"{found.before.key}/{found.kind}" if isinstance(found, Request) else found.before.key


def _briefly(found: Proposal | Request) -> str:
    """Return what it is about for a row; the question before it is confirmed says all."""
    return found.kind.label if isinstance(found, Request) else found.words


def _confirm(desk: Desk, found: Proposal | Request) -> object:
    if isinstance(found, Request):
        return confirm_request(desk, found.before.key, found.kind, found)
    return confirm(desk, found.before.key, found)


def _withdraw(desk: Desk, found: Proposal | Request) -> object:
    if isinstance(found, Request):
        return withdraw_request(desk, found.before.key, found.kind)
    return withdraw(desk, found.before.key)
