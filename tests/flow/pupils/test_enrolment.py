"""Admitting a pupil, leaving, coming back, changing the class."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hocba_tui.demo.class_list import write_class_list
from hocba_tui.errors import Conflict, NotAllowed, Refused
from hocba_tui.flow.desk import INDEX, RECORDS, RESULTS, Desk, OpenSchool
from hocba_tui.flow.importing import RowKind
from hocba_tui.flow.pupils import enrolment, pupil_lines
from hocba_tui.flow.pupils.enrolment import admit, change_class, classes_to_move_to, come_back, leave
from hocba_tui.flow.pupils.pupil_lines import PupilLine
from hocba_tui.flow.pupils.pupils_import import apply, preview
from hocba_tui.flow.school.classes import save_class
from hocba_tui.model.pupil import Enrolment, Pupil
from hocba_tui.rules.identity import temporary_code
from hocba_tui.store.backend import Edit
from tests.conftest import DeskAs

FACTS = {"name": "Lò Thị Ánh", "birth": "05/05/2015", "sex": "nữ", "personal_id": "999315111111"}


def first(desk: Desk) -> Pupil:
    return desk.pupils("5A")[0]


def lock(desk: Desk, pupil: Pupil) -> None:
    desk.class_shard("5A").change("test", "test", [Edit(RECORDS, pupil.key, "state", None, "submitted")])


@pytest.fixture
def second_class(desk_as: DeskAs) -> str:
    save_class(desk_as("vanthu"), "5B", {"grade": 5})
    return "5B"


def test_admitted_pupil_has_a_temporary_code_and_came_today(desk_as: DeskAs) -> None:
    pupil = admit(desk_as("gv.5a"), "5A", FACTS)
    assert (pupil.code, pupil.sex, pupil.birth) == ("TAM-999315111111", "female", "2015-05-05")
    assert pupil.enrolment == (Enrolment("came", "2026-06-10"),)
    assert [(row.class_name, row.arrived) for row in pupil.history] == [("5A", "2026-06-10")]
    fresh = desk_as("gv.5a")
    assert pupil in fresh.pupils("5A")
    assert fresh.school_shard.document(INDEX, pupil.key)["class"] == "5A"


def test_admitted_pupil_may_bring_a_code_and_a_day(desk_as: DeskAs) -> None:
    pupil = admit(desk_as("gv.5a"), "5A", {**FACTS, "code": "2512345678", "joined": "02/03/2026"})
    assert (pupil.code, pupil.former_codes, pupil.joined) == ("2512345678", (), "2026-03-02")


@pytest.mark.parametrize(
    "changes",
    [
        {"name": " "},
        {"birth": ""},
        {"birth": "31/02/2015"},
        {"birth": "05/05/2005"},
        {"personal_id": "123"},
        {"joined": "11/06/2026"},
        {"left": "01/01/2026"},
        {"grade": "4"},
    ],
    ids=str,
)
def test_impossible_pupil_is_refused(desk_as: DeskAs, changes: dict[str, str]) -> None:
    count = len(desk_as("gv.5a").pupils("5A"))
    with pytest.raises(Refused):
        admit(desk_as("gv.5a"), "5A", {**FACTS, **changes})
    assert len(desk_as("gv.5a").pupils("5A")) == count


def test_pupil_whom_the_school_has_is_not_admitted_again(desk_as: DeskAs) -> None:
    desk = desk_as("gv.5a")
    known = next(p for p in desk.pupils("5A") if p.personal_id)
    born = "/".join(reversed(known.birth.split("-")))
    for facts in (
        {**FACTS, "personal_id": known.personal_id},
        {**FACTS, "code": known.code},
        {"name": known.name, "birth": born},
    ):
        with pytest.raises(Refused):
            admit(desk, "5A", facts)
    twin = admit(desk, "5A", {"name": known.name, "birth": born, "personal_id": "999315111112"})
    assert twin.key != known.key
    admit(desk, "5A", FACTS)
    with pytest.raises(Refused):
        admit(desk, "5A", FACTS)


def test_leaving_and_coming_back_are_kept(desk_as: DeskAs) -> None:
    desk = desk_as("gv.5a")
    pupil = first(desk)
    results = dict(desk.class_shard("5A").document(RESULTS, pupil.key))
    gone = leave(desk, "5A", pupil.key, "02/03/2026", "Trường Mẫu", "Chuyển đi")
    assert (gone.left, gone.left_reason, gone.studying) == ("2026-03-02", "Chuyển đi", False)
    back = come_back(desk, "5A", pupil.key, "01/06/2026", "hết điều trị")
    assert back.studying
    assert back.enrolment == (
        Enrolment("left", "2026-03-02", "Trường Mẫu", "Chuyển đi"),
        Enrolment("returned", "2026-06-01", "", "hết điều trị"),
    )
    fresh = desk_as("gv.5a")
    assert first(fresh) == back
    assert fresh.class_shard("5A").document(RESULTS, pupil.key) == results


@pytest.mark.parametrize(("day", "reason"), [("", "x"), ("31/02/2026", "x"), ("11/06/2026", "x"), ("01/03/2026", " ")])
def test_leaving_without_a_day_or_reason_is_refused(desk_as: DeskAs, day: str, reason: str) -> None:
    desk = desk_as("gv.5a")
    with pytest.raises(Refused):
        leave(desk, "5A", first(desk).key, day, "", reason)
    assert first(desk_as("gv.5a")).studying


def test_days_run_forward(desk_as: DeskAs) -> None:
    desk = desk_as("gv.5a")
    pupil = first(desk)
    with pytest.raises(Refused):
        come_back(desk, "5A", pupil.key, "01/06/2026")
    leave(desk, "5A", pupil.key, "02/03/2026", "", "Chuyển đi")
    with pytest.raises(Refused):
        leave(desk, "5A", pupil.key, "03/03/2026", "", "Chuyển đi")
    with pytest.raises(Refused):
        come_back(desk, "5A", pupil.key, "01/03/2026")
    come_back(desk, "5A", pupil.key, "01/06/2026")
    with pytest.raises(Refused):
        leave(desk, "5A", pupil.key, "31/05/2026", "", "Chuyển đi")


def test_changing_class_takes_results_and_record_along(desk_as: DeskAs, second_class: str) -> None:
    desk = desk_as("vanthu")
    pupil = first(desk)
    results = dict(desk.class_shard("5A").document(RESULTS, pupil.key))
    assert results
    moved = change_class(desk, pupil.key, "5A", second_class, "01/06/2026", "gần nhà")
    assert moved.enrolment[-1] == Enrolment("changed_class", "2026-06-01", "5A", "gần nhà")
    assert moved.history[-1].class_name == "5B"
    fresh = desk_as("vanthu")
    assert fresh.class_shard("5B").document(RESULTS, pupil.key) == results
    assert pupil.key not in {p.key for p in fresh.pupils("5A", with_left=True)}
    assert fresh.school_shard.document(INDEX, pupil.key)["class"] == "5B"


def test_into_a_combined_class_the_own_grade_goes_along(desk_as: DeskAs, second_class: str) -> None:
    desk = desk_as("vanthu")
    save_class(desk, "4G", {"grade": 4, "combined": [5]})
    pupil = first(desk)
    assert [room.key for room in classes_to_move_to(desk, "5A", pupil)] == ["4G", second_class]
    assert change_class(desk, pupil.key, "5A", "4G", "01/06/2026", "").grade == 5
    assert change_class(desk, pupil.key, "4G", second_class, "02/06/2026", "").grade is None


def test_class_of_another_grade_is_refused(desk_as: DeskAs) -> None:
    desk = desk_as("vanthu")
    for room in ("4A", "5A"):
        with pytest.raises(Refused):
            change_class(desk, first(desk).key, "5A", room, "01/06/2026", "")


@pytest.mark.parametrize("account", ["gv.4a", "gv.anh2"])
def test_only_who_answers_for_the_class(desk_as: DeskAs, second_class: str, account: str) -> None:
    desk, key = desk_as(account), first(desk_as("gv.5a")).key
    with pytest.raises(NotAllowed):
        admit(desk, "5A", FACTS)
    with pytest.raises(NotAllowed):
        leave(desk, "5A", key, "01/06/2026", "", "Chuyển đi")
    with pytest.raises(NotAllowed):
        change_class(desk_as("gv.5a"), key, "5A", second_class, "01/06/2026", "")


def test_submitted_record_holds_its_pupil(desk_as: DeskAs, second_class: str) -> None:
    desk = desk_as("vanthu")
    pupil = first(desk)
    lock(desk, pupil)
    with pytest.raises(Refused):
        leave(desk, "5A", pupil.key, "01/06/2026", "", "Chuyển đi")
    with pytest.raises(Refused):
        change_class(desk, pupil.key, "5A", second_class, "01/06/2026", "")
    assert first(desk_as("vanthu")) == pupil


def test_record_submitted_in_between_makes_a_conflict(
    desk_as: DeskAs, second_class: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = desk_as("vanthu")
    pupil = first(desk)
    real = pupil_lines.write

    def late(school: OpenSchool, lines: list[PupilLine], act: str) -> None:
        lock(desk_as("gv.5a"), pupil)
        real(school, lines, act)

    monkeypatch.setattr(enrolment, "write", late)
    with pytest.raises(Conflict):
        change_class(desk, pupil.key, "5A", second_class, "01/06/2026", "")
    fresh = desk_as("vanthu")
    assert pupil.key in {p.key for p in fresh.pupils("5A")}
    assert pupil.key not in {p.key for p in fresh.pupils(second_class)}


def test_import_writes_the_same_movements(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("gv.5a")
    one = first(desk)
    (gone,) = (p for p in desk.pupils("5A", with_left=True) if not p.studying)
    path = tmp_path / "list.xlsx"
    rows = [
        replace(one, left="2026-05-01", left_reason="Chuyển đi"),
        replace(gone, left="", left_reason="", joined="2026-04-01"),
    ]
    write_class_list(path, "5A", rows)
    found = preview(desk, path)
    assert [line.kind for line in found.lines] == [RowKind.LEFT, RowKind.CHANGED]
    apply(desk, found)
    after = {p.key: p for p in desk_as("gv.5a").pupils("5A", with_left=True)}
    assert after[one.key].enrolment == (Enrolment("left", "2026-05-01", "", "Chuyển đi"),)
    assert after[gone.key].enrolment == (Enrolment("returned", "2026-04-01"),)
    assert apply(desk_as("gv.5a"), preview(desk_as("gv.5a"), path)) == 0


def test_temporary_code_of_a_pupil_without_id(desk_as: DeskAs) -> None:
    pupil = admit(desk_as("gv.5a"), "5A", {"name": "Lò Thị Ánh", "birth": "2015"})
    assert pupil.code == temporary_code("", "Lò Thị Ánh", "2015")


def test_a_pupil_listed_late_can_have_left_before_the_list_came(desk_as: DeskAs) -> None:
    """A list without the day of arrival does not make the day of the import the day of arrival."""
    desk = desk_as("gv.5a")
    block = (
        "Mã lớp\tMã học sinh\tHọ và tên\tNgày sinh\tTrạng thái HS\n5A\t9911111111\tLò Văn Mới\t05/05/2015\tĐang học\n"
    )
    apply(desk, preview(desk, block))
    (pupil,) = (p for p in desk.pupils("5A") if p.name == "Lò Văn Mới")
    assert pupil.enrolment == (Enrolment("came", pupil.history[0].arrived),)
    gone = leave(desk, "5A", pupil.key, "01/06/2026", "", "Chuyển đi")
    assert gone.left == "2026-06-01" < desk.clock.today().isoformat()
