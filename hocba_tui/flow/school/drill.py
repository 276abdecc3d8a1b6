"""Restore the newest backup for trial, check it, and throw it away: a copy that was never restored is only a hope.

No account is needed. The store is only read; the scratch folder is in the system's folder for temporary files.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hocba_tui.clock import Clock
from hocba_tui.errors import Conflict, NotSaved, Refused, StoreUnusable, system_reason
from hocba_tui.flow.school.store_check import check_store
from hocba_tui.store.backups.archive import Contents
from hocba_tui.store.backups.backup_state import Made, note_drill
from hocba_tui.store.backups.copies import Copy, copies_in
from hocba_tui.store.backups.restore import restore
from hocba_tui.store.backups.swap import Difference, compare
from hocba_tui.store.disk import open_append, read_plain, write_atomic
from hocba_tui.store.filesystem import require_own_local, require_store
from hocba_tui.store.folder import BACKUPS
from hocba_tui.store.identity import identity_of, random_identity, remove_store, short

_UNTOUCHED = "Kho đang dùng và các bản sao lưu còn nguyên."
_MARK, _LOCK, _STORE = "identity", "drill.lock", "store"


@dataclass(frozen=True)
class Drill:
    """A drill that succeeded."""

    path: Path
    """The copy that was restored."""
    contents: Contents
    entries: int
    """Entries in all its journals."""
    differences: list[Difference]
    """How the store differs from it now."""

    @property
    def store_behind(self) -> bool:
        """Return whether the copy has entries that the store does not have: then the store has lost something."""
        return any(one.only_copied or one.forked is not None for one in self.differences)


def drill(root: Path, identity: Path | None, folder: Path | None = None) -> Drill:
    """Restore the newest undamaged copy of the store in ``root`` into a scratch folder, check it, and remove it again.

    ``identity`` is the file of the key that opens it; the copies are in ``folder``, by default in the store. Its
    success is noted for the administrator. Raises Refused when there is no copy, StoreUnusable when it cannot be
    opened with this key or is not whole, Conflict when another drill goes on, NotSaved when the disk refuses.
    """
    require_store(root)
    require_own_local(root)
    copy = _newest(root, folder or root / BACKUPS)
    with _scratch(identity_of(root)) as (target, own):
        contents = restore(copy.path, target, Clock().now, identity, own)
        if contents.store != identity_of(root):
            raise StoreUnusable(f"{copy.path.name} là bản sao lưu của một kho khác.", "", _UNTOUCHED)
        checked = list(check_store(target))
        damage = [flaw for part in checked for flaw in part.flaws if flaw.lost]
        if damage:
            raise StoreUnusable(
                f"Bản sao lưu {copy.path.name} có {len(damage)} chỗ hỏng: {damage[0].place}: {damage[0].what}.",
                "Sao lưu lại ngay, rồi diễn tập lại.",
                _UNTOUCHED,
            )
        found = compare(root, target, contents)
    note_drill(root, Made(Clock().now().isoformat(), str(copy.path), copy.key))
    return Drill(copy.path, contents, sum(part.entries for part in checked), found)


def _newest(root: Path, folder: Path) -> Copy:
    mine = short(identity_of(root))
    try:
        found = [copy for copy in copies_in(folder) if mine and copy.identity == mine and not copy.damaged]
    except OSError as error:
        raise Refused(f"Không đọc được thư mục {folder}: {system_reason(error)}.", "", _UNTOUCHED) from error
    if not found:
        raise Refused(
            f"Chưa có bản sao lưu nguyên vẹn nào của kho này ở {folder}.",
            "Chạy hocba backup trước, hoặc chỉ đúng chỗ bằng --to.",
            _UNTOUCHED,
        )
    return found[-1]


@contextlib.contextmanager
def _scratch(identity: str) -> Iterator[tuple[Path, str]]:
    """Yield where the copy is restored to, and the identity that it gets; remove it at the end.

    What a drill that was killed left behind is removed first, if it has the identity that this drill noted.
    """
    place = Path(tempfile.gettempdir()) / f"hocba-drill-{os.geteuid()}-{short(identity)}"
    try:
        place.mkdir(mode=0o700, exist_ok=True)
        status = place.lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & 0o077:
            raise Refused(f"{place} không phải thư mục của riêng lệnh này.", "Đặt TMPDIR sang chỗ khác.", _UNTOUCHED)
        with _alone(place):
            _remove(place)
            own = random_identity()
            try:
                write_atomic(place / _MARK, own.encode())
                yield place / _STORE, own
            finally:
                _remove(place)
                (place / _MARK).unlink(missing_ok=True)
                (place / _LOCK).unlink(missing_ok=True)
                place.rmdir()
    except OSError as error:
        raise NotSaved(
            f"Không diễn tập được ở {place} ({system_reason(error)}).",
            "Đặt TMPDIR sang một ổ còn chỗ rồi chạy lại.",
            _UNTOUCHED,
        ) from error


@contextlib.contextmanager
def _alone(place: Path) -> Iterator[None]:
    handle = open_append(place / _LOCK)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise Conflict("Một lần diễn tập khác của kho này đang chạy.", "Đợi nó xong.", _UNTOUCHED) from error
    finally:
        os.close(handle)


def _remove(place: Path) -> None:
    target = place / _STORE
    own = ""
    with contextlib.suppress(OSError, UnicodeDecodeError):
        own = read_plain(place / _MARK).decode()
    if target.exists():
        remove_store(target, own)
    # What was only half restored: nothing else has such a name here.
    beside = target.with_name(f".{_STORE}.restoring")
    if beside.exists() and identity_of(beside) in ("", own):
        shutil.rmtree(beside)
