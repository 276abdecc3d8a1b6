"""``hocba export records``: copy the issued files of a class."""

from __future__ import annotations

import argparse
from pathlib import Path

from hocba_tui.cli.common import class_option, desk_of

SUMMARY = "Chép các tệp học bạ đã phát hành của một lớp ra thư mục."
EXAMPLE = "--class 5A --out /tmp/5A --store demo-school/school --as vanthu"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    class_option(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="THƯ_MỤC")


def run(options: argparse.Namespace) -> int:
    """Copy the files and say where they are."""
    from hocba_tui.flow.records.issued_files import export_class

    written = export_class(desk_of(options), options.class_key, options.out)
    print(f"Đã chép {len(written)} tệp vào {options.out}.")
    return 0
