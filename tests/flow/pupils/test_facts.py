"""Correcting one pupil's facts."""

from __future__ import annotations

import pytest

from hocba_tui.errors import Conflict, NotAllowed, Refused
from hocba_tui.flow.desk import INDEX, RECORDS, Desk
from hocba_tui.flow.pupils.facts import correct_pupil
from hocba_tui.flow.school.classes import save_class
from hocba_tui.model.pupil import Pupil
from hocba_tui.store.backend import Edit
from tests.conftest import DeskAs


def first(desk: Desk) -> Pupil:
    return desk.pupils("5A")[0]


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("name", "  Ðặng  Văn\u00a0An ", "Đặng Văn An"),
        ("personal_id", "999 315.000 099", "999315000099"),
        ("birth", "14/03/2015", "2015-03-14"),
        ("birth", "2015-03-14", "2015-03-14"),
        ("exempt", "gdtc, an", "GDTC AN"),
        ("father", "", ""),
        ("code", "2512345678", "2512345678"),
        ("sex", "nam", "male"),
        ("joined", "02/03/2026", "2026-03-02"),
        ("policy", "Con thương binh", "Con thương binh"),
        ("plan", "Số 12/KH", "Số 12/KH"),
        ("not_in_plan", "an yn", "AN YN"),
        ("grade", "", None),
    ],
)
def test_typed_facts_are_cleaned_and_kept(desk_as: DeskAs, name: str, typed: str, value: object) -> None:
    desk = desk_as("gv.5a")
    pupil = first(desk)
    assert getattr(correct_pupil(desk, "5A", pupil.key, {name: typed}), name) == value
    (after,) = (p for p in desk_as("gv.5a").pupils("5A") if p.key == pupil.key)
    assert getattr(after, name) == value


@pytest.mark.parametrize(
    "changes",
    [
        {"name": " "},
        {"personal_id": "37215000001"},
        {"exempt": "GDTC XX"},
        {"birth": "31/02/2015"},
        {"birth": "hôm qua"},
        {"code": "mã của em"},
        {"code": "9" * 21},
        {"sex": "x"},
        {"joined": "hôm nọ"},
        {"grade": "4"},
        {"not_in_plan": "TOAN XX"},
        {"left": "2026-01-01"},
        {"assessed": ""},
    ],
    ids=str,
)
def test_impossible_facts_are_refused(desk_as: DeskAs, changes: dict[str, str]) -> None:
    desk = desk_as("gv.5a")
    pupil = first(desk)
    with pytest.raises(Refused):
        correct_pupil(desk, "5A", pupil.key, {"address": "Xóm Mới", **changes})
    assert first(desk_as("gv.5a")) == pupil


def test_index_of_the_school_follows(desk_as: DeskAs) -> None:
    desk = desk_as("gv.5a")
    pupil = first(desk)
    correct_pupil(desk, "5A", pupil.key, {"personal_id": "999315000099"})
    assert desk_as("gv.5a").school_shard.document(INDEX, pupil.key)["personal_id"] == "999315000099"


def test_submitted_record_locks_its_pupil(desk_as: DeskAs) -> None:
    desk = desk_as("gv.5a")
    pupil = first(desk)
    desk.class_shard("5A").change("test", "test", [Edit(RECORDS, pupil.key, "state", None, "submitted")])
    with pytest.raises(Refused):
        correct_pupil(desk, "5A", pupil.key, {"name": "Tên Khác"})


def test_pupil_whom_the_class_does_not_have_is_refused(desk_as: DeskAs) -> None:
    desk = desk_as("gv.5a")
    with pytest.raises(Refused):
        correct_pupil(desk, "5A", "hs-none", {"name": "Ma"})
    assert "hs-none" not in {pupil.key for pupil in desk_as("gv.5a").pupils("5A")}


@pytest.mark.parametrize("account", ["gv.4a", "gv.anh2"])
def test_only_who_answers_for_the_class_corrects_its_pupils(desk_as: DeskAs, account: str) -> None:
    desk = desk_as(account)
    with pytest.raises(NotAllowed):
        correct_pupil(desk, "5A", first(desk).key, {"name": "Tên Khác"})


@pytest.mark.parametrize(
    "changes",
    [
        {"exempt": "TOAN"},
        {"assessed": ""},
        {"not_in_plan": "TOAN"},
        {"plan": "1"},
        {"grade": "4"},
        {"disability": "x"},
    ],
    ids=str,
)
def test_administrator_cannot_touch_a_result_by_way_of_an_exemption(desk_as: DeskAs, changes: dict[str, str]) -> None:
    # QĐ 1789 Điều 5.3c: without mathematics a pupil who failed it has completed the year.
    desk = desk_as("admin")
    with pytest.raises(NotAllowed):
        correct_pupil(desk, "5A", first(desk).key, changes)


def test_own_grade_only_in_a_combined_class(desk_as: DeskAs) -> None:
    save_class(desk_as("vanthu"), "5A", {"combined": [4]})
    desk = desk_as("gv.5a")
    key = first(desk).key
    assert correct_pupil(desk, "5A", key, {"grade": "4"}).grade == 4
    with pytest.raises(Refused):
        correct_pupil(desk, "5A", key, {"grade": "3"})
    assert correct_pupil(desk, "5A", key, {"grade": ""}).grade is None


def test_code_of_another_pupil_is_refused(desk_as: DeskAs) -> None:
    desk = desk_as("gv.5a")
    one, two, *_ = desk.pupils("5A")
    with pytest.raises(Refused):
        correct_pupil(desk, "5A", one.key, {"code": two.code})


def test_what_somebody_else_corrected_meanwhile_is_not_overwritten(desk_as: DeskAs) -> None:
    """The form stays open for minutes; only what it shows may be replaced by what is typed into it."""
    desk = desk_as("gv.5a")
    shown = first(desk)
    correct_pupil(desk_as("vanthu"), "5A", shown.key, {"father": "Trần Văn Cha"})
    with pytest.raises(Conflict, match="vừa được người khác đổi thành “Trần Văn Cha”"):
        correct_pupil(desk, "5A", shown.key, {"father": "Lê Văn Cha", "mother": "Phạm Thị Mẹ"}, shown)
    assert first(desk).father == "Trần Văn Cha"
    assert correct_pupil(desk, "5A", shown.key, {"mother": "Phạm Thị Mẹ"}, shown).father == "Trần Văn Cha"
