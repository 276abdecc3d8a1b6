"""How a change of a pupil's facts changes the pupil's place in the school."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hocba_tui.model.pupil import Enrolment, Pupil, SchoolYearRow
from hocba_tui.model.school import ClassRoom
from hocba_tui.rules.enrolment import in_class, movements
from hocba_tui.rules.identity import is_temporary, temporary_code
from tests.support.table import table

TODAY = "2026-06-10"
HERE = Pupil("k", name="Lò Thị Ánh", joined="2025-09-05")
GONE = replace(HERE, left="2026-02-01", left_reason="Chuyển đi")
LEFT = Enrolment("left", "2026-02-01", "", "Chuyển đi")


@table(
    ("before", "after", "was_in", "expected"),
    [
        (None, HERE, "", [Enrolment("came", "2025-09-05")]),
        (None, replace(HERE, joined=""), "", [Enrolment("came", TODAY)]),
        (None, GONE, "", [Enrolment("came", "2025-09-05"), LEFT]),
        (None, replace(GONE, joined=""), "", [LEFT]),
        (HERE, GONE, "1A", [LEFT]),
        (GONE, GONE, "1A", []),
        (GONE, HERE, "1A", [Enrolment("returned", TODAY)]),
        (GONE, replace(HERE, joined="2026-04-01"), "1A", [Enrolment("returned", "2026-04-01")]),
        (HERE, HERE, "1B", [Enrolment("changed_class", TODAY, "1B")]),
        (HERE, GONE, "1B", [Enrolment("changed_class", TODAY, "1B"), LEFT]),
    ],
)
def test_movements(before: Pupil | None, after: Pupil, was_in: str, expected: list[Enrolment]) -> None:
    assert list(movements(before, after, was_in, "1A", TODAY)) == expected


GRADES = st.integers(1, 5)
ROOMS = st.builds(
    lambda grade, others: ClassRoom("X", grade, combined=tuple(sorted(others - {grade})), year="2025-2026"),
    GRADES,
    st.sets(GRADES, max_size=2),
)


@given(ROOMS, ROOMS, st.data())
def test_own_grade_is_kept_wherever_the_class_has_it(was: ClassRoom, now: ClassRoom, data: st.DataObject) -> None:
    own = data.draw(st.sampled_from(was.grades))
    history = (SchoolYearRow("2024-2025", "old", "s", ""), SchoolYearRow("2025-2026", "old", "s", ""))
    pupil = replace(HERE, grade=own if was.combined else None, history=history)
    moved = in_class(pupil, was, replace(now, key="Y"))
    assert [row.class_name for row in moved.history] == ["old", "Y"]
    assert moved.grade == (own if now.combined and own in now.grades else None)
    assert replace(moved, grade=pupil.grade, history=history) == pupil


@pytest.mark.parametrize(("code", "waits"), [("", True), ("TAM-1", True), ("2512345678", False), ("tam-1", False)])
def test_who_waits_for_a_code(code: str, waits: bool) -> None:
    assert is_temporary(code) is waits


def test_the_same_pupil_entered_again_has_the_same_temporary_code() -> None:
    assert temporary_code("999319000001", "Lò An", "2019-01-02") == temporary_code("999319000001", "Lò Thị An", "2019")
    by_name = temporary_code("", "Lò Thị Ánh", "2019-01-02")
    assert temporary_code("", " LÒ  thị a\u0301nh ", "2019-01-02") == by_name
    assert len({by_name, temporary_code("", "Lò Thị Anh", "2019-01-02"), temporary_code("", "Lò Thị Ánh", "2019")}) == 3
    assert is_temporary(by_name)
