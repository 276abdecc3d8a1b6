"""All writing of files in a store goes through these few functions.

Rules: a good file is never truncated in place; a new file is written under a temporary name beside it,
synced, renamed, and its folder synced; no symbolic link is followed; folders are 0700, files 0600.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
import time
from pathlib import Path

from hocba_tui.errors import NotSaved, StoreUnusable, system_reason

DIR_MODE = 0o700
FILE_MODE = 0o600
_OPEN = os.O_NOFOLLOW | os.O_CLOEXEC
_LEFTOVER_SECONDS = 3600
"""Age from which a temporary file is taken for one that a killed process left."""


def not_saved(error: OSError) -> NotSaved:
    """Return the error to show when the disk refused with ``error``."""
    if error.errno in (errno.EMFILE, errno.ENFILE, errno.ELOOP):
        place = f" ({error.filename})" if error.filename else ""
        return NotSaved(
            f"Không mở được tệp để ghi: {system_reason(error)}{place}; thay đổi vừa rồi CHƯA được lưu.",
            "Báo người phụ trách máy chủ, rồi nhập lại thay đổi này.",
        )
    return NotSaved(
        f"Đĩa không ghi được ({system_reason(error)}); thay đổi vừa rồi CHƯA được lưu.",
        "Báo người phụ trách máy chủ (đầy đĩa hoặc hỏng đĩa), rồi nhập lại thay đổi này.",
    )


def make_folder(path: Path) -> None:
    """Create ``path`` and its parents, private, and sync each folder that got a new name."""
    if path.is_symlink():
        raise StoreUnusable(f"Thư mục {path} là một liên kết; kho không đi theo liên kết.")
    if path.is_dir():
        if path.stat().st_mode & 0o022 and not path.stat().st_mode & stat.S_ISVTX:
            raise StoreUnusable(f"Người khác ghi được vào thư mục {path}.", f"Chạy: chmod 700 {path}")
    else:
        make_folder(path.parent)
        path.mkdir(exist_ok=True, mode=DIR_MODE)
        sync_folder(path.parent)


def require_own(folder: Path) -> None:
    """Raise StoreUnusable when a folder belongs to another account, which could put other files in it."""
    if folder.stat().st_uid != os.geteuid():
        raise StoreUnusable(
            f"Thư mục {folder} thuộc về người dùng khác của máy.", "Báo người phụ trách máy chủ: hocba store protect."
        )


def sync_folder(path: Path) -> None:
    """Make the names of files in ``path`` durable."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_all(handle: int, data: bytes) -> None:
    """Write all of ``data``, in several calls if the system takes only a part of it."""
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]


def open_append(path: Path, *, append: bool = True) -> int:
    """Open ``path`` for reading and appending (or writing), creating it; return the descriptor.

    On a disk that has become read-only an existing file is opened for reading.
    """
    flags = os.O_RDWR | os.O_CREAT | _OPEN | (os.O_APPEND if append else 0)
    try:
        handle = os.open(path, flags, FILE_MODE)
    except OSError as error:
        if error.errno != errno.EROFS:
            raise
        handle = os.open(path, os.O_RDONLY | _OPEN)
    try:
        require_plain(path, handle)
    except StoreUnusable:
        os.close(handle)
        raise
    return handle


def require_plain(path: Path, handle: int) -> None:
    """Raise StoreUnusable unless the open file is a regular one, ours, and writable by nobody else."""
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & 0o022:
        raise StoreUnusable(
            f"Tệp {path} không phải tệp thường của riêng tài khoản này.",
            "Tìm hiểu ai đã đặt tệp ấy vào đây trước khi dùng tiếp.",
        )


def open_plain(path: Path) -> int:
    """Open a regular file for reading without following a link; raise OSError when it is not one."""
    # Without waiting: opening a pipe in its place would block for ever.
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | _OPEN)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, "không phải tệp thường", str(path))
    return handle


def read_plain(path: Path) -> bytes:
    """Return the bytes of ``path`` without following a link; OSError when it cannot be read."""
    with os.fdopen(open_plain(path), "rb") as file:
        return file.read()


def write_atomic(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Replace ``path`` by ``data``, completely or not at all. ``durable``: on disk when it returns."""
    temporary = _beside(path)
    try:
        _write_new(temporary, data, FILE_MODE, durable=durable)
        temporary.replace(path)
        if durable:
            sync_folder(path.parent)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def _write_new(path: Path, data: bytes, mode: int, *, durable: bool = True) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _OPEN, mode)
    try:
        write_all(handle, data)
        if durable:
            os.fsync(handle)
    finally:
        os.close(handle)


def write_once(path: Path, data: bytes) -> None:
    """Write ``data`` under a new name, read-only for ever.

    The same bytes again are accepted (an operation that is finished after a crash); other bytes under the
    same name raise StoreUnusable.
    """
    temporary = _beside(path)
    try:
        if not path.exists():
            _write_new(temporary, data, 0o400)
            # A link, unlike a rename, never replaces what somebody else wrote in between.
            with contextlib.suppress(FileExistsError):
                path.hardlink_to(temporary)
        # Also where somebody else linked it: they may have died before they could.
        sync_folder(path.parent)
        held = read_plain(path)
    except OSError as error:
        raise not_saved(error) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()
    if held != data:
        raise StoreUnusable(f"Tệp {path.name} đã có với nội dung khác; tệp đã phát hành không bao giờ được ghi đè.")


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}.tmp")


def leftovers(folder: Path, pattern: str = ".*.tmp") -> list[Path]:
    """Return the temporary files in ``folder`` that killed processes left behind."""
    before = time.time() - _LEFTOVER_SECONDS
    found = []
    with contextlib.suppress(OSError):
        for path in folder.glob(pattern):
            with contextlib.suppress(OSError):
                if path.lstat().st_mtime < before:
                    found.append(path)
    return found


def sweep(folder: Path, pattern: str = ".*.tmp") -> None:
    """Remove what :func:`leftovers` finds; errors of the disk are ignored."""
    for path in leftovers(folder, pattern):
        with contextlib.suppress(OSError):
            path.unlink()
