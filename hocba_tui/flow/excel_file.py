"""Write an exported Excel file: a new file, complete or not at all, never over an existing one."""

from __future__ import annotations

from pathlib import Path

from hocba_tui.errors import Refused, WrongUse, system_reason
from hocba_tui.store.disk import write_atomic
from hocba_tui.store.filesystem import require_outside

SUFFIX = ".xlsx"


def require_free(path: Path) -> None:
    """Raise WrongUse when ``path`` is not an Excel name, Refused when it exists or is inside a store, this or another.

    Call it before any other work, so that a wrong path is reported at once.
    """
    if path.suffix.lower() != SUFFIX:
        raise WrongUse(f"Tên tệp phải kết thúc bằng {SUFFIX}, ví dụ 5A{SUFFIX}.", "", "Chưa ghi gì.")
    try:
        taken = path.is_symlink() or path.exists()
        require_outside(path)
    except (OSError, ValueError) as error:
        raise Refused(f"Không ghi được {path}.", "Chọn tên khác.") from error
    if taken:
        # Somebody may have edited the existing file, or it may be a report that was handed in.
        raise Refused(f"Đã có tệp {path}; không ghi đè lên.", "Chọn tên khác, hoặc dời tệp ấy đi.")


def write_excel(path: Path, data: bytes) -> None:
    """Write ``data`` as a file that only its owner may read; Refused when the disk reports an error."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, data)
    except (OSError, ValueError) as error:
        reason = system_reason(error) if isinstance(error, OSError) else "tên tệp có kí tự lạ"
        raise Refused(f"Không ghi được {path}: {reason}.", "Chọn thư mục hoặc tên khác.") from error
