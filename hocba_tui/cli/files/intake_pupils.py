"""``hocba intake pupils FILE``: bring in a class list."""

from __future__ import annotations

import argparse

from hocba_tui.cli.common import (
    Commands,
    Parser,
    command,
    desk_of,
    offers_option,
    print_findings,
    print_offers,
    source_of,
    source_option,
)


def add(kinds: Commands) -> Parser:
    """Add the kind."""
    added = command(
        kinds,
        "pupils",
        "Nạp danh sách lớp (tệp C1-HocSinh của CSDL ngành, hoặc danh sách lớp 1 mới của trường).",
        "hocba intake pupils examples/C1-HocSinh-5A.xlsx --dry-run --store demo-school/school --as vanthu",
    )
    source_option(added)
    offers_option(added)
    added.set_defaults(run=run)
    return added


def run(options: argparse.Namespace) -> int:
    """Preview the file; write it unless ``--dry-run`` or an error stands against it."""
    from hocba_tui.flow.pupils.pupils_import import Kind, apply, preview

    desk = desk_of(options)
    found = preview(desk, source_of(options), accept_offers=options.accept_offers)
    print(f"{found.source}: {len(found.lines)} học sinh đọc được")
    for kind in Kind:
        print(f"  {kind.label}: {found.count(kind)}")
    for line in found.lines:
        if line.changes:
            print(f"    {line.kind.label}: {line.pupil.name} ({line.class_key}), {line.changes}")
    print_findings(found.findings, {})
    if found.absent:
        names = ", ".join(pupil.name for pupil in found.absent)
        print(f"  Có trong lớp nhưng không có trong tệp: {len(found.absent)} em; giữ nguyên: {names}.")
    print_offers(found.offers)
    if not found.usable:
        print("Còn lỗi: chưa ghi gì. Sửa các dòng lỗi trong Excel rồi nạp lại.")
        return 1
    if options.dry_run:
        print("Xem trước: chưa ghi gì.")
        return 0
    print(f"Đã ghi {apply(desk, found)} học sinh.")
    return 0
