"""List the issued files, and copy them out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hocba_tui.errors import Refused, system_reason
from hocba_tui.flow.desk import Desk, OpenClass
from hocba_tui.flow.records.signatures import SEALED, assembled, settle_file
from hocba_tui.log.keeping import exported
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.record import Record
from hocba_tui.rules.permits import Act
from hocba_tui.store.disk import read_plain
from hocba_tui.store.filesystem import require_outside
from hocba_tui.store.outgoing import NewFile


@dataclass(frozen=True)
class IssuedFile:
    """One pupil's issued file."""

    pupil: Pupil
    record: Record
    path: str


def issued_files(desk: Desk, class_key: str) -> tuple[IssuedFile, ...]:
    """Return the issued files of a class."""
    return _issued(desk.open_class(class_key, Act.VIEW_CLASS))


def _issued(opened: OpenClass) -> tuple[IssuedFile, ...]:
    records, path_of = opened.records, opened.school.store.issued_path
    return tuple(
        IssuedFile(pupil, records[pupil.key], path_of(records[pupil.key].uuid))
        for pupil in opened.pupils(with_left=True)
        if records[pupil.key].state in SEALED
    )


def export_class(desk: Desk, class_key: str, folder: Path) -> tuple[Path, ...]:
    """Copy the issued files of a class into ``folder``, and note it in the access log; return their paths.

    Raises Refused when nothing is issued, when the folder is in a store, or when a file of that name is there with
    other content. Each file is written completely or not at all.
    """
    require_outside(folder)
    opened = desk.open_class(class_key, Act.EXPORT)
    found = _issued(opened)
    if not found:
        raise Refused(f"Lớp {class_key} chưa có học bạ nào được phát hành.")
    desk.store.log_access(desk.account, "export", f"{class_key}: {len(found)}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refused(f"Không tạo được thư mục {folder}: {system_reason(error)}.", "Chọn thư mục khác.") from error
    written: list[Path] = []
    size = 0
    altered: list[str] = []
    for issued in found:
        path = folder / f"{issued.record.uuid}.xml"
        data = settle_file(opened, issued.record)
        if data != assembled(opened.shard, issued.record):
            altered.append(issued.pupil.name)
            continue
        try:
            there = path.is_symlink() or path.exists()
            if there and (path.is_symlink() or read_plain(path) != data):
                raise Refused(f"Trong {folder} đã có tệp {path.name} với nội dung khác.", "Chọn thư mục khác.")
            if not there:
                NewFile(path).write(data)
        except OSError as error:
            raise Refused(f"Không ghi được {path}: {system_reason(error)}.", "Chọn thư mục khác.") from error
        written.append(path)
        size += len(data)
    exported("records", "file", len(written), size)
    if altered:
        raise Refused(
            f"Tệp đã phát hành của {', '.join(altered)} bị sửa trên đĩa; không chép ra.",
            f"Đã chép {len(written)} tệp còn lại. Báo người phụ trách máy chủ.",
        )
    return tuple(written)
