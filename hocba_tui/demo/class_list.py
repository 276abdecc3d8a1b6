"""Write the list of a demo class as CSDL ngành exports it, with the irregularities of real files."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from hocba_tui.export.excel.workbook import one_sheet
from hocba_tui.model.pupil import Pupil, Sex
from hocba_tui.rules.pupil_status import words_for

HEADERS = (
    "STT", "Mã lớp", "Mã học sinh", "Họ và\ntên", "Ngày sinh", "Giới tính", "Trạng thái\nhọc sinh",
    "Ngày nhập\ntrạng thái", "Dân tộc", "Loại khuyết tật", "Số định danh\ncá nhân", "Nơi sinh", "Quê quán",
    "Chỗ ở hiện nay", "Họ tên cha", "Họ tên mẹ", "Họ tên người giám hộ", "Số đăng bộ", "Lí do rời trường",
)  # fmt: skip


def write_class_list(path: Path, class_code: str, pupils: Iterable[Pupil]) -> None:
    """Write a ``C1-HocSinh`` file.

    Some names are decomposed (as a Mac writes them), and one birth date is an Excel serial number.
    """
    rows = []
    for number, pupil in enumerate(pupils, start=1):
        name = unicodedata.normalize("NFD", pupil.name) if number % 7 == 3 else pupil.name
        born = date.fromisoformat(pupil.birth)
        birth = str((born - date(1899, 12, 30)).days) if number == 5 else f"{born:%d/%m/%Y}"
        status, when = words_for(pupil.left, pupil.left_reason), pupil.left or pupil.joined
        rows.append(
            (
                str(number), class_code, pupil.code, name, birth, Sex(pupil.sex).label, status,
                f"{date.fromisoformat(when):%d/%m/%Y}", pupil.ethnic, pupil.disability, pupil.personal_id,
                pupil.birthplace, pupil.hometown, pupil.address, pupil.father, pupil.mother, pupil.guardian,
                pupil.register_no, pupil.left_reason,
            )
        )  # fmt: skip
    path.write_bytes(one_sheet("Sheet1", HEADERS, rows))
