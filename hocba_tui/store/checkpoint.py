"""``data.json``: a TinyDB file that anyone can open, written atomically, rebuilt from the journal.

It only saves time when a shard is opened. Stock ``TinyDB(path)`` reads it; its own way of writing
(truncating in place) is replaced by :class:`AtomicStorage`.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson
from tinydb.storages import Storage

from hocba_tui.store.backend import Value
from hocba_tui.store.disk import write_atomic

KEY = "_key"
META = "_checkpoint"

Tables = dict[str, dict[str, dict[str, Value]]]


class AtomicStorage(Storage):
    """TinyDB storage whose file is at all times either the old or the new one, whole."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> dict[str, dict[str, Any]] | None:
        """Return the tables, None when there is no file or it does not parse."""
        try:
            data = orjson.loads(self._path.read_bytes())
        except (OSError, orjson.JSONDecodeError):
            return None
        return data if isinstance(data, dict) else None

    def write(self, data: dict[str, dict[str, Any]]) -> None:
        """Replace the file by ``data``."""
        write_atomic(self._path, orjson.dumps(data, option=orjson.OPT_INDENT_2))


@dataclass(frozen=True)
class Mark:
    """Up to where in the journal a checkpoint speaks: the last line's start, end, number and hash."""

    seq: int
    start: int
    end: int
    digest: str


def save(path: Path, tables: Tables, mark: Mark) -> None:
    """Write the checkpoint; OSError when the disk refuses (harmless: the journal has everything)."""
    data: dict[str, dict[str, Any]] = {
        name: {str(number): {KEY: key, **document} for number, (key, document) in enumerate(documents.items(), start=1)}
        for name, documents in tables.items()
    }
    data[META] = {"1": {**asdict(mark), "content": _proof(tables)}}
    AtomicStorage(path).write(data)


def load(path: Path) -> tuple[Tables, Mark] | None:
    """Return what the checkpoint says, None when it is missing or unreadable."""
    data = AtomicStorage(path).read()
    if data is None:
        return None
    try:
        meta = data.pop(META)["1"]
        proof = meta.pop("content")
        mark = Mark(**meta)
        tables: Tables = {
            name: {document.pop(KEY): document for document in documents.values()} for name, documents in data.items()
        }
        # Whoever changes data.json by hand changes nothing: the journal is the truth.
        good = proof == _proof(tables) and all(isinstance(n, int) for n in (mark.seq, mark.start, mark.end))
    except (KeyError, TypeError, AttributeError):
        return None
    return (tables, mark) if good else None


def _proof(tables: Tables) -> str:
    return hashlib.sha256(orjson.dumps(tables, option=orjson.OPT_SORT_KEYS)).hexdigest()
