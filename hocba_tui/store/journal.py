r"""The lines of a journal: one per change, with a checksum and the hash of the line before.

A line is ``LLLLLLLL CCCCCCCC {json}\n``: the length and CRC-32 of the JSON in hexadecimal, then
the JSON itself: the sequence number, the time, the actor, the act, the edits with the value
before and after, the SHA-256 of the line before, and up to which byte the journal was known to be
durable when the line was written. The first line carries the format's number.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import zlib
from typing import Any, NamedTuple

import orjson

from hocba_tui.store.backend import Edit, Entry

FORMAT = 1
GENESIS = "0" * 64
_PREFIX = 18
"""Two numbers of eight hexadecimal digits, each followed by a space."""
_PLAIN = frozenset({str, int, float, bool, type(None)})
_SECTOR = 512
"""Bytes that a disk writes completely or not at all."""


class BadRecord(ValueError):
    """A line that is torn or damaged."""


class JournalLine(NamedTuple):
    """A decoded line with the hash that the next line must name."""

    entry: Entry
    digest: str
    size: int


def encode(entry: Entry, previous: str, safe: int = 0) -> bytes:
    """Return the line for ``entry`` that follows the line with hash ``previous``.

    ``safe``: how many bytes at the journal's start are on disk.
    """
    body: dict[str, Any] = {
        "n": entry.seq,
        "at": entry.at,
        "by": entry.actor,
        "do": entry.act,
        "edits": [list(edit) for edit in entry.edits],
        "prev": previous,
        "safe": safe,
    }
    if entry.note:
        body["note"] = entry.note
    if entry.intent:
        body["intent"] = entry.intent
    if entry.undoes:
        body["undoes"] = entry.undoes
    if entry.seq == 0:
        body["format"] = FORMAT
    text = orjson.dumps(body)
    return b"%08x %08x %s\n" % (len(text), zlib.crc32(text), text)


def decode(line: bytes, previous: str | None, number: int | None = None) -> JournalLine:
    """Return the entry in ``line`` (with its newline); raise BadRecord when anything does not fit.

    ``previous`` is the hash that the line must name and ``number`` its sequence, None to accept any.
    """
    text = line[_PREFIX:-1]
    # The prefix is compared with what we would write, so that every bit of it is checked.
    if line[-1:] != b"\n" or line[:_PREFIX] != b"%08x %08x " % (len(text), zlib.crc32(text)):
        raise BadRecord("sai tổng kiểm tra")
    try:
        body = orjson.loads(text)
        if previous is not None and body["prev"] != previous:
            raise BadRecord("đứt chuỗi băm")
        entry = Entry(
            body["n"],
            body["at"],
            body["by"],
            body["do"],
            tuple([Edit(*edit) for edit in body["edits"]]),
            body.get("note", ""),
            body.get("intent", ""),
            body.get("undoes", 0),
        )
        require_ours(entry)
    except (KeyError, TypeError, AttributeError, orjson.JSONDecodeError) as error:
        raise BadRecord("không đúng dạng") from error
    if number is not None and entry.seq != number:
        raise BadRecord("sai số thứ tự")
    if entry.seq == 0 and body.get("format") != FORMAT:
        raise BadRecord(f"phiên bản {body.get('format')}, chương trình này đọc phiên bản {FORMAT}")
    return JournalLine(entry, hashlib.sha256(line).hexdigest(), len(line))


def require_ours(entry: Entry) -> None:
    """Raise TypeError when something is of a kind that we never write: anybody can make the sums right."""
    seq, at, actor, act, edits, note, intent, undoes = entry
    texts = at.__class__ is actor.__class__ is act.__class__ is note.__class__ is intent.__class__ is str
    if not (texts and seq.__class__ is undoes.__class__ is int):
        raise TypeError("entry")
    for table, key, field, before, after in edits:
        if not table.__class__ is key.__class__ is field.__class__ is str:
            raise TypeError("edit")
        if before.__class__ not in _PLAIN or after.__class__ not in _PLAIN:
            # Lists within lists without end could be read, and never written again.
            orjson.dumps((before, after))


def is_torn(rest: bytes, position: int) -> bool:
    """Return whether an interrupted write explains the journal's end.

    ``rest`` is everything from the first bad line on, which begins at byte ``position``. What was
    appended but not yet synced may be cut short, or may lack whole sectors, which then read as NUL; no
    line contains a NUL. And no complete line after it may say that the bad one was already on disk.
    Anything else is damage, and nothing is cut.
    """
    if _claimed(rest) > position:
        return False
    hole = rest.find(b"\0")
    if hole < 0:
        return b"\n" not in rest and _cut_short(rest)
    end = hole + len(rest[hole:]) - len(rest[hole:].lstrip(b"\0"))
    starts = hole == 0 or (position + hole) % _SECTOR == 0
    ends = end == len(rest) or (position + end) % _SECTOR == 0
    return starts and ends and b"\n" not in rest[:hole]


def _cut_short(line: bytes) -> bool:
    """Return whether ``line`` is the beginning of a longer one: a damaged newline is not."""
    head = line[:_PREFIX]
    if len(head) < _PREFIX:
        return re.fullmatch(rb"[0-9a-f]{0,8}|[0-9a-f]{8} [0-9a-f]{0,8}", head) is not None
    return re.fullmatch(rb"[0-9a-f]{8} [0-9a-f]{8} ", head) is not None and len(line) <= _PREFIX + int(head[:8], 16)


def _claimed(rest: bytes) -> int:
    """Return the farthest byte that a whole line in ``rest`` says was durable."""
    farthest = 0
    for line in rest.split(b"\n"):
        text = line[_PREFIX:]
        if line[:_PREFIX] == b"%08x %08x " % (len(text), zlib.crc32(text)):
            with contextlib.suppress(orjson.JSONDecodeError, AttributeError, TypeError):
                farthest = max(farthest, orjson.loads(text).get("safe", 0))
    return farthest
