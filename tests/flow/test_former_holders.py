"""Who was somebody here and is not any more: a class that is another's by now, a session that is open for who left."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from hocba_tui.errors import NotAllowed, Refused
from hocba_tui.flow.desk import STAFF, Desk
from hocba_tui.flow.grades.drafts import drafts, keep_draft
from hocba_tui.flow.grades.enter import Typed, enter
from hocba_tui.flow.grades.undo import redo, undo
from hocba_tui.flow.place import keep_place, take_place
from hocba_tui.flow.proposals import proposals
from hocba_tui.flow.records.register_certificate import register
from hocba_tui.flow.reports.home_tasks import tasks
from hocba_tui.flow.school.accounts import save_account
from hocba_tui.flow.school.assigning import HOMEROOM, assign
from hocba_tui.flow.school.confirming import confirm
from hocba_tui.flow.school.import_undo import last_import, undo_import
from hocba_tui.flow.verify.browse import list_files
from hocba_tui.model.results import HEIGHT, Cell
from hocba_tui.store.backend import Edit, Value
from tests.conftest import DeskAs

MARK = Cell("end_year", "TOAN", "comment")


def height(desk: Desk, key: str) -> Value:
    return desk.open_class("5A").document("results", key).get(HEIGHT.field)


@pytest.fixture
def replaced(desk_as: DeskAs) -> tuple[Desk, str]:
    """The desk of who was the homeroom teacher of 5A, whose last entry the new one has changed, and the pupil."""
    old = desk_as("gv.5a")
    key = old.pupils("5A")[0].key
    assert enter(old, "5A", [Typed(key, HEIGHT, "123", height(old, key))]).entry
    assign(desk_as("hieutruong"), "5A", HOMEROOM, "gv.4a", "12/01/2026")
    new = desk_as("gv.4a")
    assert enter(new, "5A", [Typed(key, HEIGHT, "177.7", height(new, key))]).entry
    return old, key


def test_a_former_teacher_takes_nothing_back_and_is_told_no_value(replaced: tuple[Desk, str]) -> None:
    old, key = replaced
    with pytest.raises(Refused, match="Ô này do") as told:
        undo(old, "5A")
    assert "177" not in "".join(told.value.lines)
    assert height(old, key) == 177.7


def test_nor_does_a_former_teacher_bring_anything_again(desk_as: DeskAs) -> None:
    old = desk_as("gv.5a")
    key = old.pupils("5A")[0].key
    enter(old, "5A", [Typed(key, HEIGHT, "123", height(old, key))])
    undo(old, "5A")
    assign(desk_as("hieutruong"), "5A", HOMEROOM, "gv.4a", "12/01/2026")
    new = desk_as("gv.4a")
    enter(new, "5A", [Typed(key, HEIGHT, "177.7", height(new, key))])
    with pytest.raises(Refused, match="Ô này do") as told:
        redo(old, "5A")
    assert "177" not in "".join(told.value.lines)


def test_a_former_teacher_is_no_longer_led_to_the_class(replaced: tuple[Desk, str]) -> None:
    old, key = replaced
    keep_draft(old, "5A", key, MARK, "Em")
    keep_place(old, "5A", key, MARK.field)
    assert old.my_classes() == ()
    assert take_place(old) is None
    assert "5A" not in repr(tasks(old))
    with pytest.raises(NotAllowed):
        old.pupils("5A")
    assert [draft.text for draft in drafts(old)] == ["Em"]  # Only what they typed themselves.


@pytest.fixture
def gone(desk_as: DeskAs) -> Desk:
    """The open session of somebody who has left: the deputy, for whom and by whom something is proposed."""
    save_account(desk_as("phohieutruong"), "gv.4a", {"roles": ["clerk"]})
    save_account(desk_as("admin"), "phohieutruong", {"system_user": "pho"})
    session = desk_as("phohieutruong")
    desk_as("admin").school_shard.change("x", "test", [Edit(STAFF, "phohieutruong", "left", None, "2026-06-01")])
    return session


def test_who_left_registers_no_certificate_of_their_own(gone: Desk) -> None:
    with pytest.raises(NotAllowed, match="rời trường"):
        asyncio.run(register(gone, "phohieutruong", "00", ()))


def test_who_left_sees_confirms_and_gives_nothing(gone: Desk, desk_as: DeskAs, tmp_path: Path) -> None:
    assert gone.my_classes() == ()
    assert proposals(gone) == ()
    for verb in (
        lambda: confirm(gone, "gv.4a"), lambda: confirm(gone, "phohieutruong"), lambda: last_import(gone),
        lambda: undo_import(gone), lambda: list_files(gone, str(tmp_path)),
        lambda: save_account(gone, "gv.4a", {"title": "T"}),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            verb()
    with pytest.raises(NotAllowed, match="không xác nhận"):
        confirm(desk_as("hieutruong"), "gv.4a")  # Who proposed it is no longer trusted.
    assert desk_as("admin").staff("gv.4a").roles == ("teacher",)


@pytest.mark.parametrize("account", ["xem", "gv.tin", "admin"])
def test_the_results_of_a_class_are_without_what_the_reader_may_not_read(desk_as: DeskAs, account: str) -> None:
    desk = desk_as("gv.5a")
    key = desk.pupils("5A")[0].key
    enter(desk, "5A", [Typed(key, HEIGHT, "177.7", height(desk, key))])
    save_account(desk_as("admin"), "xem", {"name": "Người Xem", "roles": ["observer"]})
    assert desk_as("gv.5a").results("5A")[key].text(HEIGHT) == "177.7"
    assert desk_as(account).results("5A")[key].text(HEIGHT) == ""
