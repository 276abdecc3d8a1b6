"""Vietnamese text on input."""

from __future__ import annotations

import random
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hocba_tui.text import clean_block, clean_line, day_first, fold, given_name, loose, name_order
from tests.support.table import table

VIETNAMESE = st.text("aăâeêioôơuưyđAĂÂĐnghtrMBl'Ðð \u00a0\u0300\u0301\u0303\u0309\u0323\u0302\u0306\u031b", max_size=30)
"""Letters and marks as typed, composed or not, in any order, also marks where they do not belong."""
ANY = st.text(max_size=40)


def nfd(text: str) -> str:
    return unicodedata.normalize("NFD", text)


@table(
    ("typed", "clean"),
    [
        ("  Nguyễn   Thị\tHoà ", "Nguyễn Thị Hoà"),
        (nfd("Đặng Thuỳ Ngân"), "Đặng Thuỳ Ngân"),
        ("\u00d0inh B\u01b0u", "\u0110inh Bưu"),
        ("\u00f0", "\u0111"),
        ("H\u2019Hen Niê", "H'Hen Niê"),
        ("H\u02bcMông", "H'Mông"),
        ("Trần\u00a0An\nBình\r\n", "Trần An Bình"),
        ("An\x00\x07 Bình\u200b", "An Bình"),
        ("Em giỏi 👏", "Em giỏi 👏"),
        ("", ""),
    ],
)
def test_clean_line(typed: str, clean: str) -> None:
    assert clean_line(typed) == clean


@pytest.mark.parametrize("name", ["Hoà", "Hòa", "Thuý", "Thúy", "NGUYỄN VĂN AN", "Y Blơk", "Bru-Vân", "Mĩ", "Mỹ"])
def test_clean_line_never_rewrites_a_name(name: str) -> None:
    assert clean_line(name) == name


@pytest.mark.parametrize(
    ("typed", "clean"),
    [
        # Zero-width characters come with text copied from the web and from the start of files.
        ("\ufeff Nguyễn An", "Nguyễn An"),
        ("Nguyễn \u200b An", "Nguyễn An"),
        ("a\u200b\u0301n", "án"),
        ("An \u200e", "An"),
    ],
)
def test_invisible_characters_leave_no_trace(typed: str, clean: str) -> None:
    assert clean_line(typed) == clean


@pytest.mark.parametrize(
    ("typed", "clean"),
    [
        (" Dòng  một \r\n dòng hai\rdòng ba\n\n", "Dòng một\ndòng hai\ndòng ba"),
        ("một\n\nhai", "một\n\nhai"),
        ("\n \n", ""),
        (nfd("Em cố gắng."), "Em cố gắng."),
        ("thẻ <b> & \u201ctrích\u201d", "thẻ <b> & \u201ctrích\u201d"),
    ],
)
def test_clean_block(typed: str, clean: str) -> None:
    assert clean_block(typed) == clean


@given(ANY | VIETNAMESE)
@example("\u200b ")
@example("a\u00ad\u0301")
def test_cleaning_a_line_is_idempotent_and_composed(text: str) -> None:
    once = clean_line(text)
    assert clean_line(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert not set(once) & set("\n\r\t\u00d0\u00f0")
    assert once == once.strip()
    assert "  " not in once


@given(st.lists(ANY | VIETNAMESE, max_size=4).map("\r\n".join))
def test_cleaning_a_block_is_idempotent_and_composed(text: str) -> None:
    once = clean_block(text)
    assert clean_block(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert "\r" not in once


@given(VIETNAMESE)
def test_composed_and_decomposed_text_is_one_text(text: str) -> None:
    assert clean_line(nfd(text)) == clean_line(text)
    assert fold(nfd(text)) == fold(text)
    assert name_order(nfd(text)) == name_order(text)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Đặng Thị Hồng", "dang thi hong"),
        ("\u00d0ÌNH", "dinh"),
        ("Họ và\ntên", "ho va ten"),
        (nfd("Mã  học sinh "), "ma hoc sinh"),
        ("ƯỚC ƠN", "uoc on"),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(VIETNAMESE)
def test_folding_is_idempotent_and_plain(text: str) -> None:
    once = fold(text)
    assert fold(once) == once
    assert once.isascii()


def in_order(names: list[str]) -> list[str]:
    shuffled = list(names)
    random.Random(7).shuffle(shuffled)
    return sorted(shuffled, key=name_order)


@table(
    "names",
    [
        # Given name first, then family name, then middle names.
        ["Vũ Văn An", "Bùi Thị Bình", "Vũ An Bình", "Lê Hà Chi"],
        ["Lê Văn Hải", "Nguyễn An Hải", "Nguyễn Bá Hải", "Trần An Hải"],
        # The alphabet.
        ["Nguyễn An", "Nguyễn Ăn", "Nguyễn Ân", "Nguyễn Bình", "Nguyễn Dung", "Nguyễn Đan", "Nguyễn Em", "Nguyễn Êm"],
        ["Lê On", "Lê Ôn", "Lê Ơn", "Lê Phúc", "Lê Un", "Lê Ưn", "Lê Vân", "Lê Xuân", "Lê Yên"],
        # Tones: none, huyền, hỏi, ngã, sắc, nặng.
        ["Lê Hoa", "Lê Hòa", "Lê Hỏa", "Lê Hõa", "Lê Hóa", "Lê Họa"],
        # Letters come before tones, a shorter name before a longer one.
        ["Lê An", "Lê Án", "Lê Anh", "Lê Ánh", "Lê Ân"],
        ["Trần Minh Anh", "Vũ Minh Anh", "Trần Minh Ánh"],
        # Letters decide over the whole word before any tone does.
        ["Lê Hoa", "Lê Hòa", "Lê Hoan", "Lê Hoàn", "Lê Hoàng", "Lê Hồng"],
        ["Lê Thi", "Lê Thị", "Lê Thìn", "Lê Thu", "Lê Thư", "Lê Thừa"],
        # Middle names last, also with their tones.
        ["Lê An Hải", "Lê Án Hải", "Lê Anh Hải", "Lệ An Hải"],
        # An apostrophe or a hyphen does not count; letters of other languages stand next to their own.
        ["Sùng Hen", "H'Hen", "Giàng H'Mông", "Sùng Hoa", "Sùng Mông"],
        ["Hồ Bru", "Hồ Bru-Vân", "Hồ Bruvân", "Hồ Buôn"],
        ["Y Blơk", "Y Blŭ", "Y Blưk"],
        ["Y Ca", "Y Ča", "Y Da", "Y Đa"],
        ["Lê Mi", "Lê My"],
        # No middle name before any middle name; one word alone is a given name.
        ["Sao", "Nguyễn Sao", "Nguyễn Ánh Sao"],
        ["", "An"],
    ],
)
def test_order_of_a_class_list(names: list[str]) -> None:
    assert in_order(names) == names


@given(ANY | VIETNAMESE)
@example("Hàm\u0300")  # a stray mark that composes with nothing
def test_every_name_has_a_place_in_the_order(name: str) -> None:
    assert name_order(name) <= name_order(name)


@given(VIETNAMESE)
def test_order_does_not_look_at_case_or_spacing(name: str) -> None:
    assert name_order(name.upper()) == name_order(name.lower())
    assert name_order(f" {name}  ") == name_order(name)


@pytest.mark.parametrize(("name", "given_part"), [("Giàng A Páo", "Páo"), ("Sao", "Sao"), ("", ""), ("  ", "")])
def test_given_name_is_the_last_word(name: str, given_part: str) -> None:
    assert given_name(name) == given_part


@pytest.mark.parametrize(
    ("iso", "shown"), [("2015-03-14", "14/03/2015"), ("2015-03", "03/2015"), ("2015", "2015"), ("", "")]
)
def test_dates_are_shown_day_first(iso: str, shown: str) -> None:
    assert day_first(iso) == shown


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Lê Thị Hoà", "Lê Thị Hòa"),
        ("Thuý", "Thúy"),
        ("Quý", "Qúy"),
        ("Khoẻ", "Khỏe"),
        ("NGUYỄN VĂN AN", "Nguyễn  Văn An "),
        ("H\u2019Hen Niê", "H'Hen Niê"),
        (nfd("Đặng Thuỳ"), "\u00d0ặng Thùy"),
    ],
)
def test_loose_matching_ignores_where_the_tone_stands(one: str, other: str) -> None:
    assert loose(one) == loose(other)


@table(
    ("one", "other"),
    [("Hoa", "Hòa"), ("Hòa", "Hóa"), ("Mĩ", "Mỹ"), ("Quý", "Quí"), ("Đan", "Dan"), ("An", "Ân"),
     ("Lê Án An", "Lê An Án"), ("Bru-Vân", "Bru Vân"), ("H'Hen", "HHen"), ("Tuân", "Tuần")],
)  # fmt: skip
def test_loose_matching_keeps_every_letter_and_every_tone(one: str, other: str) -> None:
    assert loose(one) != loose(other)


TONES = "\u0300\u0301\u0303\u0309\u0323"


def bare(name: str) -> str:
    """Return a name without tones, in small letters, as the matching is described."""
    return unicodedata.normalize("NFC", "".join(ch for ch in nfd(clean_line(name).lower()) if ch not in TONES))


def tones(name: str) -> list[str]:
    return ["".join(sorted(ch for ch in nfd(word) if ch in TONES)) for word in clean_line(name).split()]


SYLLABLE = st.sampled_from(
    [
        "hoa",
        "hoà",
        "hòa",
        "thuy",
        "thuý",
        "thúy",
        "quý",
        "qúy",
        "quí",
        "an",
        "Ân",
        "ánh",
        "Ánh",
        "đan",
        "Dan",
        "mỹ",
        "mĩ",
    ]
)
NAME = st.lists(SYLLABLE, max_size=3).map(" ".join)


@given(NAME, NAME)
@example("hoà", "hòa")
def test_loose_keys_are_equal_exactly_up_to_tone_placement(one: str, other: str) -> None:
    assert (loose(one) == loose(other)) == (bare(one) == bare(other) and tones(one) == tones(other))


@given(VIETNAMESE)
def test_loose_matching_does_not_look_at_case_and_encoding(name: str) -> None:
    assert loose(nfd(name)) == loose(name)
    assert loose(name.upper()) == loose(name.lower())


@given(st.lists(NAME | VIETNAMESE, min_size=2, max_size=6))
def test_the_order_is_total_and_does_not_depend_on_where_it_starts(names: list[str]) -> None:
    once = sorted(names, key=name_order)
    again = sorted([nfd(name) for name in names[::-1]], key=name_order)
    assert [clean_line(name).lower() for name in once] == [clean_line(name).lower() for name in again]


@given(NAME | VIETNAMESE, NAME | VIETNAMESE)
@example("Lê Hoà", "Lê Hòa")
@example("H'Hen", "HHen")
@example("Ham\u0300\u0301", "Ham\u0300")
def test_only_equal_names_share_a_place(one: str, other: str) -> None:
    same = " ".join(unicodedata.normalize("NFC", one).casefold().split()) == " ".join(
        unicodedata.normalize("NFC", other).casefold().split()
    )
    assert (name_order(one) == name_order(other)) == same
