"""Text that comes from outside: nothing in it moves a cursor, hides, turns the line around or floods the screen."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hocba_tui.errors import PortalFailed, Refused
from hocba_tui.text import clean_line, foreign, harmless, invisible
from tests.support.hostile_text import HOSTILE
from tests.support.table import table

ANY = st.text(max_size=60)


@table(
    ("came", "shown"),
    [
        ("sai mã trường", "sai mã trường"),
        ("H'Hen Niê, Đặng Thuỳ", "H'Hen Niê, Đặng Thuỳ"),
        ("\x1b]0;GIẢ\x07\x1b[31mđã nhận\x1b[0m", "�]0;GIẢ�[31mđã nhận�[0m"),
        ("\x9b31mđỏ", "�31mđỏ"),
        ("An\u202egnàoH\u2066", "An�gnàoH�"),
        ("dòng một\r\nhocba: dòng giả", "dòng một hocba: dòng giả"),
        ("An\u200b\u200d\ufeffh", "An�h"),
        ("An\u3164\u115f\u2800h", "An�h"),
        ("\ue000\ud800", "�"),
        ("giỏi ❤\ufe0f", "giỏi ❤"),
        ("a" + "\u0301" * 500, "a\u0301\u0301\u0301"),
        ("Trần\u00a0An\u3000Bình", "Trần An Bình"),
        ("", ""),
    ],
)
def test_foreign_text_is_one_line_that_hides_nothing(came: str, shown: str) -> None:
    assert foreign(came) == shown


def test_a_flood_is_cut_and_says_so() -> None:
    assert foreign("a" * 1_000_000, 40) == "a" * 39 + "…"
    assert foreign("\x1b" * 1_000_000) == "�…"
    assert len(foreign(" a" * 1_000_000)) <= 300


@given(ANY)
@example("\x1b[2J")
@example("a" + "\u0301" * 9)
def test_the_filter_is_idempotent_and_leaves_only_what_is_seen(text: str) -> None:
    for once in (foreign(text), harmless(text)):
        assert harmless(once) == once
        assert not invisible(once.replace("\n", "").replace("\t", ""))
    assert foreign(foreign(text)) == foreign(text)


def test_lines_of_our_own_stay_lines() -> None:
    assert harmless("một\n\thai\n") == "một\n\thai\n"


@given(st.text(st.characters(categories=["L", "N", "P"], max_codepoint=0x1EFF), max_size=30))
def test_words_stay_as_they_are(text: str) -> None:
    assert harmless(text) == text
    assert harmless(unicodedata.normalize("NFD", text)) == unicodedata.normalize("NFD", text)


@pytest.mark.parametrize("hidden", ["\u3164", "\u115f", "\u2800", "\u034f", "\ufe0f", "\U000e0101", "\u180e"])
def test_a_name_with_a_character_that_shows_nothing_is_the_name_without_it(hidden: str) -> None:
    assert clean_line(f"Nguyễn{hidden} An{hidden}") == "Nguyễn An"


@pytest.mark.parametrize("text", HOSTILE)
def test_an_error_never_repeats_what_a_terminal_would_obey(text: str) -> None:
    error = PortalFailed(f"Cổng không nhận gói: {text}.", f"Hỏi {text}.")
    assert all(line.isprintable() and len(line) < 2500 for line in error.lines)
    assert str(error).isprintable()
    assert len(Refused("x" * 1_000_000).what) < 2500
