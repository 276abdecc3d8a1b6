"""``hocba account ask`` and ``asked``: what people ask the machine to do to a login, and what became of it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from hocba_tui.cli.common import Commands, command, desk_of, store_options

if TYPE_CHECKING:
    from hocba_tui.flow.requested import Request

KINDS = ("login", "password", "code", "unlock")


def add_asking(verbs: Commands) -> None:
    """Add the two commands."""
    ask = command(
        verbs, "ask",
        "Yêu cầu máy chủ tạo đăng nhập, cấp mật khẩu mới, cấp mã 6 số mới, hoặc mở khóa cho một người.",
        "hocba account ask gv.hoa password --store /srv/hocba",
    )  # fmt: skip
    ask.add_argument("key", metavar="TÀI_KHOẢN")
    ask.add_argument(
        "kind", metavar="VIỆC", choices=KINDS,
        help="login: tạo đăng nhập; password: mật khẩu dùng một lần; code: mã 6 số mới (mất điện thoại); "
        "unlock: mở khóa vì gõ sai nhiều lần",
    )  # fmt: skip
    store_options(ask)
    ask.set_defaults(run=_ask)
    asked = command(
        verbs, "asked", "Xem máy chủ còn phải làm gì cho ai, và đã làm gì.", "hocba account asked --store /srv/hocba"
    )
    store_options(asked)
    asked.set_defaults(run=_asked)


def kind_option(verb: argparse.ArgumentParser) -> None:
    """Add which request is meant, for who confirms or withdraws one."""
    verb.add_argument(
        "kind",
        metavar="VIỆC",
        nargs="?",
        choices=KINDS,
        help="yêu cầu nào (account ask); để trống: quyền, tên đăng nhập",
    )


def _ask(options: argparse.Namespace) -> int:
    from hocba_tui.flow.requested import Kind
    from hocba_tui.flow.school.login_requests import ask

    done = ask(desk_of(options), options.key, Kind(options.kind))
    if done.request is None:
        print(f"Tên đăng nhập của {options.key} CHƯA có, chờ người thứ hai: hocba account confirm {options.key}")
        print("Xác nhận xong, máy chủ tạo đăng nhập ấy ở lượt sau.")
        return 0
    print(f"Đã yêu cầu cho {options.key} ({done.request.before.name}): {done.request.words}.")
    print(_next(done.request))
    return 0


def _asked(options: argparse.Namespace) -> int:
    from hocba_tui.flow.requested import outcomes, requests, until
    from hocba_tui.text import moment

    desk = desk_of(options)
    for found in requests(desk):
        print(f"{found.before.key} ({found.before.name}): {found.words}")
        print(f"  {found.by.name} ({found.by.key}) yêu cầu lúc {moment(found.at)}, {until(found)}. {_next(found)}")
    for done in outcomes(desk):
        what = f"KHÔNG làm được {done.kind.label}: {done.problem}" if done.problem else f"đã {done.kind.label}"
        print(f"{done.account.key} ({done.account.name}): {moment(done.done)} {what}. Người yêu cầu: {done.by}.")
    return 0


def _next(request: Request) -> str:
    """Return what happens next."""
    if request.waiting:
        return (
            "Chờ người thứ hai: hiệu trưởng, phó hiệu trưởng khác, hoặc chính người ấy: "
            f"hocba account confirm {request.before.key} {request.kind}"
        )
    return "Máy chủ tự làm trong vài phút; người giữ máy làm ngay: sudo hocba account apply"
