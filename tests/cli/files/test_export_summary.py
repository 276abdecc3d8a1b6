"""The options of ``hocba export summary``."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook

from hocba_tui.cli.common import Parser, store_options
from hocba_tui.cli.files.export_summary import add_arguments, run
from hocba_tui.errors import NotAllowed
from hocba_tui.model.statistics import Kind


def summary(root: Path, *words: str, account: str = "hieutruong") -> int:
    parser = Parser(prog="summary")
    add_arguments(parser)
    store_options(parser)
    return run(parser.parse_args([*words, "--store", str(root), "--as", account]))


@pytest.mark.parametrize(("words", "first"), [((), Kind.OUTCOMES), (("--period", "mid_2"), Kind.LEVELS)])
def test_writes_the_period_and_says_so(
    store_root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], first: Kind
) -> None:
    path = tmp_path / "x.xlsx"
    assert summary(store_root, *words, "--out", str(path)) == 0
    assert load_workbook(path).sheetnames[0] == first.label
    assert capsys.readouterr().out == f"Đã đếm 174 học sinh và ghi {path}.\n"


@pytest.mark.parametrize("words", [(), ("--out", "x.xlsx", "--period", "summer")])
def test_wrong_options_exit_2(store_root: Path, words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as left:
        summary(store_root, *words)
    assert left.value.code == 2


def test_who_may_not_gets_no_file(store_root: Path, tmp_path: Path) -> None:
    with pytest.raises(NotAllowed):
        summary(store_root, "--out", str(tmp_path / "x.xlsx"), account="gv.tin")
    assert list(tmp_path.glob("*.xlsx")) == []
