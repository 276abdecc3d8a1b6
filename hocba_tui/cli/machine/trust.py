"""``hocba trust``: see certificates as they are compared by telephone, and pin seals and issuers."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from hocba_tui.cli.common import Commands, command, desk_of, store_options
from hocba_tui.errors import Refused

if TYPE_CHECKING:
    from hocba_tui.flow.verify.trusting import Place, Shown


def add(commands: Commands) -> None:
    """Add the command."""
    added = command(
        commands,
        "trust",
        "Con dấu của trường nào, nơi cấp nào được tin: xem, ghim sau khi so qua điện thoại, gỡ.",
        "hocba trust show hoc-ba-nhan-ve.xml --store /srv/hocba",
    )
    verbs = added.add_subparsers(dest="verb", metavar="VIỆC", required=True)
    show = _verb(verbs, "show", "Xem chứng thư trong một tệp học bạ hay tệp chứng thư.", "hocba trust show hoc-ba.xml")
    show.add_argument("file", type=Path, metavar="TỆP")
    show.set_defaults(run=_show)
    pin = _verb(
        verbs,
        "add",
        "Ghim con dấu của một trường (hay một nơi cấp) sau khi so dãy SHA-256 qua điện thoại.",
        "hocba trust add hoc-ba.xml --school 37000123 --store /srv/hocba",
    )
    pin.add_argument("file", type=Path, metavar="TỆP", help="học bạ mà trường ấy đã đóng dấu, hoặc tệp chứng thư")
    what = pin.add_mutually_exclusive_group(required=True)
    what.add_argument("--school", metavar="MÃ", help="mã trường, như ghi trong học bạ")
    what.add_argument("--issuer", action="store_true", help="đây là chứng thư của một nơi cấp")
    pin.add_argument("--fingerprint", metavar="SHA256", help="cả dãy đã so; không hỏi lại")
    pin.set_defaults(run=_add)
    listed = _verb(verbs, "list", "Xem đã ghim gì, ai ghim, lúc nào, từ tệp nào.", "hocba trust list")
    listed.set_defaults(run=_list)
    remove = _verb(verbs, "remove", "Gỡ ghim một chứng thư.", "hocba trust remove 3f9a62c1 --store /srv/hocba")
    remove.add_argument("fingerprint", metavar="SHA256", help="dãy mà hocba trust list in ra; gõ phần đầu cũng được")
    remove.set_defaults(run=_remove)


def _verb(verbs: Commands, name: str, summary: str, example: str) -> argparse.ArgumentParser:
    added = command(verbs, name, summary, example)
    added.add_argument("--trust", type=Path, metavar="THƯ_MỤC", help="thư mục tin cậy riêng, không có kho")
    store_options(added)
    return added


def _place(options: argparse.Namespace) -> Place:
    from hocba_tui.flow.verify.trusting import Place

    return Place(options.trust) if options.trust is not None else Place.of_store(desk_of(options))


def _show(options: argparse.Namespace) -> int:
    from hocba_tui.flow.verify.trusting import show

    for shown in show(_place(options), options.file):
        _print(shown)
    return 0


def _add(options: argparse.Namespace) -> int:
    from hocba_tui.flow.verify.trusting import pin_issuer, pin_seal, same_fingerprint, seal_in

    place = _place(options)
    shown = seal_in(place, options.file)
    _print(shown)
    whose = "nơi cấp này" if options.issuer else f"con dấu của trường mã {options.school}"
    typed = options.fingerprint or _typed(whose)
    if options.fingerprint is not None and len("".join(typed.replace(":", "").split())) != len(shown.sha256):
        raise Refused("--fingerprint cần cả dãy SHA-256 (64 chữ số).", "Xem hocba trust show.", "Chưa ghim gì.")
    if not same_fingerprint(shown, typed):
        raise Refused(
            "Dãy đã gõ không khớp với chứng thư này.", "Hỏi lại trường; đừng ghim khi chưa khớp.", "Chưa ghim gì."
        )
    if options.issuer:
        pin_issuer(place, options.file, shown)
    else:
        pin_seal(place, options.file, shown, options.school)
    print(f"Đã ghim {whose}.")
    return 0


def _typed(whose: str) -> str:
    if sys.stdin is None or not sys.stdin.isatty():
        raise Refused(
            "Không có bàn phím để gõ dãy đã so.", "Thêm --fingerprint với cả dãy SHA-256 đã so.", "Chưa ghim gì."
        )
    print(f"Gọi cho nơi ấy theo số điện thoại đã biết từ trước (không lấy số trong tệp), nhờ đọc SHA-256 của {whose}.")
    return input("Gõ 8 chữ số cuối mà họ đọc: ")


def _list(options: argparse.Namespace) -> int:
    from hocba_tui.flow.verify.trusting import pins, refused

    place = _place(options)
    for shown, by in pins(place):
        _print(shown)
        if by:
            print(f"    {by}")
    for sentence in refused(place):
        print(f"  ! {sentence}; không dùng được")
    return 0


def _remove(options: argparse.Namespace) -> int:
    from hocba_tui.flow.verify.trusting import unpin

    unpin(_place(options), options.fingerprint)
    print("Đã gỡ.")
    return 0


def _print(shown: Shown) -> None:
    first, *rest = shown.lines
    print(f"  • {first}")
    for line in rest:
        print(f"    {line}")
