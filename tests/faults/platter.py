"""A model of a disk: a durable part, and changes that a power cut may lose.

A completed fsync or fdatasync keeps the data and the size of its file, the fsync of a folder keeps the
names in it; nothing else is certain. What is not kept may survive all the same, in any combination:
names one by one, data by sectors, each sector as it was at any time since the last sync, the size too.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator, Mapping
from pathlib import PurePosixPath

from tests.faults.recording import Call, Step

SECTOR = 512
Tree = dict[str, bytes | None]
"""Path below the modelled folder → the file's bytes, None for a folder. Parents come first."""
_TOP = 0


class NameChange:
    """Names in a folder that appear (with their inode) or disappear (None), together."""

    def __init__(self, call: Call, folder: int, names: dict[str, int | None]) -> None:
        self.call = call
        self.returned = False
        self.inode = folder
        self.names = names

    def apply(self, folder: dict[str, int]) -> None:
        for name, inode in self.names.items():
            if inode is None:
                folder.pop(name, None)
            else:
                folder[name] = inode


class DataChange:
    """Bytes written at a place in a file, or (None) a file that is cut or extended to that place."""

    def __init__(self, call: Call, inode: int, place: int, data: bytes | None) -> None:
        self.call = call
        self.returned = False
        self.inode = inode
        self.place = place
        self.data = data

    def apply(self, content: bytes) -> bytes:
        whole = content.ljust(self.place, b"\0")
        if self.data is None:
            return whole[: self.place]
        return whole[: self.place] + self.data + whole[self.place + len(self.data) :]

    def touches(self, sector: int) -> bool:
        """Return whether the sector that starts at byte ``sector`` is changed."""
        return self.place < sector + SECTOR and (self.data is None or sector < self.place + len(self.data))


class Platter:
    """A modelled folder. Give it the steps of a recording, then ask what a power cut might leave."""

    def __init__(self, top: str, tree: Mapping[str, bytes | None]) -> None:
        self._top = PurePosixPath(top)
        self._names: dict[int, dict[str, int]] = {_TOP: {}}
        self._content: dict[int, bytes] = {}
        self.pending: list[NameChange | DataChange] = []
        self._covers: dict[Call, list[NameChange | DataChange]] = {}
        self._last = _TOP
        for path, data in tree.items():
            self._names[self._inode(str((self._top / path).parent))][PurePosixPath(path).name] = self._new(data)
        self._kept_names = {folder: dict(names) for folder, names in self._names.items()}
        self._kept = dict(self._content)

    # --- what happens --------------------------------------------------------------------------

    def take(self, step: Step) -> bool:
        """Apply one step; return whether a power cut might now leave a different state than before."""
        call = step.call
        before = len(self.pending)
        if call.name in ("fsync", "fdatasync"):
            if step.begun:
                self._covers[call] = self._covered(call)
            elif call.result == 0:
                self._keep(self._covers.pop(call))
        elif step.begun and call.result >= 0:
            self._begin(call)
        elif not step.begun:
            self._seen(call)
        return len(self.pending) != before

    def _begin(self, call: Call) -> None:
        """Apply the call; until a sync covers it, a power cut may undo it."""
        path = call.paths[0]
        if call.name in ("open", "openat", "creat"):
            self._open(call, path)
        elif call.name in ("mkdir", "mkdirat"):
            self._rename(call, {path: self._new(None)})
        elif call.name in ("link", "linkat"):
            self._rename(call, {call.paths[1]: self._inode(path)})
        elif call.name in ("unlink", "unlinkat"):
            self._rename(call, {path: None})
        elif call.name in ("rename", "renameat", "renameat2"):
            self._rename(call, {call.paths[1]: self._inode(path), path: None})
        elif call.name == "write":  # Every file here is only appended to, or new.
            inode = self._inode(path)
            self._write(DataChange(call, inode, len(self._content[inode]), call.data))
        elif call.name in ("pwrite64", "ftruncate"):
            self._write(DataChange(call, self._inode(path), call.number, call.data if call.name[0] == "p" else None))

    def _open(self, call: Call, path: str) -> None:
        new = self._find(path) < 0
        if new and ("O_CREAT" in call.text or call.name == "creat"):
            self._rename(call, {path: self._new(b"")})
        elif not new and ("O_TRUNC" in call.text or call.name == "creat"):
            self._write(DataChange(call, self._inode(path), 0, None))

    def _rename(self, call: Call, names: Mapping[str, int | None]) -> None:
        folders = {self._inode(str(PurePosixPath(path).parent)) for path in names}
        if len(folders) > 1:
            raise ValueError("the model knows no move between folders")
        change = NameChange(call, folders.pop(), {PurePosixPath(path).name: inode for path, inode in names.items()})
        change.apply(self._names[change.inode])
        self.pending.append(change)

    def _write(self, change: DataChange) -> None:
        self._content[change.inode] = change.apply(self._content[change.inode])
        same = [
            old
            for old in self.pending
            if isinstance(old, DataChange) and (old.inode, old.place) == (change.inode, change.place)
            if old.data is not None and change.data is not None and len(old.data) == len(change.data)
        ]
        # A file that is never synced would gather versions without limit: its oldest and newest are enough.
        if len(same) > 1:
            self.pending.remove(same[-1])
        self.pending.append(change)

    def _seen(self, call: Call) -> None:
        """Note what a return proves to have happened, by its own call or by one that has not returned yet."""
        there = call.result >= 0 or call.error == "EEXIST"
        for change in self.pending:
            if change.call is call:
                change.returned = True
            elif isinstance(change, NameChange):
                # Another process found the name that is just being made.
                if there and any(self._find(path) in change.names.values() for path in call.paths):
                    change.returned = True
            elif call.name in ("fstat", "newfstatat") and there and change.call.name == "write":
                grown = change.place + len(change.data or b"") <= call.number
                if grown and self._find(call.paths[0]) == change.inode:
                    change.returned = True

    def _covered(self, call: Call) -> list[NameChange | DataChange]:
        """Return the changes that a sync beginning now brings to disk: those that surely came before."""
        inode = self._inode(call.paths[0])
        return [change for change in self.pending if change.returned and change.inode == inode]

    def _keep(self, changes: list[NameChange | DataChange]) -> None:
        for change in changes:
            if change not in self.pending:
                continue
            self.pending.remove(change)
            if isinstance(change, DataChange):
                self._kept[change.inode] = change.apply(self._kept.get(change.inode, b""))
            else:
                change.apply(self._kept_names.setdefault(change.inode, {}))

    # --- what a power cut may leave --------------------------------------------------------------

    def kept(self, path: str) -> bytes:
        """Return what of a file is surely on disk, whether its name is or not."""
        return self._kept.get(self._inode(path), b"")

    def left(self, survivors: Collection[NameChange | DataChange] = ()) -> Tree:
        """Return the folder when, of all that is not kept, only ``survivors`` reached the disk.

        Sectors are written completely: one that a surviving write touched also has what was written to it before.
        """
        chosen = set(survivors)
        content = dict(self._kept)
        for inode, (changes, versions) in self._unsynced().items():
            latest = [number for number, change in enumerate(changes, start=1) if change in chosen]
            size = len(versions[latest[-1] if latest else 0])
            sectors = [
                versions[max((n for n in latest if changes[n - 1].touches(start)), default=0)]
                for start in range(0, size, SECTOR)
            ]
            content[inode] = _together(sectors, size)
        return self._tree([c for c in self.pending if c in chosen and isinstance(c, NameChange)], content)

    def torn(self, chance: random.Random) -> Tree:
        """Return the folder when a random choice of names, sectors and sizes reached the disk."""
        likely = chance.choice((0.1, 0.5, 0.9))
        content = dict(self._kept)
        for inode, (_, versions) in self._unsynced().items():
            one = chance.randrange(len(versions))
            size = len(versions[one])
            if one + 1 < len(versions) and chance.random() < 0.3:
                size = chance.randint(*sorted((size, len(versions[one + 1]))))
            sectors = [
                versions[-1] if chance.random() < likely else chance.choice(versions) for _ in range(0, size, SECTOR)
            ]
            content[inode] = _together(sectors, size)
        names = [c for c in self.pending if isinstance(c, NameChange) and chance.random() < likely]
        return self._tree(names, content)

    def _unsynced(self) -> dict[int, tuple[list[DataChange], list[bytes]]]:
        """Return, by inode, the changes that are not kept and the file's content before, between and after them."""
        found: dict[int, tuple[list[DataChange], list[bytes]]] = {}
        for change in self.pending:
            if isinstance(change, DataChange):
                changes, versions = found.setdefault(change.inode, ([], [self._kept.get(change.inode, b"")]))
                changes.append(change)
                versions.append(change.apply(versions[-1]))
        return found

    def _tree(self, survivors: list[NameChange], content: Mapping[int, bytes]) -> Tree:
        names = {folder: dict(self._kept_names.get(folder, {})) for folder in self._names}
        for change in survivors:
            change.apply(names[change.inode])
        tree: Tree = {}

        def walk(folder: int, prefix: str) -> None:
            for name, inode in names[folder].items():
                tree[prefix + name] = None if inode in names else content.get(inode, b"")
                if inode in names:
                    walk(inode, f"{prefix}{name}/")

        walk(_TOP, "")
        return tree

    # --- inodes ----------------------------------------------------------------------------------

    def _new(self, data: bytes | None) -> int:
        self._last += 1
        if data is None:
            self._names[self._last] = {}
        else:
            self._content[self._last] = data
        return self._last

    def _find(self, path: str) -> int:
        """Return the inode of ``path``, -1 when there is none."""
        if not PurePosixPath(path).is_relative_to(self._top):
            return -1
        inode = _TOP
        for name in PurePosixPath(path).relative_to(self._top).parts:
            inode = self._names.get(inode, {}).get(name, -1)
        return inode

    def _inode(self, path: str) -> int:
        inode = self._find(path)
        if inode < 0:
            raise KeyError(path)
        return inode


def states(platter: Platter, chance: random.Random, tears: int) -> Iterator[tuple[str, Tree]]:
    """Yield what a power cut at this moment may leave, and by which choice."""
    pending = platter.pending
    yield "nothing", platter.left()
    yield "everything", platter.left(pending)
    for number in range(1, len(pending)):
        yield "the first", platter.left(pending[:number])
    for number in range(len(pending)):
        yield "one lost", platter.left([*pending[:number], *pending[number + 1 :]])
        yield "one alone", platter.left([pending[number]])
    for _ in range(tears if pending else 0):
        yield "torn", platter.torn(chance)


def _together(versions: list[bytes], size: int) -> bytes:
    """Return a file of ``size`` with one sector from each of ``versions``; beyond a version's end it is NUL."""
    starts = range(0, size, SECTOR)
    sectors = (data[start : start + SECTOR].ljust(SECTOR, b"\0") for data, start in zip(versions, starts, strict=True))
    return b"".join(sectors)[:size]
