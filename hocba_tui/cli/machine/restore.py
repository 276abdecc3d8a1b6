"""``hocba restore``: restore a backup into a new folder, check it, and compare it with what was sent since."""

from __future__ import annotations

import argparse
from pathlib import Path

from hocba_tui.cli.common import Commands, command
from hocba_tui.errors import StoreUnusable


def add(commands: Commands) -> None:
    """Add the command."""
    added = command(
        commands, "restore", "Khôi phục một bản sao lưu vào thư mục mới, rồi kiểm tra.",
        "hocba restore hocba-20260610-220000.tar.gz.age --to /srv/hocba-moi --identity khoa.txt",
    )  # fmt: skip
    added.add_argument("archive", metavar="BẢN_SAO_LƯU")
    added.add_argument("--to", metavar="THƯ_MỤC", required=True, help="thư mục mới; không bao giờ ghi đè một kho")
    added.add_argument("--identity", metavar="TỆP", help="khóa mở (AGE-SECRET-KEY-…)")
    added.add_argument(
        "--sent-log", metavar="TỆP", action="append", default=[],
        help="sổ gửi sent.log của kho cũ, nếu không nằm cạnh bản sao lưu",
    )  # fmt: skip
    added.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Restore and check; exit 6 when something is damaged or the portal has records that the copy does not know."""
    from hocba_tui.flow.school.backups import restore_backup
    from hocba_tui.flow.school.store_check import check_store, take_over_sent

    archive, target = Path(options.archive), Path(options.to)
    identity = Path(options.identity) if options.identity else None
    contents = restore_backup(archive, target, identity)
    print(f"Đã khôi phục {len(contents.shards)} nhật ký, {len(contents.files)} tệp vào {target}.")
    print(f"Bản sao lưu chụp lúc {contents.at[:19].replace('T', ' ')}; mọi thay đổi sau lúc ấy không có ở đây.")
    logs = [Path(log) for log in options.sent_log] or [archive.parent / "sent.log"]
    if not take_over_sent(target, logs):
        print("Không thấy sổ gửi sent.log: không biết sau lúc ấy đã gửi thêm học bạ nào; hỏi cổng trước khi gửi tiếp.")
    lost = 0
    for proof in check_store(target):
        for flaw in proof.flaws:
            lost += flaw.lost
            print(f"  {'✗' if flaw.lost else '·'} {flaw.place}: {flaw.what}")
    print(f"Kiểm tra: {f'CÓ {lost} ĐIỀU PHẢI XEM' if lost else 'còn nguyên'}.")
    return StoreUnusable.exit_code if lost else 0
