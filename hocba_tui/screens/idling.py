"""An app that ends when nobody has pressed a key for long: somebody else may sit down at the open computer."""

from __future__ import annotations

from textual import events

from hocba_tui.flow.desk import Desk
from hocba_tui.flow.idle import Idleness, idle_limit
from hocba_tui.screens.page import Page
from hocba_tui.widgets.frame import BannerApp
from hocba_tui.widgets.key_order import KeyOrderApp

LOOK_EVERY = 10.0
"""Seconds between two looks at the clock."""
_WARN = 60.0
"""Seconds before the end at which an idle person is told."""
SAVED = "Mọi ô đã báo “đã lưu” vẫn an toàn; chỗ đang làm được nhớ lại."
_PARTING = (
    f"hocba: Lâu không có phím nào được bấm nên chương trình đóng lại.\n       {SAVED}\n       Mở lại để làm tiếp."
)


class IdlingApp(KeyOrderApp, BannerApp):
    """It saves, keeps the place and leaves, as when the terminal is closed."""

    parting = ""
    """Why this session was ended, in words; empty when its person ended it."""
    company = ""
    """What the banner says when it does not warn."""

    def count_idleness(self, desk: Desk) -> None:
        """Begin to count."""
        self._idleness = Idleness(idle_limit(desk))

    async def on_event(self, event: events.Event) -> None:
        """Note that somebody is there."""
        if isinstance(event, events.Key | events.Paste):
            self._idleness.end()
            self.banner = self.company
        await super().on_event(event)

    def look(self) -> None:
        """Warn, and end the session, when nobody has been there for long and nothing is under way."""
        if any(isinstance(screen, Page) and screen.under_way for screen in self.screen_stack):
            self._idleness.end()
        left = self._idleness.left()
        if left <= 0:
            self.part("idle")
        elif left <= _WARN:
            self.banner = "Phiên này sắp đóng vì lâu không có phím nào. Bấm một phím bất kì để giữ lại."

    def part(self, why: str) -> None:
        """Save, keep the place, leave, and say why."""
        if not self.parting:
            self.parting = self.parting_words(why)
            self.hang_up()

    def parting_words(self, why: str) -> str:
        """Return what is said on the terminal afterwards."""
        return _PARTING if why == "idle" else ""
