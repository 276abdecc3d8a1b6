"""``hocba backup``: write an encrypted copy while people work, and verify it."""

from __future__ import annotations

import argparse
from pathlib import Path

from hocba_tui.cli.common import Commands, command, root_option, store_root
from hocba_tui.errors import StoreUnusable


def add(commands: Commands) -> None:
    """Add the command."""
    added = command(
        commands, "backup", "Sao lưu kho: nén, mã hóa, đọc lại để chứng minh; không phải dừng việc.",
        "hocba backup --recipient age1… --to /media/usb/hocba --store /srv/hocba",
    )  # fmt: skip
    added.add_argument("--to", metavar="THƯ_MỤC", help="nơi để; mặc định: thư mục backups của kho")
    added.add_argument(
        "--recipient", metavar="KHÓA", action="append", default=[],
        help="mã hóa cho khóa này (nhiều lần được); mặc định: các dòng của backup-recipients.txt trong kho",
    )  # fmt: skip
    added.add_argument("--new-key", metavar="TỆP", help="tạo một cặp khóa: ghi khóa mở vào TỆP, in khóa nhận, rồi thôi")
    for name, count, what in (("days", 7, "ngày"), ("weeks", 5, "tuần"), ("months", 12, "tháng")):
        added.add_argument(
            f"--keep-{name}", type=int, metavar="N", default=count, help=f"giữ bản cuối của N {what} gần nhất ({count})"
        )
    root_option(added)
    added.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Write one backup and remove old ones; exit 6 when the store that was copied is damaged."""
    from hocba_tui.flow.school.backups import back_up, drop_old_backups, is_damaged, new_key

    if options.new_key:
        recipient = new_key(Path(options.new_key))
        print(
            f"Khóa mở đã ghi vào {options.new_key}: in ra giấy hoặc chép sang USB, cất vào két, rồi xóa khỏi máy này."
        )
        print(f"Khóa nhận (ghi vào backup-recipients.txt của kho): {recipient}")
        return 0
    root = store_root(options)
    made = back_up(root, options.recipient, Path(options.to) if options.to else None)
    shards = len(made.contents.shards)
    print(f"Đã sao lưu {shards} nhật ký, {len(made.contents.files)} tệp, {made.size / 1000:.0f} kB: {made.path}")
    print("Đã đọc lại từ đĩa, giải mã và đối chiếu từng tệp.")
    dropped = drop_old_backups(made, options.keep_days, options.keep_weeks, options.keep_months)
    if dropped:
        print(f"Đã bỏ {dropped} bản cũ.")
    if is_damaged(root):
        print("Kho có chỗ hỏng, và bản sao lưu này cũng vậy: hocba store check.")
        return StoreUnusable.exit_code
    return 0
