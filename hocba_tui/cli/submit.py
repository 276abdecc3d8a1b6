"""``hocba submit``: the homeroom teacher submits a class."""

from __future__ import annotations

import argparse
import asyncio

from hocba_tui.cli.common import (
    Commands,
    ask_pin,
    class_option,
    command,
    desk_of,
    print_done,
    print_findings,
    store_options,
)
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
    store_options(added)
    added.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Ask the PIN once and sign; exit 1 when a record could not be signed."""
    return asyncio.run(_sign(options))


async def _sign(options: argparse.Namespace) -> int:
    from hocba_tui.flow.keyring import unlock
    from hocba_tui.flow.reviewing import review
    from hocba_tui.flow.submitting import prepare, submit

    desk = desk_of(options)
    names = {pupil.key: pupil.name for pupil in desk.pupils(options.classroom)}
    try:
        held_back = prepare(desk, options.classroom, leave_gaps=options.leave_gaps).held_back
    except Refused:
        print_findings(review(desk, options.classroom).gaps, names)
        raise
    for reasons in held_back.values():
        print_findings(reasons, names)
    signer = await unlock(desk, Slot.HOMEROOM, ask_pin("khóa của giáo viên chủ nhiệm"))
    try:
        bad = await print_done(submit(desk, options.classroom, signer, leave_gaps=options.leave_gaps), "Đã nộp")
    finally:
        await signer.close()
    return 1 if bad else 0
