"""All writing of files in a store goes through these few functions.

Rules: a good file is never truncated in place; a new file is written under a temporary name beside it,
synced, renamed, and its folder synced; no symbolic link is followed; folders are 0700, files 0600.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import secrets
import shutil
import stat
import time
from collections.abc import Iterator
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


def require_empty(root: Path) -> None:
    """Raise StoreUnusable unless ``root`` is absent or an empty folder."""
    try:
        if root.is_dir() and not any(root.iterdir()):
            return
        if not os.path.lexists(root):
            return
    except OSError as error:
        raise not_saved(error) from error
    raise _taken(root)


@contextlib.contextmanager
def new_beside(root: Path, name: str) -> Iterator[Path]:
    """Yield a new folder beside ``root``; it takes that place, which must be empty, when the block has ended well.

    Otherwise nothing of it stays. What a killed process has left beside is removed. NotSaved when the disk refuses,
    StoreUnusable when something is in the place by then.
    """
    beside = root.with_name(f".{root.name}.creating-{name}")
    try:
        make_folder(beside.parent)
        _sweep(root)
        beside.mkdir(mode=0o700)
    except OSError as error:
        raise not_saved(error) from error
    try:
        with _held(beside) as held:
            if not held:  # Somebody has swept it away between the two lines.
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(beside))
            yield beside
            beside.rename(root)
            sync_folder(root.parent)
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
            raise _taken(root) from error
        raise not_saved(error) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _taken(root: Path) -> StoreUnusable:
    return StoreUnusable(f"Thư mục {root} không rỗng; không tạo kho đè lên.", safe="Chưa có gì bị thay đổi.")


def _sweep(root: Path) -> None:
    """Remove what was being made for ``root`` when its process was killed: nobody holds it any more."""
    for path in root.parent.iterdir():
        if path.name.startswith(f".{root.name}.creating-"):
            with contextlib.suppress(OSError), _held(path) as held:
                if held and path.stat(follow_symlinks=False).st_uid == os.geteuid():
                    shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def _held(folder: Path) -> Iterator[bool]:
    """Hold a folder for this process; yield whether nobody else does. OSError when it is none."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield False
    else:
        yield True
    finally:
        os.close(handle)
