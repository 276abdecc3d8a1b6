"""Find a token in the teacher's own computer, forwarded over SSH by p11-kit to a socket of this account."""

from __future__ import annotations

import os
import stat
from pathlib import Path

SOCKET_VARIABLE = "HOCBA_TOKEN_SOCKET"
"""Variable with the path of the forwarded socket; ``~/.hocba/token.sock`` when it is not set."""
CLIENT = "p11-kit-client.so"
"""The PKCS#11 module that talks to the socket; it is used only when there is one."""
_ADDRESS = "P11_KIT_SERVER_ADDRESS"


def socket_path() -> Path:
    """Return the path at which ``ssh -R`` makes the socket."""
    chosen = os.environ.get(SOCKET_VARIABLE)
    return Path(chosen) if chosen else Path.home() / ".hocba" / "token.sock"


def forwarded_environment() -> dict[str, str]:
    """Return the variables with which the client module finds the socket; none when it may not be used."""
    return {} if forwarding_problem() else {_ADDRESS: f"unix:path={socket_path()}"}


def forwarding_problem() -> str | None:
    """Return why no forwarded token is used, None when one is.

    Another account that can reach the socket could sign with the token while it is unlocked, or put a socket of its
    own there: the socket and its folder must belong to this account, and nobody else may enter the folder.
    """
    path = socket_path()
    try:
        found, folder = path.lstat(), path.parent.lstat()
    except OSError:
        return "không có token nào được chuyển tiếp qua SSH"
    if not stat.S_ISSOCK(found.st_mode) or not stat.S_ISDIR(folder.st_mode):
        return f"{path} không phải là ổ cắm (socket)"
    if {found.st_uid, folder.st_uid} != {os.geteuid()}:
        return f"{path} không phải của tài khoản này; không dùng"
    if stat.S_IMODE(folder.st_mode) & 0o077:
        return f"người khác vào được thư mục {path.parent}; chạy chmod 700 {path.parent}"
    return None


def is_idle(module: Path, environment: dict[str, str]) -> bool:
    """Return whether a module is the client module and there is no socket for it."""
    return module.name == CLIENT and _ADDRESS not in environment
