"""``hocba export summary``: the numbers that the school reports, as Excel."""

from __future__ import annotations

import argparse
from pathlib import Path

from hocba_tui.cli.common import desk_of, ended_without
from hocba_tui.model.values import Period

SUMMARY = "Xuất số liệu thống kê của một kỳ ra Excel: theo khối, theo lớp; không có tên học sinh."
EXAMPLE = "--period end_year --out thong-ke.xlsx --store demo-school/school --as hieutruong"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument(
        "--period",
        choices=[period.value for period in Period],
        default=Period.END_YEAR.value,
        metavar="KỲ",
        help="; ".join(f"{period.value}: {period.label}" for period in Period) + " (mặc định end_year)",
    )
    parser.add_argument("--out", type=Path, required=True, metavar="TỆP", help="tệp .xlsx mới")


def run(options: argparse.Namespace) -> int:
    """Write the file and print where it is; exit 6 when a class that counts cannot be read."""
    from hocba_tui.flow.reports.statistics import countable_classes, export_summary

    desk = desk_of(options)
    counted = export_summary(desk, Period(options.period), options.out)
    print(f"Đã đếm {counted} học sinh và ghi {options.out}.")
    school = desk.open_school()
    return ended_without([line for room in countable_classes(desk) if (line := school.trouble(room.key))])
