"""The Textual application: it holds the desk of the person at work and opens the screens."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from typing import ClassVar

from textual import work

from hocba_tui.errors import HocbaError, NotSaved
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.place import take_place
from hocba_tui.flow.preferences import keep_rings, keep_typing_method, rings, typing_method
from hocba_tui.flow.reports.home_tasks import known_tasks, tasks
from hocba_tui.log.keeping import place_of, unexpected
from hocba_tui.screens.actions import EVERYWHERE, bindings_for
from hocba_tui.screens.dialogs import Confirm
from hocba_tui.screens.idling import LOOK_EVERY, IdlingApp
from hocba_tui.screens.names import class_of
from hocba_tui.screens.page import Go, Page
from hocba_tui.screens.palette import Command, Palette
from hocba_tui.screens.permitted import require_screen
from hocba_tui.telex.word import Method
from hocba_tui.widgets.typing import TypingApp
from hocba_tui.widgets.wire import SparingDriver


class HocbaApp(TypingApp, IdlingApp):
    """The application of one person."""

    TITLE = "hocba"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS = bindings_for(EVERYWHERE)
    CSS: ClassVar[str] = "Screen { background: $background; layers: base; }"

    def __init__(self, desk: Desk) -> None:
        super().__init__(driver_class=SparingDriver)
        self.desk = desk
        self._rings = True
        self.count_idleness(desk)

    @property
    def ends_idle(self) -> bool:
        """Return whether it ends when nobody is there; in training there is nothing to see."""
        return not self.desk.school.training

    def on_mount(self) -> None:
        """Open the first screen; close in good order when the connection drops or the server stops."""
        for number in (signal.SIGHUP, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, self.hang_up)
        self.method, self._rings = typing_method(self.desk), rings(self.desk)
        self.open_page("home")
        self._offer_return()
        if self.ends_idle:
            self.set_interval(LOOK_EVERY, self.look)

    def open_page(self, name: str, **params: str) -> None:
        """Open a screen on top of the current one; say it when its class cannot be read, or the person may not."""
        try:
            require_screen(self.desk, name, params.get("class_key", ""))
            self.push_screen(class_of(name)(self.desk, **params))
        except HocbaError as error:
            if not isinstance(self.screen, Page):
                raise
            self.screen.tell(error)

    def _offer_return(self) -> None:
        """Ask once whether to go back to the cell at which the last session was cut off."""
        if (place := take_place(self.desk)) is None:
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self.open_page("grid", **place.params)

        question = "Lần trước phiên bị ngắt giữa chừng. Về lại chỗ đang nhập?"
        self.push_screen(Confirm(question, place.words, "về lại ô ấy"), answered)

    def on_go(self, message: Go) -> None:
        """Open the screen that another one asked for."""
        self.open_page(message.name, **message.params)

    @work(group="leave", exclusive=True)
    async def action_leave(self) -> None:
        """Leave the current screen, unless it is the first."""
        page = self.screen
        if isinstance(page, Page) and not await page.may_leave():
            return
        if len(self.screen_stack) > 2:
            self.pop_screen()

    @work(group="leave", exclusive=True)
    async def action_close(self) -> None:
        """Leave the program."""
        page = self.screen
        if isinstance(page, Page) and not await page.may_leave():
            return
        self.exit()

    def action_help_quit(self) -> None:
        """Tell a person who presses Ctrl+C how to leave."""
        self.notify("Bấm F10 để thoát; mọi ô đã báo lưu vẫn an toàn.", title="hocba")

    def action_help(self) -> None:
        """Show the keys that work here."""
        page = self.screen
        if isinstance(page, Page):
            self.open_page("help", scope=page.SCOPE)

    def action_typing(self) -> None:
        """Switch to the next way of typing Vietnamese, and remember it for this person."""
        methods = list(Method)
        self.method = methods[(methods.index(self.method) + 1) % len(methods)]
        with contextlib.suppress(NotSaved):  # It is then used in this session only.
            keep_typing_method(self.desk, self.method)
        if isinstance(self.screen, Page):
            self.screen.say(f"Gõ tiếng Việt trong các ô chữ: {self.method}.")

    def bell(self) -> None:
        """Ring, unless the person has switched it off."""
        if self._rings:
            super().bell()

    def action_own_log(self) -> None:
        """Show what this account has done, and what others have done to it."""
        self.open_page("activity", person=self.desk.account)

    def action_ring(self) -> None:
        """Ring when a key is not taken, or do not, for this person from now on."""
        self._rings = not self._rings
        with contextlib.suppress(NotSaved):  # It then holds for this session only.
            keep_rings(self.desk, on=self._rings)
        if isinstance(self.screen, Page):
            self.screen.say(f"Chuông khi phím không dùng được: {'bật' if self._rings else 'tắt'}.")

    def action_end_others(self) -> None:
        """End the other sessions of this person."""
        if isinstance(self.screen, Page):
            told = self.others_told_to_end()
            self.screen.say("Đang đóng phiên ở nơi khác." if told else "Bạn không mở chương trình ở nơi nào khác.")

    def others_told_to_end(self) -> bool:
        """End the other sessions of this person; return whether there are any. Only a server knows of some."""
        return False

    def action_saved(self) -> None:
        """Tell a person who presses Ctrl+S as in Excel what is saved."""
        if isinstance(self.screen, Page):
            self.screen.tell_saved()

    def action_palette(self) -> None:
        """Open the palette with what can be done here, and the day's tasks."""
        if not isinstance(page := self.screen, Page):
            return

        def chosen(command: str | None) -> None:
            if command is not None:
                page.call_later(self.run_action, command, page)  # After the page has come back.

        known = page.attempt(lambda: known_tasks(self.desk)) or ()

        async def fresh() -> list[Command]:
            try:
                return page.commands(await asyncio.to_thread(tasks, self.desk))
            except HocbaError:
                return page.commands(known)  # Home says what is wrong.

        self.push_screen(Palette(page.commands(known), fresh), chosen)

    def note_failure(self, error: BaseException | None) -> None:
        """Log an unexpected error, which ends this session."""
        if error is not None:
            unexpected(error)

    def failure_text(self, error: BaseException | None) -> str:
        """Return three lines about an unexpected error: what happened, whether the work is safe, what to do."""
        place = place_of(error) if error else "?"
        return (
            f"hocba gặp lỗi ngoài dự kiến ({type(error).__name__}, {place}) và phải dừng.\n"
            "Mọi ô đã báo “đã lưu” vẫn an toàn; ô còn dấu … thì chưa.\n"
            "Mở lại chương trình để làm tiếp; nếu lặp lại, báo dòng đầu cho người phụ trách máy."
        )
