"""Every byte of a class's files wrong in turn, every length, every file gone: noticed and named, or harmless.

``python -m tests.faults.bit_flips --full``: each of the eight bits, 0x00 and 0xff, for every byte; every
length. The class is opened twice in each state: as on the computer that wrote it and is still running, and
after a restart, when it is unknown how much was on disk.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from hocba_tui.errors import HocbaError, StoreUnusable
from hocba_tui.store.backend import Edit
from hocba_tui.store.folder import FolderStore
from hocba_tui.store.journal_file import JOURNAL
from hocba_tui.store.shard import DATA, FROZEN, FileShard
from tests.faults.damaged_class import (
    NAME,
    SECTOR,
    SYNC,
    TABLE,
    UUID,
    Harm,
    Sample,
    documents,
    lay,
    make_sample,
    now,
    open_class,
)

HARMLESS, NAMED, BEHIND, TORN = "harmless", "named when opened", "named when history is read", "torn tail"
WRONG = "WRONG"
OUTCOMES = (HARMLESS, NAMED, BEHIND, TORN, WRONG)
NEW = Edit(TABLE, "hs9", "new", None, "mới")


class Wrong(AssertionError):
    """A silently different class, damage whose place is not named, or an error that is not one of ours."""


def require(what: str, *, holds: bool) -> None:
    if not holds:
        raise Wrong(what)


def harms(file: str, size: int, stride: int) -> Iterator[Harm]:
    """Yield the changes of one file: gone, every ``stride``-th length, and that byte with all values tried."""
    yield Harm(file, gone=True)
    for place in range(0, size, stride):
        yield Harm(file, place)
        for bit in range(8):
            yield Harm(file, place, flipped=1 << bit)
        yield from (Harm(file, place, 0), Harm(file, place, 0, 0xFF))


def explained(sample: Sample, harm: Harm, seq: int, *, restarted: bool) -> bool:
    """Return whether it cannot be known that the entries after ``seq`` had been acknowledged.

    An interrupted write cuts the journal anywhere, or leaves whole sectors of its last line unwritten,
    which read as NUL. The checkpoint, and before a restart sync.lock, say how much was durable.
    """
    if harm.file != JOURNAL or harm.gone or seq < sample.covered or not restarted:
        return False
    if harm.cut:
        return sample.starts[seq + 1] <= harm.place
    size, place, left = sample.starts[-1], harm.place, harm.done_to(sample.files[JOURNAL]) or b""
    begins = place == sample.starts[-2] or place % SECTOR == 0
    ends = place + 1 == size or (place + 1) % SECTOR == 0
    last = seq == len(sample.states) - 2 and place >= sample.starts[-2]
    return last and left[place] == 0 and begins and ends


def line_of(sample: Sample, harm: Harm) -> int:
    return min(bisect_right(sample.starts, harm.place), len(sample.states)) - 1


def require_named(sample: Sample, harm: Harm, words: str) -> None:
    """Raise Wrong unless ``words`` name the file, the last good journal line and the byte."""
    number = line_of(sample, harm)
    record = f"sau bản ghi số {number - 1}" if number else "từ đầu"
    place = f"{NAME}/{JOURNAL} hỏng {record}, byte {sample.starts[number]} "
    # A journal that ends early is noticed by its checkpoint, which is named with the last line that it covers.
    ahead = f"{NAME}/{DATA} hỏng sau bản ghi số {sample.covered}, byte 0 (nhật ký ngắn hơn"
    lost = f"{NAME}/{JOURNAL} hỏng từ đầu, byte 0 (nhật ký đã mất"
    shortened = harm.cut or harm.gone
    named = words.startswith(place) or (shortened and words.startswith((ahead, lost)))
    require(f"the place is not named: {words}", holds=named)


def refusal(shard: FileShard) -> str:
    """Return why a shard takes no change; raise Wrong when it takes one."""
    try:
        shard.change("gv.5a", "enter", [NEW])
    except StoreUnusable as error:
        return str(error)
    raise Wrong("a damaged shard takes changes")


def history_problem(sample: Sample, shard: FileShard) -> str | None:
    """Return what reading the whole history says is damaged; None when it is what it was."""
    try:
        read = tuple(shard.entries())
    except StoreUnusable as error:
        return str(error)
    require("the history is silently different", holds=read == sample.entries[: shard.seq + 1])
    return None


def open_harmed(sample: Sample, folder: Path, harm: Harm, *, restarted: bool) -> str:
    """Write the class with one file damaged, read it, change it, open it again; return the result."""
    lay(sample, folder, harm, restarted=restarted)
    shard = open_class(folder)
    if shard.damage:
        require_named(sample, harm, shard.damage)
        require("what is read never was", holds=documents(shard) in sample.states)
        before = (folder / JOURNAL).read_bytes()
        require("the refusal hides the place", holds=shard.damage in refusal(shard))
        require("a damaged journal was changed", holds=(folder / JOURNAL).read_bytes() == before)
        require("damage went away by itself", holds=bool(open_class(folder).damage))
        return NAMED
    seq, last = shard.seq, len(sample.states) - 1
    require("silently different", holds=documents(shard) == sample.states[seq])
    if seq < last:
        fair = explained(sample, harm, seq, restarted=restarted)
        require(f"{last - seq} acknowledged entries silently dropped", holds=fair)
    behind = history_problem(sample, shard)
    if behind:
        require_named(sample, harm, behind)
    shard.change("gv.5a", "enter", [NEW])
    expected = {**sample.states[seq], NEW.key: {NEW.field: NEW.after}}
    require("a change is lost", holds=documents(open_class(folder)) == expected)
    (folder / DATA).unlink(missing_ok=True)
    alone = open_class(folder)
    if behind:
        require_named(sample, harm, alone.damage or "")
        return BEHIND
    require("a change is lost without the checkpoint", holds=documents(alone) == expected and not alone.damage)
    return HARMLESS if seq == last else TORN


def read_harmed(sample: Sample, root: Path, harm: Harm) -> str:
    """Damage a frozen or an issued file and read it from the store; return the result."""
    frozen, before = harm.file.startswith(FROZEN), sample.files[harm.file]
    path, name = (root / NAME / harm.file, sample.digest[:12]) if frozen else (root / harm.file, UUID)
    left = harm.done_to(before)
    path.chmod(0o600)
    path.write_bytes(left or b"")
    if left is None:
        path.unlink()
    try:
        if frozen:
            read = FileShard(NAME, root / NAME, now).kept(sample.digest)
        else:
            # An issued file is proven by its signatures; the store compares it with the bytes that should be there.
            store = FolderStore(root, now)
            read = store.issued(UUID)
            store.issue(UUID, before)
    except StoreUnusable as error:
        require(f"the file is not named: {error}", holds=name in str(error))
        return NAMED
    finally:
        path.unlink(missing_ok=True)
        path.write_bytes(before)
    require("silently different", holds=read == before == left)
    return HARMLESS


def attempt(sample: Sample, root: Path, harm: Harm, *, restarted: bool) -> str:
    """Return the result for one change; raise Wrong also for an error that is not one of ours."""
    try:
        if harm.file in (JOURNAL, DATA, SYNC):
            return open_harmed(sample, root / NAME, harm, restarted=restarted)
        return read_harmed(sample, root, harm)
    except Wrong:
        raise
    except HocbaError as error:
        raise Wrong(f"refused without naming the damage: {error}") from error
    except Exception as error:
        raise Wrong(f"a bare {type(error).__name__}: {error}") from error


def sweep(sample: Sample, root: Path, stride: int) -> tuple[dict[tuple[str, bool], Counter[str]], list[str], list[int]]:
    """Try every change; return the counts by file and situation, the problems, and the lengths taken as a torn tail."""
    counts: dict[tuple[str, bool], Counter[str]] = {}
    problems: list[str] = []
    torn: list[int] = []
    for file, data in sample.files.items():
        living = file in (JOURNAL, DATA, SYNC)
        for restarted in (False, True) if living else (True,):
            count = counts[file, restarted] = Counter()
            for harm in harms(file, len(data), stride):
                try:
                    outcome = attempt(sample, root, harm, restarted=restarted)
                except Wrong as error:
                    outcome = WRONG
                    problems.append(f"{harm.words}, {'restarted' if restarted else 'running on'}: {error}")
                count[outcome] += 1
                if outcome == TORN and harm.cut:
                    torn.append(harm.place)
    return counts, problems, torn


def ranges(numbers: Sequence[int]) -> str:
    """Return rising numbers as ranges."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1][-1:] = [number]
        else:
            runs.append([number, number])
    return ", ".join(f"{first}…{last}" for first, last in runs) or "none"


def main(arguments: Sequence[str] | None = None) -> int:
    """Sweep, print the counts, return 1 when anything went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="every byte instead of every 37th")
    parser.add_argument("--stride", type=int, default=0)
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="bit-flips-") as folder:
        sample = make_sample(Path(folder) / "store")
        counts, problems, torn = sweep(sample, Path(folder) / "store", asked.stride or (1 if asked.full else 37))
    print(f"{'file':22}{'since then':>12}" + "".join(f"{outcome:>27}" for outcome in OUTCOMES))
    for (file, restarted), count in counts.items():
        short = f"{file[:18]}…" if len(file) > 19 else file
        since = "restarted" if restarted else "running on"
        print(f"{short:22}{since:>12}" + "".join(f"{count[outcome]:27}" for outcome in OUTCOMES))
    print(
        f"journal: lines end at {', '.join(map(str, sample.starts[1:]))}; the checkpoint knows entry {sample.covered}"
    )
    print(f"journal: lengths taken for a torn tail: {ranges(torn)}")
    for problem in problems[:20]:
        print(f"WRONG: {problem}")
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main())
