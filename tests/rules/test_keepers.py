"""Who enters a cell: the words must name somebody who really may enter it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hocba_tui.model.curriculum import SUBJECTS, TRAITS, TraitGroup
from hocba_tui.model.results import COMMENT, HEIGHT, LEVEL, PROMOTED, SCORE, Cell, homeroom_comment
from hocba_tui.model.school import ClassRoom, Staff
from hocba_tui.model.values import Period
from hocba_tui.rules.keepers import addressed, keeper, keeper_account
from hocba_tui.rules.permits import may_enter

END = Period.END_YEAR
ROOM = ClassRoom(key="5A", grade=5, homeroom="gv.5a", teachers={"TIN": "gv.tin"})
PEOPLE = {
    "gv.tin": Staff("gv.tin", name="Phạm Thị Hoa", sex="female", roles=("teacher",)),
    "gv.5a": Staff("gv.5a", name="Trần Văn Nam", sex="male", roles=("teacher",)),
}
CELLS = [
    *(Cell(END, code, aspect) for code in SUBJECTS for aspect in (LEVEL, SCORE, COMMENT)),
    *(Cell(END, code, LEVEL) for code in TRAITS),
    *(Cell(END, group, COMMENT) for group in TraitGroup),
    homeroom_comment(END),
    HEIGHT,
]


def find(account: str) -> Staff:
    return PEOPLE.get(account, Staff(account))


@pytest.mark.parametrize(
    ("cell", "who"),
    [
        (Cell(END, "TIN", LEVEL), "cô Phạm Thị Hoa (dạy Tin học)"),
        (Cell(END, "TOAN", SCORE), "thầy Trần Văn Nam (GVCN 5A, dạy Toán)"),
        (Cell(END, "YN", LEVEL), "thầy Trần Văn Nam (GVCN 5A)"),
        (HEIGHT, "thầy Trần Văn Nam (GVCN 5A)"),
        (PROMOTED, "hiệu trưởng hoặc phó hiệu trưởng"),
    ],
)
def test_a_cell_names_its_teacher_and_why(cell: Cell, who: str) -> None:
    assert keeper(cell, ROOM, find) == who


def test_without_a_teacher_the_post_is_named() -> None:
    nobody = replace(ROOM, homeroom="", teachers={})
    assert keeper(Cell(END, "YN", LEVEL), nobody, find) == "giáo viên chủ nhiệm của lớp"
    assert keeper(Cell(END, "TOAN", LEVEL), nobody, find) == "giáo viên dạy môn đó ở lớp"


def test_who_has_no_name_yet_is_called_by_the_account_and_no_sex_is_guessed() -> None:
    assert addressed(Staff("gv.moi")) == "gv.moi"
    assert addressed(Staff("gv.moi", name="Lê An", sex="")) == "Lê An"


@given(st.dictionaries(st.sampled_from(sorted(SUBJECTS)), st.sampled_from(["a", "b", "gv.5a"])), st.sampled_from(CELLS))
def test_the_one_who_is_named_may_enter_the_cell_and_no_other_teacher_may(teachers: dict[str, str], cell: Cell) -> None:
    room = replace(ROOM, teachers=teachers)
    named = keeper_account(cell, room)
    allowed = {who for who in ("a", "b", "gv.5a") if may_enter(Staff(who, roles=("teacher",)), room, cell).allowed}
    assert allowed == {named}
