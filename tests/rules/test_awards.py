"""Điều 13: Xuất sắc exactly when HTXS; Tiêu biểu needs HTT, a reason and the class's recognition."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hocba_tui.model.finding import Severity
from hocba_tui.model.results import AWARD, AWARD_EXTRA, AWARD_REASON, AWARD_RECOGNISED, AWARD_TITLE, Results, Value
from hocba_tui.model.values import Outcome, Title
from hocba_tui.rules.awards import award_findings, award_text, title_of
from hocba_tui.rules.lawful import Lawful, Unlawful, read_typed
from tests.support.whole_year import PUPIL, room_of, score_of, whole_year

FIVE = replace(room_of(5), year="2025-2026")
TYPICAL: dict[str, Value] = {
    AWARD_TITLE.field: "TB",
    AWARD_REASON.field: "Thành tích xuất sắc môn Toán",
    AWARD_RECOGNISED.field: "1",
}


def codes(fields: dict[str, Value]) -> list[str]:
    return [finding.code for finding in award_findings(PUPIL, FIVE, Results(fields))]


@given(st.sampled_from([*Outcome, None]), st.sampled_from([None, "TB"]))
def test_excellent_exactly_when_the_outcome_is(outcome: Outcome | None, chosen: str | None) -> None:
    title = title_of(outcome, Results({AWARD_TITLE.field: chosen}))
    assert (title is Title.XS) == (outcome is Outcome.HTXS)


@given(st.sampled_from([*Outcome, None]), st.sampled_from([None, "TB"]))
def test_typical_is_nobodys_title_without_htt(outcome: Outcome | None, chosen: str | None) -> None:
    results = Results({AWARD_TITLE.field: chosen})
    given_to = outcome is Outcome.HTT and chosen == "TB"
    assert (title_of(outcome, results) is Title.TB) == given_to
    assert ("Tiêu biểu" in award_text(outcome, results)) == given_to


def test_nobody_types_the_title_that_follows_from_the_outcome() -> None:
    assert isinstance(read_typed("xs", AWARD_TITLE, FIVE), Unlawful)
    assert isinstance(read_typed("Học sinh Xuất sắc", AWARD_TITLE, FIVE), Unlawful)
    assert read_typed("x", AWARD_TITLE, FIVE) == Lawful("TB")
    assert read_typed("Học sinh tiêu biểu", AWARD_TITLE, FIVE) == Lawful("TB")


@pytest.mark.parametrize(("score", "found"), [(8, []), (6, ["AWARD-TB"]), (4, ["AWARD-TB"]), (10, ["AWARD-TB"])])
def test_typical_is_for_htt_alone(score: int, found: list[str]) -> None:
    assert codes(whole_year(FIVE, score=score) | TYPICAL) == found


def test_a_year_with_gaps_is_not_held_against_the_title() -> None:
    # The gap is an error of its own; whether the title is lawful shows once it is filled.
    assert codes(whole_year(FIVE, score=8) | TYPICAL | {score_of("TOAN"): None}) == []


@pytest.mark.parametrize(
    ("gone", "code"), [(AWARD_REASON.field, "AWARD-REASON"), (AWARD_RECOGNISED.field, "AWARD-CLASS")]
)
def test_typical_needs_its_reason_and_the_class(gone: str, code: str) -> None:
    assert codes(whole_year(FIVE, score=8) | TYPICAL | {gone: None}) == [code]


@pytest.mark.parametrize(
    ("score", "text", "found"),
    [
        (10, "Học sinh Xuất sắc", ["AWARD-TYPED"]),
        (8, "đạt danh hiệu HỌC SINH XUẤT SẮC", ["AWARD-TYPED"]),
        (8, "Giải Nhì hội giao lưu An toàn giao thông", []),
        (8, "Giải Nhất năm học 2024-2025", ["AWARD-YEAR"]),
        (8, "Giải Nhất năm học 2025 - 2026", []),
    ],
)
def test_free_texts_say_no_title_and_no_other_year(score: int, text: str, found: list[str]) -> None:
    for cell in (AWARD, AWARD_EXTRA):
        assert codes(whole_year(FIVE, score=score) | {cell.field: text}) == found


@pytest.mark.parametrize(
    ("score", "title", "text", "severity"),
    [
        (10, None, "Học sinh Xuất sắc", Severity.WARNING),  # said twice
        (8, "TB", "Học sinh Tiêu biểu", Severity.WARNING),
        (8, "TB", "Học sinh Xuất sắc", Severity.ERROR),  # not the pupil's
        (8, None, "Học sinh Tiêu biểu", Severity.ERROR),
        (6, None, "Học sinh Xuất sắc", Severity.ERROR),
    ],
)
def test_a_title_in_a_free_text_is_an_error_only_where_it_is_not_the_pupils(
    score: int, title: str | None, text: str, severity: Severity
) -> None:
    fields = whole_year(FIVE, score=score) | TYPICAL | {AWARD_TITLE.field: title, AWARD.field: text}
    (found,) = award_findings(PUPIL, FIVE, Results(fields))
    assert (found.code, found.severity, found.field) == ("AWARD-TYPED", severity, AWARD.field)


def test_only_a_yes_of_the_class_is_recognition() -> None:
    assert codes(whole_year(FIVE, score=8) | TYPICAL | {AWARD_RECOGNISED.field: "0"}) == ["AWARD-CLASS"]


def test_without_a_school_year_no_year_is_another_one() -> None:
    results = Results(whole_year(FIVE, score=8) | {AWARD.field: "Giải Nhất năm học 2024-2025"})
    assert award_findings(PUPIL, replace(FIVE, year=""), results) == ()


@pytest.mark.parametrize(
    ("outcome", "fields", "text"),
    [
        (Outcome.HTXS, {}, "Đạt danh hiệu Học sinh Xuất sắc"),
        (
            Outcome.HTXS,
            {AWARD.field: "Đạt giải Nhì hội giao lưu An toàn giao thông cấp xã"},
            "Đạt danh hiệu Học sinh Xuất sắc; Đạt giải Nhì hội giao lưu An toàn giao thông cấp xã",
        ),
        (Outcome.HTT, TYPICAL, "Đạt danh hiệu Học sinh Tiêu biểu hoàn thành tốt trong học tập và rèn luyện"),
        (Outcome.HT, {AWARD.field: "Giấy khen vở sạch chữ đẹp"}, "Giấy khen vở sạch chữ đẹp"),
        (Outcome.CHT, {}, ""),
        (None, {}, ""),
    ],
)
def test_the_sentence_of_the_form(outcome: Outcome | None, fields: dict[str, Value], text: str) -> None:
    assert award_text(outcome, Results(fields)) == text
