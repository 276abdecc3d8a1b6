"""Back up the store, let old backups go, and restore one into a new folder.

None of this asks for an account: it is done by the person who runs the server, also on a store that no longer opens.
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


def new_key(path: Path) -> str:
    """Write a new key that opens backups to ``path``; return the recipient to which backups are encrypted.

    Refused when ``path`` exists: it may open older backups.
    """
    return new_identity(path)


def back_up(root: Path, recipients: Sequence[str], folder: Path | None = None) -> Backup:
    """Write one encrypted backup of the store in ``root`` while people work, and read it back.

    It is encrypted to ``recipients``, by default to those of the store's own file, and lies in ``folder``, by default
    in ``backups`` of the store. Raises StoreUnusable when there is no store, WrongUse when there is no recipient, and
    what :func:`~hocba_tui.store.backup.write_backup` raises.
    """
    require_store(root)
    found = recipients_of(root, recipients)
    if not found:
        raise WrongUse(
            "Chưa biết mã hóa cho ai.", "Tạo khóa: hocba backup --new-key TỆP, rồi thêm --recipient age1…", ""
        )
    return write_backup(root, folder or root / BACKUPS, Clock().now, found)


def drop_old_backups(made: Backup, days: int, weeks: int, months: int) -> int:
    """Remove the backups beside ``made`` that are not worth keeping; return how many.

    The newest of each of the last ``days``, ``weeks`` and ``months`` is kept, and ``made`` always. NotSaved when the
    disk refuses.
    """
    old = [path for path in old_backups(made.path.parent, days, weeks, months) if path != made.path]
    drop(old)
    return len(old)


def is_damaged(root: Path) -> bool:
    """Return whether a journal of the store has lost something, so that a backup of it has too."""
    return any(flaw.lost for proof in check(root, lambda _: "") for flaw in proof.flaws)


def restore_backup(archive: Path, target: Path, identity: Path | None = None) -> Contents:
    """Unpack a backup into the new folder ``target`` and return what it held.

    ``identity`` is the file of the key that opens it. Raises what :func:`hocba_tui.store.restore.restore` raises.
    """
    from hocba_tui.store.restore import restore

    return restore(archive, target, Clock().now, identity)
