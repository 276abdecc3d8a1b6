"""Who did what in a year of a big school: each search, against a plain pass over the same lines and against grep.

A school of 1,050 with 300,000 entries in the journals of its classes and 60,000 of what changes nothing (ten days of
school a fortnight, thirty accounts). The plain pass decodes the JSON of every line and compares one field; grep counts
the lines with one account. Medians of all rounds but the first; every file is in memory after that. Then what noting
one view costs, on disk when it returns, against a line in a plain file, which is not.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median

import orjson

from hocba_tui.clock import VIETNAM
from hocba_tui.demo.school import found_demo, make_school
from hocba_tui.flow.activity.kinds import Kind
from hocba_tui.flow.activity.searching import Wanted, search
from hocba_tui.flow.desk import RESULTS, Desk
from hocba_tui.flow.opening import open_desk
from hocba_tui.store import journal
from hocba_tui.store.activity.noting import Touched
from hocba_tui.store.backend import Edit, Entry
from hocba_tui.store.journal_file import JOURNAL

BEGIN = datetime.now(VIETNAM) + timedelta(minutes=1)
"""The year follows the founding, whose entries are the longest."""
VIEWS = ("log_in", "view_card", "view_card", "export_sheet", "history", "log_out")
LIMIT = 1.0


def lengthen(path: Path, entries: Sequence[tuple[str, str, tuple[Edit, ...]]]) -> None:
    """Append entries to a journal, chained as by the store, spread over nine months; never synced."""
    last = path.read_bytes()
    number = last.count(b"\n")
    digest, lines = journal.decode(last.splitlines(keepends=True)[-1], None).digest, [last]
    step = timedelta(days=270) / max(1, len(entries))
    for offset, (actor, act, edits) in enumerate(entries):
        at = (BEGIN + step * offset).isoformat(timespec="seconds")
        lines.append(journal.encode(Entry(number + offset, at, actor, act, edits), digest, len(last)))
        digest = journal.decode(lines[-1], None).digest
    path.write_bytes(b"".join(lines))


def fill(root: Path, desk: Desk, changes: int, views: int) -> str:
    """Write the year; return the key of a pupil."""
    rooms = desk.classrooms()
    keys = {room.key: [pupil.key for pupil in desk.pupils(room.key)] for room in rooms}
    for room in rooms:
        made = []
        for number in range(changes // len(rooms)):
            pupil, actor = keys[room.key][number % len(keys[room.key])], room.homeroom if number % 4 else "gv.tin"
            field = f"end_1.{('TOAN', 'TV', 'TIN')[number % 3]}.comment"
            said = "Em hoàn thành tốt các nội dung học tập của môn học."
            made.append((actor, "enter", (Edit(RESULTS, pupil, field, said, said),)))
        lengthen(root / desk.school.year / room.key / JOURNAL, made)
    noted = []
    for number in range(views):
        room = rooms[number % len(rooms)]
        act = VIEWS[number % len(VIEWS)]
        pupil = keys[room.key][number % 30] if act in ("view_card", "history") else ""
        touched = Touched(room.key if pupil or act == "export_sheet" else "", pupil, "", "192.0.2.7", "ssh")
        noted.append((room.homeroom, act, touched.edits()))
    name = next(name for name in desk.store.names() if name.startswith("activity"))
    lengthen(root / name / JOURNAL, noted)
    return keys["5A"][0]


def seconds(act: Callable[[], object], rounds: int) -> float:
    """Return the median seconds of ``act``, without the first round."""
    taken = []
    for _ in range(rounds + 1):
        begin = time.perf_counter()
        act()
        taken.append(time.perf_counter() - begin)
    return median(taken[1:])


def plain(root: Path, account: str) -> int:
    """Decode every line and count those of an account."""
    count = 0
    for path in root.rglob(JOURNAL):
        for line in path.read_bytes().splitlines():
            count += orjson.loads(line[18:])["by"] == account
    return count


def main() -> None:
    """Print the table."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--changes", type=int, default=300_000)
    asked.add_argument("--views", type=int, default=60_000)
    asked.add_argument("--rounds", type=int, default=5)
    options = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "school"
        found_demo(root, make_school(), None)
        open_desk(root, "hieutruong").store.log_access("hieutruong", "log_in")
        pupil = fill(root, open_desk(root, "hieutruong"), options.changes, options.views)
        for path in root.rglob("data.json"):
            path.unlink()
        desk = open_desk(root, "hieutruong")
        paths = [str(path) for path in root.rglob(JOURNAL)]
        size = sum(Path(path).stat().st_size for path in paths)
        print(f"{options.changes + options.views:,} entries, {size / 1e6:.0f} MB in {len(paths)} journals")
        day = (BEGIN + timedelta(days=200)).date()
        searches = {
            "the newest 500 of everything": Wanted(),
            "one pupil": Wanted(pupil=pupil),
            "one person": Wanted(account="gv.5a"),
            "one day": Wanted(since=day, until=day),
            "one class, one month": Wanted(class_key="5A", since=day - timedelta(days=30), until=day),
            "all exports of the year": Wanted(kinds=frozenset({Kind.EXPORT})),
            "all log-ins of one person": Wanted(account="gv.5a", kinds=frozenset({Kind.LOGIN})),
            "all signatures (there are none)": Wanted(kinds=frozenset({Kind.SIGN})),
        }
        base = seconds(lambda: plain(root, "gv.5a"), options.rounds)
        grep = seconds(
            lambda: subprocess.run(["grep", "-c", '"by":"gv.5a"', *paths], capture_output=True, check=False),
            options.rounds,
        )
        print(f"{'':34}{'s':>8}{'of a plain pass':>17}{'of grep':>9}")
        worst = 0.0
        for name, wanted in searches.items():
            taken = seconds(lambda wanted=wanted: search(desk, wanted), options.rounds)  # type: ignore[misc]
            worst = max(worst, taken)
            print(f"{name:34}{taken:8.3f}{taken / base:17.2f}{taken / grep:9.1f}")
        print(f"{'a plain pass':34}{base:8.3f}\n{'grep -c':34}{grep:8.3f}")

        def written() -> None:
            with (root / "plain.log").open("ab") as file:
                file.write(b'{"by":"gv.5a","do":"view_card","what":"5A/hs1"}\n')

        def noted() -> None:
            desk.store.log_access("gv.5a", "view_card", class_key="5A", pupil=pupil)

        view, line = (seconds(act, 200) * 1000 for act in (noted, written))
        print(f"noting a view: {view:.2f} ms (a line in a plain file, without a sync: {line:.2f} ms)")
        if worst >= LIMIT:
            raise SystemExit(f"a search takes {worst:.2f} s, more than {LIMIT:.0f} s")


if __name__ == "__main__":
    main()
