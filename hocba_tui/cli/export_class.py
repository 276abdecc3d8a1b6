"""``hocba export``: copy the issued files of a class."""

from __future__ import annotations

import argparse
from pathlib import Path

from hocba_tui.cli.common import Commands, class_option, command, desk_of, store_options


def add(commands: Commands) -> None:
    """Add the command."""
    added = command(
        commands,
        "export",
        "Chép các tệp học bạ đã phát hành của một lớp ra thư mục.",
        "hocba export --class 5A --out /tmp/5A --store demo-school/school --as vanthu",
    )
    class_option(added)
    added.add_argument("--out", type=Path, required=True, metavar="THƯ_MỤC")
    store_options(added)
    added.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Copy the files and say where they are."""
    from hocba_tui.flow.issued import export_class

    written = export_class(desk_of(options), options.classroom, options.out)
    print(f"Đã chép {len(written)} tệp vào {options.out}.")
    return 0
