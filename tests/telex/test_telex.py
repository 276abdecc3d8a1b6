"""Telex and VNI: every syllable, typed with its keys in every order, and nothing else changed."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hocba_tui.telex.spelling import bare
from hocba_tui.telex.typing import Word, typed
from hocba_tui.telex.word import Method, keys_of
from tests.support.table import table

INITIALS_WRITTEN = "b c ch d đ g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x"
ACUTE_WRITTEN = """
    á ác ách ái ám án áng ánh áo áp át áu áy ắc ắm ắn ắng ắp ắt ấc ấm ấn ấng ấp ất ấu ấy
    é éc ém én éng éo ép ét ế ếch ếm ến ếnh ếp ết ếu í ía ích ím ín ính íp ít íu iếc iếm iến iếng iếp iết iếu
    ó óc ói óm ón óng óp ót óa oác oách oái oám oán oáng oánh oáo oáp oát oáy oắc oắm oắn oắng oắt óe oén oéo oét
    ố ốc ối ốm ốn ống ốp ốt ớ ới ớm ớn ớp ớt ú úa úc úi úm ún úng úp út uấn uấng uất uấy uế uếch uếnh
    uốc uối uốm uốn uống uốt uớ úy uých uýnh uýt uýu uyến uyết
    ếng ýnh ýt
    ứ ứa ức ứi ứm ứn ứng ứt ứu ước ưới ướm ướn ướng ướp ướt ướu ý yếm yến yếng yết yếu
"""
"""Written by hand with sắc, so that the place of the tone is checked independently."""
TONES = {"": "", "\u0301": "s1", "\u0300": "f2", "\u0309": "r3", "\u0303": "x4", "\u0323": "j5"}
FRONT = "eêiy"
METHODS = (Method.TELEX, Method.VNI)


def decomposed(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def toneless(text: str) -> str:
    return unicodedata.normalize("NFC", "".join(mark for mark in decomposed(text) if mark not in TONES))


def fits(initial: str, rime: str) -> bool:
    first = decomposed(rime)[0]
    if rime in ("ếng", "ýnh", "ýt"):
        return initial == ("gi" if rime == "ếng" else "qu")
    if initial in ("gh", "ngh", "k"):
        return first in FRONT
    if initial == "qu":
        return first not in "uo" or rime.startswith("ố") or rime == "ớ"
    if initial == "gi":
        return first not in "iy"
    if (initial, rime) in (("g", "í"), ("g", "ín")):
        return True
    return first not in FRONT if initial in ("c", "g", "ng") else True


def _syllables() -> dict[str, tuple[str, str]]:
    """Return every syllable with its letters without a tone, and its tone."""
    found = {}
    for initial in ["", *INITIALS_WRITTEN.split()]:
        for rime in ACUTE_WRITTEN.split():
            if fits(initial, rime):
                for tone in TONES:
                    if not (rime.endswith(("c", "ch", "p", "t")) and tone not in ("\u0301", "\u0323")):
                        marks = decomposed(initial + rime).replace("\u0301", tone)
                        found[unicodedata.normalize("NFC", marks)] = (initial + toneless(rime), tone)
    return found


SYLLABLES = _syllables()
ALL = sorted(SYLLABLES)


def press(keys: str, method: Method, before: str = "", *, forgetful: bool = False) -> str:
    """Return the text after ``keys``; ``forgetful`` as if the cursor had moved away after each."""
    word = Word()
    for key in keys:
        edit = typed(before, key, method, Word() if forgetful else word)
        before, word = before[: len(before) - edit.remove] + edit.insert, edit.word
    return before


MARKS = {"\u0302": "", "\u0306": "w8", "\u031b": "w7"}


@st.composite
def any_order(draw: st.DrawFn, method: Method) -> tuple[str, str]:
    """Return a syllable and keys for it: marks anywhere after their letter, the tone after a vowel of the rime."""
    syllable = draw(st.sampled_from(ALL))
    letters, tone = SYLLABLES[syllable]
    number = METHODS.index(method)
    rime_at = 2 if re.match("qu|gi[^nm]", letters) else 0
    vowel = next(at for at, letter in enumerate(letters) if at >= rime_at and decomposed(letter)[0] in "aeiouy")
    rows: list[list[str]] = [[] for _ in letters]
    bases = []
    for at, letter in enumerate(letters):
        base, *mark = list(decomposed(letter.replace("đ", "d\u0335")))
        bases.append(base)
        if mark == ["\u0335"]:
            rows[draw(st.integers(at, len(letters) - 1))].append("d9"[number])
        elif mark and letters[at : at + 2] == "ươ":
            both = draw(st.booleans())
            if both:
                rows[at].append("w7"[number])
        elif mark and at and letters[at - 1 : at + 1] == "ươ":
            # One key after both letters is enough; so is one after each.
            rows[at if rows[at - 1] else draw(st.integers(at, len(letters) - 1))].append("w7"[number])
        elif mark:
            key = (MARKS[mark[0]] or base + "6")[number]
            rows[draw(st.integers(at, len(letters) - 1))].append(key)
    if tone:
        row = rows[draw(st.integers(vowel, len(letters) - 1))]
        row.insert(draw(st.integers(0, len(row))), TONES[tone][number])
    return syllable, "".join(base + "".join(row) for base, row in zip(bases, rows, strict=True))


def test_the_set_is_large() -> None:
    assert len(ALL) > 12_000
    assert set(ALL) > {"quý", "quỳnh", "giếng", "gì", "già", "nghiễng", "thuở", "hòa", "khuỷu", "đường", "yến", "quờ"}


@pytest.mark.parametrize("method", METHODS)
def test_every_syllable_by_its_plain_keys(method: Method) -> None:
    wrong = [
        s for s in ALL if press(keys_of(s, method), method) != s or press(keys_of(s, method) + " ", method) != s + " "
    ]
    assert wrong == []


@pytest.mark.parametrize("method", METHODS)
def test_every_syllable_also_when_the_cursor_came_back_in_between(method: Method) -> None:
    assert [s for s in ALL if press(keys_of(s, method), method, forgetful=True) != s] == []


@pytest.mark.parametrize("method", METHODS)
@given(st.data())
def test_every_syllable_by_any_order_of_keys(method: Method, data: st.DataObject) -> None:
    syllable, keys = data.draw(any_order(method))
    assert press(keys, method) == syllable


@pytest.mark.parametrize("method", METHODS)
@given(st.data())
def test_capitals_stay(method: Method, data: st.DataObject) -> None:
    syllable, keys = data.draw(any_order(method))
    assert press(keys.upper(), method) == syllable.upper()
    assert press(keys.capitalize(), method) == syllable.capitalize()


@pytest.mark.parametrize("method", METHODS)
@given(
    before=st.text("aăâớeuươiđdnghst 15,.\n\u0301\u0302", max_size=12),
    keys=st.text("aeowdsfzxnguit159678 ,-", max_size=8),
)
def test_only_the_last_word_changes(method: Method, before: str, keys: str) -> None:
    last = re.split(r"[ ,.\n]", before)[-1]
    assert press(keys, method, before).startswith(before.removesuffix(last))


@given(before=st.text(max_size=6), key=st.characters(categories=["L", "N", "P", "S", "Zs"]))
def test_off_and_letters_from_an_input_method_are_left_alone(before: str, key: str) -> None:
    assert press(key, Method.OFF, before) == before + key
    if not key.isascii():
        assert press(key, Method.TELEX, before) == press(key, Method.VNI, before) == before + key


@pytest.mark.parametrize("method", METHODS)
@given(syllable=st.sampled_from(ALL), tone=st.sampled_from(["s1", "f2", "r3", "x4", "j5"]))
def test_a_repeated_tone_is_taken_back_and_the_next_word_is_separate(method: Method, syllable: str, tone: str) -> None:
    letters, had = SYLLABLES[syllable]
    key = (TONES[had] or "z0")[METHODS.index(method)]
    keys = keys_of(syllable, method)
    if had:
        assert press(keys + key, method) == letters + key
        assert press(f"{keys}{key} {keys}", method) == f"{letters}{key} {syllable}"
        assert press(keys + "z0"[METHODS.index(method)], method) == letters


@table(
    ("keys", "text"),
    [
        ("aaa", "aa"), ("eee", "ee"), ("ooo", "oo"), ("aww", "aw"), ("oww", "ow"), ("uww", "uw"), ("ww", "w"),
        ("tww", "tw"), ("ddd", "dd"), ("ass", "as"), ("assss", "asss"), ("truongww", "truongw"), ("tasz", "ta"),
        ("taszz", "taz"), ("uoww", "uow"), ("ss", "ss"), ("toots", "tốt"), ("tafs", "tá"), ("aaw", "ă"),
        ("lisst", "list"), ("tessts", "tests"), ("noww", "now"), ("didd", "did"), ("xooong", "xoong"),
        ("muwaf", "mừa"), ("mwas", "mứa"), ("thuowr", "thuở"), ("Ddawsk Lawsk", "Đắk Lắk"), ("Kroong", "Krông"),
        ("H'Moong", "H'Mông"), ("EE-ddee", "Ê-đê"), ("Niee ", "Niê "), ("awn ", "ăn "), ("aw, aa, dd ", "ă, â, đ "),
        ("QDD-TTg ", "QĐ-TTg "), ("HDDTN ", "HĐTN "), ("ddc ", "đc "), ("HDDD", "HDD"), ("GDDDDT ", "GDĐT "),
        ("Tieengs Vieetj, lowps 5A1.", "Tiếng Việt, lớp 5A1."),
    ],
)  # fmt: skip
def test_telex(keys: str, text: str) -> None:
    assert press(keys, Method.TELEX) == text


@table(
    ("keys", "text"),
    [
        ("Tie6ng1 Vie65t", "Tiếng Việt"), ("a66", "a6"), ("A11", "A1"), ("d99", "d9"), ("o77", "o7"), ("a88", "a8"),
        ("truong72", "trường"), ("tru7ong2", "trường"), ("5A1 ", "5A1 "), ("12/03/2016", "12/03/2016"),
        ("GDD9T ", "GDĐT "), ("HK1 ", "HK1 "), ("to6t1 10 d9ie6m3", "tốt 10 điểm"), ("tot16", "tốt"), ("ta10", "ta"),
        ("list user text", "list user text"),
    ],
)  # fmt: skip
def test_vni(keys: str, text: str) -> None:
    assert press(keys, Method.VNI) == text


OTHERS = """
windows text class user data add odd reddit book brown press facebook email google zoom okie pizza wizard excel internet
robot meet team word file powerpoint ghost cent texts classroom English school Scratch website software Python Kodu
laptop tablet video Canva drive Pixton world street
"""


@table("word", OTHERS.split())
def test_other_words_come_out_as_typed(word: str) -> None:
    assert press(f"{word} {word}, ", Method.TELEX) == f"{word} {word}, "


def test_a_text_that_was_there_is_not_corrected() -> None:
    assert press(" ", Method.TELEX, "thêm ủe") == "thêm ủe "
    assert press("e ", Method.TELEX, "thêm ủ") == "thêm ủe "
    assert press("s", Method.TELEX, "cla") == "clas"
    assert press("t", Method.TELEX, "lis") == "list"


@pytest.mark.parametrize("method", METHODS)
@given(word=st.sampled_from(ALL), keys=st.text("aeowdsfzkxbnu1569708", min_size=1, max_size=4))
def test_letters_that_were_there_are_never_turned_back_into_keys(method: Method, word: str, keys: str) -> None:
    for end in range(1, len(keys) + 1):
        assert bare(press(keys[:end], method, word)).startswith(bare(word))


@pytest.mark.parametrize("method", METHODS)
def test_every_word_of_the_manual(method: Method) -> None:
    manual = (Path(__file__).parents[2] / "docs" / "huong-dan.md").read_text(encoding="utf-8")
    words = {word for word in re.findall(r"[^\W\d_]+", manual) if not word.isascii()}
    assert len(words) > 400
    assert [word for word in sorted(words) if press(f"{keys_of(word, method)} ", method) != f"{word} "] == []


def test_a_word_goes_on_by_the_other_method() -> None:
    word = Word()
    text = ""
    for key, method in zip("vieet5 ", [Method.TELEX] * 5 + [Method.VNI] * 2, strict=True):
        edit = typed(text, key, method, word)
        text, word = text[: len(text) - edit.remove] + edit.insert, edit.word
    assert text == "việt "
