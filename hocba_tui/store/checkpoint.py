"""``data.json``: a TinyDB file that anyone can open, written atomically, rebuilt from the journal.

It only saves time when a shard is opened. Stock ``TinyDB(path)`` can read it; TinyDB's own way of
writing (truncating in place) is not used.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from hocba_tui.store.backend import Value
from hocba_tui.store.disk import open_plain, read_plain, write_atomic
from hocba_tui.store.tables import Documents

KEY = "_key"
META = "_checkpoint"
_SEAM = b'"_checkpoint": {'
"""Separates the documents from the checkpoint's own table, the last one of the file."""
_INDENT = len(b"{\n  ")
"""Length of what precedes the first key of an indented object."""
_NAME = re.compile(rb'\n  (?=")')
"""Precedes the name of a table."""
_ROW = re.compile(rb'\n    "\d+": ')
"""Precedes a document, and nothing else: JSON has no line break inside a text."""
_TABLE_END, _ROW_END = len(b"\n  }"), len(b",")
_MARK_WITHIN = 4096
"""Bytes at the end of the file, within which the checkpoint's own table begins."""
_WINDOW, _AT_WORK = 12, 5
FILED = 100
"""A table with more documents than this is a Filed; a class has fewer, so each of its documents stays one object."""
FOLDED = 96 * 1024
"""One that is long and has more bytes of text than this stays compressed until it is needed: the index of some 800
pupils, which those who type grades never need. The staff of any one school takes less."""


class Mark(NamedTuple):
    """How far into the journal a checkpoint goes: the last line's number, start, end and hash."""

    seq: int
    start: int
    end: int
    digest: str
    born: str
    """Hash of the first line: it identifies the journal."""


def read_mark(said: Mapping[str, Any]) -> Mark:
    """Return the mark that a file names; raise KeyError, TypeError or ValueError when it is none."""
    mark = Mark(said["seq"], said["start"], said["end"], said["digest"], said["born"])
    numbers, texts = (mark.seq, mark.start, mark.end), (mark.digest, mark.born)
    if not all(type(number) is int for number in numbers) or not all(type(text) is str for text in texts):
        raise TypeError("mark")
    if mark.seq < 0 or not 0 <= mark.start < mark.end:
        raise ValueError("mark")
    return mark


def has_line(journal: int, mark: Mark) -> bool:
    """Return whether an open journal has the line that ``mark`` describes; no more is read than the file has."""
    if not 0 <= mark.start < mark.end <= os.fstat(journal).st_size:
        return False
    line = os.pread(journal, mark.end - mark.start, mark.start)
    return hashlib.sha256(line).hexdigest() == mark.digest


def save(path: Path, documents: Documents, mark: Mark) -> int:
    """Write the checkpoint, return its size; raise OSError when the disk refuses (harmless: the journal has all)."""
    data: dict[str, dict[str, Any]] = {
        name: {str(number): {KEY: key, **document} for number, (key, document) in enumerate(table.items(), start=1)}
        for name, table in documents.items()
    }
    data[META] = {}
    whole = orjson.dumps(data, option=orjson.OPT_INDENT_2)
    # The documents are most of the bytes: they are written out once, and the checkpoint's own table follows them.
    bulk = whole[: whole.rfind(_SEAM)]
    meta = {META: {"1": {**mark._asdict(), "proof": _proof(bulk, mark)}}}
    whole = bulk + orjson.dumps(meta, option=orjson.OPT_INDENT_2)[_INDENT:]
    write_atomic(path, whole)
    return len(whole)


def load(path: Path) -> tuple[Documents, Mark] | None:
    """Return what the checkpoint says; None when it is missing, unreadable or changed by hand."""
    try:
        raw = read_plain(path)
        mark, proof, seam = _mark(raw)
        # Changing data.json by hand has no effect: only the journal counts.
        if proof != _proof(memoryview(raw)[:seam], mark):
            return None
        return dict(_tables(raw, seam)), mark
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def mark_of(path: Path) -> Mark | None:
    """Return how far a checkpoint says that it goes, which is not proven; None when it does not say it."""
    try:
        with os.fdopen(open_plain(path), "rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _MARK_WITHIN))
            return _mark(file.read())[0]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _mark(raw: bytes) -> tuple[Mark, str, int]:
    """Return mark and proof, and where the checkpoint's own table begins."""
    seam = raw.rfind(_SEAM)
    meta = orjson.loads(b"{" + raw[seam:])[META]["1"]
    proof = meta.pop("proof")
    return read_mark(meta), proof, seam


def _tables(raw: bytes, seam: int) -> Iterator[tuple[str, Mapping[str, dict[str, Value]]]]:
    """Yield the tables of a data.json that is as we wrote it, without the checkpoint's own.

    Only table names are indented by two spaces, since JSON has no line break inside a text.
    """
    text = memoryview(raw)  # Slices of bytes would be copies, and would fragment the memory.
    begins = [found.end() for found in _NAME.finditer(raw, 0, seam)]
    for begin, following in itertools.pairwise([*begins, seam]):
        # Without the comma at the end, and the line break and indent of the next name.
        colon, end = raw.index(b": ", begin), following - _INDENT
        yield orjson.loads(text[begin:colon]), _table(text[colon + len(b": ") : end])


def _table(text: memoryview) -> Mapping[str, dict[str, Value]]:
    if not _is_long(text):
        return _opened(_rows(text))
    return Folded(text) if len(text) > FOLDED else Filed(_rows(text))


def _is_long(text: memoryview) -> bool:
    return any(True for _ in itertools.islice(_ROW.finditer(text), FILED, None))


class Filed(Mapping[str, dict[str, Value]]):
    """A long table that keeps its documents as text and parses one each time it is needed: a third of the memory.

    Somebody who types grades needs one or two of the hundreds of people and classes of a big school.
    """

    def __init__(self, rows: Iterable[memoryview]) -> None:
        self._texts = {_read(row)[0]: bytes(row) for row in rows}

    def __getitem__(self, key: str) -> dict[str, Value]:
        return _read(self._texts[key])[1]

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)


class Folded(Mapping[str, dict[str, Value]]):
    """A big table, compressed until it is first used: typing grades never needs the index of all pupils."""

    def __init__(self, text: memoryview) -> None:
        # A small window and little memory: the result is no bigger, and it takes 30 kB of memory instead of 270.
        packer = zlib.compressobj(1, wbits=_WINDOW, memLevel=_AT_WORK)
        self._packed = packer.compress(text) + packer.flush()
        self._opened: dict[str, dict[str, Value]] | None = None

    def _table(self) -> dict[str, dict[str, Value]]:
        packed = self._packed  # Read first: another thread may be opening it now, and clears this at the end.
        if self._opened is None:
            self._opened = _opened(_rows(memoryview(zlib.decompress(packed))))
            self._packed = b""
        return self._opened

    def __getitem__(self, key: str) -> dict[str, Value]:
        return self._table()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._table())

    def __len__(self) -> int:
        return len(self._table())


def _opened(rows: Iterable[memoryview]) -> dict[str, dict[str, Value]]:
    """Return documents by key, sharing equal texts: a class holds T and H a thousand times.

    This halves the memory of a class with its comments.
    """
    documents = dict(map(_read, rows))
    one_of = dict[str, str]().setdefault
    for document in documents.values():
        for field, value in document.items():
            if value.__class__ is str:
                document[field] = one_of(value, value)
    return documents


def _rows(table: memoryview) -> list[memoryview]:
    """Return the text of each document of a table."""
    found = [row.span() for row in _ROW.finditer(table)]
    ends = [*(begin - _ROW_END for begin, _ in found[1:]), len(table) - _TABLE_END]
    # An empty table has an end but no document.
    return [table[begin:end] for (_, begin), end in zip(found, ends, strict=False)]


def _read(row: bytes | memoryview) -> tuple[str, dict[str, Value]]:
    """Return the key of a document, and the document.

    Documents are parsed one by one: the parser first takes twelve times the length of its text, and a session
    seldom gives memory back to the system.
    """
    document: dict[str, Value] = orjson.loads(row)
    return document.pop(KEY), document


def _proof(text: bytes | memoryview, mark: Mark) -> str:
    proof = hashlib.sha256(text)
    proof.update(orjson.dumps(mark._asdict()))
    return proof.hexdigest()
