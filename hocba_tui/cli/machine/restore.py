"""``hocba restore``: restore a backup into a new folder or in the place of the store, and check it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from hocba_tui.cli.common import Commands, command, root_option, store_root
from hocba_tui.config import Config
from hocba_tui.errors import StoreUnusable


def add(commands: Commands) -> None:
    """Add the command."""
    added = command(
        commands, "restore", "Khôi phục một bản sao lưu vào thư mục mới, hoặc vào chỗ của kho, rồi kiểm tra.",
        "hocba restore hocba-99000999-3f2a9c41d07b-5e0c1a-20260610-220000.tar.gz.age --to /srv/hocba-moi "
        "--identity khoa.txt",
    )  # fmt: skip
    added.add_argument("archive", metavar="BẢN_SAO_LƯU")
    where = added.add_mutually_exclusive_group(required=True)
    where.add_argument("--to", metavar="THƯ_MỤC", help="thư mục mới; không bao giờ ghi đè một kho")
    where.add_argument(
        "--swap", action="store_true", help="đổi chỗ với kho đang dùng khi không còn ai trong kho; kho cũ được giữ lại"
    )
    added.add_argument("--identity", metavar="TỆP", help="khóa mở (AGE-SECRET-KEY-…)")
    added.add_argument(
        "--sent-log", metavar="TỆP", action="append", default=[],
        help="sổ gửi sent.log của kho cũ, nếu không nằm cạnh bản sao lưu",
    )  # fmt: skip
    added.add_argument(
        "--accept-fork", action="store_true", help="với --swap: vẫn đổi khi kho và bản sao lưu đã đi hai ngả"
    )
    added.add_argument("--socket", metavar="ĐƯỜNG_DẪN", help="với --swap: cửa của máy chủ đang mở kho này")
    root_option(added)
    added.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Restore and check; exit 6 when something is damaged or the portal has records that the copy does not know."""
    archive = Path(options.archive)
    identity = Path(options.identity) if options.identity else None
    logs = [Path(log) for log in options.sent_log]
    if options.swap:
        from hocba_tui.flow.serving import socket_path, without_sessions

        root = store_root(options)
        with without_sessions(socket_path(options.socket), root, _print_waiting):
            return _swap(root, archive, identity, logs, accept_fork=options.accept_fork)
    from hocba_tui.flow.school.backups import restore_backup
    from hocba_tui.flow.school.store_check import check_store, take_over_sent
    from hocba_tui.flow.school.swapping import compare_with, in_words

    target = Path(options.to)
    contents = restore_backup(archive, target, identity)
    print(f"Đã khôi phục {len(contents.shards)} nhật ký, {len(contents.files)} tệp vào {target}.")
    _print_moment(contents.at)
    known = take_over_sent(target, logs or [archive.parent / "sent.log"])
    if store := Config.from_environment(options.store).store:
        for line in in_words(compare_with(store, target, contents)):
            print(line)
    flaws = [flaw for checked in check_store(target) for flaw in checked.flaws]
    return _print_flaws([(flaw.lost, flaw.place, flaw.what) for flaw in flaws], sent_log=known)


def _print_waiting(count: int) -> None:
    """Say whom the server is waiting for, on the error stream: what was done is on the other."""
    if count:
        print(f"Đợi {count} phiên trên máy chủ lưu và đóng…", file=sys.stderr)


def _swap(root: Path, archive: Path, identity: Path | None, logs: list[Path], *, accept_fork: bool) -> int:
    from hocba_tui.flow.school.swapping import in_words, swap_in

    done = swap_in(root, archive, identity, logs, accept_fork=accept_fork)
    print(f"Kho ở {root} nay là bản sao lưu: {len(done.contents.shards)} nhật ký, {len(done.contents.files)} tệp.")
    _print_moment(done.contents.at)
    print(f"Kho cũ còn nguyên ở {done.aside}; không lệnh nào xóa nó.")
    for line in in_words(done.differences):
        print(line)
    if done.issued:
        print(f"{done.issued} tệp học bạ đã phát hành chỉ có ở kho cũ ({done.aside / 'issued'}).")
    if done.drafts:
        print(f"Đã chép sang bản nháp đang gõ dở của {done.drafts} người.")
    if done.recipients:
        print("Danh sách khóa nhận bản sao lưu giữ theo kho đang dùng, không theo bản sao lưu.")
    for path in done.leftovers:
        print(f"Một lần đổi bị ngắt còn để lại {path}: hocba store check ở đó, rồi tự bỏ.")
    if done.unnoted:
        print(f"Chưa báo được cho các bản chép khác của kho ({done.unnoted}); lần hocba backup sau sẽ báo.")
    if done.mounted:
        print(f"Ổ đĩa gắn ở thư mục backups đã đi theo kho cũ: umount {done.aside / 'backups'}, rồi gắn lại vào")
        print(f"{root / 'backups'}.")
    return _print_flaws([(flaw.lost, flaw.place, flaw.what) for flaw in done.flaws], sent_log=done.sent_log)


def _print_moment(at: str) -> None:
    print(f"Bản sao lưu chụp lúc {at[:19].replace('T', ' ')}; mọi thay đổi sau lúc ấy không có ở đây.")


def _print_flaws(flaws: list[tuple[bool, str, str]], *, sent_log: bool) -> int:
    if not sent_log:
        print("Không thấy sổ gửi sent.log: không biết sau lúc ấy đã gửi thêm học bạ nào; hỏi cổng trước khi gửi tiếp.")
    for damaged, place, what in flaws:
        print(f"  {'✗' if damaged else '·'} {place}: {what}")
    lost = sum(damaged for damaged, _, _ in flaws)
    print(f"Kiểm tra: {f'CÓ {lost} ĐIỀU PHẢI XEM' if lost else 'còn nguyên'}.")
    return StoreUnusable.exit_code if lost else 0
