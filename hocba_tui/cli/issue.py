"""``hocba issue``: the clerk seals a class."""

from __future__ import annotations

import argparse
import asyncio

from hocba_tui.cli.common import Commands, ask_pin, class_option, command, desk_of, print_done, store_options
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
    store_options(added)
    added.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Ask the PIN once and sign; exit 1 when a record could not be signed."""
    return asyncio.run(_sign(options))


async def _sign(options: argparse.Namespace) -> int:
    from hocba_tui.flow.issuing import issue
    from hocba_tui.flow.keyring import unlock

    desk = desk_of(options)
    signer = await unlock(desk, Slot.SEAL, ask_pin("con dấu"))
    try:
        bad = await print_done(issue(desk, options.classroom, signer), "Đã phát hành")
    finally:
        await signer.close()
    return 1 if bad else 0
