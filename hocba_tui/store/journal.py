r"""The journal's records: one line per change, checksummed and chained.

A line is ``LLLLLLLL CCCCCCCC {json}\n``: the length and CRC-32 of the JSON in hexadecimal, then
the JSON itself, which names the sequence number, the time, the actor, the act, the edits with value
before and after, and the SHA-256 of the line before. The first line carries the format's number.
"""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from typing import Any

import orjson

from hocba_tui.store.backend import Edit, Entry

FORMAT = 1
GENESIS = "0" * 64
_PREFIX = 18
"""Two numbers of eight hexadecimal digits, each followed by a space."""


class BadRecord(ValueError):
    """A line that is torn or damaged; ``torn`` when an interrupted write can leave such a line."""

    def __init__(self, what: str, *, torn: bool = False) -> None:
        super().__init__(what)
        self.torn = torn


@dataclass(frozen=True)
class Line:
    """A decoded line with the hash that the next line must name."""

    entry: Entry
    digest: str
    size: int


def _torn(line: bytes) -> bool:
    """Return whether an interrupted write explains the line: cut short, or pages of it never written."""
    return line[-1:] != b"\n" or b"\0" in line


def encode(entry: Entry, previous: str) -> bytes:
    """Return the line for ``entry`` that follows the line with hash ``previous``."""
    body: dict[str, Any] = {
        "n": entry.seq,
        "at": entry.at,
        "by": entry.actor,
        "do": entry.act,
        "edits": [list(edit) for edit in entry.edits],
        "prev": previous,
    }
    if entry.note:
        body["note"] = entry.note
    if entry.intent:
        body["intent"] = entry.intent
    if entry.seq == 0:
        body["format"] = FORMAT
    text = orjson.dumps(body)
    return b"%08x %08x %s\n" % (len(text), zlib.crc32(text), text)


def decode(line: bytes, previous: str | None, number: int | None = None) -> Line:
    """Return the entry in ``line`` (with its newline); BadRecord when anything does not fit.

    ``previous`` is the hash that the line must name and ``number`` its sequence, None to accept any.
    """
    text = line[_PREFIX:-1]
    # The prefix is compared as it would be written, so that every bit of it counts.
    if line[-1:] != b"\n" or line[:_PREFIX] != b"%08x %08x " % (len(text), zlib.crc32(text)):
        raise BadRecord("sai tổng kiểm tra", torn=_torn(line))
    try:
        body = orjson.loads(text)
        if previous is not None and body["prev"] != previous:
            raise BadRecord("đứt chuỗi băm")
        entry = Entry(
            seq=body["n"],
            at=body["at"],
            actor=body["by"],
            act=body["do"],
            edits=tuple(Edit(*edit) for edit in body["edits"]),
            note=body.get("note", ""),
            intent=body.get("intent", ""),
        )
    except (KeyError, TypeError, orjson.JSONDecodeError) as error:
        raise BadRecord("không đúng dạng") from error
    if number is not None and entry.seq != number:
        raise BadRecord("sai số thứ tự")
    if entry.seq == 0 and body.get("format") != FORMAT:
        raise BadRecord(f"phiên bản {body.get('format')}, chương trình này đọc phiên bản {FORMAT}")
    return Line(entry, hashlib.sha256(line).hexdigest(), len(line))
