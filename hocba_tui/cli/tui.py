"""``hocba open``: the screen. The only command that imports Textual."""

from __future__ import annotations

import argparse
import os

from hocba_tui.cli.common import Commands, command, desk_of, store_options


def add(commands: Commands) -> None:
    """Add the command."""
    added = command(commands, "open", "Mở chương trình trên màn hình.", "hocba open --store /srv/hocba")
    added.add_argument("--portal", default="", metavar="URL", help="cổng tiếp nhận dùng cho lần mở này")
    store_options(added)
    added.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Open the screen as the actor."""
    desk = desk_of(options)
    desk.portal = options.portal
    # Over SSH nothing animates, nothing blinks, and the mouse is not tracked.
    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    os.environ.setdefault("TEXTUAL_SMOOTH_SCROLL", "0")
    if os.environ.get("COLORTERM"):
        # A colour out of 16 million costs half as many bytes again as its neighbour out of 256.
        os.environ.setdefault("TEXTUAL_COLOR_SYSTEM", "256")
    from hocba_tui.app import HocbaApp

    app = HocbaApp(desk)
    app.run(mouse=False)
    return app.return_code or 0
