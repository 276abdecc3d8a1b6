"""The identity of a store: a random number, by which no command takes one store for another.

The file ``identity`` holds it, with the number that the disk has for this very file. A store that is copied has
that file copied into another one, so the copy is told from the store and gets an identity of its own.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import uuid
from pathlib import Path

from hocba_tui.errors import Refused
from hocba_tui.store.disk import FILE_MODE, read_plain, sync_folder, write_all
from hocba_tui.store.presence import alone

IDENTITY = "identity"
_SHORT = 12
_FORM = re.compile(rb"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\ninode (\d{1,20})\n")


def random_identity() -> str:
    """Return an identity that no store has yet."""
    return str(uuid.uuid4())


def identity_of(root: Path) -> str:
    """Return the identity of the store in ``root``; empty when it has none of its own."""
    path = root / IDENTITY
    try:
        found = _FORM.fullmatch(read_plain(path))
        own = found is not None and int(found[2]) == path.stat().st_ino
    except OSError:
        return ""
    return found[1].decode() if found is not None and own else ""


def short(identity: str) -> str:
    """Return the beginning of an identity, as it stands in the names of copies; empty for none."""
    return identity.replace("-", "")[:_SHORT]


def write_identity(root: Path, identity: str) -> None:
    """Write the identity of a new store, or another one for a copy; raise OSError when the disk refuses."""
    path = root / IDENTITY
    temporary = path.with_name(f".{IDENTITY}.{os.getpid()}.{secrets.token_hex(4)}.tmp")
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, FILE_MODE)
        try:
            write_all(handle, f"{identity}\ninode {os.fstat(handle).st_ino}\n".encode())
            os.fsync(handle)
        finally:
            os.close(handle)
        temporary.replace(path)
        sync_folder(root)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def ensure_identity(root: Path) -> str:
    """Return the identity of the store in ``root``; one that has none, or is a copy of another, gets one.

    Empty when the disk refuses.
    """
    if not identity_of(root):
        with contextlib.suppress(OSError):
            write_identity(root, random_identity())
    return identity_of(root)  # Read again: somebody else may have written one at the same time.


def remove_store(root: Path, identity: str) -> None:
    """Remove the store in ``root`` if it is the one with this identity and nobody is in it.

    Refused when it is another store or none, Conflict when somebody is in; OSError when the disk refuses.
    """
    if not identity or root.is_symlink() or identity_of(root) != identity:
        raise Refused(f"{root} không phải kho mà lệnh này đã tạo; không xóa.", "Xem rồi tự dời đi nếu không cần nữa.")
    with alone(root):
        # Under another name first: what is half removed must not be taken for a store.
        going = root.with_name(f".{root.name}.removing-{short(identity)}-{secrets.token_hex(4)}")
        root.rename(going)
        shutil.rmtree(going)
