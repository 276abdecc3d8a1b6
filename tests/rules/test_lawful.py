"""What may be typed into a cell, and what may not."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hocba_tui.model.curriculum import SUBJECTS, TRAITS, TraitGroup
from hocba_tui.model.results import (
    ABSENT_EXCUSED,
    ABSENT_UNEXCUSED,
    AWARD,
    AWARD_EXTRA,
    AWARD_RECOGNISED,
    AWARD_TITLE,
    COMMENT,
    HEIGHT,
    LEVEL,
    PROMOTED,
    SCORE,
    WEIGHT,
    YEAR_CELLS,
    Cell,
    Value,
    attempts_cell,
    homeroom_comment,
)
from hocba_tui.model.values import Period
from hocba_tui.rules.lawful import Lawful, Unlawful, comment_limit, read_typed
from tests.support.table import table
from tests.support.whole_year import END, room_of

FIVE = room_of(5)
MATHS = Cell(END, "TOAN", SCORE)
SUBJECT_LEVEL = Cell(END, "AN", LEVEL)
TRAIT_LEVEL = Cell(END, "CC", LEVEL)
HOMEROOM_COMMENT = homeroom_comment(END)
COMMENTS = [Cell(END, "TV", COMMENT), *(Cell(END, group, COMMENT) for group in TraitGroup), HOMEROOM_COMMENT]
EVERY_CELL = [MATHS, SUBJECT_LEVEL, TRAIT_LEVEL, *COMMENTS, *YEAR_CELLS]


def reason(typed: str, cell: Cell, grade: int = 5) -> str:
    read = read_typed(typed, cell, room_of(grade))
    assert isinstance(read, Unlawful), f"{typed!r} was taken as {read}"
    return read.reason


@table("score", range(1, 11))
def test_whole_scores_from_one_to_ten(score: int) -> None:
    assert read_typed(f" {score} ", MATHS, FIVE) == Lawful(score)


@table("typed", ["0", "11", "100", "-5", "+7", "8đ", "8 9", "chín", "mười", "M", "T", "1e1", "٩", "²"])
def test_anything_else_is_no_score(typed: str) -> None:
    assert reason(typed, MATHS)


@pytest.mark.parametrize(("typed", "value"), [("9.0", 9), ("10,0", 10), ("1,0", 1)])
def test_a_whole_number_with_a_zero_behind_the_comma_is_that_number(typed: str, value: int) -> None:
    assert read_typed(typed, MATHS, FIVE) == Lawful(value)


@pytest.mark.parametrize("typed", ["10.5", "9,5", "9.50", "10,05", "0,5"])
def test_decimal_scores_are_refused_by_name(typed: str) -> None:
    assert "thập phân" in reason(typed, MATHS)


@table("cell", EVERY_CELL)
@table("typed", ["", "  ", "\n", "\u00a0"])
def test_nothing_typed_empties_any_cell(typed: str, cell: Cell) -> None:
    assert read_typed(typed, cell, FIVE) == Lawful(None)


@pytest.mark.parametrize(
    ("letter", "spellings"),
    [
        ("T", ["t", "T", "tốt", "TỐT", "Hoàn thành tốt", "HTT", "htt"]),
        ("H", ["h", "H", "Hoàn thành", "HOÀN THÀNH", "ht"]),
        ("C", ["c", "C", "Chưa hoàn thành", "CHT", "chưa  hoàn thành"]),
    ],
)
def test_spellings_of_subject_levels(letter: str, spellings: list[str]) -> None:
    for typed in (form for spelling in spellings for form in (spelling, unicodedata.normalize("NFD", spelling))):
        assert read_typed(typed, SUBJECT_LEVEL, FIVE) == Lawful(letter), ascii(typed)


@pytest.mark.parametrize(
    ("letter", "spellings"),
    [
        ("T", ["t", "T", "tốt", "TỐT", "Tốt"]),
        # Telex without an input method, decomposed D + stroke, and the Icelandic eth of bad fonts.
        ("\u0110", ["đ", "Đ", "d", "D", "dd", "DD", "Dd", "D\u0335", "d\u0335", "\u00d0", "\u00f0", "đạt", "ĐẠT"]),
        ("C", ["c", "C", "Cần cố gắng", "CCG", "ccg"]),
    ],
)
def test_spellings_of_trait_levels(letter: str, spellings: list[str]) -> None:
    for typed in (form for spelling in spellings for form in (spelling, unicodedata.normalize("NFD", spelling))):
        assert read_typed(typed, TRAIT_LEVEL, FIVE) == Lawful(letter), ascii(typed)


@pytest.mark.parametrize("typed", ["đ", "dd", "Đạt", "A", "10", "th", "HTXS", "M"])
def test_no_level_of_a_subject(typed: str) -> None:
    assert "T, H hoặc C" in reason(typed, SUBJECT_LEVEL)


@pytest.mark.parametrize("typed", ["h", "Hoàn thành", "HT", "5", "ddd", "tốt lắm"])
def test_no_level_of_a_trait(typed: str) -> None:
    assert "T, Đ hoặc C" in reason(typed, TRAIT_LEVEL)


@table(("grade", "code"), [(1, "KH"), (3, "LSDL"), (2, "TIN"), (2, "CN"), (1, "NN1"), (4, "TNXH"), (5, "TDT")])
@table("aspect", [LEVEL, SCORE, COMMENT])
def test_subject_that_the_class_lacks_takes_nothing(grade: int, code: str, aspect: str) -> None:
    assert "không học môn" in reason("T", Cell(END, code, aspect), grade)


def test_optional_subject_takes_a_level_but_no_score() -> None:
    english = room_of(2, "NN1")
    assert read_typed("t", Cell(END, "NN1", LEVEL), english) == Lawful("T")
    assert isinstance(read_typed("9", Cell(END, "NN1", SCORE), english), Unlawful)


@pytest.mark.parametrize(
    ("grade", "code", "period"),
    [(5, "DD", END), (3, "TV", Period.MID_1), (4, "KH", Period.MID_2), (1, "TNXH", END), (5, "HDTN", Period.END_1)],
)
def test_subject_without_a_test_takes_no_score(grade: int, code: str, period: Period) -> None:
    assert "không có bài kiểm tra" in reason("9", Cell(period, code, SCORE), grade)


@pytest.mark.parametrize("code", ["NLCN", "NLTH"])
def test_technology_and_computing_are_not_assessed_before_grade_three(code: str) -> None:
    assert "không đánh giá" in reason("T", Cell(END, code, LEVEL), 2)
    assert read_typed("T", Cell(END, code, LEVEL), room_of(3)) == Lawful("T")


@table(
    "cell",
    [
        Cell(END, "CC", SCORE),
        Cell(END, "qualities", LEVEL),
        Cell(END, "homeroom", LEVEL),
        Cell(END, "homeroom", SCORE),
        Cell(END, "XX", LEVEL),
        Cell(END, "XX", SCORE),
        Cell(END, "TOAN", "rank"),
    ],
)
@table("typed", ["T", "9"])
def test_cell_that_the_form_does_not_have_takes_nothing(cell: Cell, typed: str) -> None:
    assert reason(typed, cell)


@table("cell", COMMENTS)
@table("typed", ["8", " 10 ", "9,5", "7.0", "T", "h", "c", "Đ", "đ", "dd"])
def test_a_mark_that_was_typed_into_a_comment_is_no_comment(typed: str, cell: Cell) -> None:
    assert "gõ ở cột Mức, Điểm" in reason(typed, cell)


@table("typed", ["Em đạt 8 điểm.", "Tốt", "Hoàn thành", "8 điểm", "..."])
def test_words_are_a_comment(typed: str) -> None:
    assert read_typed(typed, HOMEROOM_COMMENT, FIVE) == Lawful(typed)


@pytest.mark.parametrize("cell", COMMENTS, ids=lambda cell: cell.field)
def test_comment_limits_count_composed_characters(cell: Cell) -> None:
    limit = comment_limit(cell)
    assert limit == (2000 if cell == HOMEROOM_COMMENT else 500)
    full = "ế" * limit
    assert len(full.encode()) > limit
    assert read_typed(unicodedata.normalize("NFD", full), cell, FIVE) == Lawful(full)
    assert f"{limit + 1} ký tự" in reason(unicodedata.normalize("NFD", full + "ế"), cell)


def test_line_breaks_of_a_comment_are_kept_and_count_once() -> None:
    assert read_typed(" Em ngoan.\r\nEm  chăm. ", HOMEROOM_COMMENT, FIVE) == Lawful("Em ngoan.\nEm chăm.")
    assert read_typed("a\r\n" * 999 + "aa", HOMEROOM_COMMENT, FIVE) == Lawful("a\n" * 999 + "aa")


@pytest.mark.parametrize("cell", [AWARD, AWARD_EXTRA], ids=lambda cell: cell.field)
def test_award_may_have_two_thousand_characters(cell: Cell) -> None:
    assert read_typed("ở" * 2000, cell, FIVE) == Lawful("ở" * 2000)
    assert reason("ở" * 2001, cell)


@table(
    ("cell", "typed", "value"),
    [
        # 25 cm and 125 kg are allowed values; the review finds them odd.
        (HEIGHT, "25", 25),
        (WEIGHT, "125", 125),
        (HEIGHT, "10", 10),
        (HEIGHT, "300", 300),
        (HEIGHT, "132,5", 132.5),
        (HEIGHT, "132.5", 132.5),
        (HEIGHT, "132,0", 132),
        (WEIGHT, "1", 1),
        (WEIGHT, "23,5", 23.5),
        (ABSENT_EXCUSED, "0", 0),
        (ABSENT_EXCUSED, "1,5", 1.5),
        (ABSENT_EXCUSED, "200", 200),
        (ABSENT_UNEXCUSED, "0", 0),
        (ABSENT_UNEXCUSED, "0.5", 0.5),
        (WEIGHT, "300", 300),
        (ABSENT_UNEXCUSED, "200", 200),
    ],
)
def test_facts_of_the_year(cell: Cell, typed: str, value: Value) -> None:
    assert read_typed(typed, cell, FIVE) == Lawful(value)


@table(
    ("cell", "typed"),
    [
        (HEIGHT, "9,9"),
        (HEIGHT, "300,1"),
        (HEIGHT, "1m32"),
        (HEIGHT, "132,55"),
        (HEIGHT, "1.3.2"),
        (WEIGHT, "0"),
        (WEIGHT, "301"),
        (WEIGHT, "-20"),
        (WEIGHT, "nan"),
        (WEIGHT, "inf"),
        (ABSENT_EXCUSED, "0,3"),
        (ABSENT_EXCUSED, "0,25"),
        (ABSENT_EXCUSED, "200,5"),
        (ABSENT_UNEXCUSED, "0,3"),
        (ABSENT_UNEXCUSED, "200,5"),
        (ABSENT_UNEXCUSED, "-1"),
        (ABSENT_UNEXCUSED, "không"),
        (Cell("year", "rank", "value"), "1"),
    ],
)
def test_unlawful_facts_of_the_year(cell: Cell, typed: str) -> None:
    assert reason(typed, cell)


@pytest.mark.parametrize(("typed", "value"), [("1", "1"), ("x", "1"), ("Có", "1"), ("0", "0"), ("không", "0")])
def test_promotion_is_yes_or_no(typed: str, value: str) -> None:
    assert read_typed(typed, PROMOTED, room_of(4)) == Lawful(value)


@pytest.mark.parametrize("typed", ["", "9", "[]"])
def test_nobody_types_over_the_attempts_that_are_kept(typed: str) -> None:
    assert "không gõ ở đây" in reason(typed, attempts_cell(END, "TOAN"))


@pytest.mark.parametrize("cell", [AWARD_RECOGNISED, AWARD_TITLE], ids=lambda cell: cell.field)
@pytest.mark.parametrize("typed", ["0", "không", "chưa", "?"])
def test_only_a_cross_is_a_yes(typed: str, cell: Cell) -> None:
    assert reason(typed, cell).startswith("Gõ x")


def test_nobody_is_promoted_out_of_the_last_grade_by_decision() -> None:
    assert isinstance(read_typed("1", PROMOTED, FIVE), Unlawful)
    assert read_typed("0", PROMOTED, FIVE) == Lawful("0")
    assert reason("2", PROMOTED)


@pytest.mark.parametrize("cell", [MATHS, HEIGHT, ABSENT_EXCUSED], ids=lambda cell: cell.field)
def test_endless_digits_are_refused_like_any_number_out_of_range(cell: Cell) -> None:
    # Python itself refuses to make a number of more than 4,300 digits.
    assert reason("1" * 5000, cell)


@given(st.text(max_size=40) | st.text("0123456789.,-+eđ ", max_size=12), st.sampled_from(EVERY_CELL))
def test_whatever_is_typed_gets_a_value_or_a_reason(typed: str, cell: Cell) -> None:
    read = read_typed(typed, cell, FIVE)
    assert read.reason if isinstance(read, Unlawful) else read.value != ""


@given(st.integers(1, 5), st.sampled_from([*SUBJECTS, *TRAITS]), st.text("tTđĐhHcCdD", min_size=1, max_size=2))
def test_a_stored_level_is_always_a_letter_of_the_law(grade: int, code: str, typed: str) -> None:
    read = read_typed(typed, Cell(END, code, LEVEL), room_of(grade))
    assert isinstance(read, Unlawful) or read.value in (("T", "H", "C") if code in SUBJECTS else ("T", "Đ", "C"))
