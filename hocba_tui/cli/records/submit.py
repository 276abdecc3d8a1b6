"""``hocba submit``: the homeroom teacher submits a class."""

from __future__ import annotations

import argparse

from hocba_tui.cli.common import (
    Commands,
    class_option,
    command,
    desk_of,
    print_findings,
    sign,
    store_options,
)
from hocba_tui.cli.records.request_files import elsewhere_options, sign_elsewhere
from hocba_tui.errors import Refused
from hocba_tui.model.values import Slot


def add(commands: Commands) -> None:
    """Add the command."""
    added = command(
        commands,
        "submit",
        "Giáo viên chủ nhiệm ký và nộp học bạ của lớp.",
        "hocba submit --class 5A --store demo-school/school --as gv.5a",
    )
    class_option(added)
    added.add_argument("--leave-gaps", action="store_true", help="chỉ nộp các em đã đủ, để lại các em còn ô trống")
    elsewhere_options(added)
    store_options(added)
    added.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """List every gap, or the pupils who are left out, then ask the PIN once and sign."""
    from hocba_tui.flow.grades.review import review
    from hocba_tui.flow.records.ready import prepare

    desk, leave = desk_of(options), options.leave_gaps
    if options.signed:
        return sign_elsewhere(options, desk, Slot.HOMEROOM, leave_gaps=leave)
    names = {pupil.key: pupil.name for pupil in desk.pupils(options.class_key)}
    try:
        held_back = prepare(desk, options.class_key, leave_gaps=leave).held_back
    except Refused:
        print_findings(review(desk, options.class_key).gaps, names)
        raise
    for reasons in held_back.values():
        print_findings(reasons, names)
    if options.request:
        return sign_elsewhere(options, desk, Slot.HOMEROOM, leave_gaps=leave)
    from hocba_tui.flow.records.submit import submit

    whose = "khóa của giáo viên chủ nhiệm"
    return sign(
        desk, Slot.HOMEROOM, whose, "Đã nộp", lambda signer: submit(desk, options.class_key, signer, leave_gaps=leave)
    )
