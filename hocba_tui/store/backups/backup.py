"""Write a backup and prove it: no file gets the name of a backup before it was read back."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from hocba_tui.errors import HocbaError, NotSaved, Refused, WrongUse, system_reason
from hocba_tui.store.backups.age import decrypt, encrypt, one_time_identity, read_recipients
from hocba_tui.store.backups.archive import Contents, pack, unpack
from hocba_tui.store.backups.copies import STAMP
from hocba_tui.store.disk import make_folder, sweep, sync_folder
from hocba_tui.store.filesystem import require_own_local, require_store
from hocba_tui.store.outgoing import take_name

RECIPIENTS = "backup-recipients.txt"
"""File in the store with one recipient a line."""


@dataclass(frozen=True)
class Backup:
    """A finished and checked backup."""

    path: Path
    contents: Contents
    size: int
    """Bytes of the file."""
    damaged: bool = False
    """Whether something in the store was damaged; its name says so too."""


def recipients_of(root: Path, given: Sequence[str]) -> list[str]:
    """Return the recipients on the command line, else those of the store's own file."""
    if given:
        return list(given)
    try:
        # Notepad writes a byte order mark at the beginning.
        lines = (root / RECIPIENTS).read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        return []
    except UnicodeDecodeError as error:
        raise WrongUse(f"Tệp {RECIPIENTS} không phải văn bản UTF-8.", "Lưu lại bằng UTF-8.", "") from error
    return [line for line in lines if line.strip() and not line.strip().startswith("#")]


def write_backup(
    root: Path,
    folder: Path,
    now: Callable[[], datetime],
    recipients: Sequence[str],
    *,
    prefix: str = "hocba",
    is_damaged: Callable[[], bool] = lambda: False,
) -> Backup:
    """Copy the store in ``root`` into one new file in ``folder`` while people work, and read it back.

    With ``recipients`` it is encrypted to them; without, it is as readable as the store itself, which
    is right only for the copy made before a migration. ``is_damaged`` examines the store once the copy is made, so
    that no damage can come in between unseen; then the copy's name says that it is one of a damaged store. Raise
    NotSaved when the disk refuses, StoreUnusable when what was read back is not what was written; then no file is
    left behind.
    """
    require_store(root)
    require_own_local(root)
    if recipients:
        read_recipients(recipients)  # A mistyped one is reported before anything is made.
    at = now()
    ending = f".tar.gz{'.age' if recipients else ''}"
    name = f"{prefix}-{at.strftime(STAMP)}"
    path, temporary = folder / (name + ending), folder / f".{name}{ending}.{os.getpid()}.tmp"
    named = damaged = False
    try:
        make_folder(folder)
        sweep(folder, f".{prefix}-[0-9]*.tmp")
        if any(folder.glob(f"{name}*")):
            raise Refused(f"Đã có {path.name}.", "Đợi một giây rồi chạy lại.")
        try:
            contents = _write_and_prove(root, temporary, at.isoformat(), recipients)
            damaged = is_damaged()
            if damaged:
                path = folder / f"{name}-damaged{ending}"
            take_name(temporary, path)
            named = True
            sync_folder(folder)
        except BaseException:
            with contextlib.suppress(OSError):
                (path if named else temporary).unlink()
            raise
    except OSError as error:
        raise NotSaved(
            f"Không sao lưu được vào {folder} ({system_reason(error)}).",
            "Kiểm tra ổ đĩa của bản sao lưu rồi chạy lại. Các bản sao lưu cũ còn nguyên.",
        ) from error
    return Backup(path, contents, path.stat().st_size, damaged)


def _write_and_prove(root: Path, path: Path, at: str, recipients: Sequence[str]) -> Contents:
    def write(out: io.BufferedIOBase) -> Contents:
        return pack(root, out, at)

    # Nobody here can decrypt what is encrypted to the recipients; a one-time key in memory checks the copy.
    witness = one_time_identity() if recipients else None
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "r+b") as file:
        if witness is None:
            written = write(file)
        else:
            written = encrypt(write, file, [*read_recipients(recipients), witness.to_public()])
        file.flush()
        os.fsync(file.fileno())
        # From the disk, not from memory.
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        file.seek(0)
        read = unpack(file) if witness is None else decrypt(file, unpack, witness)
    if read != written:
        raise HocbaError("Bản sao lưu đọc lại không giống bản vừa ghi; đã bỏ.", "Kiểm tra ổ đĩa rồi chạy lại.")
    return written
