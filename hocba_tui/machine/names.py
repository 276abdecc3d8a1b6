"""Names and paths that may stand in the settings of sshd, PAM and systemd, where a line end would be a setting more."""

from __future__ import annotations

import re
import stat
from pathlib import Path

from hocba_tui.errors import WrongUse

_NAME = re.compile(r"[a-z_][a-z0-9_-]{0,31}")
_LOGIN = re.compile(r"[a-z_][a-z0-9._-]{0,31}")
_PATH = re.compile(r"/[\w.+/-]+", re.ASCII)
_RECIPIENT = re.compile(r"age1[0-9a-z]+|ssh-(?:ed25519|rsa) [A-Za-z0-9+/=]+")
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.:-]{0,251}[A-Za-z0-9])?")
_HOMES = ("/home", "/root", "/run/user")


def require_name(text: str, what: str) -> None:
    """Raise WrongUse when ``text`` cannot be the name of a user or group that hocba makes."""
    _require(_NAME, text, what)


def require_login(text: str, what: str) -> None:
    """Raise WrongUse when ``text`` cannot be the login of a person: it may have dots, as in ``gv.hoa``."""
    _require(_LOGIN, text, what)


def require_path(text: str, what: str = "đường dẫn") -> None:
    """Raise WrongUse when ``text`` is no absolute path of plain letters."""
    _require(_PATH, text, what)


def require_recipient(text: str) -> None:
    """Raise WrongUse when ``text`` is no key for which a backup can be encrypted."""
    _require(_RECIPIENT, text, "khóa nhận")


def require_host(text: str) -> None:
    """Raise WrongUse when ``text`` is neither the name nor the number of a computer."""
    _require(_HOST, text, "tên máy")


def require_outside_homes(path: str) -> None:
    """Raise WrongUse for a path in somebody's home, where the service does not come."""
    if any(Path(path).is_relative_to(home) for home in _HOMES):
        raise WrongUse(
            f"{path} nằm trong nhà của một người, nơi dịch vụ không vào được.",
            "Đặt kho ở /srv/hocba, cài chương trình ở /opt/hocba.",
            "",
        )


def require_for_all(program: Path) -> None:
    """Raise WrongUse when a program is not there, or others than its owner cannot start it."""
    if not program.is_file():
        raise WrongUse(f"Không thấy chương trình {program}.", "Cài lại gói, hoặc thêm --attach ĐƯỜNG_DẪN.", "")
    if closed := closed_to_others(program):
        raise WrongUse(
            f"Giáo viên không chạy được {program}: {closed} không mở cho người khác.",
            "Cài chương trình vào chỗ mọi người đọc được, ví dụ /opt/hocba.",
            "",
        )


def require_roots(program: Path) -> None:
    """Raise WrongUse when somebody other than root could exchange a program that root runs by itself."""
    real = program.resolve()
    for place in (*reversed(real.parents), real):
        try:
            found = place.stat()
        except OSError as error:
            raise WrongUse(f"Không thấy chương trình {program}.", "Cài lại gói.", "Chưa đổi gì của máy.") from error
        if found.st_uid or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise WrongUse(
                f"Hẹn giờ của root chạy {program}, mà người khác của máy sửa được {place}.",
                f"Chạy: chown root {place}; chmod go-w {place}; hoặc cài chương trình vào /opt/hocba.",
                "Chưa đổi gì của máy.",
            )


def closed_to_others(program: Path) -> Path | None:
    """Return what keeps others from starting a program: itself, or the uppermost folder that they cannot enter."""
    for place in (*reversed(program.parents), program):
        if not place.stat().st_mode & stat.S_IXOTH:
            return place
    return None


def _require(form: re.Pattern[str], text: str, what: str) -> None:
    if not form.fullmatch(text):
        raise WrongUse(
            f"“{text}” không dùng làm {what} được.",
            "Chỉ dùng chữ cái không dấu, chữ số và . _ - (đường dẫn: cả /).",
            "",
        )
