"""Counts that were kept are always those that working them out again would give."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hocba_tui.errors import HocbaError
from hocba_tui.flow.desk import CLASSES, PUPILS, RECORDS, Desk
from hocba_tui.flow.grades.counts import counted, known
from hocba_tui.flow.grades.enter import Typed, enter
from hocba_tui.flow.grades.missing import missing
from hocba_tui.flow.grades.review import review
from hocba_tui.flow.grades.undo import redo, undo
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.pupils.enrolment import come_back, leave
from hocba_tui.flow.records.approve import send_back
from hocba_tui.flow.reports.progress import all_progress
from hocba_tui.flow.reports.statistics import census
from hocba_tui.flow.school.classes import save_class
from hocba_tui.model.counts import ClassCounts
from hocba_tui.model.curriculum import SUBJECTS
from hocba_tui.model.results import LEVEL, SCORE, Cell, Results
from hocba_tui.model.values import Period, RecordState
from hocba_tui.rules.statistics import Member, tabulate, topics
from hocba_tui.store.backend import SCHOOL, Edit
from hocba_tui.store.folder import FolderStore
from hocba_tui.store.shard import FileShard
from tests.conftest import DeskAs

ROOM = "5A"


def fresh(desk: Desk) -> ClassCounts:
    """Count a class as somebody would who has only the review and the list of what is missing."""
    found = review(desk, ROOM)
    gaps: dict[Period, dict[str, list[str]]] = {}
    for period in Period:
        for one in missing(desk, ROOM, period):
            for cell in one.cells:
                item = cell.item if cell.item in SUBJECTS else ""
                gaps.setdefault(period, {}).setdefault(item, []).append(one.pupil.key)
    return ClassCounts(
        Counter(found.records[pupil.key].state for pupil in found.pupils),
        len(found.ready),
        sum(bool(found.records[pupil.key].reason) for pupil in found.drafts),
        {p: {i: (len(held), len(set(held))) for i, held in own.items()} for p, own in gaps.items()},  # type: ignore[misc]
    )


def check(desk: Desk) -> None:
    room = desk.classroom(ROOM)
    assert counted(desk, room).value == fresh(desk)
    numbers = census(desk)
    nothing = Results({})
    members = [Member(p, room, desk.results(ROOM).get(p.key, nothing)) for p in desk.pupils(ROOM)]
    for period in (Period.MID_1, Period.END_YEAR):
        assert [t for t in numbers.topics(period) if numbers.found[-1].value.has(t, period)] == list(
            topics(members, period)
        )
        for topic in topics(members, period):
            kept = [row for row in numbers.rows(topic, period) if row.class_key == ROOM]
            assert kept == list(tabulate(members, topic, period, sums=False))


class World:
    """A store, two sessions in it, and copies of the class that were put aside."""

    def __init__(self, root: Path, seed: int) -> None:
        self.root = root
        self.random = Random(seed)
        self.open()
        self.copies: list[Path] = []

    def open(self) -> None:
        self.head, self.teacher = open_desk(self.root, "hieutruong"), open_desk(self.root, "gv.5a")

    def pupil(self) -> str:
        return self.random.choice(self.head.pupils(ROOM, with_left=True)).key

    def type(self) -> None:
        pupil, subject = self.pupil(), self.random.choice(["TV", "TOAN", "DD", "KH"])
        cell = Cell(Period.END_YEAR, subject, self.random.choice([LEVEL, SCORE] if subject != "DD" else [LEVEL]))
        text = self.random.choice(["", "T", "H", "C"] if cell.aspect == LEVEL else ["", "9", "4", "10"])
        results = self.teacher.results(ROOM)
        seen = results[pupil].fields.get(cell.field) if pupil in results else None
        enter(self.teacher, ROOM, [Typed(pupil, cell, text, seen)])  # type: ignore[arg-type]

    def undo(self) -> None:
        self.random.choice([undo, redo])(self.teacher, ROOM, 0)

    def move_record(self) -> None:
        """Write what submitting, approving, sealing and receipts write of a record's state."""
        shard, pupil = self.head.class_shard(ROOM), self.pupil()
        before = shard.document(RECORDS, pupil).get("state")
        state = self.random.choice(list(RecordState)[1:]).value
        edits = [Edit(RECORDS, pupil, "state", before, state)]
        if not shard.document(RECORDS, pupil).get("uuid"):
            edits.append(Edit(RECORDS, pupil, "uuid", None, f"uuid-{pupil}"))
        shard.change("hieutruong", "submit", [edit for edit in edits if edit.before != edit.after])

    def send_back(self) -> None:
        send_back(self.head, ROOM, self.pupil(), "xem lại điểm Toán")

    def leave(self) -> None:
        leave(self.teacher, ROOM, self.pupil(), "01/06/2026", "", "Chuyển đi")

    def come_back(self) -> None:
        come_back(self.teacher, ROOM, self.pupil(), "02/06/2026")

    def excuse(self) -> None:
        shard, pupil = self.head.class_shard(ROOM), self.pupil()
        before = shard.document(PUPILS, pupil).get("exempt")
        after = self.random.choice(["GDTC", "AN MT", None])
        if before != after:
            shard.change("gv.5a", "correct", [Edit(PUPILS, pupil, "exempt", before, after)])

    def change_class(self) -> None:
        chosen = self.random.choice([(), ("TDT",)])
        save_class(self.head, ROOM, {"optional": chosen, "tested": self.random.choice([(), chosen])})

    def assign(self) -> None:
        shard = self.head.school_shard
        teachers = shard.document(CLASSES, ROOM).get("teachers")
        shard.change(
            "hieutruong", "assign", [Edit(CLASSES, ROOM, "teachers", teachers, {**(teachers or {}), "KH": "gv.anh"})]
        )

    def restart(self) -> None:
        self.open()

    def copy(self) -> None:
        self.copies.append(self.root.parent / f"copy-{len(self.copies)}")
        shutil.copytree(self.root / "2025-2026" / ROOM, self.copies[-1])

    def put_back(self) -> None:
        """Put an older copy of the class in its place, with nothing left that knows better."""
        if self.copies:
            place = self.root / "2025-2026" / ROOM
            shutil.rmtree(place)
            shutil.copytree(self.random.choice(self.copies), place)
            shutil.rmtree(self.root / "heads", ignore_errors=True)
            self.open()

    def lose(self) -> None:
        """Lose the cache, or a part of it."""
        for path in (self.root / "cache").rglob("*.json"):
            if self.random.random() < 0.5:
                path.unlink()


ACTS: list[Callable[[World], None]] = [
    World.type, World.type, World.undo, World.move_record, World.move_record, World.send_back, World.leave,
    World.come_back, World.excuse, World.change_class, World.assign, World.restart, World.copy, World.put_back,
    World.lose,
]  # fmt: skip


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(ACTS), min_size=1, max_size=10), st.integers(0, 2**32))
def test_whatever_is_done_the_counts_kept_are_those_worked_out_anew(
    eight_store: Path, acts: list[Callable[[World], None]], seed: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(eight_store, Path(folder) / "store")
        world = World(Path(folder) / "store", seed)
        for act in acts:
            try:
                act(world)
            except HocbaError:
                continue  # Nothing to undo, nobody to send back: it was refused, and nothing changed.
            check(world.head)
        check(open_desk(world.root, "hieutruong"))


def test_every_act_of_the_test_above_can_be_done(few_root: Path) -> None:
    world, done = World(few_root, 7), set()
    for _ in range(400):
        act = world.random.choice(ACTS)
        with contextlib.suppress(HocbaError):
            act(world)
            done.add(act)
    assert done == set(ACTS)


@contextlib.contextmanager
def opened_classes() -> Iterator[list[str]]:
    """Note which classes are opened meanwhile."""
    names: list[str] = []
    opens = FolderStore._open

    def noting(store: FolderStore, name: str, *, known: bool) -> FileShard:
        names.extend([name] if name != SCHOOL else [])
        return opens(store, name, known=known)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FolderStore, "_open", noting)
        yield names


def test_a_second_session_counts_nothing_again(desk_as: DeskAs) -> None:
    first = all_progress(desk_as("hieutruong"))
    with opened_classes() as opened:
        assert all_progress(desk_as("hieutruong")) == first
    assert opened == []


def test_who_teaches_does_not_matter_to_the_counts_and_is_shown_as_it_is_now(desk_as: DeskAs) -> None:
    desk = desk_as("hieutruong")
    counted(desk, desk.classroom(ROOM))
    shard = desk.school_shard
    shard.change("hieutruong", "assign", [Edit(CLASSES, ROOM, "homeroom", "gv.5a", "gv.4a")])
    with opened_classes() as opened:
        found = counted(desk, desk.classroom(ROOM))
    assert (opened, found.room.homeroom) == ([], "gv.4a")


def test_a_damaged_class_is_counted_as_far_as_it_goes_and_never_kept(desk_as: DeskAs, store_root: Path) -> None:
    desk = desk_as("hieutruong")
    room = desk.classroom(ROOM)
    whole = counted(desk, room).value
    with (store_root / "2025-2026" / ROOM / "journal.log").open("ab") as file:
        file.write(b"no line of ours\n")
    again = desk_as("hieutruong")
    found = counted(again, room)
    assert found.damage
    assert found.value == whole
    assert found.trace is None
    assert known(again, room) == found


@pytest.mark.parametrize(
    "fields",
    [{}, {"states": [], "ready": 0, "returned": 0, "gaps": {}}, {"states": {"lost": 1}, "ready": 0, "returned": 0,
     "gaps": {}}, {"states": {}, "ready": -1, "returned": 0, "gaps": {}},
     {"states": {}, "ready": True, "returned": 0, "gaps": {}},
     {"states": {}, "ready": 0, "returned": 0, "gaps": {"end_year": {"TV": [1]}}}],
)  # fmt: skip
def test_what_was_never_written_by_us_is_no_count(fields: dict[str, object]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError, AttributeError)):
        ClassCounts.from_fields(fields)
