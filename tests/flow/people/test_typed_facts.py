"""What is typed about somebody: days without a year, subjects by name, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from hocba_tui.errors import Refused
from hocba_tui.flow.people.told import change_in_words, typed_duty
from hocba_tui.flow.staff_facts import read_fact, read_subjects
from hocba_tui.intake.dates import in_school_year
from hocba_tui.model.school import Staff
from tests.support.table import table


@table(
    ("typed", "day"),
    [
        ("5/9", "5/9/2025"), ("31/8", "31/8/2025"), ("31/7", "31/7/2026"), (" 1.1 ", "1/1/2026"), ("1-2", "1/2/2026"),
        ("5/9/2024", "5/9/2024"), ("", ""), ("5/", "5/"), ("5", "5"),
    ],
)  # fmt: skip
def test_a_day_without_a_year_is_of_the_school_year(typed: str, day: str) -> None:
    assert in_school_year(typed, "2025-2026") == day
    assert in_school_year(typed, "") == typed


@table(
    ("name", "typed", "value"),
    [
        ("sex", "nữ", "female"), ("sex", "NAM", "male"), ("sex", "", ""), ("birth", "2/1/1990", "1990-01-02"),
        ("birth", "", ""), ("personal_id", "037 190 000 001", "037190000001"),
        ("email", "Hoa@Truong.VN", "hoa@truong.vn"),
        ("name", "  Lò   Thị  Á ", "Lò Thị Á"), ("system_user", "gv.hoa", "gv.hoa"), ("system_user", "", ""),
        ("subjects", "Toán; tiếng anh", ("TOAN", "NN1")), ("subjects", "TIN TV", ("TIN", "TV")), ("subjects", "", ()),
    ],
)  # fmt: skip
def test_a_fact_is_read(name: str, typed: str, value: Any) -> None:
    assert read_fact(name, typed) == value


@table(
    ("name", "typed"),
    [
        ("sex", "x"), ("birth", "31/2/1990"), ("birth", "33000"), ("personal_id", "123"), ("email", "hoa"),
        ("subjects", "Triết"), ("system_user", "Gv.hoa"), ("system_user", "a b"), ("system_user", "a" * 33),
        ("system_user", "../x"),
    ],
)  # fmt: skip
def test_what_is_none_is_refused(name: str, typed: str) -> None:
    with pytest.raises(Refused):
        read_fact(name, typed)


def test_a_duty_is_read_from_a_form() -> None:
    form = {"since": "5/9", "until": "31/8/2026", "decision": "1/QĐ", "grades": "4, 5", "subjects": "tiếng anh"}
    duty = typed_duty("group_head", form)
    assert (duty.grades, duty.subjects) == ((4, 5), ("NN1",))
    with pytest.raises(Refused, match="không phải một số"):
        typed_duty("group_head", {**form, "grades": "bốn"})


def test_unknown_subjects_name_the_known_ones() -> None:
    with pytest.raises(Refused) as told:
        read_subjects("Triết học, Toán")
    assert "Triết học" in told.value.what
    assert "TOAN Toán" in told.value.now


def test_a_change_is_said_field_by_field() -> None:
    before = Staff("x", "Lò Thị Á", roles=("teacher",))
    after = Staff("x", "Lò Thị Á", roles=("teacher", "clerk"), birth="1990-01-02")
    words = "Ngày sinh: trống → 02/01/1990; Quyền: Giáo viên → Giáo viên, Văn thư"
    assert change_in_words(before, after) == words
    assert change_in_words(before, before) == ""
