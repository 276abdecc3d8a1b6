"""What stands in a cell: exemptions, gaps, results of the year, notes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hocba_tui.export.excel.pupil_values import SOURCES, PupilRow
from hocba_tui.export.excel.workbook import CellValue
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.results import AWARD, AWARD_EXTRA, AWARD_TITLE, PROMOTED, Results, Value
from hocba_tui.model.school import ClassRoom
from hocba_tui.model.values import Period
from tests.support.table import table
from tests.support.whole_year import PUPIL, level_of, room_of, score_of, whole_year

FIVE = room_of(5)
YEAR_END = ("outcome", "completed", "promoted", "not_promoted", "awarded")


def row(
    changes: dict[str, Value] | None = None,
    pupil: Pupil = PUPIL,
    room: ClassRoom = FIVE,
    period: Period = Period.END_YEAR,
) -> PupilRow:
    return PupilRow(1, pupil, room, Results(whole_year(room) | (changes or {})), period)


def values(found: PupilRow, *sources: str) -> list[CellValue]:
    return [found.value(source) for source in sources]


def test_level_and_score_of_an_exempt_subject_are_m_whatever_was_typed_before() -> None:
    found = row({score_of("NN1"): 9}, replace(PUPIL, exempt="NN1 GDTC"))
    assert values(found, "NN1.level", "NN1.score", "GDTC.level", "TV.level") == ["M", "M", "M", "T"]
    assert found.value("note") == "M: miễn Ngoại ngữ 1 (Tiếng Anh), Giáo dục thể chất"


def test_a_subject_that_the_class_does_not_study_is_empty_even_for_the_exempt() -> None:
    second = room_of(2)
    found = row({level_of("NN1"): "T"}, replace(PUPIL, exempt="TDT"), second)
    assert values(found, "NN1.level", "TDT.level", "KH.level", "note") == [None] * 4
    assert row({}, room=room_of(2, "NN1")).value("NN1.level") == "T"


def test_what_is_missing_is_empty_and_leaves_no_result_of_the_year() -> None:
    found = row({level_of("TOAN"): None, score_of("TOAN"): None, level_of("YN"): ""})
    assert values(found, "TOAN.level", "TOAN.score", "YN.level", *YEAR_END) == [None] * 8


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ["HTXS", "x", "x", None]),
        ({score_of("TOAN"): 7}, ["HTT", "x", "x", None]),
        ({level_of("AN"): "H"}, ["HT", "x", "x", None]),
        ({level_of("AN"): "C"}, ["CHT", None, None, "x"]),
        ({level_of("AN"): "C", PROMOTED.field: "1"}, ["CHT", None, "x", None]),
        ({level_of("AN"): "C", PROMOTED.field: "0"}, ["CHT", None, None, "x"]),
        ({level_of("AN"): None, PROMOTED.field: "1"}, [None, None, None, None]),
    ],
)
def test_result_completion_and_promotion(changes: dict[str, Value], expected: list[CellValue]) -> None:
    found = row(changes, room=room_of(4))
    assert values(found, "outcome", "completed", "promoted", "not_promoted") == expected
    crossed = [code for code in ("HTXS", "HTT", "HT", "CHT") if found.value(f"outcome.{code}") == "x"]
    assert crossed == [code for code in expected[:1] if code]


@pytest.mark.parametrize("period", [Period.MID_1, Period.END_1, Period.MID_2])
def test_no_other_period_has_a_result(period: Period) -> None:
    assert values(row({AWARD.field: "Khen", PROMOTED.field: "1"}, period=period), *YEAR_END) == [None] * 5
    unassessed = replace(PUPIL, disability="Nghe", assessed=False)
    assert values(row({PROMOTED.field: "1"}, unassessed, period=period), *YEAR_END) == [None] * 5


@pytest.mark.parametrize(("decision", "expected"), [("", [None, None]), ("1", ["x", None]), ("0", [None, "x"])])
def test_who_is_not_assessed_has_no_result_but_may_have_a_decision(decision: str, expected: list[CellValue]) -> None:
    found = row({PROMOTED.field: decision}, replace(PUPIL, disability="Nghe", assessed=False))
    assert values(found, "outcome", "completed", "promoted", "not_promoted") == [None, None, *expected]
    assert found.value("note") == "Khuyết tật: Nghe; Không đánh giá"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "x"),  # Xuất sắc follows from HTXS
        ({score_of("TOAN"): 8}, None),
        ({score_of("TOAN"): 8, AWARD_TITLE.field: "TB"}, "x"),
        ({score_of("TOAN"): 5, AWARD.field: "Giấy khen"}, "x"),
        ({score_of("TOAN"): 5, AWARD_EXTRA.field: "Nhặt được của rơi"}, "x"),
    ],
)
def test_a_commendation_of_any_kind_is_crossed(changes: dict[str, Value], expected: CellValue) -> None:
    assert row(changes).value("awarded") == expected


def test_what_an_individual_plan_leaves_out_is_empty() -> None:
    found = row({}, replace(PUPIL, disability="Nghe", plan="12", not_in_plan="AN NLTM"))
    assert values(found, "AN.level", "NLTM.level", "MT.level", "NLTC.level", "outcome") == [
        None,
        None,
        "T",
        "T",
        "HTXS",
    ]


def test_in_a_combined_class_the_pupils_own_grade_counts() -> None:
    combined = replace(room_of(4), combined=(5,))
    three = replace(room_of(2), combined=(3,))
    assert row({}, replace(PUPIL, grade=2), three).value("TIN.level") is None
    assert row({}, replace(PUPIL, grade=2, exempt="TIN"), three).value("TIN.level") is None
    assert row({}, replace(PUPIL, grade=3), three).value("TIN.level") == "T"
    found = row({}, replace(PUPIL, grade=4, exempt="KH"), combined)
    assert values(found, "KH.level", "KH.score", "outcome") == ["M", "M", "HTXS"]


def test_policy_group_and_disability_stand_in_the_note() -> None:
    found = row({}, replace(PUPIL, policy="Con hộ nghèo", disability="Vận động"))
    assert found.value("note") == "Con hộ nghèo; Khuyết tật: Vận động"


@pytest.mark.parametrize(
    ("left", "reason", "status"),
    [
        ("", "", "Đang học"),
        ("2026-02-09", "Chuyển đi trường khác", "Chuyển đi kỳ 2"),
        ("2026-02-09", "Thôi học", "Thôi học kỳ 2"),
        ("2026-02-09", "", "Chuyển đi kỳ 2"),
        ("2026-02-09", "Chuyển đi kỳ 1", "Chuyển đi kỳ 1"),
    ],
)
def test_status_is_worded_so_that_intake_knows_who_has_left(left: str, reason: str, status: str) -> None:
    found = row({}, replace(PUPIL, joined="2025-09-05", left=left, left_reason=reason))
    assert values(found, "status", "status_date") == [status, "09/02/2026" if left else "05/09/2025"]


@table("period", Period)
@table("grade", range(1, 6))
def test_every_source_gives_text_a_number_or_nothing(grade: int, period: Period) -> None:
    room = room_of(grade, "TDT")
    always = {"number", "class_name", "class_code", "status", "nationality"}
    for source in SOURCES:
        full = PupilRow(1, PUPIL, room, Results(whole_year(room)), period).value(source)
        assert full is None or (isinstance(full, str | int) and not isinstance(full, bool) and full != "")
        unknown = PupilRow(1, Pupil("hs1"), room, Results({}), period).value(source)
        assert (unknown is not None) == (source in always), source
