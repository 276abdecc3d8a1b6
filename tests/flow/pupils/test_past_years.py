"""Rows of QUÁ TRÌNH HỌC TẬP, typed by hand."""

from __future__ import annotations

import pytest

from hocba_tui.errors import Conflict, NotAllowed, Refused
from hocba_tui.flow.desk import RECORDS, Desk
from hocba_tui.flow.pupils.past_years import remove_year, typed_row, write_year
from hocba_tui.model.pupil import Pupil
from hocba_tui.store.backend import Edit
from tests.conftest import DeskAs

TYPED = {
    "year": "2020 – 2021",
    "class_name": "2B",
    "school": "Trường Tiểu học  Mẫu",
    "province": "Ninh Bình",
    "arrived": "05/09/2020",
    "extract": "Học bạ giấy số 12/2021",
}


def first(desk: Desk) -> Pupil:
    return desk.pupils("5A")[0]


def test_an_earlier_year_from_paper_is_kept_in_order(desk_as: DeskAs) -> None:
    desk = desk_as("gv.5a")
    before = first(desk)
    write_year(desk, "5A", before, None, TYPED)
    after = first(desk_as("gv.5a"))
    (row,) = set(after.history) - set(before.history)
    assert (row.year, row.school, row.arrived, row.extract) == (
        "2020-2021",
        "Trường Tiểu học Mẫu",
        "2020-09-05",
        "Học bạ giấy số 12/2021",
    )
    assert [r.year for r in after.history] == sorted(r.year for r in after.history)


def test_a_row_as_shown_is_a_row_as_typed(desk_as: DeskAs) -> None:
    desk = desk_as("gv.5a")
    pupil = write_year(desk, "5A", first(desk), None, TYPED)
    row = next(r for r in pupil.history if r.year == "2020-2021")
    assert write_year(desk, "5A", pupil, row, typed_row(row)) == pupil
    assert write_year(desk, "5A", pupil, row, {**typed_row(row), "class_name": "2C"}).history != pupil.history
    assert len(first(desk_as("gv.5a")).history) == len(pupil.history)


def test_a_row_is_removed_but_never_the_present_years(desk_as: DeskAs) -> None:
    desk = desk_as("gv.5a")
    before = first(desk)
    pupil = write_year(desk, "5A", before, None, TYPED)
    assert remove_year(desk, "5A", pupil, next(r for r in pupil.history if r.year == "2020-2021")) == before
    with pytest.raises(Refused):
        remove_year(desk, "5A", before, before.history[-1])


@pytest.mark.parametrize(
    "wrong",
    [
        {"year": "2022"},
        {"year": "2022-2024"},
        {"year": "2031-2032"},
        {"school": " "},
        {"class_name": ""},
        {"arrived": "31/02/2022"},
        {"arrived": ""},
        {"school": "T" * 251},
    ],
    ids=str,
)
def test_what_cannot_be_is_refused(desk_as: DeskAs, wrong: dict[str, str]) -> None:
    desk = desk_as("gv.5a")
    before = first(desk)
    with pytest.raises(Refused):
        write_year(desk, "5A", before, None, {**TYPED, **wrong})
    assert first(desk_as("gv.5a")) == before


def test_submitted_records_and_strangers_change_nothing(desk_as: DeskAs) -> None:
    desk = desk_as("gv.5a")
    before = first(desk)
    with pytest.raises(NotAllowed):
        write_year(desk_as("gv.4a"), "5A", before, None, TYPED)
    desk.class_shard("5A").change("test", "test", [Edit(RECORDS, before.key, "state", None, "submitted")])
    with pytest.raises(Refused):
        write_year(desk, "5A", before, None, TYPED)


def test_two_people_do_not_overwrite_each_other(desk_as: DeskAs) -> None:
    one, two = desk_as("gv.5a"), desk_as("vanthu")
    seen = first(one)
    write_year(one, "5A", seen, None, TYPED)
    with pytest.raises(Conflict):
        write_year(two, "5A", seen, None, {**TYPED, "year": "2019-2020"})
