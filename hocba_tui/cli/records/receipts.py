"""``hocba receipts``: what the portal answered for each record."""

from __future__ import annotations

import argparse

from hocba_tui.cli.common import Commands, class_option, command, desk_of, store_options
from hocba_tui.model.values import RecordState


def add(commands: Commands) -> None:
    """Add the command."""
    added = command(
        commands,
        "receipts",
        "Kết quả tiếp nhận của từng học bạ.",
        "hocba receipts --store demo-school/school --as vanthu",
    )
    class_option(added, required=False)
    store_options(added)
    added.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print each receipt; exit 1 when a record was refused."""
    from hocba_tui.flow.portal.outbox import receipts

    found = receipts(desk_of(options), options.class_key or "")
    for receipt in found:
        reason = f" — {receipt.reason}" if receipt.reason else ""
        print(f"{receipt.class_key}  {receipt.name}: {receipt.state.label}{reason}  [{receipt.uuid}]")
    return 1 if any(receipt.state is RecordState.REJECTED for receipt in found) else 0
