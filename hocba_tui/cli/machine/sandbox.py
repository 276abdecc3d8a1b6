"""``hocba sandbox``: run a portal for training, on this computer only."""

from __future__ import annotations

import argparse
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from hocba_tui.cli.common import Commands, command
from hocba_tui.config import Config
from hocba_tui.errors import WrongUse, system_reason

if TYPE_CHECKING:
    from hocba_tui.sandbox.server import SandboxServer

DEFAULT_PORT = 8765


def add(commands: Commands) -> None:
    """Add the command."""
    added = command(
        commands,
        "sandbox",
        "Chạy cổng tiếp nhận thử trên máy này (chỉ 127.0.0.1).",
        "hocba sandbox --store demo-school/school",
    )
    added.add_argument("--port", type=int, default=DEFAULT_PORT, help="0: cổng trống bất kì")
    added.add_argument("--trust", type=Path, metavar="THƯ_MỤC", help="chứng thư của các nơi cấp được tin cậy")
    added.add_argument("--store", metavar="THƯ_MỤC", help="dùng danh sách tin cậy của kho này")
    added.add_argument("--stop-with-stdin", action="store_true", help="dừng khi chương trình gọi nó kết thúc")
    added.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Serve until interrupted; the first line that is printed is the address."""
    from hocba_tui.flow.registrations import facts_of_folder
    from hocba_tui.sandbox.portal import SandboxPortal
    from hocba_tui.sandbox.server import SandboxServer

    store = Config.from_environment(options.store).store
    folder = options.trust or (store / "trust" if store else None)
    if folder is None:
        raise WrongUse("Cổng thử cần biết tin nơi cấp chứng thư nào.", "Thêm --store hoặc --trust.", "")
    try:
        server = SandboxServer(options.port, SandboxPortal.trusting([folder], facts_of_folder(folder)))
    except (OSError, OverflowError) as error:
        raise WrongUse(f"Không mở được cổng {options.port}: {_why(error)}.", "Thử --port 0.", "") from error
    print(server.url, flush=True)
    if options.stop_with_stdin:
        threading.Thread(target=_stop_at_end_of_input, args=(server,), daemon=True).start()
    with server:
        server.serve_forever()
    return 0


def _why(error: OSError | OverflowError) -> str:
    return system_reason(error) if isinstance(error, OSError) else "số cổng từ 0 đến 65535"


def _stop_at_end_of_input(server: SandboxServer) -> None:
    """Stop the server when the standard input ends, as it does when the process that started the sandbox ends."""
    sys.stdin.read()
    server.shutdown()
