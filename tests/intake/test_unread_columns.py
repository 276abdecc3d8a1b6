"""Columns of lists as programs and schools write them are read; whatever is left is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from hocba_tui.errors import Refused
from hocba_tui.intake.pupil_file import read_pupils
from hocba_tui.intake.pupil_list import PupilList
from hocba_tui.intake.staff_list import read_staff_list
from tests.support.result_sheets import write_rows
from tests.support.table import table

pytestmark = pytest.mark.usefixtures("read_here")

WHO = ["Mã học sinh", "Họ tên", "Ngày sinh"]
ANH = ["9900000001", "Trần Minh Anh", "14/03/2015"]


def read(folder: Path, *rows: list[object], sheet: str = "Sheet1") -> PupilList:
    return read_pupils(write_rows(folder / "list.xlsx", rows, sheet))


def test_the_export_of_csdl_for_a_class_is_read_with_the_class_of_its_title(tmp_path: Path) -> None:
    head = ["STT", "Mã định danh Bộ GD&ĐT", "Họ tên", "Ngày sinh", "Giới tính", "Trạng thái", "SĐT liên hệ",
            "Nơi sinh chi tiết", "Phường/Xã nơi sinh", "Tổ thôn quê quán", "Phường Xã quê quán", "Tỉnh thành quê quán",
            "Chỗ ở hiện nay", "Tên cha", "Năm sinh cha", "Tên mẹ", "Khối học", "Số CCCD"]  # fmt: skip
    row: list[object] = [1, *ANH, "Nữ", "Đang học", "0900000000", "Trạm y tế", "Xã Thử", "Xóm 1", "Xã Thử", "Tỉnh Thử",
                         "Xóm 2, Xã Thử", "Phạm Văn Thử", 1980, "Lê Thị Thử", "Khối 5", "036315009999"]  # fmt: skip
    found = read(tmp_path, ["SỞ GIÁO DỤC"], ["DANH SÁCH HỌC SINH LỚP 5A"], [], list(head), row)
    (pupil,) = found.pupils
    assert (pupil.class_key, pupil.code, pupil.grade) == ("5A", "9900000001", 5)
    assert pupil.facts == {
        "name": "Trần Minh Anh", "birth": "2015-03-14", "sex": "female", "personal_id": "036315009999",
        "birthplace": "Trạm y tế, Xã Thử", "hometown": "Xóm 1, Xã Thử, Tỉnh Thử", "address": "Xóm 2, Xã Thử",
        "father": "Phạm Văn Thử", "mother": "Lê Thị Thử", "left": "", "left_reason": "",
    }  # fmt: skip
    assert [finding.code for finding in found.findings] == ["IN-COLUMN"]
    assert "“Năm sinh cha”" in found.findings[0].message
    assert "SĐT" not in found.findings[0].message


@table(
    ("head", "field"),
    [("Họ tên bố", "father"), ("Tên bố", "father"), ("Họ và tên mẹ", "mother"), ("Tên mẹ", "mother"), ("MẸ", "mother"),
     ("Nơi ở hiện tại", "address"), ("Địa chỉ", "address"), ("Nguyên quán", "hometown"),
     ("Tỉnh thành quê quán", "hometown"),
     ("Nơi sinh chi tiết", "birthplace"), ("Người giám hộ", "guardian"), ("Số đăng bộ", "register_no")],
)  # fmt: skip
def test_the_heads_of_other_programs_are_read(tmp_path_factory: pytest.TempPathFactory, head: str, field: str) -> None:
    found = read(tmp_path_factory.mktemp("list"), [*WHO, "Lớp học", head], [*ANH, "5A", "Một Hai"])
    assert found.pupils[0].facts[field] == "Một Hai"
    assert found.findings == ()


def test_what_is_not_read_is_named_and_an_empty_column_is_not(tmp_path: Path) -> None:
    found = read(
        tmp_path, [*WHO, "Lớp", "Ghi chú", "Sở trường", "Bán trú", "Cân nặng"], [*ANH, "5A", "x", "", "có", 31]
    )
    ((code, message),) = [(finding.code, finding.message) for finding in found.findings]
    assert code == "IN-COLUMN"
    assert ("“Bán trú”" in message, "“Cân nặng”" in message, "Sở trường" in message) == (True, True, False)


def test_a_second_column_of_the_same_fact_is_named(tmp_path: Path) -> None:
    found = read(tmp_path, [*WHO, "Lớp", "Tên mẹ", "Họ tên mẹ"], [*ANH, "5A", "Lê Thị A", "Lê Thị B"])
    assert found.pupils[0].facts["mother"] == "Lê Thị A"
    assert "“Họ tên mẹ”" in found.findings[0].message


@pytest.mark.parametrize("sheet", ["5A", "Lớp 5A", "DS lop 5A"])
def test_the_class_may_stand_in_the_name_of_the_sheet(tmp_path: Path, sheet: str) -> None:
    assert read(tmp_path, list(WHO), list(ANH), sheet=sheet).pupils[0].class_key == "5A"


def test_a_list_that_says_no_class_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="lớp nào"):
        read(tmp_path, list(WHO), list(ANH))


def test_a_file_of_results_is_no_list_of_pupils(tmp_path: Path) -> None:
    head = [*WHO, "Lớp", "Toán mức", "Toán điểm", "Tiếng Việt mức", "Yêu nước"]
    with pytest.raises(Refused, match="tệp kết quả"):
        read(tmp_path, list(head), [*ANH, "5A", "T", 9, "H", "T"])


def test_the_column_nu_counts_also_in_a_class_list(tmp_path: Path) -> None:
    found = read(tmp_path, [*WHO, "Lớp", "Nữ"], [*ANH, "5A", "x"], ["2", "Lò Văn Ba", "01/02/2015", "5A", ""])
    assert [pupil.facts["sex"] for pupil in found.pupils] == ["female", "male"]


def test_columns_of_staff_that_are_not_read_are_named_together(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["STT", "Họ tên", "Email", "Hệ số lương", "Ngạch"],
        [1, "Lò Thị Ánh", "anh@truong.vn", 2.34, "V.07"],
    ]
    found = read_staff_list(write_rows(tmp_path / "staff.xlsx", rows))
    ((code, message),) = [(finding.code, finding.message) for finding in found.findings]
    assert code == "IN-COLUMN"
    assert "“Hệ số lương”" in message
    assert "“Ngạch”" in message
