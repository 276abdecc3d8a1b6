"""What a person waits for, as processor time of the real program in a pseudo-terminal, and what idle sessions cost.

The home of the principal and of a subject teacher, *Các lớp*, *Thống kê* and the palette, in a school of 1,050 pupils
and of 10,000: when nothing was ever counted, the first time of a day (a new process, with what others have counted
before), and again in the same session. From the key, or the start of the program, until the page is complete and
nothing moves any more; so the price of painting is included, and at the beginning that of Python. "uncached" is what
the counts of the same classes cost when each is reviewed, or tabulated, whole. Times are in milliseconds of one core.

At the end, 40 forked sessions sit before an open grid and do nothing.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from _sessions import Nursery, school, session
from grid_latency import CLASSES, IN_ONE, PUPILS, processor, seated

from hocba_tui.flow.grades.review import review
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.reports.statistics import countable_classes
from hocba_tui.model.results import Results
from hocba_tui.model.values import Period
from hocba_tui.rules.statistics import Member, tabulate, topics
from hocba_tui.store.cache import CACHE
from tests.support.terminal import Terminal

_TICKS = os.sysconf("SC_CLK_TCK")
_READING = ("Đang đọc các lớp…", "đang đếm…")
_WHOLE_DAY = 300.0
"""Seconds after which a page that is not complete is given up."""
_QUIET, _IDLE, _SETTLE = 0.4, 20.0, 25.0


@dataclass
class Column:
    """What one school's pages cost, by their names, in milliseconds; memory in MB."""

    costs: dict[str, float] = field(default_factory=dict)


def spent(terminal: Terminal) -> float:
    """Return the processor milliseconds that a session has used, in all its threads."""
    stat = Path(f"/proc/{terminal.process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(stat[11]) + int(stat[12])) / _TICKS * 1000


def peak(terminal: Terminal) -> float:
    """Return the most megabytes that a session has had in memory."""
    text = Path(f"/proc/{terminal.process.pid}/status").read_text(encoding="utf-8")
    return int(text.split("VmHWM:")[1].split()[0]) / 1024


def complete(terminal: Terminal, text: str) -> None:
    """Wait until a page is there with all its numbers, and nothing is painted any more."""

    def shown() -> bool:
        return text in terminal.text and not any(word in terminal.text for word in _READING)

    terminal.wait(shown, f"“{text}” complete", _WHOLE_DAY)
    terminal.wait_quiet(_QUIET)
    if not shown():
        complete(terminal, text)


def cost(terminal: Terminal, text: str, *keys: str) -> float:
    """Return what it costs from a key until its page is complete."""
    before = spent(terminal)
    terminal.press(*keys)
    complete(terminal, text)
    return spent(terminal) - before


def measure(store: Path) -> Column:
    """Open every page in one school."""
    found = Column()
    for when in ("never counted", "first of the day"):
        for who, account in (("teacher", "gv.tin"), ("principal", "hieutruong")):  # Who counts all comes last.
            if when == "never counted":
                shutil.rmtree(store / CACHE, ignore_errors=True)
            with session(store, account) as terminal:
                complete(terminal, "Việc của tôi hôm nay")
                found.costs[f"home of the {who}, {when}"] = spent(terminal)
                found.costs[f"home of the {who}, {when}: MB"] = peak(terminal)
                if who == "principal":
                    found.costs[f"Các lớp, {when}"] = cost(terminal, "Tiếp nhận", "end", "enter")
                    found.costs["home of the principal, again"] = cost(terminal, "Việc của tôi hôm nay", "escape")
                    found.costs["Các lớp, again"] = cost(terminal, "Tiếp nhận", "enter")
                    terminal.press("escape")
                    complete(terminal, "Việc của tôi hôm nay")
                    found.costs[f"Thống kê, {when}"] = cost(terminal, "Toàn trường", "up", "enter")
                    found.costs["Thống kê, the next table"] = cost(terminal, "Hoàn thành chương trình", "right")
                    terminal.press("escape")
                    complete(terminal, "Việc của tôi hôm nay")
                    found.costs["Thống kê, again"] = cost(terminal, "Toàn trường", "enter")
                    found.costs[f"everything above, {when}: MB"] = peak(terminal)
                else:
                    found.costs["palette of the teacher"] = cost(terminal, "Gõ việc muốn làm", "ctrl+p")
                    terminal.press("escape")
                    terminal.wait_gone("Gõ việc muốn làm")
                    terminal.wait_quiet(_QUIET)
                    terminal.press(":")
                    complete(terminal, "Gõ việc muốn làm")
                    found.costs["home of the teacher, again"] = cost(terminal, "Việc của tôi hôm nay", "escape")
    return found


def uncached(store: Path) -> Column:
    """Return what the numbers of the same pages cost when nothing is kept."""

    def timed(act: Callable[[], object]) -> float:
        begin = time.process_time()
        act()
        return (time.process_time() - begin) * 1000

    def reviewed(account: str) -> None:
        desk = open_desk(store, account)
        for room in desk.my_classes():
            review(desk, room.key)

    def tabulated() -> None:
        desk, nothing = open_desk(store, "hieutruong"), Results({})
        members = [
            Member(pupil, room, results.get(pupil.key, nothing))
            for room in countable_classes(desk)
            for results in [desk.results(room.key)]
            for pupil in desk.pupils(room.key)
        ]
        tabulate(members, topics(members, Period.END_YEAR)[0], Period.END_YEAR)

    whole, own = timed(lambda: reviewed("hieutruong")), timed(lambda: reviewed("gv.tin"))
    names = {"Các lớp": whole, "home of the principal": whole, "home of the teacher": own}
    names |= {"palette of the teacher": own, "Thống kê": timed(tabulated)}
    return Column(names)


def idle() -> None:
    """Print what 40 sessions cost that do nothing."""
    with tempfile.TemporaryDirectory() as base, school(Path(base), PUPILS) as store, Nursery() as nursery:
        count = CLASSES * IN_ONE
        with seated(store, nursery, count) as typists:
            for typist in typists:
                typist.terminal.wait_quiet(0.1)
            for label, seconds in (("just after a key", 0.0), ("after a while", _SETTLE)):
                time.sleep(seconds)
                before = processor(typists)
                time.sleep(_IDLE if seconds else _IDLE / 2)
                share = (processor(typists) - before) / (_IDLE if seconds else _IDLE / 2)
                print(f"  {count} idle grids, {label}: {share:.1%} of a core together")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="the school of 10,000 too")
    sizes = (1050, 10_000) if parser.parse_args().full else (1050,)
    columns, bare = [], []
    with tempfile.TemporaryDirectory() as base:
        for size in sizes:
            with school(Path(base), size) as store:
                columns.append(measure(store))
                bare.append(uncached(store))
    heads = "".join(f"{size:>10,}{'':>10}" for size in sizes)
    print(f"  {'processor time in ms, school of':44}{heads}")
    for name in columns[0].costs:
        line = f"  {name:44}"
        for column, reference in zip(columns, bare, strict=True):
            whole = reference.costs.get(name.split(",")[0].split(":")[0], 0.0)
            again = name.endswith(("again", "teacher")) and whole
            ratio = f"(1/{whole / max(column.costs[name], 1000 / _TICKS):.0f})" if again else ""
            line += f"{column.costs[name]:10.0f}{ratio:>10}"
        print(line)
    for name in bare[0].costs:
        print(f"  {name + ', uncached':44}" + "".join(f"{column.costs[name]:10.0f}{'':>10}" for column in bare))
    idle()


if __name__ == "__main__":
    main()
