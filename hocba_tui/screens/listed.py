"""Pages with a list of rows: find a row by its words, go to the next one; what others change is seen by itself."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import ClassVar

from textual import events, on
from textual.timer import Timer

from hocba_tui.errors import HocbaError
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.reports.watching import Watch
from hocba_tui.screens.actions import LISTS, bindings_for
from hocba_tui.screens.keys import Action
from hocba_tui.screens.page import Page
from hocba_tui.screens.search import Search
from hocba_tui.widgets.frame import Status
from hocba_tui.widgets.rows import Rows

LOOK_EVERY = 2.0
"""Seconds between two looks at whether somebody else has changed something."""
_SHARE = 25
"""A page that reads itself again spends at most this part of the time on it."""


class ListPage(Page):
    """A page whose body has one table of rows."""

    BINDINGS = bindings_for(LISTS)
    REFRESHES: ClassVar[bool] = True
    """Whether the page shows what other people change."""
    class_key: str = ""
    """The class that the page is about; empty: all that the person may see."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._watch: Watch | None = None
        self._look_timer: Timer | None = None
        self._next_look = 0.0
        self._by_itself = False
        self._summary = ""

    # --- reading -------------------------------------------------------------------------------

    def look(self) -> None:
        """Read what the page shows and show it."""

    async def read_again(self) -> None:
        """Look; a page that takes long does it elsewhere."""
        self.look()

    def may_look(self) -> bool:
        """Return whether the page may be read again just now."""
        return True

    @on(events.ScreenResume)
    async def _begin_to_look(self) -> None:
        """Look, whenever the page is shown; from then on whenever something changes."""
        if self._watch is None and self.REFRESHES:
            self._watch = Watch(self.desk, self.class_key)
            self._look_timer = self.set_interval(LOOK_EVERY, self._look_for_changes, pause=True)
        await self._look_now()
        if self._look_timer is not None:
            self._look_timer.resume()

    @on(events.ScreenSuspend)
    def _look_no_more(self) -> None:
        """Look no more while another page lies over this one."""
        if self._look_timer is not None:
            self._look_timer.pause()

    def look_again(self) -> None:
        """Look soon, and leave alone what the status line says: somebody has just been told what they did."""

        async def quietly() -> None:
            with self.by_itself():
                await self._look_now()

        self.call_later(quietly)

    async def _look_now(self) -> None:
        begin = time.thread_time()
        try:
            if self._watch is not None:
                self._watch.moved()  # What is written from here on is seen at the next look.
            if self.may_look():
                await self.read_again()
        except HocbaError as error:
            self.tell(error)
        self._next_look = time.monotonic() + _SHARE * (time.thread_time() - begin)

    async def _look_for_changes(self) -> None:
        """Read again what somebody else has changed; what the person is doing here goes on."""
        if not self.on_top or self._watch is None or not self.may_look() or time.monotonic() < self._next_look:
            return
        with self.by_itself():
            try:
                if self._watch.moved():
                    await self._look_now()
            except HocbaError as error:
                self.tell(error)

    @contextlib.contextmanager
    def by_itself(self) -> Iterator[None]:
        """Do what nobody asked for just now: it changes the rows, and leaves alone what the person is reading."""
        before, self._by_itself = self._by_itself, True
        try:
            yield
        finally:
            self._by_itself = before

    def tell(self, error: HocbaError) -> None:
        """Show an error; one that comes by itself in the status line, or it would take keys meant for the page."""
        if self._by_itself:
            self.summarise(error.what)
        else:
            super().tell(error)

    def summarise(self, text: str) -> None:
        """Say what the page shows, unless the person is reading something else that nobody asked to replace."""
        status = self.query_one("#status", Status)
        if not self._by_itself or status.text == self._summary:
            self.say(text)
        self._summary = text

    # --- keys ----------------------------------------------------------------------------------

    def label_of(self, action: Action) -> str:
        """Leave the key that only moves out of the key bar."""
        return "" if action.id == f"{LISTS}.step" else super().label_of(action)

    def action_find(self) -> None:
        """Put the cursor on a row by part of what it says."""
        rows = self.query_one(Rows)

        def answered(key: str | None) -> None:
            if key is not None:
                rows.go_to(key)

        self.app.push_screen(Search("Tìm dòng", rows.words(), rows.chosen), answered)

    def action_step(self) -> None:
        """Go to the next row."""
        rows = self.query_one(Rows)
        if not rows.go_on():
            self.say("Đây là dòng cuối.")
