"""``hocba export``: write data of the store to files."""

from __future__ import annotations

from hocba_tui.cli.common import Commands, command, store_options
from hocba_tui.cli.files import export_records, export_sheet, export_summary

_KINDS = {"records": export_records, "sheet": export_sheet, "summary": export_summary}


def add(commands: Commands) -> None:
    """Add the command and its kinds; each kind has its own module."""
    added = command(
        commands,
        "export",
        "Xuất tệp: học bạ đã phát hành (records), Excel của lớp hoặc khối (sheet), thống kê (summary).",
        f"hocba export records {export_records.EXAMPLE}",
    )
    kinds = added.add_subparsers(dest="kind", metavar="LOẠI", required=True)
    for name, module in _KINDS.items():
        kind = command(kinds, name, module.SUMMARY, f"hocba export {name} {module.EXAMPLE}")
        module.add_arguments(kind)
        store_options(kind)
        kind.set_defaults(run=module.run)
