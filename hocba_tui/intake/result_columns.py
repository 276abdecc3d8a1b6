"""Tell what a column of a results file holds from its header texts alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from hocba_tui.intake import aliases
from hocba_tui.intake.aliases import BANK_CODE, by_word, plain
from hocba_tui.intake.period_words import named_in, without_names
from hocba_tui.model.results import COMMENT, HOMEROOM, LEVEL, SCORE

CELL, OTHER = "cell", "other"


class Meaning(NamedTuple):
    """``what`` is CELL (then ``item`` and ``aspect`` say which), OTHER, or a key of PERSON_WORDS or SAID_WORDS."""

    what: str
    item: str = ""
    aspect: str = ""
    level: str = ""
    """The level that a mark in the column means, when each level has a column of its own."""


_GROUPS = by_word(aliases.GROUP_WORDS)
_PERSON = by_word(aliases.PERSON_WORDS)
_SAID = by_word(aliases.SAID_WORDS)
_SEVERAL = frozenset(plain(word) for word in aliases.SEVERAL_WORDS)
_OTHER = frozenset(plain(word) for word in aliases.OTHER_WORDS)
_ASPECTS = sorted(by_word(aliases.ASPECT_WORDS).items(), key=lambda found: -len(found[0]))
_LEVELS = by_word(aliases.LEVEL_WORDS)
_TRAITS = aliases.TRAIT_BY_WORD
_SUBJECTS = aliases.SUBJECT_BY_WORD


def meaning_of(path: Sequence[str], subject: str = "", *, comments: bool = False) -> Meaning | None:
    """Return what the column under the header texts ``path`` (from top to bottom) holds, None when it is unclear.

    ``subject`` is the item of columns that name none (a sheet of one subject). A column that names only an item
    holds its comment with ``comments``, otherwise its level.
    """
    parts = [part for part in map(plain, path) if part]
    if not parts:
        return None
    lowest = parts[-1]
    if lowest in _PERSON:
        return Meaning(_PERSON[lowest])
    if lowest in _LEVELS and (above := meaning_of(parts[:-1], subject)) and above.aspect == LEVEL:
        return above._replace(level=_LEVELS[lowest])
    aspect = item = unclear = ""
    for depth in reversed(range(len(parts))):
        said, rest = _split(parts[depth])
        aspect = aspect or said
        rest = _without_fillers(rest)
        item = item or _item(rest, trait=_is_trait(parts[: depth + 1]))
        unclear = unclear or rest
    known = next((_SAID[part] for part in reversed(parts) if part in _SAID), OTHER if lowest in _OTHER else "")
    if known and not item:
        return Meaning(known)
    item = item or ("" if unclear else subject)
    aspect = aspect or _usual(item, comments=comments)
    return Meaning(CELL, item, aspect) if item and aspect in aspects_of(item) else None


def subject_of(text: str) -> str:
    """Return the code of the subject that a word names, empty when it names none."""
    return _SUBJECTS.get(plain(text), "")


def is_header(text: str) -> bool:
    """Return whether a text is a header and not a result: the name of an item, an aspect, a period or a name column."""
    if named_in(text):
        rest = without_names(text)
        return not rest or is_header(rest)
    meaning = meaning_of([text], "TOAN", comments=True)
    return plain(text) in _SEVERAL or (meaning is not None and meaning.what in (CELL, "family", "given"))


def _split(part: str) -> tuple[str, str]:
    """Return the aspect that a text names and the rest of the text: "diem toan" → score, "toan"."""
    if part in _SUBJECTS or part in _GROUPS or part in _SAID:
        return "", part
    for words, aspect in _ASPECTS:
        if part == words:
            return aspect, ""
        if part.startswith(f"{words} "):
            return aspect, part.removeprefix(words).strip()
        if part.endswith(f" {words}"):
            return aspect, part.removesuffix(words).strip()
    return "", part


def _without_fillers(text: str) -> str:
    for filler in aliases.FILLERS:
        if f"{text} ".startswith(f"{filler} "):
            return _without_fillers(text.removeprefix(filler).strip())
    return text


def _item(text: str, *, trait: bool) -> str:
    """Return the subject, trait or group of comments that ``text`` names, empty when it names none."""
    for known in (_GROUPS, _TRAITS, _SUBJECTS) if trait else (_GROUPS, _SUBJECTS, _TRAITS):
        if text in known:
            return known[text]
    for context in aliases.TRAIT_CONTEXT:
        if text.startswith(f"{context} "):
            return _item(text.removeprefix(context).strip(), trait=True)
    return ""


def _is_trait(parts: Sequence[str]) -> bool:
    """Return whether the headers so far name qualities or competencies."""
    return any(f" {word} " in f" {part} " for part in parts for word in aliases.TRAIT_CONTEXT)


def _usual(item: str, *, comments: bool) -> str:
    """Return the aspect of a column that names only an item."""
    wanted = COMMENT if comments or item == HOMEROOM else LEVEL
    return wanted if item not in aliases.TRAIT_WORDS else LEVEL


def aspects_of(item: str) -> tuple[str, ...]:
    """Return the aspects that a file may have of an item; only subjects have a score (TT 27/2020, Phụ lục 1)."""
    if item in aliases.SUBJECT_WORDS:
        return (LEVEL, SCORE, COMMENT, BANK_CODE)
    return (LEVEL,) if item in aliases.TRAIT_WORDS else (COMMENT, BANK_CODE)
