"""Give a store to another user of the machine, such as the one who serves it to the whole school."""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from hocba_tui.errors import Conflict, NotAllowed, NotSaved, Refused, system_reason
from hocba_tui.flow.opening import login
from hocba_tui.flow.school.store_check import check_store
from hocba_tui.flow.serving import status
from hocba_tui.log.keeping import changed
from hocba_tui.store.backups.backup_state import read_state
from hocba_tui.store.checking import Flaw
from hocba_tui.store.filesystem import require_local, require_store
from hocba_tui.store.presence import alone
from hocba_tui.store.protect import Owner, give, look, owner_before

_UNTOUCHED = "Chưa có gì bị thay đổi."
_AGAIN = "Chạy lại chính lệnh này: nó làm tiếp từ chỗ dừng; kho chưa mở được cho tới khi chuyển xong."


class HandedOver(NamedTuple):
    """What became of a store."""

    before: str
    """Login of whom it belonged to."""
    files: int
    flaws: list[Flaw]
    """What a check by the new owner has found."""
    backups: str
    """The folder of its backups when the new owner cannot write there, else empty."""


def hand_over(root: Path, to: str, socket: Path) -> HandedOver:
    """Give the store in ``root`` to the user ``to`` of this machine; check it as that user and return what was found.

    Everybody's account stays as it is: who owned the store comes in through the door by the same login.

    NotAllowed for anybody but root; Refused when there is no such user, or one who cannot get there; StoreUnusable
    when there is no store or something in it is not the store's; Conflict when somebody is in, or it is served behind
    ``socket``; NotSaved when the disk refuses: the same call goes on from there.
    """
    if root.is_symlink():
        raise Refused(f"{root} là một liên kết.", "Ghi thẳng thư mục của kho.", _UNTOUCHED)
    require_store(root)
    if os.getuid() != 0:
        raise NotAllowed("Chỉ root đổi được chủ của tệp.", "sudo hocba store hand-over --to TÊN --store THƯ_MỤC")
    root = root.absolute()
    user = _user(to)
    require_local(root)
    _require_way(root, user)
    served = status(socket)
    if served and served.store.resolve() == root.resolve():
        raise Conflict("Máy chủ đang mở cửa cho kho này.", "Dừng trước: hocba serve stop.", _UNTOUCHED)
    before = owner_before(root)
    contents = look(root, {before, user.uid})
    try:
        with _kept_by(root, before), _acting_as(before), alone(root), _acting_as(0):
            give(root, before, user, contents)
    except OSError as error:
        raise NotSaved(f"Chưa chuyển xong kho {root}: {system_reason(error)}.", _AGAIN) from error
    with _acting_as(user.uid, user.gid):
        changed("owner", to)
        # In this process: one that is started would not have the same rights.
        flaws = [flaw for checked in check_store(root, 1) for flaw in checked.flaws]
        folder = read_state(root).folder
        closed = bool(folder) and Path(folder).is_dir() and not _may(folder, os.W_OK | os.X_OK)
    return HandedOver(login(before), contents.files, flaws, folder if closed else "")


def _user(name: str) -> Owner:
    try:
        found = pwd.getpwnam(name)
    except (KeyError, ValueError) as error:
        raise Refused(
            f"Máy này không có người dùng “{name}”.",
            "Tạo trước: useradd --system --home-dir /var/lib/hocba --create-home hocba",
            _UNTOUCHED,
        ) from error
    if found.pw_uid == 0:
        raise Refused("Kho không giao cho root: mọi phiên sẽ có quyền của root.", "Giao cho một tài khoản riêng.", "")
    return Owner(found.pw_uid, found.pw_gid)


def _require_way(root: Path, user: Owner) -> None:
    """Raise Refused when a user cannot reach the folder: it lies in somebody's home."""
    with _acting_as(user.uid, user.gid):
        closed = next((place for place in reversed(root.parents) if not _may(place, os.X_OK)), None)
    if closed:
        raise Refused(
            f"Người dùng mới không vào được thư mục {closed}, nơi có kho.",
            f"Dời cả kho sang chỗ khác trước, ví dụ: mv {root} /srv/hocba",
            _UNTOUCHED,
        )


def _may(place: Path | str, how: int) -> bool:
    return os.access(place, how, effective_ids=True)


@contextmanager
def _kept_by(root: Path, owner: int) -> Iterator[None]:
    """Let the owner reach the store's folder, which stays root's where giving it away was ended in the middle."""
    found = root.lstat()
    if found.st_uid == owner:
        yield
        return
    os.chown(root, owner, -1, follow_symlinks=False)
    try:
        yield
    except BaseException:
        os.chown(root, found.st_uid, found.st_gid, follow_symlinks=False)
        raise


@contextmanager
def _acting_as(uid: int, gid: int = -1) -> Iterator[None]:
    """Have the rights of a user for a while; the process stays root's."""
    before = os.geteuid(), os.getegid()
    os.seteuid(0)
    if gid >= 0:
        os.setegid(gid)
    os.seteuid(uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(before[1])
        os.seteuid(before[0])
