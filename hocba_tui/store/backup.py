"""Write backups, check them, and remove old ones."""

from __future__ import annotations

import contextlib
import io
import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from hocba_tui.errors import HocbaError, NotSaved, Refused, WrongUse, system_reason
from hocba_tui.store.age import decrypt, encrypt, one_time_identity, read_recipients
from hocba_tui.store.archive import Contents, pack, unpack
from hocba_tui.store.disk import make_folder, not_saved, sweep, sync_folder
from hocba_tui.store.filesystem import require_own_local, require_store

RECIPIENTS = "backup-recipients.txt"
"""File in the store with one recipient a line."""
_STAMP = "%Y%m%d-%H%M%S"
_NAME = re.compile(r"hocba-(\d{8}-\d{6})\.tar\.gz(\.age)?")


@dataclass(frozen=True)
class Backup:
    """A finished and checked backup."""

    path: Path
    contents: Contents
    size: int
    """Bytes of the file."""


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
    root: Path, folder: Path, now: Callable[[], datetime], recipients: Sequence[str], *, prefix: str = "hocba"
) -> Backup:
    """Copy the store in ``root`` into one new file in ``folder`` while people work, and read it back.

    With ``recipients`` it is encrypted to them; without, it is as readable as the store itself, which
    is right only for the copy made before a migration. Raise NotSaved when the disk refuses, StoreUnusable
    when what was read back is not what was written; then no file is left behind.
    """
    require_store(root)
    require_own_local(root)
    if recipients:
        read_recipients(recipients)  # A mistyped one is reported before anything is made.
    at = now()
    name = f"{prefix}-{at.strftime(_STAMP)}.tar.gz{'.age' if recipients else ''}"
    path, temporary = folder / name, folder / f".{name}.{os.getpid()}.tmp"
    named = False
    try:
        make_folder(folder)
        sweep(folder, f".{prefix}-*.tmp")
        if path.exists():
            raise Refused(f"Đã có {name}.", "Đợi một giây rồi chạy lại.")
        try:
            contents = _write_and_prove(root, temporary, at.isoformat(), recipients)
            temporary.replace(path)
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
    return Backup(path, contents, path.stat().st_size)


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


def old_backups(folder: Path, days: int, weeks: int, months: int) -> list[Path]:
    """Return the backups in ``folder`` that are not worth keeping.

    For each of the last ``days`` days, ``weeks`` weeks and ``months`` months that have backups, the
    newest one is kept; the newest of all is always kept. Files with other names are ignored.
    """
    found = {}
    for path in folder.iterdir():
        with contextlib.suppress(ValueError):
            if (match := _NAME.fullmatch(path.name)) and path.is_file():
                found[path] = datetime.strptime(match[1], _STAMP)
    keep = kept_times(found.values(), days, weeks, months)
    return sorted(path for path, time in found.items() if time not in keep)


def kept_times(times: Iterable[datetime], days: int, weeks: int, months: int) -> set[datetime]:
    """Return which of ``times`` are kept: see :func:`old_backups`."""
    newest_first = sorted(times, reverse=True)
    keep = set(newest_first[:1])
    for count, form in ((days, "%Y%m%d"), (weeks, "%G%V"), (months, "%Y%m")):
        seen: set[str] = set()
        for time in newest_first:
            bucket = time.strftime(form)
            if bucket not in seen and len(seen) < count:
                seen.add(bucket)
                keep.add(time)
    return keep


def drop(paths: Iterable[Path]) -> None:
    """Remove old backups; raise NotSaved when the disk refuses."""
    try:
        for path in paths:
            path.unlink()
    except OSError as error:
        raise not_saved(error) from error
