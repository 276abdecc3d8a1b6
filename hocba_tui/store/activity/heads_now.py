"""How far each journal has come, read from its end: what a signature over all journals is made of."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from hocba_tui.store import journal
from hocba_tui.store.checkpoint import Mark, has_line
from hocba_tui.store.disk import open_plain
from hocba_tui.store.journal_file import JOURNAL
from hocba_tui.store.syncing import durable_size

_TAIL = 64 * 1024


class LastLine(NamedTuple):
    """The last line of a journal that is surely on disk: its number, place and hash."""

    seq: int
    start: int
    end: int
    digest: str


def last_lines(root: Path, names: Iterable[str]) -> Mapping[str, LastLine]:
    """Return the last line of each journal; one that cannot be read is left out."""
    found = {}
    for name in names:
        with contextlib.suppress(OSError, journal.BadRecord):
            if line := _last(root / name / JOURNAL):
                found[name] = line
    return found


def has(root: Path, name: str, line: LastLine) -> bool:
    """Return whether a journal still has a line at its place."""
    try:
        handle = open_plain(root / name / JOURNAL)
    except OSError:
        return False
    with os.fdopen(handle, "rb"):
        return has_line(handle, Mark(*line, ""))


def _last(path: Path) -> LastLine | None:
    handle = open_plain(path)
    with os.fdopen(handle, "rb"):
        end = durable_size(path)
        if not end:  # Nobody has said so since the computer was started.
            end = os.fstat(handle).st_size
            os.fdatasync(handle)
        step = _TAIL
        while True:
            start = max(0, end - step)
            data = os.pread(handle, end - start, start)
            stop = data.rfind(b"\n") + 1
            begin = data.rfind(b"\n", 0, max(0, stop - 1)) + 1
            if stop and (begin or not start):
                decoded = journal.decode(data[begin:stop], None)
                return LastLine(decoded.entry.seq, start + begin, start + stop, decoded.digest)
            if not start:
                return None
            step *= 2
