"""Counting for the reports: nobody twice, nobody left out, nothing missing counted as a failure."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hocba_tui.model.curriculum import SUBJECTS, TRAITS
from hocba_tui.model.pupil import Pupil, Sex
from hocba_tui.model.results import AWARD, AWARD_EXTRA, AWARD_TITLE, LEVEL, PROMOTED, SCORE, Cell, Results, Value
from hocba_tui.model.school import ClassRoom
from hocba_tui.model.statistics import CATEGORIES, EXEMPT, MISSING, NOT_ASSESSED, Count, Kind, Topic, total_of
from hocba_tui.model.values import Outcome, Period
from hocba_tui.rules.outcome import outcome_of
from hocba_tui.rules.statistics import Member, Row, category_of, concerns, tabulate, topics
from tests.support.table import table
from tests.support.whole_year import END, PUPIL, level_of, room_of, score_of, whole_year

FIVE = room_of(5)
YEAR_END_ONLY = {Kind.OUTCOMES, Kind.COMPLETION, Kind.PROMOTION, Kind.AWARDS, Kind.EXTRA_AWARDS}
OUTCOMES, PROMOTION, AWARDS = Topic(Kind.OUTCOMES), Topic(Kind.PROMOTION), Topic(Kind.AWARDS)
LOW = {"C", "CHT", "no", "1"}
"""The categories that say something bad about a pupil."""


def member(fields: dict[str, Value] | None = None, pupil: Pupil = PUPIL, room: ClassRoom = FIVE) -> Member:
    return Member(pupil, room, Results(whole_year(room) | (fields or {})))


def of(topic: Topic, found: Member, period: Period = END) -> str:
    return category_of(topic, found, period)


VALUES: list[tuple[list[Cell], st.SearchStrategy[Value]]] = [
    ([Cell(p, code, LEVEL) for p in Period for code in SUBJECTS], st.sampled_from(["T", "H", "C", None])),
    ([Cell(p, code, SCORE) for p in Period for code in SUBJECTS], st.none() | st.integers(1, 10)),
    ([Cell(p, code, LEVEL) for p in Period for code in TRAITS], st.sampled_from(["T", "Đ", "C", None])),
    ([PROMOTED], st.sampled_from(["0", "1", None])),
    ([AWARD_TITLE], st.sampled_from(["TB", None])),
    ([AWARD, AWARD_EXTRA], st.sampled_from(["Học sinh Xuất sắc", "Giấy khen", None])),
]
ONE_VALUE = st.one_of(
    [st.tuples(st.sampled_from(cells).map(lambda cell: cell.field), values) for cells, values in VALUES]
)


@st.composite
def members(draw: st.DrawFn) -> Member:
    room = replace(room_of(draw(st.integers(1, 5)), *draw(st.sampled_from([(), ("NN1",), ("TDT",)]))))
    room = replace(room, key=f"{room.grade}{draw(st.sampled_from('AB'))}")
    pupil = replace(
        PUPIL,
        sex=draw(st.sampled_from([Sex.FEMALE, Sex.MALE, Sex.UNKNOWN])),
        ethnic=draw(st.sampled_from(["Kinh", "Mông", ""])),
        disability=draw(st.sampled_from(["", "Khuyết tật vận động"])),
        assessed=draw(st.booleans()),
        exempt=draw(st.sampled_from(["", "GDTC", "TOAN GDTC"])),
        not_in_plan=draw(st.sampled_from(["", "KH NLTH"])),
    )
    fields = whole_year(room, level=draw(st.sampled_from("TH")), score=draw(st.integers(5, 10)))
    return Member(pupil, room, Results((fields if draw(st.booleans()) else {}) | dict(draw(st.lists(ONE_VALUE)))))


SCHOOLS = st.lists(members(), max_size=8)
PERIODS = st.sampled_from(Period)
WHOLE_SCHOOLS = settings(max_examples=40, deadline=None)
"""Every example is counted in some fifty tables."""


def added(counts: list[Count]) -> Count:
    return total_of(counts)


@WHOLE_SCHOOLS
@given(SCHOOLS, PERIODS)
def test_every_sum_is_the_sum_of_its_parts(school: list[Member], period: Period) -> None:
    for topic in topics(school, period):
        rows = tabulate(school, topic, period)
        whole, grades = rows[0], [row for row in rows[1:] if not row.class_key]
        assert whole.label == "Toàn trường"
        assert whole.total.total == sum(concerns(topic, found, period) for found in school)
        for row in rows:
            assert set(row.parts) == set(topic.categories)
            assert row.total == added(list(row.parts.values()))
        for category in topic.categories:
            assert whole.parts[category] == added([row.parts[category] for row in grades])
            for grade in grades:
                classes = [row for row in rows if row.class_key and row.grade == grade.grade]
                assert grade.parts[category] == added([row.parts[category] for row in classes])


@WHOLE_SCHOOLS
@given(members(), PERIODS)
def test_a_pupil_is_counted_once_in_each_table_and_in_the_own_class(found: Member, period: Period) -> None:
    for topic in topics([found], period):
        (row,) = tabulate([found], topic, period, sums=False)
        assert row.total == found.count
        assert [count for count in row.parts.values() if count.total] == [found.count]
        assert (row.grade, row.class_key) == (found.classroom.grade, found.classroom.key)


@WHOLE_SCHOOLS
@given(SCHOOLS, PERIODS, st.randoms(use_true_random=False))
def test_counts_do_not_depend_on_the_order_of_pupils(school: list[Member], period: Period, random: Random) -> None:
    shuffled = list(school)
    random.shuffle(shuffled)
    assert topics(shuffled, period) == topics(school, period)
    for topic in topics(school, period):
        assert tabulate(shuffled, topic, period) == tabulate(school, topic, period)


@WHOLE_SCHOOLS
@given(SCHOOLS, PERIODS)
def test_rows_follow_grade_and_name_whatever_the_results(school: list[Member], period: Period) -> None:
    for topic in topics(school, period):
        rows = tabulate(school, topic, period)
        assert [(row.grade, row.class_key) for row in rows] == sorted((row.grade, row.class_key) for row in rows)


@WHOLE_SCHOOLS
@given(SCHOOLS, PERIODS)
def test_the_groups_never_exceed_what_they_are_part_of(school: list[Member], period: Period) -> None:
    for topic in topics(school, period):
        for row in tabulate(school, topic, period):
            for count in row.parts.values():
                assert count.minority_girls <= min(count.girls, count.minority)
                assert max(count.girls, count.minority, count.disabled) <= count.total


@WHOLE_SCHOOLS
@given(SCHOOLS, PERIODS)
def test_bands_are_the_scores_taken_together(school: list[Member], period: Period) -> None:
    spans = {"9": ("9", "10"), "7": ("7", "8"), "5": ("5", "6"), "1": ("1", "2", "3", "4")}
    for topic in topics(school, period):
        if topic.kind is Kind.BANDS:
            bands = tabulate(school, topic, period)
            scores = tabulate(school, Topic(Kind.SCORES, topic.code), period)
            for band, score in zip(bands, scores, strict=True):
                for floor, single in spans.items():
                    assert band.parts[floor] == added([score.parts[value] for value in single])


@WHOLE_SCHOOLS
@given(members())
def test_outcomes_are_those_of_the_card(found: Member) -> None:
    outcome = outcome_of(found.pupil, found.classroom, found.results)
    expected = outcome or (MISSING if found.pupil.assessed else NOT_ASSESSED)
    assert of(OUTCOMES, found) == expected


@WHOLE_SCHOOLS
@given(members(), PERIODS)
def test_what_is_missing_is_never_counted_as_low(found: Member, period: Period) -> None:
    empty = replace(found, results=Results({}))
    for topic in topics([empty], period):
        assert of(topic, empty, period) not in LOW
    if found.pupil.assessed:
        for topic in topics([found], period):
            if topic.code and topic.code not in found.excused:
                assert of(topic, empty, period) == MISSING


@table("value", ["X", "Ð", 0, 11, -1, 9.5, True, ""])
@table("kind", [Kind.LEVELS, Kind.BANDS, Kind.SCORES])
def test_an_unlawful_value_counts_as_missing(kind: Kind, value: Value) -> None:
    assert of(Topic(kind, "TOAN"), member({level_of("TOAN"): value, score_of("TOAN"): value})) == MISSING


@pytest.mark.parametrize("kind", Kind)
def test_every_category_has_a_name_and_the_sheet_too(kind: Kind) -> None:
    assert all(CATEGORIES[kind].values())
    assert len(set(CATEGORIES[kind].values())) == len(CATEGORIES[kind])
    assert 0 < len(kind.label) <= 31


@table(
    ("changes", "expected"),
    [
        ({}, {"sex": 1, "minority": 0}),
        ({"sex": Sex.MALE}, {"sex": 0, "minority": 0}),
        ({"sex": ""}, {"sex": 0, "minority": 0}),
        ({"ethnic": "Mông"}, {"sex": 1, "minority": 1}),
        ({"ethnic": "Mông", "sex": Sex.MALE}, {"sex": 0, "minority": 1}),
        ({"ethnic": ""}, {"sex": 1, "minority": 0}),
        ({"ethnic": "  KINH "}, {"sex": 1, "minority": 0}),
        ({"ethnic": "Kinh (Việt)"}, {"sex": 1, "minority": 0}),
        ({"ethnic": "Không rõ"}, {"sex": 1, "minority": 0}),
        ({"ethnic": "Người nước ngoài"}, {"sex": 1, "minority": 0}),
    ],
)
def test_girls_and_ethnic_minorities(changes: dict[str, str], expected: dict[str, int]) -> None:
    girl, minority = expected["sex"], expected["minority"]
    found = member(pupil=replace(PUPIL, **changes)).count  # type: ignore[arg-type]
    assert found == Count(1, girl, minority, girl and minority, 0)


@pytest.mark.parametrize(
    ("disability", "assessed", "expected"),
    [
        ("", True, 0),
        ("Không", True, 0),
        ("Không khuyết tật", True, 0),
        ("Khuyết tật nghe, nói", True, 1),
        ("Khuyết tật trí tuệ", False, 1),
        ("", False, 1),
    ],
)
def test_disabled_pupils(disability: str, assessed: bool, expected: int) -> None:
    pupil = replace(PUPIL, disability=disability, assessed=assessed)
    assert member(pupil=pupil).count.disabled == expected


@pytest.mark.parametrize("kind", [Kind.OUTCOMES, Kind.COMPLETION, Kind.PROMOTION, Kind.LEVELS, Kind.SCORES])
def test_a_pupil_who_is_not_assessed_stands_apart_even_with_bad_values(kind: Kind) -> None:
    worst: dict[str, Value] = {level_of("TOAN"): "C", score_of("TOAN"): 1, PROMOTED.field: "0"}
    found = member(worst, replace(PUPIL, disability="Khuyết tật trí tuệ", assessed=False))
    assert of(Topic(kind, "TOAN" if kind in (Kind.LEVELS, Kind.SCORES) else ""), found) == NOT_ASSESSED


@pytest.mark.parametrize("kind", [Kind.LEVELS, Kind.BANDS, Kind.SCORES])
def test_an_exempt_pupil_is_exempt_with_and_without_a_value(kind: Kind) -> None:
    pupil = replace(PUPIL, exempt="TOAN")
    assert of(Topic(kind, "TOAN"), member({level_of("TOAN"): "C", score_of("TOAN"): 1}, pupil)) == "exempt"
    assert of(Topic(kind, "TOAN"), member({level_of("TOAN"): None, score_of("TOAN"): None}, pupil)) == "exempt"


@pytest.mark.parametrize(
    ("fields", "completed", "promoted"),
    [
        ({}, "yes", "yes"),
        ({PROMOTED.field: "0"}, "yes", "yes"),
        ({level_of("TOAN"): "C"}, "no", "undecided"),
        ({level_of("TOAN"): "C", PROMOTED.field: "0"}, "no", "no"),
        ({level_of("TOAN"): "C", PROMOTED.field: "1"}, "no", "yes"),
        ({level_of("TOAN"): None, PROMOTED.field: "0"}, MISSING, MISSING),
    ],
)
def test_completion_and_promotion_are_two_facts(fields: dict[str, Value], completed: str, promoted: str) -> None:
    found = member(fields, room=room_of(4))
    assert (of(Topic(Kind.COMPLETION), found), of(PROMOTION, found)) == (completed, promoted)


def test_nobody_leaves_the_last_grade_without_completing_it() -> None:
    assert of(PROMOTION, member({level_of("TOAN"): "C", PROMOTED.field: "1"})) == "no"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "excellent"),
        ({score_of("TOAN"): 8}, MISSING),
        ({score_of("TOAN"): 8, AWARD_TITLE.field: "TB"}, "exemplary"),
        ({score_of("TOAN"): 8, AWARD_TITLE.field: "TB", AWARD.field: "Thư khen"}, "exemplary"),
        ({score_of("TOAN"): 8, AWARD.field: "Thư khen"}, "other"),
        ({score_of("TOAN"): 8, AWARD.field: "Học sinh Xuất sắc"}, "other"),
        ({score_of("TOAN"): 6, AWARD_TITLE.field: "TB"}, MISSING),
        ({score_of("TOAN"): 6, AWARD_TITLE.field: "TB", AWARD.field: "Thư khen"}, "other"),
        ({score_of("TOAN"): None}, MISSING),
    ],
)
def test_commendations_are_the_titles_of_the_card(fields: dict[str, Value], expected: str) -> None:
    assert of(AWARDS, member(fields)) == expected


def test_a_commendation_out_of_turn_is_counted_apart() -> None:
    found = member({AWARD_EXTRA.field: "Cứu bạn đuối nước", score_of("TOAN"): 8})
    assert (of(Topic(Kind.EXTRA_AWARDS), found), of(AWARDS, found)) == ("yes", MISSING)


@pytest.mark.parametrize("period", [Period.MID_1, Period.END_1, Period.MID_2])
def test_results_of_the_year_are_there_only_at_its_end(period: Period) -> None:
    assert {topic.kind for topic in topics([member()], period)} & YEAR_END_ONLY == set()
    assert {topic.kind for topic in topics([member()], END)} == set(Kind)


@pytest.mark.parametrize(
    ("grade", "period", "tested"),
    [
        (2, Period.MID_1, set()),
        (3, Period.MID_2, set()),
        (4, Period.MID_1, {"TV", "TOAN"}),
        (2, Period.END_1, {"TV", "TOAN"}),
        (3, END, {"TV", "TOAN", "NN1", "TIN", "CN"}),
    ],
)
def test_scores_only_where_there_is_a_test(grade: int, period: Period, tested: set[str]) -> None:
    found = topics([member(room=room_of(grade))], period)
    for kind in (Kind.BANDS, Kind.SCORES):
        assert {topic.code for topic in found if topic.kind is kind} == tested


def test_an_optional_subject_counts_the_classes_that_study_it() -> None:
    with_english, without = member(room=room_of(2, "NN1")), member(room=replace(room_of(2), key="2B"))
    (row,) = tabulate([with_english, without], Topic(Kind.LEVELS, "NN1"), END, sums=False)
    assert (row.class_key, row.total.total) == ("2A", 1)


def test_without_sums_a_part_never_passes_for_the_whole() -> None:
    rows = tabulate([member()], OUTCOMES, END, sums=False)
    assert [row.label for row in rows] == ["5A"]
    assert [row.label for row in tabulate([member()], OUTCOMES, END)] == ["Toàn trường", "Khối 5", "5A"]


def test_no_pupils_no_tables_and_no_rows() -> None:
    assert topics([], END) == ()
    assert tabulate([], OUTCOMES, END) == ()


def test_a_combined_class_stands_in_each_of_its_grades() -> None:
    room = replace(room_of(5), key="3+5A", combined=(3,))
    school = [member(pupil=replace(PUPIL, key=f"p{grade}", grade=grade), room=room) for grade in (5, 3, None)]
    rows: tuple[Row, ...] = tabulate(school, OUTCOMES, END)
    assert [(row.label, row.total.total) for row in rows] == [
        ("Toàn trường", 3), ("Khối 3", 1), ("3+5A", 1), ("Khối 5", 2), ("3+5A", 2),
    ]  # fmt: skip
    assert [row.grade for row in tabulate(school, Topic(Kind.SCORES, "KH"), END, sums=False)] == [5]
    assert [row.grade for row in tabulate(school, Topic(Kind.LEVELS, "TNXH"), END, sums=False)] == [3]


def test_in_a_combined_class_a_subject_is_tested_only_in_the_grade_that_has_the_test() -> None:
    room = replace(room_of(5, "NN1"), key="1+5A", combined=(1,))
    school = [member(pupil=replace(PUPIL, key=f"p{grade}", grade=grade), room=room) for grade in (1, 5)]
    for kind, grades in ((Kind.LEVELS, [1, 5]), (Kind.SCORES, [5]), (Kind.BANDS, [5])):
        assert [row.grade for row in tabulate(school, Topic(kind, "NN1"), END, sums=False)] == grades


def test_what_an_individual_plan_leaves_out_is_set_aside() -> None:
    pupil = replace(PUPIL, plan="12/KH", not_in_plan="KH NLTH")
    bad: dict[str, Value] = {level_of("KH"): "C", score_of("KH"): 1, level_of("NLTH"): "C"}
    for topic in (Topic(Kind.LEVELS, "KH"), Topic(Kind.SCORES, "KH"), Topic(Kind.TRAITS, "NLTH")):
        assert of(topic, member(bad, pupil)) == EXEMPT
        assert of(topic, member(bad)) in LOW


@pytest.mark.parametrize(("grade", "counted"), [(2, 13), (3, 15)])
def test_technology_and_computing_are_competencies_from_grade_3(grade: int, counted: int) -> None:
    found = topics([member(room=room_of(grade))], END)
    assert sum(topic.kind is Kind.TRAITS for topic in found) == counted


def test_worked_class() -> None:
    boy = replace(PUPIL, sex=Sex.MALE, ethnic="Mông")
    school = [member(), member({score_of("TOAN"): 7}), member({level_of("CC"): "C"}, boy), member({}, boy)]
    (row,) = tabulate(school, OUTCOMES, END, sums=False)
    assert row.total == Count(4, 2, 2, 0, 0)
    assert row.parts[Outcome.HTXS] == Count(2, 1, 1, 0, 0)
    assert row.parts[Outcome.HTT] == Count(1, 1, 0, 0, 0)
    assert row.parts[Outcome.CHT] == Count(1, 0, 1, 0, 0)
