"""``hocba doctor``: show what is installed, what is missing and what to do."""

from __future__ import annotations

import argparse

from hocba_tui.cli.common import Commands, command, desk_of, store_options
from hocba_tui.config import Config


def add(commands: Commands) -> None:
    """Add the command."""
    added = command(
        commands,
        "doctor",
        "Khám máy: cài gì, token nào, thiếu gì, phải làm gì.",
        "hocba doctor --store demo-school/school --as vanthu",
    )
    store_options(added)
    added.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print what was found; exit 1 when something must be done."""
    from hocba_tui.flow.school.doctor import examine

    config = Config.from_environment(options.store)
    desk = desk_of(options) if config.store else None
    good = True
    for symptom in examine(config.modules, desk):
        good = good and symptom.good
        print(f"{'✓' if symptom.good else '!'} {symptom.what}" + ("" if symptom.good else f" → {symptom.now}"))
    return 0 if good else 1
