"""The container of an xls file: large and small streams, and containers with circular chains."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hocba_tui.intake.ole import read_container, records
from hocba_tui.intake.source import read_file
from tests.support.workbooks import biff, biff_formula, ole, ole_of_one_small_stream

SECTOR = 512
FAT_AT = SECTOR


def test_large_stream_is_found_among_others() -> None:
    data = bytes(range(256)) * 20
    found = read_container(ole({"Other": b"x", "WorkBook": data}))
    assert found.names == ("root entry", "other", "workbook", "")
    assert found.workbook == data


@given(st.binary(min_size=1, max_size=500))
def test_small_stream_lies_in_the_container_of_small_ones(data: bytes) -> None:
    assert read_container(ole_of_one_small_stream("Book", data)).workbook == data


def test_small_workbook_is_read_and_its_formula_found(tmp_path: Path) -> None:
    path = tmp_path / "ds.xls"
    small = read_container(biff({(0, 0): "Mã lớp"})).workbook.rstrip(b"\0") + b"\0\0\0"
    path.write_bytes(ole_of_one_small_stream("Workbook", small))
    assert [list(sheet.rows) for sheet in read_file(path)] == [[["Mã lớp"]]]
    formula = biff_formula(0, 1, struct.pack("<d", 9.0))
    path.write_bytes(ole_of_one_small_stream("Workbook", small[:-4] + formula + small[-4:]))
    (found,) = read_file(path)
    assert (list(found.rows), found.unseen.formulas) == ([["Mã lớp", 9.0]], ((0, 1, True),))


@pytest.mark.parametrize(
    ("at", "value"), [(FAT_AT + 8, 2), (FAT_AT + 4, 1), (FAT_AT + 8, 5000), (48, 70000), (30, 3), (76, 4_000_000)]
)
def test_container_that_leads_in_circles_or_nowhere_is_an_error(at: int, value: int) -> None:
    data = bytearray(ole({"Workbook": b"x" * 5000}))
    data[at : at + 4] = struct.pack("<I", value)
    with pytest.raises((ValueError, LookupError, struct.error)):
        read_container(bytes(data))


def test_records_end_with_the_stream() -> None:
    assert list(records(struct.pack("<HH2sHH", 9, 2, b"ab", 10, 4) + b"c")) == [(9, b"ab"), (10, b"c")]
    assert list(records(b"\1\0\1")) == []
