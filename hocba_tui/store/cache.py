"""What was worked out from a shard, kept in a file that may be lost at any time: ``cache/<what>/<shard>.json``.

Its first line names the last line of the journal from which it was worked out, and what else the answer rests on. So
it counts where a ``data.json`` counts: while the journal has that line, and nothing behind it. A file that is lost,
garbled, foreign or about another history is worked out again; nothing here ever raises. Backups leave it out.
"""

from __future__ import annotations

import contextlib
import os
import zlib
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from hocba_tui.errors import HocbaError
from hocba_tui.store.checkpoint import Mark, read_mark
from hocba_tui.store.disk import make_folder, open_plain, require_plain, sweep, write_atomic

CACHE = "cache"
_LONGEST = 256 * 1024
"""Bytes from which on a file is not read: ours are a tenth of it."""


class Held(NamedTuple):
    """What a file says, and after which line of the journal it was so."""

    mark: Mark
    data: bytes


class Cache:
    """The files of one store."""

    def __init__(self, root: Path) -> None:
        self._root = root / CACHE
        self._made: set[Path] = set()

    def read(self, what: str, name: str, basis: str) -> Held | None:
        """Return what was kept of a shard on this basis; None when there is nothing of use."""
        try:
            path = self._path(what, name)
            with os.fdopen(open_plain(path), "rb") as file:
                require_plain(path, file.fileno())
                said = file.read(_LONGEST + 1)
            head, _, data = said.partition(b"\n")
            facts: dict[str, Any] = orjson.loads(head)
            mark = read_mark(facts["mark"])
            sound = facts["sum"] == zlib.crc32(data) and len(said) <= _LONGEST
            return Held(mark, data) if sound and facts["basis"] == basis else None
        except (OSError, ValueError, KeyError, TypeError, HocbaError):
            return None

    def write(self, what: str, name: str, basis: str, held: Held) -> None:
        """Keep it in place of what is there; a disk that refuses is nobody's concern."""
        path = self._path(what, name)
        head = {"mark": held.mark._asdict(), "basis": basis, "sum": zlib.crc32(held.data)}
        with contextlib.suppress(OSError, HocbaError):
            if path.parent not in self._made:
                make_folder(path.parent)
                sweep(path.parent)
                self._made.add(path.parent)
            write_atomic(path, orjson.dumps(head) + b"\n" + held.data, durable=False)

    def _path(self, what: str, name: str) -> Path:
        return self._root / what / f"{name}.json"
