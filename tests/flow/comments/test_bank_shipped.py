"""The shipped comments, checked word by word: spelling, law, and no finding from our own rules."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import replace

import pytest

from hocba_tui.flow.comments.bank import shipped
from hocba_tui.model.bank import BankEntry, Calling
from hocba_tui.model.curriculum import SUBJECTS, TRAITS, TraitGroup
from hocba_tui.model.finding import Finding
from hocba_tui.model.pupil import Pupil, Sex
from hocba_tui.model.results import COMMENT, HOMEROOM, Cell, Results
from hocba_tui.model.school import ClassRoom
from hocba_tui.model.values import Period
from hocba_tui.rules.bank import _PLACE, entry_problem, fill, levels_for
from hocba_tui.rules.comments import comment_findings, comments_of, in_bare_words
from hocba_tui.rules.naming import Roll, others_named
from hocba_tui.telex.spelling import TONES, can_grow, is_whole, tone_place
from hocba_tui.telex.typing import NO_WORD, typed
from hocba_tui.telex.word import Method
from hocba_tui.text import clean_block
from tests.support.table import table

FOREIGN = {"scratch"}
"""Words of the bank that are not Vietnamese syllables, on purpose."""
COMPARING = re.compile(
    r"\b(nhất|hơn (các )?bạn|(thua|kém|so với) (các )?bạn|đứng đầu|dẫn đầu|xếp (hạng|thứ|loại)|top|vượt trội)\b"
)
HURTING = re.compile(
    r"\b(yếu|kém|lười|dốt|ngu|hư|tệ|lì|ngỗ|nghịch|vô lễ|mất trật tự|quậy|chậm hiểu|tiếp thu chậm|không biết|chán)\b"
)
"""Words that no comment uses about a child."""
WORD = re.compile(r"[^\W\d_]+")
ENTRIES = shipped()
PUPILS = tuple(
    Pupil(f"hs{number}", name=name, sex=sex)
    for number, (name, sex) in enumerate(
        (("Trần Minh An", Sex.MALE), ("Phạm Thị Học", Sex.FEMALE), ("Vũ Chăm", Sex.UNKNOWN), ("Lê Thị Đọc", Sex.FEMALE))
    )
)


def well_spelt(word: str) -> bool:
    """Return whether ``word`` can be a Vietnamese syllable, its tone where schoolbooks put it."""
    marks = unicodedata.normalize("NFD", word)
    tone = "".join(mark for mark in marks if mark in TONES)
    letters = unicodedata.normalize("NFC", "".join(mark for mark in marks if mark not in TONES))
    if len(tone) > 1 or not (can_grow(letters, tone) and is_whole(letters, tone)):
        return False
    place = tone_place(letters)
    return word == unicodedata.normalize("NFC", letters[: place + 1] + tone + letters[place + 1 :])


def plain_text(entry: BankEntry) -> str:
    return _PLACE.sub(" ", entry.text)


def test_there_are_many_for_every_item_at_every_level() -> None:
    assert len(ENTRIES) >= 400
    for item in (*SUBJECTS, *TRAITS, *TraitGroup, HOMEROOM):
        for level in levels_for(item):
            assert sum(entry.item == item and level in entry.levels for entry in ENTRIES) >= 2, (item, level)


def test_every_grade_has_a_choice_for_each_of_its_subjects() -> None:
    for subject in SUBJECTS.values():
        for grade in (*subject.grades, *subject.optional_grades):
            for level in "THC":
                fitting = [e for e in ENTRIES if e.item == subject.code and level in e.levels
                           and (not e.grades or grade in e.grades) and not e.periods]  # fmt: skip
                assert len(fitting) >= 2, (subject.code, grade, level)


@table("entry", ENTRIES)
def test_each_may_be_kept_in_the_bank(entry: BankEntry) -> None:
    assert entry_problem(entry) is None
    assert clean_block(entry.text) == entry.text
    assert entry.levels
    subject = SUBJECTS.get(entry.item)
    assert set(entry.grades) <= ({*subject.grades, *subject.optional_grades} if subject else set())
    assert len(fill(entry.text, replace(PUPILS[0], name="Nghiêng"), Calling.CON)) <= 500


def test_no_code_and_no_words_come_twice() -> None:
    assert [code for code, times in Counter(e.code for e in ENTRIES).items() if times > 1] == []
    said = Counter(in_bare_words(_PLACE.sub("em", entry.text)) for entry in ENTRIES)
    assert [text for text, times in said.items() if times > 1] == []


def test_every_word_is_a_vietnamese_syllable() -> None:
    words = {word for entry in ENTRIES for word in WORD.findall(plain_text(entry).casefold())}
    assert len(words) > 500
    assert sorted(word for word in words if not well_spelt(word)) == sorted(FOREIGN)


@table("word", ["tiéng", "ngiêng", "viêt", "hoà", "kiếnn", "đwợc", "qủa", "cuả", "phảit", "bạnbè"])
def test_the_spelling_test_finds_what_is_misspelt(word: str) -> None:
    assert not well_spelt(word)


def test_a_comment_is_a_sentence_with_tidy_punctuation() -> None:
    for entry in ENTRIES:
        assert re.match(r"[A-ZÀ-ỸĐ]|\{(ten|Em|Be)\}", entry.text), entry
        assert entry.text.endswith("."), entry
        assert not re.search(r"\s[,;.:]|[,;.:](?![\s]|$)|\s\s|[,;]\s*\.", entry.text), entry
        assert not re.search(r"(?<=\. )\{em\}|(?<![.] )(?<!^)\{Em\}", entry.text), entry


def test_nobody_is_compared_and_nobody_is_hurt() -> None:
    for entry in ENTRIES:
        text = plain_text(entry).casefold()
        assert not COMPARING.search(text), entry
        assert not HURTING.search(text), entry


def test_who_has_not_yet_reached_it_hears_what_is_there_and_what_to_practise() -> None:
    for entry in ENTRIES:
        if entry.levels == "C":
            parts = entry.text.split(";")
            assert len(parts) == 2, entry
            assert sum(bool(re.search(r"\b(cần|sẽ)\b", part.casefold())) for part in parts) == 1, entry


@pytest.mark.parametrize("method", [Method.TELEX, Method.VNI])
def test_no_input_method_changes_a_code(method: Method) -> None:
    for entry in ENTRIES:
        before, word = "", NO_WORD
        for key in entry.code:
            edit = typed(before, key, method, word)
            before, word = before[: len(before) - edit.remove] + edit.insert, edit.word
        assert before == entry.code


def findings_of(entry: BankEntry, pupil: Pupil, calling: Calling, grade: int) -> list[Finding]:
    period = entry.periods[0] if entry.periods else Period.END_YEAR
    item = TRAITS[entry.item].group if entry.item in TRAITS else entry.item
    room = ClassRoom("lop", grade=grade, optional=("NN1", "TDT"), year="2025-2026")
    results = Results({Cell(period, item, COMMENT).field: fill(entry.text, pupil, calling)})
    said = comments_of(pupil, room, results, period)
    assert [text for _, text in said] == [fill(entry.text, pupil, calling)]
    return comment_findings(pupil, room, results, period) + others_named(pupil, said, Roll(PUPILS))


@pytest.mark.parametrize("calling", list(Calling))
@pytest.mark.parametrize("pupil", PUPILS, ids=lambda pupil: pupil.name)
def test_no_rule_is_alarmed_by_a_comment_of_the_bank(pupil: Pupil, calling: Calling) -> None:
    for entry in ENTRIES:
        for grade in entry.grades or (SUBJECTS[entry.item].grades if entry.item in SUBJECTS else (1, 5)) or (1,):
            assert findings_of(entry, pupil, calling, grade) == [], entry
