"""Import of the list of staff: people are found by id, email or name; no file gives a role of power."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from hocba_tui.errors import Conflict, NotAllowed, Refused
from hocba_tui.flow.desk import STAFF, Desk
from hocba_tui.flow.grades.enter import Typed, enter
from hocba_tui.flow.importing import RowKind
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.school.accounts import new_account, save_account
from hocba_tui.flow.school.staff_import import StaffPreview, accept, apply, preview
from hocba_tui.model.results import Cell
from hocba_tui.model.school import Staff
from hocba_tui.store.backend import Edit
from tests.conftest import DeskAs
from tests.support.sheets import workbook

pytestmark = pytest.mark.usefixtures("read_here")

HEADER = ("Họ tên", "Email", "Trạng thái CB", "Vị trí việc làm", "Nhóm chức vụ", "Môn dạy", "Số định danh", "Giới tính")
Row = Sequence[str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "lists").mkdir()
    return tmp_path / "lists"


def listed(folder: Path, *rows: Row) -> Path:
    return workbook(folder / "CSDL_GiaoVien.xlsx", [HEADER, *rows])


def row(name: str, **cells: str) -> Row:
    usual = {
        "email": "", "status": "Đang làm việc", "place": "Giáo viên tiểu học", "group": "Giáo viên", "subjects": "",
        "number": "", "sex": "",
    }  # fmt: skip
    return (name, *{**usual, **cells}.values())


def bring_in(desk: Desk, path: Path) -> StaffPreview:
    found = preview(desk, path)
    apply(desk, found)
    return found


def kinds(found: StaffPreview) -> list[RowKind]:
    return [line.kind for line in found.lines]


def codes(found: StaffPreview) -> list[str]:
    return [finding.code for finding in found.findings]


HOA = row("Phạm Thị Hoà", email="hoa@x.edu.vn", number="999185000099", subjects="Tin học", sex="Nữ")


def test_new_teacher_gets_an_account_and_no_more_than_a_teachers_role(desk_as: DeskAs, folder: Path) -> None:
    found = bring_in(desk_as("hieutruong"), listed(folder, HOA))
    assert kinds(found) == [RowKind.NEW]
    assert desk_as("hieutruong").staff("gv.hoapt") == Staff(
        "gv.hoapt", "Phạm Thị Hoà", "female", "999185000099", "Giáo viên", ("teacher",), email="hoa@x.edu.vn",
        job="Giáo viên tiểu học, Giáo viên", subjects=("TIN",),
    )  # fmt: skip


def test_the_same_list_a_second_time_changes_nothing(desk_as: DeskAs, folder: Path, store_root: Path) -> None:
    rows = [HOA, row("Phạm Thị Hoà", email="hoa2@x.edu.vn"), row("Vi Văn Khánh", place="Bảo vệ", group="Nhân viên")]
    path = listed(folder, *rows)
    assert apply(desk_as("hieutruong"), preview(desk_as("hieutruong"), path)) == 3
    journals = {p: p.read_bytes() for p in store_root.rglob("journal.log")}
    found = bring_in(desk_as("hieutruong"), path)
    assert kinds(found) == [RowKind.SAME] * 3
    assert [line.person.key for line in found.lines] == ["gv.hoapt", "gv.hoapt2", "nv.khanhvv"]
    assert desk_as("hieutruong").staff("nv.khanhvv").roles == ()
    assert {p: p.read_bytes() for p in store_root.rglob("journal.log")} == journals


@pytest.mark.parametrize(
    ("place", "group", "title", "wanting"),
    [
        ("Hiệu trưởng", "Hiệu trưởng", "Hiệu trưởng", "Hiệu trưởng"),
        ("Phó hiệu trưởng", "Phó hiệu trưởng", "Phó hiệu trưởng", "Phó hiệu trưởng"),
        ("Văn thư", "Nhân viên", "Văn thư", "Văn thư"),
        ("Công nghệ thông tin", "Nhân viên", "Nhân viên", "Quản trị"),
    ],
)
def test_no_file_gives_a_role_of_power(
    desk_as: DeskAs, folder: Path, place: str, group: str, title: str, wanting: str
) -> None:
    found = bring_in(desk_as("hieutruong"), listed(folder, row("Lê Mới", place=place, group=group)))
    assert codes(found) == ["IN-STAFF-ROLE"]
    assert wanting in found.findings[0].message
    person = desk_as("hieutruong").staff(found.lines[0].person.key)
    assert (person.title, set(person.roles) - {"teacher"}) == (title, set())
    principal = desk_as("hieutruong").staff("hieutruong")
    again = preview(desk_as("phohieutruong"), listed(folder, row(principal.name, place="Hiệu trưởng", group="")))
    assert "IN-STAFF-ROLE" not in codes(again)


def test_person_is_known_by_id_then_email_then_the_only_name(desk_as: DeskAs, folder: Path) -> None:
    desk = desk_as("admin")
    bring_in(desk, listed(folder, HOA))
    for cells, fields in (
        ({"number": "999185000099", "email": "moi@x.edu.vn"}, ("email",)),
        ({"number": "", "email": "HOA@x.edu.vn"}, ()),
        ({"number": "", "email": ""}, ()),
        ({"number": "", "email": "moi@x.edu.vn"}, ("email",)),
    ):
        (line,) = preview(desk, listed(folder, row("Phạm Thị Hòa", **cells))).lines
        assert line.person.key == "gv.hoapt"
        assert set(line.fields) == {"name", *fields}
    other = preview(desk, listed(folder, row("Phạm Thị Hoà", number="999185000098")))
    assert (kinds(other), other.lines[0].person.key) == ([RowKind.NEW], "gv.hoapt2")


def test_who_cannot_be_told_is_asked(desk_as: DeskAs, folder: Path) -> None:
    desk = desk_as("admin")
    bring_in(desk, listed(folder, HOA, row("Phạm Thị Hoà", email="hoa2@x.edu.vn")))
    for asked in (row("Phạm Thị Hoà"), row("Tên Khác", email="hoa@x.edu.vn", number="999185000001")):
        found = preview(desk, listed(folder, asked))
        assert (codes(found), found.lines, found.usable) == (["IN-STAFF-WHO"], (), False)
        with pytest.raises(Refused):
            apply(desk, found)


def test_two_rows_of_one_person_are_an_error(desk_as: DeskAs, folder: Path) -> None:
    bring_in(desk_as("admin"), listed(folder, HOA))
    rows = (row("Phạm Thị Hoà", number="999185000099"), row("Phạm Hoà", email="hoa@x.edu.vn"))
    found = preview(desk_as("admin"), listed(folder, *rows))
    assert (codes(found), found.usable) == (["IN-TWICE"], False)


@pytest.mark.parametrize("status", ["Nghỉ hưu", "Chuyển đi", "Thôi việc"])
def test_who_has_left_can_do_nothing_any_more_also_in_an_open_session(
    desk_as: DeskAs, folder: Path, status: str, store_root: Path
) -> None:
    session = desk_as("gv.5a")
    person, pupil = session.actor, session.pupils("5A")[0]
    cell = Cell("end_year", "TOAN", "comment")
    seen = session.results("5A")[pupil.key].text(cell) or None
    path = listed(folder, row(person.name, number=person.personal_id, status=status))
    found = bring_in(desk_as("hieutruong"), path)
    assert (kinds(found), codes(found)) == ([RowKind.GONE], ["IN-STAFF-DUTY"])
    assert "5A" in found.findings[0].message
    assert desk_as("hieutruong").staff("gv.5a").left == "2026-06-10"
    entered = enter(session, "5A", [Typed(pupil.key, cell, "Em tiến bộ.", seen)])
    assert (entered.entry, len(entered.refused)) == (None, 1)
    assert session.my_classes() == ()
    with pytest.raises(NotAllowed, match="rời trường"):
        open_desk(store_root, "gv.5a")
    assert kinds(preview(desk_as("hieutruong"), path)) == [RowKind.SAME]
    back = bring_in(desk_as("hieutruong"), listed(folder, row(person.name, number=person.personal_id)))
    assert (kinds(back), codes(back), back.offers) == ([RowKind.SAME], ["IN-RETURN"], 1)
    with pytest.raises(NotAllowed, match="rời trường"):
        open_desk(store_root, "gv.5a")
    taken = accept(desk_as("hieutruong"), back)
    assert (kinds(taken), taken.offers) == ([RowKind.CHANGED], 0)
    apply(desk_as("hieutruong"), taken)
    assert desk_as("gv.5a").actor.left == ""


def test_who_comes_back_by_a_file_comes_without_the_roles_that_two_people_give(desk_as: DeskAs, folder: Path) -> None:
    person = desk_as("admin").staff("vanthu")
    desk_as("admin").school_shard.change("test", "test", [Edit(STAFF, "vanthu", "left", None, "2026-01-01")])
    desk, path = desk_as("admin"), listed(folder, row(person.name, number=person.personal_id))
    back = preview(desk, path, accept_offers=True)
    assert "IN-STAFF-ROLE" in codes(back)
    apply(desk, back)
    found = desk_as("admin").staff("vanthu")
    assert (found.left, found.roles) == ("", ())


def test_nobody_takes_themselves_out(desk_as: DeskAs, folder: Path) -> None:
    desk = desk_as("phohieutruong")
    found = preview(desk, listed(folder, row(desk.actor.name, number=desk.actor.personal_id, status="Nghỉ hưu")))
    assert "IN-STAFF-SELF" in codes(found)
    assert not found.usable


def test_last_manager_is_counted_without_those_who_left(desk_as: DeskAs) -> None:
    desk = desk_as("phohieutruong")
    edits = [Edit(STAFF, "admin", "left", None, "2026-06-01"), Edit(STAFF, "vanthu", "left", None, "2026-06-01")]
    desk.school_shard.change("test", "test", edits)
    with pytest.raises(Refused, match="cuối cùng"):
        save_account(desk, "hieutruong", {"roles": ["teacher"]})


@pytest.mark.parametrize("account", ["gv.5a", "vanthu"])
def test_only_those_who_manage_staff(desk_as: DeskAs, folder: Path, account: str) -> None:
    with pytest.raises(NotAllowed):
        preview(desk_as(account), listed(folder, HOA))
    with pytest.raises(NotAllowed):
        apply(desk_as(account), preview(desk_as("admin"), listed(folder, HOA)))


def test_same_person_brought_in_by_two_at_once_enters_once(desk_as: DeskAs, folder: Path) -> None:
    path = listed(folder, HOA, row("Vi Văn Khánh"))
    one, two = desk_as("admin"), desk_as("hieutruong")
    first, second = preview(one, path), preview(two, path)
    apply(one, first)
    with pytest.raises(Conflict):
        apply(two, second)
    assert sum(person.name == "Vi Văn Khánh" for person in desk_as("admin").everybody()) == 1


def test_account_names(desk_as: DeskAs) -> None:
    assert new_account("Đỗ Ngọc Ánh Đào", (), teaches=True) == "gv.daodna"
    assert new_account("H'Hen Niê", ("gv.nieh",), teaches=True) == "gv.nieh2"
    assert new_account("Hoa", ("nv.hoa", "nv.hoa2"), teaches=False) == "nv.hoa3"
    assert new_account("***", (), teaches=False) == "nv.x"
    save_account(desk_as("admin"), new_account("Lê Ý", (), teaches=True), {"name": "Lê Ý"})


def test_a_name_in_a_legacy_font_is_never_written_as_it_stands(desk_as: DeskAs, folder: Path) -> None:
    """The name of staff is signed into records: "Lª ThÞ Thñy" is Lê Thị Thủy only after a person confirmed."""
    desk = desk_as("hieutruong")
    path = listed(folder, row("Lª ThÞ Thñy", status="NghØ h\u00adu", place="Gi¸o viªn", group="Gi¸o viªn"))
    found = preview(desk, path)
    assert (codes(found), found.usable, found.offers) == (["IN-LEGACY-OFFER"] * 3, False, 3)
    with pytest.raises(Refused):
        apply(desk, found)
    taken = accept(desk, found)
    assert (taken.usable, taken.offers, kinds(taken)) == (True, 0, [RowKind.GONE])
    assert taken == preview(desk, path, accept_offers=True)
    apply(desk, taken)
    (person,) = (p for p in desk_as("hieutruong").everybody() if p.name == "Lê Thị Thủy")
    assert (person.key, person.job, bool(person.left)) == ("gv.thuylt", "Giáo viên", True)


@pytest.mark.parametrize(
    ("place", "group", "title"),
    [
        ("Phó hiệu trưởng trường tiểu học", "Cán bộ quản lý", "Phó hiệu trưởng"),
        ("Hiệu trưởng", "Hiệu trưởng", "Hiệu trưởng"),
        ("Giáo viên tiểu học hạng II", "Giáo viên", "Giáo viên"),
    ],
)
def test_title_of_a_new_person_follows_the_post(
    desk_as: DeskAs, folder: Path, place: str, group: str, title: str
) -> None:
    """The title is signed into the records of a round that this person opens."""
    found = preview(desk_as("hieutruong"), listed(folder, row("Đinh Văn Mới", place=place, group=group)))
    assert [line.person.title for line in found.lines] == [title]
