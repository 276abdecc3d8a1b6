"""``hocba assign``: assign the teacher of a subject, or the homeroom teacher, of a class from a day on."""

from __future__ import annotations

import argparse

from hocba_tui.cli.common import Commands, command, desk_of, store_options


def add(commands: Commands) -> None:
    """Add the command."""
    added = command(
        commands,
        "assign",
        "Phân công giáo viên chủ nhiệm hoặc giáo viên một môn của một lớp, kể cả thay giữa năm.",
        "hocba assign 5A TIN gv.tin2 --since 12/01/2026 --store demo-school/school --as hieutruong",
    )
    added.add_argument("class_key", metavar="LỚP", help="ví dụ 5A")
    added.add_argument("what", metavar="MÔN", help="mã môn, ví dụ TIN; homeroom: chủ nhiệm")
    added.add_argument("teacher", metavar="GIÁO_VIÊN", help="tài khoản của người được phân công")
    added.add_argument("--since", required=True, metavar="NGÀY/THÁNG/NĂM", help="dạy từ ngày nào")
    store_options(added)
    added.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Assign the duty and print who has it now."""
    from hocba_tui.flow.school.assigning import assign, duties_of

    desk = desk_of(options)
    classroom = assign(desk, options.class_key, options.what, options.teacher, options.since)
    duty = duties_of(classroom)[classroom.duties[-1][0]]
    print(f"Lớp {classroom.key}, {duty}: {desk.staff(options.teacher).name} từ {options.since}.")
    return 0
