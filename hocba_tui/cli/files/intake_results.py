"""``hocba intake results FILE``: import levels, scores and comments."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from hocba_tui.cli.common import class_option, desk_of
from hocba_tui.cli.files.preview_and_write import offers_option, preview_and_write, source_of
from hocba_tui.errors import WrongUse
from hocba_tui.model.values import Period

if TYPE_CHECKING:
    from hocba_tui.flow.grades.results_import import ResultsPreview

SUMMARY = "Nạp kết quả: mức, điểm, nhận xét (tệp của CSDL ngành, bảng tổng hợp, hoặc bảng riêng của giáo viên)."
EXAMPLE = "toan-5A.xlsx --class 5A --subject TOAN --dry-run --store demo-school/school --as gv.5a"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options for a file of results or comments."""
    offers_option(parser)
    class_option(parser, required=False)
    parser.add_argument(
        "--grade", type=int, choices=range(1, 6), metavar="KHỐI", default=0, help="chỉ một khối, 1 đến 5"
    )
    parser.add_argument(
        "--period", type=Period, metavar="KỲ", help=f"{', '.join(Period)}; không ghi thì kỳ đang mở, nếu chỉ có một"
    )
    parser.add_argument("--subject", metavar="MÔN", default="", help="môn của tệp một môn, mã hoặc tên: TOAN, Toán")


def run(options: argparse.Namespace) -> int:
    """Preview the file; write it unless there is an error or ``--dry-run``; return the exit code."""
    return bring_in(options, comments=False)


def bring_in(options: argparse.Namespace, *, comments: bool, earlier: str = "") -> int:
    """Preview and write the file, of comments only with ``comments``; return the exit code.

    ``earlier`` is the source of results of a period that is over.
    """
    from hocba_tui.flow.comments.bank import bank_in
    from hocba_tui.flow.grades.results_import import (
        ResultsRequest,
        apply,
        only_open_period,
        preview,
        require_classes,
        subject_named,
    )

    desk = desk_of(options)
    asked = ResultsRequest(options.period or Period.END_YEAR, options.class_key or "", options.grade, earlier=earlier)
    require_classes(desk, asked)  # Before a pasted text is read.
    period = options.period or only_open_period(desk)
    if period is None:
        raise WrongUse("Chưa biết nạp vào kỳ nào.", f"Thêm --period: {', '.join(Period)}.", "Chưa ghi gì.")
    subject = subject_named(options.subject)
    request = ResultsRequest(period, options.class_key or "", options.grade, subject, comments, earlier, bank_in)
    found = preview(desk, source_of(options), request, accept_offers=options.accept_offers)
    pupils = {line.pupil.key for line in found.lines}
    header = f", kỳ {period.label}: {len(pupils)} em, {len(found.lines)} ô đọc được"
    return preview_and_write(options, desk, found, apply, header, _lines(found))


def _lines(found: ResultsPreview) -> Iterator[str]:
    """Yield a line for each changed cell, for each reason of refusals, and for what stays unchanged."""
    from hocba_tui.flow.importing import RowKind

    for line in found.lines:
        if line.kind is RowKind.CHANGED:
            yield f"  {line.pupil.name} ({line.class_key}), {line.label}: {line.before} → {line.after}"
    for reason, count in found.refusals().items():
        yield f"Không ghi {count} ô: {reason}"
    yield from found.notes()
