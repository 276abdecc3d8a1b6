"""The bank of comments: what an entry may contain, how its placeholders are filled, which comments it suits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from hocba_tui.model.bank import BankEntry, Calling, Scope
from hocba_tui.model.curriculum import SUBJECTS, TRAITS, TraitGroup
from hocba_tui.model.pupil import Pupil, Sex
from hocba_tui.model.results import HOMEROOM, Cell, Results
from hocba_tui.model.school import ClassRoom
from hocba_tui.model.values import Period
from hocba_tui.rules.characters import foreign_letters, hidden_characters, placeholder, unlawful_characters
from hocba_tui.rules.comments import says_nothing
from hocba_tui.rules.curriculum import grade_of, subjects_for, traits_for
from hocba_tui.rules.lawful import HOMEROOM_COMMENT_LIMIT, SUBJECT_COMMENT_LIMIT
from hocba_tui.text import clean_block, clean_line, fold, given_name

USES: dict[str, str] = {
    **{code: subject.spoken for code, subject in SUBJECTS.items()},
    **{
        code: f"{'Phẩm chất' if trait.group is TraitGroup.QUALITIES else 'Năng lực'} {trait.name}"
        for code, trait in TRAITS.items()
    },
    **{group.value: group.label for group in TraitGroup},
    HOMEROOM: "GVCN",
    "": "Mọi nhận xét",
}
"""What an entry may be for, by the names that people use."""
SUBJECT_LEVELS, TRAIT_LEVELS, ANY_LEVELS = "THC", "TĐC", "THĐC"
GRADES = (1, 2, 3, 4, 5)

_CODE = re.compile(r"[a-z][a-z0-9]{0,11}")
_PLACE = re.compile(r"\{(ten|[eE]m|[bB]e)\}")
_BRACES = re.compile(r"[{}]")
_CHILD = {Sex.MALE: "cậu bé", Sex.FEMALE: "cô bé", Sex.UNKNOWN: "học sinh"}


class Wanted(NamedTuple):
    """What a comment is about: items with the pupil's level (empty when there is none yet), grade and period."""

    levels: Mapping[str, str]
    grade: int
    period: str


def read_code(typed: str) -> str:
    """Return ``typed`` in the form in which codes are kept: lower case, no diacritics, no spaces."""
    return fold(typed).replace(" ", "")


def tidy(entry: BankEntry) -> BankEntry:
    """Return ``entry`` in the form in which it is kept: clean text; levels, grades and periods once each, sorted."""
    return replace(
        entry,
        code=read_code(entry.code),
        text=clean_block(entry.text),
        levels="".join(sorted(set(entry.levels), key=_place_of_level)),
        grades=tuple(sorted(set(entry.grades))),
        periods=tuple(period for period in Period if period in entry.periods),
    )


def _place_of_level(letter: str) -> tuple[int, str]:
    return (ANY_LEVELS.find(letter), letter)


def levels_for(item: str) -> str:
    """Return the letters that the level of ``item`` may have."""
    if item in TRAITS or item in set(TraitGroup):
        return TRAIT_LEVELS
    return SUBJECT_LEVELS if item else ANY_LEVELS


def entry_problem(entry: BankEntry) -> str | None:
    """Return why ``entry`` cannot be kept, as a Vietnamese sentence; None when it can."""
    limit = HOMEROOM_COMMENT_LIMIT if entry.item == HOMEROOM else SUBJECT_COMMENT_LIMIT
    bare = _PLACE.sub("", entry.text)
    if not _CODE.fullmatch(entry.code):
        return f"Mã “{entry.code[:16]}” phải có từ 1 đến 12 chữ cái không dấu hoặc chữ số, chữ cái đứng đầu."
    if entry.item not in USES:
        return f"Không có môn, phẩm chất hay năng lực nào mã “{entry.item[:16]}”."
    if says_nothing(bare):
        return "Lời nhận xét chưa nói được gì."
    if len(entry.text) > limit:
        return f"Lời nhận xét dài {len(entry.text)} ký tự, tối đa {limit}."
    if left := (_BRACES.search(bare) or [""])[0] or placeholder(bare):
        return f"Không hiểu “{left}”; chỗ điền chỉ có {{ten}}, {{em}}, {{Em}}, {{be}}, {{Be}}."
    if unlawful_characters(entry.text) or hidden_characters(entry.text):
        return "Lời nhận xét có ký tự ẩn hoặc ký tự mà tệp học bạ không chứa được."
    if word := foreign_letters(bare):
        return f"“{word}” có vẻ là chữ bảng mã cũ (TCVN3, VNI)."
    if strange := [letter for letter in entry.levels if letter not in levels_for(entry.item)]:
        return f"{USES[entry.item]} không có mức “{strange[0]}”."
    if any(grade not in GRADES for grade in entry.grades):
        return "Khối là số từ 1 đến 5."
    return None


def fill(text: str, pupil: Pupil, calling: Calling) -> str:
    """Return ``text`` with its placeholders {ten}, {em}, {be} filled for ``pupil``; {Em} begins with a capital.

    Unknown placeholders stay, so that the rules of comments report them.
    """
    words = {
        "ten": given_name(clean_line(pupil.name)) or calling.capitalize(),
        "em": str(calling),
        "be": _CHILD[Sex(pupil.sex)],
    }

    def filled(found: re.Match[str]) -> str:
        place = found.group(1)
        word = words[place.lower()]
        return word[0].upper() + word[1:] if place[0].isupper() else word

    return _PLACE.sub(filled, text)


def generalise(text: str, pupil: Pupil) -> str:
    """Return ``text`` with placeholders where it names ``pupil`` or says “là cậu bé”, so that it fits others."""
    for name in (clean_line(pupil.name), given_name(clean_line(pupil.name))):
        if name:
            text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "{ten}", text)
    child = _CHILD[Sex(pupil.sex)]
    return text.replace(f"là {child}", "là {be}") if pupil.sex else text


def wanted_at(cell: Cell, pupil: Pupil, classroom: ClassRoom, results: Results) -> Wanted:
    """Return what the comment in ``cell`` is about, with the levels that the pupil has in its period.

    A group of traits has one common level, and so has the homeroom teacher's comment, over all subjects and
    traits: T when all are T, C when one is C, else the level between them (H, Đ).
    """
    period = Period(cell.period)
    traits = {trait.code: results.level(period, trait.code) for trait in traits_for(pupil, classroom)}
    if cell.item in set(TraitGroup):
        own = {code: level for code, level in traits.items() if TRAITS[code].group == cell.item}
        levels = {cell.item: _together(own.values(), "Đ"), **own}
    elif cell.item == HOMEROOM:
        subjects = [results.level(period, subject.code) for subject in subjects_for(pupil, classroom)]
        levels = {HOMEROOM: _together([*subjects, *traits.values()], "H")}
    else:
        levels = {cell.item: results.level(period, cell.item)}
    return Wanted(levels, grade_of(pupil, classroom), period)


def _together(levels: Iterable[str], between: str) -> str:
    found = {level for level in levels if level}
    if "C" in found:
        return "C"
    return "T" if found == {"T"} else between if found else ""


def suits(entry: BankEntry, wanted: Wanted, scope: Scope) -> bool:
    """Return whether ``entry`` is offered in ``scope``; for a pupil without a level all levels are offered."""
    if scope is Scope.ALL:
        return True
    if entry.item and entry.item not in wanted.levels:
        return False
    if scope is Scope.ITEM:
        return True
    level = wanted.levels.get(entry.item, "")
    return (
        (not entry.levels or not level or level in entry.levels)
        and (not entry.grades or wanted.grade in entry.grades)
        and (not entry.periods or wanted.period in entry.periods)
    )


def matches(entry: BankEntry, typed: str) -> bool:
    """Return whether every word of ``typed`` is in the entry's code, use or text, ignoring diacritics."""
    known = fold(f"{entry.code} {USES.get(entry.item, '')} {_PLACE.sub('', entry.text)}")
    return all(word in known for word in fold(typed).split())
