"""``hocba approve``: the principal approves a class."""

from __future__ import annotations

import argparse

from hocba_tui.cli.common import Commands
from hocba_tui.cli.records.request_files import add_signing_command, sign_here_or_elsewhere
from hocba_tui.model.values import Slot


def add(commands: Commands) -> None:
    """Add the command."""
    example = "hocba approve --class 5A --store demo-school/school --as hieutruong"
    add_signing_command(commands, "approve", "Hiệu trưởng duyệt và ký các học bạ đã nộp.", example, run)


def run(options: argparse.Namespace) -> int:
    """Ask the PIN once and sign; exit 1 when a record could not be signed."""
    from hocba_tui.flow.records.approve import approve

    return sign_here_or_elsewhere(options, Slot.PRINCIPAL, "khóa của người ký duyệt", "Đã duyệt", approve)
