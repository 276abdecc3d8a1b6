"""``hocba intake KIND FILE``: bring something in from Excel; one module for each kind."""

from __future__ import annotations

import importlib

from hocba_tui.cli.common import Commands, command, store_options

KINDS = ("intake_pupils", "intake_staff", "intake_results", "intake_comments")


def add(commands: Commands) -> None:
    """Add the command and its kinds."""
    added = command(
        commands,
        "intake",
        "Nạp từ Excel: học sinh, cán bộ, kết quả, nhận xét. Luôn xem trước; ghi tất cả hoặc không ghi gì.",
        "hocba intake results ket-qua-5A.xlsx --class 5A --dry-run --store demo-school/school --as gv.5a",
    )
    kinds = added.add_subparsers(dest="kind", metavar="LOẠI", required=True)
    for name in KINDS:
        kind = importlib.import_module(f"hocba_tui.cli.files.{name}").add(kinds)
        kind.add_argument("--dry-run", action="store_true", help="chỉ xem trước, không ghi")
        store_options(kind)
