"""The few ways in which bytes reach the disk here.

Rules: never truncate a good file in place; a new file is written
beside, synced, renamed, and its folder synced; nothing follows a symbolic link; folders 0700,
files 0600.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from pathlib import Path

from hocba_tui.errors import NotSaved, StoreUnusable, system_reason

DIR_MODE = 0o700
FILE_MODE = 0o600
_OPEN = os.O_NOFOLLOW | os.O_CLOEXEC


def not_saved(error: OSError) -> NotSaved:
    """Return the error for a person when the disk refused with ``error``."""
    return NotSaved(
        f"Đĩa không ghi được ({system_reason(error)}); thay đổi vừa rồi CHƯA được lưu.",
        "Báo người phụ trách máy chủ (đầy đĩa hoặc hỏng đĩa), rồi nhập lại thay đổi này.",
    )


def make_folder(path: Path) -> None:
    """Create ``path`` and its parents, private, and sync each folder that got a new name."""
    if not path.is_dir():
        make_folder(path.parent)
        path.mkdir(exist_ok=True, mode=DIR_MODE)
        sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Make names in ``path`` durable."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_all(handle: int, data: bytes) -> None:
    """Write all of ``data``; the system may take it in pieces."""
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]


def open_append(path: Path) -> int:
    """Open ``path`` for reading and appending, creating it; return the descriptor."""
    return os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | _OPEN, FILE_MODE)


def write_atomic(path: Path, data: bytes) -> None:
    """Replace ``path`` by ``data``: whole, or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}.tmp")
    try:
        _write_new(temporary, data, FILE_MODE)
        temporary.replace(path)
        sync_folder(path.parent)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def _write_new(path: Path, data: bytes, mode: int) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _OPEN, mode)
    try:
        write_all(handle, data)
        os.fsync(handle)
    finally:
        os.close(handle)


def write_once(path: Path, data: bytes) -> None:
    """Write ``data`` under a new name, read-only for ever.

    The same bytes again are accepted (an act that is finished after a crash); other bytes under the
    same name raise StoreUnusable.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}.tmp")
    try:
        if not path.exists():
            _write_new(temporary, data, 0o400)
            # A link, unlike a rename, never replaces what somebody else wrote in between.
            with contextlib.suppress(FileExistsError):
                path.hardlink_to(temporary)
        # Also where somebody else linked it: they may have died before they could.
        sync_folder(path.parent)
    except OSError as error:
        raise not_saved(error) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()
    if path.read_bytes() != data:
        raise StoreUnusable(f"Tệp {path.name} đã có với nội dung khác; tệp đã phát hành không bao giờ được ghi đè.")


def require_private(root: Path) -> None:
    """Raise StoreUnusable when ``root`` belongs to somebody else or others may write there."""
    status = root.stat()
    if status.st_uid != os.geteuid():
        raise StoreUnusable(f"Kho {root} thuộc về người dùng khác của máy.", "Chạy hocba bằng đúng tài khoản máy chủ.")
    if stat.S_IMODE(status.st_mode) & 0o022:
        raise StoreUnusable(f"Người khác ghi được vào kho {root}.", f"Chạy: chmod 700 {root}")
