"""Statuses of pupils and staff are closed lists: a word that is not in them, or a part of one, decides nothing."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from hocba_tui.rules import pupil_status, staff_status
from hocba_tui.rules.pupil_status import STATUSES, Standing, only_leaving, status_of, words_for
from hocba_tui.rules.staff_status import standing_of
from tests.support.table import table

DOCUMENT = (Path(__file__).parents[2] / "docs" / "bo-cuc-excel.md").read_text(encoding="utf-8")


def test_the_list_of_a_pupil_has_fourteen_values_and_stands_in_the_manual() -> None:
    assert len(STATUSES) == len({status.words for status in STATUSES}) == 14
    assert [status.code for status in STATUSES if status.code] == [f"{n:02d}" for n in range(1, 13)]
    for status in STATUSES:
        assert f"| {status.code} | {status.words} |".replace("|  |", "| |") in DOCUMENT
    for words in staff_status.STATUSES:
        assert f"*{words}*" in DOCUMENT


@table(("text", "words"), [
    ("Đang học", "Đang học"), ("ĐANG HỌC", "Đang học"), (" dang  hoc ", "Đang học"), ("04", "Chuyển đi kỳ 1"),
    ("Chuyển đi kì I", "Chuyển đi kỳ 1"), ("Chuyển đi học kỳ 2", "Chuyển đi kỳ 2"),
    ("Thôi học học kỳ 1", "Thôi học kỳ 1"), ("Thôi học HK2", "Thôi học kỳ 2"),
    ("thôi học trong hè", "Thôi học trong hè"), ("Chuyển đi", "Chuyển đi"), ("12", "Thôi học trong hè"),
])  # fmt: skip
def test_a_value_is_known_by_its_words_or_its_code(text: str, words: str) -> None:
    found = status_of(text)
    assert found is not None
    assert found.words == words


@table(
    "text",
    ["Nghỉ học", "Bảo lưu", "Lưu ban", "Đang học thử", "4", "13", "", "Không chuyển đi", "Xin nghỉ", "Đã tốt nghiệp",
     "Chờ chuyển đi", "Chưa thôi học"],
)  # fmt: skip
def test_any_other_word_is_neither_known_nor_offered(text: str) -> None:
    assert (status_of(text), only_leaving(text)) == (None, "")


@table(("text", "offer"), [
    ("Bỏ học", "Thôi học"), ("Chuyển trường", "Chuyển đi"), ("Đã chuyển đi", "Chuyển đi"), ("Đã thôi học", "Thôi học"),
    ("Chuyển đi theo gia đình", "Chuyển đi"), ("rút hồ sơ", "Chuyển đi"),
])  # fmt: skip
def test_what_can_only_mean_leaving_is_offered(text: str, offer: str) -> None:
    assert (status_of(text), only_leaving(text)) == (None, offer)


@given(st.dates().map(lambda day: day.isoformat()), st.text(max_size=20))
def test_what_goes_out_is_a_value_of_the_list(day: str, reason: str) -> None:
    found = status_of(words_for(day, reason))
    assert found in STATUSES
    assert found is not None
    assert found.standing is Standing.LEFT
    assert words_for("", reason) == "Đang học"


@table(("text", "standing"), [
    ("Chờ nghỉ hưu", "works"), ("Đã nghỉ hưu", "gone"), ("NGHỈ HƯU", "gone"), ("Chưa nghỉ hưu", None),
    ("Thôi việc", "gone"),
    ("Chưa thôi việc", None), ("Chuyển đi", "gone"), ("Không chuyển đi", None), ("Đã điều động", "offered"),
    ("Đã biệt phái", "open"), ("Đang làm việc", "works"), ("Nghỉ việc riêng", None),
    ("Chuyển đến", "works"), ("", None),
])  # fmt: skip
def test_a_part_of_a_word_closes_no_account(text: str, standing: str | None) -> None:
    assert standing_of(text) == standing


def test_standings_are_those_of_the_lists() -> None:
    assert {status.standing for status in STATUSES} == set(pupil_status.Standing)
    assert set(staff_status.STATUSES.values()) == set(staff_status.Standing)
