"""Another test (Điều 7.1d) and additional assessment (Điều 11.1b): all attempts are kept, the last one counts."""

from __future__ import annotations

import pytest

from hocba_tui.errors import NotAllowed, Refused
from hocba_tui.flow.desk import RESULTS, Desk
from hocba_tui.flow.grades.enter import Typed, enter
from hocba_tui.flow.grades.retests import Again, assess_again
from hocba_tui.flow.grades.undo import redo, undo
from hocba_tui.flow.reports.card import card
from hocba_tui.model.results import LEVEL, PROMOTED, PROMOTED_BY, PROMOTED_ON, SCORE, Cell, Results
from hocba_tui.model.values import Outcome, Period
from hocba_tui.rules.outcome import outcome_of
from hocba_tui.store.backend import edits_for
from tests.conftest import DeskAs
from tests.support.whole_year import whole_year

END = Period.END_YEAR
MATHS, MATHS_LEVEL = Cell(END, "TOAN", SCORE), Cell(END, "TOAN", LEVEL)
LATER = Again("7", "03/06/2026", "Điểm bất thường so với đánh giá thường xuyên")


@pytest.fixture
def desk(desk_as: DeskAs) -> Desk:
    """The homeroom teacher of a class whose first pupil has a full year with 4 in maths."""
    opened = desk_as("gv.5a")
    shard, pupil = opened.class_shard("5A"), first(opened)
    fields = whole_year(opened.classroom("5A")) | {MATHS.field: 4, MATHS_LEVEL.field: "C"}
    shard.change("test", "test", edits_for(RESULTS, pupil, shard.document(RESULTS, pupil), fields))
    return opened


def first(desk: Desk) -> str:
    return desk.pupils("5A")[0].key


def results(desk: Desk) -> Results:
    return desk.results("5A")[first(desk)]


def outcome(desk: Desk) -> Outcome | None:
    return outcome_of(desk.pupils("5A")[0], desk.classroom("5A"), results(desk))


def test_every_attempt_is_kept_and_the_last_one_counts(desk: Desk) -> None:
    assess_again(desk, "5A", first(desk), MATHS, LATER)
    assess_again(desk, "5A", first(desk), MATHS, Again("6", "05/06/2026", "Chấm lại bài"))
    assert results(desk).score(END, "TOAN") == 6
    assert [(a.score, a.day) for a in results(desk).attempts(END, "TOAN")] == [
        (4, ""),
        (7, "2026-06-03"),
        (6, "2026-06-05"),
    ]


def test_a_typing_error_corrects_the_last_attempt_alone(desk: Desk) -> None:
    assess_again(desk, "5A", first(desk), MATHS, LATER)
    entered = enter(desk, "5A", [Typed(first(desk), MATHS, "8", 7)])
    assert not entered.refused
    assert [a.score for a in results(desk).attempts(END, "TOAN")] == [4, 8]


def test_a_score_with_several_attempts_is_not_emptied(desk: Desk) -> None:
    assess_again(desk, "5A", first(desk), MATHS, LATER)
    entered = enter(desk, "5A", [Typed(first(desk), MATHS, "", 7)])
    assert entered.refused
    assert results(desk).score(END, "TOAN") == 7


def test_undo_takes_an_attempt_back_and_redo_brings_it_again(desk: Desk) -> None:
    before = results(desk)
    assess_again(desk, "5A", first(desk), MATHS, LATER)
    after = results(desk)
    undo(desk, "5A")
    assert results(desk) == before
    redo(desk, "5A")
    assert results(desk) == after


def test_additional_assessment_leads_from_cht_to_ht(desk: Desk) -> None:
    assert outcome(desk) is Outcome.CHT
    assess_again(desk, "5A", first(desk), MATHS, LATER)
    assess_again(desk, "5A", first(desk), MATHS_LEVEL, Again("h", "03/06/2026", "Đánh giá bổ sung"))
    assert outcome(desk) is Outcome.HT
    (only,) = results(desk).reassessments()
    assert (only.day, only.by, only.outcome) == ("2026-06-03", "gv.5a", "HT")
    assert list(only.fields) == [MATHS.field, MATHS_LEVEL.field]
    lines = [line.value for line in card(desk, "5A", first(desk))]
    assert any(line.startswith("4; 7 (03/06/2026") for line in lines)
    assert any("Hoàn thành. " in line for line in lines)


def test_another_day_is_another_round(desk: Desk) -> None:
    assess_again(desk, "5A", first(desk), MATHS, Again("4", "02/06/2026", "Lần 1"))
    assess_again(desk, "5A", first(desk), MATHS, Again("5", "09/06/2026", "Lần 2"))
    assert [(r.day, r.outcome) for r in results(desk).reassessments()] == [("2026-06-02", "CHT"), ("2026-06-09", "CHT")]


@pytest.mark.parametrize(
    "again",
    [
        Again("11", "03/06/2026", "x"),
        Again("", "03/06/2026", "x"),
        Again("7", "hôm qua", "x"),
        Again("7", "", "x"),
        Again("7", "01/01/2099", "x"),
        Again("7", "03/06/2026", " "),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_and_nothing_is_written(desk: Desk, again: Again) -> None:
    before = results(desk)
    with pytest.raises(Refused):
        assess_again(desk, "5A", first(desk), MATHS, again)
    assert results(desk) == before


def test_an_attempt_is_not_earlier_than_the_one_before(desk: Desk) -> None:
    assess_again(desk, "5A", first(desk), MATHS, LATER)
    with pytest.raises(Refused):
        assess_again(desk, "5A", first(desk), MATHS, Again("9", "01/06/2026", "Sớm hơn"))


def test_a_level_is_assessed_again_only_after_cht(desk: Desk) -> None:
    with pytest.raises(Refused):
        assess_again(desk, "5A", desk.pupils("5A")[1].key, MATHS_LEVEL, Again("t", "03/06/2026", "x"))


def test_a_stranger_to_the_subject_may_not(desk: Desk, desk_as: DeskAs) -> None:
    with pytest.raises((Refused, NotAllowed)):
        assess_again(desk_as("gv.4a"), "5A", first(desk), MATHS, LATER)


def test_a_decision_says_who_and_when(desk_as: DeskAs) -> None:
    desk = desk_as("hieutruong")
    pupil = desk.pupils("4A")[0].key
    entered = enter(desk, "4A", [Typed(pupil, PROMOTED, "1", None)])
    assert not entered.refused
    held = desk.results("4A")[pupil]
    assert held.text(PROMOTED_BY) == "hieutruong"
    assert held.text(PROMOTED_ON) == desk.clock.today().isoformat()
    undo(desk, "4A")
    assert not any(desk.results("4A")[pupil].text(cell) for cell in (PROMOTED, PROMOTED_BY, PROMOTED_ON))
