"""Check whether a store after a power cut keeps every promise."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from hocba_tui.errors import HocbaError
from hocba_tui.store import checkpoint, journal, syncing
from hocba_tui.store import shard as shards
from hocba_tui.store.backend import SCHOOL, Edit, Entry
from hocba_tui.store.folder import FolderStore
from hocba_tui.store.intents import INTENTS
from hocba_tui.store.shard import FileShard
from hocba_tui.store.tables import Tables
from tests.faults.platter import Tree
from tests.faults.power_worker import CLASS, OTHER_CLASS, frequent_checkpoints, now, paper

ALL = (SCHOOL, CLASS, OTHER_CLASS)
RECOVERY = {"create", "new_shard", "transfer", "transfer:end"}
"""Acts that opening a store may add: a first line, and what finishes an intent."""
Acknowledgement = Mapping[str, Any]


@dataclass(frozen=True)
class Truth:
    """What was done in the end: the complete journals of the recorded runs."""

    store: str
    """Name of the store's folder in a tree."""
    lines: Mapping[str, Sequence[bytes]]

    @classmethod
    def read(cls, root: Path) -> Truth:
        return cls(root.name, {name: (root / name / "journal.log").read_bytes().splitlines(True) for name in ALL})

    def surviving(self, tree: Tree, name: str) -> list[Entry]:
        """Return the complete entries at the beginning of a shard's journal."""
        held = (tree.get(f"{self.store}/{name}/journal.log") or b"").splitlines(keepends=True)
        alike = 0
        while alike < min(len(held), len(self.lines[name])) and held[alike] == self.lines[name][alike]:
            alike += 1
        return [journal.decode(line, None).entry for line in held[:alike]]


def missing(truth: Truth, tree: Tree, acknowledgement: Acknowledgement) -> str | None:
    """Return what an acknowledged act lacks in ``tree``, read without the store; None when it is all there."""
    act = acknowledgement["act"]
    entries = {name: truth.surviving(tree, name) for name in ALL}
    if act == "create":
        whole = entries[SCHOOL] and (tree.get(f"{truth.store}/format") or b"").strip().isdigit()
    elif act == "change":
        after = entries[acknowledgement["shard"]][acknowledgement["seq"] :]
        whole = after and after[0].actor == acknowledgement["by"]
    elif act == "keep":
        data = tree.get(f"{truth.store}/{acknowledgement['shard']}/frozen/{acknowledgement['digest']}") or b""
        whole = hashlib.sha256(data).hexdigest() == acknowledgement["digest"]
    elif act == "issue":
        uuid = acknowledgement["uuid"]
        whole = tree.get(f"{truth.store}/issued/{uuid}.xml") == paper(uuid)
    else:
        steps = [e for name in (CLASS, OTHER_CLASS) for e in entries[name] if e.act == "transfer"]
        whole = [e.actor for e in steps].count(acknowledgement["pupil"]) == 2
    return None if whole else f"acknowledged and not there: {json.dumps(acknowledgement)}"


def lay(tree: Tree, folder: Path) -> None:
    """Write ``tree`` into ``folder``, which is emptied before."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    for path, data in tree.items():
        if data is None:
            (folder / path).mkdir(mode=0o700)
        else:
            handle = os.open(folder / path, os.O_WRONLY | os.O_CREAT, 0o600)
            os.write(handle, data)
            os.close(handle)


def judge(truth: Truth, tree: Tree, acknowledged: Sequence[Acknowledgement], scratch: Path) -> list[str]:
    """Open what the power cut left, work on it, and return everything that is not as promised."""
    lay(tree, scratch)
    root = scratch / truth.store
    with (
        patch.object(syncing, "_boot", lambda: b"after-the-power-cut"),
        frequent_checkpoints(),
        patch.object(shards, "_FAIRNESS_PAUSE", 0),
        # No power is cut here.
        patch.object(os, "fsync", _nothing),
        patch.object(os, "fdatasync", _nothing),
    ):
        try:
            return list(_wrong(truth, tree, acknowledged, root))
        except HocbaError as error:
            # A store whose creation was never acknowledged may be refused.
            return [f"{type(error).__name__}: {error}"] if acknowledged else []


def _wrong(truth: Truth, tree: Tree, acknowledged: Sequence[Acknowledgement], root: Path) -> Iterable[str]:
    for path in (root / name / "data.json" for name in ALL):
        if path.exists() and checkpoint.load(path) is None:
            yield f"{path.parent.name}/data.json is not whole"
    store = FolderStore(root, now)
    opened = {name: store.shard(name) for name in ALL}
    damaged = [shard.damage for shard in opened.values() if shard.damage]
    if damaged:
        # A store whose creation was never acknowledged may be unusable.
        yield from damaged if acknowledged else ()
        return
    for name, shard in opened.items():
        yield from _wrong_shard(shard, truth.surviving(tree, name))
    left, came = set(opened[CLASS].table("left")), set(opened[OTHER_CLASS].table("came"))
    if left != came or opened[SCHOOL].table(INTENTS):
        yield f"a move done by half: left {left}, came {came}, intents {dict(opened[SCHOOL].table(INTENTS))}"
    for acknowledgement in acknowledged:
        if not _there(store, acknowledgement):
            yield f"lost: {json.dumps(acknowledgement)}"
    yield from _wrong_papers(store)
    yield from _goes_on(store, opened, root)


def _wrong_papers(store: FolderStore) -> Iterable[str]:
    """Look for the files that the journal names: they must exist, even when the entry was not acknowledged."""
    for document in store.shard(CLASS).table("frozen").values():
        store.shard(CLASS).kept(document["digest"])
    for document in store.shard(CLASS).table("issued").values():
        if store.issued(document["uuid"]) != paper(document["uuid"]):
            yield f"the issued file {document['uuid']} is not what was issued"


def _there(store: FolderStore, acknowledgement: Acknowledgement) -> bool:
    act = acknowledgement["act"]
    if act == "change":
        return bool(acknowledgement["seq"] <= store.shard(acknowledgement["shard"]).seq)
    if act == "keep":
        return bool(store.shard(acknowledgement["shard"]).kept(acknowledgement["digest"]))
    if act == "issue":
        return store.issued(acknowledgement["uuid"]) == paper(acknowledgement["uuid"])
    return act == "create" or acknowledgement["pupil"] in store.shard(CLASS).table("left")


def _wrong_shard(shard: FileShard, survived: list[Entry]) -> Iterable[str]:
    entries = list(shard.entries())
    if entries[: len(survived)] != survived:
        yield f"{shard.name}: whole lines of the journal are not read"
    added = {entry.act for entry in entries[len(survived) :]}
    if not added <= RECOVERY:
        yield f"{shard.name}: {added} from nowhere"
    replayed = Tables()
    replayed.apply(edit for entry in entries for edit in entry.edits)
    if _filled(replayed.documents) != _filled({name: shard.table(name) for name in replayed.documents}):
        yield f"{shard.name}: the tables are not what the journal says"


def _goes_on(store: FolderStore, opened: Mapping[str, FileShard], root: Path) -> Iterable[str]:
    """Write to everything and read it with a newly opened store."""
    before = {name: list(shard.entries()) for name, shard in opened.items()}
    for shard in opened.values():
        shard.change("after", "go_on", [Edit("after", "hs1", "mark", None, 9)])
    digest = opened[CLASS].keep(paper("kept afterwards"))
    # An act that the power cut interrupted is done again: the same bytes are accepted.
    for path in list((root / "issued").glob("[!.]*.xml")):
        store.issue(path.stem, paper(path.stem))
    store.across("after", "transfer", {CLASS: [Edit("left", "after", "moved", None, True)]})
    fresh = FolderStore(root, now)
    for name, entries in before.items():
        shard = fresh.shard(name)
        if shard.damage or list(shard.entries())[: len(entries)] != entries or not shard.document("after", "hs1"):
            yield f"{name}: work does not go on ({shard.damage})"
    fresh.shard(CLASS).kept(digest)


def _nothing(handle: int) -> None:
    pass


def _filled(documents: Mapping[str, Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {name: table for name, table in documents.items() if table}
