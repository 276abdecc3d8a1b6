"""Private dirty memory of one `hocba open` with a class open in the grid, in a pseudo-terminal.

Once as an ordinary process, and once forked from the nursery of hocba_tui/server: a parent (python -OO) that has
imported the app, run one headless session of a made-up teacher in a temporary folder, and called gc.freeze(). In a
small school, and with --full in one of 10,000 pupils. For comparison a bare interpreter, one that has imported
Textual, and the memory that an empty Textual app changes when forked from a parent that has run one before.
Measured twice in each session: with the class open in the grid, and again after another subject was chosen from
the list and some levels of it were typed and saved, so that the memory of the list and of saving is included. Medians.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from _sessions import SIZE, Nursery, private_dirty, school
from _typists import choose_subject, open_class

from hocba_tui.demo.school import SHOW_CLASS, homeroom_account
from tests.support.terminal import Start, Terminal

ORDINARY, FORKED = 30.0, 17.0
"""The aims, in megabytes."""
_EMPTY = """
import gc, os, textual.drivers.linux_driver
from textual.app import App
async def leave(pilot):
    await pilot.pause()
    pilot.app.exit()
App().run(headless=True, size=(80, 24), auto_pilot=leave)
gc.collect()
gc.freeze()
child = os.fork()
if child:
    os.waitpid(child, 0)
else:
    App().run(mouse=False)
"""
_WAITS = "import sys; {statement}; print(); sys.stdin.read()"


def bare(statement: str) -> float:
    """Return the memory of an interpreter that has run ``statement``."""
    command = [sys.executable, "-c", _WAITS.format(statement=statement)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()
        return private_dirty(process.pid)


def empty_app() -> float:
    """Return the memory of an empty Textual app in a fork: the minimum for a program with Textual."""
    with Terminal((sys.executable, "-OO", "-c", _EMPTY), SIZE) as terminal:
        terminal.wait(lambda: terminal.received > SIZE[0] * SIZE[1], "a screen to be painted")
        terminal.wait_quiet(1.0)
        parent = terminal.process.pid
        child = int(Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii"))
        found = private_dirty(child)
        os.kill(child, signal.SIGTERM)
        return found


def with_grid(store: Path, start: Start | None) -> tuple[float, float]:
    """Return the memory of a session with the grid open, and after it has chosen a subject and saved levels of it."""
    with open_class(store, homeroom_account(SHOW_CLASS), start) as terminal:
        terminal.wait_quiet(1.0)
        opened = private_dirty(terminal.process.pid)
        choose_subject(terminal, store, homeroom_account(SHOW_CLASS), SHOW_CLASS, 0)
        for key in "thth":
            terminal.press("ctrl+home", "home", key)
            terminal.wait_for("đã lưu lúc")
            terminal.wait_quiet()
        return opened, private_dirty(terminal.process.pid)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--full", action="store_true", help="9 sessions of each kind instead of 3, also with 10,000 pupils"
    )
    full = parser.parse_args().full
    rounds, schools = (9, (175, 10_000)) if full else (3, (175,))
    rows: list[tuple[str, list[float], float]] = [
        ("a bare interpreter", [bare("pass") for _ in range(rounds)], 0.0),
        ("one that has imported textual.app", [bare("import textual.app") for _ in range(rounds)], 0.0),
        ("an empty Textual app, forked", [empty_app() for _ in range(rounds)], 0.0),
    ]
    with tempfile.TemporaryDirectory() as base, Nursery() as nursery:
        for pupils in schools:
            with school(Path(base), pupils) as store:
                for kind, start, aim in (("ordinary", None, ORDINARY), ("forked", nursery.start, FORKED)):
                    sessions = [with_grid(store, start) for _ in range(rounds)]
                    rows.append((f"{kind}, {pupils:,} pupils, a class open", [opened for opened, _ in sessions], aim))
                    rows.append(("  and a subject chosen, levels saved", [worked for _, worked in sessions], aim))
    print(f"{'private dirty memory of a session':50}{'MB':>8}{'aim':>8}{'ratio':>8}")
    for label, seen, aim in rows:
        ratio = f"{aim:8.0f}{median(seen) / aim:8.2f}" if aim else ""
        print(f"  {label:48}{median(seen):8.1f}{ratio}")


if __name__ == "__main__":
    main()
