"""The number of the store's format, and the migration from an older one to this one.

The file ``format`` holds the number; a store without it was made by the first version. A migration
needs the store for itself: every open store holds ``in-use.lock`` shared, the migration holds it exclusively.
A backup is made first, and the number is written last, so an interrupted step is done again.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import weakref
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from hocba_tui.errors import Conflict, LockHeld, StoreUnusable, system_reason
from hocba_tui.store.backend import SCHOOL, Edit
from hocba_tui.store.disk import not_saved, open_append, read_plain, write_atomic
from hocba_tui.store.journal_file import JOURNAL
from hocba_tui.store.locks import IN_USE, accounts_in, be_woken, sign_in, take
from hocba_tui.store.presence import is_at
from hocba_tui.store.shard import FileShard

FORMAT = 2
"""1: journals without a list of them. 2: the school's journal names every other journal."""
FILE = "format"
SHARDS = "shards"
"""Table of the school's shard that names every other shard: a shard that is named there and missing was lost."""
Now = Callable[[], datetime]


def read_format(root: Path) -> int:
    """Return the store's format; raise StoreUnusable when the file does not say."""
    try:
        text = read_plain(root / FILE).strip()
    except FileNotFoundError:
        return 1
    except OSError as error:
        raise StoreUnusable(f"Không đọc được {root / FILE}.") from error
    if not text.isdigit() or len(text) > 9 or int(text) < 1:
        raise StoreUnusable(f"Tệp {root / FILE} không ghi số phiên bản.", f"Kho này nếu mới dùng thì là {FORMAT}.")
    return int(text)


def write_format(root: Path, number: int = FORMAT) -> None:
    """Write the number of the store's format; raise NotSaved when the disk refuses."""
    try:
        write_atomic(root / FILE, b"%d\n" % number)
    except OSError as error:
        raise not_saved(error) from error


class InUse:
    """An open store whose format this program reads; an older one is migrated on opening."""

    def __init__(self, root: Path, now: Now) -> None:
        be_woken()
        self._root = root
        self._handle: int | None = None
        while not self._enter(root, now):
            pass  # The folder was changed for another while its lock was awaited.

    def _enter(self, root: Path, now: Now) -> bool:
        handle = None
        with contextlib.suppress(OSError):  # A read-only disk: nobody can migrate it either.
            handle = open_append(root / IN_USE)
        leave = weakref.finalize(self, _leave, handle)
        number = read_format(root)
        if number > FORMAT:
            raise StoreUnusable(
                f"Kho {root} do bản hocba mới hơn ghi (phiên bản {number}); bản này đọc tới phiên bản {FORMAT}.",
                "Cập nhật hocba rồi mở lại.",
                "Chưa có gì bị thay đổi.",
            )
        if handle is None:
            return True
        if number < FORMAT:
            _require_alone(handle)
            migrate(root, now)
        with contextlib.suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(handle, 0)  # Nobody is at work whom a line in it could name.
        try:
            take(handle, fcntl.LOCK_SH, f"Kho {root}")
        except LockHeld as held:
            raise StoreUnusable(f"{held.found}; chưa mở được.", held.now) from held
        except OSError as error:
            raise StoreUnusable(f"Không khóa được {root / IN_USE} ({system_reason(error)}).") from error
        # Somebody with a newer program may have migrated the store while nobody held its lock.
        if is_at(root / IN_USE, handle) and read_format(root) == FORMAT:
            self._handle = handle
            return True
        leave()
        return False

    def at_its_place(self) -> bool:
        """Return whether others who open the store's folder find this store."""
        return self._handle is not None and is_at(self._root / IN_USE, self._handle)

    def sign_in(self, account: str) -> None:
        """Note which account this process works for, for those whom it may keep waiting."""
        if self._handle is not None:
            sign_in(self._handle, account)


def _leave(handle: int | None) -> None:
    if handle is not None:
        os.close(handle)


def _require_alone(handle: int) -> None:
    """Lock a store for its migration; raise Conflict when others have it open, who go on with the program before."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        accounts = accounts_in(handle)
        who = f" ({', '.join(accounts)})" if accounts else ""
        raise Conflict(
            f"Bản hocba mới cần nâng cấp kho, mà kho đang có người dùng{who}; chưa mở được.",
            "Đợi họ thoát rồi mở lại; gấp thì người phụ trách máy chạy hocba serve stop rồi mở cửa lại.",
        ) from error


def migrate(root: Path, now: Now) -> None:
    """Bring an older store to this format, one step after the other, after a backup."""
    from hocba_tui.store.backups.backup import write_backup

    number = read_format(root)
    while number < FORMAT:
        school = FileShard(SCHOOL, root / SCHOOL, now, known=True)
        school.require_sound()
        del school
        write_backup(root, root / "backups", now, (), prefix=f"before-format-{number + 1}")
        STEPS[number](root, now)
        number += 1
        write_format(root, number)


def _to_2(root: Path, now: Now) -> None:
    """Enter every journal in the school's list, so that a missing one is noticed."""
    school = FileShard(SCHOOL, root / SCHOOL, now, known=True)
    found = sorted(str(path.parent.relative_to(root)) for path in root.rglob(JOURNAL))
    since = now().isoformat()
    edits = [
        Edit(SHARDS, name, "since", None, since)
        for name in found
        if name != SCHOOL and not name.startswith((".", "backups/", "drafts/")) and not school.document(SHARDS, name)
    ]
    if edits:
        school.change("hocba", "format_2", edits)


STEPS: dict[int, Callable[[Path, Now], None]] = {1: _to_2}
