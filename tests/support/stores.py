"""A small store with some of everything, and functions to look at its bytes and to damage it."""

from __future__ import annotations

import os
import shutil
import stat
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from hocba_tui.clock import VIETNAM
from hocba_tui.log.lines import FOLDER
from hocba_tui.store.backend import Edit
from hocba_tui.store.checking import Flaw, check_school, check_shard, journals_in
from hocba_tui.store.folder import FolderStore

A, B, LOG = "2025-2026/5A", "2025-2026/5B", "activity/2026"
NAME = "Trần Minh Anh"
KEPT = Path(__file__).parents[1] / "fixtures"
"""Stores of each format, written when it was the current one; see the README beside each."""
Result = TypeVar("Result")
Facts = dict[str, tuple[int, bytes]]


def now() -> datetime:
    return datetime(2026, 6, 10, 22, 30, tzinfo=VIETNAM)


class Ticking:
    """A clock that advances by a second each time it is read."""

    def __init__(self) -> None:
        self.at = now()

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


def put(store: FolderStore, shard: str, field: str, after: object, before: object = None) -> None:
    store.shard(shard).change("gv.5a", "enter", [Edit("results", "hs1", field, before, after)])


def filled(root: Path) -> FolderStore:
    """Make a store that contains every kind of file."""
    store = FolderStore.create(root, Ticking())
    for name in (A, B):
        store.shard(name).change("hocba", "found", [Edit("pupils", "hs1", "name", None, NAME)])
        for number in range(4):
            put(store, name, f"f{number}", number)
    digest = store.shard(A).keep(b"<HOC_BA/>" * 50)
    store.shard(A).change("gv.5a", "submit", [Edit("records", "hs1", "frozen", None, digest)])
    store.across("vanthu", "rename", {n: [Edit("pupils", "hs1", "nick", None, "Bống")] for n in (A, B)})
    store.issue("u1", b"<HOC_BA>x</HOC_BA>")
    store.log_access("gv.5a", "view", "5A")
    store.note_sent("m1", ["u1"])
    store.keep_draft("gv.5a", "5A/hs1", "đang gõ")
    with store.exclusive("sending"):
        pass
    for name in (A, B, "school"):
        store.shard(name).checkpoint()
    return store


def kept_store(number: int, root: Path) -> Path:
    """Copy the store of format ``number`` to ``root``, with the modes of a store, which git does not keep."""
    shutil.copytree(KEPT / f"store-format-{number}" / "store", root)
    for path in (root, *root.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o400 if path.parent.name in {"issued", "frozen"} else 0o600)
    return root


def blob_of(edit: Edit) -> str:
    return edit.after if edit.field == "frozen" and isinstance(edit.after, str) else ""


def flaws(root: Path) -> list[Flaw]:
    """Return what is wrong with each shard and with the store, without what a school's files say of each other."""
    names = journals_in(root)
    proofs = [check_school(root, names, blob_of), *(check_shard(root, name, blob_of) for name in names)]
    return [flaw for proof in proofs for flaw in proof.flaws]


def facts(root: Path) -> Facts:
    """Return mode and bytes (or target) of everything below ``root`` by name, without the logs that stores keep."""
    found: Facts = {}
    logs = {path.parent.parent / FOLDER for path in root.rglob("school/journal.log")}
    for path in sorted(root.rglob("*")):
        if logs.intersection((path, *path.parents)):
            continue
        status = path.lstat()
        data = b""
        if stat.S_ISREG(status.st_mode):
            data = path.read_bytes()
        elif stat.S_ISLNK(status.st_mode):
            data = os.fsencode(path.readlink())
        found[str(path.relative_to(root))] = (status.st_mode, data)
    return found


def journal(root: Path, shard: str = A) -> Path:
    return root / shard / "journal.log"


def flip(path: Path, position: int) -> None:
    """Damage one byte in place, as a failing disk does."""
    with path.open("r+b") as file:
        file.seek(position)
        held = file.read(1)[0]
        file.seek(position)
        file.write(bytes([held ^ 0x01]))


def damage_line(path: Path, number: int) -> int:
    """Damage line ``number`` of a journal; return where it begins."""
    lines = path.read_bytes().splitlines(keepends=True)
    start = sum(len(line) for line in lines[:number])
    flip(path, start + 40)
    return start


def ends(act: Callable[[], Result]) -> Result:
    """Return what ``act`` returns; fail when it blocks."""
    found: list[Result] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            found.append(act())
        except BaseException as error:  # noqa: BLE001  # raised again below
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(5)
    for error in failed:
        raise error
    assert found, "it hangs"
    return found[0]
