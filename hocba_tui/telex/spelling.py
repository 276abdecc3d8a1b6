"""What can be a Vietnamese syllable: enough to leave “windows” and “class” alone while they are typed.

All functions take a syllable in lower case, composed and without its tone: ``đương``.
The tone is placed where schoolbooks and input methods put it by default: hòa, thúy, quý.
"""

from __future__ import annotations

import itertools
import unicodedata
from functools import lru_cache

HUYEN, SAC, HOI, NGA, NANG = "\u0300", "\u0301", "\u0309", "\u0303", "\u0323"
TONES = (HUYEN, SAC, HOI, NGA, NANG)

_INITIALS = "b c ch d đ g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x kr hr ml mn"
"""The last four begin names in the languages of the Highlands: Krông, Hrê, Mlô, Mnông."""

_RIMES = """
a ac ach ai am an ang anh ao ap at au ay  ă ăc ăk ăm ăn ăng ăp ăt  â âc âm ân âng âp ât âu ây
e ec em en eng eo ep et  ê êch êm ên êng ênh êp êt êu
i ia ich im in inh ip it iu  iê iêc iêm iên iêng iêp iêt iêu
o oc oi om on ong op ot  oa oac oach oai oam oan oang oanh oao oap oat oay  oăc oăm oăn oăng oăt
oe oem oen oeo oet  ô ôc ôi ôm ôn ông ôp ôt  ơ ơi ơm ơn ơp ơt
u ua uc ui uk um un ung up ut  uân uâng uât uây  uê uêch uên uênh uêt uêu  uô uôc uôi uôm uôn uông uôt
uơ uy uya uych uynh uyn uyp uyt uyu uyên uyêt
ư ưa ưc ưi ưm ưn ưng ưt ưu  ươ ươc ươi ươm ươn ương ươp ươt ươu
y yê yêm yên yêng yêt yêu  ych ynh yt
"""
"""With iê, uô, ươ, yê open and ăk, uk as in names (Niê, Đắk Lắk), êng for giêng
(gi-êng), and ych, ynh, yt for quỳnh, quýt."""

_KNOWN_INITIALS = frozenset(_INITIALS.split())
_KNOWN_RIMES = frozenset(_RIMES.split())
_FRONT = "eêiy"
_STOPS = ("c", "ch", "k", "p", "t")


@lru_cache(maxsize=512)
def bare(letters: str) -> str:
    """Return ``letters`` without any diacritic: đương gives duong."""
    return "".join(
        mark for mark in unicodedata.normalize("NFD", letters.replace("đ", "d")) if not unicodedata.combining(mark)
    )


@lru_cache(maxsize=512)
def is_vowel(letter: str) -> bool:
    """Return whether ``letter``, with or without diacritics, is a vowel."""
    return bare(letter.lower()) in tuple("aeiouy")


def _on_the_way() -> frozenset[str]:
    """Return every beginning of a rime, also without marks that may follow (tieng may become tiêng).

    A single horn (trưong, truơng) is not included: the next letter adds the other one.
    """
    found = {""}
    for rime in _KNOWN_RIMES:
        for end in range(1, len(rime) + 1):
            found.update(map("".join, itertools.product(*({letter, bare(letter)} for letter in rime[:end]))))
    return frozenset(rime for rime in found if rime in ("uơ", "ưo") or not rime.startswith(("uơ", "ưo")))


_BEGINNINGS = _on_the_way()


def split(letters: str) -> tuple[str, str]:
    """Return initial and rime; gi and qu are initials when a vowel follows: gi-a, g-i, qu-y."""
    if letters.startswith("qu") or (letters.startswith("gi") and len(letters) > 2 and is_vowel(letters[2])):
        return letters[:2], letters[2:]
    start = next((at for at, letter in enumerate(letters) if is_vowel(letter)), len(letters))
    return letters[:start], letters[start:]


def can_grow(letters: str, tone: str) -> bool:
    """Return whether ``letters`` are a syllable, or may become one with more letters and marks."""
    initial, rime = split(letters)
    if not rime:
        return any(known.startswith(initial) for known in _KNOWN_INITIALS)
    if initial and initial not in _KNOWN_INITIALS:
        return False
    if initial in ("gh", "ngh") and rime[0] not in _FRONT:
        return False
    if initial in ("c", "g", "ng") and rime[0] in _FRONT and (initial, rime[0]) != ("g", "i"):
        return False
    return rime in _BEGINNINGS and tone not in ((HUYEN, HOI, NGA) if rime.endswith(_STOPS) else ())


def is_whole(letters: str, tone: str) -> bool:
    """Return whether ``letters`` are complete; consonants alone (đ, HĐ) are an abbreviation."""
    rime = split(letters)[1]
    if not rime or rime == "ăk":
        return True
    return rime in _KNOWN_RIMES and (tone in (SAC, NANG) or not rime.endswith(_STOPS))


def tone_place(letters: str) -> int:
    """Return the index of the letter that bears the tone."""
    initial, rime = split(letters)
    vowels = next((at for at, letter in enumerate(rime) if not is_vowel(letter)), len(rime))
    marked = [at for at in range(vowels) if bare(rime[at]) != rime[at]]
    if marked:
        place = marked[-1]
    elif vowels < len(rime):
        place = vowels - 1
    else:
        place = vowels // 2 if vowels > 2 else 0
    return len(initial) + place
