"""``hocba send``: send the outbox to the portal."""

from __future__ import annotations

import argparse

from hocba_tui.cli.common import Commands, command, desk_of, store_options


def add(commands: Commands) -> None:
    """Add the command."""
    added = command(
        commands,
        "send",
        "Gửi các gói trong hộp gửi tới cổng tiếp nhận và lấy kết quả.",
        "hocba send --portal http://127.0.0.1:8765 --store demo-school/school --as vanthu",
    )
    added.add_argument("--portal", default="", metavar="URL")
    store_options(added)
    added.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Send what waits; exit 1 when the portal refused a record."""
    from hocba_tui.flow.portal.outbox import PACKAGE_STATES
    from hocba_tui.flow.portal.send import portal_of, send

    desk = desk_of(options)
    sent = send(desk, portal_of(desk, options.portal))
    packages = sent.packages
    for package in packages:
        print(
            f"Lớp {package.class_key}: {len(package.uuids)} học bạ, {PACKAGE_STATES[package.state]},"
            f" nhận {package.accepted}, từ chối {package.rejected}"
        )
    if not packages:
        print("Hộp gửi trống.")
    if sent.unknown:
        print(sent.unknown)
    return 1 if any(package.rejected for package in packages) else 0
