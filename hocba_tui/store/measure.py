"""How long a journal is, without reading all of it: from its checkpoint on, line by line."""

from __future__ import annotations

import contextlib
import fcntl
import os
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from hocba_tui.errors import LockHeld, system_reason
from hocba_tui.store import checkpoint as checkpoints
from hocba_tui.store import journal
from hocba_tui.store.disk import open_plain
from hocba_tui.store.journal_file import JOURNAL, START, lines_of
from hocba_tui.store.locks import take
from hocba_tui.store.shard import DATA


@dataclass(frozen=True)
class Length:
    """How far a journal can be read."""

    entries: int = 0
    size: int = 0
    """Bytes up to the end of its last good line."""
    last: str = ""
    """Time of the last entry in ISO form, empty when there is none."""
    problem: str = ""
    """Why it cannot be read any further, empty when it can be read to its end."""


def length_of(folder: Path) -> Length:
    """Measure the journal of the shard in ``folder``.

    A checkpoint counts only where the journal has the line that it names, else the journal is read from its first
    line. Damage in what lies before the checkpoint is not found: that is for :mod:`hocba_tui.store.checking`.
    """
    try:
        with os.fdopen(open_plain(folder / JOURNAL), "rb") as file:
            take(file.fileno(), fcntl.LOCK_SH, f"Tệp của {folder.name}")
            return _read(file, checkpoints.mark_of(folder / DATA))
    except (OSError, LockHeld) as error:
        return Length(problem=unread_words(error))


def unread_words(error: OSError | LockHeld) -> str:
    """Return why a journal cannot be read at all."""
    return f"không đọc được nhật ký ({system_reason(error) if isinstance(error, OSError) else error.found})"


def _read(file: BinaryIO, mark: checkpoints.Mark | None) -> Length:
    seq, end, digest, last = START.seq, START.end, START.digest, ""
    if mark is not None and checkpoints.has_line(file.fileno(), mark):
        line = os.pread(file.fileno(), mark.end - mark.start, mark.start)
        with contextlib.suppress(journal.BadRecord):  # The checkpoint was changed by hand.
            entry = journal.decode(line, None, mark.seq).entry
            seq, end, digest, last = entry.seq, mark.end, mark.digest, entry.at
    file.seek(end)
    content, begin = file.read(), end
    for position, line in lines_of(content):
        try:
            decoded = journal.decode(line, digest, seq + 1)
        except journal.BadRecord as error:
            torn = journal.is_torn(content[position:], begin + position)
            return Length(seq + 1, end, last, "" if torn else f"hỏng sau bản ghi số {seq}, byte {end}: {error}")
        seq, end, digest, last = decoded.entry.seq, end + decoded.size, decoded.digest, decoded.entry.at
    return Length(seq + 1, end, last)
