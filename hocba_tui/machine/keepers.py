"""Check sshd's settings before they count: it understands them, and who looks after the computer comes in as before."""

from __future__ import annotations

import grp
import os
import pwd
from pathlib import Path

from hocba_tui.errors import Refused
from hocba_tui.machine.running import output

_FOR_ALL = {
    "kbdinteractiveauthentication", "usepam", "logingracetime", "maxstartups", "persourcemaxstartups", "maxauthtries",
    "permituserenvironment", "permituserrc",
}  # fmt: skip
"""What the drop-in says for everybody; none of it keeps anybody out who logs in rightly."""
_FOLDER = Path("/run/sshd")
_UNCHANGED = "Đã đặt lại như cũ; cấu hình đang chạy chưa đổi."

Settings = dict[str, list[str]]


def require_apart(name: str, group: str) -> None:
    """Raise Refused when who looks after the computer is in ``group``, whose people get hocba alone."""
    if name and _is_in(name, group):
        raise Refused(
            f"{name} trông máy này mà lại ở nhóm {group}: vào bằng SSH sẽ chỉ thấy chương trình học bạ.",
            f"Chạy: gpasswd --delete {name} {group}; việc ở trường thì dùng một tài khoản máy khác.",
            "Chưa đổi gì của máy.",
        )


class Keepers:
    """The people who look after the computer, and what sshd said of them before anything was changed."""

    def __init__(self, *names: str) -> None:
        """``names`` are users of the machine, besides root."""
        self._names = [name for name in dict.fromkeys(("root", *names)) if name]
        _FOLDER.mkdir(mode=0o755, exist_ok=True)  # Debian's service makes it; sshd -t wants it even before that.
        self._before = self._settings()

    def check(self) -> None:
        """Raise Refused when sshd does not understand its settings, or would treat one of these people otherwise."""
        try:
            output("sshd", "-t")
            now = self._settings()
        except Refused as refused:
            raise Refused(f"sshd không nhận cấu hình mới: {refused.what}", refused.now, _UNCHANGED) from refused
        for name, before in self._before.items():
            other = [key for key in before | now[name] if key not in _FOR_ALL and before.get(key) != now[name].get(key)]
            if other:
                raise Refused(
                    f"Với cấu hình mới, {name} vào máy khác trước ({', '.join(sorted(other)[:5])}).",
                    "Xem các tệp trong /etc/ssh/sshd_config.d.",
                    _UNCHANGED,
                )

    def _settings(self) -> dict[str, Settings]:
        return {name: effective(name) for name in self._names}


def effective(user: str) -> Settings:
    """Return what sshd would apply to a user who comes from this computer, as its files stand now."""
    found: Settings = {}
    for line in output("sshd", "-T", "-C", f"user={user},host=localhost,addr=127.0.0.1").splitlines():
        key, _, value = line.partition(" ")
        found.setdefault(key, []).append(value)
    return found


def reads_drop_ins() -> bool:
    """Return whether sshd reads the folder of drop-ins, now that ours is in it."""
    return effective("root").get("persourcemaxstartups") == ["20"]


def caller() -> str:
    """Return the person behind ``sudo``; empty when root is logged in, or nobody known."""
    name = os.environ.get("SUDO_USER", "")
    try:
        return name if name != "root" and pwd.getpwnam(name) else ""
    except KeyError:
        return ""


def _is_in(name: str, group: str) -> bool:
    try:
        person, members = pwd.getpwnam(name), grp.getgrnam(group)
    except KeyError:
        return False
    return members.gr_gid == person.pw_gid or name in members.gr_mem
