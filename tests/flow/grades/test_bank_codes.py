"""Codes of comments in a results file are expanded from the bank; an unknown one is quoted and changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from hocba_tui.flow.comments.bank import bank_in, keep
from hocba_tui.flow.grades.results_import import ResultsRequest, preview
from hocba_tui.model.bank import BankEntry, Shelf
from hocba_tui.model.results import COMMENT
from hocba_tui.model.values import Period
from tests.conftest import DeskAs
from tests.support.result_sheets import write_rows

pytestmark = pytest.mark.usefixtures("read_here")


def test_a_code_stands_for_its_text(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("gv.5a")
    keep(desk, [BankEntry("ts1", "Em {ten} tính nhanh và cẩn thận.", "TOAN")], Shelf.OWN)
    keep(desk, [BankEntry("tv1", "Em {ten} đọc trôi chảy.", "TV")], Shelf.OWN)
    one, two, three, four = desk.pupils("5A")[:4]
    head = ["Mã học sinh", "Họ tên", "Toán mã nhận xét", "Toán nhận xét"]
    rows = [
        [one.code, one.name, "TS1", ""],
        [two.code, two.name, "ts1", "Em đã tự viết lời này."],
        [three.code, three.name, "khongco", ""],
        [four.code, four.name, "tv1", ""],
    ]
    path = write_rows(tmp_path / "f.xlsx", [head, *rows])
    found = preview(desk, path, ResultsRequest(Period.END_YEAR, "5A", bank=bank_in))
    assert {line.pupil.key: line.after for line in found.lines if line.cell.aspect == COMMENT} == {
        one.key: f"Em {one.name.split()[-1]} tính nhanh và cẩn thận.",
        two.key: "Em đã tự viết lời này.",
    }
    assert [(finding.code, finding.pupil) for finding in found.findings] == [
        ("IN-BANK-CODE", three.key),
        ("IN-BANK-CODE", four.key),
    ]
    assert "“khongco”" in found.findings[0].message
    assert found.usable
