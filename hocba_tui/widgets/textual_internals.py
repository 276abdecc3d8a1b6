"""Everything that hocba uses of Textual's internals, which may change without notice, and why.

Written for Textual 8.2. ``tests/widgets/test_textual_internals.py`` fails when an update changes one of these parts.
"""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import os
import select
import signal
import termios
import threading
import weakref
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from queue import Full
from typing import Any, cast

from rich.cells import get_character_cell_size
from rich.console import Console
from rich.segment import Segment
from textual import events
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS, SYNC_END, SYNC_START
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.keys import Keys
from textual.message import Message
from textual.strip import Strip
from textual.worker import WorkerFailed

from hocba_tui.text import HIDDEN, harmless, invisible

__all__ = [
    "SYNC_END", "SYNC_START", "HangUp", "QuietFailureApp", "Read", "TerminalDriver", "is_text", "mark_read", "painted",
    "read_of",
]  # fmt: skip

cast("dict[str, str]", ANSI_SEQUENCES_KEYS)["\x1bOl"] = ","
"""The comma of a keypad in its application mode; Textual knows the other keys of it."""
for _letter, _number in zip("TUVWXY", range(5, 11), strict=True):
    # F5 to F10 of PuTTY's VT100+; taken apart, ESC alone would leave the page.
    cast("dict[str, Any]", ANSI_SEQUENCES_KEYS)[f"\x1bO{_letter}"] = (Keys(f"f{_number}"),)
cast("dict[str, Any]", ANSI_SEQUENCES_KEYS)["\n"] = ANSI_SEQUENCES_KEYS["\r"]
"""Enter that was typed before the program took the terminal over: the terminal still turned it into a line feed."""
_RETRY = 0.5
"""Seconds that a write waits for room before it checks whether the terminal is still there."""
_LONE_ESC = 0.1
"""Seconds after which the reading thread asks whether an Esc was a key of its own."""
_CHUNK = 4096
_MOST_AT_ONCE = 16 * _CHUNK
"""Bytes after which a read is handed on though more may be there."""


_render = Strip.render


def painted(text: str) -> str:
    """Return ``text`` as it is painted: harmless, and as wide as Textual has measured it."""
    if harmless(text) == text:
        return text
    return "".join(HIDDEN * get_character_cell_size(each) if invisible(each) else each for each in text)


def _render_harmless(strip: Strip, console: Console) -> str:
    """Render a strip; what a terminal would obey in its texts is left out.

    Textual and Rich let escape sequences in a text through to the terminal. Every widget paints strips, so this is the
    one place behind them all.
    """
    if painted(strip.text) == strip.text:
        return _render(strip, console)
    return _render(Strip([Segment(painted(text), style) for text, style, _ in strip], strip.cell_length), console)


Strip.render = _render_harmless  # type: ignore[method-assign, assignment]


class HangUp(events.Event, bubble=False):
    """The terminal is gone, or the program was told to end: keep what is being typed and leave.

    It stands in the queue behind the keys that came before it.
    """


@dataclass(frozen=True, eq=False)
class Read:
    """What came from the terminal at one time. Two reads are the same only if they are the same object."""

    text: str
    """What its keys wrote: letters, tabs, line ends, control characters; nothing for an arrow or the like."""
    keys: tuple[str, ...]
    """Textual's names of its keys."""


def read_of(event: events.Key) -> Read | None:
    """Return the read in which a key came; None for a key that did not come from a terminal."""
    read = vars(event).get("read")
    return read if isinstance(read, Read) else None


def is_text(read: Read) -> bool:
    """Return whether a read is text, tabs and line ends alone: a pasted block has neither arrows nor Backspace."""
    return len(read.text) == len(read.keys) and all(char.isprintable() or char in "\t\r\n" for char in read.text)


def mark_read(messages: Iterable[Message]) -> None:
    """Note on every key among ``messages`` that all of them came in one read."""
    keys = [message for message in messages if isinstance(message, events.Key)]
    read = Read("".join(event.character or "" for event in keys), tuple(event.key for event in keys))
    for event in keys:
        vars(event)["read"] = read


class WakingEvent(threading.Event):
    """An event that also wakes who waits for a descriptor."""

    def __init__(self) -> None:
        super().__init__()
        self.descriptor = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        weakref.finalize(self, os.close, self.descriptor)

    def set(self) -> None:
        """Set it, and wake."""
        super().set()
        os.eventfd_write(self.descriptor, 1)

    def clear(self) -> None:
        """Reset it, so that the next one who waits does not wake at once."""
        with contextlib.suppress(BlockingIOError):
            os.eventfd_read(self.descriptor)
        super().clear()


class Keyboard:
    """Textual's reader of keys, which goes on after a sequence that it does not survive.

    It ends by an error at the number of a letter that there is not (``ESC [ 1114112 u``): then nobody would read keys.
    """

    def __init__(self, *, debug: bool = False) -> None:
        self._debug = debug
        self._parser = XTermParser(debug)

    @property
    def waits(self) -> bool:
        """Return whether an Esc may still be the beginning of a key."""
        return self._parser._timeout_time is not None  # noqa: SLF001

    def read(self, text: str) -> list[Message]:
        """Return what ``text`` was typed with; what follows a sequence that cannot be read is lost with it."""
        return self._collected(lambda: self._parser.feed(text))

    def lone_escape(self) -> list[Message]:
        """Return the Esc that no other byte followed: it was the key itself."""
        return self._collected(self._parser.tick)

    def _collected(self, reading: Callable[[], Iterable[Message]]) -> list[Message]:
        found: list[Message] = []
        try:
            for message in reading():
                found.append(message)  # noqa: PERF402 - what came before an error counts
        except Exception:  # noqa: BLE001 - whatever it is, the next key is read
            self._parser = XTermParser(self._debug)
        return found


class TerminalDriver(LinuxDriver):
    """Textual's driver, with signals handled by the event loop, and a lost terminal that ends the session.

    Textual handles SIGTSTP, SIGCONT and SIGWINCH inside the signal handler. A handler that writes while the main
    thread holds the lock of the write queue waits for that lock for ever. When the terminal is gone, Textual's reading
    thread reads its end again and again; only the leader of a session gets SIGHUP. And that thread wakes ten times a
    second to see whether it should end, which in forty idle sessions is as much work as all else that they do.
    """

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self.exit_event = self._ending = WakingEvent()
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTSTP, self._stop)
        loop.add_signal_handler(signal.SIGCONT, self._go_on)

    def start_application_mode(self) -> None:
        """Take over the terminal; the handler that Textual sets for SIGWINCH moves to the event loop."""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        handler = signal.getsignal(signal.SIGWINCH)
        if callable(handler):
            asyncio.get_running_loop().add_signal_handler(signal.SIGWINCH, handler, signal.SIGWINCH, None)

    def write(self, data: str) -> None:
        """Queue ``data`` for the terminal; drop it when there is no terminal any more.

        Textual's own queue blocks for ever once the thread that empties it has ended with an error.
        """
        self._queue_for_terminal(data)

    def close(self) -> None:
        """End the thread that writes. It may have ended with an error and a full queue, which would block for ever."""
        self._queue_for_terminal(None)
        if self._writer_thread is not None:
            self._writer_thread.join()

    def _queue_for_terminal(self, data: str | None) -> None:
        """Queue what the thread writes next, None for its end; drop it when the thread is no longer there."""
        thread = self._writer_thread
        while thread is not None and thread.is_alive():
            try:
                thread._queue.put(data, timeout=_RETRY)  # noqa: SLF001
            except Full:
                continue
            return

    def run_input_thread(self) -> None:
        """Read keys until the driver stops; at the end of the terminal, post :class:`HangUp`.

        Bytes that are no UTF-8 become U+FFFD, which is seen. Each key knows its read (:func:`read_of`).
        """
        keyboard = Keyboard(debug=self._debug)
        decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        stopping = False
        while not stopping:
            stopping = self.exit_event.is_set()
            # Nothing to ask for until a key comes, unless an Esc may be the beginning of one.
            wait = 0 if stopping else _LONE_ESC if keyboard.waits else None
            data, ended = self._read_all() if self._readable(wait) else (b"", False)
            if text := decode(data):
                self._process_read(keyboard.read(text))
            self._process_read(keyboard.lone_escape())
            if ended:
                self.send_message(HangUp())
                break

    def _process_read(self, messages: list[Message]) -> None:
        mark_read(messages)
        for message in messages:
            self.process_message(message)

    def _readable(self, seconds: float | None) -> bool:
        """Wait so long for keys, without a limit for None, or until the thread should end."""
        waiting_for = [self.fileno] if seconds == 0 else [self.fileno, self._ending.descriptor]
        return self.fileno in select.select(waiting_for, [], [], seconds)[0]

    def _read_all(self) -> tuple[bytes, bool]:
        """Return what can be read without waiting, and whether the terminal has ended behind it."""
        data = b""
        while len(data) < _MOST_AT_ONCE:
            try:
                chunk = os.read(self.fileno, _CHUNK)
            except BlockingIOError:
                break
            except OSError:  # EIO: the window is closed, or the session has no terminal any more.
                return data, True
            if not chunk:
                return data, True
            data += chunk
            if not self._readable(0):
                break
        return data, False

    def terminal_size_asked(self) -> None:
        """Do something when Textual reads the size of the terminal, as it does after a signal about it."""

    def _get_terminal_size(self) -> tuple[int, int]:
        self.terminal_size_asked()
        return super()._get_terminal_size()

    def _stop(self) -> None:
        """Give the terminal back and stop the process until it is continued."""
        if self._auto_restart:
            self.suspend_application_mode()
            self._must_signal_resume = True
        os.kill(os.getpid(), signal.SIGSTOP)
        self._go_on()

    def _go_on(self) -> None:
        """Take the terminal back after a stop, also after one that the process could not see (SIGSTOP)."""
        if not self._auto_restart:
            return
        if self._holds_terminal() and self._line_by_line():
            self.suspend_application_mode()
        if not self._holds_terminal():
            self.resume_application_mode()
        self.terminal_size_asked()
        self._app.refresh(layout=True)

    def _holds_terminal(self) -> bool:
        return self._writer_thread is not None and self._writer_thread.is_alive()

    def _line_by_line(self) -> bool:
        """Return whether the terminal was put back to reading whole lines, as a shell does."""
        try:
            return bool(termios.tcgetattr(self.fileno)[3] & termios.ICANON)
        except termios.error:
            return False


class QuietFailureApp(App[None]):
    """An app that ends after an unexpected error with a text of its own.

    Textual would print the local variables of every frame, which contain pupils' data and perhaps a PIN.
    """

    def failure_text(self, error: BaseException | None) -> str:
        """Return what is printed when ``error`` ends the program."""
        return type(error).__name__

    def note_failure(self, error: BaseException | None) -> None:
        """Do something with the error that ends the program; nothing by default."""

    def _fatal_error(self) -> None:
        error: BaseException | None = self._exception
        if isinstance(error, WorkerFailed):
            error = error.error  # The wrapper was never raised and knows no place.
        self.note_failure(error)
        self.panic(self.failure_text(error))
