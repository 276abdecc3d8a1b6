"""Find entries in a journal without decoding those that nobody asks for: from its end, a block at a time.

A line begins with its number, time, actor and act, in this order, so most are passed over for a few bytes of comparison
each. Nothing is proven here: a line that is found is decoded with its checksum, and the chain is for who checks the
store. There is no index: one that somebody alters would hide what was done, and no chain would tell.
"""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import orjson

from hocba_tui.errors import StoreUnusable
from hocba_tui.store import journal
from hocba_tui.store.backend import Entry, Hit, Sieve
from hocba_tui.store.disk import open_plain

_BLOCK = 1024 * 1024
"""Bytes that are read at once; more when one line is longer."""
_AT, _DO = b'"at":"', b'"do":"'
_HEAD, _NUMBER = 18, 60
"""Bytes before the JSON of a line, as the journal writes it; where its time has begun at the latest."""
_TIME = 40
"""More bytes than a time has: what follows it decides no comparison, since it begins with a quotation mark."""


def hits(path: Path, sieve: Sieve, floor: Callable[[], str]) -> Iterator[Hit]:
    """Yield what fits of a journal, newest first as it was written; raise OSError when it cannot be read.

    ``floor`` is asked before each block for a time: what is older is of no use any more. A line that was cut short is
    passed over: it was never acknowledged.
    """
    handle = open_plain(path)
    with os.fdopen(handle, "rb"):
        needle = _needle(sieve.having)
        for block in _blocks(handle, os.fstat(handle).st_size):
            for line in _sifted(_lines(block, needle), sieve, floor().encode()):
                yield Hit(_time_of(line), functools.partial(_decoded, line))


def _decoded(line: bytes) -> Entry:
    try:
        return journal.decode(line + b"\n", None).entry
    except journal.BadRecord as error:
        raise StoreUnusable(f"Một bản ghi bị hỏng ({error}).", "Báo người phụ trách máy: hocba store check.") from error


def _sifted(lines: Iterable[bytes], sieve: Sieve, floor: bytes) -> list[bytes]:
    """Return the lines that fit, in the same order; each comparison is one pass over the whole block."""
    since, until = max(sieve.since.encode(), floor), sieve.until.encode()
    always = {act.encode() for act in sieve.always}
    # What tells of something earlier may fit though it was written later, and never when it was written before.
    begin = floor if always else since
    timed = [
        (line, time) for line in lines
        if (at := line.find(_AT, _HEAD, _NUMBER) + 6) > 5 and (time := line[at : at + _TIME]) >= begin
    ]  # fmt: skip
    if always:
        timed = [(line, time) for line, time in timed if time >= since or _act_of(line) in always]
    if until:
        timed = [(line, time) for line, time in timed if time < until or (always and _act_of(line) in always)]
    if sieve.acts is not None:
        acts = {act.encode() for act in sieve.acts} | always
        timed = [(line, time) for line, time in timed if _act_of(line) in acts]
    return [line for line, _ in timed]


def _act_of(line: bytes) -> bytes:
    """Return the act of a line, without what follows a colon."""
    begin = line.find(_DO, _HEAD) + 6
    return line[begin : line.find(b'"', begin)].partition(b":")[0]


def _time_of(line: bytes) -> str:
    begin = line.find(_AT, _HEAD, _NUMBER) + 6
    return line[begin : line.find(b'"', begin)].decode("utf-8", "replace")


def _needle(having: tuple[str, ...]) -> re.Pattern[bytes] | bytes:
    texts = [orjson.dumps(text) for text in having]
    return b"".join(texts) if len(texts) < 2 else re.compile(b"|".join(re.escape(text) for text in texts))


def _blocks(handle: int, size: int) -> Iterator[bytes]:
    """Yield the journal in blocks of whole lines, the last one first, each without its last newline."""
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
        yield data[whole:last]
        end, step = start + whole, _BLOCK


def _lines(block: bytes, needle: re.Pattern[bytes] | bytes) -> Iterable[bytes]:
    """Return the lines with ``needle`` in them, the last one first."""
    if not needle:
        return reversed(block.split(b"\n"))
    return _with(block, needle)


def _with(block: bytes, needle: re.Pattern[bytes] | bytes) -> Iterator[bytes]:
    if isinstance(needle, bytes):
        end = len(block)
        while (hit := block.rfind(needle, 0, end)) >= 0:
            start = block.rfind(b"\n", 0, hit) + 1
            stop = block.find(b"\n", hit)
            yield block[start : stop if stop >= 0 else len(block)]
            end = start
    else:
        begins = dict.fromkeys(block.rfind(b"\n", 0, hit.start()) + 1 for hit in needle.finditer(block))
        for start in reversed(begins):
            stop = block.find(b"\n", start)
            yield block[start : stop if stop >= 0 else len(block)]
