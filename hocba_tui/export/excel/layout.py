"""Layouts of Excel files as data: one small file per layout, which a school may correct.

A file ``<form>*.toml`` in the school's own folder wins over the shipped ones of that form.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from hocba_tui.errors import Refused, system_reason
from hocba_tui.export.excel.pupil_values import SOURCES
from hocba_tui.export.excel.workbook import Column
from hocba_tui.model.values import Period, SheetForm

PLACEHOLDERS = frozenset({"school", "department", "commune", "year", "class", "grade", "homeroom", "title", "period"})
_PLACEHOLDER = re.compile(r"\{(\w*)\}")
_GRADES = (1, 2, 3, 4, 5)
_DEPTH = 3
"""Rows of a head, at most: the reader of such files looks no further."""
_WIDTH = 14
_KEYS = {"note", "grades", "periods", "sheet", "titles", "above", "guide", "signatures", "paper", "mark", "columns"}
_COLUMN_KEYS = {"head", "value", "width", "grades", "periods"}


@dataclass(frozen=True)
class LayoutColumn(Column):
    """One column: what fills it (see ``SOURCES``), and in which grades and periods it is there."""

    value: str
    grades: tuple[int, ...]
    periods: tuple[Period, ...]


@dataclass(frozen=True)
class Layout:
    """One layout. Texts may hold placeholders such as ``{class}``."""

    name: str
    note: str
    """Where it comes from, and what has not been checked."""
    grades: tuple[int, ...]
    periods: tuple[Period, ...]
    sheet: str
    columns: tuple[LayoutColumn, ...]
    titles: Mapping[str, str]
    above: tuple[str, ...]
    guide: tuple[str, ...]
    signatures: tuple[str, ...]
    paper: str
    mark: str
    """What a crossed cell holds: x or X."""

    def columns_in(self, grade: int, period: Period) -> tuple[LayoutColumn, ...]:
        """Return the columns for a grade in a period."""
        return tuple(column for column in self.columns if grade in column.grades and period in column.periods)


def find_layout(form: SheetForm, grade: int, period: Period, own: Path) -> Layout:
    """Return the layout for ``form``: one that lies in the folder ``own``, else the shipped one.

    Refused when a file of the school cannot be used (the message says which, where and why), when two
    fit, or when none does.
    """
    mine = [read_layout(path.name, _text(path)) for path in sorted(own.glob(f"{form}*.toml"))]
    shipped = (files("hocba_tui.export") / "layouts").iterdir()
    ours = [read_layout(f.name, f.read_text(encoding="utf-8")) for f in shipped if f.name.startswith(form)]
    for layouts in (mine, ours):
        fitting = [found for found in layouts if grade in found.grades and period in found.periods]
        if len(fitting) > 1:
            names = ", ".join(found.name for found in fitting)
            raise Refused(f"Có nhiều bố cục cùng dùng cho khối {grade}: {names}.", "Giữ lại một tệp trong số đó.")
        if fitting:
            return fitting[0]
    raise Refused(f"Không có bố cục “{form}” cho khối {grade}, {period.label}.", f"Thêm một tệp vào {own}.")


def read_layout(name: str, text: str) -> Layout:
    """Return the layout in a file's ``text``; Refused with the place of the first mistake."""
    try:
        return _layout(name, tomllib.loads(text))
    except (ValueError, RecursionError, _Mistake) as error:
        raise Refused(
            f"Tệp bố cục {name} không dùng được: {error}.", "Sửa tệp ấy, hoặc bỏ đi để dùng bố cục có sẵn."
        ) from error


def fill_in(text: str, facts: Mapping[str, str]) -> str:
    """Return ``text`` with its placeholders filled."""
    return _PLACEHOLDER.sub(lambda found: facts[found.group(1)], text)


class _Mistake(Exception):
    """Why a file is no layout; becomes the reason in a Refused."""


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(f"Tệp bố cục {path.name} không phải chữ UTF-8.", "Lưu lại tệp ấy bằng UTF-8.") from error
    except OSError as error:
        raise Refused(f"Không đọc được tệp bố cục {path.name}: {system_reason(error)}.") from error


def _layout(name: str, data: Mapping[str, Any]) -> Layout:
    _only(data, _KEYS, "đầu tệp")
    grades = _grades(data, "đầu tệp", _GRADES)
    periods = _periods(data, "đầu tệp", tuple(Period))
    rows = data.get("columns")
    if not isinstance(rows, list) or not rows:
        raise _Mistake("thiếu columns, các cột của bảng")
    paper = _string(data, "paper", "")
    if paper not in ("", "A3", "A4"):
        raise _Mistake(f"paper là A3 hoặc A4, không phải “{paper}”")
    titles = data.get("titles", {})
    if not isinstance(titles, dict) or not all(isinstance(title, str) for title in titles.values()):
        raise _Mistake("titles phải là tên kỳ = chữ")
    _only(titles, set(Period), "titles")
    layout = Layout(
        name=name,
        note=_string(data, "note", ""),
        grades=grades,
        periods=periods,
        sheet=_string(data, "sheet", "Trang"),
        columns=tuple(_column(number, row, grades, periods) for number, row in enumerate(rows, start=1)),
        titles=titles,
        above=_strings(data, "above"),
        guide=_strings(data, "guide"),
        signatures=_strings(data, "signatures"),
        paper=paper,
        mark=_string(data, "mark", "x"),
    )
    for text in (layout.sheet, *titles.values(), *layout.above, *layout.guide, *layout.signatures):
        for placeholder in _PLACEHOLDER.findall(text):
            if placeholder not in PLACEHOLDERS:
                raise _Mistake(f"không có {{{placeholder}}}; dùng được: {', '.join(sorted(PLACEHOLDERS))}")
    for grade in grades:
        for period in periods:
            if not layout.columns_in(grade, period):
                raise _Mistake(f"khối {grade}, {period} không có cột nào")
    return layout


def _column(number: int, row: object, grades: tuple[int, ...], periods: tuple[Period, ...]) -> LayoutColumn:
    where = f"cột thứ {number}"
    if not isinstance(row, dict):
        raise _Mistake(f"{where} phải có dạng {{ head = …, value = … }}")
    _only(row, _COLUMN_KEYS, where)
    head = tuple(part.strip() for part in _string(row, "head", "").split("|"))
    if not all(head) or len(head) > _DEPTH:
        raise _Mistake(f"{where}: head có từ 1 đến {_DEPTH} phần ngăn bằng |, không phần nào trống")
    value = _string(row, "value", "")
    if value not in SOURCES:
        raise _Mistake(f"{where}: không biết value “{value}”")
    width = row.get("width", _WIDTH)
    if isinstance(width, bool) or not isinstance(width, int | float) or not 0 < width <= 255:
        raise _Mistake(f"{where}: width là số từ 1 đến 255")
    return LayoutColumn(head, width, value, _grades(row, where, grades), _periods(row, where, periods))


def _only(data: Mapping[str, Any], known: set[str], where: str) -> None:
    for key in data:
        if key not in known:
            raise _Mistake(f"{where}: không có mục “{key}”")


def _string(data: Mapping[str, Any], key: str, default: str) -> str:
    value = data.get(key, default)
    if not isinstance(value, str):
        raise _Mistake(f"{key} phải là chữ trong ngoặc kép")
    return value


def _strings(data: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = data.get(key, [])
    if not isinstance(value, list) or not all(isinstance(line, str) for line in value):
        raise _Mistake(f"{key} phải là danh sách các dòng chữ")
    return tuple(value)


def _grades(data: Mapping[str, Any], where: str, default: tuple[int, ...]) -> tuple[int, ...]:
    value = data.get("grades", list(default))
    if not isinstance(value, list) or not value or any(grade not in _GRADES for grade in value):
        raise _Mistake(f"{where}: grades là danh sách các khối từ 1 đến 5")
    return tuple(value)


def _periods(data: Mapping[str, Any], where: str, default: tuple[Period, ...]) -> tuple[Period, ...]:
    value = data.get("periods", list(default))
    if not isinstance(value, list) or not value or any(period not in list(Period) for period in value):
        raise _Mistake(f"{where}: periods là danh sách trong {', '.join(Period)}")
    return tuple(Period(period) for period in value)
