"""``hocba intake staff FILE``: import the list of staff."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from hocba_tui.cli.common import desk_of
from hocba_tui.cli.files.preview_and_write import absent_words, offers_option, preview_and_write, source_of

if TYPE_CHECKING:
    from hocba_tui.flow.school.staff_import import StaffLine

SUMMARY = "Nạp danh sách cán bộ, giáo viên (tệp CSDL_GiaoVien của CSDL ngành)."
EXAMPLE = "CSDL_GiaoVien.xlsx --dry-run --store demo-school/school --as hieutruong"

add_arguments = offers_option


def run(options: argparse.Namespace) -> int:
    """Preview the file; write it unless there is an error or ``--dry-run``; return the exit code."""
    from hocba_tui.flow.school.staff_import import apply, preview
    from hocba_tui.rules.permits import Act

    desk = desk_of(options)
    desk.require(Act.MANAGE_STAFF)  # Before a pasted text is read.
    found = preview(desk, source_of(options), accept_offers=options.accept_offers)
    absent = absent_words(found.absent, "trường", "người")
    header = f": {len(found.lines)} người đọc được"
    return preview_and_write(options, desk, found, apply, header, map(_words, found.writing), absent)


def _words(line: StaffLine) -> str:
    from hocba_tui.flow.school.staff_import import LABELS

    words = ", ".join(LABELS[name] for name in line.fields) if line.before else line.person.title
    return f"  {line.kind.label}: {line.person.name} ({line.person.key}): {words}"
