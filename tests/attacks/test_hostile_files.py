"""Files made to harm the program that opens them: each is refused with a reason, and the program goes on.

All are small on disk, and made here.
"""

from __future__ import annotations

import contextlib
import json
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hocba_tui.errors import Refused
from hocba_tui.intake import guard
from hocba_tui.intake.source import read_file
from tests.support.workbooks import NAMESPACE, SHEET, biff, biff_formula, ods, ole, patched, sheet_xml

FIRST = '<row r="1"><c r="A1"><v>1</v></c></row>'
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def refused(path: Path, why: str) -> None:
    with pytest.raises(Refused, match=why) as caught:
        read_file(path)
    assert caught.value.what.startswith(path.name)
    assert caught.value.now


def sheet(path: Path, rows: str) -> Path:
    return patched(path / "ds.xlsx", {SHEET: sheet_xml(rows)})


def test_workbooks_made_for_these_tests_are_read_when_harmless(tmp_path: Path) -> None:
    (found,) = read_file(sheet(tmp_path, FIRST))
    assert (found.name, list(found.rows)) == ("Lop", [[1.0]])
    (tmp_path / "ds.xls").write_bytes(biff({(0, 0): "Mã lớp", (1, 1): "Ắn"}))
    (found,) = read_file(tmp_path / "ds.xls")
    assert (found.name, list(found.rows)) == ("Lop", [["Mã lớp", ""], ["", "Ắn"]])


@pytest.mark.parametrize("name", ["ds.xlsx", "ds.csv"])
def test_a_hundred_megabytes(tmp_path: Path, name: str) -> None:
    with (tmp_path / name).open("wb") as stream:
        stream.truncate(100_000_000)
    with pytest.raises(Refused, match="lớn quá 20 MB"):
        read_file(tmp_path / name)


def test_bomb_that_says_how_large_it_is(tmp_path: Path) -> None:
    refused(patched(tmp_path / "ds.xlsx", {"xl/media/image1.png": bytes(guard.MAX_INFLATED)}), "bung ra quá lớn")


def test_bomb_that_lies_about_its_size(tmp_path: Path) -> None:
    path = sheet(tmp_path, FIRST + " " * (guard.MAX_INFLATED + 1))
    data = path.read_bytes()
    true = struct.pack("<I", len(sheet_xml(FIRST)) + guard.MAX_INFLATED + 1)
    assert data.count(true) >= 1
    path.write_bytes(data.replace(true, struct.pack("<I", 1000)))
    refused(path, "không phải tệp Excel đọc được")


def test_many_parts_and_parts_of_one_name(tmp_path: Path) -> None:
    refused(patched(tmp_path / "a.xlsx", {f"x/{n}.xml": b"<x/>" for n in range(guard.MAX_ENTRIES)}), "bung ra quá lớn")
    refused(patched(tmp_path / "b.xlsx", {SHEET.upper(): sheet_xml(""), SHEET: sheet_xml("")}), "không phải tệp Excel")


@pytest.mark.parametrize("cell", ["XFD1048576", "IW2", "A1048576", "Z200000"])
def test_value_far_away_is_refused_and_named(tmp_path: Path, cell: str) -> None:
    far = f'<row r="{cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")}"><c r="{cell}"><v>1</v></c></row>'
    if cell == "A1048576":
        far += '<row r="1048576"><c r="B1048576"><v>1</v></c></row>'
        cell = "B1048576"
    refused(sheet(tmp_path, FIRST + far), f"ô {cell} .*“Lop”.*quá xa")


def test_place_of_a_cell_may_be_implied(tmp_path: Path) -> None:
    refused(sheet(tmp_path, '<row r="1048575"/><row><c/><c/><c><v>1</v></c></row>'), "ô C1048576")


def test_far_cell_without_a_value_does_no_harm(tmp_path: Path) -> None:
    (found,) = read_file(sheet(tmp_path, FIRST + '<row r="1048576"><c r="XFD1048576" s="0"/></row>'))
    assert list(found.rows) == [[1.0]]


def test_many_sheets_that_are_too_much_together(tmp_path: Path) -> None:
    far = sheet_xml(FIRST + '<row r="250000"><c r="D250000"><v>1</v></c></row>')
    parts = {f"xl/worksheets/sheet{n}.xml": far for n in (1, 2, 3)}
    refused(patched(tmp_path / "ds.xlsx", parts), "quá nhiều ô")


def test_a_million_empty_rows_are_read_as_none(tmp_path: Path) -> None:
    empty = "".join(f'<row r="{row}" spans="1:5"/>' for row in range(2, 1_000_001))
    (found,) = read_file(sheet(tmp_path, FIRST + empty))
    assert list(found.rows) == [[1.0]]


def test_a_sheet_of_formatted_blanks_is_refused(tmp_path: Path) -> None:
    refused(sheet(tmp_path, f"<row>{'<c/>' * 3_000_000}</row>"), "quá nhiều ô hoặc dòng")


@pytest.mark.parametrize(
    ("cell", "formula"),
    [
        ('<c r="B7"><f>A1*2</f><v>2</v></c>', (6, 1, True)),
        ('<c r="AB7"><f t="shared" si="0"/><v>2</v></c>', (6, 27, True)),
        ('<c r="B7"><f>A1*2</f></c>', (6, 1, False)),
        ('<c r="B7" t="str"><f>HYPERLINK("http://example.org")</f><v>x</v></c>', (6, 1, True)),
    ],
)
def test_formula_is_noted_and_never_computed(tmp_path: Path, cell: str, formula: tuple[int, int, bool]) -> None:
    (found,) = read_file(sheet(tmp_path, f'{FIRST}<row r="7">{cell}</row>'))
    assert found.unseen.formulas == (formula,)


def test_formula_behind_a_prefix(tmp_path: Path) -> None:
    cell = '<x:row r="3"><x:c r="C3"><x:f>1</x:f></x:c></x:row>'
    part = f'<x:worksheet xmlns:x="{NAMESPACE}"><x:sheetData>{cell}</x:sheetData></x:worksheet>'
    (found,) = read_file(patched(tmp_path / "ds.xlsx", {SHEET: part.encode()}))
    assert found.unseen.formulas == ((2, 2, False),)


def test_formulas_without_end_are_refused(tmp_path: Path) -> None:
    cells = "".join(f'<row r="{n}"><c r="A{n}"><f>1</f></c></row>' for n in range(1, guard.MAX_FORMULAS + 2))
    refused(sheet(tmp_path, cells), "quá nhiều công thức")


@pytest.mark.parametrize(
    ("part", "why"),
    [
        ("xl/externalLinks/externalLink1.xml", "liên kết tới tệp khác"),
        ("xl/vbaProject.bin", "macro"),
        ("xl/embeddings/oleObject1.bin", "tệp khác nhúng"),
        ("xl/workbook.bin", "nhị phân"),
    ],
)
def test_what_a_list_of_pupils_has_no_need_of(tmp_path: Path, part: str, why: str) -> None:
    refused(patched(tmp_path / "ds.xlsx", {part: b"<x/>"}), why)


def test_a_link_to_a_mail_address_is_harmless(tmp_path: Path) -> None:
    link = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        f'Type="{RELATIONS}/hyperlink" Target="mailto:a@example.org" TargetMode="External"/></Relationships>'
    )
    path = patched(
        tmp_path / "ds.xlsx", {SHEET: sheet_xml(FIRST), "xl/worksheets/_rels/sheet1.xml.rels": link.encode()}
    )
    assert len(read_file(path)) == 1


@pytest.mark.parametrize("part", [SHEET, "xl/sharedStrings.xml", "xl/workbook.xml", "docProps/app.xml"])
@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE x SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE x [<!ENTITY % e SYSTEM "http://127.0.0.1:1/x">%e;]>',
    ],
)
def test_entities_and_doctypes_in_any_part(tmp_path: Path, part: str, doctype: str) -> None:
    refused(patched(tmp_path / "ds.xlsx", {part: (doctype + "<x>&b;</x>").encode()}), "không phải tệp Excel đọc được")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-7", "cp037"])
def test_doctype_in_another_encoding(tmp_path: Path, encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'
    refused(patched(tmp_path / "ds.xlsx", {SHEET: text.encode(encoding)}), "không phải tệp Excel đọc được")


@pytest.mark.parametrize("rows", ["<row>" * 5, '<row r="x"/>', '<row r="1"><c r="1A"><v>1</v></c></row>', "\x01"])
def test_part_that_is_torn(tmp_path: Path, rows: str) -> None:
    refused(sheet(tmp_path, rows), "không phải tệp Excel đọc được")


def test_password(tmp_path: Path) -> None:
    (tmp_path / "ds.xlsx").write_bytes(ole({"EncryptionInfo": bytes(64), "EncryptedPackage": bytes(64)}))
    refused(tmp_path / "ds.xlsx", "mật khẩu")
    # FILEPASS, RC4
    (tmp_path / "ds.xls").write_bytes(biff({(0, 0): "x"}, before=struct.pack("<HHHHH", 0x002F, 6, 1, 1, 1)))
    refused(tmp_path / "ds.xls", "mật khẩu")


def test_macros_in_an_old_workbook(tmp_path: Path) -> None:
    (tmp_path / "ds.xls").write_bytes(biff({(0, 0): "x"}, beside={"_VBA_PROJECT_CUR": b"x"}))
    refused(tmp_path / "ds.xls", "macro")


def test_old_workbook_with_a_cell_at_the_far_corner(tmp_path: Path) -> None:
    """16.7 million cells: more than the reader process may hold."""
    (tmp_path / "ds.xls").write_bytes(biff({(0, 0): "x", (65535, 255): "y"}))
    refused(tmp_path / "ds.xls", "quá nhiều")


CELL = '<table:table-cell {}office:value-type="string"><text:p>Mã</text:p></table:table-cell>'


def test_open_document_is_read_and_its_empty_million_rows_cost_nothing(tmp_path: Path) -> None:
    empty = '<table:table-row table:number-rows-repeated="1048575"><table:table-cell/></table:table-row>'
    (found,) = read_file(ods(tmp_path / "ds.ods", f"<table:table-row>{CELL.format('')}</table:table-row>{empty}"))
    assert (found.name, list(found.rows)) == ("Lop", [["Mã"]])


def test_open_document_with_a_formula_or_a_cell_repeated_without_end(tmp_path: Path) -> None:
    formula = CELL.format('table:formula="of:=1" ')
    (found,) = read_file(ods(tmp_path / "a.ods", f"<table:table-row>{CELL.format('')}{formula}</table:table-row>"))
    assert found.unseen.formulas == ((0, 1, True),)
    many = CELL.format('table:number-columns-repeated="16384" ')
    row = f'<table:table-row table:number-rows-repeated="1048576">{many}</table:table-row>'
    refused(ods(tmp_path / "b.ods", row), "b.ods")


@pytest.mark.parametrize(
    "data",
    [
        b"a\0b,c\n" * 3,
        b"a,b" * 3_000_000,
        b"," * 900_000,
        b"a,b\n" * 1_000_000,
        b"\xff\xfea,b",
        b'a,"b\n' + b"c,d\n" * 5000,
        b"\x89PNG\r\n\x1a\n,;\t\0",
    ],
    ids=["nul", "one line", "columns", "rows", "half a letter", "open quote", "picture"],
)
def test_text_that_is_no_list(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "ds.csv").write_bytes(data)
    refused(tmp_path / "ds.csv", "ds.csv")


def test_one_long_text_in_every_cell(tmp_path: Path) -> None:
    """32,000 letters, kept once in the file and expanded into each of 500,000 cells by a reader."""
    strings = f'<sst xmlns="{NAMESPACE}"><si><t>{"a" * 32_000}</t></si></sst>'
    rows = "".join(
        f'<row r="{r}">' + "".join(f'<c r="{c}{r}" t="s"><v>0</v></c>' for c in "ABCDEFGHIJ") + "</row>"
        for r in range(1, 5001)
    )
    refused(
        patched(tmp_path / "ds.xlsx", {SHEET: sheet_xml(rows), "xl/sharedStrings.xml": strings.encode()}), "quá nhiều"
    )


@pytest.mark.parametrize(
    "end",
    [
        "os.abort()",
        "time.sleep(60)",
        "sys.exit(1)",
        "resource.setrlimit(resource.RLIMIT_CPU, (1, 1))\nwhile True: pass",
    ],
)
def test_reader_that_dies_or_hangs_is_a_refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: str) -> None:
    fake = tmp_path / "python"
    fake.write_text(f"#!{sys.executable}\nimport os, resource, sys, time\n{end}\n", encoding="utf-8")
    fake.chmod(0o700)
    monkeypatch.setattr("hocba_tui.intake.workbook.sys.executable", str(fake))
    monkeypatch.setattr("hocba_tui.intake.workbook._PATIENCE", 5)
    refused(sheet(tmp_path, FIRST), "quá nhiều bộ nhớ hoặc thời gian")


def test_reader_has_limits_before_it_reads() -> None:
    """A file that would need a gigabyte ends the reader and nobody else."""
    code = (
        "import sys, json\nfrom hocba_tui.intake import reader\n"
        "reader.read = lambda data: [bytearray(1_000_000_000)]\nreader.main()\n"
    )
    with Path(__file__).open("rb") as stream:
        done = subprocess.run([sys.executable, "-c", code], stdin=stream, capture_output=True, check=False)
    assert json.loads(done.stdout)["unfit"]


@pytest.mark.parametrize("beside", [{}, {"Other": b"x"}])
def test_formula_and_link_in_an_old_workbook(tmp_path: Path, beside: dict[str, bytes]) -> None:
    for result, held in ((struct.pack("<d", 2.0), True), (b"\x03\0\0\0\0\0\xff\xff", False)):
        formula = biff_formula(6, 1, result)
        (tmp_path / "ds.xls").write_bytes(biff({(0, 0): "x"}, after=formula, beside=beside))
        assert read_file(tmp_path / "ds.xls")[0].unseen.formulas == ((6, 1, held),)
    own, other = (struct.pack("<HHHH", 0x01AE, 4, 1, kind) for kind in (0x0401, 5))
    (tmp_path / "ds.xls").write_bytes(biff({(0, 0): "x"}, before=own))
    assert len(read_file(tmp_path / "ds.xls")) == 1
    (tmp_path / "ds.xls").write_bytes(biff({(0, 0): "x"}, before=other))
    refused(tmp_path / "ds.xls", "liên kết")


@pytest.fixture(scope="module", params=["xlsx", "xls"])
def whole(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    if request.param == "xls":
        return biff({(0, 0): "Mã lớp", (1, 1): "Ắn"})
    return patched(tmp_path_factory.mktemp("whole") / "ds.xlsx", {SHEET: sheet_xml(FIRST)}).read_bytes()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_any_damaged_byte_is_read_or_unfit(whole: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(whole) - 1))
    damaged = whole[:at] + bytes([data.draw(st.integers(0, 255))]) + whole[at + 1 :]
    with contextlib.suppress(guard.Unfit):
        guard.check(damaged)
