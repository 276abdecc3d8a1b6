"""A pupil, a class and a whole year of good results, for the tests of rules to spoil."""

from __future__ import annotations

from dataclasses import replace

from hocba_tui.model.curriculum import TraitGroup
from hocba_tui.model.pupil import Pupil, SchoolYearRow, Sex
from hocba_tui.model.results import (
    ABSENT_EXCUSED,
    ABSENT_UNEXCUSED,
    COMMENT,
    HEIGHT,
    LEVEL,
    SCORE,
    WEIGHT,
    Cell,
    Value,
    homeroom_comment,
)
from hocba_tui.model.school import ClassRoom
from hocba_tui.model.values import Period
from hocba_tui.rules.curriculum import is_scored, subjects_of, traits_of

END = Period.END_YEAR
YEAR = "2025-2026"

PUPIL = Pupil(
    key="hs1",
    code="9900000001",
    name="Trần Minh Anh",
    birth="2015-03-14",
    sex=Sex.FEMALE,
    personal_id="999315000001",
    ethnic="Kinh",
    birthplace="Tỉnh Ninh Bình",
    hometown="Xã Mẫu",
    address="Xóm 1",
    father="Trần Văn Lực",
    mother="Phạm Thị Hạnh",
    register_no="2021/0001",
    history=(SchoolYearRow("2025-2026", "5A", "Trường Tiểu học Mẫu", "2025-09-05"),),
)


def pupil_in(grade: int) -> Pupil:
    """Return the pupil with the usual age of a grade."""
    born = 2020 - grade
    return replace(PUPIL, birth=f"{born}-03-14", personal_id=f"9993{born % 100}000001")


def room_of(grade: int, *optional: str) -> ClassRoom:
    teachers = {"NN1": "gv.anh"}
    return ClassRoom(key=f"{grade}A", grade=grade, homeroom="gv", teachers=teachers, optional=optional, year=YEAR)


def level_of(code: str) -> str:
    return Cell(END, code, LEVEL).field


def score_of(code: str) -> str:
    return Cell(END, code, SCORE).field


def whole_year(room: ClassRoom, *, level: str = "T", score: int = 10) -> dict[str, Value]:
    fields: dict[str, Value] = {}
    for subject in subjects_of(room):
        fields[level_of(subject.code)] = level
        if is_scored(room, subject.code, END):
            fields[score_of(subject.code)] = score
    fields |= {level_of(trait.code): "T" for trait in traits_of(room.grade)}
    fields |= {Cell(END, group, COMMENT).field: "Em ngoan." for group in TraitGroup}
    fields |= {homeroom_comment(END).field: "Em tiến bộ.", HEIGHT.field: 140, WEIGHT.field: 35}
    fields |= {ABSENT_EXCUSED.field: 0, ABSENT_UNEXCUSED.field: 0}
    return fields
