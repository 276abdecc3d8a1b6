"""Print what an imported file would do, then write it: the common part of all commands that import."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hocba_tui.cli.common import print_findings
from hocba_tui.errors import Refused, StoreUnusable

if TYPE_CHECKING:
    from hocba_tui.flow.desk import Desk
    from hocba_tui.flow.importing import PreviewT
    from hocba_tui.model.finding import Finding
    from hocba_tui.model.pupil import Pupil
    from hocba_tui.model.school import Staff


def dry_run_option(parser: argparse.ArgumentParser) -> None:
    """Add ``--dry-run``."""
    parser.add_argument("--dry-run", action="store_true", help="chỉ xem trước, không ghi")


def preview_and_write(
    options: argparse.Namespace,
    desk: Desk,
    found: PreviewT,
    apply: Callable[[Desk, PreviewT], int],
    header: str,
    lines: Iterable[str],
    absent: str = "",
) -> int:
    """Print a preview; write it unless there is an error or ``--dry-run``; return the exit code.

    It is 6 when a class was left out. ``header`` tells how much was read, ``lines`` what would change, ``absent`` who
    is not in the file.
    """
    print(f"{found.source}{header}")
    for kind, count in found.counts().items():
        print(f"  {kind.label}: {count}")
    for words in lines:
        print(f"  {words}")
    print_first_of_each(found.findings)
    if absent:
        print(f"  {absent}")
    print_offers(found.offers)
    if not found.usable:
        print(f"Còn lỗi: chưa ghi gì. {found.REMEDY}")
        return 1
    if options.dry_run:
        print("Xem trước: chưa ghi gì.")
    else:
        print(f"Đã ghi {apply(desk, found)} {found.UNIT}.")
    return 0 if found.complete else StoreUnusable.exit_code


def print_first_of_each(findings: Iterable[Finding]) -> None:
    """Print the first findings of each kind, and how many more there are."""
    from hocba_tui.flow.importing import first_of_each

    for finding, more in first_of_each(findings):
        print_findings([finding], {})
        if more:
            print(f"  … và {more} điều nữa cùng loại {finding.code}.")


def absent_words(absent: Sequence[Pupil] | Sequence[Staff], where: str, unit: str) -> str:
    """Return a line about those of ``where`` (lớp, trường) who are not in the file; empty when there are none."""
    names = ", ".join(person.name for person in absent)
    return f"Có trong {where} nhưng không có trong tệp: {len(absent)} {unit}; giữ nguyên: {names}." if absent else ""


def source_option(command: argparse.ArgumentParser) -> None:
    """Add the argument for the file to import."""
    command.add_argument("file", type=Path, metavar="TỆP", help="tệp Excel hoặc csv; dấu - : dán vào từ bàn phím")


def offers_option(command: argparse.ArgumentParser) -> None:
    """Add ``--accept-offers``."""
    command.add_argument(
        "--accept-offers",
        action="store_true",
        help="nhận mọi đề nghị (số 0 bị mất, năm hai chữ số, phông cũ, công thức…); nên xem trước bằng --dry-run",
    )


def print_offers(count: int) -> None:
    """Print how many offers wait for a decision, and how to accept them."""
    if count:
        print(f"  {count} đề nghị chờ xác nhận: xem ở trên; đúng cả thì thêm --accept-offers.")


def source_of(options: argparse.Namespace) -> Path | str:
    """Return the file to import, or the text pasted into the standard input."""
    path: Path = options.file
    return _pasted() if path == Path("-") else path


def _pasted() -> str:
    try:
        text = sys.stdin.read()
        text.encode()  # In some locales bytes that are not text come through as lone surrogates.
    except UnicodeError as error:
        raise Refused("Đoạn dán không phải chữ UTF-8.", "Lưu thành tệp .xlsx rồi nạp tệp ấy.") from error
    return text
