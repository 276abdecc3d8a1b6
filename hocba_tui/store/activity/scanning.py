"""Find entries in a journal without decoding those that nobody asks for: from its end, a block at a time.

A line begins with its number, time, actor and act, in this order, so the most are passed over for a few bytes of
comparison each. Nothing is proven here: a line that is found is decoded with its checksum, and the chain is for who
checks the store.
"""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Iterator
from pathlib import Path

import orjson

from hocba_tui.errors import StoreUnusable
from hocba_tui.store import journal
from hocba_tui.store.backend import Entry, Hit, Sieve
from hocba_tui.store.disk import open_plain

_BLOCK = 1024 * 1024
"""Bytes that are read at once; more when one line is longer."""
_AT, _DO = b'"at":"', b'"do":"'
_HEAD = 18
"""Bytes before the JSON of a line, as the journal writes it."""


def hits(path: Path, sieve: Sieve) -> Iterator[Hit]:
    """Yield what fits of a journal, newest first as it was written; raise OSError when it cannot be read.

    A line that was cut short is passed over: it was never acknowledged.
    """
    handle = open_plain(path)
    with os.fdopen(handle, "rb"):
        for line in _lines(handle, os.fstat(handle).st_size, _needle(sieve.having)):
            if (at := _fits(line, sieve)) is not None:
                yield Hit(at, functools.partial(_decoded, line))


def _decoded(line: bytes) -> Entry:
    try:
        return journal.decode(line + b"\n", None).entry
    except journal.BadRecord as error:
        raise StoreUnusable(f"Một bản ghi bị hỏng ({error}).", "Báo người phụ trách máy: hocba store check.") from error


def _needle(having: tuple[str, ...]) -> re.Pattern[bytes] | bytes:
    texts = [orjson.dumps(text) for text in having]
    return b"".join(texts) if len(texts) < 2 else re.compile(b"|".join(re.escape(text) for text in texts))


def _fits(line: bytes, sieve: Sieve) -> str | None:
    """Return when the line was written if it fits, else None."""
    start = line.find(_AT, _HEAD, _HEAD + 40) + len(_AT)
    if start < len(_AT):
        return None
    at = line[start : line.find(b'"', start)].decode("ascii", "replace")
    act = ""
    if sieve.acts is not None or sieve.always:
        begin = line.find(_DO, start) + len(_DO)
        act = line[begin : line.find(b'"', begin)].decode("utf-8", "replace")
    if act in sieve.always:
        return at
    in_time = sieve.since <= at and (not sieve.until or at < sieve.until)
    return at if in_time and (sieve.acts is None or act.partition(":")[0] in sieve.acts) else None


def _lines(handle: int, size: int, needle: re.Pattern[bytes] | bytes) -> Iterator[bytes]:
    """Yield the whole lines with ``needle`` in them, the last one first, without their newline."""
    end, step = size, _BLOCK
    while end > 0:
        start = max(0, end - step)
        data = os.pread(handle, end - start, start)
        last = data.rfind(b"\n")
        whole = data.find(b"\n") + 1 if start else 0
        if last < whole:
            step *= 2  # One line is longer than what was read; at the journal's end it may be cut short.
            if start:
                continue
            return
        yield from _found(data[whole:last], needle)
        end, step = start + whole, _BLOCK


def _found(lines: bytes, needle: re.Pattern[bytes] | bytes) -> Iterator[bytes]:
    if not needle:
        yield from reversed(lines.split(b"\n"))
    elif isinstance(needle, bytes):
        end = len(lines)
        while (hit := lines.rfind(needle, 0, end)) >= 0:
            start = lines.rfind(b"\n", 0, hit) + 1
            stop = lines.find(b"\n", hit)
            yield lines[start : stop if stop >= 0 else len(lines)]
            end = start
    else:
        begins = dict.fromkeys(lines.rfind(b"\n", 0, hit.start()) + 1 for hit in needle.finditer(lines))
        for start in reversed(begins):
            stop = lines.find(b"\n", start)
            yield lines[start : stop if stop >= 0 else len(lines)]
