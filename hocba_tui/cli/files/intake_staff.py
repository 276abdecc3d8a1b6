"""``hocba intake staff FILE``: bring in the list of staff."""

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
        "staff",
        "Nạp danh sách cán bộ, giáo viên (tệp CSDL_GiaoVien của CSDL ngành).",
        "hocba intake staff CSDL_GiaoVien.xlsx --dry-run --store demo-school/school --as hieutruong",
    )
    source_option(added)
    offers_option(added)
    added.set_defaults(run=run)
    return added


def run(options: argparse.Namespace) -> int:
    """Preview the file; write it unless ``--dry-run`` or an error stands against it."""
    from hocba_tui.flow.school.staff_import import LABELS, Kind, apply, preview

    desk = desk_of(options)
    found = preview(desk, source_of(options), accept_offers=options.accept_offers)
    print(f"{found.source}: {len(found.lines)} người đọc được")
    for kind in Kind:
        print(f"  {kind.label}: {found.count(kind)}")
    for line in found.lines:
        if line.kind is not Kind.SAME:
            words = ", ".join(LABELS[name] for name in line.fields) if line.before else line.person.title
            print(f"    {line.kind.label}: {line.person.name} ({line.person.key}): {words}")
    print_findings(found.findings, {})
    if found.absent:
        names = ", ".join(person.name for person in found.absent)
        print(f"  Có trong trường nhưng không có trong tệp: {len(found.absent)} người; giữ nguyên: {names}.")
    print_offers(found.offers)
    if not found.usable:
        print("Còn lỗi: chưa ghi gì. Sửa các dòng lỗi trong Excel rồi nạp lại.")
        return 1
    if options.dry_run:
        print("Xem trước: chưa ghi gì.")
        return 0
    print(f"Đã ghi {apply(desk, found)} người.")
    return 0
