"""Doors for the log of who did what: its journals, the log of before, failed log-ins, heads that the seal signed."""

from __future__ import annotations

import base64
import hashlib
import shutil
from contextlib import suppress

import orjson

from hocba_tui.errors import HocbaError, StoreUnusable
from hocba_tui.flow.activity.failed import noted_until, take_failed
from hocba_tui.flow.records.journal_heads import Statement, problems
from hocba_tui.store.activity.heads_now import has, last_lines
from hocba_tui.store.activity.noting import OLD_LOG, journal_of_year, spread_out, take_over
from hocba_tui.store.activity.scanning import hits
from hocba_tui.store.backend import Sieve
from hocba_tui.store.folder import FolderStore
from tests.attacks.fuzz.door import Door
from tests.attacks.fuzz.doors_of_store import SEEDS, journals_of, with_file
from tests.attacks.fuzz.material import NOW, Material
from tests.support.stores import A

_OLD = b'{"at": "2026-06-10T08:00:00+07:00", "by": "gv.5a", "do": "view_card", "what": "5A/hs1"}\nno line of ours\n'
_FAILED = [{"login": "gv.hoa", "came_from": "192.168.1.7", "at": "2026-06-10T08:00:00+07:00", "times": 3}]
_HEADS = {"what": "hocba-heads-1", "at": "2026-06-10T08:00:00", "heads": {A: [3, 10, 20, "ab"]}}


def _searched(material: Material, data: bytes) -> None:
    """What is found is decoded with its checksum; everything else of a damaged journal is passed over."""
    root = with_file(material, f"{A}/journal.log", data)
    for sieve in (Sieve(), Sieve(since="2026", until="2027", having=("gv.5a", "x"), acts=frozenset({"enter"}))):
        for hit in hits(root / A / "journal.log", sieve, lambda: ""):
            with suppress(StoreUnusable):
                hit.entry()
    assert all(has(root, name, line) for name, line in last_lines(root, [A]).items())
    shutil.rmtree(root)


def _old_log(material: Material, data: bytes) -> None:
    root = with_file(material, OLD_LOG, data)
    store = FolderStore(root, lambda: NOW)
    take_over(root, store.shard, NOW)
    for entry in journal_of_year(store.shard, NOW.year).entries():
        list(spread_out(entry))
    shutil.rmtree(root)


def _failed(material: Material, data: bytes) -> None:
    root = with_file(material, OLD_LOG, b"")
    try:
        take_failed(root, data)
        noted_until(root)
    finally:
        shutil.rmtree(root)


def _statement(material: Material, data: bytes) -> None:
    """A restored store may hold any text, value and certificate."""
    encoded = base64.b64encode(data).decode()
    for document in ({"text": encoded, "value": encoded, "der": encoded}, {"text": 5, "value": None}):
        if found := Statement.of(document):
            found.is_signed_by([hashlib.sha256(found.certificate).hexdigest().upper()])
            with suppress(HocbaError):
                list(problems(material.little, found, []))


DOORS = [
    Door(
        "journal that is searched", "journal", ("store/activity/scanning.py", "store/activity/heads_now.py"),
        journals_of(*SEEDS), _searched,
    ),
    Door("log of before", "text", ("store/activity/noting.py",), lambda _: [_OLD], _old_log, examples=15),
    Door(
        "failed log-ins", "json", ("flow/activity/failed.py",), lambda _: [orjson.dumps(_FAILED)], _failed, examples=15
    ),
    Door(
        "heads that were signed", "json", ("flow/records/journal_heads.py",), lambda _: [orjson.dumps(_HEADS)],
        _statement,
    ),
]  # fmt: skip
