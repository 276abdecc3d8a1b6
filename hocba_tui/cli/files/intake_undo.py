"""``hocba intake undo``: take back the last import of a file, as one."""

from __future__ import annotations

import argparse

from hocba_tui.cli.common import desk_of

SUMMARY = "Hoàn tác lần nạp tệp cuối cùng của mình: học sinh, cán bộ hoặc kết quả, mọi lớp cùng lúc."
EXAMPLE = "undo --dry-run --store demo-school/school --as vanthu"


def run(options: argparse.Namespace) -> int:
    """Say which import it is, and take it back unless ``--dry-run``."""
    from hocba_tui.flow.school.import_undo import last_import, undo_import

    desk = desk_of(options)
    if options.dry_run:
        print(f"Sẽ hoàn tác: {last_import(desk).words}. Chưa làm gì.")
        return 0
    print(f"Đã hoàn tác: {undo_import(desk).words}.")
    return 0
