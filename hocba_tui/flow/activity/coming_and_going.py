"""Note who came in, from where, and who was turned away at the door."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path

from hocba_tui.clock import Clock
from hocba_tui.errors import HocbaError
from hocba_tui.flow.desk import Desk
from hocba_tui.store.folder import FolderStore

KEY, SSH, LOCAL = "key", "ssh", "local"
"""Ways in: a key of the login that all share, one's own login over the network, the computer itself."""
_ADDRESS = re.compile(r"[0-9A-Fa-f:.]{2,45}(?:%[A-Za-z0-9._-]{1,20})?")


def address(said: object) -> str:
    """Return the address in what sshd says of a connection (``SSH_CONNECTION``), empty when there is none."""
    first = said.split(" ")[0] if isinstance(said, str) else ""
    return first if _ADDRESS.fullmatch(first) else ""


def own_address() -> str:
    """Return the address from which this process's person came, as the environment says."""
    return address(os.environ.get("SSH_CONNECTION", ""))


def came_in(desk: Desk) -> None:
    """Note that a session begins; where nothing can be written one may still look."""
    with contextlib.suppress(HocbaError):
        desk.store.log_access(desk.account, "log_in")


def went_out(desk: Desk) -> None:
    """Note that it ends. A session that was killed, or a power cut, leaves no such line."""
    with contextlib.suppress(HocbaError):
        desk.store.log_access(desk.account, "log_out")


def ran(desk: Desk, command: str) -> None:
    """Note a command that came through the server's door; which one, without its arguments."""
    with contextlib.suppress(HocbaError):
        desk.store.log_access(desk.account, "run", command)


def turned_away(root: Path, who: str, came_from: str, *, by_key: bool) -> None:
    """Note that somebody was not let in: ``who`` is the account of a key, or a login that no account has."""
    with contextlib.suppress(HocbaError):
        store = FolderStore(root, Clock().now)
        store.sign_in(who, came_from, KEY if by_key else SSH if came_from else LOCAL)
        store.log_access(who, "log_in_refused")
