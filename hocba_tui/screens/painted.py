"""Screens that tell keys pressed on what they show from keys that were typed before it was shown.

Keys may be typed ahead: they wait in the queue of the program, in the terminal or on the line. For most keys that is
welcome. What cannot be taken back must be meant for the screen that the person sees.
"""

from __future__ import annotations

from math import inf
from time import monotonic
from typing import TypeVar

from textual import events
from textual.screen import Screen

T = TypeVar("T")


class PaintedScreen(Screen[T]):
    """A screen that knows since when it has been painted; it has to be painted again whenever it is shown again."""

    _painted_at = inf
    _times_shown = 0

    @property
    def painted(self) -> bool:
        """Return whether the screen has been painted since it was last shown."""
        return self._painted_at < inf

    @property
    def on_top(self) -> bool:
        """Return whether keys come to this screen (a screen below a dialog is current for Textual, too)."""
        return self.app.screen is self

    def pressed_here(self, event: events.Key) -> bool:
        """Return whether a key was pressed when this screen had been painted, however long the key waited since."""
        return event.time > self._painted_at

    def on_screen_resume(self) -> None:
        """Wait for the painting."""
        self._painted_at = inf
        self._times_shown += 1
        self.call_after_refresh(self._was_painted, self._times_shown)

    def on_screen_suspend(self) -> None:
        """Regard the screen as not painted while another one lies over it."""
        self._painted_at = inf

    def _was_painted(self, shown: int) -> None:
        # A painting that was under way when the screen was covered does not count for the next time.
        if shown == self._times_shown and self.on_top:
            self._painted_at = monotonic()
            self.was_painted()

    def was_painted(self) -> None:
        """Do what had to wait for the painting."""
