"""What a computer must have, each thing by itself: looked at, made where it is missing, taken away again."""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import secrets
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from hocba_tui.errors import Refused, system_reason
from hocba_tui.machine.running import output

JOURNAL = Path("school", "journal.log")
"""What a store has from its founding on."""
MARK = "# hocba"
"""How each file begins that is ours; another one is never written over and never removed."""


class Step(Protocol):
    """One thing that the computer must have."""

    @property
    def what(self) -> str:
        """Return its name for a list, in Vietnamese."""

    def missing(self) -> str:
        """Return how the computer differs, in Vietnamese; empty when nothing is to be done.

        Raises Refused when there is something else in its place that hocba did not make.
        """

    def do(self) -> None:
        """Make it so; Refused when the system does not let."""

    def undo(self) -> bool:
        """Take it away; return whether there was anything. What may hold data, and who owns it, stays."""


@dataclass(frozen=True)
class Group:
    """A group of the machine."""

    name: str

    @property
    def what(self) -> str:
        """Return its name for a list."""
        return f"nhóm {self.name}"

    def missing(self) -> str:
        """Return whether it is there."""
        return "" if _known(lambda: grp.getgrnam(self.name)) else "thêm"

    def do(self) -> None:
        """Add it."""
        output("groupadd", self.name)

    def undo(self) -> bool:
        """Leave it: people may be in it."""
        return False


@dataclass(frozen=True)
class ServiceUser:
    """The user who owns the store and runs the service; nobody logs in as this one."""

    name: str
    home: Path

    @property
    def what(self) -> str:
        """Return its name for a list."""
        return f"tài khoản dịch vụ {self.name}"

    def missing(self) -> str:
        """Return whether it is there; Refused for root or a person's own account."""
        found = _known(lambda: pwd.getpwnam(self.name))
        if not found:
            return "thêm"
        if (entry := pwd.getpwnam(self.name)).pw_uid == 0:
            raise Refused(f"{self.name} là người quản trị của cả máy, không làm tài khoản dịch vụ được.", safe="")
        if not entry.pw_shell.endswith(("nologin", "false")):
            raise Refused(
                f"{self.name} là tài khoản đăng nhập được của máy, không làm tài khoản dịch vụ được.",
                "Chọn tên khác (--owner), ví dụ hocba.",
                "Chưa đổi gì của máy.",
            )
        return ""

    def do(self) -> None:
        """Add it, with a group of its own."""
        command = ("useradd", "--system", "--user-group", "--home-dir", str(self.home), "--no-create-home")
        output(*command, "--shell", "/usr/sbin/nologin", self.name)

    def undo(self) -> bool:
        """Leave it: the data belongs to it."""
        return False


@dataclass(frozen=True)
class Folder:
    """A folder that belongs to the service's user alone."""

    path: Path
    owner: str
    mode: int = 0o700

    @property
    def what(self) -> str:
        """Return its name for a list."""
        return f"thư mục {self.path}"

    def missing(self) -> str:
        """Return how it differs; Refused when it is somebody else's and holds something, or no folder."""
        try:
            found = self.path.lstat()
        except FileNotFoundError:
            return "tạo"
        if not stat.S_ISDIR(found.st_mode):
            raise Refused(f"{self.path} không phải thư mục.", "Chọn chỗ khác.", "Chưa đổi gì của máy.")
        known = _known(lambda: pwd.getpwnam(self.owner))
        if known and found.st_uid == pwd.getpwnam(self.owner).pw_uid:
            return "" if stat.S_IMODE(found.st_mode) == self.mode else "đổi quyền"
        if any(self.path.iterdir()):
            raise Refused(f"{self.path} có tệp của người khác.", "Chọn một thư mục riêng.", "Chưa đổi gì của máy.")
        return "giao cho tài khoản dịch vụ"

    def do(self) -> None:
        """Make it, or give the empty one to its owner."""
        entry = pwd.getpwnam(self.owner)
        self.path.mkdir(mode=0o755, parents=True, exist_ok=True)
        handle = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            os.fchown(handle, entry.pw_uid, entry.pw_gid)
            os.fchmod(handle, self.mode)
        finally:
            os.close(handle)

    def undo(self) -> bool:
        """Leave it: this is the data."""
        return False


@dataclass(frozen=True)
class StorePlace:
    """The folder above the store: founding, upgrading and restoring put a whole store in the place of another."""

    store: Path
    owner: str

    @property
    def what(self) -> str:
        """Return its name for a list."""
        return f"chỗ của kho {self.store}"

    def missing(self) -> str:
        """Return how it differs; Refused when the store, or what is around it, is somebody else's."""
        if not (self.store / JOURNAL).exists():
            return self._above().missing()
        if _known(lambda: pwd.getpwnam(self.owner)) and self.store.stat().st_uid == pwd.getpwnam(self.owner).pw_uid:
            return ""
        raise Refused(
            f"Kho {self.store} thuộc về người dùng khác của máy.",
            f"Chuyển cho tài khoản dịch vụ trước: hocba store hand-over --to {self.owner} --store {self.store}",
            "Chưa đổi gì của máy.",
        )

    def do(self) -> None:
        """Make it."""
        self._above().do()

    def undo(self) -> bool:
        """Leave it: the data is in there."""
        return False

    def _above(self) -> Folder:
        return Folder(self.store.parent, self.owner)


@dataclass(frozen=True)
class TextFile:
    """A file of settings. ``guard`` is asked before it is written; what that returns is asked afterwards.

    What the second one raises puts back what was there.
    """

    path: Path
    content: Callable[[], str]
    guard: Callable[[], Callable[[], None]] = lambda: lambda: None

    @property
    def what(self) -> str:
        """Return its name for a list."""
        return str(self.path)

    def missing(self) -> str:
        """Return whether it is to be written; Refused when the file there is not ours."""
        held = self._held()
        if held is None:
            return "ghi"
        if not held.startswith(MARK):
            raise Refused(
                f"Tệp {self.path} không phải do hocba ghi.",
                "Xem nó là gì, dời đi rồi chạy lại.",
                "Chưa đổi gì của máy.",
            )
        return "" if held == self.content() else "ghi bản mới"

    def do(self) -> None:
        """Write it; put back what was there when it may not stay."""
        before, check = self._held(), self.guard()
        write_settings(self.path, self.content())
        try:
            check()
        except BaseException:
            if before is None:
                self.path.unlink()
            else:
                write_settings(self.path, before)
            raise

    def undo(self) -> bool:
        """Remove it when it is ours."""
        held = self._held()
        if held is None or not held.startswith(MARK):
            return False
        self.path.unlink()
        return True

    def _held(self) -> str | None:
        try:
            return self.path.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Refused(f"Không đọc được {self.path}: {system_reason(error)}.", safe="") from error


def write_settings(path: Path, text: str, mode: int = 0o644) -> None:
    """Replace a file of settings, completely or not at all; everybody may read it."""
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    # Neither sshd nor systemd reads a name that ends so.
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), mode)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise Refused(f"Không ghi được {path}: {system_reason(error)}.", "Sửa rồi chạy lại.", "") from error


def _known(look: Callable[[], object]) -> bool:
    try:
        look()
    except KeyError:
        return False
    return True
