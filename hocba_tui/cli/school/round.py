"""``hocba round``: open an issue round."""

from __future__ import annotations

import argparse

from hocba_tui.cli.common import Commands, command, desk_of, store_options
from hocba_tui.text import day_first


def add(commands: Commands) -> None:
    """Add the command."""
    added = command(
        commands,
        "round",
        "Mở đợt phát hành: người mở là người ký, ghi nơi và ngày phát hành.",
        "hocba round --place 'Liễu Đề' --date 12/06/2026 --store demo-school/school --as hieutruong",
    )
    added.add_argument("--place", required=True, metavar="ĐỊA_DANH")
    added.add_argument("--date", required=True, metavar="NGÀY/THÁNG/NĂM")
    store_options(added)
    added.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Open the issue round and print it."""
    from hocba_tui.flow.school.issue_rounds import open_round

    opened = open_round(desk_of(options), options.place, options.date)
    who = f"{opened.signer_name} ({opened.signer_title})"
    print(f"Đã mở {opened.name}: {who}, {opened.place}, ngày {day_first(opened.date)}.")
    return 0
