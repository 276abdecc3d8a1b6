"""Everything that hocba uses of Textual's internals, which may change without notice, and why.

Written for Textual 8.2. ``tests/widgets/test_textual_internals.py`` fails when an update changes one of these parts.
"""

from __future__ import annotations

import asyncio
import os
import signal
import termios
from queue import Full
from typing import Any

from textual._ansi_sequences import SYNC_END, SYNC_START
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

__all__ = ["SYNC_END", "SYNC_START", "QuietFailureApp", "TerminalDriver"]

_RETRY = 0.5
"""Seconds that a write waits for room before it checks whether the terminal is still there."""


class TerminalDriver(LinuxDriver):
    """Textual's driver, with signals handled by the event loop and writes that a lost terminal cannot block.

    Textual handles SIGTSTP, SIGCONT and SIGWINCH inside the signal handler. A handler that writes while the main
    thread holds the lock of the write queue waits for that lock for ever.
    """

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
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
        thread = self._writer_thread
        while thread is not None and thread.is_alive():
            try:
                thread._queue.put(data, timeout=_RETRY)  # noqa: SLF001
            except Full:
                continue
            return

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

    def _fatal_error(self) -> None:
        self.panic(self.failure_text(self._exception))
