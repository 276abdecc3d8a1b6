from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

import pytest

from hocba_tui.export.sheets import write_sheet
from hocba_tui.intake.workbook import read_workbook, text_of


@pytest.mark.parametrize(
    "text", ["=1+1", '=HYPERLINK("http://x")', "+84 912", "-5", "@SUM(A1)", "\tTab", "bình thường"]
)
def test_text_that_looks_like_a_formula_stays_text(tmp_path: Path, text: str) -> None:
    path = tmp_path / "out.xlsx"
    write_sheet(path, "Sheet1", ["Cột"], [[text]])
    with ZipFile(path) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
        styles = archive.read("xl/styles.xml")
    assert b"<f>" not in sheet
    assert (b'quotePrefix="1"' in styles) == (text[0] in "=+-@\t")
    assert text_of(read_workbook(path)[0].rows[1][0]) == text.strip()
