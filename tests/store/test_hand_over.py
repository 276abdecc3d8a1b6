"""Give a store to another user: what root's hand is not led to, and where it may be ended."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from hocba_tui.errors import StoreUnusable
from hocba_tui.store.locks import IN_USE
from hocba_tui.store.protect import Owner, give, look, owner_before
from tests.support.stores import facts, filled

ME = os.geteuid()
TO = Owner(64_210, 64_211)


class Machine:
    """Who owns what, as root would see it: a test is not root, and gives nothing away."""

    def __init__(self, root: Path, patch: pytest.MonkeyPatch) -> None:
        self.root = root
        self.owners: dict[int, Owner] = {}
        self.given: list[str] = []
        """Names in the order in which they were given away, with those that root took for itself."""
        self.fails_at = -1
        self._stat, self._fstat = os.stat, os.fstat
        patch.setattr(os, "fchown", self._fchown)
        patch.setattr(os, "chown", self._chown)
        patch.setattr(os, "fstat", lambda handle: self._as_owned(self._fstat(handle)))
        patch.setattr(os, "stat", lambda *path, **how: self._as_owned(self._stat(*path, **how)))

    def _as_owned(self, found: os.stat_result) -> os.stat_result:
        owner = self.owners.get(found.st_ino)
        return os.stat_result((*found[:4], *owner, *found[6:10])) if owner else found

    def _fchown(self, handle: int, uid: int, gid: int) -> None:
        if len(self.given) == self.fails_at:
            raise KeyboardInterrupt
        name = Path(f"/proc/self/fd/{handle}").readlink()
        self.given.append(str(name.relative_to(self.root)))
        self.owners[self._fstat(handle).st_ino] = Owner(uid, gid)

    def _chown(self, path: Path, uid: int, gid: int, *, follow_symlinks: bool = True) -> None:
        assert not follow_symlinks
        self.owners[self._stat(path, follow_symlinks=False).st_ino] = Owner(uid, gid)

    def owner(self, path: Path) -> int:
        return path.lstat().st_uid


@pytest.fixture
def root(tmp_path: Path) -> Path:
    filled(tmp_path / "store")
    (tmp_path / "store" / "log").mkdir(mode=0o700)
    return tmp_path / "store"


@pytest.fixture
def machine(root: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(root, monkeypatch)


def everything(root: Path) -> Iterator[Path]:
    yield root
    yield from root.rglob("*")


def test_every_file_and_folder_is_given_the_lock_last_and_then_the_folder(root: Path, machine: Machine) -> None:
    (root / "school" / "data.json").chmod(0o664)
    before = {name: data for name, (_, data) in facts(root).items()}
    contents = look(root, {ME, TO.uid})
    give(root, ME, TO, contents)
    assert {machine.owner(path) for path in everything(root)} == {TO.uid}
    assert machine.given[-2:] == [IN_USE, "."]
    assert len(machine.given) == len(list(everything(root)))
    assert contents.files == sum(path.is_file() for path in root.rglob("*"))
    assert {name: data for name, (_, data) in facts(root).items()} == before
    assert not [path for path in everything(root) if path.stat().st_mode & 0o077]
    assert (root / "school" / "data.json").stat().st_mode & 0o777 == 0o600
    assert stat.S_IMODE(next((root / "issued").iterdir()).stat().st_mode) == 0o400, "what is read-only stays so"


def test_ended_anywhere_it_opens_for_nobody_and_the_same_call_goes_on(root: Path, machine: Machine) -> None:
    names = len(list(everything(root)))
    for stop in range(names):
        machine.owners.clear()
        machine.given.clear()
        machine.fails_at = stop
        contents = look(root, {ME, TO.uid})
        with pytest.raises(KeyboardInterrupt):
            give(root, ME, TO, contents)
        assert machine.owner(root) == 0, "nobody but root can enter"
        before = owner_before(root)
        assert before == (TO.uid if stop == names - 1 else ME)
        machine.fails_at = -1
        give(root, before, TO, look(root, {before, TO.uid}))
        assert {machine.owner(path) for path in everything(root)} == {TO.uid}
        assert sorted(machine.given) == sorted({*machine.given}), "nothing is done twice"
        assert owner_before(root) == TO.uid


@pytest.mark.parametrize("what", ["link", "folder link", "pipe", "socket", "hard link", "another's"])
def test_what_is_not_the_stores_is_refused_before_anything_changes(
    root: Path, tmp_path: Path, machine: Machine, what: str
) -> None:
    outside, inside = tmp_path / "outside", root / "school" / "x"
    outside.mkdir()
    (outside / "shadow").write_text("secret", encoding="utf-8")
    if what == "link":
        inside.symlink_to(outside / "shadow")
    elif what == "folder link":
        inside.symlink_to(outside)
    elif what == "pipe":
        os.mkfifo(inside)
    elif what == "socket":
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(str(tmp_path / "s"))
            (tmp_path / "s").rename(inside)
    elif what == "hard link":
        inside.hardlink_to(outside / "shadow")
    owners = {TO.uid} if what == "another's" else {ME, TO.uid}
    with pytest.raises(StoreUnusable, match="không phải của riêng kho"):
        look(root, owners)
    assert machine.given == []
    assert machine.owner(outside / "shadow") == ME


def test_two_names_within_the_store_are_its_own(root: Path, machine: Machine) -> None:
    (root / "issued" / "again").hardlink_to(next((root / "issued").glob("*.xml")))
    contents = look(root, {ME, TO.uid})
    assert list(contents.linked.values()) == [2]
    give(root, ME, TO, contents)
    assert {machine.owner(path) for path in everything(root)} == {TO.uid}


@pytest.mark.parametrize("late", ["hard link", "pipe"])
def test_what_comes_after_the_look_stops_it(root: Path, tmp_path: Path, machine: Machine, late: str) -> None:
    contents = look(root, {ME, TO.uid})
    (tmp_path / "shadow").write_text("secret", encoding="utf-8")
    inside = root / "school" / "x"
    if late == "pipe":
        os.mkfifo(inside)
    else:
        inside.hardlink_to(tmp_path / "shadow")
    with pytest.raises(StoreUnusable, match="vừa được ai đó đặt vào"):
        give(root, ME, TO, contents)
    assert machine.owner(tmp_path / "shadow") == ME
    assert machine.owner(root) == 0


def test_a_link_that_comes_after_the_look_is_not_followed(root: Path, tmp_path: Path, machine: Machine) -> None:
    contents = look(root, {ME, TO.uid})
    (tmp_path / "shadow").write_text("secret", encoding="utf-8")
    (root / "school" / "x").symlink_to(tmp_path / "shadow")
    with pytest.raises(OSError, match="x"):
        give(root, ME, TO, contents)
    assert machine.owner(tmp_path / "shadow") == ME


def test_a_folder_that_cannot_be_listed_is_not_left_out(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise OSError(5, "input/output error")

    monkeypatch.setattr(os, "scandir", fails)
    with pytest.raises(OSError, match="input/output"):
        look(root, {ME})
