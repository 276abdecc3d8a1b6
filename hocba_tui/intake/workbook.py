"""Read a spreadsheet (xlsx, xls, ods) as plain rows."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from hocba_tui.confine.environment import smallest_environment
from hocba_tui.errors import Refused, system_reason
from hocba_tui.intake.limits import MAX_BYTES, MAX_ROWS
from hocba_tui.text import clean_line

_MANY = 20
"""From this many rows on, a file of which hardly any row can be used is the wrong one."""
_PATIENCE = 60
"""Seconds to wait on a busy machine; the reader itself may use a third of that as processor time."""

CellValue = str | float | int | bool | date | datetime | time | timedelta | None
Row = Sequence[CellValue]
_TAGS: dict[str, Callable[[Any], CellValue]] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "seconds": lambda seconds: timedelta(seconds=seconds),
}


@dataclass(frozen=True)
class Unseen:
    """What a person who looks at a sheet in Excel does not see; rows and columns count from 0."""

    hidden: bool = False
    """Whether the whole sheet is hidden."""
    formulas: tuple[tuple[int, int, bool], ...] = ()
    """Row and column of each cell with a formula, and whether the file holds its value."""
    merged: tuple[tuple[int, int, int, int], ...] = ()
    """First row, first column, last row, last column of each merged cell."""
    rows: frozenset[int] = frozenset()
    """Hidden rows, as by a filter."""
    columns: frozenset[int] = frozenset()
    """Hidden columns."""


@dataclass(frozen=True)
class Sheet:
    """One sheet with its rows unchanged; row 1 of the file is ``rows[0]``."""

    name: str
    rows: Sequence[Row]
    guessed: str = ""
    """The encoding that was guessed because the file does not tell it; empty when it is certain."""
    unseen: Unseen = Unseen()


def name_of(path: Path) -> str:
    """Return the name of a file, safe to show whatever bytes it has."""
    return clean_line(path.name.encode(errors="replace").decode())


def require_usual(count: int, what: str, now: str = "", *, rows: str = "dòng ") -> None:
    """Raise Refused when a list has no rows or too many; ``rows`` and ``what`` name them in Vietnamese."""
    if count > MAX_ROWS:
        raise Refused(f"Tệp có hơn {MAX_ROWS} {rows}{what}; có lẽ chọn nhầm tệp.", now)
    if not count:
        raise Refused(f"Tệp có dòng tiêu đề nhưng không có {what} nào.", now)


def require_mostly(usable: int, rows: int, source: str, needed: str, what: str) -> None:
    """Raise Refused when hardly any of many rows has what a list needs: it is another report."""
    if rows >= _MANY and usable * 10 < rows:
        raise Refused(
            f"{source} không phải {what}: {rows} dòng mà chỉ {usable} dòng có đủ {needed}.",
            "Có lẽ chọn nhầm báo cáo: chọn lại tệp.",
        )


def require_readable(path: Path) -> None:
    """Raise Refused when ``path`` is not a file, cannot be reached, or is too large."""
    shown = name_of(path)
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise Refused(f"{shown} không phải là tệp.", "Chọn một tệp Excel (.xlsx).")
    except ValueError as error:
        raise Refused("Tên tệp có kí tự lạ.", "Đổi tên tệp rồi nạp lại.") from error
    except OSError as error:
        raise Refused(f"Không đọc được tệp {shown}: {system_reason(error)}.", "Kiểm tra tên và thư mục.") from error
    if size > MAX_BYTES:
        raise Refused(f"Tệp {shown} lớn quá {MAX_BYTES // 1_000_000} MB; có lẽ chọn nhầm tệp.", "Chọn lại tệp.")


def read_workbook(path: Path) -> tuple[Sheet, ...]:
    """Return the sheets of an xlsx, xls or ods file; Refused with the reason when it cannot or may not be read.

    It is read in a process of its own (:mod:`hocba_tui.intake.reader`), within limits of memory and time.
    """
    require_readable(path)
    shown = name_of(path)
    try:
        with path.open("rb") as stream:
            done = subprocess.run(
                [sys.executable, "-P", "-m", "hocba_tui.intake.reader"],
                stdin=stream,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=_PATIENCE,
                env=smallest_environment(),
                check=False,
            )
    except OSError as error:
        raise Refused(f"Không đọc được tệp {shown}: {system_reason(error)}.", "Kiểm tra tên và thư mục.") from error
    except subprocess.TimeoutExpired:
        done = None
    if done is None or done.returncode:
        raise Refused(
            f"{shown} cần quá nhiều bộ nhớ hoặc thời gian để đọc.",
            "Có lẽ tệp hỏng: mở bằng Excel, lưu lại thành .xlsx rồi nạp lại.",
        )
    answer = json.loads(done.stdout, object_hook=_untagged)
    if "unfit" in answer:
        what, now = answer["unfit"]
        raise Refused(f"{shown} {what}.", now)
    return tuple(
        Sheet(clean_line(sheet["name"]), sheet["rows"], unseen=_unseen(sheet.get("unseen", {})))
        for sheet in answer["sheets"]
    )


def _unseen(found: Mapping[str, Any]) -> Unseen:
    return Unseen(
        bool(found.get("hidden")),
        tuple((row, column, held) for row, column, held in found.get("formulas", ())),
        tuple((top, left, bottom, right) for top, left, bottom, right in found.get("merged", ())),
        frozenset(found.get("rows", ())),
        frozenset(found.get("columns", ())),
    )


def _untagged(found: dict[str, Any]) -> object:
    """Return the value of a cell that the reader had to wrap, any other cell unchanged."""
    if len(found) == 1:
        ((kind, value),) = found.items()
        if kind in _TAGS:
            return _TAGS[kind](value)
    return found


def text_of(value: CellValue) -> str:
    """Return a cell as text: whole numbers without ".0", dates as ISO."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
