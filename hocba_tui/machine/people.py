"""Users of the machine for the school's people: made, closed and opened again, in the school's group and nowhere else.

What is wanted comes from the store's owner, who has no rights over the machine: each name is checked, and a user
outside of the group is never touched.
"""

from __future__ import annotations

import grp
import json
import pwd
import re
import secrets
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from hocba_tui.errors import Refused
from hocba_tui.machine.answers import Answers
from hocba_tui.machine.codes import has_code
from hocba_tui.machine.running import output, succeeds
from hocba_tui.text import foreign

LOGIN = re.compile(r"[a-z][a-z0-9._-]{0,30}")
_MOST = 2000
"""People of one school; more is no list of a school."""
_PATIENCE = 60.0
_CLOSED = "1"
"""The day in 1970 on which a closed account has expired: neither password nor key lets in."""
_WORDS = [
    "hoa", "mai", "lan", "sen", "cam", "tre", "mua", "nui", "bien", "song", "trang", "sao", "thu", "xuan", "ha", "dong",
    "nang", "gio", "may", "lua", "ngo", "khoai", "cau", "dua", "chanh", "buoi", "nhan", "vai", "mit", "le", "tao",
    "man", "oi", "me", "chuoi", "cua", "ca", "tom", "ong", "kien", "voi", "gau", "cop", "nai", "tho", "meo", "vit",
    "ngan", "ga", "chim", "cong", "bo", "but", "thuoc", "bang", "ghe",
]  # fmt: skip
"""Words that an input method leaves as they are: none ends in a tone's letter or holds a doubled one."""


_UNREAD = "Không đọc được danh sách từ kho"
_UNCHANGED = "Chưa đổi gì của máy."


class What(Enum):
    """What becomes of a user."""

    ADD = "thêm"
    OPEN = "mở lại"
    CLOSE = "đóng"
    CODE = "cấp mã 6 số"


@dataclass(frozen=True)
class Change:
    """What is to be done for one login."""

    what: What
    login: str
    name: str = ""


@dataclass(frozen=True)
class Plan:
    """What is to be done, and what is left alone, as sentences."""

    changes: tuple[Change, ...]
    left_alone: tuple[str, ...]


def wanted(answers: Answers) -> list[Mapping[str, object]]:
    """Ask the owner of the store, in a process of that user, who should have a login; Refused when it does not say."""
    return read_list(as_owner(answers, "--json"))


def as_owner(answers: Answers, option: str, said: bytes = b"") -> bytes:
    """Run ``hocba account apply`` with an option as the owner of the store, and return what it printed.

    Root itself neither reads nor writes there. Refused when it fails.
    """
    owner = pwd.getpwnam(answers.owner)
    command = [answers.program, "account", "apply", option, "--store", answers.store]
    try:
        done = subprocess.run(
            command, capture_output=True, check=False, timeout=_PATIENCE, input=said, cwd="/",
            user=owner.pw_uid, group=owner.pw_gid, extra_groups=[],
            env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": owner.pw_dir},
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Refused(f"{_UNREAD}: {error}.", "", _UNCHANGED) from error
    if done.returncode:
        first = done.stderr.decode(errors="replace").strip().splitlines()[:1] or [f"mã thoát {done.returncode}"]
        raise Refused(f"{_UNREAD}: {foreign(first[0], 300)}", "Xem: hocba store check.", _UNCHANGED)
    return done.stdout


def read_list(data: bytes) -> list[Mapping[str, object]]:
    """Return the people whom the owner of the store names; Refused when it is no list of people."""
    try:
        said = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Refused(f"{_UNREAD}: không đúng dạng.", "Xem: hocba store check.", _UNCHANGED) from error
    if not isinstance(said, list) or len(said) > _MOST or not all(isinstance(row, dict) for row in said):
        raise Refused(f"{_UNREAD}: không đúng dạng.", "Xem: hocba store check.", _UNCHANGED)
    return said


def plan(people: Sequence[Mapping[str, object]], group: str, *, with_codes: bool = False) -> Plan:
    """Return what is to be done so that these people, and no others of the group, come in.

    With codes who needs one and has none gets one; nobody's is ever taken away because the store says so.
    """
    ours = {one.pw_name for one in pwd.getpwall() if is_ours(one.pw_name, group)}
    changes, alone, here = list[Change](), list[str](), set[str]()
    for row in people:
        login, name = str(row.get("login", "")), foreign(str(row.get("name", "")), 80)
        if not LOGIN.fullmatch(login):
            alone.append(f"“{foreign(login, 40)}” ({name}) không dùng làm tên đăng nhập được: chữ thường, số, . _ -")
        elif row.get("here") is True and login in here:
            alone.append(f"{login} có hai lần trong danh sách")
        elif row.get("here") is True:
            here.add(login)
            if login in ours:
                if expired(login):
                    changes.append(Change(What.OPEN, login, name))
            elif exists(login):
                alone.append(f"{login} ({name}) đã là người dùng khác của máy, hocba không đụng tới")
            else:
                changes.append(Change(What.ADD, login, name))
            if with_codes and row.get("code") is True and not has_code(login) and (login in ours or not exists(login)):
                changes.append(Change(What.CODE, login, name))
    changes += [Change(What.CLOSE, login) for login in sorted(ours) if login not in here and not expired(login)]
    return Plan(tuple(changes), tuple(alone))


def add(login: str, group: str, shell: str) -> None:
    """Make a login that has no password yet."""
    output("useradd", "--create-home", "--key", "HOME_MODE=0700", "--gid", group, "--shell", shell, login)


def close(login: str) -> None:
    """Let a login in no more, neither by password nor by key."""
    output("usermod", "--expiredate", _CLOSED, login)


def open_again(login: str) -> None:
    """Let a login that was closed in again."""
    output("usermod", "--expiredate", "", login)


def let_in_again(login: str) -> None:
    """Forget the wrong tries of a login."""
    output("faillock", "--user", login, "--reset")


def new_password(login: str) -> str:
    """Give a login a one-time password, which must be changed at once, and return it; wrong tries are forgotten.

    Refused for who comes in by key alone: a password that must be changed would shut that way.
    """
    if _shadow(login)[1] == "*":
        raise Refused(
            f"{login} vào bằng khóa SSH, không có mật khẩu.", "Thay khóa trong .ssh/authorized_keys.", _UNCHANGED
        )
    chosen = "-".join([*(secrets.choice(_WORDS) for _ in range(3)), f"{secrets.randbelow(900) + 100}"])
    output("chpasswd", said=f"{login}:{chosen}\n")
    output("chage", "-d", "0", login)
    succeeds("faillock", "--user", login, "--reset")
    return chosen


def is_ours(login: str, group: str) -> bool:
    """Return whether a user is one of the school's people: the group is the user's first one, and it is not root."""
    try:
        found = pwd.getpwnam(login)
    except KeyError:
        return False
    return bool(found.pw_uid) and found.pw_gid == grp.getgrnam(group).gr_gid


def exists(login: str) -> bool:
    """Return whether the machine has a user of this name."""
    try:
        pwd.getpwnam(login)
    except KeyError:
        return False
    return True


def expired(login: str) -> bool:
    """Return whether an account of the machine was closed."""
    return _shadow(login)[7] == _CLOSED


def _shadow(login: str) -> list[str]:
    return output("getent", "shadow", login).strip().split(":")


def slip(login: str, name: str, password: str, address: str, *, with_code: bool = False) -> str:
    """Return what one person gets on paper."""
    code = "     Máy hỏi Verification code: gõ mã 6 số, theo phiếu mã kèm theo.\n" if with_code else ""
    return f"""\
{name}

  1. Mở cửa sổ dòng lệnh, gõ:  ssh {login}@{address}
     Lần đầu máy hỏi yes/no: so dòng SHA256 với tờ vân tay dán cạnh máy, giống thì gõ yes.
  2. Password: {password}          (không hiện ra khi gõ)
{code}\
  3. Máy bắt đổi ngay: Current password: gõ lại mật khẩu trên, New password: mật khẩu của riêng mình
     (từ 8 chữ), Retype new password: gõ lại lần nữa. Tắt bộ gõ tiếng Việt khi gõ mật khẩu.
  Sai 5 lần thì đợi 10 phút. Quên mật khẩu: gặp người trông máy. Hủy phiếu này sau khi đổi xong.

- - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - -
"""
