"""What each role may read of a pupil: the table for people is the program's, and every field has its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from hocba_tui.model.pupil import PUPIL_FIELDS, Pupil
from hocba_tui.model.results import HEIGHT, WEIGHT
from hocba_tui.model.school import ClassRoom, Staff
from hocba_tui.model.values import Role
from hocba_tui.rules.permits import PERMITS, Act, Relation
from hocba_tui.rules.reading import CELLS, FIELDS, OPEN_FIELDS, READERS, Sensitive, as_read, readable
from tests.support.columns import COLUMNS

ROOM = ClassRoom(key="5A", grade=5, homeroom="gv.5a", teachers={"TIN": "gv.tin"})
QUYEN = Path(__file__).parents[2] / "docs" / "quyen.md"


def test_every_field_of_a_pupil_is_open_or_in_a_group() -> None:
    """A new field of a pupil must be put somewhere: in FIELDS, or here."""
    assert {
        "code", "name", "birth", "sex", "assessed", "exempt", "not_in_plan", "grade", "former_codes", "joined", "left",
        "left_reason", "history", "enrolment",
    } == OPEN_FIELDS  # fmt: skip
    assert set(FIELDS) | OPEN_FIELDS == set(PUPIL_FIELDS)
    assert set(FIELDS.values()) | set(CELLS.values()) == set(Sensitive) == set(READERS)
    assert set(CELLS) == {HEIGHT, WEIGHT}


def test_the_table_for_people_is_the_table_of_the_program() -> None:
    text = QUYEN.read_text(encoding="utf-8").partition("## Ai được đọc")[2]
    lines = [line for line in text.splitlines() if line.startswith("|")]
    head, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert head == ["Mục", "Mã", *COLUMNS]
    written = {
        row[1].strip("`"): {COLUMNS[name] for name, mark in zip(head[2:], row[2:], strict=True) if mark == "x"}
        for row in rows
    }
    assert written == {group.value: set(who) for group, who in READERS.items()}


@pytest.mark.parametrize("act", [Act.EXPORT, Act.REPORT, Act.SUBMIT, Act.APPROVE, Act.ISSUE, Act.EXCUSE])
def test_who_exports_reports_or_signs_may_read_all_of_it(act: Act) -> None:
    """So no file and no signature holds what its maker may not read."""
    for group, readers in READERS.items():
        assert PERMITS[act] <= readers, group


@pytest.mark.parametrize("role", [Role.TEACHER, Role.OBSERVER, Role.GROUP_HEAD, Role.WORKING_GROUP])
def test_who_only_looks_reads_nothing_sensitive(role: Role) -> None:
    assert readable(Staff("gv.tin", roles=(role.value,)), ROOM) == frozenset()
    assert readable(Staff("gv.5a", roles=("principal",), left="2026-01-01"), ROOM) == frozenset()


def test_the_homeroom_teacher_reads_all_of_the_own_class_and_nothing_of_another() -> None:
    teacher = Staff("gv.5a", roles=("teacher",))
    assert readable(teacher, ROOM) == frozenset(Sensitive)
    assert readable(teacher, ClassRoom(key="5B", homeroom="gv.5b")) == frozenset()


def test_what_may_not_be_read_is_taken_away_and_the_rest_stays() -> None:
    others = ("assessed", "grade", "history", "enrolment", "former_codes")
    pupil = Pupil.from_fields("p", {name: "x" for name in PUPIL_FIELDS if name not in others})
    assert as_read(pupil, frozenset(Sensitive)) is pupil
    shown = as_read(pupil, frozenset())
    assert {name for name in PUPIL_FIELDS if getattr(shown, name) != getattr(pupil, name)} == set(FIELDS)
    assert Relation.SUBJECT not in frozenset().union(*READERS.values())
