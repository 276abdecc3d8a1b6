"""``hocba approve``: the principal approves a class."""

from __future__ import annotations

import argparse
import asyncio

from hocba_tui.cli.common import Commands, ask_pin, class_option, command, desk_of, print_done, store_options
from hocba_tui.model.values import Slot


def add(commands: Commands) -> None:
    """Add the command."""
    added = command(
        commands,
        "approve",
        "Hiệu trưởng duyệt và ký các học bạ đã nộp.",
        "hocba approve --class 5A --store demo-school/school --as hieutruong",
    )
    class_option(added)
    store_options(added)
    added.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Ask the PIN once and sign; exit 1 when a record could not be signed."""
    return asyncio.run(_sign(options))


async def _sign(options: argparse.Namespace) -> int:
    from hocba_tui.flow.approving import approve
    from hocba_tui.flow.keyring import unlock

    desk = desk_of(options)
    signer = await unlock(desk, Slot.PRINCIPAL, ask_pin("khóa của người ký duyệt"))
    try:
        bad = await print_done(approve(desk, options.classroom, signer), "Đã duyệt")
    finally:
        await signer.close()
    return 1 if bad else 0
