"""The lines of the log: how they get into the file of the month, and what an error leaves in them.

Of an error only its type and its frames are written: file, line, function. Never its message, a local variable, an
argument or a line of source: each may hold a pupil's name, a mark or a PIN. The messages of other packages are left out
for the same reason.

A line is one JSON object and one ``write`` to a file that was opened with O_APPEND for it, so that lines of many
processes never mix. A log that cannot be written is no reason to stop a person's work: then a line is lost, silently.
"""

from __future__ import annotations

import errno
import json
import logging
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path, PurePath
from types import TracebackType

from hocba_tui.clock import VIETNAM
from hocba_tui.errors import HocbaError

FOLDER = "log"
NAME = "hocba"
"""Name of our own logger. What it is given holds nothing personal; what other loggers are given might."""
MOST_LINES = 2000
"""Of one process; an error that comes again and again must not fill the disk."""
MOST_BYTES = 64 * 1024 * 1024
"""Of one month's file."""
_FIRST_FRAMES, _LAST_FRAMES = 10, 30
_MOST_ERRORS = 6
"""Of a chain of causes."""


class LogFile(logging.Handler):
    """Appends to the log of the store in ``root``. ``about`` says who does what: it stands in each line."""

    def __init__(self, root: Path, about: Callable[[], Mapping[str, object]]) -> None:
        super().__init__()
        self._root = root
        self._about = about
        self._written = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record, unless that fails."""
        try:
            self._written += 1
            ending = getattr(record, "facts", {}).get("event") == "end"
            if self._written > MOST_LINES and not ending:
                return
            facts = {**self._begin(record), **_facts(record)}
            if self._written == MOST_LINES:
                facts["more"] = "left out"
            append(self._root, datetime.now(UTC), json.dumps(facts, ensure_ascii=True))
        except Exception:  # noqa: BLE001, S110 # Whatever it is, a person's work is worth more than a line.
            pass

    def _begin(self, record: logging.LogRecord) -> dict[str, object]:
        at = datetime.fromtimestamp(record.created, VIETNAM).isoformat(timespec="milliseconds")
        return {"at": at, "pid": os.getpid(), "level": record.levelname.lower(), **self._about()}


def append(root: Path, at: datetime, line: str) -> None:
    """Append a line to the file of the month, in Vietnam, of ``at``; raise OSError when that is not possible.

    Nothing is written where there is no store of our own, so that a log never stands where one is about to be made.
    """
    school = os.lstat(root / "school" / "journal.log")
    if school.st_uid != os.geteuid():
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))
    path = file_of(root, at)
    if not path.parent.exists():
        path.parent.mkdir(mode=0o700, exist_ok=True)
    if stat.S_ISLNK(path.parent.lstat().st_mode):
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    # Without waiting: opening a pipe in its place would block for ever.
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
    handle = os.open(path, flags, 0o600)
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode) or status.st_size > MOST_BYTES:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
        os.write(handle, line.encode() + b"\n")
    finally:
        os.close(handle)


def file_of(root: Path, at: datetime) -> Path:
    """Return the file of the log in which lines of the month of ``at`` stand."""
    return root / FOLDER / f"{at.astimezone(VIETNAM):%Y-%m}.log"


def _facts(record: logging.LogRecord) -> dict[str, object]:
    """Return what a record says; of a record of another package only where it comes from."""
    error = record.exc_info[1] if record.exc_info else None
    facts: dict[str, object] = {}
    if record.name == NAME:
        facts.update(getattr(record, "facts", {}))
    else:
        facts.update(event="other", logger=record.name, place=f"{shortened(record.pathname)}:{record.lineno}")
    if error is not None:
        facts["errors"] = [_described(one) for one in _chain(error)]
    return facts


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what it came from: causes, and the errors of a group."""
    waiting, seen = [error], set[int]()
    while waiting and len(seen) < _MOST_ERRORS:
        one = waiting.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        before = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
        waiting += [before] if before is not None else []
        waiting += one.exceptions if isinstance(one, BaseExceptionGroup) else []


def _described(error: BaseException) -> dict[str, object]:
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    described: dict[str, object] = {"type": name}
    if isinstance(error, HocbaError):
        described["code"] = error.exit_code
    elif isinstance(error, OSError) and isinstance(error.errno, int):  # Two words of any kind make an OSError too.
        described["errno"] = errno.errorcode.get(error.errno, error.errno)
    frames = list(frames_of(error.__traceback__))
    if len(frames) > _FIRST_FRAMES + _LAST_FRAMES:
        left_out = len(frames) - _FIRST_FRAMES - _LAST_FRAMES
        frames = [*frames[:_FIRST_FRAMES], f"… {left_out} …", *frames[-_LAST_FRAMES:]]
    return {**described, "frames": frames}


def frames_of(trace: TracebackType | None) -> Iterator[str]:
    """Yield ``file:line function`` of each frame, the outermost first."""
    while trace is not None:
        code = trace.tb_frame.f_code
        yield f"{shortened(code.co_filename)}:{trace.tb_lineno} {code.co_qualname}"
        trace = trace.tb_next


def shortened(filename: str) -> str:
    """Return the part of a source file's path that is the same on every computer: no home folder, no login."""
    path = PurePath(filename)
    for number in range(len(path.parts) - 1, 0, -1):
        folder = path.parts[number - 1]
        if folder in ("site-packages", "dist-packages"):
            return PurePath(*path.parts[number:]).as_posix()
        if folder == "hocba_tui":
            return PurePath(*path.parts[number - 1 :]).as_posix()
    return path.name
