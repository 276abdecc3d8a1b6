"""``hocba account apply`` and ``logins``: logins for the school's people, and users of the machine made from them."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from hocba_tui.cli.common import Commands, command, confirm, desk_of, root_option, store_options, store_root
from hocba_tui.errors import NotAllowed, Refused, WrongUse

if TYPE_CHECKING:
    from hocba_tui.machine.answers import Answers

_YES = "co"
_UNCHANGED = "Chưa đổi gì của máy."


def add_logins(verbs: Commands) -> None:
    """Add the two commands."""
    apply = command(
        verbs, "apply", "Tạo người dùng của máy cho ai có tên đăng nhập, đóng của ai đã rời trường; in phiếu mật khẩu.",
        "hocba account apply",
    )  # fmt: skip
    ways = apply.add_mutually_exclusive_group()
    ways.add_argument("--reset", metavar="TÊN", nargs="+", help="chỉ cấp lại mật khẩu dùng một lần cho những người này")
    ways.add_argument("--json", action="store_true", help="chỉ in những gì kho muốn (chủ của kho)")
    apply.add_argument("--yes", action="store_true", help="không hỏi lại")
    root_option(apply)
    apply.set_defaults(run=_apply, act="")  # No log: the store is not root's to write in.
    give = command(
        verbs, "logins", "Ai chưa có tên đăng nhập thì lấy tên tài khoản làm tên đăng nhập.",
        "hocba account logins --store /srv/hocba",
    )  # fmt: skip
    store_options(give)
    give.set_defaults(run=_give)


def _give(options: argparse.Namespace) -> int:
    from hocba_tui.flow.school.logins import give_logins

    done = give_logins(desk_of(options))
    for person in done.given:
        print(f"{person.key}: {person.name}, đăng nhập {person.system_user}")
    for person in done.waiting:
        print(f"{person.key}: {person.name}, CHƯA có: chờ người thứ hai, hocba account confirm {person.key}")
    print(f"Đã gắn tên đăng nhập cho {len(done.given)} người. Tạo trên máy: sudo hocba account apply")
    return 0


def _apply(options: argparse.Namespace) -> int:
    """Exit 1 when it was not wanted after all, or somebody was left alone."""
    from hocba_tui.machine.answers import Answers

    if options.json:
        import json

        from hocba_tui.flow.school.logins import wanted_logins

        print(json.dumps(wanted_logins(store_root(options)), ensure_ascii=False))
        return 0
    if os.geteuid():
        raise NotAllowed("Chỉ root tạo được người dùng của máy.", "Chạy: sudo hocba account apply", _UNCHANGED)
    if (answers := Answers.read()) is None:
        raise WrongUse("Máy này chưa cài làm máy chủ của trường.", "Chạy trước: sudo hocba setup", _UNCHANGED)
    return _reset(answers, options) if options.reset else _bring_up_to_date(answers, options)


def _bring_up_to_date(answers: Answers, options: argparse.Namespace) -> int:
    from hocba_tui.machine.people import apply, plan, slip, wanted

    found = plan(wanted(answers), answers.group)
    for line in found.left_alone:
        print(f"! {line}.", file=sys.stderr)
    if not found.changes:
        print("Người dùng của máy đã đúng như danh sách của trường.")
        return int(bool(found.left_alone))
    for change in found.changes:
        print(f"  {change.what.value}: {change.login}" + (f" ({change.name})" if change.name else ""))
    _ask(options)
    slips = list[str]()
    try:
        for change in found.changes:
            if password := apply(change, answers.group, answers.attach):
                slips.append(slip(change.login, change.name, password, answers.address))
    finally:
        _write(slips)
    print(f"Xong {len(found.changes)} người.")
    return int(bool(found.left_alone))


def _reset(answers: Answers, options: argparse.Namespace) -> int:
    from hocba_tui.machine.people import is_ours, new_password, slip

    for login in options.reset:
        if not is_ours(login, answers.group):
            raise Refused(
                f"{login} không phải người dùng của nhóm {answers.group}.", "Xem lại tên đăng nhập.", _UNCHANGED
            )
    print("Cấp lại mật khẩu dùng một lần: " + ", ".join(options.reset))
    _ask(options)
    _write([slip(login, login, new_password(login), answers.address) for login in options.reset])
    return 0


def _ask(options: argparse.Namespace) -> None:
    if not options.yes and not confirm(f"Làm những việc trên? (gõ '{_YES}') ", _YES):
        raise Refused("Không được đồng ý nên không làm gì.", "Chạy lại, hoặc thêm --yes.", _UNCHANGED)


def _write(slips: list[str]) -> None:
    from datetime import datetime

    from hocba_tui.machine.answers import FOLDER
    from hocba_tui.machine.steps import write_settings

    if slips:
        path = FOLDER / "phieu" / f"{datetime.now().astimezone():%Y%m%d-%H%M%S}.txt"
        path.parent.mkdir(mode=0o700, exist_ok=True)
        write_settings(path, "\n".join(slips), 0o600)
        print(f"Phiếu mật khẩu của {len(slips)} người ở {path}: in ra, cắt rời, đưa tận tay, rồi xóa tệp ấy.")
