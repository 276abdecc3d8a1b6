"""Export and import of the bank: the entries come back unchanged, and a file is written completely or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from hocba_tui.errors import NotAllowed, Refused, WrongUse
from hocba_tui.export.excel.bank_table import bank_table
from hocba_tui.export.excel.workbook import book
from hocba_tui.flow.comments.bank import bank_of, keep, on_shelf, shipped
from hocba_tui.flow.comments.bank_import_export import apply, export_bank, preview
from hocba_tui.flow.importing import RowKind
from hocba_tui.intake.bank_list import read_bank_list
from hocba_tui.model.bank import BankEntry, Shelf
from hocba_tui.model.curriculum import TraitGroup
from hocba_tui.model.results import HOMEROOM
from hocba_tui.model.values import Period
from hocba_tui.rules.bank import GRADES, USES, entry_problem, levels_for, tidy
from tests.conftest import DeskAs
from tests.support.activity import noted
from tests.support.sheets import workbook

pytestmark = pytest.mark.usefixtures("read_here")

MINE = BankEntry("tvr1", "{ten} đọc hay.", "TV", "T", (4, 5), (Period.END_YEAR,), Shelf.OWN)


@st.composite
def entries(draw: st.DrawFn) -> BankEntry:
    item = draw(st.sampled_from(list(USES)))
    start = draw(st.sampled_from(["", "=", "+", "-", "@", "'", "_x0041_", "{ten} ", "“", "1. "]))
    words = draw(st.text(st.characters(codec="utf-8", exclude_categories=["C"], exclude_characters="{}"), max_size=30))
    text = draw(st.sampled_from([f"{start}Đọc tốt {words}.", f"{start}{words} đọc\nviết tốt {{em}}"]))
    levels = draw(st.lists(st.sampled_from(levels_for(item)), unique=True))
    return tidy(
        BankEntry(
            draw(st.from_regex(r"[a-z][a-z0-9]{0,11}", fullmatch=True)),
            text,
            item,
            "".join(levels),
            tuple(draw(st.lists(st.sampled_from(GRADES), unique=True))),
            tuple(draw(st.lists(st.sampled_from(list(Period)), unique=True))),
        )
    )


@given(
    st.lists(
        entries().filter(lambda entry: not entry_problem(entry)), min_size=1, max_size=40, unique_by=lambda e: e.code
    )
)
@settings(max_examples=25, deadline=None)
def test_what_is_written_is_read_the_same(tmp_path_factory: pytest.TempPathFactory, wanted: list[BankEntry]) -> None:
    path = tmp_path_factory.mktemp("bank") / "bank.xlsx"
    path.write_bytes(book([bank_table(wanted)]))
    listed = read_bank_list(path)
    assert listed.findings == ()
    assert [found.entry for found in listed.rows] == wanted


def test_the_whole_bank_goes_out_and_comes_back_as_it_was(desk_as: DeskAs, tmp_path: Path) -> None:
    keep(desk_as("hieutruong"), [replace(MINE, code="s1")], Shelf.SCHOOL)
    desk = desk_as("gv.5a")
    keep(desk, [MINE, replace(shipped()[0], text="Lời tôi thích hơn.")], Shelf.OWN)
    before = bank_of(desk)
    assert export_bank(desk, tmp_path / "bank.xlsx") == len(before) == len(shipped()) + 2
    found = preview(desk, tmp_path / "bank.xlsx", Shelf.OWN)
    assert found.findings == ()
    assert (found.counts()[RowKind.SAME], len(found.lines)) == (len(before), len(before))
    seq = desk.school_shard.seq
    assert apply(desk, found) == 0
    assert desk.school_shard.seq == seq
    assert bank_of(desk) == before


def test_another_person_gets_from_the_file_just_what_they_lack(desk_as: DeskAs, tmp_path: Path) -> None:
    desk, other = desk_as("gv.5a"), desk_as("gv.4a")
    keep(desk, [MINE], Shelf.OWN)
    export_bank(desk, tmp_path / "bank.xlsx")
    found = preview(other, tmp_path / "bank.xlsx", Shelf.OWN)
    assert (found.counts()[RowKind.NEW], found.counts()[RowKind.CHANGED]) == (1, 0)
    assert on_shelf(other, Shelf.OWN) == ()
    assert apply(other, found) == 1
    assert on_shelf(desk_as("gv.4a"), Shelf.OWN) == (MINE,)


def test_a_change_made_in_excel_is_one_change(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("gv.5a")
    keep(desk, [MINE, replace(MINE, code="tvr2")], Shelf.OWN)
    export_bank(desk, tmp_path / "own.xlsx", Shelf.OWN)
    changed = load_workbook(tmp_path / "own.xlsx")
    changed.worksheets[0]["F2"] = "{Em} viết đẹp."
    changed.worksheets[0]["D2"] = 3
    changed.save(tmp_path / "changed.xlsx")
    found = preview(desk, tmp_path / "changed.xlsx", Shelf.OWN)
    assert [line.kind for line in found.lines] == [RowKind.CHANGED, RowKind.SAME]
    apply(desk, found)
    assert replace(MINE, text="{Em} viết đẹp.", grades=(3,)) in on_shelf(desk_as("gv.5a"), Shelf.OWN)


def test_the_heads_bring_in_for_the_school_and_their_own_are_no_reason_to_leave_it_out(
    desk_as: DeskAs, tmp_path: Path
) -> None:
    head = desk_as("hieutruong")
    keep(head, [MINE], Shelf.OWN)
    export_bank(head, tmp_path / "bank.xlsx", Shelf.OWN)
    with pytest.raises(NotAllowed):
        preview(desk_as("gv.5a"), tmp_path / "bank.xlsx", Shelf.SCHOOL)
    found = preview(head, tmp_path / "bank.xlsx", Shelf.SCHOOL)
    assert apply(head, found) == 1
    assert on_shelf(desk_as("gv.5a"), Shelf.SCHOOL) == (replace(MINE, shelf=Shelf.SCHOOL),)


def listed(
    path: Path, *rows: Sequence[object], head: tuple[str, ...] = ("Mã", "Dùng cho", "Mức", "Khối", "Kỳ")
) -> Path:
    workbook(path, [[*head, "Lời nhận xét"], *rows])
    return path


def test_a_teachers_own_list_needs_only_the_comments(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("gv.5a")
    path = listed(tmp_path / "mine.xlsx", ["Em đọc tốt."], ["Em viết đẹp."], ["Em đọc tốt."], head=())
    found = preview(desk, path, Shelf.OWN)
    assert [(line.entry.code, line.kind) for line in found.lines] == [
        ("r1", RowKind.NEW),
        ("r2", RowKind.NEW),
        ("r1", RowKind.SAME),
    ]
    assert apply(desk, found) == 2
    again = preview(desk, path, Shelf.OWN)
    assert again.counts()[RowKind.SAME] == 3
    assert {entry.text for entry in on_shelf(desk, Shelf.OWN)} == {"Em đọc tốt.", "Em viết đẹp."}


@pytest.mark.parametrize(
    ("row", "entry"),
    [
        (["ĐR1", "Toán", "t", "4,5", "GK1, cuối năm", "Em tính tốt."],
         BankEntry("dr1", "Em tính tốt.", "TOAN", "T", (4, 5), (Period.MID_1, Period.END_YEAR))),
        (["a", "Khoa học", "T/H", "1-3", "ck1;ck2", "Em ham tìm hiểu."],
         BankEntry("a", "Em ham tìm hiểu.", "KH", "TH", (1, 2, 3), (Period.END_1, Period.END_YEAR))),
        (["a", "NL Khoa học", "d", 4.5, "", "Em ham tìm hiểu."],
         BankEntry("a", "Em ham tìm hiểu.", "NLKH", "Đ", (4, 5))),
        (["a", "Phẩm chất", "Đ C", 3, "", "Em biết chia sẻ."],
         BankEntry("a", "Em biết chia sẻ.", TraitGroup.QUALITIES.value, "ĐC", (3,))),
        (["a", "nhân ái", "", "", "", "Em biết chia sẻ."], BankEntry("a", "Em biết chia sẻ.", "NA")),
        (["a", "Giáo viên chủ nhiệm", "", "", "Giữa HK I", "Em chăm ngoan."],
         BankEntry("a", "Em chăm ngoan.", HOMEROOM, "", (), (Period.MID_1,))),
        (["a", "Mĩ Thuật", "", "", "", " Em  vẽ đẹp. "], BankEntry("a", "Em vẽ đẹp.", "MT")),
    ],
)  # fmt: skip
def test_cells_are_read_as_teachers_write_them(tmp_path: Path, row: list[object], entry: BankEntry) -> None:
    found = read_bank_list(listed(tmp_path / "a.xlsx", row))
    assert found.findings == ()
    assert [one.entry for one in found.rows] == [entry]


@pytest.mark.parametrize(
    ("row", "code", "said"),
    [
        (["a", "Văn", "", "", "", "Em viết hay."], "IN-VALUE", "Dòng 2: “Văn”: không biết đó là môn"),
        (["a", "Toán", "Đ", "", "", "Em tính tốt."], "IN-VALUE", "Toán không có mức “Đ”"),
        (["a", "Toán", "giỏi", "", "", "Em tính tốt."], "IN-VALUE", "mức là các chữ"),
        (["a", "Toán", "", "6", "", "Em tính tốt."], "IN-VALUE", "khối là các số"),
        (["a", "Toán", "", "", "tháng 9", "Em tính tốt."], "IN-VALUE", "kỳ là GK1"),
        (["a", "Toán", "", "", "", ""], "IN-INCOMPLETE", "thiếu lời nhận xét"),
        (["1", "Toán", "", "", "", "Em tính tốt."], "IN-VALUE", "chữ cái đứng đầu"),
        (["a", "Toán", "", "", "", "{hoten} tính tốt."], "IN-VALUE", "chỗ điền chỉ có"),
        (["a", "Toán", "", "", "", "Em tính tốt, " * 50], "IN-VALUE", "tối đa 500"),
        (["", "Toán", "", "", "", "xxx xxx"], "IN-VALUE", "chưa nói được gì"),
    ],
)
def test_a_row_that_cannot_be_kept_is_told_and_keeps_the_file_out(
    desk_as: DeskAs, tmp_path: Path, row: list[object], code: str, said: str
) -> None:
    desk = desk_as("gv.5a")
    path = listed(tmp_path / "a.xlsx", row, ["b", "Toán", "", "", "", "Em tính nhanh."])
    found = preview(desk, path, Shelf.OWN)
    (finding,) = found.findings
    assert (finding.code, finding.pupil) == (code, "2")
    assert said in finding.message
    with pytest.raises(Refused, match="còn lỗi"):
        apply(desk, found)
    assert on_shelf(desk, Shelf.OWN) == ()


def test_a_range_that_excel_took_for_a_day_is_no_range(tmp_path: Path) -> None:
    from datetime import date

    found = read_bank_list(listed(tmp_path / "a.xlsx", ["a", "Toán", "", date(2026, 3, 1), "", "Em tính tốt."]))
    assert "khối là các số từ 1 đến 5" in found.findings[0].message


def test_one_code_in_two_rows_is_an_error(tmp_path: Path) -> None:
    rows = [["a1", "", "", "", "", "Em đọc tốt."], ["A1", "", "", "", "", "Em viết đẹp."]]
    found = read_bank_list(listed(tmp_path / "a.xlsx", *rows))
    assert [finding.code for finding in found.findings] == ["IN-DOUBLED", "IN-DOUBLED"]


def test_comments_on_pupils_are_no_bank(tmp_path: Path) -> None:
    workbook(tmp_path / "a.xlsx", [["Họ và tên", "Nhận xét"], ["Trần An", "Em đọc tốt."]])
    with pytest.raises(Refused, match="nhận xét của từng học sinh"):
        read_bank_list(tmp_path / "a.xlsx")


def test_a_file_without_comments_is_refused(tmp_path: Path) -> None:
    workbook(tmp_path / "a.xlsx", [["Mã", "Mức"], ["a", "T"]])
    with pytest.raises(Refused, match="không thấy cột Lời nhận xét"):
        read_bank_list(tmp_path / "a.xlsx")
    workbook(tmp_path / "b.xlsx", [["Mã", "Lời nhận xét"]])
    with pytest.raises(Refused, match="không có lời nhận xét nào"):
        read_bank_list(tmp_path / "b.xlsx")


def test_a_pasted_block_is_read_too(desk_as: DeskAs) -> None:
    found = preview(desk_as("gv.5a"), "Mã\tLời nhận xét\na1\tEm đọc tốt.\n", Shelf.OWN)
    assert [line.entry.code for line in found.lines] == ["a1"]


def test_a_formula_goes_out_as_text(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("gv.5a")
    keep(desk, [replace(MINE, text='=HYPERLINK("http://x","Em đọc tốt")')], Shelf.OWN)
    export_bank(desk, tmp_path / "a.xlsx", Shelf.OWN)
    cell = load_workbook(tmp_path / "a.xlsx").worksheets[0]["F2"]
    assert (cell.data_type, cell.quotePrefix) == ("s", True)


def test_nothing_is_written_over_and_every_export_is_noted(desk_as: DeskAs, store_root: Path, tmp_path: Path) -> None:
    desk = desk_as("gv.5a")
    with pytest.raises(Refused, match="Chưa có lời nào"):
        export_bank(desk, tmp_path / "a.xlsx", Shelf.OWN)
    with pytest.raises(WrongUse, match=r"\.xlsx"):
        export_bank(desk, tmp_path / "a.csv")
    export_bank(desk, tmp_path / "a.xlsx", Shelf.SHIPPED)
    with pytest.raises(Refused, match="không ghi đè"):
        export_bank(desk, tmp_path / "a.xlsx")
    assert len(noted(store_root, "export_bank")) == 1


def test_a_long_list_is_kept_within_reason(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("gv.5a")
    path = listed(tmp_path / "a.xlsx", *[[f"Em đọc tốt bài số {number}."] for number in range(2001)], head=())
    found = preview(desk, path, Shelf.OWN)
    assert len({line.entry.code for line in found.lines}) == 2001
    with pytest.raises(Refused, match="chỉ chứa 2000"):
        apply(desk, found)
    assert on_shelf(desk, Shelf.OWN) == ()
