"""One word from the keys that were pressed for it."""

from __future__ import annotations

import unicodedata
from enum import StrEnum
from functools import lru_cache

from hocba_tui.telex.spelling import HOI, HUYEN, NANG, NGA, SAC, bare, can_grow, is_vowel, is_whole, split, tone_place


class Method(StrEnum):
    """How Vietnamese letters are typed; the value is shown to people."""

    OFF = "tắt"
    TELEX = "Telex"
    VNI = "VNI"


_TONE_KEYS: dict[Method, dict[str, str]] = {
    Method.TELEX: {"s": SAC, "f": HUYEN, "r": HOI, "x": NGA, "j": NANG, "z": ""},
    Method.VNI: {"1": SAC, "2": HUYEN, "3": HOI, "4": NGA, "5": NANG, "0": ""},
    Method.OFF: {},
}
_MARK_KEYS: dict[Method, dict[str, tuple[str, ...]]] = {
    Method.TELEX: {"a": ("â",), "e": ("ê",), "o": ("ô",), "w": ("ă", "ơ", "ươ", "ư"), "d": ("đ",)},
    Method.VNI: {"6": ("â", "ê", "ô"), "7": ("ơ", "ươ", "ư"), "8": ("ă",), "9": ("đ",)},
    Method.OFF: {},
}
"""Letters that a key can make, tried in this order until one gives a syllable: hoa + w is hoă, mua + w is mưa."""


class _Word:
    """A word while its keys are read one after the other."""

    def __init__(self, method: Method) -> None:
        self._tones, self._marks = _TONE_KEYS[method], _MARK_KEYS[method]
        self._keys = ""
        self._letters = ""
        """Composed letters without tone, in the case in which they were typed."""
        self._tone = ""
        self._from_w = False
        """Whether the ư came from a w alone."""
        self._plain: str | None = None
        """The word once it cannot be Vietnamese, or once a mark was undone: from here on keys are letters."""

    @property
    def shown(self) -> str:
        """Return the word as it is now."""
        if self._plain is not None:
            return self._plain
        if not self._tone:
            return self._letters
        at = tone_place(self._letters.lower()) + 1
        return unicodedata.normalize("NFC", self._letters[:at] + self._tone + self._letters[at:])

    @property
    def settled(self) -> str:
        """Return the word when it ends here: the keys themselves when it is no whole syllable (ủe gives user)."""
        if self._plain is not None or is_whole(self._letters.lower(), self._tone):
            return self.shown
        return self._keys

    def press(self, key: str) -> None:
        """Process one key."""
        low = key.lower()
        if self._plain is not None:
            self._plain = self._abbreviated(self._plain, low) or self._plain + key
        elif not (self._set_tone(key, low) or self._set_mark(key, low) or self._add(key, low)):
            said = self._keys if split(self._letters.lower())[1] else self.shown
            self._plain = self._abbreviated(said, low) or said + key
        self._keys += key

    def _set_tone(self, key: str, low: str) -> bool:
        tone = self._tones.get(low)
        if tone is None or not split(self._letters.lower())[1]:
            return False
        if tone == self._tone:
            if not tone and low not in self._keys.lower():
                return False
            self._tone = ""
            self._plain = self.shown + key
        elif not can_grow(self._letters.lower(), tone):
            return False
        self._tone = tone
        return True

    def _set_mark(self, key: str, low: str) -> bool:
        targets = self._marks.get(low, ())
        again = False
        for target in targets:
            for at in self._places(target):
                marked = _recast(self._letters, at, target)
                if marked == self._letters:
                    again = True
                elif can_grow(marked.lower(), self._tone) and not (again and self._keys[-1].lower() == low):
                    self._letters = marked
                    return True
        if again:
            self._take_back(key, "".join(targets))
        return again

    def _places(self, target: str) -> list[int]:
        low = bare(self._letters.lower())
        start = 0 if target == "đ" else len(split(self._letters.lower())[0])
        end = 1 if target == "đ" else len(low)
        return [at for at in range(start, end) if low.startswith(bare(target), at)]

    def _take_back(self, key: str, marks: str) -> None:
        """Undo what ``key`` made, because it was pressed again."""
        if self._from_w:
            self._plain = self._keys
            return
        start = 0 if marks == "đ" else len(split(self._letters.lower())[0])
        for at in range(start, len(self._letters)):
            if (letter := self._letters[at]).lower() in marks:
                self._letters = _recast(self._letters, at, bare(letter.lower()))
        self._plain = self.shown + key

    def _add(self, key: str, low: str) -> bool:
        alone = low == "w" and low in self._marks
        letter = ("Ư" if key.isupper() else "ư") if alone else key
        if not letter.isalpha():
            return False
        for grown in (self._letters + letter, self._horned() + letter):
            if can_grow(grown.lower(), self._tone):
                self._letters = grown
                self._from_w = self._from_w or alone
                return True
        return False

    def _horned(self) -> str:
        """Return the letters with both horns when one was typed: thuơ, before an n, becomes thươn."""
        low = self._letters.lower()
        at = max(low.find("uơ"), low.find("ưo"))
        return self._letters if at < 0 else _recast(self._letters, at, "ươ")

    def _abbreviated(self, plain: str, low: str) -> str:
        """Return ``plain`` with its last d made đ, as in abbreviations (QĐ, HĐTN); empty when it does not apply.

        Not after a vowel: add, odd. Pressing it once more undoes it.
        """
        if self._marks.get(low) != ("đ",) or not plain or any(map(is_vowel, plain[-2:-1])):
            return ""
        last = plain[-1]
        if last in "đĐ" and low == "d":
            return plain[:-1] + ("DD" if last == "Đ" else "dd")
        return _recast(plain, len(plain) - 1, "đ") if last in "dD" else ""


def _recast(letters: str, at: int, new: str) -> str:
    """Return ``letters`` with ``new`` from ``at`` on, each in the case of the letter that it replaces."""
    cased = (n.upper() if old.isupper() else n for n, old in zip(new, letters[at:], strict=False))
    return letters[:at] + "".join(cased) + letters[at + len(new) :]


@lru_cache(maxsize=64)
def _read(keys: str, method: Method) -> _Word:
    word = _Word(method)
    for key in keys:
        word.press(key)
    return word


def spell(keys: str, method: Method) -> str:
    """Return the word that ``keys`` make so far, NFC."""
    return _read(keys, method).shown


def settle(keys: str, method: Method) -> str:
    """Return the word that ``keys`` make when nothing follows: ``keys`` themselves if it is no syllable."""
    return _read(keys, method).settled


_MARK_KEY: dict[Method, dict[str, str]] = {
    Method.TELEX: {"\u0302": "", "\u0306": "w", "\u031b": "w"},
    Method.VNI: {"\u0302": "6", "\u0306": "8", "\u031b": "7"},
    Method.OFF: {},
}


def keys_of(word: str, method: Method) -> str:
    """Return the keys that would type ``word``: each mark after its letter, the tone last; Đắk gives Ddawks."""
    tones = {mark: key for key, mark in _TONE_KEYS[method].items() if mark}
    keys, last = "", ""
    for mark in unicodedata.normalize("NFD", word):
        if mark in tones:
            last = tones[mark]
        elif mark in _MARK_KEY[method]:
            keys += _MARK_KEY[method][mark] or keys[-1:].lower()
        elif mark in "đĐ":
            keys += ("D" if mark == "Đ" else "d") + ("9" if method is Method.VNI else "d")
        else:
            keys += mark
    return keys + last
