"""Checks that a folder is on a disk where locks and syncs work, and that nobody else can write to it."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from hocba_tui.errors import Refused, StoreUnusable
from hocba_tui.store.backend import SCHOOL

TRAYS = "exports"
"""Folder of a store with a folder for each account: see :mod:`hocba_tui.flow.tray`."""
_REMOTE = re.compile(
    r"nfs|cifs|smb|9p|afs|ceph|gluster|lustre|ncpfs|davfs|ocfs2|gfs2"
    r"|fuse\.(sshfs|rclone|s3fs|curlftpfs|gvfs|glusterfs|ceph)"
)
"""Names of file systems on which another computer may write at the same time."""


def require_store(root: Path) -> None:
    """Raise StoreUnusable when there is no store in ``root``, so that a mistyped path does not create one."""
    if not (root / SCHOOL).is_dir():
        raise StoreUnusable(f"Không thấy kho dữ liệu ở {root}.", "Kiểm tra --store hoặc HOCBA_STORE.", "")


def is_store(folder: Path) -> bool:
    """Return whether there is a store in ``folder``, damaged or not."""
    school = folder / SCHOOL
    try:
        # By the names themselves: the modules that own them need what Windows has not, and this one is read there too.
        return (school / "journal.log").exists() or (school.is_dir() and (folder / "format").is_file())
    except OSError:
        return False


def require_outside(path: Path, *, allowed: Path | None = None) -> None:
    """Raise Refused when ``path`` is a store, or lies in one: there only the program itself writes.

    ``allowed`` is a folder of a store that may be written to, with what is below it.
    """
    try:
        place = path.resolve()
    except (OSError, RuntimeError) as error:
        raise Refused(f"Không tới được {path}.", "Chọn thư mục khác.", "Chưa có gì bị thay đổi.") from error
    if allowed is not None and place.is_relative_to(allowed.resolve()):
        return
    folder = store_of(place)
    if folder is None or place.parent.parent == folder / TRAYS:
        return  # The latter leaves, and is fetched there by its account.
    raise Refused(
        f"{path} nằm trong kho dữ liệu {folder}; ở đó chỉ chương trình ghi.",
        "Chọn thư mục khác.",
        "Chưa có gì bị thay đổi.",
    )


def store_of(path: Path) -> Path | None:
    """Return the store that ``path`` is, or lies in, links followed; None when there is none. OSError, RuntimeError."""
    place = path.resolve()
    return next((folder for folder in (place, *place.parents) if is_store(folder)), None)


def require_own_local(root: Path) -> None:
    """Raise StoreUnusable unless only we can write to ``root`` and it is on a disk of this computer."""
    status = root.stat()
    if status.st_uid != os.geteuid():
        raise StoreUnusable(f"Kho {root} thuộc về người dùng khác của máy.", "Chạy hocba bằng đúng tài khoản máy chủ.")
    if stat.S_IMODE(status.st_mode) & 0o022:
        raise StoreUnusable(f"Người khác ghi được vào kho {root}.", f"Chạy: chmod 700 {root}")
    require_local(root)


def require_local(folder: Path) -> None:
    """Raise StoreUnusable when ``folder`` is on a network drive."""
    try:
        mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return
    kind = filesystem_of(folder, mounts)
    if _REMOTE.match(kind):
        raise StoreUnusable(
            f"Kho {folder} nằm trên ổ mạng ({kind}): khóa tệp và lệnh ghi xuống đĩa ở đó không đáng tin, "
            "nhiều người nhập cùng lúc sẽ mất điểm.",
            "Chuyển kho về đĩa của chính máy chủ; dùng ổ mạng để giữ bản sao lưu (hocba backup --to).",
            "Chưa mở và chưa thay đổi gì.",
        )


def filesystem_of(folder: Path, mountinfo: str) -> str:
    """Return the type of the file system that holds ``folder``, by the kernel's own list of mounts."""
    place = f"{folder.resolve()}/"
    best, kind = -1, ""
    for line in mountinfo.splitlines():
        left, _, right = line.partition(" - ")
        fields = left.split()
        if len(fields) < 5 or not right:
            continue
        mount = re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), fields[4]).rstrip("/") + "/"
        # The later of two mounts at one place hides the earlier.
        if place.startswith(mount) and len(mount) >= best:
            best, kind = len(mount), right.split()[0]
    return kind
