"""``hocba doctor``: show what is installed, what is missing and what to do."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from hocba_tui.cli.common import Commands, command, confirm, desk_of, store_options
from hocba_tui.config import Config
from hocba_tui.errors import WrongUse


def add(commands: Commands) -> None:
    """Add the command."""
    added = command(
        commands,
        "doctor",
        "Khám máy: cài gì, token nào, thiếu gì, phải làm gì.",
        "hocba doctor --store demo-school/school --as vanthu",
    )
    added.add_argument(
        "--report",
        type=Path,
        metavar="TỆP",
        help="ghi ra một tệp để gửi người giúp; không có gì về học sinh, cho xem trước",
    )
    added.add_argument("--yes", action="store_true", help="ghi tệp ấy mà không hỏi lại")
    store_options(added)
    added.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print what was found; exit 1 when something must be done, or a report was not wanted after all."""
    if options.report is not None:
        return _report(options)
    from hocba_tui.flow.school.doctor import examine

    config = Config.from_environment(options.store)
    desk = desk_of(options) if config.store else None
    good = True
    for symptom in examine(config.modules, desk):
        good = good and symptom.good
        print(f"{'✓' if symptom.good else '!'} {symptom.what}" + ("" if symptom.good else f" → {symptom.now}"))
    return 0 if good else 1


def _report(options: argparse.Namespace) -> int:
    """Show the report, ask, and write it."""
    from hocba_tui.flow.school.trouble_report import require_report_place, trouble_report, write_report

    require_report_place(options.report)
    if not options.yes and not (sys.stdin and sys.stdin.isatty()):
        raise WrongUse("Không có bàn phím để hỏi có ghi báo cáo không.", "Thêm --yes.", "Chưa ghi gì.")
    config = Config.from_environment(options.store)
    print("Đang khám máy và kiểm tra kho; kho lớn thì mất vài giây…", file=sys.stderr)
    text = trouble_report(config.store, config.modules, lambda: desk_of(options))
    print(text)
    print(f"Trên đây là tất cả những gì được ghi vào {options.report}; chưa gửi đi đâu.")
    if not options.yes and not confirm("Ghi tệp này? (gõ 'ghi') ", "ghi"):
        print("Chưa ghi gì.")
        return 1
    write_report(options.report, text)
    print(f"Đã ghi {options.report}. Xem lại, rồi gửi cho người giúp.")
    return 0
