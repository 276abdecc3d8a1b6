"""``hocba log``: who did what, of which pupil, on which day, from where."""

from __future__ import annotations

import argparse
import sys
from datetime import date
from typing import TYPE_CHECKING

from hocba_tui.cli.common import Commands, class_option, command, desk_of, ended_without, store_options, store_root
from hocba_tui.errors import NotAllowed, StoreUnusable, WrongUse
from hocba_tui.text import foreign

if TYPE_CHECKING:
    from hocba_tui.flow.activity.searching import Row, Wanted
    from hocba_tui.flow.activity.telling import Teller

_LONGEST = 400


class _Unlogged(argparse.Action):
    """An option of root's timer: root may write nothing in the store, and the log of commands needs no line of it."""

    def __call__(self, _: argparse.ArgumentParser, namespace: argparse.Namespace, *__: object) -> None:
        """Note the option."""
        setattr(namespace, self.dest, True)
        namespace.act = ""


def add(commands: Commands) -> None:
    """Add the command."""
    added = command(
        commands,
        "log",
        "Ai đã sửa, xem, xuất, ký, gửi, đăng nhập: tìm theo học sinh, người, ngày, việc. Mới nhất ở trên.",
        "hocba log --class 5A --day 12/05/2026 --what change",
    )
    added.add_argument("--pupil", metavar="MÃ", default="", help="mã học sinh")
    class_option(added, required=False)
    added.add_argument("--person", metavar="TÀI_KHOẢN", default="", help="người làm, hoặc người được nói tới")
    added.add_argument("--day", metavar="NGÀY", help="một ngày, dd/mm/yyyy")
    added.add_argument("--since", metavar="NGÀY", help="từ ngày")
    added.add_argument("--until", metavar="NGÀY", help="đến hết ngày")
    added.add_argument(
        "--what",
        metavar="VIỆC",
        nargs="+",
        default=[],
        help="change sửa, view xem, export xuất, sign ký, send gửi, login vào ra, account tài khoản, "
        "setting cài đặt, machine máy",
    )
    added.add_argument("--most", metavar="SỐ", type=int, default=200, help="nhiều nhất bao nhiêu dòng (200)")
    added.add_argument("--json", action="store_true", help="mỗi việc một dòng JSON, cho chương trình khác đọc")
    added.add_argument(
        "--check", action="store_true", help="chứng minh các nhật ký còn nguyên, và mốc đã ký bằng con dấu"
    )
    others = added.add_mutually_exclusive_group()
    for name, told in (
        ("--failed", "(root) nhận những lần đăng nhập hụt mà máy đã ghi"),
        ("--take-failed", "(chủ của kho) nhận những lần ấy ở đầu vào"),
        ("--failed-until", "(chủ của kho) đã nhận tới lúc nào"),
    ):
        others.add_argument(name, action=_Unlogged, nargs=0, default=False, help=told)
    store_options(added)
    added.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print what was found, newest first; exit 6 when a journal could not be read, or is not as it was written."""
    if options.failed:
        return _failed()
    if options.take_failed or options.failed_until:
        from hocba_tui.flow.activity.failed import noted_until, take_failed

        root = store_root(options)
        print(take_failed(root, sys.stdin.buffer.read()) if options.take_failed else noted_until(root))
        return 0
    if options.check:
        return _check(options)
    from hocba_tui.flow.activity.searching import find_pupil_key, search
    from hocba_tui.flow.activity.telling import Teller

    desk = desk_of(options)
    wanted = _wanted(options, find_pupil_key(desk, options.pupil) if options.pupil else "")
    found = search(desk, wanted)
    teller = Teller(desk)
    for row in found.rows:
        print(_json(row, teller) if options.json else _line(row, teller))
    more = f" Còn nữa: lọc bớt, hoặc thêm --most {wanted.most * 10}." if found.more else ""
    print(f"{len(found.rows)} việc. Tài khoản này đọc được: {found.reach.words}.{more}", file=sys.stderr)
    return ended_without(found.troubles)


def _failed() -> int:
    import os

    from hocba_tui.machine.answers import Answers
    from hocba_tui.machine.failed_logins import hand_over
    from hocba_tui.machine.people import is_ours

    if os.geteuid():
        raise NotAllowed("Chỉ root đọc được những lần đăng nhập hụt.", "Chạy: sudo hocba log --failed", "")
    if (answers := Answers.read()) is None:
        raise WrongUse("Máy này chưa cài làm máy chủ của trường.", "Chạy trước: sudo hocba setup", "")
    count = hand_over(answers, lambda login: is_ours(login, answers.group))
    print(f"Đã đưa vào nhật ký {count} mục đăng nhập hụt; xem: hocba log --what login")
    return 0


def _check(options: argparse.Namespace) -> int:
    from hocba_tui.flow.activity.proving import prove
    from hocba_tui.text import moment

    found = prove(desk_of(options))
    for line in found.wrong:
        print(f"  ✗ {line}", file=sys.stderr)
    for line in found.notes:
        print(f"  ! {line}", file=sys.stderr)
    state = "CÓ CHỖ SAI" if found.wrong else "chuỗi băm liền mạch"
    print(f"{found.journals} nhật ký, {found.entries} bản ghi: {state}.")
    if found.signed is None:
        print("Chưa có mốc nào được ký bằng con dấu: mỗi lần văn thư đóng dấu, mốc được ký theo.")
    else:
        held = "có chỗ sai, xem trên" if found.wrong else "các nhật ký còn đúng tới mốc ấy"
        print(f"Con dấu đã ký mốc của {len(found.signed.heads)} nhật ký lúc {moment(found.signed.at)}: {held}.")
    return StoreUnusable.exit_code if found.wrong else 0


def _wanted(options: argparse.Namespace, pupil: str) -> Wanted:
    from hocba_tui.flow.activity.kinds import Kind
    from hocba_tui.flow.activity.searching import Wanted

    known = {kind.value: kind for kind in Kind}
    if wrong := [name for name in options.what if name not in known]:
        raise WrongUse(f"Không có việc “{foreign(wrong[0], 32)}”.", "Các việc: " + ", ".join(known), "")
    if options.most < 1:
        raise WrongUse("--most phải từ 1 trở lên.", "", "")
    if options.day and (options.since or options.until):
        raise WrongUse("--day không đi với --since, --until.", "Chọn một cách.", "")
    since, until = (_day(text) for text in ((options.day,) * 2 if options.day else (options.since, options.until)))
    kinds = frozenset(known[name] for name in options.what)
    return Wanted(pupil, options.class_key or "", options.person, kinds, since, until, options.most)


def _day(typed: str | None) -> date | None:
    from hocba_tui.flow.activity.searching import read_day

    return read_day(typed) if typed else None


def _line(row: Row, teller: Teller) -> str:
    at = row.entry.at
    when = f"{at[8:10]}/{at[5:7]}/{at[:4]} {at[11:19]}"
    return f"{when} {teller.who(row.entry.actor)}: {foreign(teller.line(row), _LONGEST)}"


def _json(row: Row, teller: Teller) -> str:
    import json

    facts = {
        "at": row.entry.at, "by": row.entry.actor, "do": row.entry.act, "what": row.kind.value, "class": row.class_key,
        "pupils": list(row.pupils), "about": sorted(row.accounts - {row.entry.actor}),
        "journal": row.shard, "n": row.entry.seq, "told": list(teller.details(row)),
    }  # fmt: skip
    return json.dumps(facts, ensure_ascii=False)
