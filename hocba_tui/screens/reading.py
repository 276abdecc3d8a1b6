"""Pages that may have to read many classes: off the loop that takes the keys, and row by row as they come."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from typing import Generic, TypeVar

from textual import events, on

from hocba_tui.errors import HocbaError
from hocba_tui.flow.desk import Desk
from hocba_tui.screens.refreshed import RefreshedPage

T = TypeVar("T")
AT_ONCE = 0.03
"""Seconds within which a page is read on the loop that takes the keys; what takes longer goes on in a thread."""
PATIENCE = 0.3
"""Seconds that a page waits for what it shows; afterwards it says that it is reading, and keys act meanwhile."""
_STEP = 0.5
"""Seconds between two times that it shows what has been read so far."""
_END = object()
READING = "Đang đọc các lớp…"


class ReadingPage(RefreshedPage, Generic[T]):
    """A page of which ``T`` is all that it shows."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._stop = threading.Event()
        self.whole = False
        """Whether what is shown is complete."""

    def steps(self) -> Iterator[object]:
        """Read one class after the other; it may go on in another thread, in which the two below are then called."""
        raise NotImplementedError

    def read(self) -> T:
        """Return what to show, after all steps."""
        raise NotImplementedError

    def read_so_far(self) -> T:
        """Return what to show in the middle of them, without reading any further class."""
        raise NotImplementedError

    def show(self, found: T) -> None:
        """Show it."""
        raise NotImplementedError

    async def read_again(self, *, quietly: bool) -> None:
        """Read, and show it; when it takes long, go on behind the person's back."""
        self._stop.set()
        stop = self._stop = threading.Event()
        self.whole = False
        steps, begin = self.steps(), time.monotonic()
        # What takes no longer than a key is done here: a thread costs a session up to a megabyte.
        ended = False
        while not ended and time.monotonic() - begin < AT_ONCE:
            ended = next(steps, _END) is _END
        if ended:
            with self.asked_for(yes=not quietly):
                self._show_whole(self.read())
            return
        reading = asyncio.ensure_future(asyncio.to_thread(self._read, steps, stop))
        done, _ = await asyncio.wait({reading}, timeout=PATIENCE)
        with self.asked_for(yes=not quietly):
            if done:
                self._show_all(reading)
            else:
                self.summarise(READING)
                self.run_worker(self._go_on(reading, stop), group="reading", exclusive=True, exit_on_error=True)

    @on(events.ScreenSuspend)
    def _read_no_more(self) -> None:
        """Stop reading; what was read is remembered."""
        self._stop.set()

    def on_unmount(self) -> None:
        """Stop reading, so that nobody who leaves has to wait for it."""
        self._stop.set()

    def _read(self, steps: Iterator[object], stop: threading.Event) -> T | None:
        for _ in steps:
            if stop.is_set():
                return None
        return self.read()

    async def _go_on(self, reading: asyncio.Future[T | None], stop: threading.Event) -> None:
        while not reading.done():
            try:
                found = await asyncio.to_thread(self.read_so_far)
            except HocbaError:
                break  # The reading itself meets it too.
            if stop.is_set():
                break
            with self.asked_for(yes=False):
                self.show(found)
            await asyncio.wait({reading}, timeout=_STEP)
        await asyncio.wait({reading})
        if stop.is_set():
            reading.exception()  # Nobody is there any more to whom it matters.
        else:
            with self.asked_for(yes=False):
                self._show_all(reading)

    def _show_all(self, reading: asyncio.Future[T | None]) -> None:
        try:
            found = reading.result()
        except HocbaError as error:
            self.tell(error)
            return
        if found is not None:
            self._show_whole(found)

    def _show_whole(self, found: T) -> None:
        self.whole = True
        self.show(found)
