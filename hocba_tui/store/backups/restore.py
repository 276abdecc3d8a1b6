"""Restore a backup: always into a new folder, never over a store."""

from __future__ import annotations

import gc
import io
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from hocba_tui.errors import NotSaved, Refused, StoreUnusable, WrongUse, system_reason
from hocba_tui.store.backend import SCHOOL
from hocba_tui.store.backups.age import MAGIC, decrypt, read_identity
from hocba_tui.store.backups.archive import Contents, unpack
from hocba_tui.store.disk import sync_folder
from hocba_tui.store.filesystem import require_local, require_outside
from hocba_tui.store.folder import FolderStore
from hocba_tui.store.identity import random_identity, write_identity
from hocba_tui.store.journal_file import JOURNAL


def restore(
    archive: Path, target: Path, now: Callable[[], datetime], identity: Path | None = None, named: str = ""
) -> Contents:
    """Unpack ``archive`` into the new folder ``target`` and open every shard of it.

    ``identity`` is the file of the key that opens it; ``named`` the identity that the new store gets, by default a
    random one: it is not the store that was copied.

    Raise Refused when ``target`` exists; StoreUnusable when the archive is damaged, is not one of ours, or the
    identity does not decrypt it; NotSaved when the disk refuses. A failed attempt leaves nothing behind.
    """
    if not archive.is_file():
        raise WrongUse(f"Không thấy bản sao lưu {archive}.", safe="Chưa có gì bị thay đổi.")
    if identity is not None:
        read_identity(identity)
    beside = _make_room(target)
    try:
        contents = _unpack(archive, beside, identity)
        if f"{SCHOOL}/{JOURNAL}" not in contents.files:
            raise StoreUnusable("Tệp này không phải bản sao lưu của một kho hocba.")
        (beside / "issued").mkdir(exist_ok=True, mode=0o700)
        write_identity(beside, named or random_identity())
        store = FolderStore(beside, now)
        shard = store.shard(SCHOOL)
        if not shard.damage:
            shard.change("hocba", "restored", [], note=contents.at)
        for name in contents.shards:
            shard = store.shard(name)
            shard.checkpoint()
        del store, shard
        gc.collect()  # Only then are its files closed and its locks let go.
        if target.exists():
            target.rmdir()
        beside.rename(target)
        try:
            sync_folder(target.parent)
        except OSError:
            target.rename(beside)
            raise
    except OSError as error:
        raise NotSaved(f"Không khôi phục được ({system_reason(error)}).", "Kiểm tra ổ đĩa rồi chạy lại.") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return contents


def _make_room(target: Path) -> Path:
    """Make the folder, beside the new one, in which the store is assembled; return it."""
    if not target.name or target.is_symlink() or (target.exists() and (not target.is_dir() or any(target.iterdir()))):
        raise Refused(
            f"“{target}” đã có, hoặc không phải tên của một thư mục mới.",
            "Chọn thư mục khác; muốn thay kho đang dùng thì dùng --swap.",
        )
    require_outside(target)
    beside = target.with_name(f".{target.name}.restoring")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        require_local(target.parent)
        beside.mkdir(mode=0o700)
    except FileExistsError as error:
        if not target.parent.is_dir():
            raise Refused(f"{target.parent} là một tệp.", "Chọn thư mục khác.") from error
        raise Refused(f"Còn dấu vết một lần khôi phục dở ở {beside}.", "Xem rồi xóa thư mục ấy, chạy lại.") from error
    except OSError as error:
        raise NotSaved(f"Không tạo được {target} ({system_reason(error)}).") from error
    return beside


def _unpack(archive: Path, folder: Path, identity: Path | None) -> Contents:
    def write(source: io.BufferedIOBase) -> Contents:
        return unpack(source, folder)

    with archive.open("rb") as file:
        encrypted = file.read(len(MAGIC)) == MAGIC
        file.seek(0)
        if not encrypted:
            return write(file)
        if identity is None:
            raise WrongUse("Bản sao lưu này đã mã hóa.", "Thêm --identity TỆP_KHÓA.", "")
        return decrypt(file, write, read_identity(identity))
