"""Comments and awards: tables of real cases from report cards."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hocba_tui.model.curriculum import SUBJECTS, TraitGroup
from hocba_tui.model.finding import Finding, Severity
from hocba_tui.model.pupil import Pupil, Sex
from hocba_tui.model.results import AWARD, AWARD_EXTRA, COMMENT, Cell, Results, homeroom_comment
from hocba_tui.model.values import Period
from hocba_tui.rules.comments import COPIED_TO, comment_cells, comment_findings, copied_comments
from hocba_tui.rules.lawful import Lawful, comment_limit, read_typed
from tests.support.natural_comments import NATURAL
from tests.support.table import table
from tests.support.whole_year import END, PUPIL, room_of

ROOM = room_of(5)
HOMEROOM = homeroom_comment(END)
MATHS = Cell(END, "TOAN", COMMENT)
CELLS = comment_cells(PUPIL, ROOM, END)


def said_of(text: str, cell: Cell = HOMEROOM, pupil: Pupil = PUPIL) -> list[Finding]:
    return comment_findings(pupil, ROOM, Results({cell.field: text}), END)


def codes(text: str, cell: Cell = HOMEROOM, pupil: Pupil = PUPIL) -> list[str]:
    return [finding.code for finding in said_of(text, cell, pupil)]


def test_comment_cells_are_the_subjects_the_three_groups_and_the_homeroom_teacher() -> None:
    assert [cell.item for cell in CELLS][-4:] == [*TraitGroup, "homeroom"]
    assert {cell.item for cell in CELLS} & set(SUBJECTS) == {"TV", "TOAN", "NN1", "LSDL", "KH", "TIN", "CN", "DD",
                                                            "GDTC", "AN", "MT", "HDTN"}  # fmt: skip
    assert MATHS not in comment_cells(replace(PUPIL, exempt="TOAN"), ROOM, END)


@table("text", NATURAL)
@table("sex", [Sex.MALE, Sex.FEMALE])
def test_no_alarm_over_what_teachers_really_write(text: str, sex: Sex) -> None:
    assert codes(text, HOMEROOM, replace(PUPIL, sex=sex)) == []


@table("cell", CELLS)
def test_every_kind_of_comment_is_looked_at(cell: Cell) -> None:
    (found,) = said_of("…", cell)
    assert (found.code, found.severity, found.field) == ("ODD-EMPTY", Severity.WARNING, cell.field)


def test_comments_of_another_period_are_not_this_review() -> None:
    assert codes("…", homeroom_comment(Period.MID_1)) == []


@table("text", ["…", ".", "-", "...", "abc", "Tốt.", "xxx xxx", "Ngoan ngoan NGOAN", "123 456", "👏", "____", "{ten}"])
def test_comments_that_say_nothing(text: str) -> None:
    assert codes(text) == ["ODD-EMPTY"]


@table(
    ("text", "left"),
    [
        ("Em {ten} chăm ngoan.", "{ten}"),
        ("Em {{ho_ten}} chăm ngoan.", "{ho_ten}"),
        ("Em <tên> chăm ngoan.", "<tên>"),
        ("Em < họ tên > chăm ngoan.", "< họ tên >"),
        ("Em [tên] chăm ngoan.", "[tên]"),
        ("Em [] chăm ngoan.", "[]"),
        ("Em (tên học sinh) chăm ngoan.", "(tên học sinh)"),
        ("Em ... chăm ngoan.", "..."),
        ("Em … chăm ngoan.", "…"),
        ("Em ........ chăm ngoan.", "........"),
        ("Em ____ chăm ngoan.", "____"),
        ("Em học tốt môn #N/A", "#N/A"),
        ("#REF! em học tốt", "#REF!"),
    ],
)
def test_places_left_to_fill_in(text: str, left: str) -> None:
    (found,) = said_of(text)
    assert found.code == "ODD-PLACEHOLDER"
    assert f"“{left}”" in found.message


@pytest.mark.parametrize(
    "text",
    ["Em häc giái to¸n", "Em cã nhiÒu tiÕn bé", "NguyÔn V¨n An ch¨m häc", "Em hoïc gioûi", "Em coù nhieàu tieán boä",
     "Em chaêm ngoan, leã pheùp", "viÕt ®Ñp"],
)  # fmt: skip
def test_letters_of_an_old_font(text: str) -> None:
    assert "ODD-OLD-LETTERS" in codes(text)


@table(
    ("text", "expected"),
    [
        ("Em ngoan\x07 lắm", ["CARRY-CHARACTER", "ODD-HIDDEN"]),
        ("Em ngoan\x00 lắm", ["CARRY-CHARACTER", "ODD-HIDDEN"]),
        ("Em ngoan\ufffe lắm", ["CARRY-CHARACTER", "ODD-HIDDEN"]),
        ("Em ngoan\ud800 lắm", ["CARRY-CHARACTER", "ODD-HIDDEN"]),
        ("Em ngoan\r\nlắm", ["ODD-HIDDEN"]),  # lawful, yet its bytes differ from what was signed elsewhere
        ("Em\tngoan", ["ODD-HIDDEN"]),
        ("Em\u00a0ngoan", ["ODD-HIDDEN"]),
        ("Em\u200b ngoan", ["ODD-HIDDEN"]),
        ("Em cố ga\u0306\u0301ng", ["ODD-HIDDEN"]),
        ("Em ngoan\nlắm", []),
        ("Em ngoan & <giỏi", []),
    ],
)
def test_characters_that_do_not_belong(text: str, expected: list[str]) -> None:
    assert codes(text) == expected


@given(st.text(max_size=200), st.sampled_from(CELLS))
def test_what_comes_in_by_the_door_has_no_hidden_and_no_unlawful_characters(text: str, cell: Cell) -> None:
    read = read_typed(text, cell, ROOM)
    if isinstance(read, Lawful) and read.value:
        assert not {"CARRY-CHARACTER", "ODD-CHARACTER", "ODD-HIDDEN", "CARRY-LONG", "ODD-LONG"} & set(
            codes(str(read.value), cell)
        )


@table("cell", [*CELLS, AWARD, AWARD_EXTRA])
def test_length_counts_characters_and_holds_back_only_what_is_sent(cell: Cell) -> None:
    limit = 2000 if cell in (AWARD, AWARD_EXTRA) else comment_limit(cell)
    text = "Em đạt. " + "ế" * (limit - 8)
    assert codes(text, cell) == []
    (found,) = said_of(text + "ế", cell)
    subject = cell.item in SUBJECTS
    assert (found.code, found.severity) == (
        ("ODD-LONG", Severity.WARNING) if subject else ("CARRY-LONG", Severity.ERROR)
    )
    assert str(limit + 1) in found.message


@table(
    ("sex", "text", "word"),
    [
        (Sex.FEMALE, "Cậu bé thông minh, nhanh nhẹn.", "Cậu bé"),
        (Sex.FEMALE, "Ngoan. Bạn nam này rất chăm.", "Bạn nam"),
        (Sex.FEMALE, "Em là một nam sinh chăm chỉ.", "nam sinh"),
        (Sex.FEMALE, "Em là chàng trai mạnh mẽ.", "chàng trai"),
        (Sex.MALE, "Cô bé đáng yêu, học tốt.", "Cô bé"),
        (Sex.MALE, "Học tốt;\ncô bé cần mạnh dạn hơn.", "cô bé"),
        (Sex.MALE, "Em là bạn nữ hiền lành.", "bạn nữ"),
        (Sex.MALE, "Đúng là cô gái nhỏ chăm chỉ!", "cô gái"),
        (Sex.MALE, "Cậu bé đáng yêu.", ""),
        (Sex.FEMALE, "Cô bé đáng yêu.", ""),
        (Sex.MALE, "Bạn ấy đáng yêu. Em là người bạn tốt.", ""),
        (Sex.MALE, "Em nhường nhịn bạn nữ.", ""),
        (Sex.MALE, "Bạn nữ và bạn nam đều quý em. Là bạn nam gương mẫu.", ""),
        (Sex.UNKNOWN, "Cô bé đáng yêu.", ""),
    ],
)
def test_word_of_the_other_sex(sex: Sex, text: str, word: str) -> None:
    said = said_of(text, pupil=replace(PUPIL, sex=sex))
    assert [f.code for f in said] == (["ODD-SEX-WORD"] if word else [])
    assert all(f"“{word}”" in f.message for f in said)


@pytest.mark.parametrize("word", ["cậu bé", "bạn nam", "bé trai", "nam sinh", "học sinh nam", "chàng trai",
                                  "cậu học trò", "cậu học sinh", "chú bé"])  # fmt: skip
def test_every_word_for_a_boy(word: str) -> None:
    assert codes(f"Em là {word} chăm ngoan.", pupil=replace(PUPIL, sex=Sex.FEMALE)) == ["ODD-SEX-WORD"]
    assert codes(f"Em là {word} chăm ngoan.", pupil=replace(PUPIL, sex=Sex.MALE)) == []


@pytest.mark.parametrize("word", ["cô bé", "bạn nữ", "bé gái", "nữ sinh", "học sinh nữ", "cô gái", "cô học trò",
                                  "cô học sinh", "cô trò nhỏ"])  # fmt: skip
def test_every_word_for_a_girl(word: str) -> None:
    assert codes(f"Em là {word} chăm ngoan.", pupil=replace(PUPIL, sex=Sex.MALE)) == ["ODD-SEX-WORD"]
    assert codes(f"Em là {word} chăm ngoan.", pupil=replace(PUPIL, sex=Sex.FEMALE)) == []


def test_another_school_year_in_a_comment_is_natural() -> None:
    assert codes("Chúc em học tốt trong năm học 2026-2027.") == []


def copies(texts: list[str], cell: Cell = HOMEROOM, *, pupils: list[Pupil] | None = None) -> list[Finding]:
    children = pupils or [replace(PUPIL, key=f"hs{n}") for n in range(len(texts))]
    results = {child.key: Results({cell.field: text}) for child, text in zip(children, texts, strict=True) if text}
    return copied_comments(children, ROOM, results, END)


ONE = "Em ngoan ngoãn."


@table(
    ("texts", "code", "severity", "count"),
    [
        ([ONE] * 4 + ["Khác nhau."], "", None, 0),
        ([ONE] * 5, "ODD-COPIED", Severity.HINT, 5),  # five are the whole class, and few
        ([ONE] * 6, "ODD-COPIED-ALL", Severity.WARNING, 6),
        ([ONE] * 6 + ["Em khác."], "ODD-COPIED", Severity.HINT, 6),
        ([ONE] * 6 + [""], "ODD-COPIED", Severity.HINT, 6),  # one has no comment yet
        ([""] * 8, "", None, 0),
        (["Em ngoan ngoãn", "em ngoan  ngoãn.", "EM NGOAN NGOÃN!", ONE, ONE], "ODD-COPIED", Severity.HINT, 5),
    ],
)
@table("cell", [HOMEROOM, MATHS, Cell(END, TraitGroup.GENERAL, COMMENT)])
def test_copied_comments(cell: Cell, texts: list[str], code: str, severity: Severity | None, count: int) -> None:
    assert COPIED_TO == 5
    said = copies(texts, cell)
    assert [(f.code, f.severity, f.pupil, f.field) for f in said] == (
        [(code, severity, "hs0", cell.field)] if code else []
    )
    assert all(f"{count} em" in f.message for f in said)


@pytest.mark.parametrize(
    ("cell", "sharing", "codes"), [(HOMEROOM, 8, ["ODD-COPIED"]), (MATHS, 9, []), (MATHS, 10, ["ODD-COPIED"])]
)
def test_a_bank_serves_well_in_a_subject_up_to_half_the_class(cell: Cell, sharing: int, codes: list[str]) -> None:
    texts = [ONE] * sharing + [f"Em số {n}." for n in range(20 - sharing)]
    assert [f.code for f in copies(texts, cell)] == codes


def test_pupils_exempt_from_the_subject_are_not_of_its_class() -> None:
    children = [replace(PUPIL, key=f"hs{n}", exempt="TOAN" if n == 6 else "") for n in range(7)]
    assert [f.code for f in copies([ONE] * 7, MATHS, pupils=children)] == ["ODD-COPIED-ALL"]


def test_each_copied_text_and_each_cell_is_one_finding() -> None:
    children = [replace(PUPIL, key=f"hs{n}") for n in range(10)]
    texts = {child.key: "Em ngoan." if n < 5 else "Em giỏi." for n, child in enumerate(children)}
    results = {key: Results({HOMEROOM.field: text, MATHS.field: text}) for key, text in texts.items()}
    said = copied_comments(children, ROOM, results, END)
    assert sorted((f.pupil, f.field) for f in said) == sorted(
        (key, cell.field) for key in ("hs0", "hs5") for cell in (HOMEROOM, MATHS)
    )


@given(st.lists(st.sampled_from(["Em ngoan.", "Em giỏi.", "Em vui.", ""]), max_size=30))
def test_copies_are_named_exactly_from_five_on(texts: list[str]) -> None:
    expected = {text for text in texts if text and texts.count(text) >= COPIED_TO}
    assert len(copies(texts)) == len(expected)
