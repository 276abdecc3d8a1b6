"""The one writer of files that leave: records, requests, reports, backups, Excel. Read on Windows too.

Such a file holds pupils' data. It is new, complete or not there, readable by its owner alone, and never in a store. A
name that is taken is never used, whether by a file, a link, a pipe or a device.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from pathlib import Path

from hocba_tui.errors import Refused, system_reason
from hocba_tui.log.keeping import exported
from hocba_tui.store.filesystem import require_outside

_NO_HARD_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV}
"""What a USB stick (FAT) answers; the last two where a file system counts links in its own way."""
_UNCHANGED = "Chưa ghi gì."


def require_new(path: Path) -> None:
    """Raise Refused when there is something at ``path``, when it lies in a store, or when it is no usable name.

    Call it before any other work, so that a wrong path is reported at once.
    """
    try:
        taken = path.is_symlink() or path.exists()
        require_outside(path)
    except (OSError, ValueError) as error:
        raise not_written(path, error) from error
    if taken:
        # Somebody may have edited the existing file, or it may be a report that was handed in.
        raise _taken(path)


def write_out(path: Path, data: bytes, what: str) -> None:
    """Write ``data`` as a new file, and log that something of the kind ``what`` went out; Refused when it cannot."""
    NewFile(path).write(data)
    exported(what, "file", 1, len(data))


class NewFile:
    """A file that leaves and is written once, or again as a whole while work goes on."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._made: os.stat_result | None = None

    def write(self, data: bytes) -> None:
        """Make the file, or replace what this object wrote before; Refused when that is not possible.

        A power cut leaves what was there before the call.
        """
        if self._made is None:
            require_new(self._path)
        beside = self._path.with_name(f".{self._path.name[:60]}.{secrets.token_hex(4)}.tmp")
        try:
            _write(beside, data)
            if self._made is None:
                take_name(beside, self._path)
            elif os.path.samestat(self._made, self._path.lstat()):
                beside.replace(self._path)
            else:
                raise _taken(self._path)
            self._made = self._path.lstat()
        except FileExistsError as error:
            raise _taken(self._path) from error
        except (OSError, ValueError) as error:
            raise not_written(self._path, error) from error
        finally:
            with contextlib.suppress(OSError, ValueError):
                beside.unlink()


def take_name(beside: Path, path: Path) -> None:
    """Give the finished file ``beside`` the name ``path``; FileExistsError when somebody took that name meanwhile."""
    try:
        # A link, unlike a rename, never replaces what somebody else wrote in between.
        path.hardlink_to(beside)
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        if path.is_symlink() or path.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from error
        beside.rename(path)
    else:
        with contextlib.suppress(OSError):  # It has its name; the other one is only in the way.
            beside.unlink()


def _write(path: Path, data: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    for name in ("O_NOFOLLOW", "O_CLOEXEC", "O_BINARY"):  # Each where the system knows it.
        flags |= getattr(os, name, 0)
    with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _taken(path: Path) -> Refused:
    return Refused(f"Đã có tệp {path}; không ghi đè lên.", "Chọn tên khác, hoặc dời tệp ấy đi.", _UNCHANGED)


def not_written(path: Path, error: Exception) -> Refused:
    """Return the error to show when the system refused to write ``path``."""
    reason = system_reason(error) if isinstance(error, OSError) else "tên tệp có kí tự lạ"
    return Refused(f"Không ghi được {path}: {reason}.", "Chọn thư mục hoặc tên khác.")
