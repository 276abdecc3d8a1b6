"""Headers of one to three rows, merged to the right and downwards, in any order and spelling."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hocba_tui.errors import Refused
from hocba_tui.intake.headers import Table, find_table
from hocba_tui.intake.workbook import CellValue, Sheet

FIELDS = {
    "code": ("Mã học sinh", "Mã định danh Bộ GD&ĐT"),
    "name": ("Họ tên",),
    "father": ("Họ tên cha",),
    "birth": ("Ngày sinh",),
    "promoted": ("Lên lớp",),
}
RESULTS = (
    ("STT", "Mã học\nsinh", "Họ tên", "Môn học và hoạt động giáo dục", None, None, "Năng lực cốt lõi", None, None,
     "Lên lớp"),
    (None, None, None, "Toán", None, "Đạo đức", "Năng lực chung", None, "Năng lực đặc thù", None),
    (None, None, None, "Mức đạt được", "Điểm KTĐK", "Mức đạt được", "Tự chủ", "Hợp tác", "Ngôn ngữ", None),
)  # fmt: skip
DATA = (1, "99", "Lò Văn An", "T", 9, "H", "T", "Đ", "C", "x")
COLUMNS = [
    ("STT",), ("Mã học sinh",), ("Họ tên",),
    ("Môn học và hoạt động giáo dục", "Toán", "Mức đạt được"),
    ("Môn học và hoạt động giáo dục", "Toán", "Điểm KTĐK"),
    ("Môn học và hoạt động giáo dục", "Đạo đức", "Mức đạt được"),
    ("Năng lực cốt lõi", "Năng lực chung", "Tự chủ"), ("Năng lực cốt lõi", "Năng lực chung", "Hợp tác"),
    ("Năng lực cốt lõi", "Năng lực đặc thù", "Ngôn ngữ"), ("Lên lớp",),
]  # fmt: skip


def find(*rows: Sequence[CellValue], required: Sequence[str] = ("code", "name")) -> Table:
    return find_table([Sheet("Hướng dẫn", (("Ghi chú",),)), Sheet("Lop_5", rows)], FIELDS, required, "Không thấy.")


@pytest.mark.parametrize("above", [0, 1, 5])
def test_result_file_of_three_header_rows(above: int) -> None:
    table = find(*[("BẢNG TỔNG HỢP",)] * above, *RESULTS, DATA)
    assert (table.sheet.name, table.first_row) == ("Lop_5", 3 + above)
    assert table.columns == {"code": 1, "name": 2, "promoted": 9}
    assert list(table.paths) == COLUMNS
    assert table.rows() == [(4 + above, DATA)]


@given(st.permutations([(0,), (1,), (2,), (3, 4, 5), (6, 7, 8), (9,)]))
def test_groups_of_columns_in_any_order(order: list[tuple[int, ...]]) -> None:
    places = [index for group in order for index in group]
    table = find(*[[row[index] for index in places] for row in (*RESULTS, DATA)])
    assert list(table.paths) == [COLUMNS[index] for index in places]
    assert table.columns == {name: places.index(index) for name, index in (("code", 1), ("name", 2), ("promoted", 9))}
    assert table.first_row == 3


def test_required_headers_on_the_lowest_row() -> None:
    table = find((None, None, "Toán", None), ("Mã học sinh", "Họ tên", "Mức", "Điểm"), ("1", "An", "T", 9))
    assert (table.first_row, table.paths[2:]) == (2, (("Toán", "Mức"), ("Toán", "Điểm")))


def test_required_headers_on_different_rows() -> None:
    table = find(("Mã học sinh", "Học sinh", None), (None, "Họ tên", "Ngày sinh"), ("1", "An", "x"))
    assert (table.first_row, table.columns) == (2, {"code": 0, "name": 1, "birth": 2})


def test_header_is_read_downwards() -> None:
    table = find(("Mã học sinh", "Họ tên", "Họ tên", None), (None, None, "cha", "mẹ"), ("1", "An", "Bình", "Chi"))
    assert (table.first_row, table.columns) == (2, {"code": 0, "name": 1, "father": 2})


@pytest.mark.parametrize(
    "row",
    [
        (None, None, "14/03/2015", None, None),
        (None, None, None, 7.0, None),
        (None, None, "không rõ", None, None),
        ("1", None, None, "Nữ", "ghi thêm"),
        (None, None, None, None, None),
    ],
)
def test_incomplete_first_row_is_no_header(row: tuple[CellValue, ...]) -> None:
    table = find(("Mã học sinh", "Họ tên", "Ngày sinh", "Giới tính", None), row, ("1", "An"))
    assert table.first_row == 1
    assert table.rows()[-1] == (3, ("1", "An"))


def test_label_above_the_header_does_not_become_a_column() -> None:
    table = find(("Họ tên", "hiệu trưởng", None), (None, "Mã học sinh", "Họ tên"), ("x", "1", "An"))
    assert table.columns == {"code": 1, "name": 2}


def test_of_two_columns_with_one_header_the_left_one_counts() -> None:
    assert find(("Mã học sinh", "Họ tên", "Họ tên")).columns == {"code": 0, "name": 1}


def test_missing_column_and_short_row_read_as_nothing() -> None:
    table = find(("Mã học sinh", "Họ tên", "Ngày sinh"), ("1", " Ðỗ \n An"))
    row = table.rows()[0][1]
    assert (table.text(row, "name"), table.value(row, "birth"), table.value(row, "father")) == ("Đỗ An", None, None)


@pytest.mark.parametrize("rows", [(), (("Họ tên",),), ((None,),) * 12 + (("Mã học sinh", "Họ tên"),)])
def test_no_header_is_refused(rows: tuple[tuple[CellValue, ...], ...]) -> None:
    with pytest.raises(Refused, match="Không thấy"):
        find(*rows)
