"""One key typed into a text: how the text before the cursor changes."""

from __future__ import annotations

import re
from typing import NamedTuple

from hocba_tui.telex.word import Method, keys_of, settle, spell

_WORD_BACKWARDS = re.compile(r"[\w\u0300-\u036f]*")


class Word(NamedTuple):
    """The word being typed: the keys pressed for it, and what they show."""

    keys: str = ""
    shown: str = ""
    method: Method = Method.OFF
    guessed: bool = False
    """Whether some of its letters were there before, so that the keys for them are unknown."""


NO_WORD = Word()


class Edit(NamedTuple):
    """Remove a number of characters before the cursor, then insert a text there."""

    remove: int
    insert: str
    word: Word
    """To be passed on with the next key."""


def typed(before: str, key: str, method: Method, word: Word = NO_WORD) -> Edit:
    """Return what the character ``key`` does after the text ``before``; only its last word ever changes.

    ``word`` says how that word was typed, so that “windows” can be restored. When it describes
    another word or method, because the cursor has moved or something was deleted, the text itself is
    treated as typed without a method, and its letters are never turned back into keys.
    """
    if method is Method.OFF or not key.isascii():
        return Edit(0, key, NO_WORD)
    last = _last_word(before)
    known = bool(last) and (last, method) == (word.shown, word.method)
    if not key.isalnum():
        whole = settle(word.keys, method) if known and not word.guessed else last
        return _change(last, whole + key, NO_WORD)
    keys = word.keys if known else keys_of(last, method)
    if not known and spell(keys, method) != last:
        return Edit(0, key, NO_WORD)
    keys += key
    shown = spell(keys, method)
    guessed = word.guessed if known else bool(last)
    if guessed and shown == keys:
        return Edit(0, key, NO_WORD)
    return _change(last, shown, Word(keys, shown, method, guessed))


def _last_word(before: str) -> str:
    found = _WORD_BACKWARDS.match(before[::-1])
    return found.group()[::-1] if found else ""


def _change(old: str, new: str, word: Word) -> Edit:
    kept = 0
    while kept < min(len(old), len(new)) and old[kept] == new[kept]:
        kept += 1
    return Edit(len(old) - kept, new[kept:], word)
