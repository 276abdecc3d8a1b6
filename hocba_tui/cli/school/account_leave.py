"""``hocba account leave``, ``back``, ``off`` and ``on``: somebody leaves and comes back, an account is switched off."""

from __future__ import annotations

import argparse

from hocba_tui.cli.common import Commands, command, desk_of, store_options


def add_leaving(verbs: Commands) -> None:
    """Add the four commands."""
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
    off = command(
        verbs, "off", "Tạm khóa một tài khoản, có lí do; người ấy vẫn là người của trường.",
        "hocba account off gv.hoa --reason 'nghi lộ mật khẩu' --store /srv/hocba",
    )  # fmt: skip
    off.add_argument("--reason", required=True, metavar="LÍ_DO")
    off.set_defaults(run=_off)
    on = command(verbs, "on", "Mở lại một tài khoản đang tạm khóa.", "hocba account on gv.hoa --store /srv/hocba")
    on.set_defaults(run=_on)
    for verb in (leave, back, off, on):
        verb.add_argument("key", metavar="TÀI_KHOẢN")
        store_options(verb)


def _leave(options: argparse.Namespace) -> int:
    from hocba_tui.flow.people.leaving import Move, move
    from hocba_tui.text import day_first

    desk = desk_of(options)
    done = move(desk, options.key, Move.LEAVE, options.day or f"{desk.clock.today():%d/%m/%Y}")
    print(f"{done.after.name} ({done.after.key}) rời trường từ ngày {day_first(done.after.left)}; tài khoản đã khóa.")
    if done.classes:
        print(f"Còn được phân công ở lớp {', '.join(done.classes)}: giao người khác bằng hocba assign.")
    return 0


def _back(options: argparse.Namespace) -> int:
    from hocba_tui.flow.people.leaving import Move, move
    from hocba_tui.flow.proposals import roles_in_words

    done = move(desk_of(options), options.key, Move.RETURN)
    print(f"{done.after.name} ({done.after.key}) trở lại; tài khoản đã mở, quyền: {roles_in_words(done.after)}.")
    if done.lost:
        print(f"Không còn quyền {', '.join(done.lost)}: cấp lại bằng hocba account save, hai người.")
    return 0


def _off(options: argparse.Namespace) -> int:
    from hocba_tui.flow.people.leaving import Move, move

    done = move(desk_of(options), options.key, Move.OFF, options.reason)
    print(f"Đã khóa tài khoản {done.after.key} ({done.after.name}): {done.after.why_closed}.")
    return 0


def _on(options: argparse.Namespace) -> int:
    from hocba_tui.flow.people.leaving import Move, move

    done = move(desk_of(options), options.key, Move.ON)
    print(f"Đã mở lại tài khoản {done.after.key} ({done.after.name}).")
    return 0
