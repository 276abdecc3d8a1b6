"""Vietnamese text on input: one normal form, one sort order, one loose comparison.

Names are legal facts: nothing here changes a tone or a letter of a name. Only the encoding is
unified (NFC, Đ U+0110 instead of the look-alike Ð U+00D0) and white space is normalised.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_SPACES = re.compile(r"\s+")
_WORD = re.compile(r"\w+")
_LOOKALIKES = str.maketrans({"Ð": "Đ", "ð": "đ", "\u02bc": "'", "\u2019": "'"})
"""Icelandic eth for đ, and the typographic apostrophes of names such as H'Mông."""

_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn"}
"""Categories of invisible characters: controls, zero-width marks, private and unassigned ones."""

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
    seen = text.translate(_LOOKALIKES)
    if not seen.isprintable():
        seen = "".join(ch for ch in seen if ch.isspace() or unicodedata.category(ch) not in _UNSEEN)
    return _SPACES.sub(" ", nfc(seen)).strip()


def clean_block(text: str) -> str:
    r"""Return ``text`` as clean lines joined by ``\n``; for comments, which may have several lines."""
    lines = (clean_line(line) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    return "\n".join(lines).strip()


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
