"""What people on a server have exported and not fetched yet: a folder for each account in the store, for some days.

Their own computers cannot reach the server's files, and they cannot reach them either: only ``hocba fetch`` leads out.
"""

from __future__ import annotations

import contextlib
import re
import time
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from hocba_tui.store.disk import make_folder, read_plain
from hocba_tui.store.filesystem import TRAYS

DAYS = 7
"""Days after which a file goes that nobody has fetched."""
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9.+_-]{0,99}")
"""Names of files in a tray: a shell takes each as it is, and none leads to another folder."""


class Waiting(NamedTuple):
    """A file in a tray; ``made`` in seconds since 1970."""

    name: str
    size: int
    made: float


class Tray:
    """The files of one account in the store at ``root``."""

    def __init__(self, root: Path, account: str) -> None:
        self._root = root
        self._folder = root / TRAYS / quote(account, safe="")

    def place_for(self, name: str) -> Path:
        """Return where a file may be made, under a name like ``name`` that is free; OSError when the disk refuses."""
        prune(self._root)
        make_folder(self._folder)
        stem, dot, suffix = name.rpartition(".")
        stem, ending = (stem, dot + suffix) if stem else (name, "")
        tries = (self._folder / (name if number == 1 else f"{stem}-{number}{ending}") for number in range(1, 1000))
        return next((path for path in tries if not path.exists()), self._folder / name)

    def waiting(self) -> tuple[Waiting, ...]:
        """Return what has not been fetched yet, the newest first; OSError when the disk refuses."""
        prune(self._root)
        if not self._folder.is_dir():
            return ()
        found = [
            Waiting(path.name, path.stat().st_size, path.stat().st_mtime)
            for path in self._folder.iterdir()
            if NAME.fullmatch(path.name)
        ]
        return tuple(sorted(found, key=lambda one: -one.made))

    def read(self, name: str) -> bytes:
        """Return the bytes of a file of this account; FileNotFoundError when there is none of that name."""
        if not NAME.fullmatch(name):
            raise FileNotFoundError(name)
        return read_plain(self._folder / name)


def scratch_folder(root: Path) -> Path:
    """Return the folder for temporary files of those who may write nowhere else; what is left there goes like the rest.

    OSError or StoreUnusable when there is none. No account's name begins with a dot.
    """
    folder = root / TRAYS / ".tmp"
    make_folder(folder)
    return folder


def prune(root: Path) -> None:
    """Remove what has waited too long, of every account; errors of the disk are ignored."""
    oldest = time.time() - DAYS * 24 * 3600
    for path in (root / TRAYS).glob("*/*"):
        with contextlib.suppress(OSError):
            if path.lstat().st_mtime < oldest:
                path.unlink()
