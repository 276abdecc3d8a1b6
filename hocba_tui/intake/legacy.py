"""Convert text of fonts from before Unicode: TCVN3 (.VnTime, "NguyÔn V¨n") and VNI ("Nguyeãn Vaên").

Such text consists of Western European letters that only its font shows as Vietnamese. It is recognised cell by
cell, with the rest of the file for words of both, and becomes an offer; a name in correct Unicode is never converted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from hocba_tui.intake.syllables import is_syllable
from hocba_tui.text import nfc

TCVN3 = dict(
    zip(
        "µ¸¶·¹¨»¾¼½Æ©ÇÊÈÉË®ÌÐÎÏÑªÒÕÓÔÖ×ÝØÜÞßãáâä«åèæçé¬êíëìîïóñòô\u00adõøö÷ùúýûüþ¡¢§£¤¥¦",
        "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵĂÂĐÊÔƠƯ",
        strict=True,
    )
)
"""Only capitals without a tone have a code: "Á" is typed as "á", or in a font that shows all letters as capitals."""
_MARKED = "ùøûõï"
_VNI_ROWS = (
    ("a", _MARKED, "áàảãạ"), ("a", "êéèúüë", "ăắằẳẵặ"), ("a", "âáàåãä", "âấầẩẫậ"),
    ("e", _MARKED, "éèẻẽẹ"), ("e", "âáàåãä", "êếềểễệ"), ("o", _MARKED, "óòỏõọ"), ("o", "âáàåãä", "ôốồổỗộ"),
    ("ô", _MARKED, "ớờởỡợ"), ("u", _MARKED, "úùủũụ"), ("ö", _MARKED, "ứừửữự"), ("y", "ùøûõ", "ýỳỷỹ"),
)  # fmt: skip
_VNI_ALONE = dict(zip("íìæóòôöîñ", "íìỉĩịơưỵđ", strict=True))
VNI: dict[str, str] = {
    **_VNI_ALONE,
    **{old.upper(): new.upper() for old, new in _VNI_ALONE.items()},
    **{
        first + second: letter if first.islower() else letter.upper()
        for base, marks, letters in _VNI_ROWS
        for mark, letter in zip(marks, letters, strict=True)
        for first in (base, base.upper())
        for second in (mark, mark.upper())
    },
}
"""One or two characters for each letter. The mark after a capital may be a small letter."""
_VNI_PIECES = re.compile("|".join(sorted(VNI, key=len, reverse=True)))
_WORDS = re.compile(r"[^\s\d!-/:-@\[-`{-~–—‘’“”…•]+")
_TCVN3_CODES = frozenset(TCVN3)
_VNI_CODES = frozenset("".join(VNI))
_LOOKALIKES = str.maketrans("Ðð", "Đđ")
_COMMON = frozenset(
    [
        "nguyễn",
        "trần",
        "lê",
        "phạm",
        "hoàng",
        "huỳnh",
        "phan",
        "vũ",
        "võ",
        "đặng",
        "bùi",
        "đỗ",
        "hồ",
        "ngô",
        "dương",
        "lý",
        "đinh",
        "lò",
        "thị",
        "văn",
        "đức",
        "hữu",
    ]
)
"""Words that are in most names; of two readings the one with these is meant."""
_LETTERS = frozenset("".join(TCVN3.values()) + "".join(TCVN3.values()).upper())


@dataclass(frozen=True)
class Legacy:
    """The converted text, and the encoding that was recognised."""

    text: str
    encoding: str


def recognise(text: str, font: str = "") -> Legacy | None:
    """Return legacy ``text`` in Unicode, None when it is not legacy text or cannot be told from Unicode.

    Pass the cell unchanged: cleaning removes the code of "ư", a soft hyphen. Some words are words in both encodings:
    then ``font`` decides, the encoding of the rest of the file (:func:`usual_font`).
    """
    found = _readings(text)
    return next((each for each in found if each.encoding == font), found[0] if found else None)


def usual_font(texts: Iterable[str]) -> str:
    """Return the encoding in which most legacy texts are words, empty when there are none."""
    votes: Counter[str] = Counter()
    for text in texts:
        for each in _readings(text):
            votes[each.encoding] += 1 + sum(word.lower() in _COMMON for word in _WORDS.findall(each.text))
    return max(votes, key=votes.__getitem__, default="")


def readable(text: str) -> str:
    """Return ``text`` in Unicode, converted when it is legacy text; for headers and words that are only compared."""
    found = recognise(text)
    return found.text if found else text


@lru_cache(maxsize=4096)
def _readings(text: str) -> tuple[Legacy, ...]:
    """Return what ``text`` says in each encoding in which it is Vietnamese; nothing for Unicode."""
    composed = nfc(text)
    if all(word.isascii() or is_syllable(word.translate(_LOOKALIKES)) for word in _WORDS.findall(composed)):
        return ()
    found = []
    for encoding, convert, codes in (("TCVN3", from_tcvn3, _TCVN3_CODES), ("VNI", from_vni, _VNI_CODES)):
        if any(not ch.isascii() and ch not in codes for word in _WORDS.findall(composed) for ch in word):
            continue
        said = convert(composed)
        if said != composed and _meant(composed, said) and (encoding != "TCVN3" or _foreign(composed)):
            found.append(Legacy(said, encoding))
    return tuple(found)


def from_tcvn3(text: str) -> str:
    """Return TCVN3 ``text`` in Unicode; the words around a letter with a tone tell whether it is a capital."""
    words = _WORDS.findall(text)
    # Only seven letters with a mark have a capital of their own.
    titled = [TCVN3.get(word[0], word[0]) for word in words if word[0].isascii() or TCVN3.get(word[0], "").isupper()]
    capitals = bool(titled) and all(map(str.isupper, titled))
    return _WORDS.sub(lambda word: _from_tcvn3_word(word[0], capitals), text)


def _from_tcvn3_word(word: str, capitals: bool) -> str:
    plain = [ch for ch in word if ch.isascii()]
    found = "".join(TCVN3.get(ch, ch) for ch in word)
    if len(plain) > 1 and all(ch.isupper() for ch in plain):
        return found.upper()
    toneless = word[0].isascii() or found[0].upper() in TCVN3.values()
    return found if toneless or not capitals else found[0].upper() + found[1:]


def from_vni(text: str) -> str:
    """Return VNI ``text`` in Unicode."""
    return _VNI_PIECES.sub(lambda piece: VNI[piece[0]], text)


def _meant(before: str, after: str) -> bool:
    """Return whether a conversion turns a word that is not Vietnamese into one, and leaves only Vietnamese words."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if len(old) != len(new):
        return False
    repaired = any(
        word != other and not is_syllable(word.translate(_LOOKALIKES)) for word, other in zip(old, new, strict=True)
    )
    return repaired and all(is_syllable(word) for word in new if not word.isascii())


def _foreign(text: str) -> bool:
    """Return whether ``text`` has a letter that is not Vietnamese, or a capital within a word."""
    return any(not ch.isascii() and ch not in _LETTERS for ch in text) or any(
        not (word.islower() or word.isupper() or word[1:].islower()) for word in _WORDS.findall(text)
    )
