"""The journal's lines: what was written is read back, and nothing altered is accepted."""

from __future__ import annotations

import hashlib
import zlib

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hocba_tui.store.backend import Edit, Entry
from hocba_tui.store.journal import FORMAT, GENESIS, BadRecord, decode, encode

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)
WORDS = st.text(max_size=12)
EDITS = st.builds(Edit, WORDS, WORDS, WORDS, JSON, JSON)
ENTRIES = st.builds(
    Entry,
    seq=st.integers(0, 2**40),
    at=WORDS,
    actor=WORDS,
    act=WORDS,
    edits=st.lists(EDITS, max_size=4).map(tuple),
    note=WORDS,
    intent=WORDS,
    undoes=st.integers(0, 2**40),
)
HASHES = st.binary(max_size=8).map(lambda data: hashlib.sha256(data).hexdigest())
ENTRY = Entry(7, "2026-06-10T08:00:00+07:00", "gv.5a", "enter", (Edit("results", "hs1", "end_year.TOAN", None, 9),))


def frame(text: bytes) -> bytes:
    """Return a line whose length and checksum are right, whatever its content."""
    return b"%08x %08x %s\n" % (len(text), zlib.crc32(text), text)


@given(ENTRIES, HASHES)
def test_a_line_decodes_to_the_entry_that_was_encoded(entry: Entry, previous: str) -> None:
    line = encode(entry, previous)
    decoded = decode(line, previous, entry.seq)
    assert decoded.entry == entry
    assert decoded.size == len(line)
    assert decoded.digest == hashlib.sha256(line).hexdigest()


@given(ENTRIES, HASHES)
def test_an_entry_is_one_line(entry: Entry, previous: str) -> None:
    line = encode(entry, previous)
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")


def test_every_single_bit_flip_of_a_line_is_detected() -> None:
    previous = hashlib.sha256(b"before").hexdigest()
    line = encode(ENTRY, previous)
    passed = []
    for bit in range(len(line) * 8):
        altered = bytearray(line)
        altered[bit // 8] ^= 1 << bit % 8
        try:
            decode(bytes(altered), previous, ENTRY.seq)
        except BadRecord:
            continue
        passed.append((bit // 8, chr(line[bit // 8]), chr(altered[bit // 8])))
    assert not passed, f"(byte, was, became) taken for the same line: {passed}"


@given(ENTRIES, HASHES, st.data())
def test_every_torn_line_is_detected(entry: Entry, previous: str, data: st.DataObject) -> None:
    line = encode(entry, previous)
    kept = data.draw(st.integers(0, len(line) - 1))
    with pytest.raises(BadRecord):
        decode(line[:kept], previous, entry.seq)


@given(st.binary(max_size=80))
def test_foreign_bytes_are_a_bad_record_and_nothing_worse(data: bytes) -> None:
    with pytest.raises(BadRecord):
        decode(data, None)


@given(JSON | st.fixed_dictionaries({"n": JSON, "at": JSON, "by": JSON, "do": JSON, "edits": JSON, "prev": JSON}))
def test_json_that_is_no_entry_is_a_bad_record_and_nothing_worse(body: object) -> None:
    with pytest.raises(BadRecord):
        decode(frame(orjson.dumps(body)), GENESIS, 1)


def test_a_line_that_names_another_line_before_it_is_refused() -> None:
    line = encode(ENTRY, hashlib.sha256(b"before").hexdigest())
    with pytest.raises(BadRecord, match="chuỗi băm"):
        decode(line, hashlib.sha256(b"other").hexdigest(), ENTRY.seq)


def test_a_line_with_another_number_is_refused() -> None:
    line = encode(ENTRY, GENESIS)
    with pytest.raises(BadRecord, match="số thứ tự"):
        decode(line, GENESIS, ENTRY.seq + 1)


def test_the_history_accepts_a_line_wherever_it_stands() -> None:
    line = encode(ENTRY, hashlib.sha256(b"before").hexdigest())
    assert decode(line, None).entry == ENTRY


def test_a_newer_format_is_refused() -> None:
    text = encode(Entry(0, ENTRY.at, "hocba", "create", ()), GENESIS)[18:-1]
    newer = orjson.loads(text) | {"format": FORMAT + 1}
    with pytest.raises(BadRecord, match="phiên bản"):
        decode(frame(orjson.dumps(newer)), GENESIS, 0)
