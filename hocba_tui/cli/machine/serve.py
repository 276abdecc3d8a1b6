"""``hocba serve``: let the school's people in over SSH; end that, let it take a newer program, see who is in.

It also prints what the machine must be told for that: settings of sshd, the unit of the service.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from hocba_tui.cli.common import Commands, command, root_option, store_root

_LISTENER = "hocba_tui.server.listener"


def add(commands: Commands) -> None:
    """Add the command and its parts."""
    added = command(
        commands, "serve", "Mở cửa cho cả trường vào qua SSH: sshd đưa từng người tới đây.",
        "hocba serve --store /srv/hocba",
    )  # fmt: skip
    added.add_argument(
        "part", nargs="?", choices=("start", "status", "reload", "stop", "settings", "unit"), default="start",
        metavar="VIỆC",
        help="start: chạy tới khi bảo dừng; status: ai đang vào; reload: người mới vào dùng bản vừa cài; "
        "stop: báo mọi người, đợi lưu xong rồi dừng; settings: in cấu hình cho sshd; unit: in tệp dịch vụ systemd",
    )  # fmt: skip
    added.add_argument("--socket", metavar="ĐƯỜNG_DẪN", help="cửa của máy chủ, mặc định /run/hocba/door.sock")
    added.add_argument(
        "--group", metavar="NHÓM", default="hocba-gv", help="settings: nhóm của người vào, mặc định hocba-gv"
    )
    added.add_argument(
        "--attach", metavar="ĐƯỜNG_DẪN", help="settings: chương trình hocba-attach, mặc định bản đang chạy"
    )
    added.add_argument(
        "--shared",
        metavar="TÊN",
        default="",
        help="settings: mọi người vào bằng một tài khoản máy này, bằng khóa",
    )
    added.add_argument("--owner", metavar="TÊN", default="hocba", help="unit: người dùng giữ kho, mặc định hocba")
    root_option(added)
    added.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Do the part that was named; exit 1 when there is no server to be told."""
    if options.part == "start":
        return _start(store_root(options), options.socket)
    if options.part in ("settings", "unit"):
        return _print_settings(options)
    from hocba_tui.flow import serving

    path = serving.socket_path(options.socket)
    if options.part == "status":
        return _status(path)
    waits = 0
    if options.part == "reload":
        waits = serving.upgrade_waits(path)
        done, words = serving.reload(path), "Người vào từ bây giờ dùng bản vừa cài; phiên đang mở vẫn tiếp tục."
    else:
        done, words = serving.stop(path, _print_left), "Máy chủ đã dừng; mọi phiên đã lưu xong."
    print(words if done else f"Không có máy chủ nào ở {path}.")
    if waits:
        print(
            f"Bản mới phải nâng cấp kho: ai đăng nhập từ bây giờ được mời đợi tới khi {waits} phiên đang mở đóng hết.\n"
            "Không đợi được thì: hocba serve stop, rồi mở cửa lại."
        )
    return 0 if done else 1


def _start(root: Path, socket: str | None) -> int:
    """Become the process that listens, which is small: it has nothing of this one."""
    import json

    from hocba_tui.flow.opening import require_servable
    from hocba_tui.flow.serving import place_to_listen

    require_servable(root)
    settings = {"store": str(root), "socket": str(place_to_listen(socket))}
    print(f"Mở cửa ở {settings['socket']} cho kho {root}.", flush=True)
    # Without asserts and docstrings, which cost memory in every session, and without modules of the current folder.
    os.execv(sys.executable, [sys.executable, "-OO", "-P", "-m", _LISTENER, json.dumps(settings)])  # noqa: S606


def _print_settings(options: argparse.Namespace) -> int:
    import sysconfig

    from hocba_tui.machine.sshd import drop_in, shared_login
    from hocba_tui.machine.units import door

    scripts = Path(sysconfig.get_path("scripts"))
    if options.part == "unit":
        print(door(str(scripts / "hocba"), str(store_root(options)), options.owner), end="")
    elif options.shared:
        print(shared_login(options.shared), end="")
    else:
        print(drop_in(options.group, options.attach or str(scripts / "hocba-attach")), end="")
    return 0


def _status(path: Path) -> int:
    from hocba_tui.flow.serving import status

    found = status(path)
    if found is None:
        print(f"Không có máy chủ nào ở {path}.")
        return 1
    print(f"Máy chủ {found.version} ở {path}, tiến trình {found.pid}, kho {found.store}.")
    if not found.ready:
        print("Đang chuẩn bị; người mới phải đợi.")
    for one in found.sessions:
        kind = "màn hình" if one.kind == "screen" else "lệnh"
        way = ", bằng khóa" if one.by_key else ""
        print(f"  {one.account or '?'}: {kind}, từ {one.began:%H:%M %d/%m}{way}")
    print(f"{len(found.sessions)} phiên.")
    return 0


def _print_left(count: int) -> None:
    print(f"Còn {count} phiên…", flush=True)
