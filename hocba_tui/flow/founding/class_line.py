"""The classes of a new school, typed as one line: ``1A-1D, 2A 2B``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hocba_tui.errors import Refused
from hocba_tui.flow.school.classes import require_name
from hocba_tui.model.curriculum import SUBJECTS
from hocba_tui.model.school import ClassRoom
from hocba_tui.text import clean_line, fold

ENGLISH = "NN1"
_MOST = 300
_EXAMPLE = "Ví dụ: 1A-1D, 2A 2B 2C, 3A"
_BEFORE_LAST = re.compile(r"(.*?)(\d+|\w)")


def classrooms_of(names: str, english: str = "") -> tuple[ClassRoom, ...]:
    """Return the classes of a line; the first digit of a name is its grade.

    ``english`` names the grades that learn English though it is optional there. Refused when a name cannot be a
    class's, or stands there twice.
    """
    grades = grades_of(english)
    rooms: dict[str, ClassRoom] = {}
    for part in re.split(r"[\s,;]+", re.sub(r"\s*[-–]\s*", "-", clean_line(names))):
        for name in _names(part) if part else ():
            if name in rooms:
                raise Refused(f"Lớp {name} ghi hai lần.", _EXAMPLE)
            grade = int(name[0])
            rooms[name] = ClassRoom(name, grade=grade, optional=(ENGLISH,) if grade in grades else ())
    if len(rooms) > _MOST:
        raise Refused(f"{len(rooms)} lớp: nhiều bất thường.", _EXAMPLE)
    return tuple(rooms.values())


def grades_of(text: str) -> tuple[int, ...]:
    """Return the grades that learn English though it is optional there; Refused when they are no such grades."""
    plain = fold(clean_line(text))
    if plain in ("", "khong"):
        return ()
    possible = SUBJECTS[ENGLISH].optional_grades
    words = re.split(r"[\s,;]+", plain.removeprefix("khoi").strip())
    if not all(word.isascii() and word.isdigit() and int(word) in possible for word in words):
        raise Refused(
            f"“{text[:16]}” không phải là các khối học tiếng Anh tự chọn.",
            f"Ghi {' '.join(map(str, possible))}, một trong hai, hoặc “không”. Từ khối 3 là môn bắt buộc.",
        )
    return tuple(sorted(set(map(int, words))))


def _names(part: str) -> Iterator[str]:
    """Yield the names of a word of the line: one, or all from the first to the last."""
    first, dash, last = part.upper().partition("-")
    if not dash:
        yield _name(first)
        return
    begin, end = _BEFORE_LAST.fullmatch(first), _BEFORE_LAST.fullmatch(last)
    if begin is None or end is None or end[1] not in ("", begin[1]):
        raise _unclear(part)
    if begin[2].isdigit() and end[2].isdigit():
        steps = [str(number) for number in range(int(begin[2]), int(end[2]) + 1)] if len(last) < 6 else []
    elif len(begin[2]) == len(end[2]) == 1 and begin[2].isascii() and end[2].isascii():
        steps = [chr(code) for code in range(ord(begin[2]), ord(end[2]) + 1)]
    else:
        raise _unclear(part)
    if len(steps) < 2 or len(steps) > _MOST or not begin[1]:
        raise _unclear(part)
    for step in steps:
        yield _name(begin[1] + step)


def _name(name: str) -> str:
    if name[:1] not in tuple("12345"):
        raise Refused(f"Tên lớp “{name[:16]}” phải bắt đầu bằng khối, từ 1 đến 5.", _EXAMPLE)
    require_name(name)
    return name


def _unclear(part: str) -> Refused:
    return Refused(f"“{part[:16]}” không rõ là từ lớp nào đến lớp nào.", _EXAMPLE)
