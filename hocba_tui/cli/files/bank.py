"""``hocba bank``: export the bank of comments to Excel, import it, remove one entry."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from hocba_tui.cli.common import Commands, command, desk_of, store_options
from hocba_tui.cli.files.preview_and_write import dry_run_option, preview_and_write, source_of, source_option

if TYPE_CHECKING:
    from hocba_tui.flow.comments.bank_import_export import BankPreview
    from hocba_tui.model.bank import Shelf

_SHOWN = 20
"""Most rows of a preview that are printed; the others are counted."""


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
    dry_run_option(into)
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
    from hocba_tui.flow.comments.bank import require_shelf
    from hocba_tui.flow.comments.bank_import_export import apply, preview

    desk = desk_of(options)
    require_shelf(desk, _shelf(options))  # Before a pasted text is read.
    found = preview(desk, source_of(options), _shelf(options))
    header = f": {len(found.lines)} lời đọc được, vào ngân hàng {found.shelf.label.lower()}"
    return preview_and_write(options, desk, found, apply, header, _lines(found))


def _lines(found: BankPreview) -> Iterator[str]:
    for line in found.writing[:_SHOWN]:
        yield f"  {line.kind.label}: {line.entry.code}: {line.entry.text}"
    if len(found.writing) > _SHOWN:
        yield f"  … và {len(found.writing) - _SHOWN} lời nữa"


def _shelf(options: argparse.Namespace) -> Shelf:
    from hocba_tui.model.bank import Shelf

    return Shelf.SCHOOL if options.school else Shelf.OWN


def _forget(options: argparse.Namespace) -> int:
    from hocba_tui.flow.comments.bank import forget

    forget(desk_of(options), options.code, _shelf(options))
    print(f"Đã bỏ lời mã {options.code}.")
    return 0
