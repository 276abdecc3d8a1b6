"""``hocba store``: check the store, rebuild it, protect its files, give it away, show a pupil's history, show sizes."""

from __future__ import annotations

import argparse

from hocba_tui.cli.common import Commands, command, desk_of, root_option, store_options, store_root
from hocba_tui.errors import StoreUnusable
from hocba_tui.text import foreign


def add(commands: Commands) -> None:
    """Add the command and its parts."""
    added = command(commands, "store", "Xem và chữa kho dữ liệu.", "hocba store check --store demo-school/school")
    parts = added.add_subparsers(dest="part", metavar="VIỆC", required=True)
    check = command(
        parts, "check", "Chứng minh kho còn nguyên: nhật ký, bản chụp, tệp đã ký. Hợp với cron.",
        "hocba store check --store demo-school/school --quiet",
    )  # fmt: skip
    check.add_argument("--quiet", action="store_true", help="chỉ in khi có chỗ hỏng")
    check.add_argument("--note", action="store_true", help="ghi lại lần kiểm tra này, cho màn hình Tình trạng máy chủ")
    check.set_defaults(run=run_check)
    rebuild = command(
        parts, "rebuild", "Dựng lại bản chụp data.json từ nhật ký.", "hocba store rebuild 2025-2026/5A --store …"
    )
    rebuild.add_argument("shard", nargs="*", metavar="PHẦN", help="ví dụ 2025-2026/5A; không ghi thì mọi phần")
    rebuild.add_argument(
        "--accept-loss", action="store_true", help="nhật ký hỏng: dùng tiếp phần đọc được, để riêng phần hỏng"
    )
    rebuild.set_defaults(run=run_rebuild)
    protected = command(
        parts, "protect", "Đặt lại chủ và quyền của các tệp, khi người khác của máy đọc hoặc ghi được.",
        "hocba store protect --store /srv/hocba",
    )  # fmt: skip
    protected.set_defaults(run=run_protect)
    given = command(
        parts, "hand-over", "Giao kho cho một người dùng khác của máy, ví dụ tài khoản dịch vụ. Chỉ root làm được.",
        "sudo hocba store hand-over --to hocba --store /srv/hocba",
    )  # fmt: skip
    given.add_argument("--to", metavar="TÊN", required=True, help="người dùng của máy sẽ giữ kho")
    given.add_argument("--socket", metavar="ĐƯỜNG_DẪN", help="cửa của máy chủ, khi khác mặc định")
    given.set_defaults(run=run_hand_over)
    history = command(
        parts, "history", "Ai đã ghi gì về một em, lúc nào.",
        "hocba store history --class 5A --pupil An --as gv.5a --store demo-school/school",
    )  # fmt: skip
    history.add_argument("--class", dest="class_key", metavar="LỚP", required=True, help="ví dụ 5A")
    history.add_argument("--pupil", metavar="EM", required=True, help="mã học sinh, hoặc một phần tên")
    history.add_argument("--cell", metavar="Ô", default="", help="chỉ một ô, ví dụ end_year.TOAN.score")
    history.set_defaults(run=run_history)
    stats = command(parts, "stats", "Kho lớn đến đâu, ghi lần cuối lúc nào.", "hocba store stats --store …")
    stats.set_defaults(run=run_stats)
    store_options(history)
    for part in (check, rebuild, protected, given, stats):
        root_option(part)


def run_check(options: argparse.Namespace) -> int:
    """Print every flaw and its place; exit 6 when something is lost."""
    from hocba_tui.flow.school.store_check import check_store
    from hocba_tui.flow.upkeep.at_once import checked_and_noted

    shards = entries = lost = 0
    for checked in (checked_and_noted if options.note else check_store)(store_root(options)):
        shards, entries = shards + checked.has_journal, entries + checked.entries
        for flaw in checked.flaws:
            lost += flaw.lost
            if flaw.lost or not options.quiet:
                print(f"  {'✗' if flaw.lost else '·'} {flaw.place}: {flaw.what}")
    if lost or not options.quiet:
        state = f"CÓ {lost} CHỖ HỎNG" if lost else "còn nguyên"
        print(f"Kho {state}: {shards} nhật ký, {entries} bản ghi, đã đọc và đối chiếu hết.")
    return StoreUnusable.exit_code if lost else 0


def run_rebuild(options: argparse.Namespace) -> int:
    """Rebuild the named shards or all."""
    from hocba_tui.flow.school.store_upkeep import rebuild_shards

    root = store_root(options)
    for done in rebuild_shards(root, options.shard, accept_loss=options.accept_loss):
        print(f"  ✓ {done.name}: {done.entries} bản ghi")
        if done.set_aside:
            print(f"    phần hỏng để riêng ở {done.set_aside.relative_to(root)}")
            print(f"    lấy lại được từ bản chụp và các dòng còn nguyên: {done.brought_back} ô")
    return 0


def run_protect(options: argparse.Namespace) -> int:
    """Print what was open to others; exit 6 when something still is."""
    from hocba_tui.flow.school.store_upkeep import protect_store

    left = 0
    for found in protect_store(store_root(options)):
        left += bool(found.left)
        print(f"  {'✗' if found.left else '✓'} {found.place}: {found.was}{f'; {found.left}' if found.left else ''}")
    print(
        f"Còn {left} chỗ chưa đặt lại được."
        if left
        else "Chủ và quyền đã đúng. Người khác có thể đã sửa nội dung: chạy tiếp hocba store check."
    )
    return StoreUnusable.exit_code if left else 0


def run_hand_over(options: argparse.Namespace) -> int:
    """Print what became of the store, and what to do next; exit 6 when it is damaged."""
    from hocba_tui.flow.school.handing_over import hand_over
    from hocba_tui.flow.serving import socket_path

    root = store_root(options)
    done = hand_over(root, options.to, socket_path(options.socket))
    print(f"Kho {root} nay là của {options.to} ({done.files} tệp), chỉ người dùng ấy đọc được.")
    lost = [flaw for flaw in done.flaws if flaw.lost]
    for flaw in lost:
        print(f"  ✗ {flaw.place}: {flaw.what}")
    print(f"Kho CÓ {len(lost)} CHỖ HỎNG." if lost else "Đã kiểm tra lại cả kho: còn nguyên.")
    if done.backups:
        print(
            f"  ! {options.to} không ghi được vào thư mục sao lưu {done.backups}: đổi chủ của nó, hoặc dùng --to khác."
        )
    print(f"Tiếp theo: sudo -u {options.to} hocba serve --store {root}")
    if done.before != options.to:
        print(f"{done.before} và mọi người vào qua cửa ấy, bằng đúng tên đăng nhập đã gắn với tài khoản của mình.")
    return StoreUnusable.exit_code if lost else 0


def run_history(options: argparse.Namespace) -> int:
    """Print each change, oldest first."""
    from hocba_tui.flow.reports.history import find_pupil, history

    desk = desk_of(options)
    pupil = find_pupil(desk, options.class_key, options.pupil)
    print(f"{pupil.name} ({pupil.code or pupil.key}), lớp {options.class_key}")
    for line in history(desk, options.class_key, pupil.key, options.cell):
        # A journal keeps what came in as it came, also what a portal wrote.
        values = ("trống" if value is None else foreign(str(value), 1000) for value in (line.before, line.after))
        shown = " → ".join(values)
        note = f"  ({foreign(line.note)})" if line.note else ""
        print(f"{line.seq:6} {line.at[:19].replace('T', ' ')} {line.who} [{line.act}] {line.field}: {shown}{note}")
    return 0


def run_stats(options: argparse.Namespace) -> int:
    """Print sizes, one shard a line; exit 6 when one cannot be read to its end."""
    from hocba_tui.flow.school.store_upkeep import issued_size, shard_sizes

    root = store_root(options)
    shards, problems = shard_sizes(root), 0
    print(f"{'phần':24}{'bản ghi':>9}{'nhật ký kB':>12}{'bản chụp kB':>13}{'tệp ký':>8}  ghi lần cuối")
    for shard in shards:
        journal = shard.journal
        kilobytes = f"{journal.size / 1000:12.1f}{shard.checkpoint / 1000:13.1f}"
        last = journal.last[:19].replace("T", " ")
        print(f"{shard.name:24}{journal.entries:9}{kilobytes}{shard.frozen:8}  {last}")
        if journal.problem:
            problems += 1
            print(f"  ✗ {shard.name}: {journal.problem}")
    count, size = issued_size(root)
    print(f"{count} tệp đã phát hành, {size / 1000:.1f} kB")
    return StoreUnusable.exit_code if problems else 0
