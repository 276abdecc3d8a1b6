"""Check whether a store holds what its writers were told that it holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from hocba_tui.errors import HocbaError, StoreUnusable
from hocba_tui.store.backend import SCHOOL
from hocba_tui.store.folder import FolderStore
from hocba_tui.store.intents import INTENTS
from tests.faults.acts import CLASSES, KEPT, RESULTS, ROUND, Act, fingerprint, now, state
from tests.faults.nursery import Report

_HEAD = ("hocba",)
"""The author of entries that belong to no act."""


def write(store: FolderStore, writer: str, acts: Iterable[int] = range(len(ROUND))) -> Report:
    """Do acts, by default one of every kind, and return the report, as a worker would."""
    for number in acts:
        Act(writer, number).do(store)
    return Report(writer, acked=set(acts), opened=True, ended=True)


def faults_in(root: Path, reports: Sequence[Report]) -> list[str]:
    """Return what is wrong with a store on which the writers of ``reports`` worked; this writes to it."""
    found = [f"{report.writer}: {bare}" for report in reports for bare in report.bare]
    found += [f"{report.writer} hangs" for report in reports if report.hung]
    try:
        found += _differences(root, reports, views=True)
        if found:
            return found
        after = write(FolderStore(root, now), "after")
        for path in root.rglob("data.json"):
            path.unlink()
        return [f"written on, without checkpoints: {what}" for what in _differences(root, [*reports, after])]
    except (HocbaError, OSError) as error:
        return [*found, f"{type(error).__name__}: {error}"]


def _differences(root: Path, reports: Sequence[Report], *, views: bool = False) -> Iterator[str]:
    """Open the store again and compare it with what the writers were told."""
    store = FolderStore(root, now)
    yield from filter(None, [store.shard(name).damage for name in (SCHOOL, *CLASSES)])
    if store.shard(SCHOOL).table(INTENTS):
        yield "an act across classes is neither finished nor undone"
    entries = {name: [e.act for e in store.shard(name).entries() if e.actor not in _HEAD] for name in CLASSES}
    present: list[Act] = []
    for report in reports:
        for number in report.begun:
            act = Act(report.writer, number)
            whole = _how_much(store, act, entries)
            if whole is None:
                yield f"{act.kind} {act.name} is there in part"
            elif whole:
                present.append(act)
            elif number in report.acked:
                yield f"{act.kind} {act.name} was acknowledged and is lost"
    yield from _unlike(store, entries, present)
    for report in reports:
        yield from _out_of_order(report, entries)
    if views:
        held = {name: fingerprint(store.shard(name).table(RESULTS)) for name in CLASSES}
        for report in reports:
            strange = [name for name, view in report.views.items() if view != held[name]]
            yield from (f"{report.writer} saw something else in {name}" for name in strange)


def _how_much(store: FolderStore, act: Act, entries: dict[str, list[str]]) -> bool | None:
    """Return whether the act is there: completely, not at all, or (None) in part."""
    try:
        if act.kind in KEPT:
            return store.shard(KEPT[act.kind]).kept(act.digest) == act.data or None
        if act.kind == "issue":
            return store.issued(act.name) == act.data or None
    except StoreUnusable as error:
        return None if "thay đổi" in error.what else False
    there = {act.name in entries[name] for name in act.classes}
    return None if len(there) > 1 else there.pop()


def _unlike(store: FolderStore, entries: dict[str, list[str]], present: Sequence[Act]) -> Iterator[str]:
    """Compare journals and tables with the acts that are there: each once, and nothing else."""
    expected = state(present)
    for name in CLASSES:
        acts = [act.name for act in present if name in act.classes]
        if Counter(acts) != Counter(entries[name]):
            strange = Counter(entries[name]) - Counter(acts)
            yield f"{name} has entries of no act, or twice: {', '.join(sorted(strange))}"
        if store.shard(name).table(RESULTS) != expected[name]:
            yield f"{name} does not hold what its journal says"


def _out_of_order(report: Report, entries: dict[str, list[str]]) -> Iterator[str]:
    """Compare the order of the acknowledged acts; one that was refused half way may be finished later."""
    acts = [Act(report.writer, number).name for number in sorted(report.acked)]
    for name, held in entries.items():
        kept = [act for act in held if act in acts]
        if kept != sorted(kept, key=acts.index):
            yield f"{name} has the acts of {report.writer} in the order {', '.join(kept)}"
