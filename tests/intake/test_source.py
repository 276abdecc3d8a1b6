"""The kinds of files and pasted blocks that schools exchange, distinguished by their content."""

from __future__ import annotations

import csv
import io
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from hocba_tui.errors import Refused
from hocba_tui.intake.delimited import decode, read_delimited
from hocba_tui.intake.source import read_file, read_pasted
from tests.support.workbooks import as_1258

ROWS = (("Mã lớp", "Họ tên", "Nhận xét"), ("5A", "Nguyễn Thị Ước", "chăm, ngoan; giỏi"), ("5A", "Đỗ Kỳ", "“tốt”\nhai"))
CELL = st.text(st.sampled_from('aĂệ "\n,;\t-1'), max_size=6).map(lambda text: "x" + text)


def as_csv(rows: tuple[tuple[str, ...], ...], delimiter: str) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue()


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("name", ["ds.csv", "ds.xls", "ds.txt"])
def test_text_file_of_any_encoding_and_delimiter(tmp_path: Path, delimiter: str, encoding: str, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(as_csv(ROWS, delimiter).encode(encoding))
    (sheet,) = read_file(path)
    assert (tuple(sheet.rows), sheet.guessed) == (ROWS, "")


def test_text_saved_as_ansi_on_a_vietnamese_windows_is_guessed_and_said() -> None:
    text = "Mã lớp,Họ tên,Nhận xét\n5A,Nguyễn Thị Ước,Đỗ Kỳ ngoằn ngoèo\n"
    assert decode(as_1258(text)) == (text, "Windows-1258")


def test_legacy_font_letters_keep_their_bytes() -> None:
    assert decode("M· líp,NguyÔn V¨n §ç\n".encode("cp1252")) == ("M· líp,NguyÔn V¨n §ç\n", "Windows-1252")


def test_workbook_is_known_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "ds.csv"
    workbook = Workbook()
    workbook.worksheets[0].append(["Mã lớp", 5])
    workbook.save(path)
    assert [list(sheet.rows) for sheet in read_file(path)] == [[["Mã lớp", 5.0]]]


def test_web_page_called_xls_is_refused_with_the_way_out(tmp_path: Path) -> None:
    path = tmp_path / "ds.xls"
    path.write_text("\ufeff\n<HTML><table><tr><td>a,b</td></tr></table></HTML>", encoding="utf-8")
    with pytest.raises(Refused, match=r"trang web.*xlsx"):
        read_file(path)


@given(st.lists(st.lists(CELL, min_size=3, max_size=3).map(tuple), min_size=1, max_size=5).map(tuple))
def test_what_excel_puts_on_the_clipboard_comes_back(rows: tuple[tuple[str, ...], ...]) -> None:
    def quoted(cell: str) -> str:
        return '"' + cell.replace('"', '""') + '"' if any(ch in cell for ch in '\t\n"') else cell

    text = "".join("\t".join(map(quoted, row)) + "\r\n" for row in rows)
    assert tuple(read_pasted(text)[0].rows) == rows


def test_pasted_block_may_have_commas_and_only_one_column() -> None:
    assert tuple(read_pasted("Tốt, khá\r\nTốt; khá\r\n")[0].rows) == (("Tốt, khá",), ("Tốt; khá",))


@pytest.mark.parametrize("text", ["", " \r\n\t"])
def test_nothing_pasted_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="Chưa dán gì"):
        read_pasted(text)


@pytest.mark.parametrize(
    "text",
    ['a\t"b\nc\td\n', 'a\t"b" c\n', "a\0b\tc", "\t" * 256, "a\tb\n" * 6051, "a\t" + "b" * 200_000, "a" * 1_000_001]
)  # fmt: skip
def test_open_quotes_and_absurd_text_are_refused(text: str) -> None:
    with pytest.raises(Refused):
        read_pasted(text)


def test_id_shielded_from_excel_is_read_plain() -> None:
    assert tuple(read_delimited('a;="037215012345"\n', "ds").rows) == (("a", "037215012345"),)
    assert tuple(read_delimited('a;"=""037215012345"""\n', "ds").rows) == (("a", "037215012345"),)


def test_a_line_separator_within_a_cell_does_not_end_the_row() -> None:
    assert tuple(read_pasted("a\u2028b\tc\x0bd\n")[0].rows) == (("a\u2028b", "c\x0bd"),)


def test_decomposed_text_is_left_for_the_reader_of_the_cell() -> None:
    text = unicodedata.normalize("NFD", "Họ tên\tLớp")
    assert tuple(read_pasted(text)[0].rows) == (tuple(text.split("\t")),)
