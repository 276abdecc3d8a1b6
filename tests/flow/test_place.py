"""The cell at which somebody was cut off: offered once, and only when it can still be gone to."""

from __future__ import annotations

import pytest

from hocba_tui.flow.grades.drafts import drafts
from hocba_tui.flow.place import keep_place, take_place
from tests.conftest import DeskAs

FIELD = "end_year.TOAN.score"


def test_a_kept_place_is_offered_once_and_is_no_draft(desk_as: DeskAs) -> None:
    desk = desk_as("gv.5a")
    pupil = desk.pupils("5A")[3]
    assert take_place(desk) is None
    keep_place(desk, "5A", pupil.key, FIELD)
    assert drafts(desk) == ()
    place = take_place(desk_as("gv.5a"))
    assert place is not None
    assert place.params == {"class_key": "5A", "pupil": pupil.key, "field": FIELD}
    assert place.words == f"Lớp 5A, {pupil.name}, Toán: điểm KTĐK."
    assert take_place(desk_as("gv.5a")) is None


@pytest.mark.parametrize(
    ("class_key", "pupil"), [("5A", "nobody"), ("9Z", ""), ("4A", "")], ids=["no pupil", "no class", "not my class"]
)
def test_a_place_that_is_not_there_any_more_is_forgotten(desk_as: DeskAs, class_key: str, pupil: str) -> None:
    desk = desk_as("gv.5a")
    key = pupil or next(iter(desk_as("hieutruong").pupils("4A"))).key
    keep_place(desk, class_key, key, FIELD)
    assert take_place(desk) is None
    assert desk.store.drafts("gv.5a") == {}
