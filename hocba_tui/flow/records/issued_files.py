"""List the issued files, and copy them out."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
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
from hocba_tui.store.outgoing import NewFile, require_new, write_out


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
    opened = desk.open_class(class_key, Act.EXPORT)
    require_outside(folder)
    found = _issued_to_export(opened)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refused(f"Không tạo được thư mục {folder}: {system_reason(error)}.", "Chọn thư mục khác.") from error
    written: list[Path] = []
    size = 0
    altered: list[str] = []
    for name, data in _sound(opened, found, altered):
        path = folder / name
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
    _require_unaltered(altered, len(written))
    return tuple(written)


def export_zip(desk: Desk, class_key: str, path: Path) -> int:
    """Write the issued files of a class into one zip file, noted in the access log; return how many they are.

    Raises Refused when nothing is issued, or when ``path`` is taken or cannot be written.
    """
    opened = desk.open_class(class_key, Act.EXPORT)
    require_new(path)
    found = _issued_to_export(opened)
    altered: list[str] = []
    packed, count = io.BytesIO(), 0
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in _sound(opened, found, altered):
            archive.writestr(name, data)
            count += 1
    write_out(path, packed.getvalue(), "records")
    _require_unaltered(altered, count)
    return count


def _issued_to_export(opened: OpenClass) -> tuple[IssuedFile, ...]:
    """Return the issued files of a class, noted in the access log; Refused when there are none."""
    found = _issued(opened)
    if not found:
        raise Refused(f"Lớp {opened.key} chưa có học bạ nào được phát hành.")
    opened.school.store.log_access(opened.school.account, "export", f"{len(found)}", class_key=opened.key)
    return found


def _sound(opened: OpenClass, found: Iterable[IssuedFile], altered: list[str]) -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of each file that is as it was issued; add the pupil's name of each other to ``altered``."""
    for issued in found:
        data = settle_file(opened, issued.record)
        if data == assembled(opened.shard, issued.record):
            yield f"{issued.record.uuid}.xml", data
        else:
            altered.append(issued.pupil.name)


def _require_unaltered(altered: Sequence[str], written: int) -> None:
    if altered:
        raise Refused(
            f"Tệp đã phát hành của {', '.join(altered)} bị sửa trên đĩa; không chép ra.",
            f"Đã chép {written} tệp còn lại. Báo người phụ trách máy chủ.",
        )
