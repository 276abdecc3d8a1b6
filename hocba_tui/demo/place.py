"""Where a demo school is made, and whether what is there is one that the demo made itself.

Beside the school lies ``.<name>.demo`` with the identity that the demo gave it. A school is removed only when it still
has that identity: what somebody put in its place is never touched.
"""

from __future__ import annotations

import contextlib
from enum import Enum, auto
from pathlib import Path

from hocba_tui.errors import NotSaved, Refused, system_reason
from hocba_tui.model.school import School
from hocba_tui.store.backend import SCHOOL
from hocba_tui.store.checking import check_shard
from hocba_tui.store.disk import read_plain, write_atomic
from hocba_tui.store.filesystem import is_store, require_outside
from hocba_tui.store.identity import identity_of, random_identity, remove_store


class Found(Enum):
    """What is where a demo school is to be."""

    NOTHING = auto()
    HALF = auto()
    """A school of the demo's own that was not finished."""
    OWN = auto()
    """A school of the demo's own."""
    TRAINING = auto()
    """A training school that somebody else put there."""
    OTHER = auto()


def require_place(base: Path) -> None:
    """Raise Refused when ``base`` is a store or lies in one."""
    require_outside(base)


def found_at(root: Path) -> Found:
    """Return what is at ``root``, reading only."""
    if not root.is_symlink() and (not root.exists() or (root.is_dir() and not any(root.iterdir()))):
        return Found.NOTHING
    finished, identity = _read_mark(root)
    if identity and identity_of(root) == identity:
        return Found.OWN if finished else Found.HALF
    older = root.with_name(f".{root.name}.unfinished")  # An older version's: it does not say of which store.
    return Found.TRAINING if is_store(root) and _trains(root) and not older.exists() else Found.OTHER


def begin(root: Path) -> str:
    """Note that a school is being made at ``root`` and return the identity that it must get; NotSaved for the disk."""
    identity = random_identity()
    _mark(root, "making", identity)
    return identity


def finish(root: Path) -> None:
    """Note that the school at ``root`` is complete; NotSaved when the disk refuses."""
    _mark(root, "made", _read_mark(root)[1])


def remove_own(root: Path) -> None:
    """Remove a school that the demo made; Refused when it is another one, Conflict when somebody is in it."""
    if found_at(root) not in (Found.HALF, Found.OWN):
        raise Refused(
            f"{root} không phải trường mẫu mà lệnh này đã tạo; không xóa và không ghi vào đó.",
            "Chọn thư mục khác bằng --store, hoặc tự dời thư mục ấy đi.",
            "Chưa có gì bị thay đổi.",
        )
    try:
        remove_store(root, _read_mark(root)[1])
    except OSError as error:
        raise NotSaved(f"Không xóa được {root} ({system_reason(error)}).") from error


def _file(root: Path) -> Path:
    return root.with_name(f".{root.name}.demo")


def _mark(root: Path, word: str, identity: str) -> None:
    try:
        write_atomic(_file(root), f"{word} {identity}\n".encode())
    except OSError as error:
        raise NotSaved(f"Không ghi được vào {root.parent} ({system_reason(error)}).", "Chọn thư mục khác.") from error


def _read_mark(root: Path) -> tuple[bool, str]:
    """Return whether the school was finished, and its identity; the identity is empty when there is no mark."""
    with contextlib.suppress(OSError, UnicodeDecodeError, ValueError):
        word, identity = read_plain(_file(root)).decode().split()
        return word == "made", identity
    return False, ""


def _trains(root: Path) -> bool:
    document = check_shard(root, SCHOOL, lambda _: "").tables.document(SCHOOL, SCHOOL)
    with contextlib.suppress(ValueError, TypeError):
        return School.from_fields(SCHOOL, document).training
    return False
