"""The search over journals finds what a plain look at each entry finds, in both backends."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hocba_tui.clock import VIETNAM
from hocba_tui.errors import StoreUnusable
from hocba_tui.store.activity import scanning
from hocba_tui.store.backend import Edit, Entry, Sieve
from hocba_tui.store.folder import FolderStore
from hocba_tui.store.memory import MemoryStore
from tests.support.stores import flip, journal

CLASS = "2025-2026/5A"
ACTORS = ["gv.5a", "gv.5", 'gv"x', "cô.Hoà"]
ACTS = ["enter", "enter:undo", "view_card", "access_log"]
KEYS = ["hs1", "hs12", "hs\n2", "Đỗ"]
START = datetime(2026, 5, 1, 8, tzinfo=VIETNAM)

entries = st.lists(
    st.tuples(
        st.sampled_from(ACTORS),
        st.sampled_from(ACTS),
        st.lists(st.sampled_from(KEYS), max_size=2, unique=True),
        st.integers(-5, 100),
        st.text(max_size=5),
    ),
    max_size=15,
)
sieves = st.builds(
    Sieve,
    since=st.sampled_from(["", "2026-05-01T10", "2026-05-03"]),
    until=st.sampled_from(["", "2026-05-02", "2026-05-04T01:00:00+07:00"]),
    having=st.lists(st.sampled_from([*ACTORS, *KEYS]), max_size=2, unique=True).map(tuple),
    acts=st.none() | st.frozensets(st.sampled_from(["enter", "view_card"])),
    always=st.sampled_from([frozenset(), frozenset({"access_log"})]),
)


class Moving:
    """A clock that is set, forwards and backwards."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        return self.at


def fits(entry: Entry, sieve: Sieve) -> bool:
    texts = {entry.actor, entry.act, entry.note, *(text for edit in entry.edits for text in edit[:3])}
    if sieve.having and not texts & set(sieve.having):
        return False
    if entry.act in sieve.always:
        return True  # A sieve without a floor: whenever it was.
    if entry.at < sieve.since or (sieve.until and entry.at >= sieve.until):
        return False
    return sieve.acts is None or entry.act.split(":")[0] in sieve.acts


@pytest.fixture(params=[1 << 20, 300, 64])
def block(request: pytest.FixtureRequest) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scanning, "_BLOCK", request.param)
        yield


@pytest.mark.usefixtures("block")
@settings(max_examples=60)
@given(entries, sieves)
def test_a_search_finds_what_a_look_at_each_entry_finds(
    written: list[tuple[str, str, list[str], int, str]], sieve: Sieve
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        clock = Moving()
        stores: list[FolderStore | MemoryStore] = [
            FolderStore.create(Path(folder) / "store", clock),
            MemoryStore(clock),
        ]
        for store in stores:
            for actor, act, keys, hours, note in written:
                clock.at = START + timedelta(hours=hours)
                edits = [Edit("results", key, "f", None, None) for key in keys]
                store.shard(CLASS).change(actor, act, edits, note)
            clock.at = START
        for store in stores:
            plain = [entry for entry in store.shard(CLASS).entries() if fits(entry, sieve)][::-1]
            found = list(store.hits(CLASS, sieve))
            assert [hit.entry() for hit in found] == plain
            assert [hit.at for hit in found] == [entry.at for entry in plain]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    store = FolderStore.create(tmp_path / "store", Moving())
    for number in range(5):
        store.shard(CLASS).change("gv.5a", "enter", [Edit("results", "hs1", f"f{number}", None, number)])
    return tmp_path / "store"


def test_a_line_cut_short_was_never_acknowledged_and_is_not_found(root: Path) -> None:
    path = journal(root, CLASS)
    path.write_bytes(path.read_bytes()[:-7])
    assert len(list(FolderStore(root, Moving()).hits(CLASS, Sieve(having=("hs1",))))) == 4


def test_a_damaged_line_is_told_when_it_is_read(root: Path) -> None:
    path = journal(root, CLASS)
    flip(path, path.read_bytes().rfind(b'"f4"') + 1)
    newest = next(FolderStore(root, Moving()).hits(CLASS, Sieve()))
    with pytest.raises(StoreUnusable, match="bản ghi bị hỏng"):
        newest.entry()


def test_a_journal_that_is_gone_is_told(root: Path) -> None:
    store = FolderStore(root, Moving())
    journal(root, CLASS).unlink()
    with pytest.raises(StoreUnusable, match="Không đọc được nhật ký"):
        list(store.hits(CLASS, Sieve()))


def test_all_journals_are_named_the_schools_first(root: Path) -> None:
    store = FolderStore(root, Moving())
    store.log_access("gv.5a", "log_in")
    assert store.names() == ("school", CLASS, "activity/2026")
