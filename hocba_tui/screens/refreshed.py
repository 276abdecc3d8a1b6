"""Pages that show by themselves what other people have changed."""

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
from hocba_tui.log.keeping import shown
from hocba_tui.screens.page import Page
from hocba_tui.widgets.frame import Status

LOOK_EVERY = 2.0
"""Seconds between two looks at whether somebody else has changed something."""
_SHARE = 25
"""A page that reads itself again spends at most this part of the time on it."""


class RefreshedPage(Page):
    """A page that is read whenever it is shown, and again when something of it has changed."""

    REFRESHES: ClassVar[bool] = True
    """Whether the page shows what other people change."""
    class_key: str = ""
    """The class that the page is about; empty: all that the person may see."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._watch: Watch | None = None
        self._look_timer: Timer | None = None
        self._next_look = 0.0
        self._quiet = False
        self._summary = ""

    def look(self) -> None:
        """Read what the page shows and show it."""

    async def read_again(self, *, quietly: bool) -> None:
        """Look; a page that takes long does it elsewhere. ``quietly``: nobody asked for it just now."""
        with self.asked_for(yes=not quietly):
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
            self._summary = self.hint()
        await self.look_now()
        if self._look_timer is not None:
            self._look_timer.resume()

    @on(events.ScreenSuspend)
    def _look_no_more(self) -> None:
        """Look no more while another page lies over this one."""
        if self._look_timer is not None:
            self._look_timer.pause()

    def look_again(self) -> None:
        """Look soon, and leave alone what the status line says: somebody has just been told what they did."""
        self.call_later(self.look_now, quietly=True)

    async def look_now(self, *, quietly: bool = False) -> None:
        """Read the page again and show it."""
        begin = time.process_time()
        try:
            if self._watch is not None:
                self._watch.moved()  # What is written from here on is seen at the next look.
            if self.may_look():
                await self.read_again(quietly=quietly)
        except HocbaError as error:
            self.tell(error, quietly=quietly)
        self._next_look = time.monotonic() + _SHARE * (time.process_time() - begin)

    async def _look_for_changes(self) -> None:
        """Read again what somebody else has changed; what the person is doing here goes on."""
        if not self.on_top or self._watch is None or not self.may_look() or time.monotonic() < self._next_look:
            return
        try:
            if self._watch.moved():
                await self.look_now(quietly=True)
        except HocbaError as error:
            self.tell(error, quietly=True)

    @contextlib.contextmanager
    def asked_for(self, *, yes: bool) -> Iterator[None]:
        """Do what the person asked for; or else what changes the rows, and leaves alone what the person is reading."""
        before, self._quiet = self._quiet, not yes
        try:
            yield
        finally:
            self._quiet = before

    def tell(self, error: HocbaError, *, quietly: bool = False) -> None:
        """Show an error; one that comes by itself in the status line, or it would take keys meant for the page."""
        if quietly or self._quiet:
            shown(error)
            with self.asked_for(yes=False):
                self.summarise(error.what)
        else:
            super().tell(error)

    def summarise(self, text: str) -> None:
        """Say what the page shows, unless the person is reading something else that nobody asked to replace."""
        status = self.query_one("#status", Status)
        if not self._quiet or status.text == self._summary:
            self.say(text)
        self._summary = text
