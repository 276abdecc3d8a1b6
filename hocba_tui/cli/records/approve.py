"""``hocba approve``: the principal approves a class."""

from __future__ import annotations

import argparse
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

from hocba_tui.cli.common import Commands
from hocba_tui.cli.records.request_files import add_signing_command, sign_here_or_elsewhere
from hocba_tui.model.values import Slot

if TYPE_CHECKING:
    from hocba_tui.flow.desk import Desk
    from hocba_tui.flow.records.jobs import Done
    from hocba_tui.flow.records.keys import Key


def add(commands: Commands) -> None:
    """Add the command."""
    example = "hocba approve --class 5A --store demo-school/school --as hieutruong"
    add_signing_command(commands, "approve", "Hiệu trưởng duyệt và ký các học bạ đã nộp.", example, run)


def run(options: argparse.Namespace) -> int:
    """Ask the PIN once and sign, where anything waits; exit 1 when a record could not be signed."""
    from hocba_tui.flow.records.ready import jobs_to_approve

    return sign_here_or_elsewhere(
        options, Slot.PRINCIPAL, "khóa của người ký duyệt", "Đã duyệt", jobs_to_approve, _approve
    )


def _approve(desk: Desk, class_key: str, key: Key) -> AsyncGenerator[Done, None]:
    from hocba_tui.flow.records.approve import approve

    return approve(desk, class_key, key)
