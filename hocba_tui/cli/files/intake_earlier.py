"""``hocba intake earlier FILE``: bring in results of a period that is over, when a school begins in mid-year."""

from __future__ import annotations

import argparse

from hocba_tui.cli.common import class_option
from hocba_tui.cli.files import intake_results
from hocba_tui.cli.files.preview_and_write import offers_option
from hocba_tui.errors import WrongUse
from hocba_tui.model.values import Period
from hocba_tui.text import clean_line

SUMMARY = "Bắt đầu giữa năm: nạp kết quả của kỳ đã khóa từ phần mềm trước; chỉ hiệu trưởng, chỉ vào ô trống, ghi nguồn."
EXAMPLE = (
    "gk1-5A.xlsx --class 5A --period mid_1 --source 'vnEdu, xuất 15/01/2026' --dry-run --store demo-school/school "
    "--as hieutruong"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    offers_option(parser)
    class_option(parser, required=False)
    parser.add_argument("--grade", type=int, choices=range(1, 6), metavar="KHỐI", default=0, help="chỉ một khối")
    parser.add_argument("--period", type=Period, required=True, metavar="KỲ", help=f"kỳ đã qua: {', '.join(Period)}")
    parser.add_argument("--subject", metavar="MÔN", default="", help="môn của tệp một môn, mã hoặc tên")
    parser.add_argument("--source", required=True, metavar="NGUỒN", help="lấy từ đâu, khi nào; được lưu cùng người làm")


def run(options: argparse.Namespace) -> int:
    """Preview the file; write it unless there is an error or ``--dry-run``; return the exit code."""
    source = clean_line(options.source)
    if not source:
        raise WrongUse("Chưa ghi nguồn của kết quả.", "Thêm --source, ví dụ 'vnEdu, xuất 15/01/2026'.", "Chưa ghi gì.")
    return intake_results.bring_in(options, comments=False, earlier=source)
