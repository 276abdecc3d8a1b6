"""What a store has noted of what changes nothing, read from its files."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from hocba_tui.store import journal
from hocba_tui.store.activity.noting import ACTIVITY, Touched


class Noted(NamedTuple):
    by: str
    act: str
    what: str
    touched: Touched


def activity_files(root: Path) -> list[Path]:
    return sorted((root / ACTIVITY).glob("*/journal.log"))


def noted(root: Path, act: str = "") -> list[Noted]:
    """Return the entries of all years, oldest first, without that with which a journal begins."""
    found = [
        journal.decode(line, None).entry
        for path in activity_files(root)
        for line in path.read_bytes().splitlines(keepends=True)
    ]
    return [
        Noted(entry.actor, entry.act, entry.note, Touched.of(entry))
        for entry in found
        if entry.seq and act in ("", entry.act)
    ]
