"""Complete the name of a file that is being typed, and say on which computer it must lie."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import NamedTuple

from hocba_tui.store.filesystem import store_of
from hocba_tui.text import clean_line

MOST = 200
"""Most names that are listed."""


class Completed(NamedTuple):
    """The text as far as it is certain, and the names that fit when there are several."""

    text: str
    names: tuple[str, ...] = ()


def complete(typed: str) -> Completed:
    """Return ``typed`` completed to the longest beginning that all fitting files share; a folder ends with a slash.

    Files whose names begin with a dot are offered only when the dot is typed, lock files of Excel and what lies in a
    store never.
    """
    folder, slash, begun = typed.rpartition("/")
    try:
        place = Path(f"{folder}{slash}" or ".").expanduser()
        if store_of(place) is not None:
            return Completed(typed)
        with os.scandir(place) as entries:
            found = sorted(
                entry.name + ("/" if entry.is_dir() else "")
                for entry in entries
                if entry.name.startswith(begun) and not entry.name.startswith("~$")
                and (begun.startswith(".") or not entry.name.startswith("."))
                and clean_line(entry.name) == entry.name
            )  # fmt: skip
    except (OSError, RuntimeError, ValueError):
        return Completed(typed)
    if not found:
        return Completed(typed)
    shared = os.path.commonprefix(found)  # noqa: RUF071 - letters are completed, not folders
    return Completed(f"{folder}{slash}{shared}", tuple(found[:MOST]) if len(found) > 1 else ())


def where_files_lie(*, tray: bool = False) -> str:
    """Return a sentence that says on which computer a file must lie, and how it gets there.

    ``tray``: the person has no files on this computer.
    """
    if tray:
        return "Tệp nằm ở máy bạn đang ngồi: mở nó bằng Excel, chép các ô (cả dòng tiêu đề) rồi dán vào đây."
    return (
        f"Tệp phải nằm trên máy chạy hocba ({clean_line(platform.node()) or 'máy này'}), không phải máy bạn đang ngồi "
        "nếu bạn nối từ xa: chép sang bằng WinSCP hoặc lệnh scp vào thư mục nhà, rồi gõ tên; hoặc dán các ô từ Excel."
    )
