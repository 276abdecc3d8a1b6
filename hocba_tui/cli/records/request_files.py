"""Sign on another computer: write the request on the server, and take the signatures back."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from hocba_tui.cli.common import print_each
from hocba_tui.errors import Refused, system_reason
from hocba_tui.model.values import Slot

if TYPE_CHECKING:
    from hocba_tui.flow.desk import Desk


def elsewhere_options(command: argparse.ArgumentParser) -> None:
    """Add the two ways of signing on another computer."""
    ways = command.add_mutually_exclusive_group()
    ways.add_argument("--request", metavar="TỆP", help="không ký ở đây: ghi tệp yêu cầu để ký trên máy có token")
    ways.add_argument("--signed", metavar="TỆP", help="nhận lại các chữ ký làm trên máy có token")


def sign_elsewhere(options: argparse.Namespace, desk: Desk, slot: Slot, *, leave_gaps: bool = False) -> int:
    """Write a request, or take signatures back; ``-`` is the standard stream. Exit 1 when some could not be kept."""
    from hocba_tui.flow.records.offline_server import make_request, take_back

    if options.request:
        data, behind = make_request(desk, options.class_key, slot, leave_gaps=leave_gaps)
        for done in behind:
            print(f"  ✗ {done.pupil.name}: {done.problem}", file=sys.stderr)
        if options.request == "-":
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        else:
            _write_new(Path(options.request), data)
            print(f"Đã ghi {options.request}. Ký trên máy có token: hocba sign-request {options.request} --out …")
        return 0
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


def _write_new(path: Path, data: bytes) -> None:
    try:
        with path.open("xb") as stream:
            stream.write(data)
    except FileExistsError as error:
        raise Refused(f"Tệp {path} đã có; không ghi đè.", "Chọn tên khác.") from error
    except OSError as error:
        raise Refused(f"Không ghi được {path}: {system_reason(error)}.") from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Refused(f"Không đọc được {path}: {system_reason(error)}.") from error
