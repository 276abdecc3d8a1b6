"""The file in a folder of backups that says how far the journals of a store had come, for all copies of that store.

``hocba-heads-<origin>.json``, where the origin is the hash of the first line of the school's journal: a store keeps it
when it is copied, restored or moved to another computer, and no two stores share it. For each journal there are number,
place and hash of its last line, which store noted that, and when. It names classes and no pupil.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from hocba_tui.errors import system_reason
from hocba_tui.store import journal
from hocba_tui.store.backend import SCHOOL
from hocba_tui.store.checkpoint import read_mark
from hocba_tui.store.disk import open_plain, read_plain, sweep, write_atomic
from hocba_tui.store.journal_file import JOURNAL
from hocba_tui.store.locks import take

FORMAT = 1
_LONGEST_FIRST = 64 * 1024
"""Bytes within which the first line of the school's journal ends; it holds no data."""


class Noted(NamedTuple):
    """The last line that a journal had: its number, its place in bytes, its hash."""

    seq: int
    start: int
    end: int
    digest: str
    store: str
    """Identity of the store that noted it."""
    at: str
    """ISO time."""


@dataclass(frozen=True)
class FolderHeads:
    """What is noted in a folder, by shard."""

    heads: Mapping[str, Noted] = field(default_factory=dict)
    problem: str = ""
    """Why it cannot be read, in words; empty when it can, also when nothing was noted yet."""
    torn: bool = False
    """Whether the file is of no more use: cut short, or altered."""


def origin_of(root: Path) -> str:
    """Return what all copies of the store in ``root`` have in common; empty when it cannot be read."""
    try:
        with os.fdopen(open_plain(root / SCHOOL / JOURNAL), "rb") as file:
            line = file.readline(_LONGEST_FIRST)
        journal.decode(line, journal.GENESIS, 0)
    except (OSError, journal.BadRecord):
        return ""
    return hashlib.sha256(line).hexdigest()[:16]


def file_of(folder: Path, origin: str) -> Path:
    """Return the path of the file in ``folder`` for the stores of one origin."""
    return folder / f"hocba-heads-{origin}.json"


def read_heads(folder: Path, origin: str) -> FolderHeads:
    """Return what is noted in ``folder`` for the stores of one origin."""
    try:
        if not folder.is_dir():
            return FolderHeads(problem=f"không tới được thư mục {folder}")
        return _understood(folder, orjson.loads(read_plain(file_of(folder, origin))))
    except FileNotFoundError:
        return FolderHeads()
    except OSError as error:
        return FolderHeads(problem=f"không đọc được tệp mốc trong {folder} ({system_reason(error)})")
    except (ValueError, KeyError, TypeError, AttributeError):
        return FolderHeads(problem=f"tệp mốc trong {folder} bị hỏng", torn=True)


def write_heads(folder: Path, origin: str, heads: Mapping[str, Noted], *, instead_of: FolderHeads, at: str) -> None:
    """Replace what is noted, completely or not at all; raise OSError when the disk refuses.

    A file that is of no more use is set aside.
    """
    path = file_of(folder, origin)
    sweep(folder, f".{path.name}.*.tmp")
    if instead_of.torn:
        path.replace(path.with_name(f"{path.name}.unreadable-{''.join(filter(str.isdigit, at[:19]))}"))
    shards = {name: noted._asdict() for name, noted in sorted(heads.items())}
    body = {"format": FORMAT, "origin": origin, "check": _check(shards), "shards": shards}
    write_atomic(path, orjson.dumps(body, option=orjson.OPT_INDENT_2))


@contextlib.contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Keep others from noting something in ``folder`` meanwhile, where its disk has locks; raise LockHeld."""
    handle = -1
    try:
        with contextlib.suppress(OSError):  # Some network drives have no locks for folders.
            handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            take(handle, fcntl.LOCK_EX, f"Thư mục {folder}")
        yield
    finally:
        if handle >= 0:
            os.close(handle)


def _understood(folder: Path, body: dict[str, Any]) -> FolderHeads:
    """Return what a file says; raise ValueError, KeyError, TypeError or AttributeError when we do not write such."""
    if body["format"] > FORMAT:
        return FolderHeads(problem=f"tệp mốc trong {folder} do bản hocba mới hơn ghi")
    if body["check"] != _check(body["shards"]):
        raise ValueError("check")
    return FolderHeads({str(name): _noted(said) for name, said in body["shards"].items()})


def _noted(said: Mapping[str, Any]) -> Noted:
    noted = Noted(**said)
    read_mark({**said, "born": ""})
    if not all(isinstance(text, str) for text in (noted.store, noted.at)):
        raise TypeError("noted")
    return noted


def _check(shards: object) -> str:
    return f"{zlib.crc32(orjson.dumps(shards, option=orjson.OPT_SORT_KEYS)):08x}"
