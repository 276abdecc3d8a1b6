"""Save typed cells in the background, so that the cursor never waits for the disk.

Everything that touches the store while a grid is open goes through this one queue, so the screen
and the disk never meet in the middle of a change.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from hocba_tui.errors import CellConflict, Conflict, HocbaError, NotSaved, system_reason
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.grades.enter import Entered, Typed, Verb, enter, take_back
from hocba_tui.log.keeping import shown

Found = TypeVar("Found")
_PATIENCE = 5.0
"""Seconds to wait for the disk before going on without it."""


@dataclass(frozen=True)
class Outcome:
    """What became of one save group, the typed cells of one write."""

    typed: tuple[Typed, ...]
    entered: Entered | None
    error: HocbaError | None = None


@dataclass(frozen=True)
class _Waiting:
    """A cell that waits for its turn."""

    typed: Typed
    back: bool
    """Whether it takes back a value: undo steps over both."""

    @property
    def place(self) -> tuple[str, str]:
        return self.typed.pupil, self.typed.cell.field


class Saver:
    """Saves in order, many cells at a time when they come fast, and keeps what the disk refused."""

    def __init__(self, desk: Desk, class_key: str, report: Callable[[Outcome], None]) -> None:
        self._desk = desk
        self._classroom = class_key
        self._report = report
        self._waiting: list[_Waiting] = []
        self._writing = 0
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._store = asyncio.Lock()
        self.refused = False
        """Whether the disk refused the last attempt; what waits is tried again."""

    @property
    def waiting(self) -> int:
        """Return how many cells are not durable yet, those that are being written just now among them."""
        return len(self._waiting) + self._writing

    @property
    def queued(self) -> dict[tuple[str, str], str]:
        """Return what waits for its turn, by pupil and field; what is being written just now is not in it."""
        return {item.place: item.typed.text for item in self._waiting}

    def put(self, typed: Typed, *, back: bool = False) -> None:
        """Queue one cell. A cell that waits already gets the new text and keeps what was seen.

        A value that was typed after another was taken back is a change of its own, so that undo finds both steps.
        """
        item = _Waiting(typed, back)
        earlier = next((found for found in reversed(self._waiting) if found.place == item.place), None)
        if earlier is not None and (back or not earlier.back):
            self._waiting.remove(earlier)
            item = _Waiting(replace(typed, seen=earlier.typed.seen), earlier.back)
        self._waiting.append(item)
        self._idle.clear()
        self._wake.set()

    def retry(self) -> None:
        """Try again what the disk refused."""
        if self._waiting:
            self._wake.set()

    async def run(self) -> None:
        """Save for as long as the screen is open."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting and await self._save_once():
                pass
            if not self._waiting:
                self._idle.set()

    async def drain(self, seconds: float | None = None) -> bool:
        """Wait until everything is durable; return False when the disk did not take it in time."""
        try:
            await asyncio.wait_for(self._idle.wait(), _PATIENCE if seconds is None else seconds)
        except TimeoutError:
            return False
        return True

    async def act(self, verb: Verb) -> Outcome | None:
        """Do something else to the class once everything typed is durable; None when there was nothing to do."""
        await self.drain()
        async with self._store:
            try:
                entry = await asyncio.to_thread(verb)
            except HocbaError as error:
                shown(error)
                return Outcome((), None, error)
        return Outcome((), Entered(entry)) if entry else None

    async def read(self, look: Callable[[], Found]) -> Found:
        """Return what ``look``, which reads the store, finds between two saves."""
        async with self._store:
            return await asyncio.to_thread(look)

    async def _save_once(self) -> bool:
        """Save the cells that were typed one after the other as one change; return whether to go on."""
        items = self._next()
        group = tuple(item.typed for item in items)
        outcome = await self._attempt(group, back=items[0].back)
        if type(outcome.error) is Conflict:
            # Not a cell but the pupil's record or facts changed in between: look again, once.
            outcome = await self._attempt(group, back=items[0].back)
        self._writing = 0
        if isinstance(outcome.error, NotSaved):
            self.refused = True
            newer = {item.place for item in self._waiting}
            self._waiting[:0] = [item for item in items if item.place not in newer]
        else:
            self.refused = False
        if outcome.entered is not None and outcome.entered.entry is not None:
            # Who typed on into the same cell meanwhile saw their own value, which is durable now.
            after = {(edit.key, edit.field): edit.after for edit in outcome.entered.entry.edits}
            self._waiting = [
                replace(item, typed=replace(item.typed, seen=after.get(item.place, item.typed.seen)))
                for item in self._waiting
            ]
        if isinstance(outcome.error, CellConflict) and len(group) > 1:
            clash = (outcome.error.key, outcome.error.field)
            self._waiting[:0] = [item for item in items if item.place != clash]
            outcome = Outcome(tuple(item.typed for item in items if item.place == clash), None, outcome.error)
        self._report(outcome)
        return not self.refused

    def _next(self) -> list[_Waiting]:
        """Take from the queue what is saved next: all cells up to one that is taken back, or that one alone."""
        backs = [number for number, item in enumerate(self._waiting) if item.back]
        count = max(1, backs[0]) if backs else len(self._waiting)
        items, self._waiting = self._waiting[:count], self._waiting[count:]
        self._writing = len(items)
        return items

    async def _attempt(self, group: tuple[Typed, ...], *, back: bool) -> Outcome:
        save = take_back if back else enter
        async with self._store:
            try:
                return Outcome(group, await asyncio.to_thread(save, self._desk, self._classroom, group))
            except HocbaError as error:
                shown(error)
                return Outcome(group, None, error)
            except OSError as error:
                shown(error)
                return Outcome(group, None, NotSaved(f"Máy báo lỗi: {system_reason(error)}; CHƯA lưu."))
