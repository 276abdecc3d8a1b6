"""An Excel file that leaves the store: a new file, whole or not at all, never over another one."""

from __future__ import annotations

from pathlib import Path

from hocba_tui.errors import Refused, WrongUse, system_reason
from hocba_tui.store.disk import write_atomic

SUFFIX = ".xlsx"


def require_free(path: Path, store: Path) -> None:
    """Raise WrongUse when ``path`` is no Excel name, Refused when it is taken or lies in ``store``: before all else."""
    if path.suffix.lower() != SUFFIX:
        raise WrongUse(f"Tên tệp phải kết thúc bằng {SUFFIX}, ví dụ 5A{SUFFIX}.", "", "Chưa ghi gì.")
    try:
        taken = path.is_symlink() or path.exists()
        inside = path.parent.resolve().is_relative_to(store.resolve())
    except (OSError, ValueError) as error:
        raise Refused(f"Không ghi được {path}.", "Chọn tên khác.") from error
    if inside:
        raise Refused(f"{path} nằm trong kho dữ liệu của trường; ở đó chỉ chương trình ghi.", "Chọn thư mục khác.")
    if taken:
        # It may hold what somebody typed into it since, or be a report that was handed in.
        raise Refused(f"Đã có tệp {path}; không ghi đè lên.", "Chọn tên khác, hoặc dời tệp ấy đi.")


def write_excel(path: Path, data: bytes) -> None:
    """Write ``data``, readable by its owner alone; Refused when the disk does not take it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, data)
    except (OSError, ValueError) as error:
        reason = system_reason(error) if isinstance(error, OSError) else "tên tệp có kí tự lạ"
        raise Refused(f"Không ghi được {path}: {reason}.", "Chọn thư mục hoặc tên khác.") from error
