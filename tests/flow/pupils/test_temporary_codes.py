"""A pupil has a temporary code until the official one comes, and keeps all data then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hocba_tui.errors import Conflict
from hocba_tui.flow.desk import INDEX, RESULTS, Desk
from hocba_tui.flow.importing import RowKind
from hocba_tui.flow.pupils.facts import correct_pupil
from hocba_tui.flow.pupils.pupils_import import PupilsPreview, accept, apply, preview
from hocba_tui.model.pupil import Pupil
from hocba_tui.rules.identity import temporary_code
from hocba_tui.store.backend import Edit
from hocba_tui.store.shard import FileShard
from tests.conftest import DeskAs
from tests.support.sheets import workbook

pytestmark = pytest.mark.usefixtures("read_here")

NEW_HEADER = ("Họ và tên", "Ngày sinh", "Số định danh", "Nữ")
C1_HEADER = ("Mã lớp", "Mã học sinh", "Họ và tên", "Ngày sinh", "Số định danh")
AN, BINH = ("Nguyễn Hoà An", "01/02/2019", "999319000001", "x"), ("Trần Văn Bình", "05/03/2019", "", "")
AN_CODE, BINH_CODE = "TAM-999319000001", temporary_code("", "Trần Văn Bình", "2019-03-05")

Row = Sequence[str]


class PowerCut(BaseException):
    """Not a subclass of Exception, so that no code catches it."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "lists").mkdir()
    return tmp_path / "lists"


def new(folder: Path, *rows: Row, room: str = "1A") -> Path:
    return workbook(folder / "lop1.xlsx", [(f"LỚP {room}",), NEW_HEADER, *rows])


def official(folder: Path, *rows: Row) -> Path:
    return workbook(folder / "c1.xlsx", [C1_HEADER, *rows])


def row(code: str, pupil: Row, room: str = "1A", **other: str) -> Row:
    name, birth, number, _ = pupil
    return (room, code, other.get("name", name), other.get("birth", birth), other.get("number", number))


def bring_in(desk: Desk, path: Path) -> PupilsPreview:
    found = preview(desk, path)
    apply(desk, found)
    return found


def by_name(desk: Desk, name: str, room: str = "1A") -> Pupil:
    (found,) = (pupil for pupil in desk.pupils(room, with_left=True) if pupil.name == name)
    return found


def kinds(found: PupilsPreview) -> list[RowKind]:
    return [line.kind for line in found.lines]


def findings(found: PupilsPreview) -> set[str]:
    return {finding.code for finding in found.findings} - {"IN-NO-ID", "IN-TEMPORARY", "IN-DATE-PART"}


def write_results(desk: Desk, key: str, room: str = "1A") -> None:
    desk.class_shard(room).change("gv.1a", "test", [Edit(RESULTS, key, "end_year.TOAN.level", None, "T")])


def test_new_pupils_come_with_a_temporary_code(desk_as: DeskAs, folder: Path) -> None:
    bring_in(desk_as("vanthu"), new(folder, AN, BINH))
    an, binh = by_name(desk_as("vanthu"), AN[0]), by_name(desk_as("vanthu"), BINH[0])
    assert (an.code, an.sex, an.birth) == (AN_CODE, "female", "2019-02-01")
    assert (binh.code, binh.sex) == (BINH_CODE, "male")
    assert (
        [(move.kind, move.day) for move in an.enrolment]
        == [("came", an.history[0].arrived)]
        == [("came", "2025-09-05")]
    )


def test_the_same_list_a_second_time_changes_nothing(desk_as: DeskAs, folder: Path, store_root: Path) -> None:
    path = new(folder, AN, BINH)
    bring_in(desk_as("vanthu"), path)
    journals = {p: p.read_bytes() for p in store_root.rglob("journal.log")}
    found = bring_in(desk_as("vanthu"), path)
    assert kinds(found) == [RowKind.SAME, RowKind.SAME]
    assert {p: p.read_bytes() for p in store_root.rglob("journal.log")} == journals


def test_official_codes_replace_the_temporary_ones_and_results_stay(desk_as: DeskAs, folder: Path) -> None:
    bring_in(desk_as("vanthu"), new(folder, AN, BINH))
    keys = {name: by_name(desk_as("vanthu"), name).key for name in (AN[0], BINH[0])}
    for key in keys.values():
        write_results(desk_as("gv.1a"), key)
    path = official(folder, row("2512345678", AN), row("2512345679", BINH, name="Trần  Văn Bình"))
    found = preview(desk_as("vanthu"), path)
    assert [(line.kind, line.renamed) for line in found.lines] == [
        (RowKind.CHANGED, f"mã học sinh: {AN_CODE} → 2512345678"),
        (RowKind.CHANGED, f"mã học sinh: {BINH_CODE} → 2512345679"),
    ]
    assert apply(desk_as("vanthu"), found) == 2
    fresh = desk_as("vanthu")
    for name, code, old in ((AN[0], "2512345678", AN_CODE), (BINH[0], "2512345679", BINH_CODE)):
        pupil = by_name(fresh, name)
        assert (pupil.key, pupil.code, pupil.former_codes) == (keys[name], code, (old,))
        assert fresh.class_shard("1A").document(RESULTS, pupil.key) == {"end_year.TOAN.level": "T"}
        index = fresh.school_shard.document(INDEX, pupil.key)
        assert (index["code"], index["former"]) == (code, [old])
    assert kinds(preview(fresh, path)) == [RowKind.SAME, RowKind.SAME]
    assert kinds(preview(fresh, new(folder, AN, BINH))) == [RowKind.SAME, RowKind.SAME]


def test_tone_written_elsewhere_is_the_same_name(desk_as: DeskAs, folder: Path) -> None:
    bring_in(desk_as("vanthu"), new(folder, (AN[0], AN[1], "", "x")))
    found = preview(desk_as("vanthu"), official(folder, row("2512345678", AN, name="Nguyễn Hòa An", number="")))
    assert kinds(found) == [RowKind.CHANGED]


def test_twins_of_almost_one_name_are_two(desk_as: DeskAs, folder: Path) -> None:
    one, two = ("Trần Minh Anh", "01/02/2019", "", "x"), ("Trần Minh Ánh", "01/02/2019", "", "x")
    bring_in(desk_as("vanthu"), new(folder, one, two))
    found = preview(desk_as("vanthu"), official(folder, row("2512345678", two), row("2512345679", one)))
    assert [line.before.name for line in found.lines if line.before] == [two[0], one[0]]
    assert findings(found) == set()


def test_moved_and_renamed_at_once(desk_as: DeskAs, folder: Path) -> None:
    bring_in(desk_as("vanthu"), new(folder, AN))
    write_results(desk_as("gv.1a"), by_name(desk_as("vanthu"), AN[0]).key)
    # Grade 2 is where this school has another class; the birth date fits both.
    found = bring_in(desk_as("vanthu"), official(folder, row("2512345678", AN, room="2A")))
    assert kinds(found) == [RowKind.MOVED]
    fresh = desk_as("vanthu")
    pupil = by_name(fresh, AN[0], "2A")
    assert (pupil.code, pupil.former_codes) == ("2512345678", (AN_CODE,))
    assert fresh.class_shard("2A").document(RESULTS, pupil.key) == {"end_year.TOAN.level": "T"}
    assert pupil.enrolment[-1][:3] == ("changed_class", "2026-06-10", "1A")


def test_two_namesakes_born_on_one_day_are_asked_about(desk_as: DeskAs, folder: Path) -> None:
    desk = desk_as("vanthu")
    bring_in(desk, new(folder, AN, (AN[0], AN[1], "999319000002", "x")))
    found = preview(desk, official(folder, row("2512345678", AN, number="")))
    assert (findings(found), found.usable, found.lines) == ({"IN-WHICH"}, False, ())


@pytest.mark.parametrize(
    ("other", "code", "usable"),
    [
        ({"number": "999319000009"}, "IN-WHICH", False),
        ({"number": "", "birth": "02/2019"}, "IN-WHICH", False),
        ({"number": "", "birth": ""}, "IN-WHICH", False),
        ({"number": "", "birth": "09/09/2019"}, "IN-LIKE", True),
        ({"number": "", "room": "2A"}, "IN-LIKE", None),
    ],
    ids=str,
)
def test_who_may_be_the_same_is_never_taken_silently(
    desk_as: DeskAs, folder: Path, other: dict[str, str], code: str, usable: bool | None
) -> None:
    bring_in(desk_as("vanthu"), new(folder, AN))
    found = preview(desk_as("vanthu"), official(folder, row("2512345678", AN, **other)))
    if usable is None:  # Another grade: no search there.
        assert (kinds(found), findings(found)) == ([RowKind.NEW], set())
    else:
        assert (findings(found), found.usable) == ({code}, usable)
        assert kinds(found) == ([RowKind.NEW] if usable else [])


def test_row_that_names_one_pupil_by_id_leaves_the_namesake_to_the_other_row(desk_as: DeskAs, folder: Path) -> None:
    bring_in(desk_as("vanthu"), new(folder, AN, (AN[0], AN[1], "999319000002", "x")))
    rows = (row("2512345678", AN), row("2512345679", AN, number=""))
    found = preview(desk_as("vanthu"), official(folder, *rows))
    assert [line.renamed for line in found.lines] == [
        f"mã học sinh: {AN_CODE} → 2512345678",
        "mã học sinh: TAM-999319000002 → 2512345679",
    ]


def test_two_rows_for_one_pupil_are_an_error(desk_as: DeskAs, folder: Path) -> None:
    bring_in(desk_as("vanthu"), new(folder, BINH))
    found = preview(desk_as("vanthu"), official(folder, row("2512345678", BINH), row("2512345679", BINH)))
    assert (findings(found), found.usable) == ({"IN-TWICE"}, False)


def test_id_of_somebody_else_renames_nobody(desk_as: DeskAs, folder: Path) -> None:
    bring_in(desk_as("vanthu"), new(folder, AN))
    found = preview(desk_as("vanthu"), official(folder, row("2512345678", BINH, number=AN[2])))
    assert (findings(found), found.usable) == ({"IN-ID-TAKEN"}, False)


def test_id_that_comes_later_makes_the_better_temporary_code(desk_as: DeskAs, folder: Path) -> None:
    bring_in(desk_as("vanthu"), new(folder, BINH))
    path = new(folder, (BINH[0], BINH[1], "999219000009", ""))
    found = bring_in(desk_as("vanthu"), path)
    assert [line.renamed for line in found.lines] == [f"mã học sinh: {BINH_CODE} → TAM-999219000009"]
    assert kinds(preview(desk_as("vanthu"), path)) == [RowKind.SAME]
    # The list without the id still means the same pupil.
    assert kinds(preview(desk_as("vanthu"), new(folder, BINH))) == [RowKind.SAME]


def test_another_official_code_is_only_offered(desk_as: DeskAs, folder: Path) -> None:
    desk = desk_as("vanthu")
    pupil = next(p for p in desk.pupils("1A") if p.personal_id)
    born = "/".join(reversed(pupil.birth.split("-")))
    path = official(folder, ("1A", "2512345678", pupil.name, born, pupil.personal_id))
    found = preview(desk, path)
    assert (findings(found), found.offers, kinds(found)) == ({"IN-NEW-CODE"}, 1, [RowKind.SAME])
    assert apply(desk, found) == 0
    taken = accept(desk, found)
    assert taken == preview(desk, path, accept_offers=True)
    assert [line.renamed for line in taken.lines] == [f"mã học sinh: {pupil.code} → 2512345678"]
    apply(desk, taken)
    fresh = desk_as("vanthu")
    after = by_name(fresh, pupil.name)
    assert after == replace(pupil, code="2512345678", former_codes=(pupil.code,))
    assert findings(preview(fresh, path)) == set()
    # The old list still means the same pupil and does not restore the old code.
    old = preview(fresh, official(folder, ("1A", pupil.code, pupil.name, born, pupil.personal_id)))
    assert (kinds(old), old.lines[0].pupil.code) == ([RowKind.SAME], "2512345678")


def test_code_typed_in_the_roster_keeps_the_old_one(desk_as: DeskAs, folder: Path) -> None:
    bring_in(desk_as("vanthu"), new(folder, AN))
    desk = desk_as("gv.1a")
    pupil = by_name(desk, AN[0])
    after = correct_pupil(desk, "1A", pupil.key, {"code": "2512345678"})
    assert (after.code, after.former_codes) == ("2512345678", (AN_CODE,))
    assert kinds(preview(desk_as("vanthu"), new(folder, AN))) == [RowKind.SAME]


def test_two_people_bring_the_same_list_in_at_once(desk_as: DeskAs, folder: Path) -> None:
    one, two = desk_as("vanthu"), desk_as("hieutruong")
    path = new(folder, AN, BINH)
    first, second = preview(one, path), preview(two, path)
    apply(one, first)
    with pytest.raises(Conflict):
        apply(two, second)
    assert sum(pupil.name == AN[0] for pupil in desk_as("vanthu").pupils("1A")) == 1


def test_crash_between_the_classes_is_finished_when_the_store_is_opened(
    desk_as: DeskAs, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [("LỚP 1A",), NEW_HEADER, AN, ("LỚP 2A",), ("Lê Thị Cúc", "07/07/2018", "999318000003", "x")]
    path = workbook(folder / "two.xlsx", rows)
    real, steps = FileShard.change, 0

    def cut(self: FileShard, *arguments: Any, **named: Any) -> Any:
        nonlocal steps
        steps += bool(named.get("intent"))
        if steps == 2:
            raise PowerCut
        return real(self, *arguments, **named)

    desk = desk_as("vanthu")
    found = preview(desk, path)
    with monkeypatch.context() as patch:
        patch.setattr(FileShard, "change", cut)
        with pytest.raises(PowerCut):
            apply(desk, found)
    again = preview(desk_as("vanthu"), path)
    assert kinds(again) == [RowKind.SAME, RowKind.SAME]
