"""``hocba intake results FILE``: bring in levels, scores and comments."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from hocba_tui.cli.common import (
    Commands,
    Parser,
    class_option,
    command,
    desk_of,
    print_findings,
    source_of,
    source_option,
)
from hocba_tui.errors import WrongUse
from hocba_tui.model.values import Period

if TYPE_CHECKING:
    from hocba_tui.flow.grades.results_import import Preview, Wanted


def add(kinds: Commands) -> Parser:
    """Add the kind."""
    added = command(
        kinds,
        "results",
        "Nạp kết quả: mức, điểm, nhận xét (tệp của CSDL ngành, bảng tổng hợp, hoặc bảng riêng của giáo viên).",
        "hocba intake results toan-5A.xlsx --class 5A --subject TOAN --dry-run --store demo-school/school --as gv.5a",
    )
    add_options(added)
    added.set_defaults(run=run)
    return added


def add_options(added: Parser) -> None:
    """Add what a file of results or comments needs to be told."""
    source_option(added)
    class_option(added, required=False)
    added.add_argument(
        "--grade", type=int, choices=range(1, 6), metavar="KHỐI", default=0, help="chỉ một khối, 1 đến 5"
    )
    added.add_argument(
        "--period", type=Period, metavar="KỲ", help=f"{', '.join(Period)}; không ghi thì kỳ đang mở, nếu chỉ có một"
    )
    added.add_argument("--subject", metavar="MÔN", default="", help="môn của tệp một môn, mã hoặc tên: TOAN, Toán")


def run(options: argparse.Namespace) -> int:
    """Preview the file; write it unless ``--dry-run`` or an error stands against it."""
    return bring_in(options, comments=False)


def bring_in(options: argparse.Namespace, *, comments: bool) -> int:
    """Preview and write; return the exit code."""
    from hocba_tui.flow.grades.results_import import Wanted, apply, only_open_period, preview, subject_named

    desk = desk_of(options)
    period = options.period or only_open_period(desk)
    if period is None:
        raise WrongUse("Chưa biết nạp vào kỳ nào.", f"Thêm --period: {', '.join(Period)}.", "Chưa ghi gì.")
    wanted = Wanted(period, options.class_key or "", options.grade, subject_named(options.subject), comments)
    found = preview(desk, source_of(options), wanted)
    _show(found, wanted)
    if not found.usable:
        print("Còn lỗi: chưa ghi gì. Sửa các chỗ lỗi trong Excel rồi nạp lại.")
        return 1
    if options.dry_run:
        print("Xem trước: chưa ghi gì.")
        return 0
    print(f"Đã ghi {apply(desk, found)} ô.")
    return 0


def _show(found: Preview, wanted: Wanted) -> None:
    from hocba_tui.flow.grades.results_import_rows import Kind

    pupils = {line.pupil.key for line in found.lines}
    print(f"{found.source}, kỳ {wanted.period.label}: {len(pupils)} em, {len(found.lines)} ô đọc được")
    for kind in Kind:
        print(f"  {kind.label}: {found.count(kind)}")
    for line in found.lines:
        if line.kind is Kind.CHANGED:
            print(f"    {line.pupil.name} ({line.class_key}), {line.label}: {line.before} → {line.after}")
    for reason, count in found.refusals().items():
        print(f"  Không ghi {count} ô: {reason}")
    for words in found.notes():
        print(f"  {words}")
    print_findings(found.findings, {})
