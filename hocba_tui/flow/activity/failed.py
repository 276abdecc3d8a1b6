"""Failed log-ins, which root has read from the system, noted by the owner of the store."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from hocba_tui.clock import VIETNAM, Clock
from hocba_tui.errors import Refused
from hocba_tui.flow.activity.coming_and_going import SSH, address
from hocba_tui.flow.desk import STAFF
from hocba_tui.store.activity.noting import FAILED, Touched, is_activity, journal_of_year
from hocba_tui.store.backend import SCHOOL, Edit
from hocba_tui.store.folder import FolderStore
from hocba_tui.text import foreign

UNKNOWN = "?"
"""The actor where the name that was tried is not the school's."""
_TABLE, _KEY, _UNTIL = "failed", "ssh", "until"
_MOST = 5000
"""Entries of one time: more are no school's."""


def noted_until(root: Path) -> str:
    """Return the time (ISO) of the last failed log-in that is noted, empty when none is."""
    store = FolderStore(root, Clock().now)
    shards = (store.shard(name) for name in store.names() if is_activity(name))
    return max((str(shard.document(_TABLE, _KEY).get(_UNTIL) or "") for shard in shards), default="")


def take_failed(root: Path, data: bytes) -> int:
    """Note failed log-ins; return how many entries. Refused when ``data`` is no list of them.

    Each comes with how far it goes, in one change: killed in between, the rest is noted next time and nothing twice.
    """
    store, known = FolderStore(root, Clock().now), noted_until(root)
    accounts = {str(facts.get("system_user")): key for key, facts in store.shard(SCHOOL).table(STAFF).items()}
    count = 0
    for login, came_from, at, times in sorted(_read(data), key=lambda each: each[2]):
        shard = journal_of_year(store.shard, Clock().now().year)
        before = shard.document(_TABLE, _KEY).get(_UNTIL)
        actor = accounts.get(login) or login or UNKNOWN
        edits = [*Touched(came_from=came_from, way=SSH).edits(), Edit(_TABLE, _KEY, _UNTIL, before, max(at, known))]
        shard.change(actor, FAILED, edits, f"{at} {times}")
        count += 1
    return count


def _read(data: bytes) -> Iterable[tuple[str, str, str, int]]:
    try:
        said: list[dict[str, Any]] = orjson.loads(data)
        found = [
            (foreign(str(row["login"]), 32), address(row["came_from"]), _moment(row["at"]), int(row["times"]))
            for row in said[:_MOST]
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise Refused("Danh sách đăng nhập hụt không đúng dạng.", "", "Chưa ghi gì.") from error
    return found


def _moment(said: str) -> str:
    return datetime.fromisoformat(said).astimezone(VIETNAM).isoformat()
