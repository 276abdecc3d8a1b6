"""Filling the placeholders of a comment, finding what suits a pupil, and seeing what a class shares already."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from hocba_tui.model.bank import BankEntry, Calling, Scope
from hocba_tui.model.curriculum import SUBJECTS, TRAITS, TraitGroup
from hocba_tui.model.pupil import Pupil, Sex
from hocba_tui.model.results import COMMENT, HOMEROOM, LEVEL, Cell, Results
from hocba_tui.model.school import ClassRoom
from hocba_tui.model.values import Period
from hocba_tui.rules.bank import (
    USES,
    Wanted,
    entry_problem,
    fill,
    generalise,
    matches,
    read_code,
    suits,
    wanted_at,
)
from hocba_tui.rules.bank_sharing import holders, is_shared, own_words, variants
from hocba_tui.rules.characters import placeholder
from hocba_tui.rules.comments import COPIED_TO, in_bare_words, wrong_sex_word
from tests.support.table import table

END = Period.END_YEAR
ROOM = ClassRoom("5A", grade=5, year="2025-2026")
AN = Pupil("a", name="Trần Minh An", sex=Sex.MALE)
HOA = Pupil("h", name="Phạm Thị Hoa", sex=Sex.FEMALE)
ENTRY = BankEntry("tvt1", "{Em} đọc to, rõ ràng.", "TV", "T", (4, 5))

names = st.lists(st.sampled_from(["Trần", "Thị", "Ánh", "Đức", "H'Mai", "Nguyên", "Quý"]), min_size=1, max_size=4)
pupils = st.builds(lambda words, sex: Pupil("x", name=" ".join(words), sex=sex), names, st.sampled_from(list(Sex)))
pieces = st.lists(
    st.one_of(
        st.sampled_from(["{ten}", "{em}", "{Em}", "{be}", "{Be}"]),
        st.sampled_from([" đọc tốt", "; ", ". ", "cần ", "\n", " là ", "{lạ}", "{", "}"]),
    ),
    max_size=12,
)


@given(pieces, pupils, st.sampled_from(list(Calling)))
def test_filling_leaves_no_place_that_it_knows_and_every_other_letter(
    parts: list[str], pupil: Pupil, calling: Calling
) -> None:
    given_name = pupil.name.split()[-1]
    child = {Sex.MALE: "cậu bé", Sex.FEMALE: "cô bé", Sex.UNKNOWN: "học sinh"}[Sex(pupil.sex)]
    words = {
        "{ten}": given_name,
        "{em}": calling.value,
        "{Em}": calling.value.capitalize(),
        "{be}": child,
        "{Be}": child.capitalize(),
    }
    wanted = "".join(words.get(part, part) for part in parts)
    # A brace next to a placeholder makes another text: "{" + "{em}" is both of them, and "{" + "em}" cannot occur.
    assert fill("".join(parts), pupil, calling) == wanted


@given(st.text(max_size=60).filter(lambda text: "{" not in text), pupils)
def test_a_text_without_places_stays_as_it_is(text: str, pupil: Pupil) -> None:
    assert fill(text, pupil, Calling.EM) == text


@example(["{", "{em}", "}"], AN)
@given(pieces, pupils)
def test_what_was_generalised_fills_to_the_same_words(parts: list[str], pupil: Pupil) -> None:
    text = fill("".join(parts), pupil, Calling.EM)
    # "{" + "em" + "}" has become a placeholder, which no comment written for a child contains.
    assume(fill(text, pupil, Calling.EM) == text)
    if pupil.name not in text or " " not in pupil.name:
        assert fill(generalise(text, pupil), pupil, Calling.EM) == text


@given(pieces, pupils, pupils)
def test_a_comment_made_for_one_child_never_calls_another_by_the_wrong_sex(
    parts: list[str], one: Pupil, other: Pupil
) -> None:
    text = generalise(fill("{ten} là {be} ngoan. " + "".join(parts), one, Calling.EM), one)
    if one.sex:
        assert not wrong_sex_word(fill("{ten} là {be} ngoan.", other, Calling.EM), other.sex)
        assert "{be}" in text


def test_a_name_is_found_only_as_a_whole_word_as_it_is_written() -> None:
    assert generalise("An ngoan. Bạn Trần Minh An yêu An ninh, an toàn, Anh.", AN) == (
        "{ten} ngoan. Bạn {ten} yêu {ten} ninh, an toàn, Anh."
    )
    assert generalise("Hoa là cô bé ngoan; kể chuyện cô bé bán diêm.", HOA) == (
        "{ten} là {be} ngoan; kể chuyện cô bé bán diêm."
    )


def test_a_pupil_without_a_name_is_called_as_usual() -> None:
    assert fill("{ten} ngoan.", Pupil("x"), Calling.CON) == "Con ngoan."


@table(
    ("change", "said"),
    [
        ({"code": "1a"}, "chữ cái đứng đầu"),
        ({"code": "đọc"}, "không dấu"),
        ({"code": "a" * 13}, "1 đến 12"),
        ({"code": ""}, "Mã"),
        ({"text": "{ten} {em}"}, "chưa nói được gì"),
        ({"text": "{ten} đọc {tên} tốt."}, "{"),
        ({"text": "Em đọc ____ tốt."}, "____"),
        ({"text": "Em đọc tốt " * 46}, "tối đa 500"),
        ({"text": "Em tiÕn bé nhanh."}, "bảng mã cũ"),
        ({"text": "Em đọc\u200b tốt."}, "ẩn"),
        ({"item": "VAN"}, "VAN"),
        ({"levels": "Đ"}, "không có mức “Đ”"),
        ({"item": "YN", "levels": "H"}, "không có mức “H”"),
        ({"grades": (6,)}, "1 đến 5"),
    ],
)
def test_what_cannot_be_kept_says_why(change: dict[str, object], said: str) -> None:
    assert entry_problem(ENTRY) is None
    assert said in (entry_problem(replace(ENTRY, **change)) or "")  # type: ignore[arg-type]


def test_a_homeroom_comment_may_be_as_long_as_its_cell() -> None:
    long = replace(ENTRY, text="Em đọc tốt. " * 100, item=HOMEROOM)
    assert entry_problem(long) is None


def test_codes_are_read_as_they_are_typed_under_any_input_method() -> None:
    assert read_code(" TVT1 ") == "tvt1"
    assert read_code("đct1") == "dct1"
    assert read_code("tọan t1") == "toant1"


def test_every_use_has_a_name_of_its_own() -> None:
    assert len(set(USES.values())) == len(USES)
    assert set(USES) == {*SUBJECTS, *TRAITS, *TraitGroup, HOMEROOM, ""}


def results(**levels: str) -> Results:
    return Results({Cell(END, item, LEVEL).field: level for item, level in levels.items()})


def wanted(item: str, found: Results) -> Wanted:
    return wanted_at(Cell(END, item, COMMENT), AN, ROOM, found)


def test_a_subject_asks_for_the_level_of_its_own_period() -> None:
    found = results(TV="T")
    assert wanted("TV", found) == Wanted({"TV": "T"}, 5, END)
    assert wanted_at(Cell(Period.MID_1, "TV", COMMENT), AN, ROOM, found).levels == {"TV": ""}


def test_a_group_asks_for_each_of_its_traits_and_for_all_together() -> None:
    assert wanted("qualities", results(YN="T", NA="Đ")).levels == {
        "qualities": "Đ", "YN": "T", "NA": "Đ", "CC": "", "TT": "", "TN": "",
    }  # fmt: skip
    assert wanted("qualities", results(YN="T", NA="C")).levels["qualities"] == "C"
    assert wanted("qualities", results()).levels["qualities"] == ""


def test_a_trait_that_the_plan_leaves_out_is_not_asked_for() -> None:
    spared = replace(AN, plan="12", disability="có", not_in_plan="YN")
    assert "YN" not in wanted_at(Cell(END, "qualities", COMMENT), spared, ROOM, results()).levels


def test_the_homeroom_comment_asks_for_everything_together() -> None:
    assert wanted(HOMEROOM, results(TV="T", YN="T")).levels == {HOMEROOM: "T"}
    assert wanted(HOMEROOM, results(TV="H", YN="T")).levels == {HOMEROOM: "H"}
    assert wanted(HOMEROOM, results(TV="T", YN="C")).levels == {HOMEROOM: "C"}
    assert wanted(HOMEROOM, results()).levels == {HOMEROOM: ""}


@pytest.mark.parametrize(
    ("change", "fitting", "same_item"),
    [
        ({}, True, True),
        ({"item": ""}, True, True),
        ({"item": "TOAN"}, False, False),
        ({"levels": "H"}, False, True),
        ({"levels": ""}, True, True),
        ({"grades": (1,)}, False, True),
        ({"grades": ()}, True, True),
        ({"periods": (Period.MID_1,)}, False, True),
        ({"periods": (Period.MID_1, END)}, True, True),
    ],
)
def test_what_suits_a_comment(change: dict[str, object], fitting: bool, same_item: bool) -> None:
    entry = replace(ENTRY, **change)  # type: ignore[arg-type]
    asked = Wanted({"TV": "T"}, 5, END)
    assert suits(entry, asked, Scope.FITTING) is fitting
    assert suits(entry, asked, Scope.ITEM) is same_item
    assert suits(entry, asked, Scope.ALL)


def test_a_pupil_without_a_level_is_offered_every_level() -> None:
    assert suits(ENTRY, Wanted({"TV": ""}, 5, END), Scope.FITTING)


@pytest.mark.parametrize("typed", ["", "tvt", "doc ro", "RÕ đọc", "tieng viet", "to,"])
def test_a_loose_search_finds_it(typed: str) -> None:
    assert matches(ENTRY, typed)


@pytest.mark.parametrize("typed", ["tvt2", "doc cham", "toan", "{em}"])
def test_a_loose_search_passes_others_over(typed: str) -> None:
    assert not matches(ENTRY, typed)


def test_the_holders_of_an_entry_are_found_whatever_filled_it() -> None:
    entry = BankEntry("a1", "{Em} là {be} chăm ngoan; {ten} cần đọc thêm.", "TV")
    said = [
        "Em là cậu bé chăm ngoan; An cần đọc thêm.",
        "Con là cô bé chăm ngoan; Hoa cần đọc thêm",
        "Viết đẹp. Em là cô bé chăm ngoan; Hoa cần đọc thêm. Cần viết nhanh.",
        "Em là chú bé chăm ngoan; An cần đọc thêm.",
        "Em chăm ngoan.",
    ]
    assert holders(entry, [in_bare_words(text) for text in said]) == 3


def test_a_short_entry_is_not_seen_inside_longer_comments() -> None:
    assert holders(BankEntry("a1", "Đọc tốt.", "TV"), ["đọc tốt", "đọc tốt, viết đẹp"]) == 1


@given(pieces, pupils, st.sampled_from(list(Calling)))
def test_who_has_an_entry_counts_as_its_holder(parts: list[str], pupil: Pupil, calling: Calling) -> None:
    text = " ".join(["{Em} chăm học, đọc bài rõ ràng và", *(part for part in parts if part.startswith("{"))])
    if placeholder(fill(text, pupil, calling)) or "'" in pupil.name:
        return
    entry = BankEntry("a1", text)
    assert holders(entry, [in_bare_words(fill(text, pupil, calling))]) == 1


def test_the_same_words_are_the_same_with_each_pupils_own_name() -> None:
    assert own_words("An đọc to, rõ ràng.", AN) == own_words("Hoa  đọc to, rõ ràng", HOA)
    assert own_words("An đọc to, rõ ràng.", AN) != own_words("An đọc to, rõ ràng.", HOA)


def test_from_five_pupils_on_a_comment_is_shared() -> None:
    assert is_shared(COPIED_TO - 1)
    assert not is_shared(COPIED_TO - 2)


def test_variants_say_it_for_the_same_item_at_the_same_level() -> None:
    others = [
        ENTRY,
        BankEntry("v1", "Đọc trôi chảy.", "TV", "TH"),
        BankEntry("v2", "Đọc được.", "TV", "H"),
        BankEntry("v3", "Tính nhanh.", "TOAN", "T"),
        BankEntry("v4", "Đọc hay.", "TV"),
    ]
    assert [entry.code for entry in variants(ENTRY, others)] == ["v1", "v4"]
