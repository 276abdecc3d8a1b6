"""Results as in a school's Excel file: three merged header rows, columns in any order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from openpyxl import Workbook, load_workbook

from hocba_tui.model.curriculum import SUBJECTS, TRAITS, TraitGroup
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.results import COMMENT, HOMEROOM, LEVEL, SCORE
from hocba_tui.text import day_first

Place = tuple[str, str]
Cells = Mapping[Place, object]
_ASPECTS = {LEVEL: "Mức đạt được", SCORE: "Điểm KTĐK", COMMENT: "Nhận xét"}


@dataclass(frozen=True)
class PupilRow:
    """One row: the pupil, the values by cell, and the conclusions of the file."""

    pupil: Pupil
    cells: Cells
    said: Mapping[str, str]
    class_key: str = "5A"


def path_of(place: Place) -> tuple[str, str, str]:
    """Return the header texts of a column from top to bottom."""
    item, aspect = place
    if item in SUBJECTS:
        return ("Môn học và hoạt động giáo dục", SUBJECTS[item].name, _ASPECTS[aspect])
    if item in TRAITS:
        group = TRAITS[item].group
        top = "Phẩm chất chủ yếu" if group is TraitGroup.QUALITIES else "Năng lực cốt lõi"
        return (top, group.label if top != "Phẩm chất chủ yếu" else TRAITS[item].name, TRAITS[item].name)
    if item == HOMEROOM:
        return ("Nhận xét", "Nhận xét của GVCN", "")
    return ("Nhận xét", f"Nhận xét {TraitGroup(item).label.lower()}", "")


def write_results(
    path: Path,
    rows: Iterable[PupilRow],
    places: Sequence[Place],
    said: Sequence[str] = (),
    spelt: Callable[[str], str] = lambda header: header,
) -> Path:
    """Write a file in the layout of CSDL ngành, its headers spelt by ``spelt``; return its path."""
    people = ("STT", "Mã lớp", "Mã định danh Bộ GD&ĐT", "Họ tên", "Ngày sinh")
    headers = [(text, "", "") for text in people] + [path_of(place) for place in places] + [(t, "", "") for t in said]
    body = [
        [str(number), row.class_key, row.pupil.code, row.pupil.name, day_first(row.pupil.birth)]
        + [row.cells.get(place) for place in places]
        + [row.said.get(text) for text in said]
        for number, row in enumerate(rows, start=1)
    ]
    write_book(path, [tuple(map(spelt, header)) for header in headers], body, "Lop_5")
    return path


def write_book(path: Path, headers: Sequence[tuple[str, ...]], body: Sequence[Sequence[object]], title: str) -> None:
    """Write header paths (merged where neighbours share a header) and rows."""
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.title = title
    depth = max(len(header) for header in headers)
    for level in range(depth):
        first = 0
        for column in range(1, len(headers) + 1):
            shared = column < len(headers) and headers[column][: level + 1] == headers[first][: level + 1]
            if shared and any(headers[first][level:]):
                continue
            sheet.cell(level + 1, first + 1).value = headers[first][level] or None
            if column - first > 1:
                sheet.merge_cells(start_row=level + 1, end_row=level + 1, start_column=first + 1, end_column=column)
            first = column
    for number, values in enumerate(body, start=depth + 1):
        for column, value in enumerate(values, start=1):
            cell = sheet.cell(number, column)
            cell.value = value  # type: ignore[assignment]
            if isinstance(value, str):
                cell.data_type = "s"  # Also for a text that begins with "=".
    workbook.save(path)


def write_rows(path: Path, rows: Sequence[Sequence[object]], title: str = "Sheet1", *, keep: bool = False) -> Path:
    """Write rows as they are to a sheet; with ``keep`` beside those that the workbook has."""
    workbook = load_workbook(path) if keep else Workbook()
    sheet = workbook.create_sheet(title) if keep else workbook.worksheets[0]
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    workbook.save(path)
    return path
