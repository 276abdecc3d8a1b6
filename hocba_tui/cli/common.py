"""What several commands share: the parser, common options, the PIN, and how findings are printed."""

from __future__ import annotations

import argparse
import contextlib
import getpass
import os
import sys
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from hocba_tui.cli.argparse_words import speaking_vietnamese
from hocba_tui.config import PIN_VARIABLE, Config
from hocba_tui.errors import StoreUnusable, WrongUse
from hocba_tui.log.keeping import acting_as
from hocba_tui.model.finding import Finding
from hocba_tui.model.values import Slot
from hocba_tui.text import foreign

if TYPE_CHECKING:
    from hocba_tui.flow.desk import Desk
    from hocba_tui.flow.records.jobs import Done
    from hocba_tui.flow.records.keys import Key

Commands = Any
"""What ``add_subparsers`` returns; argparse has no public name for its type."""

_LONGEST = 1000
"""Letters of a line that repeats what was typed or read."""


class Parser(argparse.ArgumentParser):
    """A parser of argparse that prints its help and its errors in Vietnamese."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401
        with speaking_vietnamese():
            super().__init__(**options)

    def parse_args(self, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401
        """See :meth:`argparse.ArgumentParser.parse_args`."""
        with speaking_vietnamese():
            return super().parse_args(*arguments, **options)

    def format_usage(self) -> str:
        """Return the usage line."""
        with speaking_vietnamese():
            return super().format_usage()

    def format_help(self) -> str:
        """Return the help text."""
        with speaking_vietnamese():
            return super().format_help()

    def error(self, message: str) -> NoReturn:
        """Print what was not understood and end with exit code 2."""
        print(f"hocba: gõ sai lệnh: {foreign(message, _LONGEST)}\n{self.format_usage()}", file=sys.stderr, end="")
        sys.exit(WrongUse.exit_code)


def command(commands: Commands, name: str, summary: str, example: str) -> Parser:
    """Add one command with an example in its help."""
    added: Parser = commands.add_parser(
        name,
        help=summary,
        description=summary,
        epilog=f"ví dụ:\n  {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    added.set_defaults(act=added.prog.removeprefix("hocba "))  # For the log.
    return added


def root_option(command: argparse.ArgumentParser) -> None:
    """Add ``--store``."""
    command.add_argument("--store", metavar="THƯ_MỤC", help="kho dữ liệu của trường (hoặc biến HOCBA_STORE)")


def store_options(command: argparse.ArgumentParser) -> None:
    """Add ``--store`` and ``--as``."""
    root_option(command)
    command.add_argument(
        "--as", dest="account", metavar="TÀI_KHOẢN", help="chỉ trong kho tập huấn: làm với tài khoản này"
    )


def class_option(command: argparse.ArgumentParser, *, required: bool = True) -> None:
    """Add ``--class``."""
    command.add_argument("--class", dest="class_key", metavar="LỚP", required=required, help="ví dụ 5A")


def store_root(options: argparse.Namespace) -> Path:
    """Return the folder of the store that the options name; WrongUse when they name none.

    For commands that need no account. Whether a store is there is checked by the verb that opens it.
    """
    root = Config.from_environment(options.store).store
    if root is None:
        raise WrongUse("Chưa biết kho dữ liệu ở đâu.", "Thêm --store THƯ_MỤC hoặc đặt biến HOCBA_STORE.", "")
    return root


def desk_of(options: argparse.Namespace) -> Desk:
    """Open the store that the options name, as the account that acts."""
    from hocba_tui.flow.activity.coming_and_going import own_address
    from hocba_tui.flow.opening import open_desk

    root, user = Config.from_environment(options.store).store, getattr(options, "user", None)
    came_from = own_address() if user is None else options.came_from
    desk = open_desk(root, options.account, user, by_key=getattr(options, "by_key", False), came_from=came_from)
    acting_as(desk.account, by_key=desk.by_key)
    return desk


def ended_without(missing: Sequence[str], code: int = 0) -> int:
    """Print what could not be read; return the exit code for that, or ``code`` when all was read."""
    for line in missing:
        print(f"  ! {line}", file=sys.stderr)
    if missing:
        print("Kết quả trên thiếu các lớp ấy, cả lớp hoặc một phần.", file=sys.stderr)
        print("Báo người phụ trách máy chủ: hocba store check.", file=sys.stderr)
    return StoreUnusable.exit_code if missing else code


_given: list[str] = []
"""The PIN that came in the environment, until it is used."""


def take_pin() -> None:
    """Take the PIN out of the environment, before anything is started that would inherit it."""
    found = os.environ.pop(PIN_VARIABLE, "")
    _given[:] = [found] if found else []
    if found:
        from hocba_tui.confine.memory import hide_memory

        # What the process was started with stays readable in /proc. Where that cannot be closed, no PIN is used later.
        with contextlib.suppress(OSError):
            hide_memory()


def say_before_pin(desk: Desk | None) -> None:
    """Close this process to others, and print what is to be known about the clock."""
    from hocba_tui.flow.records.before_pin import before_pin

    for note in before_pin(desk):
        print(f"! {note}", file=sys.stderr)


def ask_pin(whose: str) -> str:
    """Ask for the PIN without showing it and return it; unattended runs may set HOCBA_PIN.

    Nothing hears it here but this process, which :func:`~hocba_tui.flow.records.before_pin.before_pin` has closed.
    """
    if _given:
        return _given.pop()
    if sys.stdin is None or not sys.stdin.isatty():
        raise WrongUse("Không có bàn phím để gõ mã PIN.", f"Chạy trên màn hình, hoặc đặt biến {PIN_VARIABLE}.", "")
    return getpass.getpass(f"Mã PIN của {whose}: ")


def sign(desk: Desk, slot: Slot, whose: str, verb: str, act: Callable[[Key], AsyncGenerator[Done, None]]) -> int:
    """Check the key, ask for the PIN once, sign, and return the exit code; each record is printed once it is durable.

    On the last try before a token locks, a person at a keyboard must confirm; an unattended run is refused.
    """
    from hocba_tui.flow.records.keys import find_key, with_key

    async def print_done() -> int:
        key = await find_key(desk, slot)
        if key.tries:
            print(f"Token của bạn: {key.tries}.")
        say_before_pin(desk)
        final = key.final_try and confirm("Gõ sai lần nữa token sẽ KHÓA. Vẫn ký? (gõ 'ky' để ký) ", "ky")
        good, bad = await print_each(with_key(desk, slot, ask_pin(whose), act, found=key, final=final))
        print(f"{verb}: {good} học bạ." + (f" Không được: {bad}." if bad else ""))
        return 1 if bad else 0

    import asyncio

    return asyncio.run(print_done())


async def print_each(coming: AsyncGenerator[Done, None]) -> tuple[int, int]:
    """Print each record as it becomes durable; return how many are signed, and how many are not.

    At the end, also of a batch that breaks off, print how many have no time-stamp.
    """
    from hocba_tui.flow.records.timestamps import unstamped_lines

    good = bad = 0
    unstamped: list[str] = []
    try:
        async with aclosing(coming) as batch:
            async for done in batch:
                good, bad = good + (not done.problem), bad + bool(done.problem)
                print(f"  ✗ {done.pupil.name}: {done.problem}" if done.problem else f"  ✓ {done.pupil.name}")
                unstamped += [done.unstamped] if done.unstamped else []
    finally:
        if lines := unstamped_lines(unstamped):
            print("  ! " + " ".join(lines))
    return good, bad


def confirm(question: str, answer: str) -> bool:
    """Ask a person at the keyboard and return whether they typed ``answer``; False when there is no keyboard."""
    if sys.stdin is None or not sys.stdin.isatty():
        return False
    return input(question).strip().lower() == answer


def print_findings(findings: Iterable[Finding], names: dict[str, str]) -> None:
    """Print findings, one a line, with the pupil's name."""
    for finding in findings:
        name = names.get(finding.pupil, "")
        place = f"{name}: " if name else ""
        remedy = f" → {finding.remedy}" if finding.remedy else ""
        # It may quote a cell of somebody's file, of any length and with line ends.
        print(f"  [{finding.severity.label}] {finding.code} {foreign(place + finding.message, _LONGEST)}{remedy}")
