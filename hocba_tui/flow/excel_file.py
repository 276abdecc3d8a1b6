"""Write an exported Excel file: a new file, complete or not at all, never over an existing one."""

from __future__ import annotations

from pathlib import Path

from hocba_tui.errors import WrongUse
from hocba_tui.store.outgoing import not_written, require_new, write_out

SUFFIX = ".xlsx"


def require_free(path: Path) -> None:
    """Raise WrongUse when ``path`` is not an Excel name, Refused when it exists or is inside a store, this or another.

    Call it before any other work, so that a wrong path is reported at once.
    """
    if path.suffix.lower() != SUFFIX:
        raise WrongUse(f"Tên tệp phải kết thúc bằng {SUFFIX}, ví dụ 5A{SUFFIX}.", "", "Chưa ghi gì.")
    require_new(path)


def write_excel(path: Path, data: bytes) -> None:
    """Write ``data`` as a file that only its owner may read; Refused when the disk reports an error."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise not_written(path, error) from error
    write_out(path, data, "excel")
