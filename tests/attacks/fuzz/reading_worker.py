"""The reader of spreadsheets, started once for many files: ``python -m …reading_worker`` reads lengths and files.

It has the same limits of memory as the program's own. Who dies of a file is started again: that is an answer, too.
"""

from __future__ import annotations

import subprocess
import sys
from typing import Any

from tests.attacks.fuzz.watch import WATCH

_LIMITED = """
import io, resource, sys
from hocba_tui.intake import reader
import python_calamine
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
resource.setrlimit(resource.RLIMIT_AS, (reader.MAX_MEMORY, reader.MAX_MEMORY))
resource.setrlimit = lambda *_: None
source, out = sys.stdin.buffer, sys.stdout.buffer
class Given(io.BytesIO):
    pass
while size := source.read(8):
    given = source.read(int(size))
    reader.open = lambda *_, **__: Given(given)
    sys.stdout = io.StringIO()
    try:
        reader.main()
        answer = sys.stdout.getvalue().encode()
    except Exception as error:
        answer = b"!" + type(error).__name__.encode()
    out.write(b"%08d" % len(answer) + answer)
    out.flush()
"""


class Reader:
    """Stands in the place of ``subprocess.run`` where the program starts its reader."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self.died = 0

    def run(self, command: list[str], *, stdin: Any, **_: object) -> subprocess.CompletedProcess[bytes]:
        """Have a file read; the answer has the exit code and the output of the program's own reader."""
        assert command[-2:] == ["-m", "hocba_tui.intake.reader"]
        stdin.seek(0)
        data = stdin.read()
        self.start()
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(b"%08d" % len(data) + data)
            self._process.stdin.flush()
            size = self._process.stdout.read(8)
        except BrokenPipeError:
            size = b""
        if not size:
            self.died += 1
            self.stop()
            return subprocess.CompletedProcess(command, 1, b"")
        answer = self._process.stdout.read(int(size))
        if answer.startswith(b"!"):
            return subprocess.CompletedProcess(command, 1, b"")
        return subprocess.CompletedProcess(command, 0, answer)

    def start(self) -> None:
        """Start it, if it is not running."""
        if self._process is None or self._process.poll() is not None:
            self.stop()
            pipe, command = subprocess.PIPE, [sys.executable, "-P", "-c", _LIMITED]
            with WATCH.paused():
                self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL)

    def stop(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None
