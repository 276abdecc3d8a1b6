"""The outbox: what waits to be sent, and what the portal answered for each record."""

from __future__ import annotations

import asyncio
import time

from textual import work
from textual.app import ComposeResult
from textual.widgets import Static

from hocba_tui.errors import HocbaError
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.portal.outbox import (
    ANSWERED,
    PACKAGE_STATES,
    QUEUED,
    UNKNOWN,
    Package,
    outbox,
    portal_state,
    receipts,
)
from hocba_tui.screens.actions import bindings_for
from hocba_tui.screens.dialogs import Confirm
from hocba_tui.screens.keys import Action
from hocba_tui.screens.listed import ListPage
from hocba_tui.text import moment
from hocba_tui.widgets.rows import RowColumn, Rows

LAST_PACKAGE = 200.0
"""Seconds for the package that is being sent when the program must end: longer than the portal may take."""


class OutboxPage(ListPage):
    """The packages: one for each class and signing run."""

    SCOPE = "outbox"
    BINDINGS = bindings_for("outbox")
    DEFAULT_CSS = "OutboxPage #portal { height: auto; padding: 0 1; }"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._packages: dict[str, Package] = {}
        self._busy = self._stopped = False

    def heading(self) -> str:
        """Return where the person is."""
        return "Hộp gửi"

    def body(self) -> ComposeResult:
        """Yield the table."""
        columns = (
            RowColumn("Lớp", 5), RowColumn("Học bạ", 7), RowColumn("Lập lúc", 17), RowColumn("Tình trạng", 22),
            RowColumn("Kết quả", 0),
        )  # fmt: skip
        yield Static("", id="portal", markup=False)
        yield Rows(columns, "Hộp gửi trống: chưa có học bạ nào được đóng dấu.")

    def may_look(self) -> bool:
        """Return whether nothing is being sent."""
        return not self._busy

    def look(self) -> None:
        """Read the outbox again."""
        found = self.attempt(lambda: outbox(self.desk)) or ()
        self._packages = {package.message: package for package in found}
        if (portal := self.attempt(lambda: portal_state(self.desk))) is not None:
            self.query_one("#portal", Static).update(portal.words)
        self.query_one(Rows).fill(
            (
                package.message,
                (
                    package.class_key, str(len(package.uuids)), moment(package.made),
                    PACKAGE_STATES[package.state], f"nhận {package.accepted}, từ chối {package.rejected}",
                ),
            )
            for package in found
        )  # fmt: skip
        self.refresh_bar()
        does = f"F7: {self._does()}" if self._does() else "Không có gì chờ gửi"
        self.summarise(f"{does}. Enter: kết quả từng em.")

    def _unsent(self) -> list[Package]:
        return [package for package in self._packages.values() if package.state in (QUEUED, UNKNOWN)]

    def _does(self) -> str:
        """Return what F7 does, empty when nothing waits."""
        if count := sum(len(package.uuids) for package in self._unsent()):
            return f"Gửi {count} học bạ"
        return "Lấy kết quả" if any(package.state != ANSWERED for package in self._packages.values()) else ""

    def label_of(self, action: Action) -> str:
        """Say in the key bar how many records F7 sends."""
        return ("" if self._busy else self._does()) if action.name == "send" else super().label_of(action)

    def action_open(self) -> None:
        """Show the receipts of the class."""
        if chosen := self.query_one(Rows).chosen:
            self.go("receipts", class_key=self._packages[chosen].class_key)

    @property
    def under_way(self) -> bool:
        """Return whether something is being sent."""
        return self._busy

    async def may_leave(self) -> bool:
        """Return whether nothing is being sent."""
        return not self._busy

    async def save_typed(self) -> None:
        """Let the package that is being sent be sent, and no other: the terminal is gone, or the server stops."""
        self._stopped = True
        until = time.monotonic() + LAST_PACKAGE
        while self._busy and time.monotonic() < until:  # noqa: ASYNC110 - it is sent in another thread
            await asyncio.sleep(0.05)

    @work
    async def action_send(self) -> None:
        """Ask once by number, send what waits and record the receipts."""
        if self._busy:
            return
        if not (does := self._does()):
            self.say("Không có gì chờ gửi.")
            return
        if packages := self._unsent():
            question = f"{does} trong {len(packages)} gói tới cổng tiếp nhận?"
            detail = f"Lớp: {', '.join(dict.fromkeys(package.class_key for package in packages))}."
            if not await self.app.push_screen_wait(Confirm(question, f"{detail} Đã gửi thì không rút lại được.", does)):
                return
        self._busy, self._stopped = True, False
        self.refresh_bar()
        self.say("Đang gửi…")
        self._send()

    @work(thread=True, exclusive=True, group="send")
    def _send(self) -> None:
        from hocba_tui.flow.portal.send import portal_of, send

        error: HocbaError | None = None
        unknown = ""
        try:
            unknown = send(self.desk, portal_of(self.desk), lambda: self._stopped).unknown
        except HocbaError as found:
            error = found
        self.app.call_from_thread(self._sent, error, unknown)

    def _sent(self, error: HocbaError | None, unknown: str) -> None:
        self._busy = False
        self.look()
        if error is not None:
            self.tell(error)
        else:
            self.say(f"Đã gửi và đã lấy kết quả. {unknown}".rstrip())


class ReceiptsPage(ListPage):
    """What the portal said about each record of a class."""

    SCOPE = "receipts"

    def __init__(self, desk: Desk, class_key: str) -> None:
        super().__init__(desk)
        self.class_key = class_key

    def heading(self) -> str:
        """Return where the person is."""
        return f"Kết quả tiếp nhận › {self.class_key}"

    def body(self) -> ComposeResult:
        """Yield the table."""
        columns = (RowColumn("Học sinh", 26), RowColumn("Kết quả", 14), RowColumn("Lí do", 0))
        yield Rows(columns, "Chưa gửi học bạ nào của lớp này.")

    def look(self) -> None:
        """Fill the table."""
        found = self.attempt(lambda: receipts(self.desk, self.class_key)) or ()
        self.query_one(Rows).fill((r.uuid, (r.name, r.state.label, r.reason)) for r in found)
