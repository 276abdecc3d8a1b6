"""Stop and continue a session again and again while it paints: ``python -m tests.faults.stops --full``.

A stop that is handled in the middle of a write deadlocks the program; that happens once in some hundred stops.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from random import Random

from hocba_tui.demo.school import found_demo, make_school
from tests.support.terminal import Terminal, hocba

SHORT, FULL = 40, 4000
_SEED = 20_260_525


def stop_and_go(store: Path, times: int) -> None:
    """Stop a session with an open grid ``times`` times while keys move its cursor; AssertionError when it hangs."""
    chance = Random(_SEED)
    with hocba(store, "gv.5a") as terminal:
        terminal.wait_for("Enter để mở")
        terminal.press("enter")
        terminal.wait_for("Nhập kết quả ›")
        for _ in range(times):
            _paint(terminal, chance)
            terminal.stop()
            terminal.go_on()
        terminal.press("ctrl+home", "home", "right", "9")
        terminal.wait_for("đã lưu lúc")


def _paint(terminal: Terminal, chance: Random) -> None:
    """Make the program paint, and read some of it, so that each stop comes at a different moment."""
    terminal.press(*chance.choices(("pagedown", "pageup", "down", "up"), k=chance.randint(1, 12)))
    terminal.wait_quiet(chance.choice((0.0, 0.001, 0.005, 0.02)))


def main() -> int:
    """Run it on a demo school; return 0 when the program went on every time."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--full", action="store_true", help=f"{FULL} stops instead of {SHORT}")
    times = FULL if options.parse_args().full else SHORT
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "store"
        found_demo(store, make_school(seed=2026, pupils=175), None)
        stop_and_go(store, times)
    print(f"{times} stops while painting: the program went on after each")
    return 0


if __name__ == "__main__":
    sys.exit(main())
