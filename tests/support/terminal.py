"""A terminal without a window: the real program in a pseudo-terminal, its screen interpreted by pyte.

Nothing of the app is imported here: a test sees only what came over the line, byte by byte.
"""

from __future__ import annotations

import fcntl
import os
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import pyte
from pyte.screens import Char

LIMIT = 60.0
"""Seconds after which a test gives up, long enough for a busy machine; a test never waits longer than needed."""

# The starter makes the pseudo-terminal the program's controlling terminal, so that a change of size sends a signal.
_STARTER = "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
_ASKS_SYNCHRONISED = b"\x1b[?2026$p"
_BEGINS, _ENDS = b"\x1b[?2026h", b"\x1b[?2026l"
_HAS_SYNCHRONISED = b"\x1b[?2026;2$y"

KEYS = {
    "up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D", "home": "\x1b[H", "end": "\x1b[F",
    "pageup": "\x1b[5~", "pagedown": "\x1b[6~", "delete": "\x1b[3~", "enter": "\r", "escape": "\x1b", "tab": "\t",
    "backspace": "\x7f", "ctrl+home": "\x1b[1;5H", "ctrl+end": "\x1b[1;5F", "f3": "\x1bOR", "f7": "\x1b[18~",
    "f10": "\x1b[21~", "ctrl+p": "\x10",
}  # fmt: skip


class Screen(pyte.Screen):
    """pyte's screen, with dim letters: pyte does not support them, and the app never blinks, so blink means dim."""

    def select_graphic_rendition(self, *attrs: int, private: bool = False) -> None:
        if private:
            return
        super().select_graphic_rendition(*_with_dim_as_blink(attrs))


class Process(Protocol):
    """The program, with the interface of :class:`subprocess.Popen`."""

    @property
    def pid(self) -> int: ...
    def poll(self) -> int | None: ...
    def kill(self) -> None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, sig: int) -> None: ...


Start = Callable[[Sequence[str], int, Mapping[str, str]], Process]
"""Start a command in the terminal behind a descriptor, with these variables."""


def _start(command: Sequence[str], terminal: int, variables: Mapping[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-S", "-c", _STARTER, *command],
        stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True, close_fds=True, env=variables,
    )  # fmt: skip


def _with_dim_as_blink(attrs: Sequence[int]) -> Iterator[int]:
    """Yield SGR attributes with blink instead of dim; a 2 inside a colour is not dim, and 22 ends both."""
    left = iter(attrs)
    for attr in left:
        yield attr
        if attr in (38, 48):
            kind = next(left, 5)
            yield kind
            yield from islice(left, {5: 1, 2: 3}.get(kind, 0))
        elif attr in (2, 22):
            yield 5 if attr == 2 else 25


class Terminal:
    """A program in a pseudo-terminal; leaving the context ends the program."""

    def __init__(
        self,
        command: Sequence[str],
        size: tuple[int, int] = (80, 24),
        term: str = "xterm-256color",
        environment: Mapping[str, str] | None = None,
        *,
        synchronised: bool = True,
        start: Start | None = None,
    ) -> None:
        """Start ``command`` (the first word is a path) in a terminal of ``size`` (columns, lines).

        ``synchronised`` is whether the terminal says that it supports synchronised output; ``start`` starts the
        program in another way than as an ordinary process.
        """
        self.screen = Screen(*size)
        self._stream = pyte.ByteStream(self.screen)
        self._synchronised = synchronised
        self.bytes = bytearray()
        """Everything that was received."""
        self._master, slave = os.openpty()
        self._set_size(size)
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ}
        variables = {**kept, "TERM": term, "LANG": "C.UTF-8", **(environment or {})}
        self.process = (start or _start)(command, slave, variables)
        os.close(slave)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self.process.poll() is None and self._master >= 0:
                self.process.send_signal(signal.SIGCONT)
                self.process.send_signal(signal.SIGTERM)
                self.wait_for_end()
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            if self._master >= 0:
                os.close(self._master)

    # --- what a person does --------------------------------------------------------------------

    def press(self, *keys: str) -> None:
        """Send keys by name (:data:`KEYS`), everything else as typed."""
        for key in keys:
            self.send(KEYS.get(key, key).encode())

    def send(self, data: bytes) -> None:
        """Send ``data`` as the keyboard would."""
        os.write(self._master, data)

    def resize(self, columns: int, lines: int) -> None:
        """Change the size; the program gets a signal, and the terminal's content stays."""
        self._read(0)
        self.screen.resize(lines, columns)
        self._set_size((columns, lines))

    # --- what a person sees --------------------------------------------------------------------

    @property
    def descriptor(self) -> int:
        """Return the descriptor from which the program's output can be read."""
        return self._master

    @property
    def received(self) -> int:
        """Return how many bytes came so far."""
        return len(self.bytes)

    @property
    def whole(self) -> bool:
        """Return whether the screen is complete: no synchronised update is half received."""
        return self.bytes.rfind(_BEGINS) <= self.bytes.rfind(_ENDS)

    @property
    def text(self) -> str:
        """Return the lines of the screen."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    @property
    def cursor(self) -> tuple[int, int]:
        """Return the position of the terminal's own cursor: column and line, from 0."""
        return self.screen.cursor.x, self.screen.cursor.y

    def cell(self, column: int, line: int) -> Char:
        """Return one character of the screen with its colours and attributes (dim shows as blink)."""
        return self.screen.buffer[line][column]

    def place(self, text: str) -> tuple[int, int]:
        """Return where ``text`` begins: column and line, from 0."""
        for number, line in enumerate(self.screen.display):
            if text in line:
                return line.index(text), number
        raise AssertionError(f"“{text}” is not on the screen:\n{self.text}")

    def wait(self, until: Callable[[], bool], what: str, limit: float = LIMIT) -> None:
        """Read until ``until`` holds; ``what`` names in an error what was waited for."""
        deadline = time.monotonic() + limit
        while not until():
            if time.monotonic() > deadline or not self._read(0.05):
                raise AssertionError(f"waited for {what}; the program is {self._standing()}; the screen:\n{self.text}")

    def wait_for(self, text: str, limit: float = LIMIT) -> None:
        """Read until ``text`` is on the screen."""
        self.wait(lambda: text in self.text, f"“{text}”", limit)

    def wait_gone(self, text: str, limit: float = LIMIT) -> None:
        """Read until ``text`` is no longer on the screen."""
        self.wait(lambda: text not in self.text, f"“{text}” to go", limit)

    def wait_for_cursor(self, column: int, line: int, limit: float = LIMIT) -> None:
        """Read until the terminal's own cursor is there."""
        self.wait(lambda: self.cursor == (column, line), f"the cursor at {column}, {line}, not {self.cursor}", limit)

    def wait_quiet(self, seconds: float = 0.25) -> None:
        """Read until nothing came for ``seconds``; for counting bytes, not to find out whether work is done."""
        while select.select([self._master], [], [], seconds)[0] and self._read(0):
            pass

    def wait_for_end(self, limit: float = LIMIT) -> int:
        """Read until the program has ended; return its exit code."""
        deadline = time.monotonic() + limit
        while self._read(0.05) and time.monotonic() < deadline:
            pass
        return self.process.wait(max(1.0, deadline - time.monotonic()))

    def stop(self, limit: float = LIMIT) -> None:
        """Send the stop signal of Ctrl+Z and read until the program has stopped."""
        self.process.send_signal(signal.SIGTSTP)
        self.wait_stopped(limit)

    def wait_stopped(self, limit: float = LIMIT) -> None:
        """Read until the program has stopped."""
        states = os.WSTOPPED | os.WNOHANG
        self.wait(lambda: os.waitid(os.P_PID, self.process.pid, states) is not None, "the program to stop", limit)

    def go_on(self) -> None:
        """Continue a stopped program, as a shell's ``fg`` does."""
        self.process.send_signal(signal.SIGCONT)

    def hang_up(self) -> None:
        """Close the window: the program loses its terminal and gets SIGHUP."""
        os.close(self._master)
        self._master = -1

    # --- inside --------------------------------------------------------------------------------

    def _read(self, seconds: float) -> bool:
        """Read what came, waiting ``seconds`` for it at most; return False when the program has hung up."""
        if not select.select([self._master], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self._master, 65536)
        except OSError:  # EIO: nobody has the other side open any more.
            return False
        if not data:
            return False
        self.take(data)
        return True

    def take(self, data: bytes) -> None:
        """Process what the program wrote; for callers that read several terminals through :attr:`descriptor`."""
        if self._synchronised and _ASKS_SYNCHRONISED in bytes(self.bytes[-len(_ASKS_SYNCHRONISED) :]) + data:
            self.send(_HAS_SYNCHRONISED)
            self._synchronised = False  # Answered once.
        self.bytes += data
        self._stream.feed(data)

    def _set_size(self, size: tuple[int, int]) -> None:
        columns, lines = size
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def _standing(self) -> str:
        code = self.process.poll()
        return "running" if code is None else f"over ({code})"


def hocba(
    store: Path,
    account: str,
    size: tuple[int, int] = (80, 24),
    term: str = "xterm-256color",
    environment: Mapping[str, str] | None = None,
) -> Terminal:
    """Open ``store`` as ``account`` in a terminal, as the command line does."""
    command = (sys.executable, "-m", "hocba_tui", "open", "--store", str(store), "--as", account)
    return Terminal(command, size, term, environment)
