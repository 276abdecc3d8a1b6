"""``hocba intake comments FILE``: bring in comments."""

from __future__ import annotations

import argparse

from hocba_tui.cli.common import Commands, Parser, command
from hocba_tui.cli.files.intake_results import add_options, bring_in


def add(kinds: Commands) -> Parser:
    """Add the kind."""
    added = command(
        kinds,
        "comments",
        "Nạp nhận xét: của GVCN, phẩm chất, năng lực, từng môn; các cột khác bỏ qua.",
        "hocba intake comments nhan-xet-5A.xlsx --class 5A --dry-run --store demo-school/school --as gv.5a",
    )
    add_options(added)
    added.set_defaults(run=run)
    return added


def run(options: argparse.Namespace) -> int:
    """Preview the file; write it unless ``--dry-run`` or an error stands against it."""
    return bring_in(options, comments=True)
