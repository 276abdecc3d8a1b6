"""``hocba ssh-key``: who comes in over a login of the machine that all share, each with a key of their own."""

from __future__ import annotations

import argparse
from pathlib import Path

from hocba_tui.cli.common import Commands, command, root_option, store_root


def add(commands: Commands) -> None:
    """Add the command and its parts."""
    added = command(
        commands, "ssh-key", "Một tài khoản máy cho cả trường: khóa SSH nào mở tài khoản nào.",
        "hocba ssh-key add gv.hoa hoa.pub --store /srv/hocba",
    )  # fmt: skip
    parts = added.add_subparsers(dest="part", metavar="VIỆC", required=True)
    new = command(
        parts, "add", "Cho người giữ khóa này vào bằng một tài khoản của trường.",
        "hocba ssh-key add gv.hoa hoa.pub --store /srv/hocba",
    )  # fmt: skip
    new.add_argument("whose", metavar="TÀI_KHOẢN")
    new.add_argument("file", type=Path, metavar="TỆP.pub", help="khóa công khai; khóa bí mật ở lại máy của người ấy")
    new.add_argument("--socket", metavar="ĐƯỜNG_DẪN", help="cửa của máy chủ, khi khác mặc định")
    new.add_argument("--program", metavar="ĐƯỜNG_DẪN", help="hocba-attach ở đâu, khi sshd phải gọi bằng tên khác")
    new.set_defaults(run=_add)
    listed = command(parts, "list", "Khóa nào mở tài khoản nào, từ bao giờ.", "hocba ssh-key list --store /srv/hocba")
    listed.set_defaults(run=_list)
    gone = command(
        parts, "remove", "Bỏ mọi khóa của một tài khoản và đóng các phiên đã vào bằng khóa ấy.",
        "hocba ssh-key remove gv.hoa",
    )  # fmt: skip
    gone.add_argument("whose", metavar="TÀI_KHOẢN")
    gone.add_argument("--socket", metavar="ĐƯỜNG_DẪN", help="cửa của máy chủ, khi khác mặc định")
    gone.set_defaults(run=_remove)
    for part in (new, listed, gone):
        part.add_argument(
            "--keys", type=Path, metavar="TỆP", help="tệp khóa mà sshd đọc, mặc định ~/.ssh/authorized_keys"
        )
        root_option(part)


def _add(options: argparse.Namespace) -> int:
    from hocba_tui.flow.school.ssh_keys import add_key, command_for, obstacles, open_folders

    root, file = store_root(options), _file(options)
    command = command_for(options.whose, options.socket, options.program)
    key = add_key(root, file, options.whose, options.file, command)
    print(
        f"Khóa {key.fingerprint} nay mở tài khoản {key.account}. So mã này với máy của người ấy: ssh-keygen -lf TỆP.pub"
    )
    if why := obstacles(root).get(key.account):
        print(f"  ! Chưa vào được: {why}")
    for place in open_folders(file.parent):
        print(f"  ! Người khác ghi được thư mục {place}, nên sshd không tin tệp khóa: chmod go-w {place}")
    return 0


def _list(options: argparse.Namespace) -> int:
    from hocba_tui.flow.school.ssh_keys import accounts, known_keys, obstacles
    from hocba_tui.text import day_first

    root, file = store_root(options), _file(options)
    keys, others = known_keys(file)
    people, why_not = accounts(root), obstacles(root)
    for key in sorted(keys):
        since = f"từ {day_first(key.since)}" if key.since else "không rõ từ bao giờ"
        print(f"{key.account:16} {key.fingerprint}  {since}")
        if why := why_not.get(key.account) or ("" if key.account in people else "trường không có tài khoản này"):
            print(f"  ! Chưa vào được: {why}")
    print(f"{len(keys)} khóa trong {file}.")
    if others:
        print(
            f"  ! Còn {others} dòng không phải do hocba ghi: ai giữ khóa ấy có thể có toàn quyền của tài khoản máy này."
        )
    return 0


def _remove(options: argparse.Namespace) -> int:
    from hocba_tui.flow.school.ssh_keys import remove_keys
    from hocba_tui.flow.serving import end_sessions, socket_path

    file = _file(options)
    removed = remove_keys(file, options.whose)
    for key in removed:
        print(f"Đã bỏ khóa {key.fingerprint} của {key.account}.")
    if not removed:
        print(f"Tài khoản {options.whose} không có khóa nào trong {file}.")
    if ended := end_sessions(socket_path(options.socket), options.whose):
        print(f"Đã báo {ended} phiên đang mở bằng khóa của tài khoản ấy lưu rồi đóng.")
    return 0 if removed else 1


def _file(options: argparse.Namespace) -> Path:
    from hocba_tui.flow.school.ssh_keys import authorized_keys

    found: Path = options.keys or authorized_keys()
    return found.absolute()
