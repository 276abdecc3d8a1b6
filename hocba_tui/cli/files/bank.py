"""``hocba bank``: the bank of comments out to Excel, in again, and one entry off it."""

from __future__ import annotations

import argparse
from pathlib import Path

from hocba_tui.cli.common import (
    Commands,
    command,
    desk_of,
    print_findings,
    source_of,
    source_option,
    store_options,
)

_SHOWN = 20
"""Rows of a preview that are printed; the rest is counted."""


def add(commands: Commands) -> None:
    """Add the command."""
    added = command(
        commands,
        "bank",
        "Ngân hàng lời nhận xét: ghi ra Excel, nạp vào, bỏ bớt.",
        "hocba bank export nhan-xet.xlsx --store demo-school/school --as gv.5a",
    )
    verbs = added.add_subparsers(dest="verb", metavar="VIỆC", required=True)
    out = command(
        verbs, "export", "Ghi ngân hàng ra một tệp Excel, sửa rồi nạp lại được.", "hocba bank export nhan-xet.xlsx"
    )
    out.add_argument("file", type=Path, metavar="TỆP.xlsx")
    out.add_argument(
        "--of",
        choices=["own", "school", "shipped"],
        metavar="CỦA_AI",
        help="own: của tôi; school: của trường; shipped: có sẵn (không ghi: tất cả)",
    )
    store_options(out)
    out.set_defaults(run=_export)
    into = command(
        verbs, "import", "Nạp lời nhận xét vào ngân hàng từ Excel.", "hocba bank import nhan-xet.xlsx --dry-run"
    )
    source_option(into)
    into.add_argument("--dry-run", action="store_true", help="chỉ xem trước, không ghi")
    _school_option(into)
    store_options(into)
    into.set_defaults(run=_import)
    off = command(verbs, "forget", "Bỏ một lời khỏi ngân hàng.", "hocba bank forget tvtr1")
    off.add_argument("code", metavar="MÃ")
    _school_option(off)
    store_options(off)
    off.set_defaults(run=_forget)


def _school_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--school", action="store_true", help="ngân hàng chung của trường (không ghi: của riêng tôi)")


def _export(options: argparse.Namespace) -> int:
    from hocba_tui.flow.comments.bank_import_export import export_bank
    from hocba_tui.model.bank import Shelf

    shelf = Shelf(options.of) if options.of else None
    print(f"Đã ghi {export_bank(desk_of(options), options.file, shelf)} lời nhận xét vào {options.file}.")
    return 0


def _import(options: argparse.Namespace) -> int:
    from hocba_tui.flow.comments.bank_import_export import Kind, apply, preview
    from hocba_tui.model.bank import Shelf

    desk = desk_of(options)
    found = preview(desk, source_of(options), Shelf.SCHOOL if options.school else Shelf.OWN)
    print(f"{found.source}: {len(found.lines)} lời đọc được, vào ngân hàng {found.shelf.label.lower()}")
    for kind in Kind:
        print(f"  {kind.label}: {found.count(kind)}")
    lines = [line for line in found.lines if line.kind is not Kind.SAME]
    for line in lines[:_SHOWN]:
        print(f"    {line.kind.label}: {line.entry.code}: {line.entry.text}")
    if len(lines) > _SHOWN:
        print(f"    … và {len(lines) - _SHOWN} lời nữa")
    print_findings(found.findings, {})
    if not found.usable:
        print("Còn lỗi: chưa ghi gì. Sửa các dòng lỗi trong Excel rồi nạp lại.")
        return 1
    if options.dry_run:
        print("Xem trước: chưa ghi gì.")
        return 0
    print(f"Đã ghi {apply(desk, found)} lời nhận xét.")
    return 0


def _forget(options: argparse.Namespace) -> int:
    from hocba_tui.flow.comments.bank import forget
    from hocba_tui.model.bank import Shelf

    forget(desk_of(options), options.code, Shelf.SCHOOL if options.school else Shelf.OWN)
    print(f"Đã bỏ lời mã {options.code}.")
    return 0
