"""The list of staff: a dozen of 72 columns, found by their headers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hocba_tui.errors import Refused
from hocba_tui.intake.staff_list import StaffList, read_staff_list
from tests.support.sheets import Rows, workbook

pytestmark = pytest.mark.usefixtures("read_here")

HEADER = (
    "STT", "Mã giáo viên", "Họ tên", "Ngày sinh", "Giới tính", "Trạng thái\nCB", "Số định danh cá nhân", "Email",
    "Điện thoại", "Vị trí việc làm", "Nhóm chức vụ", "Môn dạy",
)  # fmt: skip
HOA = (
    1, "3700001", "Nguyễn Thị Hoa", "02/03/1985", "Nữ", "Đang làm việc", "037185000001", "Hoa@LieuDe.edu.vn",
    "0912000111", "Giáo viên tiểu học hạng III", "Giáo viên", "Tin học; Mỹ thuật",
)  # fmt: skip

Read = Callable[[Rows], StaffList]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    return lambda rows: read_staff_list(workbook(tmp_path / "CSDL_GiaoVien.xlsx", rows))


def changed(**cells: object) -> tuple[object, ...]:
    names = ("no", "code", "name", "birth", "sex", "status", "number", "email", "phone", "place", "group", "subjects")
    return tuple(cells.get(name, value) for name, value in zip(names, HOA, strict=True))


def test_facts_of_a_row(read: Read) -> None:
    (hoa,) = read([["DANH SÁCH CÁN BỘ"], HEADER, HOA]).people
    assert hoa.facts == {
        "name": "Nguyễn Thị Hoa", "birth": "1985-03-02", "sex": "female", "personal_id": "037185000001",
        "email": "hoa@lieude.edu.vn", "job": "Giáo viên tiểu học hạng III, Giáo viên",
    }  # fmt: skip
    assert (hoa.subjects, hoa.group, hoa.gone) == (("TIN", "MT"), "Giáo viên", False)


@pytest.mark.parametrize(
    ("status", "gone"),
    [
        ("Nghỉ hưu", True), ("Đã nghỉ hưu", True), ("Chuyển đi", True), ("Thôi việc", True), ("Đang làm việc", False),
        ("Chuyển đến", False), ("Nghỉ thai sản", False), ("", False),
    ],
)  # fmt: skip
def test_status_says_who_has_left(read: Read, status: str, gone: bool) -> None:
    assert read([HEADER, changed(status=status)]).people[0].gone is gone


@pytest.mark.parametrize(
    ("cells", "code", "field"),
    [
        ({"number": "37185000001"}, "IN-STAFF-ID", "personal_id"),
        ({"number": "162000111"}, "IN-STAFF-ID", "personal_id"),
        ({"birth": "31/02/1985"}, "IN-STAFF-DATE", "birth"),
        ({"email": "hoa"}, "IN-EMAIL", "email"),
    ],
)
def test_what_is_not_sure_is_told_and_left_out(read: Read, cells: dict[str, str], code: str, field: str) -> None:
    found = read([HEADER, changed(**cells)])
    assert [finding.code for finding in found.findings] == [code]
    assert field not in found.people[0].facts


@pytest.mark.parametrize(
    ("rows", "codes"),
    [
        ([changed(name="")], ["IN-INCOMPLETE"]),
        ([changed(sex="?")], ["IN-SEX"]),
        ([changed(subjects="Văn hóa cơ bản")], ["IN-SUBJECT"]),
        ([HOA, changed(number="")], ["IN-DOUBLED"] * 2),
        ([HOA, changed(email="x@y.vn")], ["IN-DOUBLED"] * 2),
        ([changed(email="", number="")] * 2, ["IN-DOUBLED"] * 2),
        ([HOA, changed(email="", number="")], []),
    ],
)
def test_findings(read: Read, rows: Rows, codes: list[str]) -> None:
    assert [finding.code for finding in read([HEADER, *rows]).findings] == codes


@pytest.mark.parametrize(
    "rows",
    [
        [HEADER],
        [("Họ tên", "Ngày sinh"), ("Lê An", "01/02/1980")],
        [("Mã lớp", "Mã học sinh", "Họ tên", "Email"), ("1A", "2512345678", "Lê An", "me@x.vn")],
    ],
    ids=str,
)
def test_file_of_something_else_is_refused(read: Read, rows: Rows) -> None:
    with pytest.raises(Refused):
        read(rows)
