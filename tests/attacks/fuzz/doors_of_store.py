"""Doors for the files of a store: it may be restored, copied, damaged by a disk, or brought by somebody on a stick."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from unittest import mock

from hocba_tui.errors import HocbaError
from hocba_tui.flow.place import take_place
from hocba_tui.flow.preferences import bank_use, calling, direction, rings, typing_method
from hocba_tui.flow.school.store_check import read_sent
from hocba_tui.log.lines import FOLDER
from hocba_tui.log.reading import last_lines
from hocba_tui.store import journal, syncing
from hocba_tui.store.backups.backup_state import read_state
from hocba_tui.store.backups.heads_file import file_of, read_heads
from hocba_tui.store.backups.noted_heads import compare_with_noted
from hocba_tui.store.backups.swap import compare_journals
from hocba_tui.store.cache import Cache
from hocba_tui.store.checking import check_school, check_shard, journals_in
from hocba_tui.store.checkpoint import load, mark_of
from hocba_tui.store.drafts import Drafts
from hocba_tui.store.folder import FolderStore
from hocba_tui.store.formats import read_format
from hocba_tui.store.heads import last_head, missing_from, rebuilt_since
from hocba_tui.store.identity import identity_of
from hocba_tui.store.locks import _last_of
from hocba_tui.store.measure import length_of
from hocba_tui.store.rebuild import rebuild
from hocba_tui.store.unopened import stands_at
from tests.attacks.fuzz.door import Door
from tests.attacks.fuzz.material import NOW, Material
from tests.support.once import copied
from tests.support.stores import A

SEEDS = (f"{A}/journal.log", "school/journal.log")


def journals_of(*names: str) -> Callable[[Material], list[bytes]]:
    return lambda material: [path.read_bytes() for name in names for path in sorted(material.little.glob(name))]


def with_file(material: Material, name: str, data: bytes) -> Path:
    """Return a copy of the store in which one file holds ``data``."""
    root = copied(material.little, material.path("store"))
    path = root / name
    if path.exists():
        path.chmod(0o600)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return root


def _journals(material: Material, data: bytes) -> None:
    """Do everything that a journal is read for; what it says may be an error, or a finding."""
    for name in (A, "school"):
        root = with_file(material, f"{name}/journal.log", data)
        (root / name / "data.json").unlink()
        try:
            _use(root, name)
        finally:
            shutil.rmtree(root)
    journal.is_torn(data, 0)
    compare_journals(A, data, journals_of(SEEDS[0])(material)[0])


def _use(root: Path, name: str) -> None:
    def blob_of(_: object) -> str:
        return ""

    for act in (
        lambda: stands_at(root, name, head.mark) if (head := last_head(root, name)) else None,
        lambda: length_of(root / name),
        lambda: missing_from(root, name),
        lambda: rebuilt_since(root, name, "2026"),
        lambda: [check_shard(root, each, blob_of) for each in journals_in(root)],
        lambda: check_school(root, journals_in(root), blob_of),
        lambda: compare_with_noted(root, root / "backups"),
        lambda: _opened(root, name),
        lambda: rebuild(root, name, lambda: NOW, accept_loss=True),
    ):
        try:
            act()
        except HocbaError:
            continue


def _opened(root: Path, name: str) -> None:
    store = FolderStore(root, lambda: NOW)
    shard = store.shard(name)
    for table in ("pupils", "results", "intents", "shards"):
        for key in shard.table(table):
            list(shard.history(table, key))
    list(shard.entries("gv.5a"))
    list(shard.latest("gv.5a"))
    shard.checkpoint()
    shard.change("gv.5a", "enter", [])


def _checkpoint(material: Material, data: bytes) -> None:
    root = with_file(material, f"{A}/data.json", data)
    load(root / A / "data.json")
    mark_of(root / A / "data.json")
    _use(root, A)
    shutil.rmtree(root)


def _heads_of_shard(material: Material, data: bytes) -> None:
    root = with_file(material, f"heads/{A}.log", data)
    last_head(root, A)
    _use(root, A)
    shutil.rmtree(root)


def _heads_of_folder(material: Material, data: bytes) -> None:
    (folder := material.path("backups")).mkdir()
    file_of(folder, "a").write_bytes(data)
    read_heads(folder, "a")


def _folder_heads(material: Material) -> list[bytes]:
    from hocba_tui.store.backups.noted_heads import note_how_far

    (folder := material.path("backups")).mkdir()
    note_how_far(material.little, folder, NOW.isoformat())
    return [path.read_bytes() for path in folder.glob("*.json")]


def _cached(material: Material, data: bytes) -> None:
    (folder := material.path("root") / "cache" / "counts").mkdir(parents=True)
    (folder / "x.json").write_bytes(data)
    Cache(folder.parents[1]).read("counts", "x", "basis")


_HEAD = b'{"mark":{"seq":3,"start":10,"end":20,"digest":"ab","born":"cd"},"basis":"basis","sum":0}\n'


def _format(material: Material, data: bytes) -> None:
    (root := material.path("root")).mkdir()
    (root / "format").write_bytes(data)
    (root / "identity").write_bytes(data)
    identity_of(root)
    read_format(root)


def _state(material: Material, data: bytes) -> None:
    (root := material.path("root") / "backups").mkdir(parents=True)
    (root / "state.json").write_bytes(data)
    read_state(root.parent)
    read_sent(root / "state.json")


_STATE = (
    b'{"backup": {"at": "2026-06-10T08:00", "copy": "/b/x.age", "key": "k", "damaged": false}, "told": ["a"], '
    b'"folder": "/b"}'
)


def _draft(material: Material, data: bytes) -> None:
    folder = material.path("drafts")
    folder.mkdir()
    (folder / "gv.json").write_bytes(data)
    drafts = Drafts(folder, lambda: NOW)
    drafts.of("gv")
    drafts.put("gv", "5A/hs1", "x")
    assert drafts.of("gv")["5A/hs1"] == "x"


_PREFERENCES = {
    "habit/typing": "telex", "habit/direction": "down", "habit/bell": "off", "habit/calling": "con",
    "habit/bank": "t1 4\nt2 9", "habit/place": "2025-2026/5A/2300000001/end_year.TOAN.score",
}  # fmt: skip


def _habits(material: Material) -> list[bytes]:
    material.desk.class_shard("5A")
    return ["\n\n".join(f"{name}={value}" for name, value in _PREFERENCES.items()).encode()]


def _preferences(material: Material, data: bytes) -> None:
    """Parts between empty lines are names and values, as the file of a person's drafts holds them."""
    desk = material.desk
    parts = [part.partition("=") for part in data.decode("utf-8", "replace").split("\n\n")]
    kept = {name: value for name, _, value in parts}
    with (
        mock.patch.object(desk.store, "drafts", return_value=kept),
        mock.patch.object(desk.store, "keep_draft"),
    ):
        for act in (typing_method, direction, rings, calling, bank_use, take_place):
            act(desk)


def _log(material: Material, data: bytes) -> None:
    (root := material.path("root") / FOLDER).mkdir(parents=True)
    (root / "2026-06.log").write_bytes(data)
    assert all(line.isprintable() for line in last_lines(root.parent, 50))


_LOG = (
    b'{"at": "2026-06-10T08:00:00.000", "pid": 7, "level": "info", "by": "gv.5a", "do": "open", "event": "begin"}\n'
    b'{"at": "2026-06-10", "event": "shown", "errors": [{"type": "Refused", "code": 1, "frames": ["a.py:1 f"]}]}\n'
)


def _holder(_: Material, data: bytes) -> None:
    _last_of(data.decode("utf-8", "replace"), 7)


def _sync_lock(material: Material, data: bytes) -> None:
    """The lock is this journal's, and its sum is right; what it says need not be."""
    path = with_file(material, f"{A}/sync.lock", b"")
    journal_of = path / A / "journal.log"
    which = syncing._named(journal_of.stat())
    far = data.split(b" ")[0]
    (path / A / "sync.lock").write_bytes(b"%s %s %s\n" % (which, far, syncing._check(which, far)))
    assert syncing.durable_size(journal_of) >= 0
    shutil.rmtree(path)


DOORS = [
    Door(
        "how far a journal is on disk", "text", ("store/syncing.py",), lambda _: [b"%020d" % 100], _sync_lock,
        examples=15,
    ),
    Door(
        "journal", "journal",
        ("store/journal.py", "store/journal_file.py", "store/shard.py", "store/rebuild.py", "store/checking.py",
         "store/measure.py", "store/backwards.py", "store/unopened.py", "store/backups/noted_heads.py",
         "store/backups/swap.py"),
        journals_of(*SEEDS), _journals, examples=10,
    ),
    Door("checkpoint", "checkpoint", ("store/checkpoint.py",), journals_of(f"{A}/data.json"), _checkpoint, examples=15),
    Door(
        "heads of a shard", "summed", ("store/heads.py",), journals_of(f"heads/{A}.log"), _heads_of_shard, examples=12
    ),
    Door("heads in a folder of backups", "json", ("store/backups/heads_file.py",), _folder_heads, _heads_of_folder),
    Door("cache", "text", ("store/cache.py",), lambda _: [_HEAD], _cached),
    Door(
        "format and identity", "text", ("store/formats.py", "store/identity.py"), journals_of("format", "identity"),
        _format,
    ),
    Door(
        "notes on backups", "json", ("store/backups/backup_state.py", "flow/school/store_check.py"), lambda _: [_STATE],
        _state,
    ),
    Door("drafts", "json", ("store/drafts.py", "store/atomic_storage.py"), journals_of("drafts/*.json"), _draft),
    Door(
        "preferences", "text", ("flow/preferences.py", "flow/place.py"),
        _habits, _preferences,
    ),
    Door("log", "text", ("log/reading.py",), lambda _: [_LOG], _log),
    Door("holder of a lock", "text", ("store/locks.py",), lambda _: [b"hocba 7 123 gv.5a 2026-06-10T08:00\n"], _holder),
]  # fmt: skip
