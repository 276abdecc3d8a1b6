"""Text of fonts from before Unicode is converted exactly, and Unicode text is never converted."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hocba_tui.intake.legacy import TCVN3, VNI, from_tcvn3, from_vni, readable, recognise, usual_font
from hocba_tui.intake.syllables import ONSETS, RHYMES, is_syllable
from tests.support.table import table

TONES = ["", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323"]
TO_TCVN3 = {letter: code for code, letter in TCVN3.items()}
TO_VNI = {letter: code for code, letter in sorted(VNI.items(), key=lambda pair: pair[0].swapcase())}


def toned(onset: str, rhyme: str, tone: str) -> str:
    at = max((i for i, ch in enumerate(rhyme) if ch in "aăâeêioôơuưy"), key=lambda i: (rhyme[i] in "ăâêôơư", -i))
    return unicodedata.normalize("NFC", onset + rhyme[: at + 1] + tone + rhyme[at + 1 :])


SYLLABLES = st.builds(toned, st.sampled_from(ONSETS), st.sampled_from(sorted(RHYMES)), st.sampled_from(TONES))
NAMES = st.lists(SYLLABLES.map(str.capitalize), min_size=1, max_size=5).map(" ".join)


def to_tcvn3(text: str) -> str:
    """Encode as typed in .VnTime: a capital with a tone is typed as a small letter."""
    return "".join(TO_TCVN3.get(ch) or TO_TCVN3.get(ch.lower(), ch) for ch in text)


def to_vni(text: str) -> str:
    return "".join(TO_VNI.get(ch, ch) for ch in text)


@given(NAMES)
def test_unicode_names_are_left_alone(name: str) -> None:
    for text in (name, name.upper(), name.lower(), unicodedata.normalize("NFD", name), name.replace("Đ", "Ð")):
        assert recognise(text) is None


@table(
    "text",
    ["Y Blông Êñuôl", "H'Ñuê Niê Kđăm", "K'Brêu", "Müller", "José García", "Noël", "Zoë", "Hoà", "Thuỷ", "Toàn", "Tó",
     "A Lăng Bhuôch", "Čil Pŏ", "naïve", "5A", "", "Nguyễn Văn “Tí”", "Đ/c: số 5 – xóm Mới",
     "Chuyển đi µ", "Trường Bµ Triệu"],
)  # fmt: skip
def test_names_of_other_peoples_and_other_text_are_left_alone(text: str) -> None:
    assert recognise(text) is None
    assert readable(text) == text


@given(NAMES)
def test_every_name_comes_back_from_tcvn3(name: str) -> None:
    """One syllable with a plain capital shows that names begin with capitals."""
    whole = f"Nguyễn {name}"
    assert from_tcvn3(to_tcvn3(whole)) == whole
    found = recognise(to_tcvn3(whole))
    assert found is not None
    assert (found.text, found.encoding) == (whole, "TCVN3")


@given(NAMES)
def test_every_name_comes_back_from_vni(name: str) -> None:
    for whole in (f"Nguyễn {name}", f"NGUYỄN {name.upper()}"):
        assert from_vni(to_vni(whole)) == whole
        found = recognise(to_vni(whole))
        assert found is not None
        assert (found.text, found.encoding) == (whole, "VNI")


@given(SYLLABLES)
def test_a_word_alone_is_told_rightly_unless_it_is_a_word_in_both_encodings(word: str) -> None:
    for encoded in (to_tcvn3(word), to_vni(word)):
        found = recognise(encoded)
        both = is_syllable(from_tcvn3(encoded)) and is_syllable(from_vni(encoded))
        assert found is None or found.text == word or both


def test_every_vietnamese_letter_has_one_code_in_each() -> None:
    small = {unicodedata.normalize("NFC", ch + tone) for ch in "aăâeêioôơuưy" for tone in TONES} | {"đ"}
    small -= set("aeiouy")
    assert len(small) == 67
    assert set(TCVN3.values()) == small | set("ĂÂĐÊÔƠƯ")
    assert set(VNI.values()) == small | {ch.upper() for ch in small}
    assert len(TCVN3) == len(set(TCVN3.values()))


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("NguyÔn V¨n Tó", "Nguyễn Văn Tú"),
        ("§Æng ThÞ ¸nh", "Đặng Thị Ánh"),
        ("NGUYÔN V¡N H¶I", "NGUYỄN VĂN HẢI"),
        ("xãm 3, x· NghÜa H­ng, tØnh Nam §Þnh", "xóm 3, xã Nghĩa Hưng, tỉnh Nam Định"),
        ("Nguyeãn Vaên AÙnh", "Nguyễn Văn Ánh"),
        ("ñöôøng Traàn Phuù", "đường Trần Phú"),
    ],
)
def test_text_as_it_is_met(text: str, meant: str) -> None:
    found = recognise(text)
    assert found is not None
    assert found.text == meant


@table("word", ["nguyễn", "Quốc", "GIỮ", "khuỷu", "yến", "ý", "quýt", "thuở", "gì", "nghiêng", "ủa"])
def test_syllables(word: str) -> None:
    assert is_syllable(word)


@table("word", ["", "nguyÔn", "aà", "Vaên", "ngoeoo", "zoo", "ễị", "w", "huơt", "nGa"])
def test_no_syllables(word: str) -> None:
    assert not is_syllable(word)


def test_what_is_a_word_in_both_encodings_is_read_as_the_rest_of_the_file() -> None:
    assert usual_font(["LoØ Thò Khoa", "Traàn Vaên An", "Lê Thị Ánh"]) == "VNI"
    found = recognise("LoØ Thò Khoa", "VNI")
    assert found is not None
    assert found.text == "Lò Thị Khoa"
    assert usual_font(["Lê Thị Ánh", "An"]) == ""


def test_a_capital_of_its_own_tells_that_the_others_are_capitals_too() -> None:
    assert from_tcvn3("§Æng ¸nh") == "Đặng Ánh"
