"""Keys take effect in the order in which they arrived, whatever widget takes them.

Textual hands every key to the widget that has the focus when the key is taken off the queue. The widget inserts a
letter at once, but what a binding does (Backspace, an arrow, Enter, a key that opens a dialog) happens after the key
has gone up to the app, and by then the letters behind it have acted already. An input method outside the terminal
(Unikey, EVKey) sends Backspaces and letters in one packet, so its words were stored garbled
(Textualize/textual#6605). A dialog that is opened or closed by a key lost the keys behind it in the same way.

Here the next key waits until the one before has gone all the way: a callback follows it from the widget to the app,
through the same queues, twice: the second time behind what the bindings have posted (Enter in a line: Submitted).
Between two letters for a text box nothing needs to be followed, and one key alone never waits.

What a key begins may go on in the background before it shows its result: undo, a preview, another page. Meanwhile the
keys behind it are held (:meth:`KeyOrderApp.keys_held`): they are meant for what will be there then.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple, Protocol, runtime_checkable

from textual import events
from textual.dom import DOMNode
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget

from hocba_tui.widgets.textual_internals import HangUp, QuietFailureApp, Read, read_of

_ROUNDS = 2
"""How often the callback joins the queue of one widget: behind the key, and behind what the key's handler posted."""
_PATIENCE, _PATIENCE_HELD = 5.0, 15.0
"""Seconds after which a key no longer waits for the one before: a handler that hangs must not deafen the keyboard.

The second is for what goes on in the background and may wait for a slow disk.
"""


class _Trail(NamedTuple):
    """A key that is followed."""

    number: int
    screen: Screen[Any]
    """The screen on top when the key was given, or when it was last looked at."""
    begin: DOMNode | None
    """Where the key is followed for the second time; None when it is."""


@runtime_checkable
class SavesTyped(Protocol):
    """A screen that saves in the background what was typed."""

    async def save_typed(self) -> None:
        """Wait until it is saved, not longer than a person who leaves would wait."""


@runtime_checkable
class KeepsDraft(Protocol):
    """A screen in which something is typed that is not saved with every key."""

    def keep_draft(self) -> None:
        """Put what has been typed so far on disk now."""


class KeyOrderApp(QuietFailureApp):
    """An app that gives keys, pastes and the end of the terminal to its widgets one after the other."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401
        super().__init__(**options)
        self._keys_to_come: deque[events.Event] = deque()
        self._key_number = 0
        self._key_on_its_way = False
        self._key_watch: Timer | None = None
        self._dropped_read: Read | None = None
        self._holds = 0

    # --- the end of the terminal ---------------------------------------------------------------

    def hang_up(self) -> None:
        """Keep what is being typed now, and leave as soon as the keys that have come are processed."""
        self.keep_drafts()
        self.post_message(HangUp())

    def keep_drafts(self) -> None:
        """Keep what is being typed in the screens that are open."""
        for screen in self.screen_stack:
            if isinstance(screen, KeepsDraft):
                screen.keep_draft()

    def on_hang_up(self) -> None:
        """Keep what has been typed to the last key, and leave when it is saved."""
        try:
            self.keep_drafts()
            self.run_worker(self._leave_when_saved(), group="hang_up")
        except BaseException:
            self.exit()
            raise

    async def _leave_when_saved(self) -> None:
        try:
            for screen in self.screen_stack:
                if isinstance(screen, SavesTyped):
                    await screen.save_typed()
        finally:
            self.exit()

    # --- keys ----------------------------------------------------------------------------------

    def drop_rest_of(self, read: Read) -> None:
        """Drop the keys of ``read`` that have not been given to a widget yet.

        For a widget that takes the text of a whole read at its first key, as something pasted: the other keys would
        otherwise go to the dialog that it opens.
        """
        self._dropped_read = read
        self._keys_to_come = deque(event for event in self._keys_to_come if not self._is_dropped(event))

    @contextmanager
    def keys_held(self) -> Iterator[None]:
        """Hold the keys that come meanwhile; they are given to what is shown afterwards.

        For the part of an act that waits for the disk, not for a person: a dialog could not be answered.
        """
        self._holds += 1
        try:
            yield
        finally:
            self._holds -= 1
            if not self._holds:
                self.call_later(self._release_keys)

    async def _release_keys(self) -> None:
        """Give the keys that were held when everything that was begun before has had its effect."""
        if self._holds or not self._keys_to_come:
            return
        self._key_number += 1
        self._key_on_its_way = True
        target = self.focused or self.screen
        self._follow_key(target, _Trail(self._key_number, self.screen, target))
        self._watch_key(self._key_number)

    def _is_dropped(self, event: events.Event) -> bool:
        dropped = self._dropped_read
        return dropped is not None and isinstance(event, events.Key) and read_of(event) is dropped

    async def on_event(self, event: events.Event) -> None:
        """Take a key from the terminal when the one before has taken effect; everything else at once."""
        if isinstance(event, events.Key | events.Paste) and not self.screen_stack:
            return  # It was on its way when the app closed; Textual would end with an error.
        if not isinstance(event, events.Key | events.Paste | HangUp) or event.is_forwarded:
            await super().on_event(event)
            return
        if self._is_dropped(event):
            return
        self._keys_to_come.append(event)
        if not self._key_on_its_way and not self._holds:
            await self._take_keys()
        elif len(self._keys_to_come) == 1:
            self._watch_key(self._key_number)

    async def _take_keys(self) -> None:
        """Give the keys that have come to the widget with the focus, up to one that must be followed."""
        self._key_number += 1
        self._key_on_its_way = False
        while self._keys_to_come and not self._key_on_its_way:
            event, screen = self._keys_to_come.popleft(), self.screen
            target = self.focused or screen
            self._key_on_its_way = True
            await super().on_event(event)
            if not event.is_forwarded:  # A binding with priority has done it here.
                self._follow_key(self, _Trail(self._key_number, screen, self))
            elif _is_letter(event, target) and self._keys_to_come and _is_letter(self._keys_to_come[0], target):
                self._key_on_its_way = False
            else:
                self._follow_key(target, _Trail(self._key_number, screen, target))
        if self._keys_to_come:
            self._watch_key(self._key_number)

    def _follow_key(self, node: DOMNode | None, trail: _Trail, rounds: int = _ROUNDS) -> None:
        """Queue a callback behind the key at ``node``, or at the nearest part above it that still takes messages."""
        while node is not None and node is not self:
            if node.call_later(self._key_passed, node, trail, rounds - 1):
                return
            node, rounds = node.parent, _ROUNDS
        self.call_later(self._key_passed, self, trail, rounds - 1)

    async def _key_passed(self, node: DOMNode, trail: _Trail, rounds: int) -> None:
        """Follow the key further up; at the top, take the next keys, in the screen that is there by then."""
        if trail.number != self._key_number:
            return
        if rounds:
            self._follow_key(node, trail, rounds)
        elif node is not self:
            self._follow_key(node.parent, trail)
        elif trail.begin is not None:
            self._follow_key(trail.begin, trail._replace(begin=None))
        elif self.screen is not trail.screen:
            # It can take keys when it has been composed and something in it has the focus.
            self._follow_key(self.screen, trail._replace(screen=self.screen))
        elif self._holds:
            self._key_on_its_way = False
        else:
            await self._take_keys()

    def _watch_key(self, number: int) -> None:
        """Take the next keys after a while in any case."""

        async def go_on(*, held: bool = False) -> None:
            if number != self._key_number or not self._keys_to_come:
                return
            if self._holds and not held:
                self._key_watch = self.set_timer(_PATIENCE_HELD - _PATIENCE, partial(go_on, held=True))
            else:
                await self._take_keys()

        if self._key_watch is not None:
            self._key_watch.stop()
        self._key_watch = self.set_timer(_PATIENCE, go_on)


def _is_letter(event: events.Event, target: Widget) -> bool:
    """Return whether ``target`` is a text box and inserts this key as soon as it gets it."""
    return isinstance(event, events.Key) and target.check_consume_key(event.key, event.character)
