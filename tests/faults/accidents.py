"""What people and computers do to the files of a store behind its back."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from hocba_tui.store.backend import SCHOOL
from hocba_tui.store.journal_file import JOURNAL
from hocba_tui.store.protect import protect
from hocba_tui.store.shard import DATA
from hocba_tui.store.syncing import LOCK, durable_size
from tests.faults.clerk import CLASSES, CLOCK, OTHER_BOOT, STOP, STOPS_IN, Board

YEAR = 365.25 * 86400
STRANGER = 54321
"""A number of a user of the machine that is not ours."""


@dataclass
class Scene:
    """A store at which clerks are at work, and the shard that meets with an accident."""

    root: Path
    aside: Path
    """An empty folder outside the store, on the same disk."""
    older: Path
    """A copy of the store from a moment ago."""
    name: str
    chance: Random
    board: Board
    clerks: list[int]
    """The process ids of those who are at work."""
    touched: set[str] = field(default_factory=set)
    """The shards whose files are not theirs any more."""
    back: list[Callable[[], object]] = field(default_factory=list)
    """What puts the right files back, in this order."""
    stopped: int = 0

    @property
    def folder(self) -> Path:
        return self.root / self.name

    @property
    def journal(self) -> Path:
        return self.folder / JOURNAL

    @property
    def other(self) -> str:
        """Return another class."""
        return next(name for name in CLASSES if name != self.name)

    def put_away(self) -> Path:
        """Keep the journal under another name too, so that it can be put back whatever becomes of its own."""
        kept = self.aside / JOURNAL
        kept.hardlink_to(self.journal)
        self.back.append(lambda: kept.replace(self.journal))
        return kept

    def put_in_place(self, make: Callable[[Path], object]) -> None:
        """Put something in the journal's place in one step."""
        self.put_away()
        new = self.folder / ".new"
        make(new)
        new.replace(self.journal)


@contextlib.contextmanager
def quiet(path: Path) -> Iterator[int]:
    """Hold a journal's lock, so that what is kept of it is everything that was in it."""
    handle = os.open(path, os.O_RDWR)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
    finally:
        os.close(handle)


# --- another file in the journal's place -------------------------------------------------------


def journal_copied(scene: Scene) -> None:
    scene.put_in_place(lambda new: shutil.copy2(scene.journal, new))


def journal_older(scene: Scene) -> None:
    scene.put_in_place(lambda new: shutil.copy2(scene.older / scene.name / JOURNAL, new))


def journal_empty(scene: Scene) -> None:
    scene.put_in_place(lambda new: new.touch(0o600))


def journal_removed(scene: Scene) -> None:
    scene.put_away()
    scene.journal.unlink()


def journal_away_and_back(scene: Scene) -> None:
    away = scene.folder / "away.log"
    scene.journal.rename(away)
    time.sleep(0.05)
    away.rename(scene.journal)


def journal_has_second_name(scene: Scene) -> None:
    (scene.aside / "second").hardlink_to(scene.journal)


def link_to_older(scene: Scene) -> None:
    scene.put_in_place(lambda new: new.hardlink_to(scene.older / scene.name / JOURNAL))


def link_to_other_class(scene: Scene) -> None:
    scene.put_in_place(lambda new: new.hardlink_to(scene.root / scene.other / JOURNAL))


def symbolic_link_to_itself(scene: Scene) -> None:
    scene.put_in_place(lambda new: new.symlink_to(scene.aside / JOURNAL))


def symbolic_link_to_other_class(scene: Scene) -> None:
    scene.put_in_place(lambda new: new.symlink_to(scene.root / scene.other / JOURNAL))


# --- the same file, with something else in it --------------------------------------------------


def _cut(scene: Scene, *, in_line: bool) -> None:
    with quiet(scene.journal) as handle:
        data = os.pread(handle, os.fstat(handle).st_size, 0)
        # Lines that are surely on disk: of others nobody was told that they are saved.
        lines = data[: durable_size(scene.journal)].splitlines(keepends=True)
        left = b"".join(lines[: -scene.chance.randint(1, 3)])
        end = len(left) + (scene.chance.randint(1, len(lines[-1]) // 2) if in_line else 0)
        os.ftruncate(handle, end)
    scene.back.append(lambda: _write_over(scene.journal, data))


def cut_at_a_line(scene: Scene) -> None:
    _cut(scene, in_line=False)


def cut_in_a_line(scene: Scene) -> None:
    _cut(scene, in_line=True)


def emptied(scene: Scene) -> None:
    data = _write_over(scene.journal, b"")
    scene.back.append(lambda: _write_over(scene.journal, data))


def older_written_over(scene: Scene) -> None:
    """Copy as ``cp`` does onto a file that exists."""
    data = _write_over(scene.journal, (scene.older / scene.name / JOURNAL).read_bytes())
    scene.back.append(lambda: _write_over(scene.journal, data))


def _write_over(path: Path, data: bytes) -> bytes:
    """Write into a file that keeps its number, and return what it held."""
    with quiet(path) as handle:
        held = os.pread(handle, os.fstat(handle).st_size, 0)
        os.ftruncate(handle, len(data))
        os.pwrite(handle, data, 0)
        return held


# --- whole folders -----------------------------------------------------------------------------


def _folder_away(scene: Scene) -> None:
    away = scene.aside / "folder"
    scene.folder.rename(away)

    def back() -> None:
        if scene.folder.exists():
            scene.folder.rename(scene.aside / "laid over")
        away.rename(scene.folder)

    scene.back.append(back)


def folder_laid_over(scene: Scene) -> None:
    _folder_away(scene)
    shutil.copytree(scene.older / scene.name, scene.folder)


def folder_removed(scene: Scene) -> None:
    _folder_away(scene)


def folders_exchanged(scene: Scene) -> None:
    other = scene.root / scene.other
    scene.touched.add(scene.other)

    def exchange() -> None:
        scene.folder.rename(scene.aside / "between")
        other.rename(scene.folder)
        (scene.aside / "between").rename(other)

    exchange()
    scene.back.append(exchange)


# --- the files beside the journal --------------------------------------------------------------


def checkpoint_older(scene: Scene) -> None:
    shutil.copy2(scene.older / scene.name / DATA, scene.folder / DATA)


def checkpoint_of_other_class(scene: Scene) -> None:
    shutil.copy2(scene.root / scene.other / DATA, scene.folder / DATA)


def checkpoint_removed(scene: Scene) -> None:
    (scene.folder / DATA).unlink()


def sync_of_other_boot(scene: Scene) -> None:
    """Leave what another start of the computer would have left."""
    said = (scene.folder / LOCK).read_bytes()
    with (scene.folder / LOCK).open("r+b") as file:
        file.write(re.sub(rb"^[0-9a-f-]{36}", OTHER_BOOT, said))


def sync_older(scene: Scene) -> None:
    shutil.copy2(scene.older / scene.name / LOCK, scene.folder / LOCK)


def sync_removed(scene: Scene) -> None:
    (scene.folder / LOCK).unlink()


# --- owners and modes --------------------------------------------------------------------------


def _open_to_others(scene: Scene, path: Path, mode: int) -> None:
    own = path.stat().st_mode & 0o777
    path.chmod(mode)
    by_command = scene.chance.random() < 0.5
    scene.back.append(lambda: list(protect(scene.root)) if by_command else path.chmod(own))


def journal_open_to_others(scene: Scene) -> None:
    _open_to_others(scene, scene.journal, 0o666)


def folder_open_to_others(scene: Scene) -> None:
    _open_to_others(scene, scene.folder, 0o777)


def sync_open_to_others(scene: Scene) -> None:
    _open_to_others(scene, scene.folder / LOCK, 0o666)


def _given_away(scene: Scene, path: Path) -> None:
    os.chown(path, STRANGER, -1)
    by_command = scene.chance.random() < 0.5
    scene.back.append(lambda: list(protect(scene.root)) if by_command else os.chown(path, os.geteuid(), -1))


def journal_of_another_owner(scene: Scene) -> None:
    _given_away(scene, scene.journal)


def folder_of_another_owner(scene: Scene) -> None:
    _given_away(scene, scene.folder)


# --- the computer ------------------------------------------------------------------------------


def two_boots(scene: Scene) -> None:
    """Do nothing more: some clerks were told all the time that the computer was started at another time."""


def clock_forward(scene: Scene) -> None:
    scene.board[CLOCK] = 7 * YEAR


def clock_back(scene: Scene) -> None:
    scene.board[CLOCK] = -7 * YEAR


def clock_to_and_fro(scene: Scene) -> None:
    for years in (3, -3, 9, -9, 1):
        scene.board[CLOCK] = years * YEAR
        time.sleep(0.01)


def _stop_one_with_lock(scene: Scene, step: str) -> None:
    """Stop a clerk while it has a lock: it stops itself there, since chance would seldom meet it."""
    scene.stopped = scene.clerks[0]
    scene.board[STOP] = next(code for code, name in STOPS_IN.items() if name == step)
    until = time.monotonic() + 60
    while Path(f"/proc/{scene.stopped}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "T":
        if time.monotonic() > until:
            raise RuntimeError(f"nobody stopped in {step}")
        time.sleep(0.001)
    scene.back.append(lambda: os.kill(scene.stopped, signal.SIGCONT))


def stopped_with_the_journal(scene: Scene) -> None:
    _stop_one_with_lock(scene, "append")


def stopped_with_the_sync(scene: Scene) -> None:
    _stop_one_with_lock(scene, "sync")


# --- all of them -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Accident:
    """A kind of accident, and what is asked of the store after it."""

    do: Callable[[Scene], None]
    harmless: bool = False
    """Everybody goes on: no change is refused."""
    known_alone: bool = False
    """The check finds it also where nobody was there and nothing was noted."""
    of_classes: bool = False
    """It happens to classes only."""

    @property
    def name(self) -> str:
        return self.do.__name__

    @property
    def under_work(self) -> bool:
        """Return whether somebody has to be at work for it to happen."""
        return self.do in (stopped_with_the_journal, stopped_with_the_sync)

    @property
    def opens_files(self) -> bool:
        """Return whether the files are what they were, and only not to be used for a while."""
        return self.under_work or "owner" in self.name or "open_to" in self.name


ACCIDENTS = (
    Accident(journal_copied),
    Accident(journal_older),
    Accident(journal_empty, known_alone=True),
    Accident(journal_removed, known_alone=True),
    Accident(journal_away_and_back),
    Accident(journal_has_second_name, harmless=True),
    Accident(link_to_older),
    Accident(link_to_other_class),
    Accident(symbolic_link_to_itself, known_alone=True),
    Accident(symbolic_link_to_other_class, known_alone=True),
    Accident(cut_at_a_line, known_alone=True),
    Accident(cut_in_a_line, known_alone=True),
    Accident(emptied, known_alone=True),
    Accident(older_written_over, known_alone=True),
    Accident(folder_laid_over, of_classes=True),
    Accident(folder_removed, of_classes=True, known_alone=True),
    Accident(folders_exchanged, of_classes=True, known_alone=True),
    Accident(checkpoint_older, harmless=True),
    Accident(checkpoint_of_other_class, harmless=True),
    Accident(checkpoint_removed, harmless=True),
    Accident(sync_of_other_boot, harmless=True),
    Accident(sync_older, harmless=True),
    Accident(sync_removed, harmless=True),
    Accident(journal_open_to_others),
    Accident(folder_open_to_others),
    Accident(sync_open_to_others),
    Accident(two_boots, harmless=True),
    Accident(clock_forward, harmless=True),
    Accident(clock_back, harmless=True),
    Accident(clock_to_and_fro, harmless=True),
    Accident(stopped_with_the_journal),
    Accident(stopped_with_the_sync),
    *([Accident(journal_of_another_owner), Accident(folder_of_another_owner)] if os.geteuid() == 0 else []),
)


def targets(accident: Accident) -> tuple[str, ...]:
    """Return the shards to which it can happen."""
    return CLASSES[:2] if accident.of_classes else (SCHOOL, "outbox", *CLASSES[:2])
