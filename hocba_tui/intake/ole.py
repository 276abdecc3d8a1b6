"""Read the parts of an xls file: streams of an OLE container ([MS-CFB]) and the BIFF records in one ([MS-XLS])."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator
from dataclasses import dataclass

_SPECIAL = 0xFFFFFFFA
"""Sector numbers from here on are markers: end of chain, free, table."""
_STREAMS = ("workbook", "book")


@dataclass(frozen=True)
class Container:
    """The names of all streams and storages in lower case, and the bytes of the workbook's stream."""

    names: tuple[str, ...]
    workbook: bytes


def read_container(data: bytes) -> Container:
    """Read the container; ValueError, struct.error or IndexError when it is damaged."""
    shift, mini_shift = struct.unpack_from("<HH", data, 30)
    if shift not in (9, 12) or mini_shift != 6:
        raise ValueError("sector size")
    size = 1 << shift
    directory, _, cutoff, mini_table, _, more = struct.unpack_from("<IIIIII", data, 48)
    tables = array("I", data[76:512])
    while more < _SPECIAL and len(tables) * size < len(data):
        sector = array("I", _sector(data, more, size))
        more = sector.pop()
        tables += sector
    fat = array("I", b"".join(_sector(data, number, size) for number in tables if number < _SPECIAL))
    entries = _chain(data, directory, fat, size)
    found: dict[str, tuple[int, int]] = {}
    for at in range(0, len(entries) - 127, 128):
        length = min(struct.unpack_from("<H", entries, at + 64)[0], 64)
        name = entries[at : at + max(length - 2, 0)].decode("utf-16-le", errors="replace").lower()
        found.setdefault(name, struct.unpack_from("<II", entries, at + 116))
    for name in _STREAMS:
        if name in found:
            first, length = found[name]
            if length >= cutoff:
                return Container(tuple(found), _chain(data, first, fat, size)[:length])
            root = _chain(data, found["root entry"][0], fat, size)
            small = array("I", _chain(data, mini_table, fat, size))
            return Container(tuple(found), _chain(bytes(64) + root, first, small, 64)[:length])
    return Container(tuple(found), b"")


def records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the kind and the content of each BIFF record."""
    at = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield kind, stream[at + 4 : at + 4 + length]
        at += 4 + length


def _sector(data: bytes, number: int, size: int) -> bytes:
    """Return a sector; the header comes before number 0."""
    found = data[(number + 1) * size : (number + 2) * size]
    if not found:
        raise ValueError("sector beyond the end")
    return found.ljust(size, b"\0")


def _chain(data: bytes, first: int, table: array[int], size: int) -> bytes:
    found: list[bytes] = []
    while first < _SPECIAL:
        if len(found) > len(table):
            raise ValueError("chain in a circle")
        found.append(_sector(data, first, size))
        first = table[first]
    return b"".join(found)
