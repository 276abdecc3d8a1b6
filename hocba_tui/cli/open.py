"""``hocba open``: open the screen. The only command that imports Textual."""

from __future__ import annotations

import argparse
import importlib
import os
import sys

from hocba_tui.cli.common import Commands, command, desk_of, store_options
from hocba_tui.cli.terminal import unfiltered
from hocba_tui.config import quieten


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
    quieten()
    if os.environ.get("COLORTERM"):
        # A colour out of 16 million takes one and a half times the bytes of one out of 256.
        os.environ.setdefault("TEXTUAL_COLOR_SYSTEM", "256")
    _import_asyncio_alone()
    from hocba_tui.app import HocbaApp
    from hocba_tui.flow.activity.coming_and_going import came_in, went_out

    app = HocbaApp(desk)
    came_in(desk)
    try:
        with unfiltered():
            app.run(mouse=False)
    finally:
        went_out(desk)
        desk.store.note_heads()
    if app.parting:
        print(app.parting)
    return app.return_code or 0


def _import_asyncio_alone() -> None:
    """Import asyncio without ssl, as in a Python built without TLS, which asyncio supports. It saves 1.6 MB a session.

    The event loop of the screen has no network connections. The code that sends to the portal imports ssl itself.
    """
    if "asyncio" not in sys.modules and "ssl" not in sys.modules:
        sys.modules["ssl"] = None  # type: ignore[assignment] # None makes an import fail.
        try:
            importlib.import_module("asyncio")
        finally:
            del sys.modules["ssl"]
