"""``hocba issue``: the clerk seals a class."""

from __future__ import annotations

import argparse

from hocba_tui.cli.common import Commands, class_option, command, desk_of, sign, store_options
from hocba_tui.cli.records.request_files import elsewhere_options, sign_elsewhere
from hocba_tui.model.values import Slot


def add(commands: Commands) -> None:
    """Add the command."""
    added = command(
        commands,
        "issue",
        "Văn thư đóng dấu: ký số phát hành và xếp vào hộp gửi.",
        "hocba issue --class 5A --store demo-school/school --as vanthu",
    )
    class_option(added)
    elsewhere_options(added)
    store_options(added)
    added.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Ask the PIN once and sign; exit 1 when a record could not be signed."""
    from hocba_tui.flow.records.issue import issue

    desk = desk_of(options)
    if options.request or options.signed:
        return sign_elsewhere(options, desk, Slot.SEAL)
    return sign(desk, Slot.SEAL, "con dấu", "Đã phát hành", lambda signer: issue(desk, options.class_key, signer))
