"""``data.json``: a TinyDB file that anyone can open, written atomically, rebuilt from the journal.

It only saves time when a shard is opened. Stock ``TinyDB(path)`` reads it; its own way of writing
(truncating in place) is not used.
"""

from __future__ import annotations

import hashlib
import itertools
import re
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from hocba_tui.store.backend import Value
from hocba_tui.store.disk import read_plain, write_atomic
from hocba_tui.store.tables import Documents

KEY = "_key"
META = "_checkpoint"
_SEAM = b'"_checkpoint": {'
"""What separates the documents from the checkpoint's own table, the last one of the file."""
_INDENT = len(b"{\n  ")
"""What an indented object has before its first key."""
_NAME = re.compile(rb'\n  (?=")')
"""What stands before the name of a table."""
_ROW = re.compile(rb'\n    "\d+": ')
"""What stands before a document, and only there, for the same reason."""
_TABLE_END, _ROW_END = len(b"\n  }"), len(b",")
FOLDED = 512 * 1024
"""Bytes of text from which on a table stays packed until it is asked for: the index of some 4,000 pupils."""


class Mark(NamedTuple):
    """Up to where in the journal a checkpoint speaks: the last line's number, start, end and hash."""

    seq: int
    start: int
    end: int
    digest: str
    born: str
    """Hash of the first line: which journal it is."""


def save(path: Path, documents: Documents, mark: Mark) -> int:
    """Write the checkpoint, return its size; OSError when the disk refuses (harmless: the journal has all)."""
    data: dict[str, dict[str, Any]] = {
        name: {str(number): {KEY: key, **document} for number, (key, document) in enumerate(table.items(), start=1)}
        for name, table in documents.items()
    }
    data[META] = {}
    whole = orjson.dumps(data, option=orjson.OPT_INDENT_2)
    # The documents are the bulk: written out once, the checkpoint's own table put behind them.
    bulk = whole[: whole.rfind(_SEAM)]
    meta = {META: {"1": {**mark._asdict(), "proof": _proof(bulk, mark)}}}
    whole = bulk + orjson.dumps(meta, option=orjson.OPT_INDENT_2)[_INDENT:]
    write_atomic(path, whole)
    return len(whole)


def load(path: Path) -> tuple[Documents, Mark] | None:
    """Return what the checkpoint says, None when it is missing, unreadable or changed by hand."""
    try:
        raw = read_plain(path)
        seam = raw.rfind(_SEAM)
        meta = orjson.loads(b"{" + raw[seam:])[META]["1"]
        proof = meta.pop("proof")
        mark = Mark(**meta)
        # Whoever changes data.json by hand changes nothing: the journal is the truth.
        if proof != _proof(memoryview(raw)[:seam], mark):
            return None
        return dict(_tables(raw, seam)), mark
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        return None


def _tables(raw: bytes, seam: int) -> Iterator[tuple[str, Mapping[str, dict[str, Value]]]]:
    """Yield the tables of a data.json that is as we wrote it, up to the checkpoint's own.

    Only their names stand two places from the left, since JSON has no line break inside a text.
    """
    text = memoryview(raw)  # Slices of bytes would be copies, and leave holes in memory.
    begins = [found.end() for found in _NAME.finditer(raw, 0, seam)]
    for begin, following in itertools.pairwise([*begins, seam]):
        # Without the comma behind it, and the line break and indent of the name that follows.
        colon, end = raw.index(b": ", begin), following - _INDENT
        table = text[colon + len(b": ") : end]
        yield orjson.loads(text[begin:colon]), Folded(table) if len(table) > FOLDED else dict(_rows(table))


class Folded(Mapping[str, dict[str, Value]]):
    """A big table that nobody has asked for yet, packed: who types grades never asks for the index of all pupils."""

    def __init__(self, text: memoryview) -> None:
        self._packed = zlib.compress(text, 1)
        self._opened: dict[str, dict[str, Value]] | None = None

    def _table(self) -> dict[str, dict[str, Value]]:
        packed = self._packed  # First: another thread may open it now, and drops this last.
        if self._opened is None:
            self._opened = dict(_rows(memoryview(zlib.decompress(packed))))
            self._packed = b""
        return self._opened

    def __getitem__(self, key: str) -> dict[str, Value]:
        return self._table()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._table())

    def __len__(self) -> int:
        return len(self._table())


def _rows(table: memoryview) -> Iterator[tuple[str, dict[str, Value]]]:
    """Yield the documents of a table by key.

    One by one: the parser takes twelve times the length of a text before it begins, and what a session has once
    taken from the system it seldom gives back.
    """
    found = [row.span() for row in _ROW.finditer(table)]
    ends = [*(begin - _ROW_END for begin, _ in found[1:]), len(table) - _TABLE_END]
    for (_, begin), end in zip(found, ends, strict=False):  # An empty table has an end and no document.
        document = orjson.loads(table[begin:end])
        yield document.pop(KEY), document


def _proof(text: bytes | memoryview, mark: Mark) -> str:
    proof = hashlib.sha256(text)
    proof.update(orjson.dumps(mark._asdict()))
    return proof.hexdigest()
