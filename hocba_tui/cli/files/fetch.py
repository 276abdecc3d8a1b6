"""``hocba fetch``: take what one has exported on a server to one's own computer."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime

from hocba_tui.cli.common import Commands, command, desk_of, store_options
from hocba_tui.clock import VIETNAM
from hocba_tui.errors import WrongUse


def add(commands: Commands) -> None:
    """Add the command."""
    added = command(
        commands, "fetch", "Lấy tệp mình đã xuất trên máy chủ về máy đang ngồi; không có tên thì liệt kê.",
        "hocba fetch 5A.xlsx > 5A.xlsx     (từ máy mình: ssh gv.hoa@may-chu hocba fetch 5A.xlsx > 5A.xlsx)",
    )  # fmt: skip
    added.add_argument("name", nargs="?", metavar="TÊN", help="tên tệp, như hocba fetch liệt kê")
    store_options(added)
    added.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """List the files, or write the bytes of one to the standard output."""
    from hocba_tui.flow.handing_out import fetch, waiting

    desk = desk_of(options)
    if options.name is None:
        for one in (found := waiting(desk)):
            print(f"{one.name}  {one.size} byte  {datetime.fromtimestamp(one.made, VIETNAM):%H:%M %d/%m/%Y}")
        if not found:
            print("Không có tệp nào đợi lấy. Xuất tệp trong chương trình trước.")
        return 0
    if sys.stdout.isatty():
        raise WrongUse("Tệp không hiện lên màn hình.", f"Thêm: > {options.name}", "")
    sys.stdout.buffer.write(fetch(desk, options.name))
    sys.stdout.buffer.flush()
    return 0
