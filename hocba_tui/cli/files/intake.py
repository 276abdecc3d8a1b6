"""``hocba intake KIND FILE``: import a file from Excel; one module for each kind."""

from __future__ import annotations

from hocba_tui.cli.common import Commands, command, store_options
from hocba_tui.cli.files import (
    intake_comments,
    intake_earlier,
    intake_pupils,
    intake_results,
    intake_staff,
    intake_undo,
)
from hocba_tui.cli.files.preview_and_write import dry_run_option, source_option

_KINDS = {
    "pupils": intake_pupils,
    "staff": intake_staff,
    "results": intake_results,
    "comments": intake_comments,
    "earlier": intake_earlier,
}


def add(commands: Commands) -> None:
    """Add the command and its kinds."""
    added = command(
        commands,
        "intake",
        "Nạp từ Excel: học sinh, cán bộ, kết quả, nhận xét. Luôn xem trước; ghi tất cả hoặc không ghi gì.",
        "hocba intake results ket-qua-5A.xlsx --class 5A --dry-run --store demo-school/school --as gv.5a",
    )
    kinds = added.add_subparsers(dest="kind", metavar="LOẠI", required=True)
    for name, module in _KINDS.items():
        kind = command(kinds, name, module.SUMMARY, f"hocba intake {name} {module.EXAMPLE}")
        source_option(kind)
        module.add_arguments(kind)
        dry_run_option(kind)
        store_options(kind)
        kind.set_defaults(run=module.run)
    back = command(kinds, "undo", intake_undo.SUMMARY, f"hocba intake {intake_undo.EXAMPLE}")
    dry_run_option(back)
    store_options(back)
    back.set_defaults(run=intake_undo.run)
