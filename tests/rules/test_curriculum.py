"""TT 32/2018 and TT 27/2020 Điều 5 and 7.1b: what is studied, tested and assessed in each grade."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hocba_tui.model.curriculum import SUBJECTS, TRAITS, TraitGroup
from hocba_tui.model.values import Period
from hocba_tui.rules.curriculum import class_for, is_scored, subjects_for, subjects_of, traits_for, traits_of
from tests.support.table import table
from tests.support.whole_year import PUPIL, room_of

GRADES = (1, 2, 3, 4, 5)

# x: everybody; o: a class may choose it; -: not in this grade (domain.md 1.2).
STUDIED = {
    "TV": ("Tiếng Việt", "xxxxx"),
    "TOAN": ("Toán", "xxxxx"),
    "NN1": ("Ngoại ngữ 1 (Tiếng Anh)", "ooxxx"),
    "LSDL": ("Lịch sử và Địa lí", "---xx"),
    "KH": ("Khoa học", "---xx"),
    "TIN": ("Tin học và Công nghệ (Tin học)", "--xxx"),
    "CN": ("Tin học và Công nghệ (Công nghệ)", "--xxx"),
    "DD": ("Đạo đức", "xxxxx"),
    "TNXH": ("Tự nhiên và Xã hội", "xxx--"),
    "GDTC": ("Giáo dục thể chất", "xxxxx"),
    "AN": ("Nghệ thuật (Âm nhạc)", "xxxxx"),
    "MT": ("Nghệ thuật (Mĩ thuật)", "xxxxx"),
    "HDTN": ("Hoạt động trải nghiệm", "xxxxx"),
    "TDT": ("Tiếng dân tộc", "ooooo"),
}

MID, TERM = (Period.MID_1, Period.MID_2), (Period.END_1, Period.END_YEAR)
SCORED_AT_TERM_END = {
    1: {"TV", "TOAN"},
    2: {"TV", "TOAN"},
    3: {"TV", "TOAN", "NN1", "TIN", "CN"},
    4: {"TV", "TOAN", "NN1", "LSDL", "KH", "TIN", "CN"},
    5: {"TV", "TOAN", "NN1", "LSDL", "KH", "TIN", "CN"},
}
SCORED_AT_MID_TERM: dict[int, set[str]] = {1: set(), 2: set(), 3: set(), 4: {"TV", "TOAN"}, 5: {"TV", "TOAN"}}

COMPETENCIES_FROM_GRADE_3 = {"Công nghệ", "Tin học"}


def codes(grade: int, *optional: str) -> list[str]:
    return [subject.code for subject in subjects_of(room_of(grade, *optional))]


def test_rows_stand_in_the_order_of_the_ministrys_card() -> None:
    assert [(code, subject.name) for code, subject in SUBJECTS.items()] == [
        (code, name) for code, (name, _) in STUDIED.items()
    ]


@table("grade", GRADES)
@table("code", STUDIED)
def test_each_row_of_the_subject_table(code: str, grade: int) -> None:
    mark = STUDIED[code][1][grade - 1]
    assert (code in codes(grade)) == (mark == "x")
    assert (code in codes(grade, code)) == (mark in "xo")


@pytest.mark.parametrize("grade", GRADES)
def test_subjects_keep_the_order_of_the_card(grade: int) -> None:
    found = codes(grade, "TDT", "NN1")
    assert found == [code for code in STUDIED if code in found]


@table("period", Period)
@table("grade", GRADES)
def test_each_row_of_the_score_matrix(grade: int, period: Period) -> None:
    expected = SCORED_AT_TERM_END[grade] if period in TERM else SCORED_AT_MID_TERM[grade]
    assert {code for code in SUBJECTS if is_scored(room_of(grade), code, period)} == expected


@pytest.mark.parametrize("grade", GRADES)
def test_only_subjects_that_everybody_studies_are_tested(grade: int) -> None:
    tested = {code for code in SUBJECTS for period in Period if is_scored(room_of(grade), code, period)}
    assert tested <= set(codes(grade))


def test_traits_are_neither_tested_nor_unknown_subjects() -> None:
    assert not any(is_scored(room_of(5), code, period) for code in (*TRAITS, "", "XX") for period in Period)


@pytest.mark.parametrize("grade", GRADES)
def test_qualities_and_competencies_of_a_grade(grade: int) -> None:
    names = {group: [t.name for t in traits_of(grade) if t.group is group] for group in TraitGroup}
    assert names[TraitGroup.QUALITIES] == ["Yêu nước", "Nhân ái", "Chăm chỉ", "Trung thực", "Trách nhiệm"]
    assert names[TraitGroup.GENERAL] == [
        "Tự chủ và tự học",
        "Giao tiếp và hợp tác",
        "Giải quyết vấn đề và sáng tạo",
    ]
    whole = ["Ngôn ngữ", "Tính toán", "Khoa học", "Công nghệ", "Tin học", "Thẩm mĩ", "Thể chất"]
    assert names[TraitGroup.SPECIFIC] == [n for n in whole if grade >= 3 or n not in COMPETENCIES_FROM_GRADE_3]


def test_exemption_takes_away_only_the_named_subjects() -> None:
    room = room_of(4)
    found = {subject.code for subject in subjects_for(replace(PUPIL, exempt="GDTC AN"), room)}
    assert found == set(codes(4)) - {"GDTC", "AN"}
    assert subjects_for(PUPIL, room) == subjects_of(room)


@table("period", Period)
@table("first", GRADES)
@table("second", GRADES)
def test_a_combined_class_has_what_any_of_its_grades_has_and_a_pupil_what_the_own_grade_has(
    first: int, second: int, period: Period
) -> None:
    room = replace(room_of(first), combined=(second,))
    rooms = [room_of(first), room_of(second)]
    assert subjects_of(room) == tuple(s for s in SUBJECTS.values() if any(s in subjects_of(one) for one in rooms))
    for code in SUBJECTS:
        assert is_scored(room, code, period) == any(is_scored(one, code, period) for one in rooms)
    pupil = replace(PUPIL, grade=second)
    own = class_for(pupil, room)
    assert (own.grades, subjects_for(pupil, room), traits_for(pupil, room)) == (
        (second,), subjects_of(room_of(second)), traits_of(second)
    )  # fmt: skip
    assert [is_scored(own, code, period) for code in SUBJECTS] == [
        is_scored(rooms[1], code, period) for code in SUBJECTS
    ]


@pytest.mark.parametrize("period", Period)
def test_what_the_province_tests_beyond_the_law_is_tested_at_the_end_of_each_term(period: Period) -> None:
    room = replace(room_of(2, "TDT"), tested=("TDT",))
    assert is_scored(room, "TDT", period) == (period in TERM)
    assert not is_scored(room, "NN1", period)


def test_codes_of_subjects_and_traits_never_collide() -> None:
    groups = {str(group) for group in TraitGroup}
    assert not set(SUBJECTS) & set(TRAITS)
    assert not (set(SUBJECTS) | set(TRAITS)) & (groups | {"homeroom", "year"})
