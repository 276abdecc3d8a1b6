"""``hocba export sheet``: an Excel file of a class, or of a grade for CSDL ngành."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from hocba_tui.cli.common import class_option, desk_of, ended_without
from hocba_tui.errors import WrongUse
from hocba_tui.model.values import Period, SheetForm

if TYPE_CHECKING:
    from hocba_tui.flow.desk import Desk

SUMMARY = "Ghi một tệp Excel: tệp cho CSDL ngành, bảng tổng hợp, danh sách lớp hoặc nhận xét."
EXAMPLE = "--class 5A --form bang-tong-hop --period end_year --out /tmp/5A.xlsx --store demo-school/school --as gv.5a"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    class_option(parser, required=False)
    parser.add_argument("--grade", type=int, choices=range(1, 6), metavar="KHỐI", help="cả khối, chỉ với --form csdl")
    parser.add_argument(
        "--form",
        required=True,
        choices=[form.value for form in SheetForm],
        metavar="MẪU",
        help="; ".join(f"{form}: {form.label}" for form in SheetForm),
    )
    parser.add_argument(
        "--period",
        choices=[period.value for period in Period],
        metavar="KỲ",
        help="; ".join(f"{period}: {period.label}" for period in Period) + " (không ghi: kỳ đang mở)",
    )
    parser.add_argument("--out", type=Path, required=True, metavar="TỆP.xlsx")


def run(options: argparse.Namespace) -> int:
    """Write the file and print what it contains."""
    from hocba_tui.flow.reports.sheets import export_grade, export_sheet

    form = SheetForm(options.form)
    if bool(options.class_key) == bool(options.grade):
        raise WrongUse("Ghi --class LỚP hoặc --grade KHỐI, một trong hai.", "", "Chưa ghi gì.")
    if options.grade and form is not SheetForm.CSDL:
        raise WrongUse(f"--grade chỉ dùng với --form {SheetForm.CSDL}.", "Mẫu khác: ghi --class LỚP.", "Chưa ghi gì.")
    desk = desk_of(options)
    period = Period(options.period) if options.period else _open_period(desk)
    if options.grade:
        written = export_grade(desk, options.grade, period, options.out)
    else:
        written = export_sheet(desk, form, options.class_key, period, options.out)
    when = f", {period.label}" if form.of_a_period else ""
    print(f"Đã ghi {written.pupils} em{when} vào {written.path}.")
    for note in written.notes:
        print(f"Lưu ý: {note}")
    return ended_without(written.missing)


def _open_period(desk: Desk) -> Period:
    from hocba_tui.flow.reports.home_tasks import current_period

    return current_period(desk)
