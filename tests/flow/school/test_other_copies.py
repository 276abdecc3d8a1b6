"""Copies of one store that share the folder of their backups: whichever is older, or went another way, is told."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from hocba_tui.clock import Clock
from hocba_tui.errors import StoreUnusable
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.portal import other_copies
from hocba_tui.flow.portal.other_copies import foremost
from hocba_tui.flow.reports.backup_note import backup_note
from hocba_tui.flow.school.backups import BackedUp, back_up, drop_old_backups, restore_backup
from hocba_tui.flow.school.swapping import swap_in
from hocba_tui.store.backups import noted_heads
from hocba_tui.store.backups.age import new_identity
from hocba_tui.store.backups.backup_state import read_state
from hocba_tui.store.backups.heads_file import file_of, origin_of, read_heads
from hocba_tui.store.backups.noted_heads import Comparison
from hocba_tui.store.folder import FolderStore
from hocba_tui.store.identity import ensure_identity, identity_of
from hocba_tui.store.rebuild import rebuild
from tests.support.stores import LOG, A, B, Ticking, damage_line, facts, filled, journal, put

CLOCK = Ticking()
STEPS = int(os.environ.get("HOCBA_STEPS", "0"))
"""Set by the long run: see tests/store/test_stateful.py."""


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Clock, "now", lambda _: CLOCK())


@pytest.fixture
def root(tmp_path: Path) -> Path:
    store = filled(tmp_path / "store")
    Path(store.issued_path("u1")).unlink()  # No class has named it,
    (tmp_path / "store" / "backups" / "sent.log").unlink()  # and no package.
    del store
    gc.collect()
    (tmp_path / "store" / "backup-recipients.txt").write_text(new_identity(tmp_path / "key") + "\n")
    (tmp_path / "store" / "backup-recipients.txt").chmod(0o600)
    return tmp_path / "store"


@pytest.fixture
def usb(tmp_path: Path) -> Path:
    return tmp_path / "usb"


@pytest.fixture
def key(root: Path, tmp_path: Path) -> Path:
    return tmp_path / "key"


def write(root: Path, field: str, shard: str = A) -> None:
    store = FolderStore(root, CLOCK)
    put(store, shard, field, 1)
    del store
    gc.collect()


def copied(root: Path, name: str) -> Path:
    other = root.with_name(name)
    if other.exists():
        shutil.rmtree(other)
    shutil.copytree(root, other, copy_function=shutil.copy2)
    ensure_identity(other)
    return other


def backup(root: Path, folder: Path, *, accept_fork: bool = False) -> BackedUp:
    made = back_up(root, (), folder, accept_fork=accept_fork)
    assert not made.damaged
    return made


def told(made: BackedUp) -> list[str]:
    return [one.shard for one in made.apart]


def sends(root: Path) -> str:
    """Do what sending one package does around it; return why it is not known whether another copy has gone on."""
    with foremost(Desk(FolderStore(root, CLOCK), "vanthu", Clock(), root)) as copies:
        copies.require()
    gc.collect()
    return copies.unknown


def refuses(root: Path) -> bool:
    try:
        assert sends(root) == ""
    except StoreUnusable:
        return True
    return False


def test_the_happy_way_twice(root: Path, usb: Path) -> None:
    for field in ("x", "y"):
        made = backup(root, usb)
        assert (made.apart, made.unnoted) == ((), "")
        assert not refuses(root)
        write(root, field)
        assert not refuses(root)


def test_two_copies_that_both_go_on_in_one_folder(root: Path, usb: Path) -> None:
    backup(root, usb)
    laptop = copied(root, "laptop")
    write(root, "here")
    write(laptop, "there")
    first = backup(root, usb)
    held = file_of(usb, origin_of(root)).read_bytes()
    for _ in range(2):
        made = backup(laptop, usb)
        assert told(made) == [A]
        assert made.apart[0].forked
        assert made.apart[0].noted.store == identity_of(root)
        assert drop_old_backups(laptop, made, 0, 0, 0).count == 0
    assert file_of(usb, origin_of(root)).read_bytes() == held
    assert first.path.exists()
    assert refuses(laptop)
    assert told(backup(root, usb)) == []
    assert not refuses(root)
    for store, wrong in ((laptop, True), (root, False)):
        words, _ = backup_note(Desk(FolderStore(store, CLOCK), "admin", Clock(), store))
        assert ("đi ngả khác" in words) == wrong, "the administrator sees it at home and in the doctor"


def test_of_two_copies_that_both_send_before_a_backup_only_one_does(root: Path, usb: Path) -> None:
    backup(root, usb)
    laptop = copied(root, "laptop")
    write(root, "here")
    write(laptop, "there")
    assert not refuses(laptop)
    assert refuses(root)
    assert told(backup(root, usb)) == [A]


def test_a_store_restored_from_the_day_before_and_used_without_a_swap(root: Path, usb: Path, key: Path) -> None:
    yesterday = backup(root, usb)
    write(root, "today")
    backup(root, usb)
    restored = root.with_name("restored")
    restore_backup(yesterday.path, restored, key)
    write(restored, "other", B)
    made = backup(restored, usb)
    assert told(made) == [A]
    assert "mới tới bản ghi số 7" in made.apart[0].words
    assert refuses(restored), "also where it is sent from after that backup"
    assert told(backup(restored, usb)) == [A]
    assert told(backup(restored, usb, accept_fork=True)) == []
    assert told(backup(restored, usb)) == []
    assert not refuses(restored)
    assert "school" in told(backup(root, usb))
    assert refuses(root)


def test_an_older_copy_that_was_accepted_is_told_from_the_one_that_only_has_more(root: Path, usb: Path) -> None:
    backup(root, usb)
    old = copied(root, "old")
    write(root, "x")
    backup(root, usb)
    assert told(backup(old, usb, accept_fork=True)) == []
    assert told(backup(root, usb)) == ["school"]
    assert refuses(root)
    assert not refuses(old)


def test_the_newest_copy_restored_where_the_store_is_gone_goes_on_untold(root: Path, usb: Path, key: Path) -> None:
    """Also when people wrote while that copy was made: only what is in the copy is noted."""
    write(root, "x")
    made = backup(root, usb)
    shutil.rmtree(root)
    restore_backup(made.path, root, key)
    write(root, "y")
    assert told(backup(root, usb)) == []


def test_what_is_written_while_a_copy_is_made_is_not_noted(
    root: Path, usb: Path, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = noted_heads._foremost

    def busy(*arguments: object, **options: object) -> object:
        write(root, "meanwhile")
        return real(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(noted_heads, "_foremost", busy)
    made = backup(root, usb)
    monkeypatch.undo()
    monkeypatch.setattr(Clock, "now", lambda _: CLOCK())
    restore_backup(made.path, root.with_name("restored"), key)
    assert told(backup(root.with_name("restored"), usb)) == []


def test_sending_from_the_older_copy_says_which_store_has_gone_on(root: Path, usb: Path) -> None:
    backup(root, usb)
    old = copied(root, "old")
    assert not refuses(old)
    write(root, "x")
    backup(root, usb)
    with pytest.raises(StoreUnusable, match=f"{A}: ở đây mới tới bản ghi số 7, còn kho") as error:
        sends(old)
    assert "Chưa gửi gói nào" in error.value.safe
    assert "--accept-fork" in error.value.now


def test_where_the_folder_is_gone_or_never_was_the_sending_goes_on_and_says_so(root: Path, usb: Path) -> None:
    assert "chưa sao lưu lần nào" in sends(root)
    backup(root, usb)
    assert sends(root) == ""
    usb.rename(usb.with_name("away"))
    assert f"không tới được thư mục {usb}" in sends(root)
    assert not usb.exists()
    usb.with_name("away").rename(usb)
    file_of(usb, origin_of(root)).write_bytes(b"{")
    assert "bị hỏng" in sends(root)
    assert sends(root) == ""


def test_a_folder_that_hangs_does_not_hold_up_the_sending(
    root: Path, usb: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup(root, usb)
    ended, asked = threading.Event(), list[object]()

    def hang(*arguments: object) -> Comparison:
        asked.append(arguments)
        ended.wait(60)
        return Comparison()

    monkeypatch.setattr(other_copies, "ANSWERS_WITHIN", 0.1)
    monkeypatch.setattr(other_copies, "note_how_far", hang)
    try:
        assert f"thư mục {usb.resolve()} không trả lời" in sends(root)
        assert len(asked) == 1
    finally:
        ended.set()


def test_a_torn_file_or_a_newer_one_never_costs_a_backup(root: Path, usb: Path) -> None:
    backup(root, usb)
    file = file_of(usb, origin_of(root))
    for content, words in ((b"\0" * 100, "bị hỏng"), (b'{"format": 99}', "bản hocba mới hơn")):
        file.write_bytes(content)
        made = backup(root, usb)
        assert words in made.unnoted
        assert made.path.exists()
        assert made.apart == ()


def test_a_damaged_store_is_told_of_its_damage_and_notes_nothing(root: Path, usb: Path) -> None:
    backup(root, usb)
    held = file_of(usb, origin_of(root)).read_bytes()
    write(root, "x")
    damage_line(journal(root), 2)
    made = back_up(root, (), usb, accept_fork=True)
    assert made.damaged
    assert (made.apart, made.unnoted) == ((), "")
    assert file_of(usb, origin_of(root)).read_bytes() == held


def test_a_class_rebuilt_with_what_was_left_goes_on(root: Path, usb: Path) -> None:
    write(root, "x")
    backup(root, usb)
    lines = journal(root).read_bytes().splitlines(keepends=True)
    damage_line(journal(root), len(lines) - 1)
    (root / A / "data.json").unlink()
    rebuild(root, A, CLOCK, accept_loss=True)
    gc.collect()
    assert told(backup(root, usb)) == []
    assert not refuses(root)


# --- a swap that was accepted ----------------------------------------------------------------------


@pytest.mark.parametrize("reachable", [True, False])
def test_a_store_that_was_swapped_in_goes_on_and_the_old_one_is_told(
    root: Path, usb: Path, key: Path, *, reachable: bool
) -> None:
    yesterday = backup(root, usb)
    write(root, "today")
    write(root, "today", B)
    backup(root, usb)
    archive = Path(shutil.copy2(yesterday.path, root.with_name("copy.age")))
    if not reachable:
        usb.rename(usb.with_name("away"))
    done = swap_in(root, archive, key)
    assert done.unnoted == ""
    if not reachable:
        assert "không tới được" in sends(root)
        usb.with_name("away").rename(usb)
    write(root, "again")
    assert not refuses(root), "the folder of the old store's backups is known"
    for _ in range(2):
        assert told(backup(root, usb)) == []
    assert "school" in told(backup(done.aside, usb))
    assert refuses(done.aside)
    assert not refuses(root)


def test_a_fork_that_was_accepted_at_the_swap_goes_on(root: Path, usb: Path, key: Path) -> None:
    backup(root, usb)
    laptop = copied(root, "laptop")
    write(root, "here")
    write(laptop, "there")
    backup(root, usb)
    other = backup(laptop, usb)
    assert told(other) == [A]
    swap_in(root, other.path, key, accept_fork=True)
    assert told(backup(root, usb)) == []
    assert not refuses(root)
    assert told(backup(laptop, usb)) == ["school"]


def test_a_swap_tells_the_old_store_also_where_its_backups_were_in_it(root: Path, key: Path) -> None:
    made = back_up(root, ())
    write(root, "x")
    back_up(root, ())
    before = facts(root)
    done = swap_in(root, made.path, key)
    assert facts(done.aside) == before
    assert sorted(read_heads(root / "backups", origin_of(root)).heads) == [A, B, LOG, "school"]
    assert read_state(root).folder == str(root / "backups")
    assert refuses(done.aside)
    assert not refuses(root)
    assert back_up(root, ()).apart == ()


def test_a_swap_that_cannot_tell_the_others_says_so(
    root: Path, usb: Path, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = backup(root, usb)
    file_of(usb, origin_of(root)).write_bytes(b'{"format": 99}')
    assert "bản hocba mới hơn" in swap_in(root, made.path, key).unnoted


# --- any order of acts -----------------------------------------------------------------------------

ACTS = st.lists(
    st.tuples(
        st.sampled_from(["write", "copy", "backup", "send", "accept"]), st.sampled_from("ab"), st.sampled_from((A, B))
    ),
    max_size=14,
)


BOTH_SEND = [
    ("backup", "a"), ("copy", "a"), ("write", "a"), ("write", "b"), ("send", "b"), ("send", "a"), ("accept", "a"),
    ("backup", "b"), ("write", "b"), ("accept", "b"), ("backup", "a"),
]  # fmt: skip


@settings(max_examples=8 + STEPS // 10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
@example(acts=[(act, who, A) for act, who in BOTH_SEND])
def test_in_any_order_of_acts_the_one_that_lacks_something_is_told(
    root: Path, acts: list[tuple[str, str, str]]
) -> None:
    with tempfile.TemporaryDirectory() as place:
        Told(root, Path(place)).go(acts)


class Told:
    """Two copies of a store, and a plain model of both: each is the list of what was written, in each journal."""

    def __init__(self, root: Path, place: Path) -> None:
        self.folder = place / "usb"
        self.roots = {"a": place / "a", "b": place / "b"}
        for path in self.roots.values():
            shutil.copytree(root, path, copy_function=shutil.copy2)
            ensure_identity(path)
        self.written: dict[str, dict[str, list[int]]] = {who: {A: [], B: [], "school": []} for who in "ab"}
        self.noted: dict[str, list[int]] = {A: [], B: [], "school": []}
        self.backed_up = dict.fromkeys("ab", False)
        self.count = 0

    def lacking(self, who: str) -> list[str]:
        return [name for name, held in self.noted.items() if self.written[who][name][: len(held)] != held]

    def note(self, who: str) -> None:
        self.noted = {name: list(held) for name, held in self.written[who].items()}

    def add(self, who: str, shard: str) -> None:
        self.count += 1
        self.written[who][shard].append(self.count)

    def go(self, acts: list[tuple[str, str, str]]) -> None:
        for act, who, shard in acts:
            getattr(self, act)(who, shard)

    def write(self, who: str, shard: str) -> None:
        self.add(who, shard)
        write(self.roots[who], f"w{self.count}", shard)

    def copy(self, who: str, _: str) -> None:
        other = "b" if who == "a" else "a"
        copied(self.roots[who], self.roots[other].name)
        self.written[other] = {name: list(held) for name, held in self.written[who].items()}
        self.backed_up[other] = self.backed_up[who]

    def backup(self, who: str, _: str) -> None:
        lacking = self.lacking(who)
        assert told(backup(self.roots[who], self.folder)) == lacking
        self.backed_up[who] = True
        if not lacking:
            self.note(who)

    def accept(self, who: str, _: str) -> None:
        if self.lacking(who):
            self.add(who, "school")
        assert told(backup(self.roots[who], self.folder, accept_fork=True)) == []
        self.backed_up[who] = True
        self.note(who)

    def send(self, who: str, _: str) -> None:
        if not self.backed_up[who]:
            assert "chưa sao lưu lần nào" in sends(self.roots[who])
        elif refuses(self.roots[who]):
            assert self.lacking(who)
        else:
            assert not self.lacking(who)
            self.note(who)
