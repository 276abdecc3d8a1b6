"""Back up the store, remove old backups, and restore a backup into a new folder.

No account is needed: the person who runs the server does it, also for a store that cannot be opened any more.
"""

from __future__ import annotations

import gc
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hocba_tui.clock import Clock
from hocba_tui.errors import HocbaError, NotSaved, WrongUse, system_reason
from hocba_tui.flow.school.store_check import check_store
from hocba_tui.flow.tray import prune
from hocba_tui.log.keeping import exported
from hocba_tui.store.backend import SCHOOL
from hocba_tui.store.backups.age import new_identity
from hocba_tui.store.backups.archive import Contents
from hocba_tui.store.backups.backup import Backup, recipients_of, write_backup
from hocba_tui.store.backups.backup_state import Made, note_backup, note_told, read_state
from hocba_tui.store.backups.copies import Surplus, drop, key_of, lasting, prefix_of, surplus
from hocba_tui.store.backups.noted_heads import Apart, compare_with_noted, note_how_far
from hocba_tui.store.checking import check_shard
from hocba_tui.store.filesystem import require_outside, require_own_local, require_store
from hocba_tui.store.folder import BACKUPS, FolderStore
from hocba_tui.store.heads import note_all
from hocba_tui.store.identity import ensure_identity, identity_of
from hocba_tui.store.journal_file import JOURNAL
from hocba_tui.store.presence import present


def new_key(path: Path) -> str:
    """Write a new key that opens backups to ``path``; return the recipient to which backups are encrypted.

    Refused when ``path`` exists: it may open older backups; and when it lies in a store: who steals the server would
    have the key with the backups.
    """
    require_outside(path)
    return new_identity(path)


@dataclass(frozen=True)
class BackedUp(Backup):
    """A backup, and what other copies of the store have left in its folder."""

    apart: tuple[Apart, ...] = ()
    """How the store differs from one that has gone on; then what that one has noted stays, and nothing else goes."""
    unnoted: str = ""
    """Why it is not known whether there is such a store, or this one could not note how far it has come."""


def back_up(
    root: Path, recipients: Sequence[str], folder: Path | None = None, *, accept_fork: bool = False
) -> BackedUp:
    """Write one encrypted backup of the store in ``root`` while people work, read it back, and check the store.

    It is encrypted to ``recipients``, by default to those of the store's own file, and written to ``folder``, by
    default ``backups`` in the store. A whole store is compared with what its other copies have noted there;
    ``accept_fork``: it is the one to go on with, and they are told from then on. Raises StoreUnusable when there is no
    store, WrongUse when there is no recipient, Refused when ``folder`` is in the store or in another one, and what
    :func:`~hocba_tui.store.backups.backup.write_backup` raises.
    """
    require_store(root)
    found = recipients_of(root, recipients)
    if not found:
        raise WrongUse(
            "Chưa biết mã hóa cho ai.", "Tạo khóa: hocba backup --new-key TỆP, rồi thêm --recipient age1…", ""
        )
    require_own_local(root)
    if folder is not None:
        require_outside(folder, allowed=root / BACKUPS)
    place = folder or root / BACKUPS
    prune(root)
    with present(root):
        identity = ensure_identity(root)
        if accept_fork and compare_with_noted(root, place).apart:
            _go_another_way(root)
        made = write_backup(
            root,
            place,
            Clock().now,
            found,
            prefix=prefix_of(_school(root), identity, found),
            is_damaged=lambda: is_damaged(root),
        )
        noted = Made(made.contents.at, str(made.path), key_of(found), made.damaged)
        note_backup(root, noted)
        exported("backup", "file", 1, made.size)
        done = BackedUp(made.path, made.contents, made.size, made.damaged)
        if made.damaged:
            return done
        at = Clock().now().isoformat()
        note_all(root, at)
        sizes = {
            name.removesuffix(f"/{JOURNAL}"): size
            for name, (_, size) in made.contents.files.items()
            if name.endswith(f"/{JOURNAL}")
        }
        seen = note_how_far(root, place, at, sizes, accept=accept_fork)
        if seen.apart:
            note_backup(root, replace(noted, apart=True))
    return replace(done, apart=seen.apart, unnoted=seen.problem)


def _go_another_way(root: Path) -> None:
    """Write a line that no other copy of the store has: from here on each of them is told from this one."""
    FolderStore(root, Clock().now).shard(SCHOOL).change("hocba", "accept_fork", [])
    gc.collect()  # Only then are its files closed.


def _school(root: Path) -> str:
    """Return the school's code, else its name; empty when neither can be read."""
    school = check_shard(root, SCHOOL, lambda _: "").tables.document(SCHOOL, SCHOOL)
    return str(school.get("code") or school.get("name") or "")


@dataclass(frozen=True)
class Dropped:
    """What became of the old copies beside a new one."""

    count: int
    """Number of old copies that were removed."""
    found: Surplus
    untold: tuple[Path, ...] = ()
    """Copies that stay because the new one does not replace them, and of which nothing was said before."""


def drop_old_backups(root: Path, made: BackedUp, days: int, weeks: int, months: int) -> Dropped:
    """Remove the old backups of the store in ``root`` from the folder of ``made``, and return what was done.

    Which may go is said in :func:`hocba_tui.store.backups.copies.surplus`; none, when another copy of the store has
    gone on. NotSaved when the disk refuses.
    """
    if made.apart:
        return Dropped(0, Surplus())
    try:
        found = surplus(made.path, days, weeks, months)
    except OSError as error:
        raise NotSaved(
            f"Không đọc được thư mục {made.path.parent} ({system_reason(error)}).",
            "Xem ổ đĩa của bản sao lưu, rồi chạy lại.",
            "Bản sao lưu mới đã ghi xong; không bỏ bản cũ nào.",
        ) from error
    drop(found.old)
    told = read_state(root).told
    untold = tuple(path for path in (*found.unknown, *found.other_key) if path.name not in told)
    if untold:
        note_told(root, told | {path.name for path in untold})
    return Dropped(len(found.old), found, untold)


def lasting_words(root: Path, folder: Path | None = None) -> str:
    """Return how many copies in ``folder``, by default that of the last backup, never go; empty when none does."""
    last = read_state(root).folder
    found = lasting(folder or (Path(last) if last else root / BACKUPS), identity_of(root))
    words = [f"{one.count} bản {one.kind} ({f'{one.size / 1_000_000:.1f}'.replace('.', ',')} MB)" for one in found]
    return f"Bản sao lưu không bao giờ tự bị bỏ: {'; '.join(words)}" if words else ""


def is_damaged(root: Path) -> bool:
    """Return whether something in the store is lost, and is therefore missing in its backups too.

    A store that cannot be examined counts as damaged: it is copied all the same, as far as it can be read.
    """
    try:
        return any(flaw.lost for checked in check_store(root) for flaw in checked.flaws)
    except (OSError, HocbaError):
        return True


def restore_backup(archive: Path, target: Path, identity: Path | None = None) -> Contents:
    """Unpack a backup into the new folder ``target`` and return what it held.

    ``identity`` is the file of the key that opens it. Raises what
    :func:`~hocba_tui.store.backups.restore.restore` does.
    """
    from hocba_tui.store.backups.restore import restore

    return restore(archive, target, Clock().now, identity)
