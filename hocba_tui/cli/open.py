"""``hocba open``: open the screen. The only command that imports Textual."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from pathlib import Path

from hocba_tui.cli.common import Commands, command, desk_of, store_options
from hocba_tui.cli.terminal import unfiltered
from hocba_tui.config import Config, quieten


def add(commands: Commands) -> None:
    """Add the command."""
    added = command(commands, "open", "Mở chương trình trên màn hình.", "hocba open --store /srv/hocba")
    added.add_argument("--portal", default="", metavar="URL", help="cổng tiếp nhận dùng cho lần mở này")
    store_options(added)
    added.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Open the screen as the actor; where there is no school yet, ask what a new one is, and found it."""
    root = Config.from_environment(options.store).store
    if root is not None and not _found_first(options, root):
        return 0
    desk = desk_of(options)
    desk.portal = options.portal
    _prepare()
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


def _prepare() -> None:
    """Make the terminal and the memory fit for a screen."""
    quieten()
    if os.environ.get("COLORTERM"):
        # A colour out of 16 million takes one and a half times the bytes of one out of 256.
        os.environ.setdefault("TEXTUAL_COLOR_SYSTEM", "256")
    _import_asyncio_alone()


def _found_first(options: argparse.Namespace, root: Path) -> bool:
    """Found a school where there is none and a person is there to ask; return whether it may be opened now."""
    from hocba_tui.flow.founding.place import may_be_founded

    by_person = options.account is None and getattr(options, "user", None) is None
    if not (by_person and sys.stdin and sys.stdin.isatty() and sys.stdout.isatty() and may_be_founded(root)):
        return True
    from hocba_tui.clock import Clock
    from hocba_tui.flow.founding.answers import answering
    from hocba_tui.flow.founding.questions import steps
    from hocba_tui.flow.opening import login

    _prepare()
    from hocba_tui.screens.desk.founding import FoundingApp

    with answering(root) as answers:
        app = FoundingApp(answers, steps(Clock().today(), login()))
        with unfiltered():
            app.run(mouse=False)
        if app.founded is not None:
            return any(person.system_user == login() for person in answers.founding().staff)
    if app.return_code:
        return False
    kept = f" Những gì đã gõ được giữ ở {answers.path}; mở lại bằng đúng lệnh ấy." if answers.path.exists() else ""
    print(f"Chưa lập trường.{kept}")
    return False


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
