"""Note who came in, from where, and who was turned away at the door."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path
from typing import NamedTuple

from hocba_tui.clock import Clock
from hocba_tui.errors import HocbaError
from hocba_tui.flow.desk import Desk
from hocba_tui.rules.permits import Act
from hocba_tui.store.activity.noting import Touched, is_activity
from hocba_tui.store.folder import FolderStore
from hocba_tui.store.formats import SHARDS

KEY, SSH, LOCAL = "key", "ssh", "local"
"""Ways in: a key of the login that all share, one's own login over the network, the computer itself."""
_LAST = "last way in"
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


class WayIn(NamedTuple):
    """When somebody came in, from which address and how; the address is empty on the computer itself."""

    at: str
    came_from: str
    way: str


def last_way_in(desk: Desk, account: str) -> WayIn | None:
    """Return how an account last came in, as the journals of this year and the last one know; for who keeps accounts.

    None when they do not know it, or cannot be read.
    """
    school = desk.open_school()
    school.require(Act.MANAGE_STAFF)
    school.shard.refresh()
    for name in sorted(filter(is_activity, school.shard.table(SHARDS)), reverse=True)[:2]:
        trace, kept = desk.store.trace(name), desk.memory.get((_LAST, f"{name} {account}"))
        if trace is None or not isinstance(kept, tuple) or kept[0] != trace:
            kept = trace, _last_in(desk, name, account)
            desk.memory[_LAST, f"{name} {account}"] = kept
        if isinstance(kept[1], WayIn):
            return kept[1]
    return None


def _last_in(desk: Desk, name: str, account: str) -> WayIn | None:
    with contextlib.suppress(HocbaError):
        shard = desk.store.shard(name)
        shard.refresh()
        for entry in shard.latest(account):
            if entry.act == "log_in":
                touched = Touched.of(entry)
                return WayIn(entry.at, touched.came_from, touched.way)
    return None


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
