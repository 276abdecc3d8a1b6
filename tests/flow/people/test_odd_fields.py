"""A store with odd values in its accounts: nobody may do more for it, and nobody else is stopped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hocba_tui.cli.main import main
from hocba_tui.errors import NotAllowed
from hocba_tui.flow.desk import PROPOSALS, STAFF
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.people.card import person_card
from hocba_tui.flow.people.staff import everybody
from hocba_tui.flow.reports.home_tasks import tasks
from hocba_tui.flow.school.accounts import save_account
from hocba_tui.flow.school.doctor import examine
from hocba_tui.model.school import Staff
from hocba_tui.rules.permits import Act, may
from hocba_tui.rules.second_person import TRUSTED
from hocba_tui.store.backend import Edit
from tests.conftest import DeskAs
from tests.support.eight import demo, made_store  # noqa: F401 - fixtures: how many pupils there are shows nothing here
from tests.support.table import table

ODD: list[Any] = [5, 5.5, True, {"a": 1}, [5], [["x"]], "x", ["hiệu trưởng"], [{}]]
FIELDS = (
    "name",
    "sex",
    "title",
    "roles",
    "system_user",
    "certificate",
    "birth",
    "subjects",
    "recovered",
    "posts",
    "why_closed",
)
GOOD = {"name": "Lò Thị Á", "roles": ["teacher"], "system_user": "a"}


@table("field", FIELDS)
def test_an_odd_value_gives_nothing(field: str) -> None:
    for odd in ODD:
        one = Staff.from_fields("x", {**GOOD, field: odd})
        assert not one.has(*TRUSTED)
        assert all(isinstance(post.role, str) for post in one.duties)
        assert not any(may(one, act).allowed for act in (Act.MANAGE_STAFF, Act.ASSIGN, Act.SET_SCHOOL))


@pytest.mark.parametrize("odd", [5, True, ["2026-01-01"], {}])
def test_who_has_left_on_an_odd_day_has_left(odd: object) -> None:
    assert Staff.from_fields("x", {**GOOD, "closed": odd}).barred
    one = Staff.from_fields("x", {**GOOD, "roles": ["principal"], "left": odd})
    assert one.left
    assert not may(one, Act.MANAGE_STAFF).allowed


def test_what_is_sound_is_read_as_ever() -> None:
    posts = [["group_head", "2025-09-05", "2026-05-31", "1/QĐ", [4], ["NN1"]], ["working_group", "a", "b", "c"], [1]]
    document = {**GOOD, "roles": ["clerk", "king", 5], "posts": posts, "left": ""}
    one = Staff.from_fields("x", document)
    assert Staff.odd_fields(document) == ("roles", "posts")
    assert Staff.odd_fields({**GOOD, "unknown": 5, "posts": posts[:2]}) == ()
    assert (one.roles, [post.role for post in one.duties], one.left) == (
        ("clerk",),
        ["group_head", "working_group"],
        "",
    )


@pytest.mark.parametrize("field", FIELDS)
def test_everybody_else_works_on(desk_as: DeskAs, store_root: Path, field: str) -> None:
    shard = desk_as("admin").school_shard
    held = shard.document(STAFF, "gv.4a").get(field)
    shard.change("test", "test", [
        Edit(STAFF, "gv.4a", field, held, 5),
        Edit(PROPOSALS, "gv.3a", "day", None, 5), Edit(PROPOSALS, "gv.3a", "roles", None, 7),
    ])  # fmt: skip
    for account in ("hieutruong", "gv.5a"):
        assert tasks(open_desk(store_root, account))
    assert len(everybody(open_desk(store_root, "admin"))) == len(shard.table(STAFF))
    (told,) = [text for label, text in person_card(open_desk(store_root, "admin"), "gv.4a").lines if label == "Mục lạ"]
    assert told.startswith(f"{field}: ")
    named = [found for found in examine((), open_desk(store_root, "admin")) if "mục lạ" in found.what]
    assert [(found.good, found.now.rpartition(": ")[2]) for found in named] == [(False, "gv.4a")]
    assert main(["account", "list", "--store", str(store_root), "--as", "admin"]) == 0
    if field == "roles":
        save_account(open_desk(store_root, "admin"), "gv.4a", {"roles": ["teacher"]})
        assert open_desk(store_root, "admin").staff("gv.4a").roles == ("teacher",)


def test_who_has_an_odd_day_of_leaving_is_told(desk_as: DeskAs, store_root: Path) -> None:
    desk_as("admin").school_shard.change("test", "test", [Edit(STAFF, "gv.4a", "left", None, 5)])
    with pytest.raises(NotAllowed, match="đã rời trường"):
        open_desk(store_root, "gv.4a")
    assert main(["account", "list", "--store", str(store_root), "--as", "gv.4a"]) == 3
