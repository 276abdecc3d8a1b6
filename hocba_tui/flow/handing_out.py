"""Where a file goes that somebody has exported: to a path, or, on a server, to a tray from which it is fetched."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

from hocba_tui.errors import NotSaved, Refused, WrongUse, system_reason
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.tray import DAYS, NAME, Tray, Waiting
from hocba_tui.log.keeping import exported
from hocba_tui.store.filesystem import TRAYS, store_of
from hocba_tui.text import clean_line, fold

_UNCHANGED = "Chưa ghi gì."


def offered(desk: Desk, name: str) -> str:
    """Return what is offered as the place of a file of this name."""
    return name if desk.tray else f"~/{name}"


def require_from_outside(desk: Desk, source: Path | str) -> None:
    """Raise Refused when a file that a person wants read lies in a store, unless it waits in their own tray.

    Sessions on a server run as the owner of the store: the rights of that user are not those of the person.
    """
    if isinstance(source, str):  # A pasted block.
        return
    try:
        folder = store_of(source)
        own = desk.root.resolve() / TRAYS / quote(desk.account, safe="")
        if folder is None or source.resolve().is_relative_to(own):
            return
    except (OSError, RuntimeError, ValueError):
        return  # No such place: who reads it says so.
    raise Refused(
        f"{clean_line(source.name)[:100]} nằm trong kho dữ liệu của trường; tệp ở đó chỉ chương trình đọc.",
        "Chọn tệp ở thư mục khác.",
        _UNCHANGED,
    )


def place_of(desk: Desk, typed: str) -> Path:
    """Return where a file goes whose place somebody has typed; WrongUse when that is no place.

    On a server the name counts, and not the folder: there it is the person's own tray.
    """
    if not desk.tray:
        try:
            return Path(typed.strip()).expanduser()
        except RuntimeError as error:  # "~name" where no such user exists.
            raise WrongUse("Không có thư mục nhà ấy.", "Gõ đường dẫn khác.", _UNCHANGED) from error
    name = typed.strip().replace("\\", "/").rpartition("/")[2]
    plain = re.sub(r"[^A-Za-z0-9.+_-]+", "-", name if name.isascii() else fold(name)).strip("-.")[-80:].lstrip("-.")
    if not NAME.fullmatch(plain):
        raise WrongUse("Chưa có tên tệp.", "Gõ một tên, ví dụ 5A.xlsx.", _UNCHANGED)
    try:
        return Tray(desk.root, desk.account).place_for(plain)
    except OSError as error:
        raise Refused(f"Không ghi được {plain}: {system_reason(error)}.", "Báo người phụ trách máy chủ.") from error


def how_to_fetch(desk: Desk, path: Path) -> tuple[str, ...]:
    """Return how a file that was written gets to the person's own computer; nothing where it is there already."""
    if not desk.tray:
        return ()
    return (
        f"Tệp {path.name} đợi bạn ở máy chủ {DAYS} ngày. Lấy về máy mình: mở Command Prompt (gõ cmd), rồi gõ",
        f"ssh TÊN@MÁY-CHỦ hocba fetch {path.name} > {path.name}",
        "TÊN@MÁY-CHỦ như khi đăng nhập. Đừng dùng PowerShell: dấu > của nó làm hỏng tệp.",
    )


def waiting(desk: Desk) -> tuple[Waiting, ...]:
    """Return the actor's files that have not been fetched yet; NotSaved when the disk refuses."""
    try:
        return Tray(desk.root, desk.account).waiting()
    except OSError as error:
        raise NotSaved(
            f"Không đọc được các tệp đợi lấy: {system_reason(error)}.", "Báo người phụ trách máy."
        ) from error


def fetch(desk: Desk, name: str) -> bytes:
    """Return a file of the actor's own tray; Refused when there is none of that name."""
    try:
        data = Tray(desk.root, desk.account).read(name)
    except (OSError, ValueError) as error:
        raise Refused(
            f"Không có tệp “{name}” đợi bạn lấy.", f"Xem tên: hocba fetch. Tệp quá {DAYS} ngày thì xuất lại.", ""
        ) from error
    desk.store.log_access(desk.account, "fetch", f"{len(data)}")
    exported("tray", "stdout", 1, len(data))
    return data
