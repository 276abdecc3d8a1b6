"""A school and a class that a verb has opened are one moment; what others write meanwhile is found by the change."""

from __future__ import annotations

from pathlib import Path

import pytest

from hocba_tui.errors import Conflict, NotAllowed, Refused, StoreUnusable
from hocba_tui.flow.desk import PUPILS, RECORDS, RESULTS, OpenClass
from hocba_tui.flow.grades.enter import Typed, enter
from hocba_tui.flow.pupils.facts import correct_pupil
from hocba_tui.flow.school.periods import set_open
from hocba_tui.model.results import LEVEL, Cell
from hocba_tui.model.values import Period
from hocba_tui.rules.permits import Act
from hocba_tui.store.backend import Edit
from tests.conftest import DeskAs

MATHS = Cell(Period.END_YEAR, "TOAN", LEVEL)


def seen(opened: OpenClass) -> tuple[object, ...]:
    tables = [dict(opened.table(name)) for name in (PUPILS, RESULTS, RECORDS)]
    return tables, opened.pupils(with_left=True), dict(opened.results), dict(opened.records), opened.seq


def test_what_was_opened_stays_as_it_was(desk_as: DeskAs) -> None:
    desk, other = desk_as("gv.5a"), desk_as("gv.5a")
    opened, untouched = desk.open_class("5A"), seen(desk.open_class("5A"))
    periods = opened.school.settings.open_periods
    first = next(pupil for pupil in opened.pupils() if pupil.assessed and not pupil.exempt)
    before = opened.document(RESULTS, first.key).get(MATHS.field)
    entered = enter(other, "5A", [Typed(first.key, MATHS, "H" if before == "T" else "T", before)])
    assert entered.entry is not None
    correct_pupil(other, "5A", first.key, {"name": "Trần Thị Mới"})
    set_open(desk_as("hieutruong"), Period.END_YEAR, is_open=False, reason="hết hạn")
    again = desk.open_class("5A")
    assert seen(opened) == untouched
    assert opened.school.settings.open_periods == periods
    assert again.pupil(first.key) != opened.pupil(first.key)
    assert again.school.settings.open_periods != periods


def test_a_change_from_a_moment_that_has_passed_is_a_conflict(desk_as: DeskAs) -> None:
    opened = desk_as("gv.5a").open_class("5A")
    first = next(pupil for pupil in opened.pupils() if pupil.assessed and not pupil.exempt)
    before = opened.document(RESULTS, first.key).get(MATHS.field)
    edit = Edit(RESULTS, first.key, MATHS.field, before, "H" if before == "T" else "T")
    desk_as("hieutruong").class_shard("5A").change(
        "test", "test", [Edit(RECORDS, first.key, "state", None, "submitted")]
    )
    with pytest.raises(Conflict, match="người khác thay đổi"):
        opened.shard.change("gv.5a", "enter", [edit], expecting=opened.as_read(first.key))


def test_a_class_is_opened_once_in_a_school_that_is_open(desk_as: DeskAs) -> None:
    school = desk_as("hieutruong").open_school()
    assert school.open_class("5A") is school.open_class("5A", Act.VIEW_CLASS)
    assert school.open_class("4A") is not school.open_class("5A")


def test_the_door_says_what_is_wrong_before_the_class_is_read(desk_as: DeskAs, store_root: Path) -> None:
    (store_root / "2025-2026" / "5A" / "journal.log").chmod(0o666)
    with pytest.raises(Refused, match="Không có lớp “9Z”"):
        desk_as("hieutruong").open_class("9Z", Act.APPROVE)
    with pytest.raises(NotAllowed, match=r"gv\.4a không được làm việc này ở lớp 5A"):
        desk_as("gv.4a").open_class("5A", Act.VIEW_CLASS)
    with pytest.raises(NotAllowed, match="ở lớp 5A"):
        desk_as("gv.5a").open_class("5A", Act.APPROVE)
    with pytest.raises(StoreUnusable):
        desk_as("gv.5a").open_class("5A", Act.VIEW_CLASS)
