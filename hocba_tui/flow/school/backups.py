"""Back up the store, remove old backups, and restore a backup into a new folder.

No account is needed: the person who runs the server does it, also for a store that cannot be opened any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hocba_tui.clock import Clock
from hocba_tui.errors import WrongUse
from hocba_tui.store.age import new_identity
from hocba_tui.store.archive import Contents
from hocba_tui.store.backup import Backup, drop, old_backups, recipients_of, write_backup
from hocba_tui.store.checking import check
from hocba_tui.store.filesystem import require_store
from hocba_tui.store.folder import BACKUPS
from hocba_tui.store.heads import note_all


def new_key(path: Path) -> str:
    """Write a new key that opens backups to ``path``; return the recipient to which backups are encrypted.

    Refused when ``path`` exists: it may open older backups.
    """
    return new_identity(path)


def back_up(root: Path, recipients: Sequence[str], folder: Path | None = None) -> Backup:
    """Write one encrypted backup of the store in ``root`` while people work, and read it back.

    It is encrypted to ``recipients``, by default to those of the store's own file, and written to ``folder``, by
    default ``backups`` in the store. Raises StoreUnusable when there is no store, WrongUse when there is no recipient,
    and what :func:`~hocba_tui.store.backup.write_backup` raises.
    """
    require_store(root)
    found = recipients_of(root, recipients)
    if not found:
        raise WrongUse(
            "Chưa biết mã hóa cho ai.", "Tạo khóa: hocba backup --new-key TỆP, rồi thêm --recipient age1…", ""
        )
    made = write_backup(root, folder or root / BACKUPS, Clock().now, found)
    note_all(root, Clock().now().isoformat())
    return made


def drop_old_backups(made: Backup, days: int, weeks: int, months: int) -> int:
    """Remove the old backups in the folder of ``made``; return how many were removed.

    The last backup of each of the most recent ``days`` days, ``weeks`` weeks and ``months`` months is kept, and
    ``made`` always. NotSaved when the disk refuses.
    """
    old = [path for path in old_backups(made.path.parent, days, weeks, months) if path != made.path]
    drop(old)
    return len(old)


def is_damaged(root: Path) -> bool:
    """Return whether something in the store is lost, and is therefore missing in its backups too."""
    return any(flaw.lost for proof in check(root, lambda _: "") for flaw in proof.flaws)


def restore_backup(archive: Path, target: Path, identity: Path | None = None) -> Contents:
    """Unpack a backup into the new folder ``target`` and return what it held.

    ``identity`` is the file of the key that opens it. Raises what :func:`hocba_tui.store.restore.restore` raises.
    """
    from hocba_tui.store.restore import restore

    return restore(archive, target, Clock().now, identity)
