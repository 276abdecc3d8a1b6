"""Read a journal from its end, so that the latest entries cost the same however long it is."""

from __future__ import annotations

import os
from collections.abc import Iterator

from hocba_tui.errors import StoreUnusable, system_reason
from hocba_tui.store import journal
from hocba_tui.store.backend import Entry
from hocba_tui.store.journal_file import JournalFile

_CHUNK = 64 * 1024
"""Bytes that are read at once; more when one line is longer."""


def latest(file: JournalFile, containing: bytes) -> Iterator[Entry]:
    """Yield the entries whose lines contain ``containing``, newest first, from where ``file`` stands.

    What is not asked for is not read, so damage further back is not noticed. Raise StoreUnusable at the first
    damaged line among those that are asked for.
    """
    told: int | None = None
    try:
        for line in _lines(file, containing):
            entry = journal.decode(line, None).entry
            told = entry.seq
            yield entry
    except (journal.BadRecord, _Changed):
        # Read from the beginning, which finds damage, or what the disk has refused meanwhile, and says which it is.
        entries = [entry for entry in file.entries(containing) if told is None or entry.seq < told]
        yield from reversed(entries)
    except OSError as error:
        raise StoreUnusable(f"Không đọc được nhật ký của {file.name}: {system_reason(error)}.") from error


class _Changed(Exception):
    """The journal no longer has the line at which the reading began: the disk had refused it."""


def _lines(file: JournalFile, containing: bytes) -> Iterator[bytes]:
    handle, mark = file.handles[0], file.mark
    end, step = mark.end, _CHUNK
    while end > 0:
        start = max(0, end - step)
        data = os.pread(handle, end - start, start)
        # A journal is only cut and appended to: with its last line, everything before it is still there.
        if not file.agrees(mark):
            raise _Changed
        whole = data.find(b"\n") + 1 if start else 0
        if whole == len(data):
            step *= 2  # One line is longer than what was read.
            continue
        yield from _found(data[whole:], containing or b"\n")
        end, step = start + whole, _CHUNK


def _found(lines: bytes, containing: bytes) -> Iterator[bytes]:
    """Yield the whole lines that contain ``containing``, the last one first; the others cost next to nothing."""
    end = len(lines)
    while (hit := lines.rfind(containing, 0, end)) >= 0:
        start = lines.rfind(b"\n", 0, hit) + 1
        yield lines[start : lines.find(b"\n", hit) + 1]
        end = start
