"""``hocba account apply`` and ``logins``: logins for the school's people, and users of the machine made from them."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hocba_tui.cli.common import Commands, command, confirm, desk_of, root_option, store_options, store_root
from hocba_tui.errors import NotAllowed, Refused, WrongUse

if TYPE_CHECKING:
    from hocba_tui.machine.answers import Answers
    from hocba_tui.machine.asked import Job, Slips
    from hocba_tui.machine.outcomes import Outcomes

_YES = "co"
_UNCHANGED = "Chưa đổi gì của máy."


def add_logins(verbs: Commands) -> None:
    """Add the two commands."""
    apply = command(
        verbs, "apply",
        "Làm trên máy những gì trường yêu cầu: tạo người dùng cho ai có tên đăng nhập, đóng của ai đã rời trường, cấp "
        "mật khẩu, mã 6 số, mở khóa; ghi phiếu.",
        "hocba account apply",
    )  # fmt: skip
    ways = apply.add_mutually_exclusive_group()
    ways.add_argument("--reset", metavar="TÊN", nargs="+", help="chỉ cấp lại mật khẩu dùng một lần cho những người này")
    ways.add_argument("--new-code", metavar="TÊN", nargs="+", help="chỉ cấp mã 6 số mới cho những người này")
    ways.add_argument("--no-code", metavar="TÊN", nargs="+", help="chỉ thôi hỏi mã 6 số của những người này")
    ways.add_argument("--timer", action="store_true", help="cho hẹn giờ: không hỏi, không làm gì thì không in gì")
    ways.add_argument("--json", action="store_true", help="chỉ in những gì kho muốn (chủ của kho)")
    ways.add_argument("--note", action="store_true", help="chỉ ghi vào kho máy đã làm gì, đọc từ đầu vào (chủ của kho)")
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
    """Exit 1 when it was not wanted after all, or something could not be done."""
    from hocba_tui.machine.answers import Answers
    from hocba_tui.machine.asked import Slips, to_do, unasked
    from hocba_tui.machine.keepers import caller
    from hocba_tui.machine.outcomes import Outcomes
    from hocba_tui.machine.people import wanted

    if options.json or options.note:
        return _for_root(options)
    if os.geteuid():
        raise NotAllowed("Chỉ root tạo được người dùng của máy.", "Chạy: sudo hocba account apply", _UNCHANGED)
    if (answers := Answers.read()) is None:
        raise WrongUse("Máy này chưa cài làm máy chủ của trường.", "Chạy trước: sudo hocba setup", _UNCHANGED)
    outcomes, slips, alone = Outcomes(), Slips(_place()), tuple[str, ...]()
    keeper = "tự động" if options.timer else caller() or "root"
    named = {"password": options.reset, "code": options.new_code, "no_code": options.no_code}
    if kind := next((kind for kind, logins in named.items() if logins), ""):
        jobs = unasked(kind, named[kind], answers, slips, keeper)
    else:
        outcomes.note(answers)  # What an earlier run did and could not have written down is not done again.
        jobs, alone = to_do(wanted(answers), answers, slips, keeper, attended=not options.timer)
    for line in alone:
        print(f"! {line}.", file=sys.stderr)
    if not jobs:
        if not options.timer:
            print("Người dùng của máy đã đúng như danh sách của trường.")
        return int(bool(alone))
    return _do(jobs, answers, outcomes, slips, options) or int(bool(alone))


def _do(jobs: Sequence[Job], answers: Answers, outcomes: Outcomes, slips: Slips, options: argparse.Namespace) -> int:
    """Show the jobs, ask, do them, say where the sheets are; exit 1 when one could not be done."""
    for job in jobs:
        print(f"  {job.words}")
    if not (options.yes or options.timer) and not confirm(f"Làm những việc trên? (gõ '{_YES}') ", _YES):
        raise Refused("Không được đồng ý nên không làm gì.", "Chạy lại, hoặc thêm --yes.", _UNCHANGED)
    failed = 0
    try:
        for job in jobs:
            if job.done is None:
                job.act()
            elif problem := outcomes.carry_out(job.done, job.act).problem:
                failed += 1
                print(f"✗ {job.words}: {problem}", file=sys.stderr)
    finally:
        _say(slips, draw=not options.timer and sys.stdout.isatty())
    outcomes.note(answers)
    print(f"Xong {len(jobs) - failed} việc.")
    return int(bool(failed))


def _for_root(options: argparse.Namespace) -> int:
    """Say what the store wants, or write down what was done: as the owner of the store, for root."""
    import json

    from hocba_tui.flow.school.login_requests import note_outcomes
    from hocba_tui.flow.school.logins import wanted_logins

    if options.json:
        print(json.dumps(wanted_logins(store_root(options)), ensure_ascii=False))
    else:
        note_outcomes(store_root(options), json.load(sys.stdin))
    return 0


def _place() -> Path:
    from datetime import datetime

    from hocba_tui.machine.answers import FOLDER

    return FOLDER / "phieu" / f"{datetime.now().astimezone():%Y%m%d-%H%M%S}.txt"


def _say(slips: Slips, *, draw: bool) -> None:
    for login, picture in slips.pictures if draw else ():
        print(f"{login}: mã 6 số, quét bằng điện thoại:\n{picture}")
    if slips.people:
        print(f"Phiếu của {len(set(slips.people))} người ở {slips.path}: in ra, cắt rời, đưa tận tay, rồi xóa tệp ấy.")
