"""``hocba intake comments FILE``: import comments."""

from __future__ import annotations

import argparse

from hocba_tui.cli.files import intake_results

SUMMARY = "Nạp nhận xét: của GVCN, phẩm chất, năng lực, từng môn; các cột khác bỏ qua."
EXAMPLE = "nhan-xet-5A.xlsx --class 5A --dry-run --store demo-school/school --as gv.5a"

add_arguments = intake_results.add_arguments


def run(options: argparse.Namespace) -> int:
    """Preview the file; write it unless there is an error or ``--dry-run``; return the exit code."""
    return intake_results.bring_in(options, comments=True)
