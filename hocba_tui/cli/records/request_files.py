"""Sign on another computer: write the request on the server, and take the signatures back."""

from __future__ import annotations

import argparse
import sys
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from hocba_tui.cli.common import Commands, class_option, command, desk_of, print_each, sign, store_options
from hocba_tui.errors import Refused, system_reason
from hocba_tui.model.values import Slot

if TYPE_CHECKING:
    from hocba_tui.flow.desk import Desk
    from hocba_tui.flow.records.jobs import Done
    from hocba_tui.flow.records.keys import Key


def elsewhere_options(parser: argparse.ArgumentParser) -> None:
    """Add the two ways of signing on another computer."""
    ways = parser.add_mutually_exclusive_group()
    ways.add_argument("--request", metavar="TỆP", help="không ký ở đây: ghi tệp yêu cầu để ký trên máy có token")
    ways.add_argument("--signed", metavar="TỆP", help="nhận lại các chữ ký làm trên máy có token")


def add_signing_command(
    commands: Commands, name: str, summary: str, example: str, run: Callable[[argparse.Namespace], int]
) -> None:
    """Add a command that signs the records of a class, here or on another computer."""
    added = command(commands, name, summary, example)
    class_option(added)
    elsewhere_options(added)
    store_options(added)
    added.set_defaults(run=run)


def sign_here_or_elsewhere(
    options: argparse.Namespace,
    slot: Slot,
    whose: str,
    verb: str,
    check: Callable[[Desk, str], object],
    act: Callable[[Desk, str, Key], AsyncGenerator[Done, None]],
) -> int:
    """Sign the records of a class with ``act``, or write a request or take signatures back; return the exit code.

    ``check`` raises what stands in the way before a token is looked for and a PIN asked.

    ``whose`` names the key in the question for the PIN, ``verb`` says at the end what was done.
    """
    desk = desk_of(options)
    if options.request or options.signed:
        return sign_elsewhere(options, desk, slot)
    check(desk, options.class_key)
    return sign(desk, slot, whose, verb, lambda key: act(desk, options.class_key, key))


def sign_elsewhere(options: argparse.Namespace, desk: Desk, slot: Slot, *, leave_gaps: bool = False) -> int:
    """Write a request, or take signatures back; ``-`` is the standard stream. Exit 1 when some could not be kept."""
    from hocba_tui.flow.records.offline_server import (
        make_request,
        note_request_shown,
        require_request_place,
        require_slot,
        take_back,
        write_request,
    )

    require_slot(desk, options.class_key, slot)
    if options.request:
        if options.request != "-":
            require_request_place(Path(options.request))
        data, behind = make_request(desk, options.class_key, slot, leave_gaps=leave_gaps)
        for done in behind:
            print(f"  ✗ {done.pupil.name}: {done.problem}", file=sys.stderr)
        if options.request == "-":
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
            note_request_shown(data)
        else:
            write_request(Path(options.request), data)
            print(f"Đã ghi {options.request}. Ký trên máy có token: hocba sign-request {options.request} --out …")
        return 0
    import asyncio

    data = sys.stdin.buffer.read() if options.signed == "-" else _read(Path(options.signed))
    good, bad = asyncio.run(print_each(take_back(desk, options.class_key, slot, data)))
    print(f"Đã nhận {good} chữ ký." + (f" Không được: {bad}." if bad else ""))
    if slot is Slot.SEAL:
        return _take_packages(options, desk, data) or int(bool(bad))
    return 1 if bad or not good else 0


def _take_packages(options: argparse.Namespace, desk: Desk, data: bytes) -> int:
    from hocba_tui.flow.records.offline_server import take_packages

    queued, left = take_packages(desk, options.class_key, data)
    print(f"Đã xếp {queued} học bạ vào hộp gửi.")
    if left:
        print(
            f"Còn {left} học bạ đã đóng dấu mà chưa xếp vào hộp gửi; không mất gì."
            f" Ký thêm chữ ký của gói gửi: hocba issue --class {options.class_key} --request TỆP_MỚI.",
            file=sys.stderr,
        )
    return int(left > 0 or not queued)


def _read(path: Path) -> bytes:
    from hocba_tui.flow.records.offline_files import read_carried

    try:
        return read_carried(path)
    except OSError as error:
        raise Refused(f"Không đọc được {path}: {system_reason(error)}.") from error
