"""Vietnamese text on input: one normal form, one sort order, one loose comparison; and text that comes from outside.

Names are legal facts: nothing here changes a tone or a letter of a name. Only the encoding is
unified (NFC, Đ U+0110 instead of the look-alike Ð U+00D0) and white space is normalised.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import groupby

_SPACES = re.compile(r"\s+")
_WORD = re.compile(r"\w+")
_LOOKALIKES = str.maketrans({"Ð": "Đ", "ð": "đ", "\u02bc": "'", "\u2019": "'"})
"""Icelandic eth for đ, and the typographic apostrophes of names such as H'Mông."""

_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn"}
"""Categories of invisible characters: controls, zero-width marks, private and unassigned ones."""
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]+")
"""Variation selectors: phones write them behind a heart or a star, where they show nothing."""
_NOTHING = "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\uffa0\ufe00-\ufe0f\U000e0100-\U000e01ef"
"""Letters and marks without a shape, which Unicode does not count among the invisible characters."""
_SHOWS_NOTHING = re.compile(f"[{_NOTHING}]")
_MARKS = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_STACKED = re.compile(f"([{_MARKS}]{{3}})[{_MARKS}]+")
"""More marks on one letter than any language has: they would cover the lines above and below."""
_ODD = re.compile(f"[{_NOTHING}{_MARKS}]")
_SPACE = re.compile(r"[^\S\n\t]")
HIDDEN = "\ufffd"
"""What stands for one or more characters that a terminal would obey, or not show."""
LONGEST = 300
"""Letters of a text from outside: a portal's reason, a name in a certificate."""

_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_LETTER_RANK = {letter: rank for rank, letter in enumerate(_ALPHABET, start=1)}
_TONES = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}
"""Dictionary order of tones: none, huyền, hỏi, ngã, sắc, nặng."""


def nfc(text: str) -> str:
    """Return ``text`` composed (NFC); terminals and Excel files may contain decomposed letters."""
    return unicodedata.normalize("NFC", text)


def clean_line(text: str) -> str:
    """Return ``text`` as one clean line: NFC, Đ for Ð, plain apostrophes, single spaces, no control characters."""
    if text.isascii() and text.isprintable() and "  " not in text:  # Codes, dates, numbers: most cells of a file.
        return text.strip()
    seen = _SHOWS_NOTHING.sub("", text.translate(_LOOKALIKES))
    if not seen.isprintable():
        seen = "".join(ch for ch in seen if ch.isspace() or unicodedata.category(ch) not in _UNSEEN)
    return _SPACES.sub(" ", nfc(seen)).strip()


def clean_block(text: str) -> str:
    r"""Return ``text`` as clean lines joined by ``\n``; for comments, which may have several lines."""
    lines = (clean_line(line) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    return "\n".join(lines).strip()


def invisible(text: str) -> bool:
    """Return whether ``text`` has a character that shows nothing: one that :func:`clean_line` removes."""
    return not text.isprintable() or _SHOWS_NOTHING.search(text) is not None


def harmless(text: str) -> str:
    """Return ``text`` as a terminal may get it: no escape sequence, direction mark or invisible character in it.

    Each run of them becomes :data:`HIDDEN`, so that two names never look alike by hiding something. Line ends and tabs
    stay. Whatever is printed or painted has gone through here.
    """
    if text.isprintable() and not _ODD.search(text):
        return text
    text = _SPACE.sub(" ", _STACKED.sub(r"\1", _SELECTORS.sub("", text)))
    return "".join(HIDDEN if hidden else "".join(run) for hidden, run in groupby(text, _hidden))


def _hidden(letter: str) -> bool:
    return letter not in "\n\t" and invisible(letter)


def foreign(text: str, longest: int = LONGEST) -> str:
    """Return text from outside (a portal, a certificate, a token, a file's name) as one harmless line, cut.

    It goes through here where it comes in, so that it can forge no line of ours.
    """
    # Cut first: a flood costs nothing. A run of blanks or hidden characters becomes one.
    line = " ".join(harmless(text[: longest * 20]).split())
    return line if len(line) <= longest and len(text) <= longest * 20 else f"{line[: longest - 1].rstrip()}…"


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """Return ``text`` for loose matching: no diacritics, đ as d, lower case, single spaces.

    Used to compare column headers and to search names; never to store anything.
    """
    decomposed = unicodedata.normalize("NFD", text.translate(_LOOKALIKES).replace("đ", "d").replace("Đ", "D"))
    bare = "".join(ch for ch in decomposed if not unicodedata.combining(ch))
    return _SPACES.sub(" ", bare).strip().casefold()


@lru_cache(maxsize=8192)
def loose(text: str) -> str:
    """Return ``text`` for matching names: no case, single spaces, each word's tones at its end.

    Two spellings of one name that differ only in where the tone mark is placed are equal (hoà = hòa,
    thuý = thúy, Quý = qúy); every letter and every tone still counts (Hoa, Hòa and Hỏa are three
    names, and so are Mĩ and Mỹ). Used to find a pupil, never to store or change a name.
    """
    return _WORD.sub(_tones_last, clean_line(text).casefold())


def _tones_last(found: re.Match[str]) -> str:
    marks = unicodedata.normalize("NFD", found.group())
    letters = nfc("".join(mark for mark in marks if mark not in _TONES))
    return letters + "".join(sorted(mark for mark in marks if mark in _TONES))


_LetterKey = tuple[int, ...]
_WordKey = tuple[tuple[_LetterKey, ...], tuple[int, ...]]


def _word_key(word: str) -> _WordKey:
    letters: list[_LetterKey] = []
    tones: list[int] = []
    for char in nfc(word).lower():
        marks = unicodedata.normalize("NFD", char)
        base = nfc("".join(mark for mark in marks if mark not in _TONES))
        if base.isalnum():
            letters.append(_letter_key(base))
            tones.append(next((_TONES[mark] for mark in marks if mark in _TONES), 0))
    return tuple(letters), tuple(tones)


def _letter_key(letter: str) -> _LetterKey:
    """Return the sort key of a letter without tone: č (Êđê, Ba Na) right after c, other scripts after y."""
    if letter in _LETTER_RANK:
        return (_LETTER_RANK[letter],)
    parts = unicodedata.normalize("NFD", letter)
    return (_LETTER_RANK.get(parts[0], 100 + ord(parts[0])), *(ord(mark) for mark in parts[1:]))


@lru_cache(maxsize=8192)
def name_order(name: str) -> tuple[tuple[_WordKey, ...], str]:
    """Return a sort key: given name, then family name, then middle names, letters before tones.

    Apostrophe and hyphen (H'Mông, Bru-Vân) do not count, except between names that are otherwise
    equal. Keys are equal only for names that are equal up to case, spaces and encoding.
    """
    words = name.split() or [""]
    given, rest = words[-1], words[:-1]
    return tuple(_word_key(word) for word in (given, *rest)), nfc(" ".join(words).casefold())


def given_name(name: str) -> str:
    """Return the given name, the last word of a Vietnamese full name."""
    return name.rsplit(maxsplit=1)[-1] if name.split() else ""


def day_first(iso: str) -> str:
    """Return an ISO date (also ``YYYY-MM`` or ``YYYY``) as written in Việt Nam: dd/mm/yyyy."""
    return "/".join(reversed(iso.split("-")))


def moment(iso: str) -> str:
    """Return an ISO time as written in Việt Nam: dd/mm/yyyy hh:mm."""
    day, _, time = iso.partition("T")
    return f"{day_first(day)} {time[:5]}"
