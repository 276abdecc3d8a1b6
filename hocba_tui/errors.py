"""The errors that are shown to a person, in one tree.

    HocbaError                exit code
    ├─ WrongUse                   2   the command line was not understood
    ├─ NotAllowed                 3   this account may not do that
    ├─ Conflict                   4   somebody else changed the same thing first
    │   └─ CellConflict
    ├─ NotSaved                   5   this change was not saved: the disk refused, or its files are not there
    │   ├─ FilesReplaced
    │   └─ LockHeld
    ├─ StoreUnusable              6   the store is damaged, foreign, or not one of ours
    ├─ SigningFailed              7   no token, wrong PIN, driver dead
    │   └─ WrongPin
    ├─ PortalFailed               8   the portal did not answer, or not as agreed
    ├─ MissingTool                9   something that this act needs is not installed
    └─ Refused                    1   the facts do not allow it (findings say why)

Each message says what happened, whether the work is safe, and what to do now, in Vietnamese.
Exit code 0 is success; 1 is also used for findings and for files that do not verify.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import ClassVar

from hocba_tui.text import foreign

SAFE = "Mọi dữ liệu đã lưu trước đó vẫn an toàn."
_LONGEST = 1000
"""Letters of one part of a message."""


_REASONS = {
    errno.ENOSPC: "đĩa đầy",
    errno.EDQUOT: "hết hạn mức đĩa",
    errno.EROFS: "đĩa chỉ cho đọc",
    errno.EBADF: "đĩa chỉ cho đọc",
    errno.EIO: "đĩa hỏng",
    errno.EFBIG: "tệp quá lớn",
    errno.EACCES: "không có quyền",
    errno.EPERM: "không có quyền",
    errno.ENOENT: "không có tệp hoặc thư mục này",
    errno.EISDIR: "đây là thư mục",
    errno.ENOTDIR: "đường dẫn đi qua một tệp",
    errno.ENAMETOOLONG: "tên quá dài",
    errno.ELOOP: "đường dẫn là một liên kết, hoặc liên kết vòng quanh",
    errno.EMFILE: "chương trình mở quá nhiều tệp cùng lúc",
    errno.ENFILE: "cả máy mở quá nhiều tệp cùng lúc",
    errno.EADDRINUSE: "địa chỉ đang có chương trình khác dùng",
}


def system_reason(error: OSError) -> str:
    """Return why the operating system refused, in Vietnamese where it is one of the usual reasons."""
    if error.errno == errno.ENOSPC and _no_room_for_names(error.filename):
        return "đĩa còn chỗ nhưng hết inode, vì có quá nhiều tệp nhỏ"
    return _REASONS.get(error.errno or 0) or error.strerror or str(error)


def _no_room_for_names(path: object) -> bool:
    """Return whether the disk of ``path`` can hold no more files, however small."""
    try:
        disk = os.statvfs(Path(os.fsdecode(path)).parent) if isinstance(path, (str, bytes, os.PathLike)) else None
    except OSError:
        return False
    return disk is not None and disk.f_files > 0 and disk.f_favail == 0


class HocbaError(Exception):
    """Base of the tree. ``what`` happened, is the work ``safe``, what to do ``now``."""

    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, now: str = "", safe: str = SAFE) -> None:
        # A path that was typed, a name in a certificate, a portal's words: any part may come from outside.
        self.what, self.safe, self.now = (foreign(part, _LONGEST) for part in (what, safe, now))
        super().__init__(self.what)

    def __str__(self) -> str:
        return " ".join(part for part in (self.what, self.safe, self.now) if part)

    @property
    def lines(self) -> tuple[str, ...]:
        """Return the lines for a terminal: what happened, then whether the work is safe and what to do."""
        return (f"hocba: {self.what}", *(f"       {part}" for part in (self.safe, self.now) if part))


class Refused(HocbaError):
    """The facts do not allow the act."""


class WrongUse(HocbaError):
    """The command line was not understood."""

    exit_code = 2


class NotAllowed(HocbaError):
    """This account may not do that."""

    exit_code = 3


class Conflict(HocbaError):
    """Somebody else changed the same cell first; nothing was written."""

    exit_code = 4


class CellConflict(Conflict):
    """One field no longer holds what its author saw; says who wrote what, and when."""

    def __init__(self, table: str, key: str, field: str, held: object, who: str = "", when: str = "") -> None:
        shown = "trống" if held is None else f"“{held}”"
        super().__init__(
            f"Ô này vừa được {who or 'người khác'} đổi thành {shown} lúc {when[11:16] or '?'}.",
            "Xem giá trị mới rồi nhập lại nếu vẫn muốn đổi.",
            "Chưa ghi gì đè lên.",
        )
        self.table = table
        self.key = key
        self.field = field
        self.held = held
        self.who = who
        self.when = when


class NotSaved(HocbaError):
    """The disk refused; the change was not saved."""

    exit_code = 5


class FilesReplaced(NotSaved):
    """A file of the store is no longer the one that this process has open; nothing was written, and nothing can be."""

    def __init__(self, name: str, how: str) -> None:
        """``name`` is the shard, ``how`` a phrase that says what became of its file."""
        self.found = f"Tệp của {name} {how}"
        super().__init__(
            f"{self.found}; thay đổi vừa rồi CHƯA được lưu.",
            "Báo ngay người phụ trách máy chủ: kho vừa bị chép đè, đổi chỗ hoặc khôi phục. Ghi lại các ô chưa lưu, "
            "thoát, mở lại chương trình rồi nhập lại.",
            "Các ô chưa lưu vẫn còn trên màn hình đang mở; chương trình không ghi gì vào tệp lạ.",
        )


class LockHeld(NotSaved):
    """Another process has kept a lock for longer than a change takes."""

    def __init__(self, name: str, who: str, since: str) -> None:
        """``name`` is what is locked, ``who`` a phrase for the process, ``since`` a time of day."""
        self.found = f"{name} đang bị giữ khóa từ {since} ({who})"
        super().__init__(
            f"{self.found}; thay đổi vừa rồi CHƯA được lưu.",
            "Đợi một lát rồi làm lại; nếu vẫn thế, báo người phụ trách máy chủ: tiến trình ấy có thể đang treo.",
        )


class StoreUnusable(HocbaError):
    """The store is damaged, belongs to somebody else, or is not one of ours."""

    exit_code = 6


class SigningFailed(HocbaError):
    """No token, a token that disappeared, a driver that crashed."""

    exit_code = 7


class WrongPin(SigningFailed):
    """The token refused the PIN. It is never tried a second time."""


class PortalFailed(HocbaError):
    """The portal did not answer, or not as agreed."""

    exit_code = 8


class MissingTool(HocbaError):
    """Something that this act needs is not installed."""

    exit_code = 9
