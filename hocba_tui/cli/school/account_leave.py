"""``hocba account leave`` and ``back``: somebody leaves the school, and comes back."""

from __future__ import annotations

import argparse

from hocba_tui.cli.common import Commands, command, desk_of, store_options


def add_leaving(verbs: Commands) -> None:
    """Add the two commands."""
    leave = command(
        verbs, "leave", "Ghi một người rời trường: tài khoản không làm được gì nữa, việc đã làm vẫn ghi tên.",
        "hocba account leave gv.hoa --day 01/06/2026 --store /srv/hocba",
    )  # fmt: skip
    leave.add_argument("--day", default="", metavar="NGÀY/THÁNG/NĂM", help="từ ngày nào; không ghi thì từ hôm nay")
    leave.set_defaults(run=_leave)
    back = command(
        verbs, "back", "Mở lại tài khoản của người đã rời trường; quyền cần hai người thì cấp lại sau.",
        "hocba account back gv.hoa --store /srv/hocba",
    )  # fmt: skip
    back.set_defaults(run=_back)
    for verb in (leave, back):
        verb.add_argument("key", metavar="TÀI_KHOẢN")
        store_options(verb)


def _leave(options: argparse.Namespace) -> int:
    from hocba_tui.flow.people.leaving import close_account
    from hocba_tui.text import day_first

    desk = desk_of(options)
    done = close_account(desk, options.key, options.day or f"{desk.clock.today():%d/%m/%Y}")
    print(f"{done.after.name} ({done.after.key}) rời trường từ ngày {day_first(done.after.left)}; tài khoản đã khóa.")
    if done.classes:
        print(f"Còn được phân công ở lớp {', '.join(done.classes)}: giao người khác bằng hocba assign.")
    return 0


def _back(options: argparse.Namespace) -> int:
    from hocba_tui.flow.people.leaving import open_account
    from hocba_tui.flow.proposals import roles_in_words

    done = open_account(desk_of(options), options.key)
    print(f"{done.after.name} ({done.after.key}) trở lại; tài khoản đã mở, quyền: {roles_in_words(done.after)}.")
    if done.lost:
        print(f"Không còn quyền {', '.join(done.lost)}: cấp lại bằng hocba account save, hai người.")
    return 0
