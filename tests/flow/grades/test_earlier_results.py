"""A beginning in the middle of a year: results of a period that is over come in by an act of the principal."""

from __future__ import annotations

from pathlib import Path

import pytest

from hocba_tui.errors import NotAllowed, Refused
from hocba_tui.flow.desk import RESULTS, Desk
from hocba_tui.flow.grades.results_import import ResultsRequest, apply, preview
from hocba_tui.flow.importing import RowKind
from hocba_tui.flow.school.import_undo import undo_import
from hocba_tui.model.results import Cell
from hocba_tui.model.values import Period
from hocba_tui.store.backend import Edit
from tests.conftest import DeskAs
from tests.support.result_sheets import write_rows

pytestmark = pytest.mark.usefixtures("read_here")

SOURCE = "vnEdu, xuất 15/01/2026"
EARLIER = ResultsRequest(Period.MID_1, "5A", earlier=SOURCE)
FIELD = Cell("mid_1", "TOAN", "level").field


def emptied(desk: Desk, folder: Path) -> Path:
    """Empty a level of two pupils, and return a file with another level for three."""
    one, two, three = desk.pupils("5A")[:3]
    shard = desk.class_shard("5A")
    edits = [Edit(RESULTS, p.key, FIELD, shard.document(RESULTS, p.key)[FIELD], None) for p in (one, two)]
    shard.change("test", "test", edits)
    other = "H" if shard.document(RESULTS, three.key)[FIELD] != "H" else "T"
    rows = [["Mã học sinh", "Họ tên", "Toán mức GK1"], [one.code, one.name, "T"], [two.code, two.name, "H"],
            [three.code, three.name, other]]  # fmt: skip
    return write_rows(folder / "gk1.xlsx", rows)


def test_the_principal_fills_empty_cells_and_the_source_is_kept(desk_as: DeskAs, tmp_path: Path) -> None:
    path = emptied(desk_as("gv.5a"), tmp_path)
    desk = desk_as("hieutruong")
    found = preview(desk, path, EARLIER)
    assert [line.kind for line in found.lines] == [RowKind.NEW, RowKind.NEW, RowKind.REFUSED]
    assert "ô còn trống" in found.lines[2].reason
    assert apply(desk, found) == 2
    entry = next(iter(desk.class_shard("5A").latest("hieutruong")))
    assert (entry.act, entry.note) == ("import_earlier", f"{SOURCE} (gk1.xlsx)")
    undo_import(desk_as("hieutruong"))
    one = desk.pupils("5A")[0]
    assert FIELD not in desk_as("gv.5a").class_shard("5A").document(RESULTS, one.key)


@pytest.mark.parametrize("account", ["gv.5a", "vanthu"])
def test_nobody_else_does(desk_as: DeskAs, tmp_path: Path, account: str) -> None:
    path = emptied(desk_as("gv.5a"), tmp_path)
    with pytest.raises(NotAllowed):
        preview(desk_as(account), path, EARLIER)


def test_not_into_an_open_period(desk_as: DeskAs, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="đang mở"):
        preview(desk_as("hieutruong"), tmp_path / "x", ResultsRequest(Period.END_YEAR, "5A", earlier=SOURCE))


def test_a_file_of_another_period_is_refused_here_too(desk_as: DeskAs, tmp_path: Path) -> None:
    path = emptied(desk_as("gv.5a"), tmp_path)
    found = preview(desk_as("hieutruong"), path, ResultsRequest(Period.END_1, "5A", earlier=SOURCE))
    assert [finding.code for finding in found.findings] == ["IN-PERIOD"]
