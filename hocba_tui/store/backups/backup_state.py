"""What the administrator is shown about the store: its last backup, the last drill, the last check.

``backups/state.json`` in the store holds it, wherever the copies themselves go. It is a note, and nothing rests on it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from hocba_tui.errors import HocbaError
from hocba_tui.store.disk import make_folder, read_plain, write_atomic

STATE = "backups/state.json"


@dataclass(frozen=True)
class Made:
    """A backup that was made, or one that was restored for trial."""

    at: str
    """ISO time."""
    copy: str
    """Path of the file."""
    key: str = ""
    """See :func:`hocba_tui.store.backups.copies.key_of`."""
    damaged: bool = False
    apart: bool = False
    """Whether another copy of the store had gone on without it."""


@dataclass(frozen=True)
class Checked:
    """A check of the whole store that was finished."""

    at: str
    """ISO time."""
    lost: int
    """Number of places at which something is lost."""


@dataclass(frozen=True)
class BackupState:
    """The last backup, drill that succeeded and check, and the copies that have been spoken of already."""

    backup: Made | None = None
    drill: Made | None = None
    check: Checked | None = None
    told: frozenset[str] = frozenset()
    folder: str = ""
    """Where the last backup went: there other copies of this store are noted. Empty when there was none."""
    accepted: str = ""
    """ISO time at which somebody decided to go on with this store: what others had noted until then does not count."""


def read_state(root: Path) -> BackupState:
    """Return what is noted; nothing when there is no note or it cannot be read."""
    body = _read(root)
    with contextlib.suppress(TypeError, ValueError, KeyError):
        backup, drill = (Made(**body[name]) if body.get(name) else None for name in ("backup", "drill"))
        # Older versions noted the copy only.
        folder = str(body.get("folder") or (backup.copy and Path(backup.copy).parent if backup else ""))
        told, accepted = frozenset(map(str, body.get("told", []))), str(body.get("accepted") or "")
        return BackupState(backup, drill, _check(body), told, folder, accepted)
    return BackupState()


def note_backup(root: Path, made: Made) -> None:
    """Note the last backup, and where it is; errors of the disk are ignored."""
    _note(root, {"backup": _fields(made), "folder": str(Path(made.copy).resolve().parent)})


def note_drill(root: Path, made: Made) -> None:
    """Note the last drill that succeeded; errors of the disk are ignored."""
    _note(root, {"drill": _fields(made)})


def note_check(root: Path, checked: Checked) -> None:
    """Note the last check of the whole store; errors of the disk are ignored."""
    _note(root, {"check": {"at": checked.at, "lost": checked.lost}})


def note_accepted(root: Path, at: str, folder: str) -> None:
    """Note that somebody decided to go on with this store, and where its backups go; errors of the disk are ignored."""
    _note(root, {"accepted": at, "folder": folder})


def note_told(root: Path, names: frozenset[str]) -> None:
    """Note the names of the copies that have been spoken of; errors of the disk are ignored."""
    _note(root, {"told": sorted(names)})


def _check(body: Mapping[str, Any]) -> Checked | None:
    noted = body.get("check")
    return Checked(str(noted["at"]), int(noted["lost"])) if isinstance(noted, dict) and len(noted) == 2 else None


def _fields(made: Made) -> dict[str, object]:
    # An older version does not know ``apart``, and would take nothing from a note that has it.
    fields = {"at": made.at, "copy": made.copy, "key": made.key, "damaged": made.damaged}
    return {**fields, "apart": True} if made.apart else fields


def _read(root: Path) -> dict[str, Any]:
    try:
        body = orjson.loads(read_plain(root / STATE))
    except (OSError, orjson.JSONDecodeError):
        return {}
    return body if isinstance(body, dict) else {}


def _note(root: Path, facts: Mapping[str, object]) -> None:
    with contextlib.suppress(OSError, HocbaError):
        make_folder((root / STATE).parent)
        write_atomic(root / STATE, orjson.dumps({**_read(root), **facts}, option=orjson.OPT_INDENT_2))
