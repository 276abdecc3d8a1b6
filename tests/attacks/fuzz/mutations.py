"""Change bytes at random, either as they are or as what they mean, so that what guards a form is right again.

``MUTATORS[form]`` is a list of functions from bytes, a source of chance and other files to changed bytes. The first
ones know nothing of the form; those of a form take it apart, change a part and put it together: a zip with its sums, a
line of a journal with its hash, DER with its lengths. Bytes that are no such form are changed as they are.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import orjson

Mutator = Callable[[bytes, Random, Sequence[bytes]], bytes]
DEEP = 3000

NASTY = (
    b"", b"0", b"-1", b"9" * 5000, b"1e999", b"NaN", b"-Infinity", "²".encode(), "٣".encode(), b"2026-02-30",
    b"0001-01-01", b"9999-12-31T23:59:60Z", b"\0", b"\xff\xfe", b"\xed\xa0\x80", b"\\ud800",
    "\u202e\u200b\x1b[2J".encode(),     b"../../../../etc/passwd", b"file:///etc/passwd", b"=1+1", b"null", b"[]",
    b"{}", b"true", b"%s%n{0}", b"&a;", b"]]>", b"2147483648", b"-9223372036854775809", b"\r\n", b"\t", b'"',
    b"<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>",
    b"[" * DEEP, b'{"a":' * DEEP, b"<a>" * DEEP, b"x" * 70_000, "e\u0301".encode() * 40,
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 2**31, 2**63, 2**64, -(2**63), 10**400, 1e308, 0.5, "", "²", "\ud800", "0", "x" * 70_000,
    "2026-02-30", "../../etc/passwd", "\x1b[2J\u202e", [], {}, [[]], [None], {"": None}, "AAAA", "*",
)  # fmt: skip


# --- bytes as they are -----------------------------------------------------------------------------


def _flip(data: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    changed = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 8))):
        if changed:
            changed[random.randrange(len(changed))] = random.choice((random.randrange(256), 0, 255, 0x7F, 0x80))
    return bytes(changed)


def _span(data: bytes, random: Random) -> tuple[int, int]:
    first = random.randrange(len(data) + 1)
    return first, min(len(data), first + random.choice((1, 2, 4, 16, 100, 1000, len(data))))


def _cut(data: bytes, random: Random, _: Sequence[bytes]) -> bytes:
    first, last = _span(data, random)
    return data[:first] + data[last:]


def _times(data: bytes, count: int) -> bytes:
    """Return ``data`` so often, but no flood: changes follow each other."""
    return data[: 1 + 200_000 // count] * count


def _repeat(data: bytes, random: Random, _: Sequence[bytes]) -> bytes:
    first, last = _span(data, random)
    return data[:last] + _times(data[first:last], random.choice((1, 2, 100))) + data[last:]


def _splice(data: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    other = random.choice([*others, data])
    (first, last), (begin, end) = _span(data, random), _span(other, random)
    return data[:first] + other[begin:end] + data[last:]


def _insert(data: bytes, random: Random, _: Sequence[bytes]) -> bytes:
    first, last = _span(data, random)
    return data[:first] + random.choice(NASTY) + data[random.choice((first, last)) :]


def _encode(data: bytes, random: Random, _: Sequence[bytes]) -> bytes:
    name = random.choice(("utf-16", "utf-16-le", "utf-8-sig", "cp1258", "utf-7", "utf-32", "latin-1"))
    return data.decode("utf-8", "replace").encode(name, "replace")


_NUMBER = re.compile(rb"\d+")
_ODD_NUMBERS = (b"0", b"-1", b"99999999999999999999", b"4294967295", b"1e400", b"9" * 5000, "²".encode(), b"00", b"1.5")


def _numbers(data: bytes, random: Random, _: Sequence[bytes]) -> bytes:
    found = list(_NUMBER.finditer(data, 0, 200_000))
    if not found:
        return data
    chosen = random.choice(found)
    return data[: chosen.start()] + random.choice(_ODD_NUMBERS) + data[chosen.end() :]


BLIND: tuple[Mutator, ...] = (_flip, _cut, _repeat, _splice, _insert, _encode, _numbers)


# --- parts in a row: lines, cells, tags ------------------------------------------------------------

_PARTS = re.compile(rb"(<[^<>]{0,400}>|[,;\t\r\n\"=: /.\[\]{}()-]+)")


def _pieces(data: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    """Change words between separators, or tags, whole."""
    parts = [part for part in _PARTS.split(data) if part]
    if len(parts) < 2:
        return _insert(data, random, others)
    at, other = random.randrange(len(parts)), random.randrange(len(parts))
    match random.randrange(6):
        case 0:
            parts[at], parts[other] = parts[other], parts[at]
        case 1:
            del parts[min(at, other) : min(at, other) + random.choice((1, 2, 5))]
        case 2:
            parts[at:at] = parts[min(at, other) : max(at, other)][:50] * random.choice((1, 3))
        case 3:
            parts[at] = random.choice(NASTY)
        case 4:
            parts[at] = random.choice(BLIND)(parts[at], random, parts[:20])
        case _:
            parts[at] = _times(parts[at], random.choice((2, 50, 2000)))
    return b"".join(parts)


# --- JSON ------------------------------------------------------------------------------------------


def change_value(value: Any, random: Random) -> Any:
    """Return a JSON value with one place changed."""
    if isinstance(value, dict) and value and random.random() < 0.85:
        key = random.choice(list(value))
        match random.randrange(8):
            case 0:
                return {name: inner for name, inner in value.items() if name != key}
            case 1:
                return {**value, random.choice(("", "x", "²", "_key", "format")): random.choice(VALUES)}
            case _:
                return {**value, key: change_value(value[key], random)}
    if isinstance(value, list) and value and random.random() < 0.85:
        at = random.randrange(len(value))
        match random.randrange(8):
            case 0:
                return value[:at] + value[at + 1 :]
            case 1:
                return [*value, *value[:at], value[at]]
            case _:
                return [*value[:at], change_value(value[at], random), *value[at + 1 :]]
    if isinstance(value, str) and random.random() < 0.4:
        return _pieces(value.encode("utf-8", "replace"), random, ()).decode("utf-8", "replace")
    if isinstance(value, int) and not isinstance(value, bool) and random.random() < 0.5:
        return value + random.choice((1, -1, 2**32, -(2**40)))
    nested: Any = random.choice(VALUES)
    for _ in range(random.choice((0, 0, 0, 2, 900))):
        nested = random.choice(([nested], {"a": nested}))
    return nested


def _dump(value: Any) -> bytes:
    return json.dumps(value).encode()


def _json(data: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    try:
        return _dump(change_value(json.loads(data), random))
    except (ValueError, RecursionError):
        return random.choice(BLIND)(data, random, others)


# --- lines with a sum, and the hash of the line before ---------------------------------------------


def sealed_line(body: bytes) -> bytes:
    """Return a line of a journal whose length and sum are right, whatever it says."""
    return b"%08x %08x %s\n" % (len(body), zlib.crc32(body), body)


def _journal(data: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    """Change what one line says; all that follow are chained to it again."""
    lines = data.splitlines()
    if not lines:
        return data
    at, made, previous = random.randrange(len(lines)), list[bytes](), "0" * 64
    for number, line in enumerate(lines):
        try:
            body = json.loads(line[18:])
            body = change_value(body, random) if number == at else body
            if isinstance(body, dict) and "prev" in body and random.random() < 0.98:
                body["prev"] = previous
            made.append(sealed_line(_dump(body)))
        except (ValueError, RecursionError):
            made.append(line + b"\n")
        previous = hashlib.sha256(made[-1]).hexdigest()
    if random.random() < 0.1:
        random.shuffle(made)
    return b"".join(made)


def _summed(data: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    """Change a JSON text behind its CRC-32 (lines of heads), line by line."""
    made = []
    for line in data.splitlines():
        body = _json(line.partition(b" ")[2], random, others) if random.random() < 0.5 else line.partition(b" ")[2]
        made.append(b"%08x %s\n" % (zlib.crc32(body), body))
    return b"".join(made)


_SEAM = b'"_checkpoint": {'


def _checkpoint(data: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    """Change a document or the mark of a checkpoint, and prove it again."""
    seam = data.rfind(_SEAM)
    if seam < 0:
        return random.choice(BLIND)(data, random, others)
    try:
        mark = json.loads(b"{" + data[seam:])["_checkpoint"]["1"]
        bulk = data[:seam]
        if random.random() < 0.5:
            bulk = _pieces(bulk, random, others)
        else:
            mark = change_value(mark, random)
        mark.pop("proof", None)
        said = orjson.dumps(mark)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return random.choice(BLIND)(data, random, others)
    proof = hashlib.sha256(bulk + said).hexdigest()
    return bulk + _SEAM + b'\n    "1": ' + _dump({**mark, "proof": proof}) + b"\n  }\n}"


# --- archives --------------------------------------------------------------------------------------


def _zip(data: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = [(info.filename, archive.read(info)) for info in archive.infolist()]
        at, other = random.randrange(len(parts)), random.randrange(len(parts))
    except Exception:  # noqa: BLE001 - it was changed before, and is no archive now
        return random.choice(BLIND)(data, random, others)
    name, inside = parts[at]
    match random.randrange(10):
        case 0:
            del parts[at]
        case 1:
            parts[at], parts[other] = (name, parts[other][1]), (parts[other][0], inside)
        case 2:
            parts.append((random.choice((name, name.upper(), f"../{name}", f"/{name}", "xl/vbaProject.bin")), inside))
        case 3:
            parts[at] = (random.choice(NASTY)[:300].decode("latin-1").replace("\0", "") or "x", inside)
        case _:
            parts[at] = (
                name,
                random.choice((_pieces, _pieces, _numbers, *BLIND))(inside, random, [p for _, p in parts]),
            )
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", random.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED))) as archive:
        for name, inside in parts:
            info = zipfile.ZipInfo(name, random.choice(((1980, 1, 1, 0, 0, 0), (2107, 12, 31, 23, 59, 58))))
            archive.writestr(info, inside)
    return made.getvalue()


def _backup(data: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    """Change a member of a backup; the list at its end mostly says so."""
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as tar:
            members = [(each, tar.extractfile(each)) for each in tar.getmembers()]
            parts = [(each.name, file.read()) for each, file in members if file is not None]
        said = dict(json.loads(parts[-1][1]))
        at = random.randrange(len(parts) - 1)
    except Exception:  # noqa: BLE001 - it was changed before, and is no backup now
        return random.choice(BLIND)(data, random, others)
    name, inside = parts[at]
    kind = tarfile.REGTYPE
    match random.randrange(8):
        case 0:
            odd = ("backups/x", "school", "identity", "é" * 200)
            name = random.choice((f"../{name}", f"/{name}", f"{name}/x", *odd))
        case 1:
            kind = random.choice((tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE, tarfile.CHRTYPE))
        case 2:
            del parts[at]
        case _:
            change = _journal if name.endswith(".log") else _json
            inside = random.choice((change, change, *BLIND))(inside, random, others)
    if at < len(parts):
        parts[at] = (name, inside)
    if random.random() < 0.8:
        said["files"] = {n: [hashlib.sha256(i).hexdigest(), len(i)] for n, i in parts[:-1]}
    listed = said if random.random() < 0.8 else change_value(said, random)
    parts[-1] = (parts[-1][0], _dump(listed))
    made = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=made, mode="wb", compresslevel=1) as packed,
        tarfile.open(fileobj=packed, mode="w|") as tar,
    ):
        for number, (each, inside) in enumerate(parts):
            header = tarfile.TarInfo(each)
            header.size, header.type = len(inside), kind if number == at else tarfile.REGTYPE
            header.linkname = "../../x"
            tar.addfile(header, io.BytesIO(inside))
    return made.getvalue()


# --- DER -------------------------------------------------------------------------------------------

Node = tuple[int, "bytes | list[Node]"]


def _parsed(data: bytes, depth: int = 0) -> list[Node]:
    """Return the values in ``data``; ValueError when it is not DER throughout."""
    found: list[Node] = []
    at = 0
    while at < len(data):
        if at + 2 > len(data):
            raise ValueError("der")
        tag, length, at = data[at], data[at + 1], at + 2
        if length & 0x80:
            count = length & 0x7F
            length, at = int.from_bytes(data[at : at + count], "big"), at + count
        if tag & 0x1F == 0x1F or at + length > len(data):
            raise ValueError("der")
        inside = data[at : at + length]
        at += length
        if tag & 0x20 and depth < 40:
            found.append((tag, _parsed(inside, depth + 1)))
        elif tag == 4 and inside[:1] == b"\x30":
            try:
                found.append((tag, _parsed(inside, depth + 1)))
            except ValueError:
                found.append((tag, inside))
        else:
            found.append((tag, inside))
    return found


def _written(nodes: Sequence[Node]) -> bytes:
    made = []
    for tag, inside in nodes:
        body = inside if isinstance(inside, bytes) else _written(inside)
        size = len(body)
        width = (size.bit_length() + 7) // 8
        made.append(
            bytes([tag]) + (bytes([size]) if size < 128 else bytes([0x80 | width]) + size.to_bytes(width, "big")) + body
        )
    return b"".join(made)


def _change_nodes(nodes: list[Node], random: Random) -> list[Node]:
    if not nodes:
        return [(random.choice((2, 4, 5, 0x30)), b"")]
    at = random.randrange(len(nodes))
    tag, inside = nodes[at]
    if isinstance(inside, list) and inside and random.random() < 0.85:
        return [*nodes[:at], (tag, _change_nodes(inside, random)), *nodes[at + 1 :]]
    match random.randrange(7):
        case 0:
            return nodes[:at] + nodes[at + 1 :]
        case 1:
            return [*nodes[: at + 1], *[nodes[at]] * random.choice((1, 2, 100)), *nodes[at + 1 :]]
        case 2:
            other = random.randrange(len(nodes))
            nodes = nodes.copy()
            nodes[at], nodes[other] = nodes[other], nodes[at]
            return nodes
        case 3:
            return [
                *nodes[:at],
                (random.choice((1, 2, 3, 4, 5, 6, 12, 19, 23, 24, 0x30, 0x31, 0xA0, 0x82)), inside),
                *nodes[at + 1 :],
            ]
        case 4:
            for _ in range(random.choice((1, 30, 600))):
                inside, tag = [(tag, inside)], 0x30
            return [*nodes[:at], (tag, inside), *nodes[at + 1 :]]
        case _:
            body = inside if isinstance(inside, bytes) else _written(inside)
            odd = random.choice((*BLIND, lambda *_: random.choice(NASTY)[:500]))(body, random, ())
            return [*nodes[:at], (tag, odd), *nodes[at + 1 :]]


def _der(data: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    try:
        return _written(_change_nodes(_parsed(data), random))
    except (ValueError, RecursionError):
        return random.choice(BLIND)(data, random, others)


def in_pem(mutator: Mutator) -> Mutator:
    """Return what changes the DER inside of a PEM text."""

    def mutate(data: bytes, random: Random, others: Sequence[bytes]) -> bytes:
        import base64

        found = re.search(rb"-----BEGIN ([A-Z ]+)-----\n(.*?)-----END", data, re.DOTALL)
        if found is None:
            return random.choice(BLIND)(data, random, others)
        try:
            der = mutator(base64.b64decode(found[2]), random, others)
        except ValueError:
            return random.choice(BLIND)(data, random, others)
        return data[: found.start(2)] + base64.encodebytes(der) + data[found.end(2) :]

    return mutate


MUTATORS: dict[str, tuple[Mutator, ...]] = {
    "bytes": BLIND,
    "text": (*BLIND, *(_pieces,) * 6),
    "json": (*BLIND, *(_json,) * 9),
    "journal": (*BLIND, *(_journal,) * 12),
    "summed": (*BLIND, *(_summed,) * 6),
    "checkpoint": (*BLIND, *(_checkpoint,) * 10),
    "zip": (*BLIND, *(_zip,) * 12),
    "backup": (*BLIND, *(_backup,) * 12),
    "der": (*BLIND, *(_der,) * 10),
    "pem": (*BLIND, *(in_pem(_der),) * 8),
}


def mutated(form: str, data: bytes, steps: Sequence[tuple[int, int]], others: Sequence[bytes], longest: int) -> bytes:
    """Return ``data`` after these steps, each of which names a mutator and a seed; cut to ``longest`` bytes."""
    mutators = MUTATORS[form]
    for which, seed in steps:
        data = mutators[which % len(mutators)](data, Random(seed), others)[:longest]
    return data
