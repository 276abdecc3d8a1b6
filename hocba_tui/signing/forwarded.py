"""Find a token in the teacher's own computer, forwarded over SSH by p11-kit to a socket of this account.

On a server of many, the sessions run as one user, and the socket belongs to the teacher's: the attach program opens a
folder within the teacher's closed one and hands it over as a descriptor. By path no session can reach it, so no other
one can sign.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

SOCKET_VARIABLE = "HOCBA_TOKEN_SOCKET"
"""Variable with the path of the forwarded socket; ``~/.hocba/token.sock`` when it is not set."""
CLIENT = "p11-kit-client.so"
"""The PKCS#11 module that talks to the socket; it is used only when there is one."""
_ADDRESS = "P11_KIT_SERVER_ADDRESS"
_SOCKET = "token.sock"
_NONE = -1
_handed_over: list[int] = []
"""In a session on a server the descriptor of its person's folder, :data:`_NONE` when there is none; else empty."""


def hand_over(folder: int | None) -> None:
    """Look for the socket in a folder that was handed over as a descriptor, and nowhere else; None: there is none.

    The folder of the user whom all sessions run as is no teacher's.
    """
    _handed_over[:] = [_NONE if folder is None else folder]


def handed_over() -> tuple[int, ...]:
    """Return the descriptors that a process needs to reach the socket."""
    return tuple(descriptor for descriptor in _handed_over if descriptor != _NONE)


def socket_path() -> Path:
    """Return the path at which ``ssh -R`` makes the socket; it holds in this process and in those that it starts."""
    if _handed_over:
        return Path(f"/proc/self/fd/{_handed_over[0]}") / _SOCKET
    chosen = os.environ.get(SOCKET_VARIABLE)
    return Path(chosen) if chosen else Path.home() / ".hocba" / _SOCKET


def shown_path() -> str:
    """Return the path of the socket as its person knows it."""
    return f"~/.hocba/ssh/{_SOCKET}" if _handed_over else str(socket_path())


def forwarded_environment() -> dict[str, str]:
    """Return the variables with which the client module finds the socket; none when it may not be used."""
    return {} if forwarding_problem() else {_ADDRESS: f"unix:path={socket_path()}"}


def forwarding_problem() -> str | None:
    """Return why no forwarded token is used, None when one is.

    Another account that can reach the socket could sign with the token while it is unlocked, or put a socket of its
    own there: the socket and its folder must belong to this account, and nobody else may enter the folder. A folder
    that was handed over belongs to the account of its person and lies within a closed one, as the attach program saw.
    """
    path = socket_path()
    try:
        found = path.lstat()
        folder = path.parent.stat() if _handed_over else path.parent.lstat()
    except OSError:
        return "không có token nào được chuyển tiếp qua SSH"
    if not stat.S_ISSOCK(found.st_mode) or not stat.S_ISDIR(folder.st_mode):
        return f"{shown_path()} không phải là ổ cắm (socket)"
    if {found.st_uid, folder.st_uid} != {folder.st_uid if _handed_over else os.geteuid()}:
        return f"{shown_path()} không phải của tài khoản này; không dùng"
    if not _handed_over and stat.S_IMODE(folder.st_mode) & 0o077:
        return f"người khác vào được thư mục {path.parent}; chạy chmod 700 {path.parent}"
    return None


def missing_here() -> str | None:
    """Return why a person of a server of many has no token of their own computer here; None elsewhere, or with one."""
    return forwarding_problem() if _handed_over else None


def is_idle(module: Path, environment: dict[str, str]) -> bool:
    """Return whether a module is the client module and there is no socket for it."""
    return module.name == CLIENT and _ADDRESS not in environment
