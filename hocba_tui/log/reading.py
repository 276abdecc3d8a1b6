"""Read the log for people: the last lines of a store, as text."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from hocba_tui.log.lines import FOLDER
from hocba_tui.text import foreign

_TAIL = 512 * 1024
"""Bytes that are read from the end of a month's file."""
_LONGEST = 200
_FACTS = ("way", "code", "seconds", "more", "what", "to", "files", "bytes")
UNREADABLE = "(dòng không đọc được)"


def last_lines(root: Path, count: int, *, with_errors: bool = False) -> list[str]:
    """Return the last ``count`` notes of the log in ``root``, or of those with errors, as lines; the newest last.

    Only what the log itself writes is returned: a line that is not one of its own is said to be unreadable.
    """
    found: list[list[str]] = []
    for path in _newest_first(root):
        for line in reversed(_tail(path)):
            note = _read(line)
            if with_errors and not (note and note.get("errors")):
                continue
            found.append(list(_words(note)) if note else [UNREADABLE])
            if len(found) == count:
                break
        if len(found) == count:
            break
    return [line for lines in reversed(found) for line in lines]


def _newest_first(root: Path) -> list[Path]:
    try:
        return sorted((root / FOLDER).glob("[0-9][0-9][0-9][0-9]-[0-9][0-9].log"), reverse=True)
    except OSError:
        return []


def _tail(path: Path) -> list[bytes]:
    """Return the last lines of a file, none when it cannot be read."""
    handle = -1
    try:
        # Without waiting: opening a pipe in its place would block for ever.
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
        status = os.fstat(handle)
        begin = max(0, status.st_size - _TAIL)
        lines = os.pread(handle, _TAIL, begin).splitlines() if stat.S_ISREG(status.st_mode) else []
    except OSError:
        return []
    finally:
        if handle >= 0:
            os.close(handle)
    return lines[1:] if begin else lines  # The first one is cut.


def _read(line: bytes) -> Mapping[str, Any] | None:
    try:
        note = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return note if isinstance(note, dict) and isinstance(note.get("event"), str) else None


def _words(note: Mapping[str, Any]) -> Iterator[str]:
    """Yield a note as lines: who, what, when; then each error with its frames."""
    head = [_word(note.get(name)) for name in ("at", "pid", "by", "do", "event", "logger", "place")]
    head += [f"{name}={_word(note[name])}" for name in _FACTS if name in note]
    yield " ".join(filter(None, head))
    errors = note.get("errors")
    for error in errors if isinstance(errors, list) else []:
        if isinstance(error, dict):
            named = [_word(error.get("type")), *(f"{n}={_word(error[n])}" for n in ("code", "errno") if n in error)]
            yield "    " + " ".join(named)
            frames = error.get("frames")
            yield from (f"      {_word(frame)}" for frame in (frames if isinstance(frames, list) else []))


def _word(value: object) -> str:
    """Return a value for a line of text; whatever it is, it stays one short printable line."""
    return "" if value is None else foreign(str(value), _LONGEST)
