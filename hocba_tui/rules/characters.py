"""Characters in typed text: those that XML cannot hold, invisible ones, and remains of old fonts."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from hocba_tui.text import invisible

_UNLAWFUL = re.compile("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")
"""Everything outside the production Char of XML 1.0 (2.2)."""

_OLD_LETTERS = "¨ª¬®µ¸¶¹ÆÇËÎÏÑÖØÜÞßäåæçëîïñöøûüþ"
"""Letters of TCVN3 and VNI that Vietnamese in Unicode never uses; isolated signs (×, ÷, °) are left out."""
_OLD = re.compile(
    f"[{_OLD_LETTERS}À-ÞÂâÙùÕõãáà](?:(?<=[A-Za-z][{_OLD_LETTERS}])|(?<=[{_OLD_LETTERS}])(?=[A-Za-z])"
    "|(?<=[a-zà-ÿ][À-Þ])|(?<=[AaOo][ÂâÙùÕõ])|(?<=[Ee][ÂâÙùÕõÃãÁáÀà]))"
)
"""Pairs that no word contains: TCVN3 mixes cases ("tiÕn bé"), VNI writes the diacritic as a second letter
("hoïc gioûi")."""
_NOT_SPACE = re.compile(r"\S+")

_MARKS = re.compile(r"[{<\[(#_…]")
_FILL_IN = re.compile(
    r"""
    \{[^{}\n]{0,40}\}                           # {ten}
    | <\s?[^\W\d_][^<>\n]{0,38}[^\W\d_]\s?>     # <tên>, but not "dấu <, >"
    | \[[^\[\]\d\n]{0,40}\]                     # [tên], but not "bài 2 [tr. 45]"
    | \((?:họ\ (?:và\ )?)?tên(?:\ (?:em|hs|học\ sinh))?\)
    | \#(?:N/A|REF!|VALUE!|NAME\?|DIV/0!)       # a formula's error, pasted
    | _{3,} | \.{4,} | …{2,} | …\.+
    | (?<!\S)(?<!,\s)(?:\.{3}|…)(?=\s+\w)      # "Em … có tiến bộ", but not "Toán, Tiếng Việt…"
    """,
    re.VERBOSE | re.IGNORECASE,
)


@lru_cache(maxsize=8192)
def unlawful_characters(text: str) -> str | None:
    """Return the characters that no XML 1.0 file can hold, as U+XXXX; None when there are none."""
    if text.isprintable():
        return None
    return ", ".join(sorted({f"U+{ord(char):04X}" for char in _UNLAWFUL.findall(text)})) or None


@lru_cache(maxsize=8192)
def hidden_characters(text: str) -> bool:
    """Return whether ``text`` contains a character that ``text.clean_block`` would remove."""
    return invisible(text.replace("\n", "")) or not unicodedata.is_normalized("NFC", text)


@lru_cache(maxsize=8192)
def foreign_letters(text: str) -> str | None:
    """Return the first word that looks like TCVN3 or VNI read as Unicode; None when there is none."""
    found = _OLD.search(text)
    return next((word.group() for word in _NOT_SPACE.finditer(text) if found and word.end() > found.start()), None)


@lru_cache(maxsize=8192)
def placeholder(text: str) -> str | None:
    """Return the first placeholder that was not filled in; None when there is none."""
    found = _FILL_IN.search(text) if _MARKS.search(text) or "..." in text else None
    return found.group() if found else None
