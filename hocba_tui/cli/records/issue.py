"""``hocba issue``: the clerk seals a class."""

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
    example = "hocba issue --class 5A --store demo-school/school --as vanthu"
    add_signing_command(commands, "issue", "Văn thư đóng dấu: ký số phát hành và xếp vào hộp gửi.", example, run)


def run(options: argparse.Namespace) -> int:
    """Ask the PIN once and sign, where anything waits; exit 1 when a record could not be signed."""
    from hocba_tui.flow.records.ready import jobs_to_issue

    return sign_here_or_elsewhere(options, Slot.SEAL, "con dấu", "Đã phát hành", jobs_to_issue, _issue)


def _issue(desk: Desk, class_key: str, key: Key) -> AsyncGenerator[Done, None]:
    from hocba_tui.flow.records.issue import issue

    return issue(desk, class_key, key)
