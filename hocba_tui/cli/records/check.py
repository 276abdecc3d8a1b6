"""``hocba check``: what is missing or odd."""

from __future__ import annotations

import argparse

from hocba_tui.cli.common import Commands, class_option, command, desk_of, ended_without, print_findings, store_options
from hocba_tui.model.finding import Severity


def add(commands: Commands) -> None:
    """Add the command."""
    added = command(
        commands,
        "check",
        "Rà soát: còn thiếu gì, có gì lạ.",
        "hocba check --class 5A --store demo-school/school --as gv.5a",
    )
    class_option(added, required=False)
    store_options(added)
    added.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Review one class or all that the actor may see; exit 1 when anything is wrong, 6 when a class cannot be read."""
    from hocba_tui.flow.grades.review import review

    desk = desk_of(options)
    school = desk.open_school()
    rooms = [options.class_key] if options.class_key else [room.key for room in school.my_classes()]
    missing = [] if options.class_key else [line for room in rooms if (line := school.trouble(room))]
    errors = 0
    for room in rooms:
        if not options.class_key and school.unreadable(room):
            continue
        found = review(desk, room)
        wrong = [f for f in found.findings if f.severity is Severity.ERROR]
        errors += len(wrong)
        print(f"Lớp {room}: {len(found.pupils)} em, {len(found.ready)} em nộp được, {len(wrong)} điều phải sửa")
        print_findings(found.findings, {pupil.key: pupil.name for pupil in found.pupils})
    return ended_without(missing, 1 if errors else 0)
