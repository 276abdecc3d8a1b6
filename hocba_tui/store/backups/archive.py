"""The content of a backup: a compressed tar of the store's files, with a list of them at its end.

Each journal is copied up to its length at one common moment, and every other file is written once and
never changed, so the copy is consistent while people work. ``data.json`` and lock files are left out:
they are rebuilt from the journals.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import gzip
import hashlib
import io
import os
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

import orjson

from hocba_tui.errors import StoreUnusable
from hocba_tui.store.backend import SCHOOL
from hocba_tui.store.backups.copies import is_copy
from hocba_tui.store.cache import CACHE
from hocba_tui.store.disk import make_folder, open_append, open_plain
from hocba_tui.store.filesystem import TRAYS
from hocba_tui.store.heads import HEADS
from hocba_tui.store.identity import IDENTITY, identity_of
from hocba_tui.store.intents import INTENTS
from hocba_tui.store.journal_file import JOURNAL
from hocba_tui.store.locks import take
from hocba_tui.store.shard import DATA

LIST = "files.json"
_LEFT_OUT = {"backups", "drafts", "log", TRAYS, CACHE, IDENTITY, HEADS}
_CHUNK = 1 << 20
_BAD_NAMES = (None, errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG)
"""What the system says of a name that no store has; the first one is what libraries say."""
_LONGEST_LIST, _LONGEST_NAME = 200_000_000, 1 << 16
"""Bytes of the list at the end (a hundred for each of a million files), and of a header for one long name."""


@dataclass(frozen=True)
class Contents:
    """What an archive holds: digest and size of each file by its path in the store."""

    at: str
    files: dict[str, tuple[str, int]]
    store: str = ""
    """Identity of the store that was copied; empty in a copy that an older version made."""

    @property
    def shards(self) -> tuple[str, ...]:
        """Return the names of the shards."""
        return tuple(sorted(str(PurePosixPath(name).parent) for name in self.files if name.endswith(f"/{JOURNAL}")))


def pack(root: Path, out: io.BufferedIOBase, at: str) -> Contents:
    """Write the store in ``root`` to ``out``; raise OSError when something cannot be read or written."""
    files: dict[str, tuple[str, int]] = {}
    lengths = _lengths(root)
    with (
        gzip.GzipFile(fileobj=out, mode="wb", filename="", compresslevel=6) as smaller,
        tarfile.open(fileobj=smaller, mode="w|") as tar,
    ):
        for path in _members(root):
            name = path.relative_to(root).as_posix()
            if path.name == JOURNAL and name not in lengths:
                continue  # Made after that moment: of a change to several shards it could hold only a part.
            if not name.isprintable():
                raise StoreUnusable(f"Kho có tệp mang tên không đọc được: {name!r}.", "Xem rồi đổi tên tệp ấy.")
            with os.fdopen(open_plain(path), "rb") as file:
                size = lengths.get(name, os.fstat(file.fileno()).st_size)
                source = _Measured(file)
                tar.addfile(_header(name, size), source)
            files[name] = (source.digest.hexdigest(), size)
        store = identity_of(root)
        text = orjson.dumps({"at": at, "store": store, "files": {name: list(facts) for name, facts in files.items()}})
        tar.addfile(_header(LIST, len(text)), io.BytesIO(text))
    return Contents(at, files, store)


def unpack(source: io.BufferedIOBase, target: Path | None = None) -> Contents:
    """Read an archive, check every file against its list, and write them under ``target`` when given.

    Raise StoreUnusable when the archive is cut short, altered, or not one of ours.
    """
    seen: dict[str, tuple[str, int]] = {}
    try:
        with gzip.GzipFile(fileobj=source) as plain, tarfile.open(fileobj=plain, mode="r|", tarinfo=_Plain) as tar:
            for member in tar:
                file = tar.extractfile(member)
                if file is None or member.issparse() or not _is_ours(member.name):
                    raise StoreUnusable(f"Bản sao lưu có mục lạ: {member.name[:80]!r}.", safe="Chưa có gì bị thay đổi.")
                if member.name == LIST:
                    text = file.read(_LONGEST_LIST)  # Cut, one that is too long is no JSON.
                    contents = _proven(orjson.loads(text), seen)
                    while plain.read(_CHUNK):  # To the end, so that gzip checks the list too.
                        pass
                    return contents
                seen[member.name] = _copy(file, target / member.name if target else None)
    except (tarfile.TarError, zlib.error, EOFError, OSError, ValueError, LookupError, TypeError) as error:
        if isinstance(error, OSError) and error.errno not in _BAD_NAMES:
            raise
        raise StoreUnusable(f"Bản sao lưu hỏng hoặc bị cắt ngắn ({error}).", safe="Chưa có gì bị thay đổi.") from error
    raise StoreUnusable("Bản sao lưu bị cắt ngắn: thiếu danh mục ở cuối.", safe="Chưa có gì bị thay đổi.")


def _proven(said: object, seen: dict[str, tuple[str, int]]) -> Contents:
    if not isinstance(said, dict) or not isinstance(said["files"], dict):
        raise TypeError("danh mục")
    facts_of: dict[str, Any] = said["files"]
    listed = {name: (str(facts[0]), int(facts[1])) for name, facts in facts_of.items()}
    if listed != seen:
        wrong = sorted(name for name in listed.keys() | seen.keys() if listed.get(name) != seen.get(name))
        raise StoreUnusable(f"Bản sao lưu không khớp danh mục của nó: {wrong[0]}.", safe="Chưa có gì bị thay đổi.")
    return Contents(str(said["at"]), listed, str(said.get("store", "")))


def _copy(file: IO[bytes], path: Path | None) -> tuple[str, int]:
    """Read a member to its end, writing it to ``path`` when given; return its digest and size."""
    digest, size = hashlib.sha256(), 0
    with contextlib.ExitStack() as stack:
        out: IO[bytes] | None = None
        if path is not None:
            make_folder(path.parent)
            mode = 0o400 if path.parent.name in ("frozen", "issued") else 0o600
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            out = stack.enter_context(os.fdopen(os.open(path, flags, mode), "wb"))
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
            if out is not None:
                out.write(chunk)
        if out is not None:
            out.flush()
            os.fsync(out.fileno())
    return digest.hexdigest(), size


def _lengths(root: Path) -> dict[str, int]:
    """Return the length of each journal at one moment, when no change to several shards is half done."""
    with contextlib.ExitStack() as held:
        wide = open_append(root / f"{INTENTS}.lock")
        held.callback(os.close, wide)
        take(wide, fcntl.LOCK_EX, "Việc ghi nhiều lớp cùng lúc")
        handles = {}
        # A writer holds one journal at a time, so taking them all in one order cannot deadlock.
        # The school's journal first: every journal that it names by then is found.
        school = root / SCHOOL / JOURNAL
        held_school = open_plain(school)
        held.callback(os.close, held_school)
        take(held_school, fcntl.LOCK_SH, f"Tệp của {SCHOOL}")
        for path in sorted(root.rglob(JOURNAL)):
            handle = open_plain(path)
            held.callback(os.close, handle)
            take(handle, fcntl.LOCK_SH, f"Tệp của {path.parent.name}")
            handles[path.relative_to(root).as_posix()] = handle
        return {name: os.fstat(handle).st_size for name, handle in handles.items()}


def _members(root: Path) -> Iterator[Path]:
    """Yield the files of a store, journals first: a file is written before a journal names it."""
    found = [path for path in root.rglob("*") if path.is_file() and not path.is_symlink()]
    for path in sorted(found, key=lambda path: (path.name != JOURNAL, path)):
        name = path.relative_to(root)
        leftover = path.name.startswith(".") and path.suffix == ".tmp"
        if name.parts[0] in _LEFT_OUT or path.suffix == ".lock" or path.name == DATA:
            continue
        if not leftover and not is_copy(path.name):
            yield path


class _Plain(tarfile.TarInfo):
    """A file's header as we write it. Others make the reader hold gigabytes, or a small backup fill a disk."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> _Plain:
        """Read a header; TarError when it is of a kind that no backup of ours has."""
        found = super().frombuf(buf, encoding, errors)
        longer_name = found.type == tarfile.XHDTYPE and found.size <= _LONGEST_NAME
        if found.type not in (tarfile.REGTYPE, tarfile.AREGTYPE) and not longer_name:
            raise tarfile.ReadError("mục không phải là tệp")
        return found


def _is_ours(name: str) -> bool:
    parts = PurePosixPath(name).parts
    outside = name.startswith("/") or ".." in parts or "\\" in name
    return bool(parts) and not outside and parts[0] not in _LEFT_OUT


def _header(name: str, size: int) -> tarfile.TarInfo:
    header = tarfile.TarInfo(name)
    header.size, header.mode = size, 0o600
    return header


class _Measured(io.RawIOBase):
    """A file whose bytes are hashed while they are read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """Read and hash."""
        data = self._file.read(size)
        self.digest.update(data)
        return data
