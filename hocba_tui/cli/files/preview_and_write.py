"""Print what an imported file would do, then write it: the common part of all commands that import."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from hocba_tui.cli.common import print_findings, print_offers

if TYPE_CHECKING:
    from hocba_tui.flow.desk import Desk
    from hocba_tui.flow.importing import PreviewT
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

    ``header`` tells how much was read, ``lines`` what would change, ``absent`` who is not in the file.
    """
    print(f"{found.source}{header}")
    for kind, count in found.counts().items():
        print(f"  {kind.label}: {count}")
    for words in lines:
        print(f"  {words}")
    print_findings(found.findings, {})
    if absent:
        print(f"  {absent}")
    print_offers(found.offers)
    if not found.usable:
        print(f"Còn lỗi: chưa ghi gì. {found.REMEDY}")
        return 1
    if options.dry_run:
        print("Xem trước: chưa ghi gì.")
        return 0
    print(f"Đã ghi {apply(desk, found)} {found.UNIT}.")
    return 0


def absent_words(absent: Sequence[Pupil] | Sequence[Staff], where: str, unit: str) -> str:
    """Return a line about those of ``where`` (lớp, trường) who are not in the file; empty when there are none."""
    names = ", ".join(person.name for person in absent)
    return f"Có trong {where} nhưng không có trong tệp: {len(absent)} {unit}; giữ nguyên: {names}." if absent else ""
