"""Who owns the files of a store: take them back from others, or give them all to another user of the machine.

Giving is for root, while nobody is in the store. Root's hand must not be led to what is no part of it: no link is
followed, and a file that somebody else owns, or that has a name outside of the store too, is refused before anything
changes. A store that was left half given opens for nobody: its folder belongs to root until the last file has its new
owner. ``in-use.lock`` is the last of the files, so until then its owner is whom the store belonged to.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from hocba_tui.errors import StoreUnusable, system_reason
from hocba_tui.store.disk import read_plain, write_atomic
from hocba_tui.store.locks import IN_USE

_ROOT = 0
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_SHOWN = 5


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


# --- give it away ---------------------------------------------------------------------------------


class Owner(NamedTuple):
    """Numbers of a user and of its group."""

    uid: int
    gid: int


class Contents(NamedTuple):
    """What is in a store: how many files, and the inodes that have several names in it, with how many."""

    files: int
    linked: dict[int, int]


def owner_before(root: Path) -> int:
    """Return whom the store in ``root`` belongs to, also where giving it away was ended in the middle."""
    try:
        held = (root / IN_USE).lstat().st_uid
    except FileNotFoundError:
        held = _ROOT
    folder = root.lstat().st_uid
    return held if folder == _ROOT else folder


def look(root: Path, owners: set[int]) -> Contents:
    """Return what is in the store; StoreUnusable when something in it is not the store's, or not of these owners."""
    names: Counter[int] = Counter()
    links: dict[int, int] = {}
    places: dict[int, str] = {}
    wrong: list[str] = []
    device = root.lstat().st_dev
    for place, status in _everything(root):
        if why := _why_not(status, owners, device):
            wrong.append(f"{place}: {why}")
        elif stat.S_ISREG(status.st_mode):
            names[status.st_ino] += 1
            links[status.st_ino], places[status.st_ino] = status.st_nlink, place
    wrong += [
        f"{places[inode]}: còn một tên khác ở ngoài kho" for inode, count in names.items() if links[inode] != count
    ]
    if wrong:
        more = f"; và {len(wrong) - _SHOWN} chỗ nữa" if len(wrong) > _SHOWN else ""
        raise StoreUnusable(
            f"Trong kho {root} có thứ không phải của riêng kho: {'; '.join(wrong[:_SHOWN])}{more}.",
            "Xem từng chỗ rồi dời ra ngoài, hoặc hocba store protect bằng tài khoản giữ kho; sau đó chạy lại.",
            "Chưa có gì bị thay đổi.",
        )
    return Contents(names.total(), {inode: count for inode, count in names.items() if count > 1})


def give(root: Path, before: int, to: Owner, contents: Contents) -> None:
    """Give everything in ``root`` to a user, for nobody but the owner to read; safe to be repeated after it was ended.

    StoreUnusable when something has come that :func:`look` did not see; the store then stays root's. OSError when the
    disk refuses.
    """
    owners, device = {before, to.uid}, root.lstat().st_dev
    os.chown(root, _ROOT, _ROOT, follow_symlinks=False)
    for folder, _, names, handle in os.fwalk(root, topdown=False, onerror=_unread):
        outermost = Path(folder) == root
        for name in names:
            if not (outermost and name == IN_USE):
                _give_file(handle, name, owners, device, to, contents)
        if not outermost:
            _require(os.fstat(handle), str(Path(folder).relative_to(root)), owners, device, contents)
            _chown(handle, to)
    # All of it before the two that say that it is done.
    os.sync()
    outermost_handle = os.open(root, os.O_DIRECTORY | _OPEN)
    try:
        _give_file(outermost_handle, IN_USE, owners, device, to, contents, durable=True)
        _chown(outermost_handle, to)
        os.fsync(outermost_handle)
    finally:
        os.close(outermost_handle)


def _give_file(
    folder: int, name: str, owners: set[int], device: int, to: Owner, contents: Contents, *, durable: bool = False
) -> None:
    handle = os.open(name, _OPEN, dir_fd=folder)
    try:
        _require(os.fstat(handle), name, owners, device, contents)
        _chown(handle, to)
        if durable:
            os.fsync(handle)
    finally:
        os.close(handle)


def _chown(handle: int, to: Owner) -> None:
    """Give away what is open, whatever its name has become meanwhile."""
    status = os.fstat(handle)
    if (status.st_uid, status.st_gid) != to:
        os.fchown(handle, to.uid, to.gid)
    os.fchmod(handle, stat.S_IMODE(status.st_mode) & 0o700)


def _require(status: os.stat_result, place: str, owners: set[int], device: int, contents: Contents) -> None:
    several = stat.S_ISREG(status.st_mode) and status.st_nlink != contents.linked.get(status.st_ino, 1)
    if several or _why_not(status, owners, device):
        raise StoreUnusable(
            f"{place} vừa được ai đó đặt vào kho khi đang chuyển.",
            "Tìm hiểu ai làm, dời nó ra ngoài, rồi chạy lại chính lệnh này: kho chưa mở được cho tới khi chuyển xong.",
        )


def _everything(root: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Yield all that lies in ``root``, which is not yielded, with what the system says of it and not of its target."""
    for folder, folders, files, handle in os.fwalk(root, onerror=_unread):
        for name in (*folders, *files):
            yield str((Path(folder) / name).relative_to(root)), os.stat(name, dir_fd=handle, follow_symlinks=False)


def _unread(error: OSError) -> None:
    """Leave nothing out that cannot be listed."""
    raise error


def _why_not(status: os.stat_result, owners: set[int], device: int) -> str:
    if stat.S_ISLNK(status.st_mode):
        return "là một liên kết"
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
        return "không phải tệp thường"
    if status.st_dev != device:
        return "là một ổ khác gắn vào đây; gỡ ra (umount), chuyển xong thì gắn lại"
    if status.st_uid not in owners:
        return f"thuộc về người dùng khác của máy (số {status.st_uid})"
    return ""
