"""``hocba verify``: whether a file is what three people signed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hocba_tui.cli.common import Commands, command
from hocba_tui.cli.terminal import print_json, say_again
from hocba_tui.config import Config
from hocba_tui.errors import WrongUse

if TYPE_CHECKING:
    from hocba_tui.flow.verify.files import Verified
    from hocba_tui.flow.verify.online import Asked

INPUT = Path("-")
"""Stands for the standard input."""
_SHOW_EVERY = 25
"""Files between two lines of progress."""


def add(commands: Commands) -> None:
    """Add the command."""
    added = command(
        commands,
        "verify",
        "Kiểm tra tệp học bạ: từng bước, từng chữ ký. Mã thoát: 0 hợp lệ, 1 không hợp lệ, 10 không kiểm tra được "
        "(không phải tệp học bạ), 11 chưa kết luận được; nhiều tệp thì theo tệp xấu nhất.",
        "hocba verify demo-school/school/issued/*.xml --store demo-school/school",
    )
    added.add_argument("files", nargs="+", type=Path, metavar="TỆP", help="-: đọc từ đầu vào chuẩn")
    added.add_argument(
        "--any",
        action="store_true",
        dest="any_xml",
        help="tệp XML khác có chữ ký (tờ khai, hóa đơn, học bạ nơi khác): xét từng chữ ký, nói rõ điều không biết",
    )
    added.add_argument("--report", type=Path, metavar="TỆP", help="ghi báo cáo ra tệp chữ này, để lưu hay in")
    added.add_argument("--json", action="store_true", help="in kết quả cho máy đọc")
    added.add_argument("--trust", type=Path, metavar="THƯ_MỤC", help="chứng thư (.pem) của các nơi cấp được tin cậy")
    added.add_argument("--store", metavar="THƯ_MỤC", help="dùng danh sách tin cậy của kho này (hoặc HOCBA_STORE)")
    added.add_argument(
        "--online", action="store_true", help="hỏi nơi cấp xem chứng thư có bị thu hồi không, và giữ câu trả lời"
    )
    added.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Verify every file; exit as the worst of them. With --any no file is ever PASSED.

    0 passed, 1 failed, 10 could not be read as a record, 11 indeterminate; of several files, 1 before 10 before 11.
    """
    from hocba_tui.flow.verify.files import in_memory, worst_exit_code

    if INPUT not in options.files:
        found = _verified(options, options.files)
    elif len(options.files) > 1:
        raise WrongUse("Đầu vào chuẩn (-) chỉ kiểm tra một mình.", "Ví dụ: hocba verify - < hoc-ba.xml", "")
    else:
        with in_memory(sys.stdin.buffer) as path:
            found = [replace(one, path=INPUT) for one in _verified(options, [path])]
    if options.report is not None:
        from hocba_tui.flow.verify.report_file import save_report

        save_report(options.report, found)
    if options.json:
        print_json([_for_machines(one) for one in found])
    else:
        for one in found:
            _print(one, verbose=len(found) == 1 or not one.passed)
    return worst_exit_code(found)


def _verified(options: argparse.Namespace, files: list[Path]) -> list[Verified]:
    from hocba_tui.flow.verify.files import verify_files

    store = Config.from_environment(options.store).store
    folders = [folder for folder in (options.trust, store / "trust" if store else None) if folder is not None]
    answers = _ask(files, folders, any_xml=options.any_xml).answers if options.online else None
    return list(_shown(verify_files(files, folders, answers, any_xml=options.any_xml), len(files)))


def _ask(files: list[Path], folders: list[Path], *, any_xml: bool) -> Asked:
    """Ask the issuers, keep what they answer in the first trust folder, and return it."""
    from hocba_tui.flow.records.revocation import keep_answers
    from hocba_tui.flow.verify.online import ask_issuers

    asked = ask_issuers(files, folders, any_xml=any_xml)
    for problem in asked.problems:
        print(f"  ! {problem}", file=sys.stderr)
    if folders:
        keep_answers(folders[0], asked.answers)
    return asked


def _shown(found: Iterable[Verified], count: int) -> Iterator[Verified]:
    """Yield the files; show the progress on a terminal when there are many."""
    show = count > _SHOW_EVERY and sys.stderr.isatty()
    for number, one in enumerate(found, start=1):
        if show and (number % _SHOW_EVERY == 0 or number == count):
            say_again(f"{number}/{count} tệp", last=number == count)
        yield one


def _for_machines(one: Verified) -> dict[str, Any]:
    verdict = one.verdict
    return {
        "file": str(one.path),
        "reason": verdict.reason,
        "training": verdict.training,
        "unreadable": one.unreadable,
        **asdict(verdict),
    }


def _print(one: Verified, *, verbose: bool) -> None:
    print(one.headline)
    for line in one.details() if verbose else one.summary():
        print(f"  {line}")
