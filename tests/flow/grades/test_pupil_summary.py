"""A pupil at a glance, above the comment that is being written."""

from __future__ import annotations

import pytest

from hocba_tui.flow.grades.marks import COMMENTS_SHEET, Marks, open_marks
from hocba_tui.flow.grades.pupil_summary import glance
from hocba_tui.model.curriculum import TraitGroup
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.results import AWARD_REASON, COMMENT, Cell, homeroom_comment
from hocba_tui.model.values import Period
from hocba_tui.rules.curriculum import subjects_for, traits_for
from tests.conftest import DeskAs

END = Period.END_YEAR
QUALITIES = Cell(END, TraitGroup.QUALITIES, COMMENT)


@pytest.fixture
def marks(desk_as: DeskAs) -> Marks:
    return open_marks(desk_as("gv.5a"), "5A", COMMENTS_SHEET.key, END)


def somebody(marks: Marks) -> Pupil:
    return next(pupil for pupil in marks.pupils if marks.text(pupil.key, homeroom_comment(END)) and pupil.assessed)


def test_every_subject_and_trait_is_there_with_its_level_and_score(marks: Marks) -> None:
    pupil = somebody(marks)
    lines = glance(marks, pupil, homeroom_comment(END))
    results = marks.results[pupil.key]
    for subject in subjects_for(pupil, marks.classroom):
        score = results.score(END, subject.code)
        value = results.level(END, subject.code) + (f" {score}" if score is not None else "")
        assert f"{subject.short} {value}" in lines[0].split(" · ")
    for trait in traits_for(pupil, marks.classroom):
        assert any(f"{trait.short} {results.level(END, trait.code)}" in line for line in lines[1:4])
    assert "cả năm: " in lines[4]


def test_the_comment_being_written_is_not_told_again_but_that_of_the_period_before_is(marks: Marks) -> None:
    pupil = somebody(marks)
    text = "\n".join(glance(marks, pupil, QUALITIES))
    before = marks.text(pupil.key, Cell(Period.MID_2, TraitGroup.QUALITIES, COMMENT))
    assert before
    assert f"Giữa HK II: {before}" in text
    assert "Nhận xét phẩm chất:" not in text
    assert f"Nhận xét của GVCN: {marks.text(pupil.key, homeroom_comment(END))}" in text


def test_an_exempt_subject_is_left_out_and_empty_cells_are_dashes(marks: Marks) -> None:
    exempt = next(pupil for pupil in marks.pupils if "GDTC" in pupil.exempt_subjects)
    assert "GDTC" not in glance(marks, exempt, QUALITIES)[0]
    unknown = Pupil(key="nobody", name="Lê Mới")
    lines = glance(marks, unknown, QUALITIES)
    assert lines[0].startswith("T.Việt — — · Toán — —")
    assert "cả năm" not in lines[4]


def test_the_first_period_has_none_before_it_and_an_award_is_seen_beside_the_years_end(marks: Marks) -> None:
    pupil = somebody(marks)
    assert not any("HK" in line for line in glance(marks, pupil, Cell(Period.MID_1, TraitGroup.QUALITIES, COMMENT)))
    assert glance(marks, pupil, AWARD_REASON)[0] == glance(marks, pupil, QUALITIES)[0]
