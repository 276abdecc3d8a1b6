"""``hocba``: find the command, run it, turn an error into its message and exit code."""

from __future__ import annotations

import argparse
import importlib
import keyword
import os
import sys
from collections.abc import Sequence

from hocba_tui import __version__
from hocba_tui.cli.common import Parser, take_pin
from hocba_tui.cli.terminal import filtered
from hocba_tui.config import Config
from hocba_tui.errors import SAFE, HocbaError, NotSaved, system_reason
from hocba_tui.log.keeping import UNEXPECTED, keeping, place_of, shown
from hocba_tui.text import foreign

SHELVES = {
    "demo": "", "open": "",
    "school": "school", "class": "school", "account": "school", "intake": "files", "assign": "school", "bank": "files",
    "check": "records", "round": "school", "submit": "records", "approve": "records", "issue": "records",
    "export": "files", "fetch": "files", "token": "machine", "sign-request": "records", "verify": "records",
    "trust": "machine", "send": "records", "receipts": "records", "sandbox": "machine", "doctor": "machine",
    "store": "machine", "backup": "machine", "restore": "machine", "serve": "machine", "ssh-key": "machine",
    "setup": "machine", "log": "school",
}  # fmt: skip
"""The commands in the order of their help, each with the folder of its file."""
COMMANDS = tuple(SHELVES)


def module_of(command: str) -> str:
    """Return the module of a command; it has the command's name, in the form of a Python name."""
    name = command.replace("-", "_")
    shelf = SHELVES[command]
    return ".".join(filter(None, ("hocba_tui.cli", shelf, f"{name}_" if keyword.iskeyword(name) else name)))


_EXIT_CODES = """\
mã thoát: 0 xong · 1 có điều phải sửa hoặc tệp không hợp lệ · 2 gõ sai lệnh · 3 không có quyền
          4 người khác vừa sửa · 5 chưa lưu được (đĩa, khóa, tệp bị thay) · 6 kho hỏng hoặc không phải của mình
          7 lỗi token, PIN · 8 lỗi cổng tiếp nhận · 9 thiếu chương trình cần dùng
          10 không kiểm tra được, không phải tệp học bạ · 11 chưa kết luận được (lệnh verify)
          70 lỗi ngoài dự kiến"""


def parser(asked: Sequence[str] = ()) -> Parser:
    """Return the parser of all commands, or of a single one when ``asked`` begins with its name.

    The other commands are then not imported, which saves memory: a screen stays open all day.
    """
    top = Parser(
        prog="hocba",
        description="Học bạ số tiểu học trên dòng lệnh và màn hình chữ.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"hocba {__version__}", help="hiện phiên bản")
    commands = top.add_subparsers(dest="command", metavar="LỆNH", required=True)
    for name in asked[:1] if asked and asked[0] in COMMANDS else COMMANDS:
        importlib.import_module(module_of(name)).add(commands)
    return top


def main(
    arguments: Sequence[str] | None = None, *, user: str | None = None, account: str | None = None, came_from: str = ""
) -> int:
    """Run one command and return its exit code; what nobody foresaw is logged and raised.

    ``user``, ``account`` and ``came_from`` are for the server: the login of the person at the other end, the account
    that sshd's forced command named for a key, and the address (see :func:`hocba_tui.flow.opening.open_desk`).
    """
    take_pin()
    with filtered():
        options: argparse.Namespace = parser(sys.argv[1:] if arguments is None else arguments).parse_args(arguments)
        options.user, options.by_key, options.came_from = user, account is not None, came_from
        if account is not None:
            options.account = account
        store = Config.from_environment(getattr(options, "store", None)).store if options.act else None
        with keeping(store, options.act, account_follows=hasattr(options, "account")) as work:
            work.code = _run(options)
        return work.code


def _run(options: argparse.Namespace) -> int:
    """Run the command that was understood; print an error as a message."""
    try:
        code: int = options.run(options)
    except HocbaError as error:
        shown(error)
        print(*error.lines, sep="\n", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        # `hocba check | head`: the reader has closed the pipe, which is no error.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        shown(error)
        print(
            f"hocba: máy báo lỗi: {system_reason(error)} ({foreign(str(error.filename or 'không rõ tệp'))})",
            file=sys.stderr,
        )
        print(f"       {SAFE}", file=sys.stderr)
        return NotSaved.exit_code
    except KeyboardInterrupt:
        print("hocba: đã dừng theo yêu cầu; những gì đã báo xong vẫn còn.", file=sys.stderr)
        return 130
    return code


def run() -> None:
    """Run the command of this process and exit: the entry point of the ``hocba`` script."""
    sys.exit(guarded())


def guarded(
    arguments: Sequence[str] | None = None, *, user: str | None = None, account: str | None = None, came_from: str = ""
) -> int:
    """Run one command as :func:`main` does, and return its exit code.

    An error that nobody foresaw is a few words; ``python -X dev -m hocba_tui`` shows its frames.
    """
    try:
        return main(arguments, user=user, account=account, came_from=came_from)
    except Exception as error:
        if sys.flags.dev_mode:
            raise
        print(
            f"hocba gặp lỗi ngoài dự kiến ({type(error).__name__}, {place_of(error)}) và phải dừng.\n"
            "       Những gì đã báo xong vẫn còn; việc đang làm dở thì chưa chắc đã lưu.\n"
            "       Xem lại rồi làm tiếp; nếu lặp lại, gửi người phụ trách máy tệp của: hocba doctor --report TỆP",
            file=sys.stderr,
        )
        return UNEXPECTED
