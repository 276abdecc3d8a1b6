"""Pages on which a key waits until the one before it has had its effect, even when that opened another page.

Textual hands a key on before the one before it has been acted upon: of "Enter Down Enter" all three would reach the
page on which they were typed. Here the second waits, and goes to the page that the first opens, once that is painted.
Grids and text boxes take their keys themselves and in order; what was typed before one of them appeared is dropped and
said, since it could get into the wrong cell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from time import monotonic
from typing import TypeVar

from textual import events
from textual.message_pump import MessagePump
from textual.widgets import Input

from hocba_tui.screens.painted import PaintedScreen
from hocba_tui.widgets.mark_grid import MarkGrid

T = TypeVar("T")
_LONG = 5.0
"""Seconds after which a key is regarded as done, whatever has become of it."""


class OrderlyScreen(PaintedScreen[T]):
    """A screen that takes one key after another; ``turn_of`` is asked about each."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: list[events.Key] = []
        self._acting_since: float | None = None
        self._its_turn: events.Key | None = None
        """The waiting key whose turn has come, on its way through the app."""

    @property
    def takes_turns(self) -> bool:
        """Return whether keys wait for each other here."""
        return not self.query(Input) and not self.query(MarkGrid)

    def turn_of(self, event: events.Key) -> bool:
        """Return whether to act on a key now; otherwise keep it until its turn comes."""
        if event is self._its_turn or not self.takes_turns:
            self._its_turn = None
        elif self._acting or self._waiting or not self.painted:
            event.stop()
            self.take_over([event])
            return False
        if self.takes_turns:
            self._acting_since = monotonic()
            self.call_later(self.app.call_later, self._follow)
        return True

    def take_over(self, keys: Iterable[events.Key]) -> None:
        """Keep keys until their turn comes; what belongs to a screen above is handed on."""
        self._waiting = sorted([*self._waiting, *keys], key=lambda key: key.time)
        if not self._acting:
            self._go_on()

    def dropped(self, keys: Iterable[events.Key]) -> None:
        """Say that keys were dropped, because they were typed before a grid or a text box appeared."""

    def was_painted(self) -> None:
        """Take the keys that waited for the painting."""
        if not self._acting:
            self._go_on()

    @property
    def _acting(self) -> bool:
        return self._acting_since is not None and monotonic() < self._acting_since + _LONG

    def _follow(self) -> None:
        """Follow the effects of a key, now that the app has acted on it: from the focus upwards to the app."""
        path: list[MessagePump] = [*(self.focused.ancestors_with_self if self.focused else [self, self.app])]

        def step(place: int, again: bool) -> None:
            if place == len(path):
                self._acted()
            elif again:
                # What a handler posts to its own widget comes after this callback, and before the next.
                _later(path[place], lambda: step(place, False))
            else:
                _later(path[place], lambda: step(place + 1, True))

        step(0, True)

    def _acted(self) -> None:
        self._acting_since = None
        self._go_on()

    def _go_on(self) -> None:
        """Let the next key have its turn, here or on the screen that lies above now."""
        keys = self._waiting
        if not keys:
            return
        if not self.on_top:
            self._waiting = []
            above = self.app.screen
            if isinstance(above, OrderlyScreen):
                above.take_over(keys)
        elif not self.painted:
            return
        elif not self.takes_turns:
            self._waiting = []
            self.dropped(keys)
        else:
            key = self._waiting.pop(0)
            self._its_turn = events.Key(key.key, key.character)
            self._its_turn.time = key.time
            self._its_turn.set_sender(self.app)  # An event rises no higher than its sender.
            self._acting_since = monotonic()
            self.app.post_message(self._its_turn)


def _later(pump: MessagePump, act: Callable[[], None]) -> None:
    """Call ``act`` after what waits in the queue of ``pump``, at once when that is closed."""
    if not pump.call_later(act):
        act()
