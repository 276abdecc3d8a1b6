"""Give a store's files back to the account that runs hocba: owner and permissions as a store needs them."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from hocba_tui.errors import system_reason
from hocba_tui.store.disk import read_plain, write_atomic


class Protected(NamedTuple):
    """A file or folder whose owner or permissions were wrong; ``left`` says why it is still so, empty if it is not."""

    place: str
    was: str
    left: str = ""


def protect(root: Path) -> Iterator[Protected]:
    """Take every file and folder of the store away from others, and yield those that were open to them.

    What belongs to another account is given to this one where the system allows it; a file that can be read is else
    replaced by a copy of our own, and sessions that have it open refuse to write from then on. Links are left.
    """
    for path in (root, *sorted(root.rglob("*"))):
        with contextlib.suppress(FileNotFoundError):
            status = path.lstat()
            place = str(path.relative_to(root))
            if stat.S_ISLNK(status.st_mode):
                yield Protected(place, "là một liên kết", "xem nó dẫn tới đâu rồi tự xóa")
            elif was := _wrong(status):
                try:
                    _take(path, status)
                    left = ""
                except OSError as error:
                    left = f"{system_reason(error)}; chạy với quyền root: chown -R {os.geteuid()} {root}"
                yield Protected(place, was, left)


def _wrong(status: os.stat_result) -> str:
    if status.st_uid != os.geteuid():
        return f"thuộc về người dùng khác của máy (số {status.st_uid})"
    mode = stat.S_IMODE(status.st_mode)
    return f"người khác của máy đọc hoặc ghi được ({mode:o})" if mode & 0o077 else ""


def _take(path: Path, status: os.stat_result) -> None:
    if status.st_uid != os.geteuid():
        try:
            os.chown(path, os.geteuid(), -1)
        except PermissionError:
            if not stat.S_ISREG(status.st_mode):
                raise
            write_atomic(path, read_plain(path))
    path.chmod(stat.S_IMODE(status.st_mode) & 0o700)
