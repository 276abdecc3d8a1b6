"""``hocba intake pupils FILE``: import a class list."""

from __future__ import annotations

import argparse

from hocba_tui.cli.common import desk_of
from hocba_tui.cli.files.preview_and_write import absent_words, offers_option, preview_and_write, source_of

SUMMARY = "Nạp danh sách lớp (tệp C1-HocSinh của CSDL ngành, hoặc danh sách lớp 1 mới của trường)."
EXAMPLE = "examples/C1-HocSinh-5A.xlsx --dry-run --store demo-school/school --as vanthu"

add_arguments = offers_option


def run(options: argparse.Namespace) -> int:
    """Preview the file; write it unless there is an error or ``--dry-run``; return the exit code."""
    from hocba_tui.flow.pupils.pupils_import import apply, preview, require_some_class

    desk = desk_of(options)
    require_some_class(desk)  # Before a pasted text is read.
    found = preview(desk, source_of(options), accept_offers=options.accept_offers)
    lines = (
        f"  {line.kind.label}: {line.pupil.name} ({line.class_key}), {line.changes}"
        for line in found.lines
        if line.changes
    )
    absent = absent_words(found.absent, "lớp", "em")
    return preview_and_write(options, desk, found, apply, f": {len(found.lines)} học sinh đọc được", lines, absent)
