"""``hocba backup``: write an encrypted copy while people work, and verify it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from hocba_tui.cli.common import Commands, command, root_option, store_root
from hocba_tui.errors import StoreUnusable

if TYPE_CHECKING:
    from hocba_tui.flow.school.backups import BackedUp

_SHOWN = 10


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
    added.add_argument(
        "--drill", action="store_true",
        help="không sao lưu mà diễn tập: khôi phục bản mới nhất vào thư mục tạm, kiểm tra, rồi bỏ đi",
    )  # fmt: skip
    added.add_argument(
        "--accept-fork", action="store_true",
        help="kho này mới là kho dùng tiếp, dù một bản chép khác của nó đã ghi mốc xa hơn hoặc đi ngả khác",
    )  # fmt: skip
    added.add_argument("--identity", metavar="TỆP", help="với --drill: khóa mở (AGE-SECRET-KEY-…)")
    for name, count, what in (("days", 7, "ngày"), ("weeks", 5, "tuần"), ("months", 12, "tháng")):
        added.add_argument(
            f"--keep-{name}", type=int, metavar="N", default=count, help=f"giữ bản cuối của N {what} gần nhất ({count})"
        )
    root_option(added)
    added.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Write one backup and remove old ones.

    Exit 6 when the store is damaged or another copy of it has gone on, 1 when the clock was set back.
    """
    from hocba_tui.flow.school.backups import back_up, drop_old_backups, lasting_words, new_key

    if options.new_key:
        recipient = new_key(Path(options.new_key))
        print(
            f"Khóa mở đã ghi vào {options.new_key}: in ra giấy hoặc chép sang USB, cất vào két, rồi xóa khỏi máy này."
        )
        print(f"Khóa nhận (ghi vào backup-recipients.txt của kho): {recipient}")
        return 0
    root = store_root(options)
    if options.drill:
        return _drill(root, options.identity, options.to)
    made = back_up(root, options.recipient, Path(options.to) if options.to else None, accept_fork=options.accept_fork)
    shards = len(made.contents.shards)
    print(f"Đã sao lưu {shards} nhật ký, {len(made.contents.files)} tệp, {made.size / 1000:.0f} kB: {made.path}")
    print("Đã đọc lại từ đĩa, giải mã và đối chiếu từng tệp.")
    done = drop_old_backups(root, made, options.keep_days, options.keep_weeks, options.keep_months)
    if done.count:
        print(f"Đã bỏ {done.count} bản cũ.")
    if done.untold:
        print(
            f"{len(done.untold)} bản ở đó được giữ lại vì không rõ của kho nào, hoặc khóa nhận khác bản này "
            f"(chỉ nói một lần): {', '.join(path.name for path in done.untold[:3])}"
            + (" …" if len(done.untold) > 3 else "")
        )
    if kept := lasting_words(root, made.path.parent):
        print(f"{kept}.")
    if made.damaged:
        print("Kho có chỗ hỏng, nên bản này mang tên “-damaged”, không thay bản nào, và không bản cũ nào bị bỏ.")
        print("Xem: hocba store check.")
        return StoreUnusable.exit_code
    if made.unnoted:
        print(f"Không biết có bản chép nào khác của kho này đang dùng không: {made.unnoted}.")
    if made.apart:
        _print_apart(made)
        return StoreUnusable.exit_code
    if done.found.later:
        print(f"Không bỏ bản cũ nào: đồng hồ của máy đang chậm hơn bản {done.found.later.name}.")
        print("Chỉnh lại giờ; nếu giờ của bản ấy mới là sai thì dời nó sang thư mục khác.")
        return 1
    return 0


def _print_apart(made: BackedUp) -> None:
    print(f"KHO NÀY CŨ HƠN mốc mà {made.apart[0].store} đã ghi ở thư mục ấy, hoặc ĐÃ ĐI NGẢ KHÁC:")
    for one in made.apart[:_SHOWN]:
        print(f"  ! {one.words}")
    if len(made.apart) > _SHOWN:
        print(f"  … và {len(made.apart) - _SHOWN} nhật ký nữa")
    print("Bản vừa ghi dùng được; không bản cũ nào bị bỏ, mốc đã ghi ở đó giữ nguyên.")
    print(
        "Có lẽ hai máy cùng dùng hai bản chép của một kho, hoặc kho này khôi phục từ bản cũ: tìm kho kia, xem cả hai."
    )
    print("Nếu kho này mới là kho dùng tiếp: hocba backup --accept-fork; từ đó kho kia bị nhắc.")


def _drill(root: Path, identity: str | None, folder: str | None) -> int:
    """Restore the newest copy for trial; exit 6 when it does not come back whole, or the store lacks what it has."""
    from hocba_tui.flow.school.drill import drill
    from hocba_tui.flow.school.swapping import in_words

    done = drill(root, Path(identity) if identity else None, Path(folder) if folder else None)
    print(f"Diễn tập khôi phục ĐẠT: {done.path}")
    print(f"Chụp lúc {done.contents.at[:19].replace('T', ' ')}, {len(done.contents.shards)} nhật ký, "
          f"{done.entries} bản ghi, còn nguyên; bản khôi phục thử đã bỏ đi.")  # fmt: skip
    for line in in_words(done.differences):
        print(line)
    if done.store_behind:
        print("Kho đang dùng thiếu những gì bản sao lưu có: đừng sao lưu đè, chạy hocba store check.")
        return StoreUnusable.exit_code
    return 0
